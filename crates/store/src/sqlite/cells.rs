//! Making values out of cells, and naming the cell when that fails.

use crate::{InconsistencyError, StoreError};
use jiff::Timestamp;
use portcullis_decide::{Digest, Fingerprint, QueryMark, RecordMark};
use portcullis_types::EventTime;
use rusqlite::Row;
use rusqlite::types::FromSql;
use std::collections::BTreeSet;

/// One row on its way to a value. Its first column is its number.
pub(super) struct Cells<'r> {
    table: &'static str,
    number: i64,
    row: &'r Row<'r>,
}

impl<'r> Cells<'r> {
    pub(super) fn new(table: &'static str, row: &'r Row<'r>) -> Result<Self, StoreError> {
        let number =
            row.get(0).map_err(|_| InconsistencyError { table, column: "rowid", row: 0 })?;
        Ok(Self { table, number, row })
    }

    pub(super) fn bad(&self, column: &'static str) -> StoreError {
        InconsistencyError { table: self.table, column, row: self.number }.into()
    }

    /// The cell as `SQLite` holds it.
    pub(super) fn raw<T: FromSql>(&self, column: &'static str) -> Result<T, StoreError> {
        self.row.get(column).map_err(|_| self.bad(column))
    }

    /// The cell, when `make` can make a value of it.
    pub(super) fn make<T: FromSql, U>(
        &self,
        column: &'static str,
        make: impl FnOnce(T) -> Option<U>,
    ) -> Result<U, StoreError> {
        make(self.raw(column)?).ok_or_else(|| self.bad(column))
    }

    /// A text that reads as a value.
    pub(super) fn parse<T: std::str::FromStr>(
        &self,
        column: &'static str,
    ) -> Result<T, StoreError> {
        self.make(column, |text: String| text.parse().ok())
    }

    pub(super) fn bytes<const N: usize>(
        &self,
        column: &'static str,
    ) -> Result<[u8; N], StoreError> {
        self.make(column, |bytes: Vec<u8>| bytes.try_into().ok())
    }

    pub(super) fn digest(&self, column: &'static str) -> Result<Digest, StoreError> {
        self.bytes(column).map(Digest::from_bytes)
    }

    /// A whole number that is never negative.
    pub(super) fn count(&self, column: &'static str) -> Result<u64, StoreError> {
        self.make(column, |number: i64| u64::try_from(number).ok())
    }

    pub(super) fn timestamp(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        self.make(column, |at_us: i64| Timestamp::from_microsecond(at_us).ok())
    }

    pub(super) fn event_time(&self, column: &'static str) -> Result<EventTime, StoreError> {
        let at = self.timestamp(column)?;
        EventTime::new(at).map_err(|_| self.bad(column))
    }

    /// The columns of a query, in any table that has them.
    pub(super) fn query_mark(&self) -> Result<QueryMark, StoreError> {
        let fingerprint = Fingerprint {
            name: self.digest("query_name_digest")?,
            birth_date: self.digest("query_birth_digest")?,
            identifier: self.digest("query_number_digest")?,
            country: self.digest("query_country_digest")?,
        };
        Ok(QueryMark {
            fingerprint,
            handles: self.digests("query_handles")?,
            postcodes: self.digests("query_postcodes")?,
            addresses: self.digests("query_addresses")?,
        })
    }

    fn digests(&self, column: &'static str) -> Result<BTreeSet<Digest>, StoreError> {
        self.make(column, |bytes: Vec<u8>| {
            let (whole, rest) = bytes.as_chunks::<32>();
            rest.is_empty().then(|| whole.iter().copied().map(Digest::from_bytes).collect())
        })
    }

    /// The columns of a record, in any table that has them.
    pub(super) fn record_mark(&self) -> Result<RecordMark, StoreError> {
        Ok(RecordMark {
            source: self.parse("source")?,
            list_version: self.parse("list_version")?,
            record: self.parse("record")?,
            fingerprint: Fingerprint {
                name: self.digest("record_name_digest")?,
                birth_date: self.digest("record_birth_digest")?,
                identifier: self.digest("record_number_digest")?,
                country: self.digest("record_country_digest")?,
            },
        })
    }
}

/// Digests, as a column keeps several.
pub(super) fn joined(digests: &BTreeSet<Digest>) -> Vec<u8> {
    digests.iter().flat_map(|digest| *digest.as_bytes()).collect()
}

/// A count as `SQLite` holds it. Beyond 2^63 nothing can be counted.
pub(super) fn integer(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
