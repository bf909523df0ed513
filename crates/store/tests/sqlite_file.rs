//! What a store in a file of `SQLite` refuses, beyond what every store must do.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use portcullis_decide::{Judgement, QueryMark, RecordMark, StatedReason, Verdict, record};
use portcullis_keys::Unlock;
use portcullis_store::{
    Database, InconsistencyError, KeyringError, KeyringPlace, StoreError, TransactionName,
};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{OfficerId, OrganisationId, Property, Purpose};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

fn organisation() -> OrganisationId {
    OrganisationId::new("party-of-tests").unwrap()
}

fn open(path: &Path) -> Result<Database, StoreError> {
    let unlock = Unlock::KeyFile(Zeroizing::new([7; 32]));
    let keyring = KeyringPlace::new(path.with_file_name("keyring"), unlock);
    Database::open_sqlite(path, keyring, Box::new(SeededRng::new(99)))
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    (folder, path)
}

fn judgement() -> Judgement {
    Judgement {
        organisation: organisation(),
        purpose: Purpose::ScreenStaff,
        query: QueryMark::of(&dossier("q.csv", "2", &[(Property::Name, "Orsolya Testwick")])),
        record: RecordMark::of(&dossier("a-list", "R1", &[(Property::Name, "O Testwicke")])),
        query_name: "Orsolya Testwick".into(),
        record_name: "O Testwicke".into(),
        verdict: Verdict::Same,
        officer: OfficerId::new("q.examplesson").unwrap(),
        reason: StatedReason::new("her own word").unwrap(),
    }
}

fn with_one_decision() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = place();
    let change = record(&MockClock::default(), &mut SeededRng::new(1), judgement(), None).unwrap();
    let mut store = open(&path).unwrap();
    store
        .write(TransactionName("tests"), |w| w.put_decision(&change))
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
    (folder, path)
}

#[test]
fn a_store_of_a_later_schema_is_refused_and_left_alone() {
    let (_folder, path) = with_one_decision();
    Connection::open(&path)
        .unwrap()
        .execute("INSERT INTO schema_version (version, works_with) VALUES (99, 99)", [])
        .unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, known: 6 }));
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
    assert!(matches!(open(&path), Err(StoreError::NotOurs { .. })));
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
    assert!(matches!(open(&path), Err(StoreError::NotOurs { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn opening_twice_changes_nothing() {
    let (_folder, path) = with_one_decision();
    let mut store = open(&path).unwrap();
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
    let mut store = open(path).unwrap();
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
        ("decision", "reason", "query_name"),
        ("decision", "query_mark", "x'00'"),
        ("decision", "record_mark", "zeroblob(200)"),
        ("decision", "at_us", "-1"),
        ("event", "sealed", "x'00'"),
        ("event", "commitment", "zeroblob(32)"),
    ] {
        let (_folder, path) = with_one_decision();
        tamper(&path, table, &format!("{column} = {value}"));
        let error = inconsistency(&path);
        assert_eq!((error.table, error.column), (table, column));
        // The row is named by the beginning of its id.
        let id: Vec<u8> = Connection::open(&path)
            .unwrap()
            .query_row(&format!("SELECT id FROM {table}"), [], |row| row.get(0))
            .unwrap();
        assert!(id.len() == 16 && error.row.to_string().starts_with(&format!("{:02x}", id[0])));
    }
}

// THREATS T-13
#[test]
fn a_verdict_changed_behind_the_reason_is_noticed() {
    // Each is a value that could be; none is the one that was sealed with the reason.
    for change in [
        "verdict = 'not-same'",
        "purpose = 'screen-donor'",
        "officer = 'o.testwick'",
        "at_us = at_us + 1",
    ] {
        let (_folder, path) = with_one_decision();
        tamper(&path, "decision", change);
        let error = inconsistency(&path);
        assert_eq!((error.table, error.column), ("decision", "reason"), "{change}");
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
        "UPDATE event SET commitment = zeroblob(32)",
        "UPDATE event SET record = 1, id = zeroblob(16)",
        "DELETE FROM record",
        "DELETE FROM decision",
        "UPDATE decision SET officer = 'another'",
        "UPDATE decision SET verdict = 'not-same'",
        // An undoing without an officer.
        "UPDATE decision SET undone_event = id, undone_at_us = 1",
    ] {
        assert!(connection.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn a_store_without_its_keyring_is_refused_and_no_new_one_is_made() {
    let (_folder, path) = with_one_decision();
    let keyring = path.with_file_name("keyring");
    fs::rename(&keyring, path.with_file_name("elsewhere")).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Keyring(KeyringError::Missing { .. })), "{error}");
    assert!(!keyring.exists());
    fs::rename(path.with_file_name("elsewhere"), &keyring).unwrap();
    assert!(open(&path).is_ok());
}

// THREATS T-14
#[test]
fn the_keyring_of_another_store_is_refused() {
    let (_folder, path) = with_one_decision();
    let (_other_folder, other) = with_one_decision();
    let stranger = KeyringPlace::new(
        other.with_file_name("strange"),
        Unlock::KeyFile(Zeroizing::new([7; 32])),
    );
    // Another seed gives another keyring.
    Database::open_sqlite(
        &other.with_file_name("strange.db"),
        stranger,
        Box::new(SeededRng::new(5)),
    )
    .unwrap();
    fs::copy(other.with_file_name("strange"), path.with_file_name("keyring")).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, StoreError::Keyring(KeyringError::OfAnother { .. })), "{error}");
}

#[test]
fn a_wrong_key_opens_nothing() {
    let (_folder, path) = with_one_decision();
    let unlock = Unlock::KeyFile(Zeroizing::new([8; 32]));
    let keyring = KeyringPlace::new(path.with_file_name("keyring"), unlock);
    let error = Database::open_sqlite(&path, keyring, Box::new(SeededRng::new(1))).unwrap_err();
    assert!(matches!(error, StoreError::Keyring(KeyringError::Locked { .. })), "{error}");
}

#[test]
fn a_store_of_before_names_were_sealed_is_told_apart() {
    let (_folder, path) = place();
    Connection::open(&path)
        .unwrap()
        .execute_batch("PRAGMA application_id = 0x5043554C; CREATE TABLE schema_version (version)")
        .unwrap();
    assert!(matches!(open(&path), Err(StoreError::Early { .. })));
}

// THREATS T-19
#[test]
fn an_old_copy_of_the_store_in_its_place_is_noticed() {
    let (_folder, path) = with_one_decision();
    let old = path.with_file_name("old.db");
    // The copy of a store that is closed is the file alone.
    Connection::open(&path).unwrap().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    fs::copy(&path, &old).unwrap();
    let change = record(&MockClock::default(), &mut SeededRng::new(2), judgement(), None).unwrap();
    let mut store = open(&path).unwrap();
    store.write::<_, StoreError>(TransactionName("tests"), |w| w.put_decision(&change)).unwrap();
    drop(store);
    fs::copy(&old, &path).unwrap();
    let error = open(&path).unwrap_err();
    let StoreError::RolledBack { expected, found } = error else { panic!("{error}") };
    assert_eq!(expected, found + 1);
}
