//! What a database must be able to do. [`sqlite`] and [`postgres`] can; every table above them is
//! written once.
//!
//! Statements are in the SQL that both understand, with `$1` for the first value. Whole numbers are
//! 64 bits wide, times are whole numbers of microseconds, and nothing relies on the order of rows
//! without an `ORDER BY`.

pub(crate) mod postgres;
pub(crate) mod sqlite;

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// A value on its way into a statement.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A value as the database holds it.
#[derive(Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row that was found. Holds its columns by name.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) columns: Arc<[Box<str>]>,
    pub(crate) cells: Vec<Cell>,
}

/// Whether a transaction changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Sees one moment and changes nothing.
    Read,
    /// Changes something. What it reads is still true when it commits.
    Write,
    /// Changes rows that it locks as it finds them, and relies on nothing else that it reads; so
    /// that those who do it at once don't hinder each other.
    Claim,
}

/// A connection to a database.
pub(crate) trait Engine: fmt::Debug + Send {
    /// Begins a transaction; it is undone unless it is committed.
    fn begin(&mut self, access: Access) -> Result<Box<dyn Session + '_>, EngineError>;

    /// The database in a word, for people: `SQLite`, `PostgreSQL`.
    fn name(&self) -> &'static str;

    /// What schema step `version` (from 1) is in this database's own words.
    fn migration(&self, version: u32) -> Option<&'static str>;

    /// What the database itself finds wrong with its pages, indexes and references: one line for
    /// each fault, without values of rows.
    fn faults(&mut self) -> Result<Vec<String>, EngineError>;

    /// Notes, outside the database, that everything up to the event in this position was kept and
    /// its writer told so. Best effort: it need not survive a power cut.
    fn acknowledged(&mut self, position: u64);

    /// Overwrites what the database still holds of erased cells, as far as it can. Best effort: the
    /// keys of those cells are gone already.
    fn forget_erased(&mut self) {}

    /// What was noted last; none when nothing was, or the database is trusted to keep its end.
    fn last_acknowledged(&mut self) -> Option<u64>;
}

/// A transaction that has begun. Dropped, it is undone.
pub(crate) trait Session {
    /// Runs a statement; says how many rows it changed.
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, EngineError>;

    /// Runs a statement and takes all rows it gives.
    fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, EngineError>;

    /// Waits until no other process brings the schema up to date, and keeps others from it until
    /// the end of the transaction.
    fn exclude_others(&mut self) -> Result<(), EngineError>;

    /// Whether there is a table of this name.
    fn has_table(&mut self, name: &str) -> Result<bool, EngineError>;

    /// Runs statements without values.
    fn script(&mut self, sql: &str) -> Result<(), EngineError>;

    /// Has a column that counts up by itself go on after this number, if it isn't beyond it already.
    fn count_from(
        &mut self,
        table: &'static str,
        column: &'static str,
        last: i64,
    ) -> Result<(), EngineError>;

    /// Whether `FOR UPDATE SKIP LOCKED` is understood, and needed: several may write at once.
    fn passes_by_locks(&self) -> bool {
        false
    }

    /// Keeps what was done.
    fn commit(self: Box<Self>) -> Result<(), EngineError>;
}

/// Why the database did not do it. What the database itself said never holds a value of a row.
#[derive(Debug)]
pub(crate) enum EngineError {
    /// Somebody else holds the database for too long.
    Busy(Box<dyn Error + Send + Sync>),
    /// Somebody else changed the same thing at the same time: doing all of it again may succeed.
    Conflict(Box<dyn Error + Send + Sync>),
    /// The connection was lost while committing: it is not known whether the change was kept.
    Unconfirmed(Box<dyn Error + Send + Sync>),
    /// There is no room left.
    Full(Box<dyn Error + Send + Sync>),
    /// The database says that its own file is damaged.
    Damaged(Box<dyn Error + Send + Sync>),
    /// Anything else.
    Refused(Box<dyn Error + Send + Sync>),
}

impl Row {
    /// The cell in a column of the statement.
    pub(crate) fn cell(&self, column: &str) -> Option<&Cell> {
        let place = self.columns.iter().position(|name| **name == *column)?;
        self.cells.get(place)
    }
}

/// What can be read out of a cell.
pub(crate) trait FromCell: Sized {
    /// The value, when the cell holds one of this kind.
    fn from_cell(cell: &Cell) -> Option<Self>;
}

impl FromCell for i64 {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Integer(number) = cell { Some(*number) } else { None }
    }
}

impl FromCell for f64 {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Real(number) = cell { Some(*number) } else { None }
    }
}

impl FromCell for String {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Text(text) = cell { Some(text.clone()) } else { None }
    }
}

impl FromCell for Vec<u8> {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Bytes(bytes) = cell { Some(bytes.clone()) } else { None }
    }
}

impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: &Cell) -> Option<Self> {
        if let Cell::Null = cell { Some(None) } else { T::from_cell(cell).map(Some) }
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Value<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Value<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl<'a, T: Into<Value<'a>>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
