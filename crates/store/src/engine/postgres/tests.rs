//! What only a server does: connections that break, others that write at the same time, errors that
//! would quote rows.

mod broken;
mod schema;
mod way;

use super::Postgres;
use crate::StoreError;
use crate::engine::{Access, Cell, Engine, EngineError, FromCell, Session, Value};
use portcullis_testkit::postgres::PostgresServer;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Barrier;
use std::thread;

const PLANTED: &str = "Orsolya Testwick";

/// A database with one small table of ours in it.
fn with_table(server: &PostgresServer) -> (String, Postgres) {
    let address = server.database();
    let mut store = Postgres::open(&address).unwrap();
    let mut session = store.begin(Access::Write).unwrap();
    session
        .script(
            "CREATE TABLE thing (
                 number BIGINT PRIMARY KEY, name TEXT, bytes BYTEA, score DOUBLE PRECISION,
                 CHECK (number < 1000)
             )",
        )
        .unwrap();
    session.commit().unwrap();
    (address, store)
}

fn put(session: &mut dyn Session, number: i64, name: &str) -> Result<u64, EngineError> {
    session.execute(
        "INSERT INTO thing (number, name) VALUES ($1, $2)",
        &[Value::Integer(number), Value::Text(name)],
    )
}

fn count(store: &mut Postgres) -> i64 {
    let mut session = store.begin(Access::Read).unwrap();
    let rows = session.query("SELECT count(*) AS things FROM thing", &[]).unwrap();
    rows[0].cell("things").and_then(i64::from_cell).unwrap()
}

/// Everything that anybody could show of an error.
fn whole(error: &(dyn Error + 'static)) -> String {
    let mut told = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        write!(told, " {error} {error:?}").unwrap();
        source = error.source();
    }
    told
}

fn told(error: &EngineError) -> String {
    let (EngineError::Busy(cause)
    | EngineError::Conflict(cause)
    | EngineError::Unconfirmed(cause)
    | EngineError::Full(cause)
    | EngineError::Damaged(cause)
    | EngineError::Refused(cause)) = error;
    format!("{error:?} {}", whole(cause.as_ref()))
}

#[test]
fn every_kind_of_cell_reads_back_as_it_was_written() {
    let Some(server) = PostgresServer::shared() else { return };
    let (_, mut store) = with_table(server);
    let mut session = store.begin(Access::Write).unwrap();
    let insert = "INSERT INTO thing (number, name, bytes, score) VALUES ($1, $2, $3, $4)";
    let values =
        [Value::Integer(i64::MIN), Value::Text("ű"), Value::Bytes(&[0, 255]), Value::Real(0.1)];
    assert_eq!(session.execute(insert, &values).unwrap(), 1);
    session.execute(insert, &[Value::Integer(2), Value::Null, Value::Null, Value::Null]).unwrap();
    session.commit().unwrap();
    let mut session = store.begin(Access::Read).unwrap();
    let rows =
        session.query("SELECT *, number > 0 AS is_more FROM thing ORDER BY number", &[]).unwrap();
    let names: Vec<&str> = rows[0].columns.iter().map(|name| &**name).collect();
    assert_eq!(names, ["number", "name", "bytes", "score", "is_more"]);
    assert!(
        rows[0].cells
            == [
                Cell::Integer(i64::MIN),
                Cell::Text("ű".to_owned()),
                Cell::Bytes(vec![0, 255]),
                Cell::Real(0.1),
                Cell::Integer(0),
            ]
    );
    assert!(
        rows[1].cells == [Cell::Integer(2), Cell::Null, Cell::Null, Cell::Null, Cell::Integer(1)]
    );
}

#[test]
fn a_transaction_that_is_dropped_has_changed_nothing() {
    let Some(server) = PostgresServer::shared() else { return };
    let (_, mut store) = with_table(server);
    let mut session = store.begin(Access::Write).unwrap();
    put(session.as_mut(), 1, "x").unwrap();
    drop(session);
    assert_eq!(count(&mut store), 0);
}

#[test]
fn a_read_cannot_write() {
    let Some(server) = PostgresServer::shared() else { return };
    let (_, mut store) = with_table(server);
    let mut session = store.begin(Access::Read).unwrap();
    let error = put(session.as_mut(), 1, "x").unwrap_err();
    assert!(told(&error).contains("25006"), "{}", told(&error));
}

// PostgreSQL takes the COMMIT of a transaction whose statement failed, and undoes it.
#[test]
fn a_transaction_with_a_failed_statement_does_not_pass_for_kept() {
    let Some(server) = PostgresServer::shared() else { return };
    let (_, mut store) = with_table(server);
    let mut session = store.begin(Access::Write).unwrap();
    put(session.as_mut(), 1, "x").unwrap();
    assert!(put(session.as_mut(), 1, "x").is_err());
    assert!(matches!(session.commit(), Err(EngineError::Refused(_))));
    assert_eq!(count(&mut store), 0);
}

#[test]
fn of_two_that_read_and_then_write_the_same_one_is_told_to_do_it_again() {
    let Some(server) = PostgresServer::shared() else { return };
    let (address, mut one) = with_table(server);
    let mut other = Postgres::open(&address).unwrap();
    // Each writes what follows from what it read of the other's row: write skew.
    let mut first = one.begin(Access::Write).unwrap();
    let mut second = other.begin(Access::Write).unwrap();
    for session in [&mut first, &mut second] {
        session.query("SELECT count(*) AS n FROM thing", &[]).unwrap();
    }
    put(first.as_mut(), 1, "x").unwrap();
    put(second.as_mut(), 2, "x").unwrap();
    first.commit().unwrap();
    assert!(matches!(second.commit(), Err(EngineError::Conflict(_))));
    assert_eq!(count(&mut one), 1);
}

#[test]
fn writers_that_do_it_again_on_conflict_lose_nothing() {
    const WRITERS: i64 = 4;
    const EACH: i64 = 10;
    let Some(server) = PostgresServer::shared() else { return };
    let (address, mut store) = with_table(server);
    let mut session = store.begin(Access::Write).unwrap();
    put(session.as_mut(), 0, "0").unwrap();
    session.commit().unwrap();
    let start = Barrier::new(4);
    let conflicts: usize = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                scope.spawn(|| {
                    let mut store = Postgres::open(&address).unwrap();
                    start.wait();
                    let mut conflicts = 0;
                    let mut done = 0;
                    while done < EACH {
                        match add_one(&mut store) {
                            Ok(()) => done += 1,
                            Err(EngineError::Conflict(_)) => conflicts += 1,
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                    conflicts
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    let mut session = store.begin(Access::Read).unwrap();
    let rows = session.query("SELECT name FROM thing", &[]).unwrap();
    assert_eq!(rows[0].cell("name").and_then(String::from_cell).unwrap(), "40");
    assert!(conflicts > 0, "nobody was in anybody's way");
}

/// Reads the number, and writes the next one.
fn add_one(store: &mut Postgres) -> Result<(), EngineError> {
    let mut session = store.begin(Access::Write)?;
    let rows = session.query("SELECT name FROM thing WHERE number = 0", &[])?;
    let number: i64 = rows[0].cell("name").and_then(String::from_cell).unwrap().parse().unwrap();
    let next = (number + 1).to_string();
    session.execute("UPDATE thing SET name = $1 WHERE number = 0", &[Value::Text(&next)])?;
    session.commit()
}

// THREATS T-01
#[test]
fn what_the_server_says_of_a_row_never_reaches_an_error() {
    let Some(server) = PostgresServer::shared() else { return };
    let (address, mut store) = with_table(server);
    server.sql(
        &address,
        "ALTER TABLE portcullis.thing ADD UNIQUE (name), ADD COLUMN day DATE;
         CREATE FUNCTION portcullis.shout() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'no %', NEW.name USING DETAIL = NEW.name; END $$;
         CREATE TRIGGER shouts BEFORE UPDATE ON portcullis.thing
         FOR EACH ROW EXECUTE FUNCTION portcullis.shout();",
    );
    let mut session = store.begin(Access::Write).unwrap();
    put(session.as_mut(), 1, PLANTED).unwrap();
    session.commit().unwrap();
    let text = [Value::Text(PLANTED)];
    let cases: [(&'static str, &str); 7] = [
        ("INSERT INTO thing (number, name) VALUES (2, $1)", "23505"),
        ("INSERT INTO thing (number, name) VALUES (1000, $1 || 'x')", "23514"),
        ("INSERT INTO thing (number, name) VALUES (NULL, $1 || 'x')", "23502"),
        ("SELECT CAST(CAST($1 AS TEXT) AS BIGINT) AS n", "22P02"),
        ("SELECT CAST(CAST($1 AS TEXT) AS DATE) AS n", "22007"),
        ("UPDATE thing SET name = $1", "P0001"),
        ("INSERT INTO thing (number, day) VALUES (3, $1)", "DATE"),
    ];
    for (sql, state) in cases {
        let mut session = store.begin(Access::Write).unwrap();
        let error = session.execute(sql, &text).unwrap_err();
        let told = told(&error);
        assert!(!told.contains("Orsolya") && !told.contains("Testwick"), "{told}");
        assert!(told.to_uppercase().contains(state), "{told}");
    }
    // Names of the schema are kept, for whoever looks for the fault.
    let mut session = store.begin(Access::Write).unwrap();
    let error = session.execute(cases[1].0, &text).unwrap_err();
    assert!(told(&error).contains("thing_number_check"));
}

#[test]
fn an_empty_database_is_taken_by_one_of_several_and_found_taken_by_the_others() {
    let Some(server) = PostgresServer::shared() else { return };
    let address = server.database();
    let start = Barrier::new(6);
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                start.wait();
                Postgres::open(&address).unwrap();
            });
        }
    });
}

#[test]
fn the_database_of_another_program_is_refused_and_left_alone() {
    let Some(server) = PostgresServer::shared() else { return };
    for theirs in [
        "CREATE TABLE members (name text)",
        "CREATE SCHEMA other; CREATE TABLE other.members (name text)",
        "CREATE SCHEMA portcullis; CREATE TABLE portcullis.schema_version (version bigint)",
    ] {
        let address = server.database();
        server.sql(&address, theirs);
        let tables = "SELECT string_agg(schemaname || tablename, ',') FROM pg_tables";
        let before = server.sql(&address, tables);
        let error = Postgres::open(&address).unwrap_err();
        assert!(matches!(error, StoreError::NotOurs { .. }), "{error:?}");
        assert_eq!(server.sql(&address, tables), before);
    }
}

#[test]
fn a_schema_that_an_administrator_made_ready_is_taken() {
    let Some(server) = PostgresServer::shared() else { return };
    let address = server.database();
    server.sql(&address, "CREATE EXTENSION pg_stat_statements; CREATE SCHEMA portcullis");
    Postgres::open(&address).unwrap();
}

#[test]
fn a_database_that_does_not_keep_text_as_utf8_is_refused() {
    let Some(server) = PostgresServer::shared() else { return };
    let address = server.database();
    server.sql(&address, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    let error = Postgres::open(&server.address("latin")).unwrap_err();
    assert!(whole(&error).contains("UTF8"), "{}", whole(&error));
}

#[test]
fn only_what_was_migrated_is_there_and_one_migrates_at_a_time() {
    let Some(server) = PostgresServer::shared() else { return };
    let address = server.database();
    let mut one = Postgres::open(&address).unwrap();
    let mut session = one.begin(Access::Write).unwrap();
    session.exclude_others().unwrap();
    assert!(session.has_table("schema_version").unwrap());
    assert!(!session.has_table("event").unwrap());
    thread::scope(|scope| {
        let other = scope.spawn(|| {
            let mut other = Postgres::open(&address).unwrap();
            let mut session = other.begin(Access::Write).unwrap();
            session.exclude_others().unwrap();
            // It sees what was there when the first let it go, not when it began.
            session.has_table("event").unwrap()
        });
        let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted";
        while server.sql(&address, waits) != "1" {}
        session.script("CREATE TABLE event (number BIGINT)").unwrap();
        session.commit().unwrap();
        assert!(other.join().unwrap());
    });
}

#[test]
fn statements_that_were_kept_ready_outlive_a_change_of_their_table() {
    let Some(server) = PostgresServer::shared() else { return };
    let (address, mut store) = with_table(server);
    let all = "SELECT * FROM thing";
    store.begin(Access::Read).unwrap().query(all, &[]).unwrap();
    server.sql(&address, "ALTER TABLE portcullis.thing ADD COLUMN more BIGINT");
    let again = store.begin(Access::Read).unwrap().query(all, &[]);
    assert!(matches!(again, Err(EngineError::Conflict(_))));
    store.begin(Access::Read).unwrap().query(all, &[]).unwrap();
}

#[test]
fn what_the_role_and_the_database_were_set_to_changes_nothing() {
    let Some(server) = PostgresServer::shared() else { return };
    let (address, mut store) = with_table(server);
    drop(store.begin(Access::Read));
    server.sql(
        &address,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off',
             current_database()); END $$;
         DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = other, public',
             current_database()); END $$;
         CREATE SCHEMA other; CREATE TABLE other.thing (number int); INSERT INTO other.thing VALUES (1);",
    );
    let mut store = Postgres::open(&address).unwrap();
    assert_eq!(count(&mut store), 0);
    let mut session = store.begin(Access::Write).unwrap();
    let rows =
        session.query("SELECT current_setting('synchronous_commit') AS setting", &[]).unwrap();
    assert_eq!(rows[0].cell("setting").and_then(String::from_cell).unwrap(), "on");
}

#[test]
fn a_sound_database_has_no_faults_and_a_spoiled_one_names_them() {
    let Some(server) = PostgresServer::shared() else { return };
    let (address, mut store) = with_table(server);
    let mut session = store.begin(Access::Write).unwrap();
    session.script(schema::ALL[0]).unwrap();
    put(session.as_mut(), 1, PLANTED).unwrap();
    session.commit().unwrap();
    assert_eq!(store.faults().unwrap(), Vec::<String>::new());
    server.sql(&address, "CREATE EXTENSION amcheck");
    assert_eq!(store.faults().unwrap(), Vec::<String>::new());
    // Past the rules, as only whoever administers the server can.
    server.sql(
        &address,
        "ALTER TABLE portcullis.event DISABLE TRIGGER event_is_not_deleted;
         SET session_replication_role = replica;
         INSERT INTO portcullis.event (id, organisation, record, commitment, written_by)
         VALUES (decode(repeat('00', 16), 'hex'), 'x', 7, decode(repeat('00', 32), 'hex'), 'x');",
    );
    assert_eq!(
        store.faults().unwrap(),
        [
            "trigger `event_is_not_deleted` of table `event` is switched off",
            "1 rows of table `event` break `event_record_fkey`",
        ]
    );
}
