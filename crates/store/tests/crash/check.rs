//! Opens a store and compares all that is in it with what processes said.

use crate::child::{chain, digest_of, hex};
use crate::ledger::{Entry, Fate, Ledger};
use crate::op::{Kind, Op, list_name, organisation};
use crate::place::Place;
use portcullis_audit::{Digest, Policy, Tree, verify_consistency, verify_export};
use portcullis_decide::{Decision, KeptList};
use portcullis_keys::{Keyring, RecordNumber};
use portcullis_store::{Database, JobState, LogView, Reader, StoreError, StoredEvent, StoredJob};
use portcullis_types::EventId;
use std::collections::{BTreeMap, BTreeSet};
use std::{fmt, fs};

/// What is wrong.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The store itself says so.
    Named(StoreError),
    /// Something else that reads it says so: what verifies the log, `SQLite`.
    Said(String),
    /// Nobody says so.
    Silent(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(error) => write!(f, "the store says: {}", chain(error)),
            Self::Said(text) => write!(f, "it is said: {text}"),
            Self::Silent(text) => write!(f, "nobody says so: {text}"),
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Named(error)
    }
}

fn silent<T>(text: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Silent(text.into()))
}

/// What was found in a sound store.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    /// In the log.
    pub(crate) leaves: u64,
}

/// Answers a question that gives one number, past the store.
pub(crate) trait Numbers {
    fn number(&self, sql: &str) -> Result<i64, String>;
    fn dense(&self) -> bool;
    /// Waits until nothing of a killed process goes on.
    fn wait_for_the_dead(&self);
}

/// Opens the store and checks everything; what was open in the ledger is settled.
pub(crate) fn check(
    place: &Place,
    ledger: &mut Ledger,
    numbers: &dyn Numbers,
    seed: u64,
) -> Result<Found, Fault> {
    let mut database = place.try_open(seed)?;
    let stored = database.read(|reader| Stored::read(reader, ledger))?;
    let kept = stored.compare(ledger)?;
    let leaves = check_log(&mut database, ledger)?;
    check_rows(place, numbers)?;
    ledger.settle(|entry| match &entry.digest {
        Some(digest) => kept.contains(digest),
        None => stored.has_job(&entry.op),
    });
    Ok(Found { leaves })
}

/// All that is in a store.
struct Stored {
    events: Vec<StoredEvent>,
    decisions: Vec<Decision>,
    lists: Vec<KeptList>,
    jobs: Vec<StoredJob>,
    /// The changes whose pair is found.
    raised: BTreeSet<u64>,
}

impl Stored {
    fn read(reader: &dyn Reader, ledger: &Ledger) -> Result<Self, Fault> {
        let mut events = Vec::new();
        let mut next = Some(0);
        while let Some(position) = next {
            let (page, further) = reader.events_after(&organisation(), position)?;
            events.extend(page);
            next = further;
        }
        let mut raised = BTreeSet::new();
        for entry in ledger.of_kind(Kind::Raise) {
            let pair = entry.op.pair();
            match reader.raised(&organisation(), pair.reference())?.as_slice() {
                [] => {}
                [found] if *found == pair => drop(raised.insert(entry.op.seed)),
                _ => return silent(format!("`{}` reads otherwise", entry.op)),
            }
        }
        Ok(Self {
            events,
            decisions: reader.decisions(&organisation())?,
            lists: reader.lists(&organisation())?,
            jobs: reader.jobs(&organisation())?,
            raised,
        })
    }

    fn has_job(&self, op: &Op) -> bool {
        let key = op.job_key();
        self.jobs.iter().any(|job| job.key.as_str() == key)
    }

    /// Compares; gives the digests of the events of all changes that were kept, also of those that
    /// were erased since.
    fn compare(&self, ledger: &Ledger) -> Result<BTreeSet<String>, Fault> {
        let by_digest: BTreeMap<&str, &Entry> =
            ledger.entries().filter_map(|entry| Some((entry.digest.as_deref()?, entry))).collect();
        let mut digests = BTreeSet::new();
        // The changes that have an event, in the order of the events.
        let mut ops = Vec::new();
        for stored in &self.events {
            let digest = digest_of(&stored.event);
            let Some(entry) = by_digest.get(digest.as_str()) else {
                return silent(format!("event {} is nobody's", stored.position));
            };
            if entry.fate == Fate::NotKept {
                return silent(format!("`{}` was not kept, and its event is there", entry.op));
            }
            if !digests.insert(digest) {
                return silent(format!("the event of `{}` is there twice", entry.op));
            }
            ops.push(entry.op);
        }
        let erased: BTreeSet<u64> =
            ops.iter().filter(|op| op.kind == Kind::Erase).map(|op| op.of).collect();
        for entry in ledger.entries() {
            let Some(digest) = &entry.digest else { continue };
            let (is_erased, is_there) = (erased.contains(&entry.op.seed), digests.contains(digest));
            if is_erased && is_there {
                return silent(format!("`{}` was erased, and its event is there", entry.op));
            }
            if is_erased {
                digests.insert(digest.clone());
            } else if entry.fate == Fate::Kept && !is_there {
                return silent(format!("`{}` was acknowledged, and its event is gone", entry.op));
            }
        }
        self.compare_decisions(ledger, &ops)?;
        self.compare_jobs(ledger, &ops)?;
        self.compare_lists(&ops)?;
        let raised: BTreeSet<u64> =
            ops.iter().filter(|op| op.kind == Kind::Raise).map(|op| op.seed).collect();
        if let Some(seed) = raised.symmetric_difference(&self.raised).next() {
            return silent(format!("of the pair {seed} there is only one half"));
        }
        Ok(digests)
    }

    fn compare_decisions(&self, ledger: &Ledger, ops: &[Op]) -> Result<(), Fault> {
        let mut expected: BTreeMap<EventId, Decision> = BTreeMap::new();
        for op in ops {
            let decision = match op.kind {
                Kind::Decide | Kind::Finish | Kind::Doomed => op.decision().into_state(),
                Kind::Undo => {
                    let decided = ledger.get(op.of).expect("it was tried").op;
                    op.undoing(decided.decision().into_state()).into_state()
                }
                _ => continue,
            };
            expected.insert(decision.id, decision);
        }
        for decision in &self.decisions {
            if expected.remove(&decision.id).as_ref() != Some(decision) {
                return silent("a decision is not the one that its events tell of");
            }
        }
        if expected.is_empty() {
            return Ok(());
        }
        silent(format!("{} decisions have only their events", expected.len()))
    }

    fn compare_jobs(&self, ledger: &Ledger, ops: &[Op]) -> Result<(), Fault> {
        let mut finished = BTreeSet::new();
        for op in ops.iter().filter(|op| op.kind == Kind::Finish) {
            if !finished.insert(op.of) {
                return silent(format!("job {} took effect twice", op.of));
            }
        }
        let mut there = BTreeSet::new();
        for job in &self.jobs {
            let seed = job.key.as_str().strip_prefix("job-").and_then(|seed| seed.parse().ok());
            let entry = seed.and_then(|seed| ledger.get(seed));
            let Some(entry) = entry.filter(|entry| entry.fate != Fate::NotKept) else {
                return silent("there is a job that nobody put into the queue");
            };
            if !there.insert(entry.op.seed) {
                return silent(format!("`{}` is there twice", entry.op));
            }
            if matches!(job.state, JobState::GivenUp | JobState::Discarded) {
                return silent(format!("`{}` was given up", entry.op));
            }
            if (job.state == JobState::Done) != finished.contains(&entry.op.seed) {
                return silent(format!("of the end of `{}` there is only one half", entry.op));
            }
        }
        for entry in ledger.of_kind(Kind::Enqueue) {
            if entry.fate == Fate::Kept && !there.contains(&entry.op.seed) {
                return silent(format!("`{}` was acknowledged, and is gone", entry.op));
            }
        }
        match finished.iter().find(|seed| !there.contains(seed)) {
            Some(seed) => silent(format!("job {seed} is gone, and took effect")),
            None => Ok(()),
        }
    }

    fn compare_lists(&self, ops: &[Op]) -> Result<(), Fault> {
        let mut expected = BTreeMap::new();
        for op in ops {
            match op.kind {
                Kind::List => drop(expected.insert(list_name(op.of), op.list())),
                Kind::Forget => drop(expected.remove(&list_name(op.of))),
                _ => {}
            }
        }
        let expected: Vec<KeptList> = expected.into_values().collect();
        if expected == self.lists {
            Ok(())
        } else {
            silent("the lists are not those that their events tell of")
        }
    }
}

/// Verifies the whole log, and compares it with all that was seen of it. Gives its size.
fn check_log(database: &mut Database, ledger: &Ledger) -> Result<u64, Fault> {
    database.read_logs(&organisation(), |view| {
        let Some(log) = view.current()? else {
            return if ledger.seen.is_empty() { Ok(0) } else { silent("the log is gone") };
        };
        let size = view.size(&log)?;
        for (seen, note) in &ledger.seen {
            match view.checkpoint(&log, *seen)? {
                Some(checkpoint) if hex(checkpoint.note.as_bytes()) == *note => {}
                Some(_) => return silent(format!("checkpoint {seen} is not the one seen before")),
                None => return silent(format!("checkpoint {seen} was seen, and is gone")),
            }
        }
        if size == 0 {
            return Ok(0);
        }
        let Some(checkpoint) = view.checkpoint(&log, size)? else {
            return silent("the log has a size and no checkpoint");
        };
        let Some(key) = view.key(&log) else { return Err(Fault::Said("no key".to_owned())) };
        let policy = Policy::parse(format!("log {key}\nquorum none\n").as_bytes())
            .map_err(|error| Fault::Said(chain(&error)))?;
        verify_export(&view.tiles(&log), checkpoint.note.as_bytes(), &policy)
            .map_err(|damage| Fault::Said(chain(&damage)))?;
        if let Some(before) = ledger.seen.keys().next_back() {
            only_grew(view, &log, *before, size)?;
        }
        Ok(size)
    })
}

fn only_grew(
    view: &LogView<'_, '_>,
    log: &portcullis_store::Log,
    before: u64,
    size: u64,
) -> Result<(), Fault> {
    let root = |size| -> Result<Digest, Fault> {
        let note = view.checkpoint(log, size)?.map(|checkpoint| checkpoint.note);
        let root = note.as_deref().and_then(|note| note.lines().nth(2));
        root.and_then(Digest::from_base64).ok_or_else(|| Fault::Said("no root".to_owned()))
    };
    let tiles = view.tiles(log);
    let proof =
        Tree::new(&tiles, size).consistency(before).map_err(|error| Fault::Said(chain(&error)))?;
    verify_consistency(before, &root(before)?, size, &root(size)?, &proof)
        .map_err(|error| Fault::Said(chain(&error)))
}

/// Questions past the store: each must give 0.
const HALVES: [(&str, &str); 9] = [
    (
        "events without a leaf",
        "SELECT count(*) FROM event e
         WHERE NOT EXISTS (SELECT 1 FROM leaf_waiting w WHERE w.position = e.position)
             AND NOT EXISTS (SELECT 1 FROM log_entry l WHERE l.event = e.position)",
    ),
    (
        "leaves that wait and are in the log",
        "SELECT count(*) FROM leaf_waiting w JOIN log_entry l ON l.event = w.position",
    ),
    (
        "events that are in the log twice",
        "SELECT count(*) - count(DISTINCT event) FROM log_entry WHERE event IS NOT NULL",
    ),
    (
        "entries that are not the leaf of their event",
        "SELECT count(*) FROM log_entry l JOIN event e ON e.position = l.event
         WHERE l.entry <> e.commitment",
    ),
    (
        "entries that no checkpoint is over",
        "SELECT (SELECT count(*) FROM log_entry)
             - (SELECT coalesce(max(size), 0) FROM log_checkpoint)",
    ),
    (
        "decisions without their event",
        "SELECT count(*) FROM decision d WHERE NOT EXISTS
             (SELECT 1 FROM event e WHERE e.id = d.id AND e.record = d.record_number)",
    ),
    ("records whose key is still to be taken out", "SELECT count(*) FROM erasing"),
    (
        "events of erased records that were not wiped",
        "SELECT count(*) FROM event e JOIN record r ON r.number = e.record
         WHERE r.erased_at_us IS NOT NULL AND e.sealed IS NOT NULL",
    ),
    (
        "decisions of erased records that were not wiped",
        "SELECT count(*) FROM decision d JOIN record r ON r.number = d.record_number
         WHERE r.erased_at_us IS NOT NULL AND d.reason IS NOT NULL",
    ),
];

fn check_rows(place: &Place, numbers: &dyn Numbers) -> Result<(), Fault> {
    let number = |sql: &str| numbers.number(sql).map_err(Fault::Said);
    for (what, sql) in HALVES {
        let count = number(sql)?;
        if count != 0 {
            return silent(format!("{count} {what}"));
        }
    }
    if numbers.dense() && number("SELECT coalesce(max(position), 0) - count(*) FROM event")? != 0 {
        return silent("positions of events have gaps");
    }
    let keyring = fs::read(place.keyring()).unwrap();
    let keyring = Keyring::unlock(&keyring, &Place::unlock())
        .map_err(|error| Fault::Silent(format!("the keyring is damaged: {error}")))?;
    let mut erased = 0;
    loop {
        erased = number(&format!(
            "SELECT coalesce(min(number), 0) FROM record
             WHERE erased_at_us IS NOT NULL AND number > {erased}"
        ))?;
        let Some(record) = RecordNumber::new(erased.unsigned_abs()).filter(|_| erased > 0) else {
            return Ok(());
        };
        if !keyring.is_shredded(record) {
            return silent(format!("the key of the erased record {erased} is still there"));
        }
    }
}
