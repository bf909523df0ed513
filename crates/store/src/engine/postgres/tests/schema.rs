//! The schema is `SQLite`'s, in `PostgreSQL`'s words, and holds what it holds.

use super::{told, with_table};
use crate::engine::sqlite::Sqlite;
use crate::engine::{Access, Engine as _, FromCell as _};
use portcullis_testkit::postgres::PostgresServer;
use rusqlite::Connection;
use std::collections::BTreeSet;

pub(super) const ALL: &[&str] = &super::super::MIGRATIONS;

/// What belongs to the store itself, and so to no organisation.
const OF_NO_ORGANISATION: [&str; 2] = ["lease", "setting"];

/// Whatever one engine or the other lists.
fn in_sqlite(sql: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(&folder.path().join("store.db")).unwrap();
    let connection = Connection::open_in_memory().unwrap();
    for step in (1..).map_while(|version| sqlite.migration(version)) {
        connection.execute_batch(step).unwrap();
    }
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn in_postgres(server: &PostgresServer, sql: &'static str) -> BTreeSet<String> {
    let (_, mut store) = with_table(server);
    let mut session = store.begin(Access::Write).unwrap();
    session.script("DROP TABLE thing, schema_version").unwrap();
    for step in ALL {
        session.script(step).unwrap();
    }
    let rows = session.query(sql, &[]).unwrap();
    rows.iter().map(|row| String::from_cell(&row.cells[0]).unwrap()).collect()
}

#[test]
fn both_engines_have_the_same_columns_of_the_same_kinds() {
    let Some(server) = PostgresServer::shared() else { return };
    let sqlite = in_sqlite(
        r#"SELECT t.name || '.' || c.name || ' ' || CASE c.type
               WHEN 'INTEGER' THEN 'bigint' WHEN 'TEXT' THEN 'text' WHEN 'BLOB' THEN 'bytea'
               WHEN 'REAL' THEN 'double precision' ELSE c.type END
               || iif(c."notnull" OR c.pk, '', ' or nothing')
           FROM sqlite_schema t JOIN pragma_table_info(t.name) c
           WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'"#,
    );
    let postgres = in_postgres(
        server,
        "SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
             || CASE WHEN a.attnotnull THEN '' ELSE ' or nothing' END
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'portcullis'::regnamespace AND c.relkind = 'r' AND a.attnum > 0",
    );
    assert!(sqlite.len() > 100, "{}", sqlite.len());
    assert_eq!(sqlite, postgres);
}

#[test]
fn both_engines_have_the_same_indexes_and_triggers() {
    let Some(server) = PostgresServer::shared() else { return };
    let sqlite = in_sqlite(
        "SELECT tbl_name || '.' || name FROM sqlite_schema
         WHERE type IN ('index', 'trigger') AND name NOT LIKE 'sqlite%'",
    );
    let postgres = in_postgres(
        server,
        r"SELECT tablename || '.' || indexname FROM pg_indexes
          WHERE schemaname = 'portcullis'
            AND indexname NOT LIKE '%\_pkey' AND indexname NOT LIKE '%\_key'
          UNION ALL
          SELECT c.relname || '.' || t.tgname
          FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
          WHERE NOT t.tgisinternal AND t.tgname NOT LIKE '%\_is\_not\_truncated'",
    );
    assert_eq!(sqlite, postgres);
}

#[test]
fn both_engines_check_as_much_of_each_table() {
    let Some(server) = PostgresServer::shared() else { return };
    // The checks and references that the text of each table states.
    let sqlite = in_sqlite(
        "SELECT name || ' ' || (length(sql) - length(replace(sql, 'CHECK (', 'CHECK ')))
             || ' ' || (length(sql) - length(replace(sql, 'REFERENCES ', 'REFERENCES')))
         FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    );
    let postgres = in_postgres(
        server,
        "SELECT c.relname || ' ' || count(*) FILTER (WHERE k.contype = 'c')
             || ' ' || count(*) FILTER (WHERE k.contype = 'f')
         FROM pg_class c LEFT JOIN pg_constraint k ON k.conrelid = c.oid
         WHERE c.relnamespace = 'portcullis'::regnamespace AND c.relkind = 'r'
         GROUP BY c.relname",
    );
    assert_eq!(sqlite, postgres);
}

#[test]
fn every_row_has_its_organisation_and_its_writer() {
    let Some(server) = PostgresServer::shared() else { return };
    let columns = in_postgres(
        server,
        "SELECT c.relname || '.' || a.attname
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'portcullis'::regnamespace AND c.relkind = 'r'
           AND a.attnum > 0 AND a.attnotnull",
    );
    for name in &columns {
        let table = name.split('.').next().unwrap();
        assert!(columns.contains(&format!("{table}.written_by")), "{table}");
        let has_organisation = columns.contains(&format!("{table}.organisation"));
        assert_ne!(has_organisation, OF_NO_ORGANISATION.contains(&table), "{table}");
    }
}

#[test]
fn text_is_ordered_byte_by_byte_whatever_the_locale() {
    let Some(server) = PostgresServer::shared() else { return };
    let others = in_postgres(
        server,
        "SELECT c.relname || '.' || a.attname
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         JOIN pg_collation l ON l.oid = a.attcollation
         WHERE c.relnamespace = 'portcullis'::regnamespace AND c.relkind = 'r'
           AND l.collname <> 'C'",
    );
    assert_eq!(others, BTreeSet::new());
}

// THREATS T-03
#[test]
fn nothing_recorded_can_be_deleted_changed_or_truncated() {
    let Some(server) = PostgresServer::shared() else { return };
    let (_, mut store) = with_table(server);
    let mut session = store.begin(Access::Write).unwrap();
    session.script(ALL[0]).unwrap();
    session
        .script(
            "INSERT INTO record (organisation, kind, purpose, review_on, disposal, written_by)
             VALUES ('x', 'x', 'x', '2030-01-01', 'erase', 'x');
             INSERT INTO event (id, organisation, record, commitment, sealed, written_by)
             VALUES (decode(repeat('00', 16), 'hex'), 'x', 1, decode(repeat('00', 32), 'hex'),
                     'x', 'x');",
        )
        .unwrap();
    session.commit().unwrap();
    for (sql, rule) in [
        ("DELETE FROM event", "event_is_not_deleted"),
        ("TRUNCATE event CASCADE", "event_is_not_truncated"),
        ("UPDATE event SET organisation = 'y'", "event_is_not_changed"),
        ("DELETE FROM record", "record_is_not_deleted"),
        ("TRUNCATE log_entry", "log_entry_is_not_truncated"),
    ] {
        let mut session = store.begin(Access::Write).unwrap();
        let error = session.execute(sql, &[]).unwrap_err();
        assert!(told(&error).contains(rule), "{}", told(&error));
    }
}
