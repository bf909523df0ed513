//! A later step of the schema, applied while a program works that doesn't know it.

use super::*;
use crate::engine::postgres::Postgres;
use crate::engine::sqlite::Sqlite;
use crate::{Database, KeyringPlace, Sequencer, TransactionName};
use portcullis_decide::{
    Change, Decision, Judgement, OpenedLog, QueryMark, RaisedPair, RecordMark, StatedReason,
    Verdict, open_log, raise, record, undo,
};
use portcullis_keys::Unlock;
use portcullis_testkit::postgres::PostgresServer;
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{
    Actor, Clock, Dossier, OfficerId, OrganisationId, Property, Purpose, Score,
};
use std::path::Path;
use zeroize::Zeroizing;

/// From this version on a program keeps what a reader may not see from him; earlier ones are kept out.
const LABELLED: u32 = 3;

const TEST: TransactionName = TransactionName("tests");

fn organisation() -> OrganisationId {
    OrganisationId::new("party-of-tests").unwrap()
}

fn officer() -> OfficerId {
    OfficerId::new("q.examplesson").unwrap()
}

fn keyring(folder: &Path) -> KeyringPlace {
    KeyringPlace::new(folder.join("keyring"), Unlock::KeyFile(Zeroizing::new([7; 32])))
}

/// A program that knows the schema up to a version.
fn program(mut engine: Box<dyn Engine>, known: u32, folder: &Path, seed: u64) -> Database {
    bring_up_to(engine.as_mut(), known).unwrap();
    let rng = Box::new(SeededRng::new(seed << 32));
    Database::over_schema(engine, keyring(folder), rng).unwrap()
}

fn query() -> Dossier {
    dossier("q.csv", "2", &[(Property::Name, "Orsolya Testwick")])
}

fn listed() -> Dossier {
    dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke")])
}

fn decided(seed: u64) -> Change<Decision> {
    let judgement = Judgement {
        organisation: organisation(),
        purpose: Purpose::ScreenDonor,
        query: QueryMark::of(&query()),
        record: RecordMark::of(&listed()),
        query_name: "Orsolya Testwick".into(),
        record_name: "Orsolia Testwicke".into(),
        verdict: Verdict::NotSame,
        officer: officer(),
        reason: StatedReason::new("another mother").unwrap(),
    };
    record(&MockClock::default(), &mut SeededRng::new(seed), judgement, None).unwrap()
}

fn put(store: &mut Database, change: &Change<Decision>) {
    store.write(TEST, |w| w.put_decision(change)).unwrap();
}

/// What a program of the first version with labels does: decisions and their undoing, pairs shown, the log.
fn work(store: &mut Database, clock: &MockClock, seed: u64) {
    let change = decided(seed);
    put(store, &change);
    let mut rng = SeededRng::new(seed + 100);
    let why = StatedReason::new("wrong row").unwrap();
    let undone = undo(clock, &mut rng, change.into_state(), officer(), why, None).unwrap();
    put(store, &undone);
    let pair =
        RaisedPair::of(organisation(), Purpose::ScreenDonor, &query(), &listed(), Score(0.5));
    let reference = pair.reference();
    let shown =
        raise(clock, &mut rng, organisation(), Purpose::ScreenDonor, vec![pair.clone()]).unwrap();
    store.write(TEST, |w| w.put_raised(&shown)).unwrap();
    assert_eq!(store.read(|r| r.raised(&organisation(), reference)).unwrap(), [pair]);
    let mut sequencer = Sequencer::new(organisation(), &mut rng);
    clock.advance(jiff::SignedDuration::from_hours(1));
    let now_us = u64::try_from(clock.now().as_microsecond()).unwrap();
    assert_eq!(sequencer.attend(store, now_us).unwrap().waiting, 0);
}

fn decisions(store: &mut Database) -> usize {
    store.read(|r| r.decisions(&organisation())).unwrap().len()
}

fn a_later_step_leaves_an_earlier_program_working(
    connect: &dyn Fn() -> Box<dyn Engine>,
    folder: &Path,
) {
    let clock = MockClock::default();
    let mut earlier = program(connect(), LABELLED, folder, 1);
    let log = OpenedLog {
        organisation: organisation(),
        origin: "party.example/log".to_owned(),
        start_us: u64::try_from(clock.now().as_microsecond()).unwrap(),
        interval_s: 3_600,
        per_interval: 256,
        link: None,
    };
    let by = Actor::Officer(officer());
    let opened = open_log(&clock, &mut SeededRng::new(1), by, log).unwrap();
    earlier.write(TEST, |w| w.open_log(&opened)).unwrap();
    work(&mut earlier, &clock, 1_000);

    // The later program starts beside it, and both go on.
    let mut later = program(connect(), known(), folder, 2);
    // Leases of the log's sequencer are handed over by the clock.
    clock.advance(jiff::SignedDuration::from_mins(1));
    work(&mut later, &clock, 2_000);
    clock.advance(jiff::SignedDuration::from_mins(1));
    work(&mut earlier, &clock, 3_000);
    assert_eq!((decisions(&mut earlier), decisions(&mut later)), (3, 3));
    assert!(later.read(|r| r.jobs(&organisation())).unwrap().is_empty());

    // It starts anew, too: the steps that it doesn't know let it.
    drop(earlier);
    let mut earlier = program(connect(), LABELLED, folder, 3);
    clock.advance(jiff::SignedDuration::from_mins(1));
    work(&mut earlier, &clock, 4_000);
    assert_eq!(decisions(&mut later), 4);
}

#[test]
fn a_later_step_leaves_an_earlier_program_working_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let connect =
        || -> Box<dyn Engine> { Box::new(Sqlite::open(&folder.path().join("store.db")).unwrap()) };
    a_later_step_leaves_an_earlier_program_working(&connect, folder.path());
}

#[test]
fn a_later_step_leaves_an_earlier_program_working_on_postgres() {
    let Some(server) = PostgresServer::shared() else { return };
    let (folder, address) = (tempfile::tempdir().unwrap(), server.database());
    let connect = || -> Box<dyn Engine> { Box::new(Postgres::open(&address).unwrap()) };
    a_later_step_leaves_an_earlier_program_working(&connect, folder.path());
}

#[test]
fn a_step_that_says_so_keeps_earlier_programs_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut engine = Sqlite::open(&folder.path().join("store.db")).unwrap();
    bring_up_to_date(&mut engine).unwrap();
    let mut session = engine.begin(Access::Write).unwrap();
    let next = i64::from(known()) + 1;
    let values = [next.into(), next.into()];
    session
        .execute("INSERT INTO schema_version (version, works_with) VALUES ($1, $2)", &values)
        .unwrap();
    session.commit().unwrap();
    let refused = bring_up_to_date(&mut engine).unwrap_err();
    let (found, known) = (known() + 1, known());
    assert!(
        matches!(refused, StoreError::NewerSchema { found: f, known: k } if (f, k) == (found, known))
    );
}
