//! Whose database it is, before anything is written to it.

use super::place::Place;
use super::said::open_error;
use crate::StoreError;
use crate::migrations::VERSIONS;
use postgres::Client;

/// The first version whose behaviour the tests hold; the server says it like this.
const OLDEST_SERVER: i32 = 150_000;

/// Marks the schema as ours. A comment, for nobody makes one by accident.
const MARK: &str = "store of Portcullis";

/// Why a database cannot hold a store.
#[derive(Debug, thiserror::Error)]
enum UnfitError {
    #[error("the server is PostgreSQL {0}, and the program needs 15 or newer; update the server")]
    OldServer(i32),
    #[error(
        "the database keeps text as {0}; make one that keeps it as UTF8: CREATE DATABASE .. ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding(String),
}

/// Refuses a database of another program, and takes one that is empty.
pub(super) fn check(client: &mut Client, place: &Place) -> Result<(), StoreError> {
    let refused = |error| open_error(&place.to_string(), error);
    fit(client, place)?;
    if is_ours(client).map_err(refused)? {
        return Ok(());
    }
    let mut transaction = client.transaction().map_err(refused)?;
    // Of several that find it empty, one takes it and the others find it taken: at READ COMMITTED
    // each statement after this one sees what was committed before it.
    transaction
        .batch_execute("SELECT pg_advisory_xact_lock(1346589524)") // PCST in ASCII
        .map_err(refused)?;
    if is_ours(&mut transaction).map_err(refused)? {
        return Ok(());
    }
    let is_used: bool = transaction.query_one(IS_USED, &[]).map_err(refused)?.get(0);
    if is_used {
        return Err(StoreError::NotOurs { place: place.to_string() });
    }
    transaction
        .batch_execute(&format!(
            "CREATE SCHEMA IF NOT EXISTS portcullis;
             COMMENT ON SCHEMA portcullis IS '{MARK}';
             REVOKE ALL ON SCHEMA portcullis FROM PUBLIC;
             {VERSIONS};"
        ))
        .map_err(refused)?;
    transaction.commit().map_err(refused)
}

fn fit(client: &mut Client, place: &Place) -> Result<(), StoreError> {
    let unfit =
        |error: UnfitError| StoreError::Open { place: place.to_string(), source: error.into() };
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::int4, current_setting('server_encoding')",
            &[],
        )
        .map_err(|error| open_error(&place.to_string(), error))?;
    let (version, encoding): (i32, String) = (row.get(0), row.get(1));
    if version < OLDEST_SERVER {
        return Err(unfit(UnfitError::OldServer(version / 10_000)));
    }
    if encoding != "UTF8" {
        return Err(unfit(UnfitError::Encoding(encoding)));
    }
    Ok(())
}

fn is_ours(client: &mut impl postgres::GenericClient) -> Result<bool, postgres::Error> {
    let row = client.query_one(
        "SELECT EXISTS (
             SELECT 1 FROM pg_namespace
             WHERE nspname = 'portcullis' AND obj_description(oid, 'pg_namespace') = $1
         )",
        &[&MARK],
    )?;
    row.try_get(0)
}

/// Whether anybody keeps anything in the database. What belongs to an extension is nobody's.
const IS_USED: &str = "
    SELECT EXISTS (
        SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm', 'f', 'S')
          AND n.nspname NOT IN ('pg_catalog', 'information_schema')
          AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
          AND NOT EXISTS (
              SELECT 1 FROM pg_depend d
              WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
          )
    )";
