//! What a store in a file of `SQLite` refuses, beyond what every store must do.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use portcullis_decide::{Judgement, QueryMark, RecordMark, StatedReason, Verdict, record};
use portcullis_store::{InconsistencyError, SqliteStore, Store, StoreError, TransactionName};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{OfficerId, OrganisationId, Property, Purpose};
use rusqlite::Connection;
use std::path::{Path, PathBuf};

fn organisation() -> OrganisationId {
    OrganisationId::new("party-of-tests").unwrap()
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    (folder, path)
}

fn with_one_decision() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = place();
    let judgement = Judgement {
        organisation: organisation(),
        purpose: Purpose::ScreenStaff,
        query: QueryMark::of(&dossier("q.csv", "2", &[(Property::Name, "Orsolya Testwick")])),
        record: RecordMark::of(&dossier("a-list", "R1", &[(Property::Name, "O Testwicke")])),
        query_name: "Orsolya Testwick".into(),
        record_name: "O Testwicke".into(),
        verdict: Verdict::Same,
        officer: OfficerId::new("q.examplesson").unwrap(),
        reason: StatedReason::new("her own word").unwrap(),
    };
    let change = record(&MockClock::default(), &mut SeededRng::new(1), judgement, None).unwrap();
    let mut store = SqliteStore::open(&path).unwrap();
    store
        .write(TransactionName("tests"), |w| w.put_decision(&change))
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
    (folder, path)
}

#[test]
fn a_store_of_a_later_schema_is_refused_and_left_alone() {
    let (_folder, path) = with_one_decision();
    Connection::open(&path).unwrap().execute("INSERT INTO schema_version VALUES (99)", []).unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, known: 1 }));
    assert!(error.to_string().contains("update the program"));
    let left: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM decision", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 1);
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let (_folder, path) = place();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (x)").unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::NotOurs { .. })));
    let tables: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let (_folder, path) = place();
    let text = "a spreadsheet, perhaps; ".repeat(100);
    std::fs::write(&path, &text).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::NotOurs { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn opening_twice_changes_nothing() {
    let (_folder, path) = with_one_decision();
    let mut store = SqliteStore::open(&path).unwrap();
    let decisions: Vec<_> = store.read::<_, StoreError>(|r| r.decisions(&organisation())).unwrap();
    assert_eq!(decisions.len(), 1);
}

/// Overwrites a cell behind the back of the store, past its checks and triggers.
fn tamper(path: &Path, table: &str, sql: &str) {
    let connection = Connection::open(path).unwrap();
    let mut triggers: Vec<String> = Vec::new();
    let mut statement =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    for name in statement.query_map([], |row| row.get(0)).unwrap() {
        triggers.push(name.unwrap());
    }
    for trigger in triggers {
        connection.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    connection.execute_batch("PRAGMA ignore_check_constraints = ON").unwrap();
    assert_eq!(connection.execute(&format!("UPDATE {table} SET {sql}"), []).unwrap(), 1);
}

fn inconsistency(path: &Path) -> InconsistencyError {
    let mut store = SqliteStore::open(path).unwrap();
    let result: Result<_, StoreError> = store.read(|r| {
        r.decisions(&organisation())?;
        r.events(&organisation())
    });
    match result {
        Err(StoreError::Inconsistent(error)) => error,
        other => panic!("expected an inconsistency, not {other:?}"),
    }
}

#[test]
fn a_cell_that_cannot_be_a_value_is_named_by_table_column_and_row() {
    for (table, column, value) in [
        ("decision", "verdict", "'perhaps'"),
        ("decision", "purpose", "'curiosity'"),
        ("decision", "officer", "'  '"),
        ("decision", "reason", "''"),
        ("decision", "query_handles", "x'00'"),
        ("decision", "query_postcodes", "x'00'"),
        ("decision", "record_birth_digest", "x'00'"),
        ("decision", "at_us", "-1"),
        ("event", "bytes", "x'00'"),
        ("event", "kind", "'lists.added'"),
        ("event", "at_us", "at_us + 1"),
    ] {
        let (_folder, path) = with_one_decision();
        tamper(&path, table, &format!("{column} = {value}"));
        assert_eq!(inconsistency(&path), InconsistencyError { table, column, row: 1 });
    }
}

#[test]
fn an_inconsistency_shows_no_protected_text() {
    let (_folder, path) = with_one_decision();
    tamper(&path, "decision", "verdict = 'Orsolya'");
    let error = inconsistency(&path);
    assert!(!format!("{error} {error:?}").contains("Orsolya"));
}

// THREATS T-03
#[test]
fn nothing_recorded_can_be_changed_or_deleted_through_sql() {
    let (_folder, path) = with_one_decision();
    let connection = Connection::open(&path).unwrap();
    for sql in [
        "DELETE FROM event",
        "UPDATE event SET kind = 'lists.added'",
        "DELETE FROM decision",
        "UPDATE decision SET reason = 'another'",
        "UPDATE decision SET verdict = 'not-same'",
        // An undoing without an officer and a reason.
        "UPDATE decision SET undone_event = id, undone_at_us = 1",
        "UPDATE decision SET undone_event = id, undone_at_us = 1, undone_by = 'x', undone_reason = ''",
    ] {
        assert!(connection.execute(sql, []).is_err(), "{sql}");
    }
}
