//! A store in one `SQLite` file.

mod alerts;
mod cells;
mod decisions;
mod events;
mod lists;
mod migrations;

use crate::error::Doing;
use crate::{Reader, Store, StoreError, TransactionName, Writer};
use portcullis_decide::{Change, Decision, ForgottenList, KeptList, Raised, RaisedPair, Reference};
use portcullis_types::{Event, OrganisationId};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to wait while another process writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

/// A store in one `SQLite` file, with its write-ahead log beside it. Several processes may use it at
/// once; one writes at a time.
#[derive(Debug)]
pub struct SqliteStore {
    connection: Connection,
}

impl SqliteStore {
    /// Opens the store in this file; makes it when there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::NewerSchema`] when a later version of the program wrote it,
    /// [`StoreError::NotOurs`] when another program did; else why it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let refused = |source| open_error(path, source);
        let mut connection = Connection::open(path).map_err(refused)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(refused)?;
        migrations::check_owner(&connection, path)?;
        // WAL: readers and one writer don't wait for each other. FULL: what was committed survives
        // a power cut. No `trusted_schema`: a schema somebody else wrote runs no functions.
        write_ahead(&connection).map_err(refused)?;
        connection
            .execute_batch(
                "PRAGMA synchronous = FULL;
                 PRAGMA foreign_keys = ON;
                 PRAGMA trusted_schema = OFF;",
            )
            .map_err(refused)?;
        migrations::bring_up_to_date(&mut connection, path)?;
        Ok(Self { connection })
    }
}

impl Store for SqliteStore {
    fn read<T, E: From<StoreError>>(
        &mut self,
        look: impl FnOnce(&dyn Reader) -> Result<T, E>,
    ) -> Result<T, E> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Deferred)
            .map_err(|source| database_error(Doing::Reading, source))?;
        look(&Open { transaction, doing: Doing::Reading })
    }

    fn write<T, E: From<StoreError>>(
        &mut self,
        name: TransactionName,
        mut work: impl FnMut(&mut dyn Writer) -> Result<T, E>,
    ) -> Result<T, E> {
        // IMMEDIATE takes the write lock at once, so nothing read can be overtaken and the work is
        // never called a second time.
        let doing = Doing::Writing(name.0);
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|source| database_error(doing, source))?;
        let mut open = Open { transaction, doing };
        let value = work(&mut open)?;
        open.transaction.commit().map_err(|source| database_error(doing, source))?;
        Ok(value)
    }
}

/// A transaction that has begun.
struct Open<'c> {
    transaction: Transaction<'c>,
    doing: Doing,
}

impl Open<'_> {
    fn written_by(&self) -> &'static str {
        match self.doing {
            Doing::Writing(name) => name,
            Doing::Reading => "",
        }
    }

    fn execute(&self, sql: &str, values: impl rusqlite::Params) -> Result<usize, StoreError> {
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(values))
            .map_err(|source| database_error(self.doing, source))
    }

    /// Reads all rows of a query. The first column is the row number, for errors.
    fn rows<T>(
        &self,
        table: &'static str,
        sql: &str,
        values: impl rusqlite::Params,
        mut make: impl FnMut(&cells::Cells<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let refused = |source| database_error(self.doing, source);
        let mut statement = self.transaction.prepare_cached(sql).map_err(refused)?;
        let mut rows = statement.query(values).map_err(refused)?;
        let mut values = Vec::new();
        while let Some(row) = rows.next().map_err(refused)? {
            values.push(make(&cells::Cells::new(table, row)?)?);
        }
        Ok(values)
    }
}

impl Reader for Open<'_> {
    fn decisions(&self, organisation: &OrganisationId) -> Result<Vec<Decision>, StoreError> {
        decisions::all(self, organisation)
    }

    fn raised(
        &self,
        organisation: &OrganisationId,
        reference: Reference,
    ) -> Result<Vec<RaisedPair>, StoreError> {
        alerts::under(self, organisation, reference)
    }

    fn lists(&self, organisation: &OrganisationId) -> Result<Vec<KeptList>, StoreError> {
        lists::all(self, organisation)
    }

    fn events(&self, organisation: &OrganisationId) -> Result<Vec<Event>, StoreError> {
        events::all(self, organisation)
    }
}

impl Writer for Open<'_> {
    fn put_decision(&mut self, change: &Change<Decision>) -> Result<(), StoreError> {
        events::append(self, change.event())?;
        decisions::put(self, change)
    }

    fn put_raised(&mut self, change: &Change<Raised>) -> Result<(), StoreError> {
        events::append(self, change.event())?;
        alerts::put(self, change)
    }

    fn put_list(&mut self, change: &Change<KeptList>) -> Result<(), StoreError> {
        events::append(self, change.event())?;
        lists::put(self, change)
    }

    fn forget_list(&mut self, change: &Change<ForgottenList>) -> Result<(), StoreError> {
        events::append(self, change.event())?;
        lists::forget(self, change.state())
    }
}

/// Turns the write-ahead log on. Where another process does so at this moment, `SQLite` gives up at
/// once instead of waiting.
#[expect(
    clippy::disallowed_methods,
    reason = "waits for another process, as SQLite does elsewhere"
)]
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    const PAUSE: Duration = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL;") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && waited < BUSY_TIMEOUT =>
            {
                std::thread::sleep(PAUSE);
                waited += PAUSE;
            }
            result => return result,
        }
    }
}

fn open_error(path: &Path, source: rusqlite::Error) -> StoreError {
    let path = PathBuf::from(path);
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { source },
        Some(ErrorCode::NotADatabase) => StoreError::NotOurs { path },
        _ => StoreError::Open { path, source },
    }
}

fn database_error(doing: Doing, source: rusqlite::Error) -> StoreError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { source },
        _ => StoreError::Database { doing, source },
    }
}
