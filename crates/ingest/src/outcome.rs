//! What reading gives: dossiers, rows set aside, warnings, and a count of all of them.

use portcullis_types::{Dossier, ListVersion, OrganisationId, Origin, Protected, SourceId};
use std::sync::Arc;

/// What the caller knows of a file before it is read.
#[derive(Debug, Clone)]
pub struct ReadContext {
    /// The list, register or table.
    pub source: SourceId,
    /// Which issue of it; a format that states its own issue date replaces it.
    pub version: ListVersion,
    /// When it is read (UTC).
    pub recorded_at: jiff::Timestamp,
    /// Who controls the copy.
    pub controller: OrganisationId,
}

impl ReadContext {
    /// The origin that all dossiers of this reading share.
    pub fn origin(&self) -> Arc<Origin> {
        Arc::new(Origin {
            source: self.source.clone(),
            version: self.version.clone(),
            recorded_at: self.recorded_at,
            controller: self.controller.clone(),
        })
    }
}

/// A row that could not be read, kept whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Line of the file where the row begins, counted from 1; sheet row for a workbook.
    pub line: u64,
    /// Column, counted from 1, where one is to blame.
    pub column: Option<u64>,
    /// What is wrong and what to do. Holds no text of the row.
    pub reason: String,
    /// The row as it stands in the file.
    pub raw: Protected,
}

/// Something the reader noticed and got over; holds no text of the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Warning {
    /// Line of the file, when one is to blame.
    pub line: Option<u64>,
    /// What was noticed and what was done.
    pub message: String,
}

/// One thing read.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A record.
    Dossier(Box<Dossier>),
    /// A row that could not be read.
    SetAside(SetAside),
    /// Something noticed.
    Warning(Warning),
}

/// How much was read. `rows_read` counts data rows (or XML subjects, or JSON lines), not headers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Data rows seen.
    pub rows_read: u64,
    /// Dossiers made.
    pub dossiers_made: u64,
    /// Rows set aside.
    pub rows_set_aside: u64,
    /// Rows that say nothing about a subject by themselves: blank ones, or closing bytes.
    pub rows_without_subject: u64,
}
