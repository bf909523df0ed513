//! A disk that is full, and then has room again.

use crate::check::check;
use crate::kills::{BEGIN_US, BREAK_US, InFile, Told, Writing, first_seed, pause_briefly};
use crate::ledger::Ledger;
use crate::place::Place;
use portcullis_testkit::SeededRng;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Set where the test runs on a disk of its own.
const SMALL_DISK: &str = "PORTCULLIS_CRASH_SMALL_DISK";

/// Mounts a disk where only what follows sees it, and goes on there.
const MOUNT: &str = r#"mount -t tmpfs -o size=6m none "$1" || exit 77; shift; exec "$@""#;

/// Lets no file become longer than so many blocks of 512 bytes, and a program live that tries.
const LIMIT: &str = r#"trap "" XFSZ; ulimit -f "$1"; shift; exec "$@""#;

/// Lets a process write on, for a while.
fn wait(ms: u64) {
    let until = Instant::now() + Duration::from_millis(ms);
    while Instant::now() < until {
        pause_briefly();
    }
}

/// What a process may say that has no room. Whatever else goes wrong is another fault.
fn has_no_room(trouble: &str) -> bool {
    ["no room left", "No space left", "disk I/O error", "File too large", "unable to open database"]
        .iter()
        .any(|expected| trouble.contains(expected))
}

/// Takes in what was said, and checks that the store names the reason.
fn take(ledger: &mut Ledger, lines: &[String]) {
    ledger.take(lines);
    let other: Vec<&String> =
        ledger.trouble.iter().filter(|trouble| !has_no_room(trouble)).collect();
    assert!(other.is_empty(), "{other:#?}");
}

/// Whether something was kept after something was refused.
fn went_on(lines: &[String]) -> bool {
    let refused = lines.iter().position(|line| line.starts_with("@ refused"));
    refused.is_some_and(|refused| lines[refused..].iter().any(|line| line.starts_with("@ ack")))
}

fn checked(place: &Place, ledger: &mut Ledger, seed: u64) {
    if let Err(fault) = check(place, ledger, &InFile(place), seed) {
        panic!("{fault}\nwhat processes said: {:#?}", ledger.trouble);
    }
}

#[test]
fn nothing_acknowledged_is_lost_where_files_may_not_grow() {
    let told = Told(first_seed());
    let folder = tempfile::tempdir().unwrap();
    let place = Place::sqlite(folder.path());
    let (mut ledger, mut rng) = (Ledger::beginning(BEGIN_US), SeededRng::new(first_seed()));
    for number in [2, 4, 6] {
        // The write-ahead log is at its limit soon, wherever that cuts it.
        let blocks = (600 + rng.next_u64() % 600).to_string();
        let wrap = ["sh", "-c", LIMIT, "limit", &blocks];
        let now_us = ledger.latest_us + BREAK_US;
        let mut command = Writing::command(&place, number, now_us, &wrap);
        let writing = Writing::spawn(&mut command);
        writing.wait_until_ready();
        wait(900);
        take(&mut ledger, &writing.kill());
        checked(&place, &mut ledger, rng.next_u64());
    }
    assert!(ledger.refused > 0, "no file came to its limit");
    // Without the limit, everything goes on.
    let (before, refused) = (ledger.acknowledged, ledger.refused);
    let writing = Writing::start(&place, 8, ledger.latest_us + BREAK_US);
    writing.wait_until_ready();
    wait(300);
    take(&mut ledger, &writing.kill());
    assert!(ledger.acknowledged > before && ledger.refused == refused);
    checked(&place, &mut ledger, rng.next_u64());
    drop(told);
}

#[test]
fn nothing_acknowledged_is_lost_when_the_disk_is_full() {
    if let Some(folder) = std::env::var_os(SMALL_DISK) {
        return on_a_small_disk(&PathBuf::from(folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("unshare")
        .args(["--mount", "sh", "-c", MOUNT, "mount"])
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "full::nothing_acknowledged_is_lost_when_the_disk_is_full"])
        .arg("--nocapture")
        .env(SMALL_DISK, folder.path())
        .output();
    let output = match output {
        Ok(output) if output.status.success() || output.status.code() == Some(101) => output,
        _ => return eprintln!("skipped: only root may mount a small disk"),
    };
    let (said, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("went on"), "{said}\n{errors}");
}

fn on_a_small_disk(folder: &Path) {
    let told = Told(first_seed());
    let place = Place::sqlite(folder);
    let (mut ledger, mut rng) = (Ledger::beginning(BEGIN_US), SeededRng::new(first_seed()));
    let ballast = folder.join("ballast");
    let mut times = 0;
    for number in [2, 4, 6, 8] {
        let writing = Writing::start(&place, number, ledger.latest_us + BREAK_US);
        writing.wait_until_ready();
        wait(rng.next_u64() % 200);
        fill(&ballast, rng.next_u64() % 200_000);
        wait(600);
        // Half of the processes live to see that there is room again.
        let lives = number % 4 == 2;
        if lives {
            fs::remove_file(&ballast).unwrap();
            wait(400);
        }
        let said = writing.kill();
        if !lives {
            fs::remove_file(&ballast).unwrap();
        }
        times += u32::from(went_on(&said));
        take(&mut ledger, &said);
        checked(&place, &mut ledger, rng.next_u64());
    }
    assert!(ledger.refused > 0, "the disk was never full");
    assert!(times > 0, "nothing was kept once there was room again");
    println!("went on");
    drop(told);
}

/// Fills the disk but for so many bytes.
fn fill(ballast: &Path, but_for: u64) {
    let mut file = fs::File::create(ballast).unwrap();
    while file.write_all(&[1; 4_096]).is_ok() {}
    let length = file.metadata().unwrap().len().saturating_sub(but_for);
    file.set_len(length).unwrap();
}
