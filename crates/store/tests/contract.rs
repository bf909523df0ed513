//! What every store must do, whatever it is built on. `suite!` runs each case on each kind of
//! store.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Place, TEST, organisation};
use portcullis_decide::{
    Address, Change, Decision, Digest, Judgement, Keeping, KeptFile, KeptIssue, KeptList,
    QueryMark, RaisedPair, RecordMark, StatedReason, Verdict, raise, record, undo,
};
use portcullis_store::{Database, Reader, StoreError};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{
    Actor, Clock, Dossier, ListVersion, OfficerId, OrganisationId, Property, Purpose, Score,
    SourceId,
};
use std::sync::{Arc, Barrier};
use std::thread;

suite! {
    a_decision_reads_back_with_its_event,
    an_undone_decision_stays_beside_its_undoing,
    of_two_officers_who_undo_at_once_one_is_told,
    a_write_that_fails_leaves_neither_state_nor_event,
    an_event_cannot_be_written_twice,
    organisations_do_not_see_each_other,
    what_was_raised_is_found_by_its_reference,
    a_pair_raised_again_is_one_pair,
    a_list_reads_back_with_all_its_issues,
    an_updated_list_replaces_the_old_state,
    a_forgotten_list_leaves_its_events,
    a_list_that_is_not_there_cannot_be_forgotten,
    writers_on_several_connections_lose_nothing,
    a_reader_sees_one_moment,
}

fn query() -> Dossier {
    dossier("q.csv", "2", &[(Property::Name, "Orsolya Testwick"), (Property::BirthDate, "1971")])
}

fn listed() -> Dossier {
    dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke"), (Property::Country, "ru")])
}

fn judgement(organisation: OrganisationId) -> Judgement {
    Judgement {
        organisation,
        purpose: Purpose::ScreenDonor,
        query: QueryMark::of(&query()),
        record: RecordMark::of(&listed()),
        query_name: "Orsolya Testwick".into(),
        record_name: "Orsolia Testwicke".into(),
        verdict: Verdict::NotSame,
        officer: OfficerId::new("q.examplesson").unwrap(),
        reason: StatedReason::new("thirteen years apart").unwrap(),
    }
}

fn decided(seed: u64) -> Change<Decision> {
    record(&MockClock::default(), &mut SeededRng::new(seed), judgement(organisation()), None)
        .unwrap()
}

fn undone(seed: u64, decision: Decision) -> Change<Decision> {
    let officer = OfficerId::new("o.testwick").unwrap();
    let reason = StatedReason::new("wrong row").unwrap();
    undo(&MockClock::default(), &mut SeededRng::new(seed), decision, officer, reason, None).unwrap()
}

fn put(store: &mut Database, change: &Change<Decision>) -> Result<(), StoreError> {
    store.write(TEST, |w| w.put_decision(change))
}

fn decisions(store: &mut Database) -> Vec<Decision> {
    store.read(|r| r.decisions(&organisation())).unwrap()
}

fn kinds(store: &mut Database) -> Vec<String> {
    let events = store.read(|r| r.events(&organisation())).unwrap();
    events.iter().map(|event| event.kind.as_str().to_owned()).collect()
}

fn a_decision_reads_back_with_its_event(place: &impl Place) {
    let mut store = place.open();
    let change = decided(1);
    put(&mut store, &change).unwrap();
    assert_eq!(decisions(&mut store), [change.state().clone()]);
    let events = store.read(|r| r.events(&organisation())).unwrap();
    assert_eq!(events, [change.event().clone()]);
    assert!(events.iter().all(|event| matches!(event.actor, Actor::Officer(_))));
}

fn an_undone_decision_stays_beside_its_undoing(place: &impl Place) {
    let mut store = place.open();
    let change = decided(1);
    put(&mut store, &change).unwrap();
    let undone = undone(2, change.state().clone());
    put(&mut store, &undone).unwrap();
    assert_eq!(decisions(&mut store), [undone.state().clone()]);
    assert_eq!(kinds(&mut store), ["screening.decision.recorded", "screening.decision.undone"]);
}

fn of_two_officers_who_undo_at_once_one_is_told(place: &impl Place) {
    let (mut one, mut other) = (place.open(), place.open());
    let change = decided(1);
    put(&mut one, &change).unwrap();
    // Both looked at the decision before either undid it.
    let (first, second) = (undone(2, change.state().clone()), undone(3, change.state().clone()));
    put(&mut one, &first).unwrap();
    let error = put(&mut other, &second).unwrap_err();
    assert!(matches!(error, StoreError::Overtaken { what: "decision" }));
    assert_eq!(decisions(&mut one), [first.state().clone()]);
    assert_eq!(kinds(&mut one).len(), 2);
}

fn a_write_that_fails_leaves_neither_state_nor_event(place: &impl Place) {
    let mut store = place.open();
    let change = decided(1);
    let result: Result<(), StoreError> = store.write(TEST, |w| {
        w.put_decision(&change)?;
        Err(StoreError::Overtaken { what: "test" })
    });
    assert!(result.is_err());
    assert_eq!(decisions(&mut store), []);
    assert!(kinds(&mut store).is_empty());
}

fn an_event_cannot_be_written_twice(place: &impl Place) {
    let mut store = place.open();
    let change = decided(1);
    put(&mut store, &change).unwrap();
    assert!(put(&mut store, &change).is_err());
    assert_eq!(decisions(&mut store).len(), 1);
    assert_eq!(kinds(&mut store).len(), 1);
}

fn organisations_do_not_see_each_other(place: &impl Place) {
    let mut store = place.open();
    let other = OrganisationId::new("another-party").unwrap();
    let change =
        record(&MockClock::default(), &mut SeededRng::new(1), judgement(other.clone()), None)
            .unwrap();
    put(&mut store, &change).unwrap();
    assert_eq!(decisions(&mut store), []);
    assert!(kinds(&mut store).is_empty());
    assert_eq!(store.read(|r| r.decisions(&other)).unwrap().len(), 1);
}

fn pair(score: f64) -> RaisedPair {
    RaisedPair::of(organisation(), Purpose::ScreenDonor, &query(), &listed(), Score(score))
}

fn put_raised(store: &mut Database, seed: u64, pairs: Vec<RaisedPair>) {
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(seed));
    let change = raise(&clock, &mut rng, organisation(), Purpose::ScreenDonor, pairs).unwrap();
    store.write(TEST, |w| w.put_raised(&change)).unwrap();
}

fn what_was_raised_is_found_by_its_reference(place: &impl Place) {
    let mut store = place.open();
    put_raised(&mut store, 1, vec![pair(0.75)]);
    let find = |r: &dyn Reader| r.raised(&organisation(), pair(0.75).reference());
    assert_eq!(store.read(find).unwrap(), [pair(0.75)]);
    let stranger = "00000-00000".parse().unwrap();
    assert_eq!(store.read(|r| r.raised(&organisation(), stranger)).unwrap(), []);
}

fn a_pair_raised_again_is_one_pair(place: &impl Place) {
    let mut store = place.open();
    put_raised(&mut store, 1, vec![pair(0.75)]);
    put_raised(&mut store, 2, vec![pair(0.5)]);
    let find = |r: &dyn Reader| r.raised(&organisation(), pair(0.75).reference());
    assert_eq!(store.read(find).unwrap(), [pair(0.5)]);
    assert_eq!(kinds(&mut store), ["screening.alerts.raised", "screening.alerts.raised"]);
}

fn issue(number: u8) -> KeptIssue {
    KeptIssue {
        digest: Digest::from_bytes([number; 32]),
        version: ListVersion::new(&format!("2025-01-0{number}")).unwrap(),
        published: format!("2025-01-0{number}").parse().ok(),
        recorded_at: MockClock::default().now(),
        entries: 7,
        set_aside: 1,
        files: vec![
            KeptFile {
                name: "1-a.csv".to_owned(),
                address: Address::from_text("https://lists.example/a.csv"),
                sha256: Digest::from_bytes([9; 32]),
                size_bytes: 1_000,
                entity_tag: Some("\"abc\"".to_owned()),
                last_modified: None,
            },
            KeptFile {
                name: "2-b.csv".to_owned(),
                address: Address::from_text("/srv/b.csv"),
                sha256: Digest::from_bytes([8; 32]),
                size_bytes: 0,
                entity_tag: None,
                last_modified: Some("Wed, 01 Jan 2025 00:00:00 GMT".to_owned()),
            },
        ],
    }
}

fn list() -> KeptList {
    KeptList {
        organisation: organisation(),
        name: "invented".parse().unwrap(),
        source: SourceId::new("invented-source").unwrap(),
        format: "invented-csv".to_owned(),
        addresses: vec![
            Address::from_text("https://lists.example/a.csv"),
            Address::from_text("/srv/b.csv"),
        ],
        rhythm_days: Some(7),
        checked_at: MockClock::default().now(),
        current: issue(2),
        earlier: vec![issue(1)],
    }
}

fn keep(store: &mut Database, seed: u64, how: Keeping, list: KeptList) {
    let officer = OfficerId::new("o.testwick").unwrap();
    let change = how.done(&MockClock::default(), &mut SeededRng::new(seed), officer, list).unwrap();
    store.write(TEST, |w| w.put_list(&change)).unwrap();
}

fn lists(store: &mut Database) -> Vec<KeptList> {
    store.read(|r| r.lists(&organisation())).unwrap()
}

fn a_list_reads_back_with_all_its_issues(place: &impl Place) {
    let mut store = place.open();
    keep(&mut store, 1, Keeping::Added, list());
    assert_eq!(lists(&mut store), [list()]);
    assert_eq!(kinds(&mut store), ["lists.added"]);
}

fn an_updated_list_replaces_the_old_state(place: &impl Place) {
    let mut store = place.open();
    keep(&mut store, 1, Keeping::Added, list());
    let mut updated = list();
    updated.replace(issue(3));
    updated.rhythm_days = None;
    updated.addresses.pop();
    keep(&mut store, 2, Keeping::Updated, updated.clone());
    assert_eq!(lists(&mut store), [updated]);
    assert_eq!(kinds(&mut store), ["lists.added", "lists.updated"]);
}

fn a_forgotten_list_leaves_its_events(place: &impl Place) {
    let mut store = place.open();
    keep(&mut store, 1, Keeping::Added, list());
    let officer = OfficerId::new("o.testwick").unwrap();
    let change = list().forget(&MockClock::default(), &mut SeededRng::new(2), officer).unwrap();
    store.write(TEST, |w| w.forget_list(&change)).unwrap();
    assert_eq!(lists(&mut store), []);
    assert_eq!(kinds(&mut store), ["lists.added", "lists.removed"]);
    // It can be added again.
    keep(&mut store, 3, Keeping::Added, list());
    assert_eq!(lists(&mut store), [list()]);
}

fn a_list_that_is_not_there_cannot_be_forgotten(place: &impl Place) {
    let mut store = place.open();
    let officer = OfficerId::new("o.testwick").unwrap();
    let change = list().forget(&MockClock::default(), &mut SeededRng::new(2), officer).unwrap();
    let error = store.write(TEST, |w| w.forget_list(&change)).unwrap_err();
    assert!(matches!(error, StoreError::Overtaken { what: "list" }));
    assert!(kinds(&mut store).is_empty());
}

fn writers_on_several_connections_lose_nothing(place: &impl Place) {
    const WRITERS: u64 = 4;
    const EACH: u64 = 25;
    let start = Arc::new(Barrier::new(4));
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let start = Arc::clone(&start);
            scope.spawn(move || {
                // All open a store that doesn't exist yet at the same moment, too.
                start.wait();
                let mut store = place.open();
                for number in 0..EACH {
                    put(&mut store, &decided(1 + writer * EACH + number)).unwrap();
                }
            });
        }
    });
    let mut store = place.open();
    assert_eq!(decisions(&mut store).len(), 100);
    assert_eq!(kinds(&mut store).len(), 100);
}

fn a_reader_sees_one_moment(place: &impl Place) {
    let (mut reader, mut writer) = (place.open(), place.open());
    put(&mut writer, &decided(1)).unwrap();
    let counts: Result<_, StoreError> = reader.read(|r| {
        let before = r.decisions(&organisation())?.len();
        put(&mut writer, &decided(2))?;
        Ok((before, r.decisions(&organisation())?.len()))
    });
    assert_eq!(counts.unwrap(), (1, 1));
    assert_eq!(decisions(&mut reader).len(), 2);
}
