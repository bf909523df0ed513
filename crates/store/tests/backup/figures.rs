//! How long a backup of a million events takes, how large it is, and how much memory it needs. Run
//! by hand: `cargo test --release -p portcullis-store --test backup -- --ignored --nocapture`.

use crate::world::{Home, TEST, decided, fill, later, order, restoring, sequence};
use portcullis_store::verify_backup;
use portcullis_types::Clock as _;
use std::fs::{self, File};
use std::io::{BufReader, BufWriter};
use std::time::Instant;

const EVENTS: u32 = 1_000_000;
const TOGETHER: u32 = 2_000;

/// Forgets how much memory was used at most, and says how much was since the last time, in MB.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = peak.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
    let _ = fs::write("/proc/self/clear_refs", "5");
    kb.unwrap_or_default() / 1_024
}

#[test]
#[ignore = "takes minutes and 3 GB of disk: cargo test --release -p portcullis-store --test backup -- --ignored --nocapture"]
fn a_million_events() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let began = Instant::now();
    for _ in 0..EVENTS / TOGETHER {
        let changes: Vec<_> = (0..TOGETHER).map(|_| decided()).collect();
        store
            .write(TEST, |w| changes.iter().try_for_each(|change| w.put_decision(change)))
            .unwrap();
    }
    println!("filled in {:?}", began.elapsed());
    sequence(&mut store, 200);
    peak_memory();

    let path = home.0.path().join("figures.backup");
    let began = Instant::now();
    let mut out = BufWriter::new(File::create(&path).unwrap());
    let summary = store.back_up(&mut out, later(0).now(), &mut |_| {}).unwrap();
    drop(out);
    println!(
        "backup: {:?}, {} rows, {} MB, {} MB of memory; the store has {} MB",
        began.elapsed(),
        summary.all_rows(),
        summary.bytes / 1_000_000,
        peak_memory(),
        fs::metadata(home.path()).unwrap().len() / 1_000_000,
    );
    let read = || BufReader::new(File::open(&path).unwrap());
    let began = Instant::now();
    verify_backup(read(), &mut |_| {}).unwrap();
    println!("check: {:?}, {} MB of memory", began.elapsed(), peak_memory());

    let new = Home::with_keyring_of(&home);
    let began = Instant::now();
    restoring(&order(), &mut |_| {}, |restoring| {
        restoring.into_sqlite(&new.path(), new.place(), &mut read()).unwrap()
    });
    println!("restore: {:?}, {} MB of memory", began.elapsed(), peak_memory());

    let began = Instant::now();
    let findings = new.open().examine(
        &crate::world::organisation(),
        crate::world::us(&later(25)),
        portcullis_store::Closeness::EveryRow,
        &mut |_| {},
    );
    println!("doctor: {:?}, {} MB of memory", began.elapsed(), peak_memory());
    for finding in findings {
        println!("  {} {}: {}", finding.soundness.as_str(), finding.subject, finding.says);
    }
}
