//! Making values out of cells, and naming the cell when that fails.

use crate::database::Open;
use crate::engine::{FromCell, Row};
use crate::error::RowName;
use crate::{InconsistencyError, StoreError};
use jiff::Timestamp;
use portcullis_decide::Digest;
use portcullis_keys::{Keyring, OpenError, Opened, Place, RecordNumber};
use portcullis_types::{EventTime, Protected};

/// One row on its way to a value.
pub(crate) struct Cells<'r> {
    keyring: &'r Keyring,
    table: &'static str,
    /// Column that holds the id of the row.
    id: &'static str,
    row: &'r Row,
}

impl<'r> Cells<'r> {
    pub(crate) fn new(
        open: &'r Open<'_>,
        table: &'static str,
        id: &'static str,
        row: &'r Row,
    ) -> Self {
        Self { keyring: open.keyring(), table, id, row }
    }

    pub(crate) fn bad(&self, column: &'static str) -> StoreError {
        use crate::engine::Cell;
        let row = match self.row.cell(self.id) {
            Some(Cell::Integer(number)) => RowName::number(*number),
            Some(Cell::Bytes(bytes)) => RowName::id(bytes),
            Some(Cell::Text(text)) => RowName::id(text.as_bytes()),
            _ => RowName::id(b""),
        };
        InconsistencyError { table: self.table, column, row }.into()
    }

    /// The cell as the database holds it.
    pub(crate) fn raw<T: FromCell>(&self, column: &'static str) -> Result<T, StoreError> {
        self.row.cell(column).and_then(T::from_cell).ok_or_else(|| self.bad(column))
    }

    /// The cell, when `make` can make a value of it.
    pub(crate) fn make<T: FromCell, U>(
        &self,
        column: &'static str,
        make: impl FnOnce(T) -> Option<U>,
    ) -> Result<U, StoreError> {
        make(self.raw(column)?).ok_or_else(|| self.bad(column))
    }

    /// A text that reads as a value.
    pub(crate) fn parse<T: std::str::FromStr>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        self.make(column, |text: String| text.parse().ok())
    }

    pub(crate) fn bytes<const N: usize>(
        &self,
        column: &'static str,
    ) -> Result<[u8; N], StoreError> {
        self.make(column, |bytes: Vec<u8>| bytes.try_into().ok())
    }

    pub(crate) fn digest(&self, column: &'static str) -> Result<Digest, StoreError> {
        self.bytes(column).map(Digest::from_bytes)
    }

    /// A whole number that is never negative.
    pub(crate) fn count(&self, column: &'static str) -> Result<u64, StoreError> {
        self.make(column, |number: i64| u64::try_from(number).ok())
    }

    pub(crate) fn record_number(&self, column: &'static str) -> Result<RecordNumber, StoreError> {
        self.make(column, |number: i64| u64::try_from(number).ok().and_then(RecordNumber::new))
    }

    /// The number of a record, as the rules know it.
    pub(crate) fn held_number(
        &self,
        column: &'static str,
    ) -> Result<portcullis_decide::RecordNumber, StoreError> {
        let number = self.count(column)?;
        portcullis_decide::RecordNumber::new(number).map_err(|_| self.bad(column))
    }

    pub(crate) fn timestamp(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.make(column, |at_us: i64| Timestamp::from_microsecond(at_us).ok())
    }

    pub(crate) fn event_time(&self, column: &'static str) -> Result<EventTime, StoreError> {
        let at = self.timestamp(column)?;
        EventTime::new(at).map_err(|_| self.bad(column))
    }

    /// What a sealed cell holds, of a row whose id is in `id`; none where the record was erased.
    pub(crate) fn sealed(
        &self,
        record: RecordNumber,
        column: &'static str,
    ) -> Result<Option<Opened>, StoreError> {
        let Some(sealed) = self.raw::<Option<Vec<u8>>>(column)? else { return Ok(None) };
        let row: Vec<u8> = self.raw(self.id)?;
        let place = Place { table: self.table, row: &row, column };
        match self.keyring.open(record, &place, &sealed) {
            Ok(opened) => Ok(Some(opened)),
            // Erased, and not yet wiped: the copy was restored from an old backup.
            Err(OpenError::Shredded { .. }) => Ok(None),
            Err(_) => Err(self.bad(column)),
        }
    }

    /// The text of a sealed cell.
    pub(crate) fn sealed_text(
        &self,
        record: RecordNumber,
        column: &'static str,
    ) -> Result<Option<Protected>, StoreError> {
        let Some(opened) = self.sealed(record, column)? else { return Ok(None) };
        std::str::from_utf8(&opened)
            .map(|text| Some(Protected::new(text)))
            .map_err(|_| self.bad(column))
    }
}

/// A count as a database holds it. Beyond 2^63 nothing can be counted.
pub(crate) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
