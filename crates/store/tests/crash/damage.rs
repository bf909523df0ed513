//! Copies of a store that was killed, cut short and with bits flipped.

use crate::check::{Fault, check};
use crate::kills::{BEGIN_US, BREAK_US, InFile, Told, Writing, first_seed, kills};
use crate::ledger::Ledger;
use crate::op::organisation;
use crate::place::Place;
use portcullis_store::{Closeness, Soundness, StoreError, examine_files};
use portcullis_testkit::SeededRng;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const WAL_HEADER_BYTES: u64 = 32;
const FRAME_HEADER_BYTES: u64 = 24;
const FRAME_BYTES: u64 = FRAME_HEADER_BYTES + 4_096;

/// What is done to a copy.
#[derive(Debug, Clone, Copy)]
enum Harm {
    /// The write-ahead log ends here.
    Cut(u64),
    /// There is no write-ahead log.
    NoLog,
    /// A bit of the write-ahead log is another.
    InLog(u64, u8),
    /// A bit of the database file is another.
    InFile(u64, u8),
}

/// A store whose process was killed, and what the process said.
struct Killed {
    folder: tempfile::TempDir,
    ledger: Ledger,
}

impl Killed {
    /// Something is in the database file, and something in the write-ahead log.
    fn new(rng: &mut SeededRng) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::sqlite(folder.path());
        let mut ledger = Ledger::beginning(BEGIN_US);
        for number in [2, 4] {
            if number == 4 {
                // Closing the store brings the log into the file.
                check(&place, &mut ledger, &InFile(&place), rng.next_u64()).unwrap();
            }
            let now_us = ledger.latest_us + BREAK_US;
            let writing = [number, number + 1].map(|number| Writing::start(&place, number, now_us));
            writing[0].wait_until_ready();
            writing[0].wait_until_kept(40);
            for writing in writing {
                ledger.take(&writing.kill());
            }
        }
        Self { folder, ledger }
    }

    fn length(&self, file: &str) -> u64 {
        fs::metadata(self.folder.path().join(file)).unwrap().len()
    }

    /// A copy, as a person would take it: the file that is only shared memory stays behind.
    fn copy(&self, to: &Path) -> Place {
        for file in ["store.db", "store.db-wal", "store.db-mark", "keyring"] {
            fs::copy(self.folder.path().join(file), to.join(file)).unwrap();
        }
        Place::sqlite(to)
    }

    /// What stands in the database file where it was harmed; all of it is invented.
    fn around(&self, harm: Harm) -> String {
        let Harm::InFile(at, _) = harm else { return String::new() };
        let bytes = fs::read(self.folder.path().join("store.db")).unwrap();
        let at = usize::try_from(at).unwrap();
        let around = &bytes[at.saturating_sub(40)..(at + 40).min(bytes.len())];
        String::from_utf8_lossy(around).escape_debug().to_string()
    }

    fn harm(&self, rng: &mut SeededRng) -> Harm {
        let log = self.length("store.db-wal");
        let frames = (log - WAL_HEADER_BYTES) / FRAME_BYTES;
        let mut below = |end: u64| rng.next_u64() % end;
        let bit = 1 << below(8);
        let frame = WAL_HEADER_BYTES + below(frames) * FRAME_BYTES;
        // The last frames are where less can be told.
        let late = WAL_HEADER_BYTES + (frames - 1 - below(frames.min(12))) * FRAME_BYTES;
        match below(16) {
            0..2 => Harm::Cut(below(log)),
            2..4 => Harm::Cut(frame),
            4 => Harm::Cut(late),
            5 => Harm::NoLog,
            6 => Harm::InLog(below(WAL_HEADER_BYTES), bit),
            7..9 => Harm::InLog(frame + below(FRAME_HEADER_BYTES), bit),
            9..11 => Harm::InLog(frame + below(FRAME_BYTES), bit),
            11..13 => Harm::InLog(late + below(FRAME_BYTES), bit),
            _ => Harm::InFile(below(self.length("store.db")), bit),
        }
    }
}

impl Harm {
    fn to(self, place: &Place) {
        let log = place.folder.join("store.db-wal");
        match self {
            Self::Cut(end) => {
                fs::File::options().write(true).open(log).unwrap().set_len(end).unwrap();
            }
            Self::NoLog => fs::remove_file(log).unwrap(),
            Self::InLog(at, bit) => flip(&log, at, bit),
            Self::InFile(at, bit) => flip(&place.file(), at, bit),
        }
    }
}

fn flip(path: &Path, at: u64, bit: u8) {
    let mut bytes = fs::read(path).unwrap();
    bytes[usize::try_from(at).unwrap()] ^= bit;
    fs::write(path, bytes).unwrap();
}

/// How damage was told of.
fn told(error: &StoreError) -> &'static str {
    match error {
        StoreError::RolledBack { .. } => "its end is missing",
        StoreError::Damaged { .. } => "it is damaged",
        StoreError::Inconsistent(_) => "it is inconsistent",
        StoreError::NotOurs { .. } => "it is no store",
        StoreError::Open { .. } => "it does not open",
        StoreError::Keyring(_) => "its keyring does not belong to it",
        _ => "the database refuses",
    }
}

/// What comes of a copy with this harm: how it was told of, or nothing where all was right.
fn outcome(killed: &Killed, harm: Harm, seed: u64) -> Result<&'static str, String> {
    let folder = tempfile::tempdir().unwrap();
    let place = killed.copy(folder.path());
    harm.to(&place);
    let files = examine_files(&place.file());
    let log = fs::read(folder.path().join("store.db-wal")).ok();
    let mut ledger = killed.ledger.clone();
    match check(&place, &mut ledger, &InFile(&place), seed) {
        Ok(_) => Ok("nothing was lost"),
        Err(Fault::Named(error)) => {
            let after = fs::read(folder.path().join("store.db-wal")).ok();
            // What is refused stays as it is, for whoever can still read something in it.
            if matches!(error, StoreError::RolledBack { .. }) && log.is_some() && after != log {
                return Err("a store that was refused has changed".to_owned());
            }
            Ok(told(&error))
        }
        Err(Fault::Said(_)) => Ok("what reads it says so"),
        Err(Fault::Silent(text)) => {
            let broken = |findings: &[portcullis_store::Finding]| {
                findings.iter().any(|finding| finding.soundness == Soundness::Broken)
            };
            let mut findings = files;
            if let Ok(mut database) = place.try_open(!seed) {
                let now = ledger.latest_us.unsigned_abs();
                let closeness = Closeness::EveryRow;
                findings.extend(database.examine(&organisation(), now, closeness, &mut |_| {}));
            }
            if broken(&findings) { Ok("an examination says so") } else { Err(text) }
        }
    }
}

// THREATS T-03
#[test]
fn damage_to_a_copy_is_told_of_or_nothing_is_lost() {
    let told = Told(first_seed());
    let mut rng = SeededRng::new(first_seed());
    let killed = Killed::new(&mut rng);
    let mut ledger = killed.ledger.clone();
    let whole = tempfile::tempdir().unwrap();
    let place = killed.copy(whole.path());
    check(&place, &mut ledger, &InFile(&place), rng.next_u64()).unwrap();
    let (mut outcomes, mut silent) = (BTreeMap::new(), Vec::new());
    for _ in 0..kills(20) * 4 {
        let harm = killed.harm(&mut rng);
        match outcome(&killed, harm, rng.next_u64()) {
            Ok(told) => *outcomes.entry(told).or_insert(0) += 1,
            Err(text) => silent.push(format!("{harm:?}: {text}: {}", killed.around(harm))),
        }
    }
    println!("{outcomes:#?}");
    assert_eq!(silent, Vec::<String>::new());
    drop(told);
}
