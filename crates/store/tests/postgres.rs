//! What a store on a server must do beyond what every store must do.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{TEST, decided, officer, organisation, randomness, reason, unlock};
use portcullis_decide::{Change, Decision, undo};
use portcullis_store::{Database, KeyringPlace, StoreError, TransactionName};
use portcullis_testkit::postgres::{Options, PostgresServer};
use portcullis_testkit::{MockClock, SeededRng};
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// A store in a database of its own.
struct Place<'s> {
    server: &'s PostgresServer,
    address: String,
    folder: tempfile::TempDir,
}

impl<'s> Place<'s> {
    fn on(server: &'s PostgresServer) -> Self {
        Self { server, address: server.database(), folder: tempfile::tempdir().unwrap() }
    }

    fn try_open(&self) -> Result<Database, StoreError> {
        let keyring = KeyringPlace::new(self.folder.path().join("keyring"), unlock());
        Database::open_postgres(&self.address, keyring, randomness())
    }

    fn open(&self) -> Database {
        self.try_open().unwrap()
    }

    fn sql(&self, statements: &str) -> String {
        self.server.sql(&self.address, statements)
    }

    /// Ends every connection of the program to this database, as an administrator can.
    fn cut(&self) {
        self.sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'portcullis'",
        );
    }
}

fn change(seed: u64) -> Change<Decision> {
    decided(&MockClock::default(), seed, "Orsolya Testwick", "thirteen years apart")
}

fn put(store: &mut Database, seed: u64) -> Result<(), StoreError> {
    let change = change(seed);
    store.write(TEST, |w| w.put_decision(&change))
}

fn count(store: &mut Database) -> usize {
    store.read::<_, StoreError>(|r| Ok(r.decisions(&organisation())?.len())).unwrap()
}

#[test]
fn a_store_of_a_later_schema_is_refused_and_left_alone() {
    let Some(server) = PostgresServer::shared() else { return };
    let place = Place::on(server);
    put(&mut place.open(), 1).unwrap();
    place.sql("INSERT INTO portcullis.schema_version (version, works_with) VALUES (99, 99)");
    let error = place.try_open().unwrap_err();
    assert!(matches!(error, StoreError::NewerSchema { found: 99, .. }), "{error:?}");
    assert_eq!(place.sql("SELECT count(*) FROM portcullis.decision"), "1");
}

#[test]
fn a_later_schema_that_allows_this_program_is_worked_with() {
    let Some(server) = PostgresServer::shared() else { return };
    let place = Place::on(server);
    let mut running = place.open();
    // A later program comes, adds what it needs, and leaves the rest.
    place.sql(
        "ALTER TABLE portcullis.decision ADD COLUMN later TEXT;
         CREATE TABLE portcullis.later (number BIGINT);
         INSERT INTO portcullis.schema_version (version, works_with) VALUES (99, 1);",
    );
    put(&mut running, 1).unwrap();
    put(&mut place.open(), 2).unwrap();
    assert_eq!(count(&mut running), 2);
}

#[test]
fn a_transaction_that_was_overtaken_is_done_again_on_what_is_there_now() {
    let Some(server) = PostgresServer::shared() else { return };
    let place = Place::on(server);
    let (mut one, mut other) = (place.open(), place.open());
    let mut seen = Vec::new();
    let change = change(1);
    let result: Result<(), StoreError> = one.write(TEST, |w| {
        seen.push(w.decisions(&organisation())?.len());
        if seen.len() == 1 {
            // Between this one's reading and its writing, the other reads the same and writes.
            let both = decided(&MockClock::default(), 2, "Quillon Examplesson", "another");
            other.write::<_, StoreError>(TEST, |w| {
                w.decisions(&organisation())?;
                w.put_decision(&both)
            })?;
        }
        w.put_decision(&change)
    });
    result.unwrap();
    assert_eq!(seen, [0, 1]);
    assert_eq!(count(&mut one), 2);
}

#[test]
fn of_two_officers_who_undo_one_decision_at_once_one_is_told() {
    let Some(server) = PostgresServer::shared() else { return };
    let place = Place::on(server);
    let decision = change(1);
    place.open().write::<_, StoreError>(TEST, |w| w.put_decision(&decision)).unwrap();
    let start = std::sync::Barrier::new(2);
    let results: Vec<Result<(), StoreError>> = thread::scope(|scope| {
        let officers: Vec<_> = [2, 3]
            .into_iter()
            .map(|seed| {
                let (place, start, state) = (&place, &start, decision.state().clone());
                scope.spawn(move || {
                    let (clock, mut rng) = (MockClock::default(), SeededRng::new(seed));
                    let why = reason("wrong row");
                    let change = undo(&clock, &mut rng, state, officer(), why, None).unwrap();
                    let mut store = place.open();
                    start.wait();
                    store.write(TEST, |w| w.put_decision(&change))
                })
            })
            .collect();
        officers.into_iter().map(|officer| officer.join().unwrap()).collect()
    });
    let overtaken = |result: &&Result<_, _>| matches!(result, Err(StoreError::Overtaken { .. }));
    assert_eq!(results.iter().filter(overtaken).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    assert_eq!(place.sql("SELECT count(*) FROM portcullis.event"), "2");
}

#[test]
fn a_connection_cut_within_a_transaction_undoes_it_and_says_so() {
    let Some(server) = PostgresServer::shared() else { return };
    let place = Place::on(server);
    let mut store = place.open();
    let (first, second) = (change(1), change(2));
    let result: Result<(), StoreError> = store.write(TransactionName("tests.cut"), |w| {
        w.put_decision(&first)?;
        place.cut();
        w.put_decision(&second)
    });
    let error = result.unwrap_err();
    assert!(error.to_string().contains("tests.cut"), "{error}");
    assert_eq!(count(&mut store), 0);
    put(&mut store, 3).unwrap();
    assert_eq!(count(&mut store), 1);
}

#[test]
fn a_connection_cut_before_the_commit_leaves_it_open_whether_it_was_kept() {
    let Some(server) = PostgresServer::shared() else { return };
    let place = Place::on(server);
    let mut store = place.open();
    let change = change(1);
    let result: Result<(), StoreError> = store.write(TEST, |w| {
        w.put_decision(&change)?;
        place.cut();
        Ok(())
    });
    assert!(matches!(result, Err(StoreError::Unconfirmed { .. })), "{result:?}");
    assert_eq!(count(&mut store), 0);
}

#[test]
fn a_store_outlives_its_server() {
    let Some(server) = PostgresServer::start(&Options::default()) else { return };
    let place = Place::on(&server);
    let mut store = place.open();
    put(&mut store, 1).unwrap();
    server.restart();
    put(&mut store, 2).unwrap();
    server.kill();
    assert!(put(&mut store, 3).is_err());
    server.restart();
    put(&mut store, 4).unwrap();
    assert_eq!(count(&mut store), 3);
}

// THREATS T-19
#[test]
fn a_server_killed_under_load_loses_nothing_that_was_acknowledged() {
    const KILLS: u64 = 5;
    let Some(server) = PostgresServer::start(&Options::default()) else { return };
    let place = Place::on(&server);
    place.open();
    let acknowledged = Mutex::new(Vec::new());
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for writer in 0..2 {
            let (place, acknowledged, is_over) = (&place, &acknowledged, &is_over);
            scope.spawn(move || {
                let mut store = place.open();
                for number in 0.. {
                    if is_over.load(Ordering::SeqCst) {
                        break;
                    }
                    let change = change(1 + writer * 1_000_000 + number);
                    let result: Result<(), StoreError> =
                        store.write(TEST, |w| w.put_decision(&change));
                    if result.is_ok() {
                        acknowledged.lock().unwrap().push(change.event().id);
                    }
                }
            });
        }
        let mut rng = SeededRng::new(1);
        for _ in 0..KILLS {
            pause(Duration::from_millis(100 + rng.next_u64() % 200));
            server.kill();
            server.restart();
        }
        pause(Duration::from_millis(100));
        is_over.store(true, Ordering::SeqCst);
    });
    let events = place.open().read::<_, StoreError>(|r| r.events(&organisation())).unwrap();
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() > 10, "{}", acknowledged.len());
    for id in acknowledged {
        assert!(events.iter().any(|event| event.id == id), "an acknowledged change is gone");
    }
}

#[expect(clippy::disallowed_methods, reason = "lets another process work")]
fn pause(time: Duration) {
    thread::sleep(time);
}

// THREATS T-13
#[test]
fn no_planted_name_is_in_anything_that_the_server_keeps_or_says() {
    let Some(server) = PostgresServer::start(&Options {
        // Everything that it can be made to say.
        settings: [("log_statement", "all"), ("log_min_messages", "debug1")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        over_network: None,
    }) else {
        return;
    };
    let place = Place::on(&server);
    let mut store = place.open();
    put(&mut store, 1).unwrap();
    // A statement that fails, for its parameters to be told.
    assert!(put(&mut store, 1).is_err());
    place.sql("CHECKPOINT");
    server.kill();
    assert!(is_anywhere(server.folder(), "party-of-tests"), "the search finds nothing at all");
    for planted in ["Orsolya", "Testwick", "thirteen years apart"] {
        assert!(!is_anywhere(server.folder(), planted), "{planted}");
    }
}

fn is_anywhere(folder: &Path, text: &str) -> bool {
    let found = Command::new("grep").args(["-rqaF", text]).arg(folder).status().unwrap();
    // 1 is its word for nothing found, anything above for a failure of its own.
    assert!(found.code().is_some_and(|code| code < 2), "{found}");
    found.success()
}

// THREATS T-01
#[test]
fn an_error_says_what_failed_and_nothing_of_the_row() {
    let Some(server) = PostgresServer::shared() else { return };
    let place = Place::on(server);
    let mut store = place.open();
    put(&mut store, 1).unwrap();
    let error = put(&mut store, 1).unwrap_err();
    let mut told = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(source) = cause {
        told = format!("{told} {source} {source:?}");
        cause = source.source();
    }
    assert!(told.contains("23505") && told.contains("_id_key"), "{told}");
    for planted in ["Orsolya", "Testwick", "thirteen", "examplesson", "party-of-tests"] {
        assert!(!told.contains(planted), "{told}");
    }
}
