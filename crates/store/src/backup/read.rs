//! Reads a backup, and believes nothing of it before its digest was compared.

use super::about::{self, BackupHeader};
use super::block::{BlockError, BlockReader, Check, Kind};
use super::catalogue::{TABLES, Table};
use super::{BackupSummary, Progress, Seal, rows};
use crate::engine::Cell;
use crate::migrations;
use std::fmt;
use std::io::{self, Read};

/// Why a backup is of no use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupReadError {
    /// It isn't one, or its first bytes are damaged.
    #[error("this is no backup of Portcullis, or its beginning is damaged; use another backup")]
    NotABackup,
    /// It cannot be read.
    #[error("cannot read the backup")]
    Read {
        /// What the system said.
        source: io::Error,
    },
    /// A block isn't the one that was written, or is missing.
    #[error("block {block} of the backup, {place}, was altered or cut off; use another backup")]
    Damaged {
        /// The block, from 0.
        block: u64,
        /// What it holds.
        place: BackupPlace,
    },
    /// A version of the program made it that keeps other tables.
    #[error(
        "the backup has schema version {found}, and this program restores version {known}; restore it with the version that made it, `{program}`"
    )]
    OtherSchema {
        /// The version of the backup.
        found: u32,
        /// The version that this program knows.
        known: u32,
        /// The program that made it.
        program: String,
    },
    /// It was made with another keyring.
    #[error("the backup belongs to another keyring; put the keyring of its store in place")]
    OfAnother,
    /// Its seal was not made with this keyring.
    #[error("the seal of the backup does not fit: somebody else wrote it; use another backup")]
    Seal,
}

/// What a block of a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupPlace {
    /// What the backup is of.
    Header,
    /// The beginning or the rows of a table.
    Table(&'static str),
    /// The counts and the seal, or what should not come after them.
    End,
}

impl fmt::Display for BackupPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => f.write_str("which says what it is of"),
            Self::Table(name) => write!(f, "of table `{name}`"),
            Self::End => f.write_str("which ends it"),
        }
    }
}

/// Reads a backup from end to end and checks every block of it. What it takes a keyring for,
/// [`BackupSummary::check`] does.
///
/// # Errors
///
/// [`BackupReadError`], with the block that is damaged.
pub fn verify_backup(
    from: impl Read,
    progress: &mut dyn FnMut(Progress),
) -> Result<BackupSummary, BackupReadError> {
    let mut reader = BackupReader::begin(from)?;
    let mut done = 0_u64;
    while let Some(TableRows { table, rows }) = reader.next()? {
        done = done.saturating_add(rows.len() as u64);
        progress(Progress { done, of: 0, table: table.name });
    }
    reader.finish()
}

/// Some rows of a table.
pub(crate) struct TableRows {
    pub(crate) table: &'static Table,
    pub(crate) rows: Vec<Vec<Cell>>,
}

/// A backup that is being read.
pub(crate) struct BackupReader<R> {
    blocks: BlockReader<R>,
    pub(crate) header: BackupHeader,
    /// How many rows each table had so far; the last is being read.
    rows: Vec<(&'static str, u64)>,
    seal: Option<Seal>,
}

impl<R: Read> BackupReader<R> {
    pub(crate) fn begin(from: R) -> Result<Self, BackupReadError> {
        let mut blocks = BlockReader::begin(from)
            .map_err(|source| BackupReadError::Read { source })?
            .ok_or(BackupReadError::NotABackup)?;
        let damaged = BackupReadError::Damaged { block: 0, place: BackupPlace::Header };
        let (kind, body) = match blocks.next() {
            Ok(block) => block,
            Err(BlockError::Damaged) => return Err(damaged),
            Err(BlockError::Read(source)) => return Err(BackupReadError::Read { source }),
        };
        let header = if kind == Kind::Header { BackupHeader::from_bytes(&body) } else { None };
        let header = header.ok_or(damaged)?;
        let known = migrations::known();
        if header.schema_version != known {
            let BackupHeader { schema_version: found, program, .. } = header;
            return Err(BackupReadError::OtherSchema { found, known, program });
        }
        Ok(Self { blocks, header, rows: Vec::new(), seal: None })
    }

    /// The next rows, and the table they are of; nothing after the last.
    pub(crate) fn next(&mut self) -> Result<Option<TableRows>, BackupReadError> {
        while self.seal.is_none() {
            let before = self.blocks.check;
            let (kind, body) = match self.blocks.next() {
                Ok(block) => block,
                Err(BlockError::Damaged) => return Err(self.damaged(self.blocks.number)),
                Err(BlockError::Read(source)) => return Err(BackupReadError::Read { source }),
            };
            let block = self.blocks.number.saturating_sub(1);
            let taken = match kind {
                Kind::Rows => match self.take_rows(&body) {
                    Some(rows) => return Ok(Some(rows)),
                    None => None,
                },
                Kind::Table => self.take_table(&body),
                Kind::End => self.take_end(before, &body),
                Kind::Header => None,
            };
            taken.ok_or_else(|| self.damaged(block))?;
        }
        let at_end = self.blocks.is_at_end().map_err(|source| BackupReadError::Read { source })?;
        if at_end { Ok(None) } else { Err(self.damaged(self.blocks.number)) }
    }

    /// What the backup was, once there are no more rows.
    pub(crate) fn finish(mut self) -> Result<BackupSummary, BackupReadError> {
        while self.next()?.is_some() {}
        let seal = self.seal.clone().ok_or_else(|| self.damaged(self.blocks.number))?;
        Ok(BackupSummary {
            header: self.header,
            rows: self.rows,
            blocks: self.blocks.number,
            bytes: self.blocks.bytes,
            digest: self.blocks.check.0,
            seal,
        })
    }

    fn take_rows(&mut self, body: &[u8]) -> Option<TableRows> {
        let table = TABLES.get(self.rows.len().checked_sub(1)?)?;
        let rows = rows::take(body, table.columns.len()).filter(|rows| !rows.is_empty())?;
        let (_, count) = self.rows.last_mut()?;
        *count = count.saturating_add(rows.len() as u64);
        Some(TableRows { table, rows })
    }

    fn take_table(&mut self, body: &[u8]) -> Option<()> {
        let table = TABLES.get(self.rows.len())?;
        (about::table_bytes(table.name, table.columns) == body).then_some(())?;
        self.rows.push((table.name, 0));
        Some(())
    }

    fn take_end(&mut self, before: Check, body: &[u8]) -> Option<()> {
        let counts = about::counts_bytes(&self.rows);
        let seal = body.strip_prefix(counts.as_slice())?.try_into().ok()?;
        (self.rows.len() == TABLES.len()).then_some(())?;
        self.seal = Some(Seal { sealed: [before.0.as_slice(), &counts].concat(), seal });
        Some(())
    }

    /// What a block holds is known from those before it: the table that is being read, until its
    /// last row.
    fn damaged(&self, block: u64) -> BackupReadError {
        let place = match self.rows.last() {
            _ if self.seal.is_some() => BackupPlace::End,
            None => BackupPlace::Table(TABLES.first().map_or("", |table| table.name)),
            Some((name, _)) => BackupPlace::Table(name),
        };
        BackupReadError::Damaged { block, place }
    }
}
