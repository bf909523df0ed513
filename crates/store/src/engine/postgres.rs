//! `PostgreSQL`, on a server: several processes may use one store, on several machines where
//! they have one keyring file on a shared file system.
//!
//! Everything is in the schema `portcullis` of one database, whose owner the role must be. The server
//! and whoever administers it are trusted not to lose what was committed, and with nothing else:
//! protected cells are sealed before they come here.

mod faults;
mod owner;
mod place;
mod said;
#[cfg(test)]
mod tests;
mod tls;
mod value;

use super::{Access, Cell, Engine, EngineError, Row, Session, Value};
use crate::StoreError;
use place::Place;
use postgres::{Client, Statement};
use said::{During, engine_error, open_error};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use value::{Bound, cells};

/// Version `n` of the schema is entry `n - 1`.
const MIGRATIONS: [&str; 6] = [
    include_str!("postgres/migrations/0001_first.sql"),
    include_str!("postgres/migrations/0002_jobs.sql"),
    include_str!("postgres/migrations/0003_labels.sql"),
    include_str!("postgres/migrations/0004_people.sql"),
    include_str!("postgres/migrations/0005_members.sql"),
    include_str!("postgres/migrations/0006_exchange.sql"),
];

/// How a session works, whatever the server, the database and the role were set to. Names are looked
/// up in our own schema and nowhere else that others can write to; a commit waits until it is kept;
/// who waits for a lock gives up when `SQLite` does; a process that stands still lets others go on.
const SETTINGS: &str = "
    SET synchronous_commit = on;
    SET search_path = portcullis, pg_temp;
    SET lock_timeout = '15s';
    SET idle_in_transaction_session_timeout = '5min';
    SET standard_conforming_strings = on;
    SET extra_float_digits = 1;
    SET row_security = off;";

/// A store in a database of a server.
pub(crate) struct Postgres {
    place: Place,
    connection: Connection,
}

struct Connection {
    client: Client,
    /// What the server has parsed already, on this connection.
    statements: HashMap<&'static str, Prepared>,
    /// A transaction may still be open that could not be undone.
    is_spoiled: bool,
}

#[derive(Clone)]
struct Prepared {
    statement: Statement,
    columns: Arc<[Box<str>]>,
}

impl Postgres {
    /// Opens the store at an address like `postgres://user@host/database`; takes the database when
    /// it is empty.
    pub(crate) fn open(url: &str) -> Result<Self, StoreError> {
        let place = Place::parse(url)?;
        let mut connection =
            Connection::open(&place).map_err(|error| open_error(&place.to_string(), error))?;
        owner::check(&mut connection.client, &place)?;
        Ok(Self { place, connection })
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Connection {
    fn open(place: &Place) -> Result<Self, postgres::Error> {
        let mut client = place.connect()?;
        client.batch_execute(SETTINGS)?;
        Ok(Self { client, statements: HashMap::new(), is_spoiled: false })
    }

    fn begin(&mut self, access: Access) -> Result<(), postgres::Error> {
        self.client.batch_execute(match access {
            Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            Access::Write => "BEGIN ISOLATION LEVEL SERIALIZABLE, READ WRITE",
            Access::Claim => "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE",
        })
    }

    fn prepared(&mut self, sql: &'static str) -> Result<Prepared, postgres::Error> {
        if let Some(prepared) = self.statements.get(sql) {
            return Ok(prepared.clone());
        }
        let statement = self.client.prepare(sql)?;
        let columns = statement.columns().iter().map(|column| column.name().into()).collect();
        let prepared = Prepared { statement, columns };
        self.statements.insert(sql, prepared.clone());
        Ok(prepared)
    }

    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, postgres::Error> {
        let statement = self.prepared(sql)?.statement;
        let bound: Vec<Bound<'_>> = values.iter().map(Bound).collect();
        self.client.execute(&statement, &value::references(&bound))
    }

    fn query(
        &mut self,
        sql: &'static str,
        values: &[Value<'_>],
    ) -> Result<Vec<Row>, postgres::Error> {
        let Prepared { statement, columns } = self.prepared(sql)?;
        let bound: Vec<Bound<'_>> = values.iter().map(Bound).collect();
        let found = self.client.query(&statement, &value::references(&bound))?;
        found
            .iter()
            .map(|row| Ok(Row { columns: Arc::clone(&columns), cells: cells(row)? }))
            .collect()
    }
}

impl Engine for Postgres {
    fn begin(&mut self, access: Access) -> Result<Box<dyn Session + '_>, EngineError> {
        // Nothing was done yet, so a connection that broke since the last time is made anew.
        if self.connection.is_spoiled || self.connection.begin(access).is_err() {
            let told = |error| engine_error(error, During::Statement);
            self.connection = Connection::open(&self.place).map_err(told)?;
            self.connection.begin(access).map_err(told)?;
        }
        Ok(Box::new(Open {
            connection: &mut self.connection,
            access,
            has_failed: false,
            is_over: false,
        }))
    }

    fn name(&self) -> &'static str {
        "PostgreSQL"
    }

    fn migration(&self, version: u32) -> Option<&'static str> {
        MIGRATIONS.get(usize::try_from(version).ok()?.checked_sub(1)?).copied()
    }

    fn faults(&mut self) -> Result<Vec<String>, EngineError> {
        faults::find(&mut self.connection.client)
            .map_err(|error| engine_error(error, During::Statement))
    }

    fn acknowledged(&mut self, _: u64) {
        // Whether the server lost its end is the server's to notice: its own log is checked when it
        // starts, and nothing beside the program would know better.
    }

    fn last_acknowledged(&mut self) -> Option<u64> {
        None
    }
}

/// A transaction that has begun.
struct Open<'c> {
    connection: &'c mut Connection,
    access: Access,
    has_failed: bool,
    is_over: bool,
}

impl Open<'_> {
    fn told<T>(&mut self, result: Result<T, postgres::Error>) -> Result<T, EngineError> {
        result.map_err(|error| {
            self.has_failed = true;
            // Somebody changed a table while statements on it were kept ready.
            if said::is_stale_statement(&error) {
                self.connection.statements.clear();
            }
            engine_error(error, During::Statement)
        })
    }
}

impl Session for Open<'_> {
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<u64, EngineError> {
        let result = self.connection.execute(sql, values);
        self.told(result)
    }

    fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Result<Vec<Row>, EngineError> {
        let result = self.connection.query(sql, values);
        self.told(result)
    }

    fn exclude_others(&mut self) -> Result<(), EngineError> {
        // As the first statement: what the transaction sees is what there is once the lock is held.
        self.script("LOCK TABLE schema_version IN EXCLUSIVE MODE")
    }

    fn has_table(&mut self, name: &str) -> Result<bool, EngineError> {
        const LOOK: &str = "
            SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c
                           WHERE c.relnamespace = 'portcullis'::regnamespace
                             AND c.relkind = 'r' AND c.relname = $1) AS found";
        let found = self.query(LOOK, &[Value::Text(name)])?;
        Ok(found.iter().any(|row| row.cells.first() == Some(&Cell::Integer(1))))
    }

    fn script(&mut self, sql: &str) -> Result<(), EngineError> {
        let result = self.connection.client.batch_execute(sql);
        self.told(result)
    }

    fn count_from(
        &mut self,
        table: &'static str,
        column: &'static str,
        last: i64,
    ) -> Result<(), EngineError> {
        // Until it is first drawn on, `nextval` gives the start itself; `setval` says it was. The
        // sequence is asked for its last value by drawing, which a count can spare.
        self.query(
            "SELECT setval(s.name, GREATEST(nextval(s.name), $3))
             FROM (SELECT pg_get_serial_sequence($1, $2)::regclass AS name) s",
            &[table.into(), column.into(), last.into()],
        )
        .map(drop)
    }

    fn passes_by_locks(&self) -> bool {
        true
    }

    fn commit(mut self: Box<Self>) -> Result<(), EngineError> {
        // After a statement failed, PostgreSQL answers COMMIT with a rollback and calls it a success.
        if self.has_failed {
            return Err(EngineError::Refused(Box::new(said::Cause::FailedBefore)));
        }
        let result = self.connection.client.batch_execute("COMMIT");
        self.is_over = true;
        self.connection.is_spoiled = result.is_err();
        match (result, self.access) {
            // What was read is true of its moment, whatever became of the connection after it.
            (Ok(()), _) | (Err(_), Access::Read) => Ok(()),
            (Err(error), Access::Write | Access::Claim) => Err(engine_error(error, During::Commit)),
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.is_over && self.connection.client.batch_execute("ROLLBACK").is_err() {
            self.connection.is_spoiled = true;
        }
    }
}
