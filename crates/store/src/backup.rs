//! Backups: the whole store at one moment in one file, whatever engine it is on.
//!
//! A backup holds what the database holds: protected text stays sealed under keys that are not in
//! it. It is a chain of blocks, each with a digest over itself and all before it, so that damage is
//! found and named, and it ends in a seal that only the keyring can make, so that nobody else's file
//! is restored (`docs/spec/backup.md`).

mod about;
mod block;
pub(crate) mod catalogue;
mod read;
mod rows;

pub use about::{BackupHeader, BackupLog};
pub use read::{BackupPlace, BackupReadError, verify_backup};
pub(crate) use read::{BackupReader, TableRows};

use crate::database::Open;
use crate::engine::{Cell, Row};
use crate::tables::log;
use crate::{Database, StoreError, TransactionName, migrations, settings};
use block::{BlockWriter, Kind};
use catalogue::{PAGE, Statements};
use jiff::Timestamp;
use portcullis_keys::{Keyring, ShreddedList};
pub(crate) use rows::value;
use std::fmt;
use std::io::{self, Write};
use subtle::ConstantTimeEq as _;

/// Bytes of rows in a block, about.
const BLOCK_BYTES: usize = 1 << 20;

/// What the seal is made for, so that it is no digest for anything else.
const SEAL: &str = "backup/seal";

/// How far a backup, a restore or an examination has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows done.
    pub done: u64,
    /// Rows in all; 0 where nobody knows.
    pub of: u64,
    /// The table.
    pub table: &'static str,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSummary {
    /// What the backup says of itself.
    pub header: BackupHeader,
    /// Rows of each table.
    pub rows: Vec<(&'static str, u64)>,
    /// Blocks in all.
    pub blocks: u64,
    /// Bytes in all.
    pub bytes: u64,
    /// The digest of the whole, by which two backups are told apart.
    pub digest: [u8; 32],
    /// The seal that the keyring is asked about.
    seal: Seal,
}

/// The seal of a backup, and what it was made of.
#[derive(Clone, PartialEq, Eq)]
struct Seal {
    sealed: Vec<u8>,
    seal: [u8; 32],
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(..)")
    }
}

impl BackupSummary {
    /// Rows in all.
    pub fn all_rows(&self) -> u64 {
        self.rows.iter().map(|(_, rows)| rows).sum()
    }

    /// Checks that a node with this keyring made it, and nobody else.
    ///
    /// # Errors
    ///
    /// [`BackupReadError::OfAnother`] or [`BackupReadError::Seal`].
    pub fn check(&self, keyring: &Keyring) -> Result<(), BackupReadError> {
        let identity = settings::identity(keyring);
        if !bool::from(identity.ct_eq(&self.header.keyring)) {
            return Err(BackupReadError::OfAnother);
        }
        let expected = keyring.blind(SEAL, &self.seal.sealed);
        if bool::from(expected.ct_eq(&self.seal.seal)) {
            Ok(())
        } else {
            Err(BackupReadError::Seal)
        }
    }
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// It cannot be written.
    #[error("cannot write the backup")]
    Write {
        /// What the system said.
        source: io::Error,
    },
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Database {
    /// Writes a backup of the store as it is at this moment, while others go on writing to it.
    ///
    /// # Errors
    ///
    /// [`BackupError`]; what was written by then is no backup.
    pub fn back_up(
        &mut self,
        out: &mut dyn Write,
        made_at: Timestamp,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<BackupSummary, BackupError> {
        let engine = self.engine_name();
        self.look(|open| write(open, engine, out, made_at, progress))
    }
}

/// The row that says when the last backup was made.
pub(crate) const MADE: &str = "backup";

impl Database {
    /// The list of what was shredded so far, to be held elsewhere and given to a restore that may
    /// have to do with an older copy of the keyring.
    ///
    /// # Errors
    ///
    /// Why the store or its keyring cannot be read.
    pub fn shredded_list(&mut self) -> Result<ShreddedList, StoreError> {
        self.look(|open| Ok(open.keyring().shredded_list()))
    }

    /// Notes when a backup was made, once it is in its place: `portcullis doctor` says how long ago.
    ///
    /// # Errors
    ///
    /// Why it cannot be written.
    pub fn note_backup(&mut self, made_at: Timestamp) -> Result<(), StoreError> {
        self.transact(TransactionName("store.backed-up"), |open| {
            open.execute(
                "INSERT INTO setting (name, value, written_by) VALUES ($1, $2, $3)
                 ON CONFLICT (name) DO UPDATE SET
                     value = excluded.value, written_by = excluded.written_by",
                &[
                    MADE.into(),
                    (&made_at.as_microsecond().to_be_bytes()).into(),
                    open.written_by().into(),
                ],
            )
            .map(drop)
        })
    }
}

fn write(
    open: &Open<'_>,
    engine: &str,
    out: &mut dyn Write,
    made_at: Timestamp,
    progress: &mut dyn FnMut(Progress),
) -> Result<BackupSummary, BackupError> {
    let failed = |source| BackupError::Write { source };
    let header = header(open, engine, made_at)?;
    let of = total(open)?;
    let mut blocks = BlockWriter::begin(out).map_err(failed)?;
    blocks.write(Kind::Header, &header.to_bytes()).map_err(failed)?;
    let mut rows = Vec::new();
    let mut done = 0_u64;
    for statements in catalogue::statements() {
        let table = statements.table;
        blocks
            .write(Kind::Table, &about::table_bytes(table.name, table.columns))
            .map_err(failed)?;
        let before = done;
        let mut block = Vec::new();
        each_page(open, statements, |page| -> Result<(), BackupError> {
            for row in page {
                rows::put(&mut block, &row.cells);
                if block.len() >= BLOCK_BYTES {
                    blocks.write(Kind::Rows, &block).map_err(failed)?;
                    block.clear();
                }
            }
            done = done.saturating_add(page.len() as u64);
            progress(Progress { done, of, table: table.name });
            Ok(())
        })?;
        if !block.is_empty() {
            blocks.write(Kind::Rows, &block).map_err(failed)?;
        }
        rows.push((table.name, done.saturating_sub(before)));
    }
    let counts = about::counts_bytes(&rows);
    let sealed = [blocks.check.0.as_slice(), &counts].concat();
    let seal = Seal { seal: open.keyring().blind(SEAL, &sealed), sealed };
    blocks.write(Kind::End, &[counts.as_slice(), &seal.seal].concat()).map_err(failed)?;
    let (count, bytes, digest) = (blocks.blocks, blocks.bytes, blocks.check.0);
    out.flush().map_err(failed)?;
    Ok(BackupSummary { header, rows, blocks: count, bytes, digest, seal })
}

/// Hands over the rows of a table, page by page.
pub(crate) fn each_page<E: From<StoreError>>(
    open: &Open<'_>,
    statements: &'static Statements,
    mut page: impl FnMut(&[Row]) -> Result<(), E>,
) -> Result<(), E> {
    let table = statements.table;
    let mut after: Vec<Cell> = Vec::new();
    loop {
        let rows = if after.is_empty() {
            open.query(&statements.first, &[PAGE.into()])?
        } else {
            let key = after.iter().map(value);
            open.query(&statements.next, &key.chain([PAGE.into()]).collect::<Vec<_>>())?
        };
        let Some(last) = rows.last() else { return Ok(()) };
        after = table.key.iter().filter_map(|column| last.cell(column).cloned()).collect();
        page(&rows)?;
        if i64::try_from(rows.len()).unwrap_or(i64::MAX) < PAGE {
            return Ok(());
        }
    }
}

/// How many rows there are in all tables.
pub(crate) fn total(open: &Open<'_>) -> Result<u64, StoreError> {
    let mut total = 0_u64;
    for statements in catalogue::statements() {
        total = total.saturating_add(count(open, statements)?);
    }
    Ok(total)
}

pub(crate) fn count(open: &Open<'_>, statements: &'static Statements) -> Result<u64, StoreError> {
    let row = open.row(&statements.count, &[])?;
    let cells = row.as_ref().map(|row| {
        crate::cells::Cells::new(open, statements.table.name, "rows", row).count("rows")
    });
    cells.unwrap_or(Ok(0))
}

fn header(open: &Open<'_>, engine: &str, made_at: Timestamp) -> Result<BackupHeader, BackupError> {
    let (found, known) = (migrations::version(open)?, migrations::known());
    if found != known {
        // There may be tables that this program doesn't know and would leave out.
        return Err(StoreError::NewerSchema { found, known }.into());
    }
    let mut logs = Vec::new();
    for organisation in log::with_open_logs(open)? {
        if let Some(log) = log::current(open, &organisation)? {
            logs.push(BackupLog {
                organisation: organisation.as_str().to_owned(),
                size: log::size(open, &log)?,
                witnessed: log::last_cosigned(open, &log)?,
                origin: log.origin,
            });
        }
    }
    Ok(BackupHeader {
        schema_version: known,
        program: concat!("portcullis ", env!("CARGO_PKG_VERSION")).to_owned(),
        engine: engine.to_owned(),
        made_at,
        keyring: settings::identity(open.keyring()),
        keyring_revision: open.keyring().revision(),
        logs,
    })
}
