//! The log after a restore: a new one, tied to the old one by a signed note.

use super::{RandomBytes, RestoreError, Telling};
use crate::database::Open;
use crate::tables::log::{self, Log, LogTiles};
use crate::{StoreError, cells::Cells};
use portcullis_audit::{
    Checkpoint, Digest, KeyName, LogLink, LogSigner, Note, Pace, Point, ReasonCode, Tree,
    empty_root,
};
use portcullis_decide::{OpenedLog, open_log};
use portcullis_types::OrganisationId;
use std::error::Error;

/// A log that was open in the backup, and the one in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredLog {
    /// Whose it is.
    pub organisation: OrganisationId,
    /// The origin of the old one.
    pub old: String,
    /// How many leaves of it the backup has.
    pub size: u64,
    /// How many leaves the last checkpoint has that a witness is known to have seen.
    pub witnessed: Option<u64>,
    /// How many leaves were witnessed and are lost.
    pub lost: u64,
    /// The origin of the new one.
    pub new: String,
    /// How many leaves wait for it.
    pub waiting: u64,
    /// The signed note that ties them together.
    pub link: String,
    /// Whether the checkpoint that was handed in is of it.
    pub(super) from_outside: bool,
}

/// Opens a new log in the place of the one that the backup has open; nothing where there is none.
pub(super) fn reopen(
    open: &Open<'_>,
    told: &Telling<'_>,
    organisation: &OrganisationId,
) -> Result<Option<RestoredLog>, RestoreError> {
    let Some(old) = log::current(open, organisation)? else { return Ok(None) };
    let failed = |source: Box<dyn Error + Send + Sync>| RestoreError::Log {
        origin: old.origin.clone(),
        source,
    };
    let now = told.now();
    let old_name: KeyName = old.origin.parse().map_err(|error| failed(Box::new(error)))?;
    let new_name = next_name(&old_name, told).map_err(failed)?;
    let seed = open.keyring().log_seed();
    let old_signer = LogSigner::of_origin(old_name.clone(), &seed);
    let restored = restored(open, &old)?;
    let handed_in = match told.order.witnessed {
        Some(note) => from_outside(note, &old_signer),
        None => None,
    };
    if let Some(seen) = handed_in.filter(|seen| seen.size <= restored.size) {
        let tiles = LogTiles { open, log: &old };
        let root = if seen.size == 0 {
            empty_root()
        } else {
            let mut tree = Tree::new(&tiles, restored.size);
            tree.root_at(seen.size).map_err(|error| failed(Box::new(error)))?
        };
        if root != seen.root {
            return Err(RestoreError::Forked { size: seen.size });
        }
    }
    let witnessed = [witnessed(open, &old)?, handed_in].into_iter().flatten();
    let link = LogLink {
        old: old_name,
        witnessed: witnessed.max_by_key(|point| point.size),
        restored,
        new: new_name.clone(),
        time_s: u64::try_from(now.as_second()).unwrap_or_default(),
        reason: ReasonCode::Restored,
    };
    let mut note = link.note().map_err(|error| failed(Box::new(error)))?;
    old_signer.sign(&mut note);
    LogSigner::of_origin(new_name.clone(), &seed).sign(&mut note);
    let now_us = u64::try_from(now.as_microsecond()).unwrap_or_default();
    let pace = Pace::beginning(now_us, old.pace.interval_s(), old.pace.per_interval())
        .map_err(|error| failed(Box::new(error)))?;
    let opened = OpenedLog {
        organisation: organisation.clone(),
        origin: new_name.as_str().to_owned(),
        start_us: pace.start_us(),
        interval_s: pace.interval_s(),
        per_interval: pace.per_interval(),
        link: Some(note.to_string()),
    };
    let actor = told.order.actor.clone();
    let change = open_log(told.clock, &mut RandomBytes(told.rng), actor, opened)?;
    log::open_new(open, &change)?;
    Ok(Some(RestoredLog {
        organisation: organisation.clone(),
        size: restored.size,
        witnessed: link.witnessed.map(|point| point.size),
        lost: link.lost(),
        new: new_name.as_str().to_owned(),
        waiting: log::count_waiting(open, organisation)?,
        link: note.to_string(),
        from_outside: handed_in.is_some(),
        old: old.origin,
    }))
}

/// The name of the new log: that of the first, the day, and what makes it unlike any other, so that
/// two restores of one backup never sign two histories under one name.
fn next_name(old: &KeyName, told: &Telling<'_>) -> Result<KeyName, Box<dyn Error + Send + Sync>> {
    const MARK: &str = "/restored-";
    let name = old.as_str();
    let base = name.rfind(MARK).and_then(|at| name.get(..at)).unwrap_or(name);
    let mut random = [0; 4];
    told.rng.fill(&mut random);
    let random = u32::from_be_bytes(random);
    let day = told.now().strftime("%Y%m%d");
    Ok(format!("{base}{MARK}{day}-{random:08x}").parse::<KeyName>()?)
}

fn point(note: &str) -> Option<Point> {
    let note = Note::parse(note.as_bytes()).ok()?;
    let checkpoint: Checkpoint = note.text().parse().ok()?;
    Some(Point { size: checkpoint.size(), root: checkpoint.root() })
}

/// The old log as the backup has it.
fn restored(open: &Open<'_>, old: &Log) -> Result<Point, RestoreError> {
    let size = log::size(open, old)?;
    if size == 0 {
        return Ok(Point { size, root: empty_root() });
    }
    at(open, old, size)
}

/// What the backup knows a witness to have seen.
fn witnessed(open: &Open<'_>, old: &Log) -> Result<Option<Point>, RestoreError> {
    let size = log::last_cosigned(open, old)?;
    if size == 0 { Ok(None) } else { at(open, old, size).map(Some) }
}

fn at(open: &Open<'_>, old: &Log, size: u64) -> Result<Point, RestoreError> {
    let stored = log::checkpoint(open, old, size)?;
    let found = stored.and_then(|stored| point(&stored.note)).filter(|point| point.size == size);
    found.ok_or_else(|| RestoreError::Log {
        origin: old.origin.clone(),
        source: "a checkpoint in it is none".into(),
    })
}

/// A checkpoint that somebody handed in, when the old log signed it.
fn from_outside(text: &str, old: &LogSigner) -> Option<Point> {
    let note = Note::parse(text.as_bytes()).ok()?;
    let checkpoint: Checkpoint = note.text().parse().ok()?;
    let root: Digest = checkpoint.root();
    note.verify([&old.verifier()]).ok()?;
    (checkpoint.origin() == old.origin().as_str())
        .then_some(Point { size: checkpoint.size(), root })
}

/// How many logs of others this node has cosigned.
pub(super) fn watched(open: &Open<'_>) -> Result<u64, StoreError> {
    let row = open.row("SELECT count(*) AS logs FROM witnessed", &[])?;
    row.map_or(Ok(0), |row| Cells::new(open, "witnessed", "logs", &row).count("logs"))
}
