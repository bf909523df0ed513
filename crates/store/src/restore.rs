//! Restores: a backup becomes a store again, on either engine, all or nothing.
//!
//! A restored store is behind what others may have seen, and three things follow. What was erased
//! since stays erased: the keyring, which no backup holds, says what (THREATS T-18). A number that
//! may have been given to a record since is given to no other. And the log that others watch is not
//! taken up where the backup has it, which would show them two histories: a new one is opened, with
//! a signed link to the last state of the old one that a witness has seen.

mod load;
mod logs;

pub use logs::RestoredLog;

use crate::backup::BackupReader;
use crate::database::{Open, Randomness};
use crate::engine::postgres::Postgres;
use crate::engine::sqlite::Sqlite;
use crate::engine::{Access, Engine};
use crate::error::Doing;
use crate::tables::{events, records};
use crate::vault::Vault;
use crate::{
    BackupReadError, BackupSummary, KeyringError, KeyringPlace, Progress, StoreError, migrations,
    verify_backup,
};
use jiff::Timestamp;
use portcullis_decide::{Digest, RestoredStore, Schedule, restored};
use portcullis_keys::{ReplayError, ShreddedList};
use portcullis_types::{Actor, Clock, EventError, OrganisationId, Rng};
use std::collections::BTreeSet;
use std::fmt;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The transaction that a restore is.
const NAME: &str = "store.restore";

/// How many numbers are left to records that the backup doesn't know: seven years of a hundred
/// thousand a day. There is room for four thousand restores.
const GAP: u64 = 1 << 28;

/// What a restore is to do.
#[derive(Debug, Clone)]
pub struct RestoreOrder<'a> {
    /// Whose event it is.
    pub organisation: &'a OrganisationId,
    /// Who restores.
    pub actor: Actor,
    /// What was shredded, where it is held outside the keyring as well.
    pub shredded: Option<&'a ShreddedList>,
    /// A checkpoint of the old log that somebody else holds, and that is newer than the backup: the
    /// note with its signatures.
    pub witnessed: Option<&'a str>,
}

/// What was restored.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The backup.
    pub backup: BackupSummary,
    /// Records that the backup had and that were erased since.
    pub erased: u64,
    /// The first number that is given to a record from now on.
    pub first_record: u64,
    /// Each log that was open, and the one in its place.
    pub logs: Vec<RestoredLog>,
    /// How many logs of others this node has cosigned, as the backup has it.
    pub watched: u64,
}

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The backup is of no use.
    #[error(transparent)]
    Backup(#[from] BackupReadError),
    /// There is something in the store already.
    #[error("there is a store already; name an empty place")]
    NotEmpty,
    /// The backup is older than a destruction of keys.
    #[error(
        "the backup holds cells sealed under generation {generation} of keys, which was destroyed; use a backup made after that"
    )]
    Destroyed {
        /// The generation.
        generation: u32,
    },
    /// The list of what is shredded is of no use.
    #[error("the list of what is shredded was not taken")]
    List(#[from] ReplayError),
    /// The checkpoint is of no use.
    #[error("the checkpoint that was handed in is none that a log of this backup signed")]
    NotWitnessed,
    /// What was witnessed isn't what the backup has.
    #[error(
        "the backup isn't of the log that was witnessed: at size {size} they have different roots; use a backup of the store whose log it is"
    )]
    Forked {
        /// The size at which they differ.
        size: u64,
    },
    /// A log in the backup is damaged.
    #[error("the log `{origin}` in the backup is damaged; use another backup")]
    Log {
        /// The log.
        origin: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An event cannot be made.
    #[error("the restore cannot be told in an event")]
    Event(#[from] EventError),
    /// The store cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<KeyringError> for RestoreError {
    fn from(error: KeyringError) -> Self {
        Self::Store(error.into())
    }
}

/// What a restore works with.
pub struct Restoring<'a> {
    clock: &'a dyn Clock,
    rng: Randomness,
    order: &'a RestoreOrder<'a>,
    progress: &'a mut dyn FnMut(Progress),
}

impl fmt::Debug for Restoring<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restoring").field("order", self.order).finish_non_exhaustive()
    }
}

impl<'a> Restoring<'a> {
    /// Gets ready to restore as ordered.
    pub fn new(
        clock: &'a dyn Clock,
        rng: Box<dyn Rng + Send>,
        order: &'a RestoreOrder<'a>,
        progress: &'a mut dyn FnMut(Progress),
    ) -> Self {
        Self { clock, rng: Randomness::new(rng), order, progress }
    }

    /// Restores into a file of `SQLite` that isn't there yet. It is whole when this returns, and
    /// may be moved then; `<file>-mark` belongs to it.
    ///
    /// # Errors
    ///
    /// [`RestoreError`]; the file is of no use then.
    pub fn into_sqlite(
        self,
        path: &Path,
        keyring: KeyringPlace,
        backup: &mut (impl Read + Seek),
    ) -> Result<Restored, RestoreError> {
        // Read through before anything is made.
        let (vault, summary) = checked(keyring, backup)?;
        self.into_engine(Box::new(Sqlite::open(path)?), vault, backup, &summary)
    }

    /// Restores into an empty database of `PostgreSQL`.
    ///
    /// # Errors
    ///
    /// [`RestoreError`]; the database holds empty tables at most then.
    pub fn into_postgres(
        self,
        address: &str,
        keyring: KeyringPlace,
        backup: &mut (impl Read + Seek),
    ) -> Result<Restored, RestoreError> {
        let (vault, summary) = checked(keyring, backup)?;
        self.into_engine(Box::new(Postgres::open(address)?), vault, backup, &summary)
    }

    fn into_engine(
        self,
        mut engine: Box<dyn Engine>,
        mut vault: Vault,
        backup: &mut (impl Read + Seek),
        summary: &BackupSummary,
    ) -> Result<Restored, RestoreError> {
        let Self { clock, rng, order, progress } = self;
        migrations::bring_up_to_date(engine.as_mut())?;
        if let Some(list) = order.shredded {
            vault.change(&mut |bytes| rng.fill(bytes), |keyring| keyring.replay(list))??;
        }
        rewind(backup)?;
        let reader = BackupReader::begin(backup)?;
        let schedule = Schedule::default();
        let doing = Doing::Writing(NAME);
        let session = engine.begin(Access::Write).map_err(|error| doing.failed(error))?;
        let open = Open::new(session, vault.keyring(), &rng, &schedule, doing);
        let now = clock.now();
        let (summary, erased) = load::load(&open, reader, summary, now, progress)?;
        let first_record = first_record(&open)?;
        open.count_from("record", "number", crate::cells::integer(first_record.saturating_sub(1)))?;
        crate::exchange::begin_new_life(&open, clock)?;
        let watched = logs::watched(&open)?;
        let told = Telling { clock, rng: &rng, order, summary: &summary, erased, first_record };
        let logs = told.everybody(&open)?;
        let last = events::last_position(&open)?;
        open.commit()?;
        engine.acknowledged(last);
        Ok(Restored { backup: summary, erased, first_record, logs, watched })
    }
}

/// Reads the backup from end to end, and the keyring that must have sealed it.
fn checked(
    place: KeyringPlace,
    backup: &mut (impl Read + Seek),
) -> Result<(Vault, BackupSummary), RestoreError> {
    rewind(backup)?;
    let summary = verify_backup(&mut *backup, &mut |_| {})?;
    let vault = Vault::open(place)?;
    summary.check(vault.keyring())?;
    let (found, expected) = (vault.keyring().revision(), summary.header.keyring_revision);
    if found < expected {
        let path = vault.path().to_owned();
        return Err(KeyringError::Old { path, found, expected }.into());
    }
    Ok((vault, summary))
}

fn rewind(backup: &mut impl Seek) -> Result<(), RestoreError> {
    let rewound = backup.seek(SeekFrom::Start(0));
    rewound.map(drop).map_err(|source| BackupReadError::Read { source }.into())
}

/// The first number beyond every one that was given to a record, as far as anybody can know.
fn first_record(open: &Open<'_>) -> Result<u64, StoreError> {
    let row = open.row("SELECT coalesce(max(number), 0) AS number FROM record", &[])?;
    let kept = row.map_or(Ok(0), |row| {
        crate::cells::Cells::new(open, "record", "number", &row).count("number")
    })?;
    let shredded = open.keyring().shredded().map(|range| *range.end()).max().unwrap_or(0);
    Ok(kept.max(shredded).saturating_add(GAP))
}

/// Writes what was done into the store itself.
struct Telling<'a> {
    clock: &'a dyn Clock,
    rng: &'a Randomness,
    order: &'a RestoreOrder<'a>,
    summary: &'a BackupSummary,
    erased: u64,
    first_record: u64,
}

impl Telling<'_> {
    /// Opens the new logs, and tells each organisation that has one, and the one that ordered it.
    fn everybody(&self, open: &Open<'_>) -> Result<Vec<RestoredLog>, RestoreError> {
        let mut organisations: BTreeSet<OrganisationId> =
            crate::tables::log::with_open_logs(open)?.into_iter().collect();
        organisations.insert(self.order.organisation.clone());
        let mut restored_logs = Vec::new();
        for organisation in organisations {
            let log = logs::reopen(open, self, &organisation)?;
            self.tell(open, organisation, log.as_ref())?;
            restored_logs.extend(log);
        }
        let handed_in = self.order.witnessed.is_some();
        if handed_in && !restored_logs.iter().any(|log| log.from_outside) {
            return Err(RestoreError::NotWitnessed);
        }
        Ok(restored_logs)
    }

    fn tell(
        &self,
        open: &Open<'_>,
        organisation: OrganisationId,
        log: Option<&RestoredLog>,
    ) -> Result<(), RestoreError> {
        let change = restored(
            self.clock,
            &mut RandomBytes(self.rng),
            self.order.actor.clone(),
            RestoredStore {
                organisation,
                backup: Digest::from_bytes(self.summary.digest),
                made_at: self.summary.header.made_at,
                erased: self.erased,
                first_record: self.first_record,
                log_size: log.map(|log| log.size),
                witnessed_size: log.and_then(|log| log.witnessed),
            },
        )?;
        let retention = change.retention(open.schedule());
        let record = records::open_new(open, &change.state().organisation, retention)?;
        Ok(events::append(open, change.event(), record)?)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Randomness for what takes it as an `Rng`.
#[derive(Debug)]
struct RandomBytes<'a>(&'a Randomness);

impl Rng for RandomBytes<'_> {
    fn fill(&mut self, bytes: &mut [u8]) {
        self.0.fill(bytes);
    }
}
