//! `SQLite`, inside the program: one file, with its write-ahead log beside it.

mod mark;
#[cfg(test)]
pub(crate) mod steps;
pub(crate) mod wal;

use super::{Access, Cell, Engine, EngineError, Row, Session, Value};
use crate::StoreError;
use mark::{Mark, Noted};
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How long to wait while another process writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

/// How long to wait for readers before the write-ahead log is cut off.
const CHECKPOINT_TIMEOUT: Duration = Duration::from_millis(50);

/// Marks the file as ours: `PCST` in ASCII (`SQLite` `application_id`).
const APPLICATION_ID: i32 = 0x5043_5354;

/// What early versions, which kept names in the clear, marked their file with: `PCUL`.
const EARLY_APPLICATION_ID: i32 = 0x5043_554C;

/// Statements kept ready. There are fewer of them in the program.
const STATEMENTS_KEPT: usize = 128;

/// Version `n` of the schema is entry `n - 1`.
const MIGRATIONS: [&str; 6] = [
    include_str!("sqlite/migrations/0001_first.sql"),
    include_str!("sqlite/migrations/0002_jobs.sql"),
    include_str!("sqlite/migrations/0003_labels.sql"),
    include_str!("sqlite/migrations/0004_people.sql"),
    include_str!("sqlite/migrations/0005_members.sql"),
    include_str!("sqlite/migrations/0006_exchange.sql"),
];

/// A store in one file. Several processes may use it at once; one writes at a time.
#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
    mark: Mark,
}

impl Sqlite {
    /// Opens the file; makes it when there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let refused = |source| open_error(path, source);
        wal::look_before_opening(path)
            .map_err(|damage| StoreError::Damaged { source: Box::new(damage) })?;
        let connection = Connection::open(path).map_err(refused)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(refused)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        check_owner(&connection, path)?;
        let mark = Mark::beside(path);
        check_end(&connection, path, &mark)?;
        // WAL: readers and one writer don't wait for each other. FULL: what was committed survives
        // a power cut. No `trusted_schema`: a schema somebody else wrote runs no functions.
        // `secure_delete`: what is erased is overwritten. The cache holds the random ids of a
        // million events, and the log is brought into the file each 64 MB: a page that many
        // transactions change is then written there once.
        write_ahead(&connection).map_err(refused)?;
        connection
            .execute_batch(
                "PRAGMA synchronous = FULL;
                 PRAGMA foreign_keys = ON;
                 PRAGMA trusted_schema = OFF;
                 PRAGMA secure_delete = ON;
                 PRAGMA cell_size_check = ON;
                 PRAGMA cache_size = -65536;
                 PRAGMA wal_autocheckpoint = 16384;",
            )
            .map_err(refused)?;
        Ok(Self { connection, mark })
    }
}

impl Engine for Sqlite {
    fn begin(&mut self, access: Access) -> Result<Box<dyn Session + '_>, EngineError> {
        // IMMEDIATE takes the write lock at once, so nothing read can be overtaken.
        let behaviour = match access {
            Access::Read => TransactionBehavior::Deferred,
            Access::Write | Access::Claim => TransactionBehavior::Immediate,
        };
        let transaction =
            self.connection.transaction_with_behavior(behaviour).map_err(engine_error)?;
        let changes_before = transaction.total_changes();
        Ok(Box::new(Open { transaction, changes_before, mark: &mut self.mark }))
    }

    fn name(&self) -> &'static str {
        "SQLite"
    }

    fn migration(&self, version: u32) -> Option<&'static str> {
        MIGRATIONS.get(usize::try_from(version).ok()?.checked_sub(1)?).copied()
    }

    fn faults(&mut self) -> Result<Vec<String>, EngineError> {
        let mut faults = Vec::new();
        for check in ["PRAGMA integrity_check(100)", "PRAGMA foreign_key_check"] {
            let mut statement = self.connection.prepare(check).map_err(engine_error)?;
            let mut rows = statement.query([]).map_err(engine_error)?;
            while let Some(row) = rows.next().map_err(engine_error)? {
                let said: String = row.get(0).map_err(engine_error)?;
                if said != "ok" {
                    faults.push(said);
                }
            }
        }
        Ok(faults)
    }

    fn acknowledged(&mut self, position: u64) {
        self.mark.put(Noted::Position, position);
    }

    fn forget_erased(&mut self) {
        // The write-ahead log holds pages as they were before. Whoever reads at this moment keeps
        // it; nobody waits for them: the next erasure or the last process to close the store tries
        // again.
        let empty = || -> rusqlite::Result<()> {
            self.connection.busy_timeout(CHECKPOINT_TIMEOUT)?;
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        };
        drop(empty());
        drop(self.connection.busy_timeout(BUSY_TIMEOUT));
    }

    fn last_acknowledged(&mut self) -> Option<u64> {
        self.mark.read(Noted::Position)
    }
}

/// A transaction that has begun.
struct Open<'c> {
    transaction: Transaction<'c>,
    /// Rows that this connection had changed when it began.
    changes_before: u64,
    mark: &'c mut Mark,
}

impl Session for Open<'_> {
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, EngineError> {
        let mut statement = self.transaction.prepare_cached(sql).map_err(engine_error)?;
        bind(&mut statement, values)?;
        let changed = statement.raw_execute().map_err(engine_error)?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, EngineError> {
        let mut statement = self.transaction.prepare_cached(sql).map_err(engine_error)?;
        let columns: Arc<[Box<str>]> = statement.column_names().map(Box::from).collect();
        bind(&mut statement, values)?;
        let mut found = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(engine_error)? {
            let cells = (0..columns.len())
                .map(|place| row.get_ref(place).map_err(engine_error).and_then(cell))
                .collect::<Result<_, _>>()?;
            found.push(Row { columns: Arc::clone(&columns), cells });
        }
        #[cfg(test)]
        {
            drop(rows);
            steps::add(statement.reset_status(rusqlite::StatementStatus::VmStep));
        }
        Ok(found)
    }

    fn exclude_others(&mut self) -> Result<(), EngineError> {
        // Only one transaction writes at a time anyway.
        Ok(())
    }

    fn has_table(&mut self, name: &str) -> Result<bool, EngineError> {
        self.transaction
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)",
                [name],
                |row| row.get(0),
            )
            .map_err(engine_error)
    }

    fn script(&mut self, sql: &str) -> Result<(), EngineError> {
        self.transaction.execute_batch(sql).map_err(engine_error)
    }

    fn count_from(
        &mut self,
        table: &'static str,
        _: &'static str,
        last: i64,
    ) -> Result<(), EngineError> {
        // A table has a row there once something was added to it.
        self.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT $1, 0
             WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = $1)",
            &[table.into()],
        )?;
        self.execute(
            "UPDATE sqlite_sequence SET seq = $2 WHERE name = $1 AND seq < $2",
            &[table.into(), last.into()],
        )
        .map(drop)
    }

    fn commit(self: Box<Self>) -> Result<(), EngineError> {
        if self.transaction.total_changes() == self.changes_before {
            return self.transaction.commit().map_err(engine_error);
        }
        let number = transactions(&self.transaction).map_err(engine_error)?.saturating_add(1);
        self.transaction
            .pragma_update(None, "user_version", number.cast_signed())
            .map_err(engine_error)?;
        self.transaction.commit().map_err(|source| match source.sqlite_error_code() {
            // What was written may be found whole after the next start.
            Some(ErrorCode::SystemIoFailure) => EngineError::Unconfirmed(source.into()),
            _ => engine_error(source),
        })?;
        self.mark.put(Noted::Transactions, number.into());
        Ok(())
    }
}

fn bind(statement: &mut rusqlite::Statement<'_>, values: &[Value<'_>]) -> Result<(), EngineError> {
    // `$1` is a name to SQLite, which numbers names as they appear.
    for (name, value) in NAMES.iter().zip(values) {
        let place = statement.parameter_index(name).map_err(engine_error)?.unwrap_or_default();
        statement.raw_bind_parameter(place, value).map_err(engine_error)?;
    }
    Ok(())
}

/// Names of values, as statements write them.
const NAMES: [&str; 24] = [
    "$1", "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
    "$16", "$17", "$18", "$19", "$20", "$21", "$22", "$23", "$24",
];

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn cell(value: ValueRef<'_>) -> Result<Cell, EngineError> {
    Ok(match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(bytes) => Cell::Text(
            String::from_utf8(bytes.to_vec())
                .map_err(|error| EngineError::Damaged(Box::new(error.utf8_error())))?,
        ),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
    })
}

/// Refuses a database of another program before anything is written to it.
fn check_owner(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let refused = |source| open_error(path, source);
    // In one statement, so at one moment: between two, another process may have made the store.
    let (owner, tables): (i32, i64) = connection
        .query_row(
            "SELECT application_id, (SELECT count(*) FROM sqlite_schema)
             FROM pragma_application_id",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .map_err(refused)?;
    if owner == APPLICATION_ID || (owner == 0 && tables == 0) {
        return Ok(());
    }
    let place = path.display().to_string();
    if owner == EARLY_APPLICATION_ID {
        return Err(StoreError::Early { place });
    }
    Err(StoreError::NotOurs { place })
}

/// How many transactions changed the store, up to four thousand million. `SQLite` keeps the number for
/// whatever its user likes.
fn transactions(connection: &Connection) -> rusqlite::Result<u32> {
    connection
        .prepare_cached("PRAGMA user_version")?
        .query_row([], |row| row.get(0).map(i32::cast_unsigned))
}

/// Refuses a store that has lost its end since a transaction was last kept, and leaves it alone.
fn check_end(connection: &Connection, path: &Path, mark: &Mark) -> Result<(), StoreError> {
    let refused = |source| open_error(path, source);
    // In this order: another process may keep one in between.
    let Some(expected) = mark.read(Noted::Transactions) else { return Ok(()) };
    let found = u64::from(transactions(connection).map_err(refused)?);
    if found >= expected {
        return Ok(());
    }
    // Whatever is left of the log stays there, for whoever looks into it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map_err(refused)?;
    Err(StoreError::RolledBack { expected, found })
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
    let place = path.display().to_string();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            StoreError::Busy { source: source.into() }
        }
        Some(ErrorCode::NotADatabase) => StoreError::NotOurs { place },
        _ => StoreError::Open { place, source: source.into() },
    }
}

fn engine_error(source: rusqlite::Error) -> EngineError {
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            EngineError::Busy(source.into())
        }
        Some(ErrorCode::DiskFull) => EngineError::Full(source.into()),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            EngineError::Damaged(source.into())
        }
        _ => EngineError::Refused(source.into()),
    }
}
