//! Connections that break, and servers that have no time for us.

use super::{count, put, with_table};
use crate::StoreError;
use crate::engine::postgres::Postgres;
use crate::engine::{Access, Engine as _, EngineError};
use portcullis_testkit::postgres::{Options, PostgresServer};

#[test]
fn a_connection_cut_within_a_transaction_undoes_it_and_the_next_one_works() {
    let Some(server) = PostgresServer::shared() else { return };
    let (address, mut store) = with_table(server);
    let mut session = store.begin(Access::Write).unwrap();
    put(session.as_mut(), 1, "x").unwrap();
    server.sql(
        &address,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'portcullis'",
    );
    let error = put(session.as_mut(), 2, "x").unwrap_err();
    assert!(matches!(error, EngineError::Refused(_)), "{error:?}");
    drop(session);
    assert_eq!(count(&mut store), 0);
}

#[test]
fn a_connection_cut_at_the_commit_leaves_it_open_whether_it_was_kept() {
    let Some(server) = PostgresServer::shared() else { return };
    let (address, mut store) = with_table(server);
    let mut session = store.begin(Access::Write).unwrap();
    put(session.as_mut(), 1, "x").unwrap();
    server.sql(
        &address,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'portcullis'",
    );
    assert!(matches!(session.commit(), Err(EngineError::Unconfirmed(_))));
    assert_eq!(count(&mut store), 0);
}

#[test]
fn a_server_that_was_started_again_or_killed_is_met_anew() {
    let Some(server) = PostgresServer::start(&Options::default()) else { return };
    let (_, mut store) = with_table(&server);
    for number in [1, 2] {
        let mut session = store.begin(Access::Write).unwrap();
        put(session.as_mut(), number, "x").unwrap();
        session.commit().unwrap();
        assert_eq!(count(&mut store), number);
        if number == 1 {
            server.restart();
        } else {
            server.kill();
            server.restart();
        }
    }
    assert_eq!(count(&mut store), 2);
    server.kill();
    assert!(store.begin(Access::Read).is_err());
    server.restart();
    assert_eq!(count(&mut store), 2);
}

#[test]
fn a_lock_that_others_hold_for_too_long_is_told_as_busy() {
    let Some(server) = PostgresServer::shared() else { return };
    let (address, mut one) = with_table(server);
    let mut other = Postgres::open(&address).unwrap();
    let mut first = one.begin(Access::Write).unwrap();
    first.script("LOCK TABLE thing IN ACCESS EXCLUSIVE MODE").unwrap();
    let mut second = other.begin(Access::Write).unwrap();
    second.script("SET LOCAL lock_timeout = '50ms'").unwrap();
    assert!(matches!(put(second.as_mut(), 1, "x"), Err(EngineError::Busy(_))));
}

#[test]
fn a_server_without_room_for_another_connection_is_told_as_busy() {
    let few = Options {
        settings: vec![
            ("max_connections".to_owned(), "2".to_owned()),
            ("superuser_reserved_connections".to_owned(), "0".to_owned()),
            ("max_wal_senders".to_owned(), "0".to_owned()),
        ],
        over_network: None,
    };
    let Some(server) = PostgresServer::start(&few) else { return };
    let address = server.database();
    let _held = [Postgres::open(&address).unwrap(), Postgres::open(&address).unwrap()];
    assert!(matches!(Postgres::open(&address), Err(StoreError::Busy { .. })));
}
