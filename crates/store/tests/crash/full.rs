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
const MOUNT: &str = r#"mount -t tmpfs -o size=96m none "$1" || exit 77; shift; exec "$@""#;

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
    [
        "no room left",
        "No space left",
        "File too large",
        "disk I/O error",
        "unable to open database file",
        // What was meant to be done to the keyring is done when there is room, and stands in the way
        // of the next until then.
        "changed the keys meanwhile",
        "the keys was changed",
        "UNIQUE constraint failed: setting.name",
    ]
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
    checked(&place, &mut ledger, rng.next_u64());
    for number in [2, 4, 6] {
        // A little beyond what the file has now; where that cuts the write-ahead log is chance.
        let length = fs::metadata(place.file()).unwrap().len();
        let blocks = (length / 512 + rng.next_u64() % 100).to_string();
        let wrap = ["sh", "-c", LIMIT, "limit", &blocks];
        let now_us = ledger.latest_us + BREAK_US;
        let mut command = Writing::command(&place, number, now_us, &wrap);
        let writing = Writing::spawn(&mut command);
        writing.wait_until_ready();
        writing.wait_until_refused(5);
        take(&mut ledger, &writing.kill());
        checked(&place, &mut ledger, rng.next_u64());
    }
    // Without the limit, everything goes on.
    let (before, refused) = (ledger.acknowledged, ledger.refused);
    let writing = Writing::start(&place, 8, ledger.latest_us + BREAK_US);
    writing.wait_until_ready();
    writing.wait_until_kept(5);
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
    assert!(output.status.success() && said.contains("four times full"), "{said}\n{errors}");
}

fn on_a_small_disk(folder: &Path) {
    let told = Told(first_seed());
    let place = Place::sqlite(folder);
    let (mut ledger, mut rng) = (Ledger::beginning(BEGIN_US), SeededRng::new(first_seed()));
    let ballast = folder.join("ballast");
    for number in [2, 4, 6, 8] {
        let writing = Writing::start(&place, number, ledger.latest_us + BREAK_US);
        writing.wait_until_ready();
        wait(rng.next_u64() % 200);
        fill(&ballast, rng.next_u64() % 200_000);
        writing.wait_until_refused(5);
        // Half of the processes live to see that there is room again.
        if number % 4 == 2 {
            fs::remove_file(&ballast).unwrap();
            writing.wait_until_kept(5);
            take(&mut ledger, &writing.kill());
        } else {
            take(&mut ledger, &writing.kill());
            fs::remove_file(&ballast).unwrap();
        }
        checked(&place, &mut ledger, rng.next_u64());
    }
    println!("four times full");
    drop(told);
}

/// Fills the disk but for so many bytes.
fn fill(ballast: &Path, but_for: u64) {
    let mut file = fs::File::create(ballast).unwrap();
    while file.write_all(&[1; 8_192]).is_ok() {}
    let length = file.metadata().unwrap().len().saturating_sub(but_for);
    file.set_len(length).unwrap();
}
