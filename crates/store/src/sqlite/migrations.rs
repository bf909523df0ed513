//! The schema, version by version. A version once released never changes.

use super::open_error;
use crate::StoreError;
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// Marks the file as ours: `PCUL` in ASCII (`SQLite` `application_id`).
const APPLICATION_ID: i32 = 0x5043_554C;

/// Version `n` is entry `n - 1`.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001_first.sql")];

/// Refuses a database of another program before anything is written to it.
pub(super) fn check_owner(connection: &Connection, path: &Path) -> Result<(), StoreError> {
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
    Err(StoreError::NotOurs { path: path.into() })
}

/// Applies what is missing, in one transaction: two processes that start together don't collide,
/// and a failure leaves the old version whole.
pub(super) fn bring_up_to_date(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    let refused = |source| open_error(path, source);
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if version(connection).map_err(refused)? == known {
        return Ok(());
    }
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(refused)?;
    let found = version(&transaction).map_err(refused)?;
    if found > known {
        return Err(StoreError::NewerSchema { found, known });
    }
    transaction
        .execute_batch(
            "CREATE TABLE IF NOT EXISTS schema_version (
                 version INTEGER PRIMARY KEY -- each version that was applied, from 1
             ) STRICT;",
        )
        .map_err(refused)?;
    for (sql, version) in MIGRATIONS.iter().zip(1_u32..).filter(|(_, version)| *version > found) {
        transaction.execute_batch(sql).map_err(refused)?;
        transaction
            .execute("INSERT INTO schema_version (version) VALUES (?1)", [version])
            .map_err(refused)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(refused)?;
    transaction.commit().map_err(refused)
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    let exists: bool = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'schema_version')",
        [],
        |row| row.get(0),
    )?;
    if !exists {
        return Ok(0);
    }
    connection
        .query_row("SELECT coalesce(max(version), 0) FROM schema_version", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_its_organisation_and_writer() {
        // "Every row has its controlling organisation": each table but the one of versions.
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(MIGRATIONS[0]).unwrap();
        let mut statement =
            connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
        let tables: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        assert!(tables.len() >= 7);
        for table in tables {
            for column in ["organisation", "written_by"] {
                let found: i64 = connection
                    .query_row(
                        "SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2",
                        [&table, column],
                        |row| row.get(0),
                    )
                    .unwrap();
                assert_eq!(found, 1, "{table}.{column}");
            }
        }
    }
}
