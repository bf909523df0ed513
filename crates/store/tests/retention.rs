//! Keeping and erasing, on each kind of store; and on `SQLite`, whose files we have, that what was
//! erased is found nowhere.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::{
    Place, SqlitePlace, TEST, decided, officer, open_sqlite, organisation, reason, unlock,
};
use jiff::SignedDuration;
use jiff::civil::Date;
use portcullis_audit::{Policy, verify_export};
use portcullis_decide::{
    Address, BackOff, Disposal, EraseError, Erasure, ErasureDuty, Failure, HeldRecord, Keeping,
    KeptIssue, KeptList, Next, OfficerBasis, OpenedLog, RaisedPair, RecordKind, RecordNumber,
    Schedule, erase, erase_due, keep_until, open_log, raise, retry,
};
use portcullis_keys::{Keyring, Place as Cell};
use portcullis_store::{
    Database, LeaseTerms, LeasedJob, NewJob, RecordCount, Sequencer, StoreError, WorkerId,
};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{Actor, Clock, JobName, ListVersion, Property, Purpose, Score, SourceId};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

suite! {
    what_was_erased_is_not_found_any_more,
    a_record_is_erased_once,
    a_record_that_is_kept_meanwhile_is_not_erased,
    a_record_that_needs_a_person_meanwhile_is_not_erased_by_a_job,
    a_job_erases_nothing_that_a_person_must_review,
    the_list_in_use_is_not_erased,
    of_two_officers_who_keep_a_record_at_once_one_is_told,
    what_an_officer_keeps_is_not_brought_forward,
    a_pair_shown_after_its_erasure_is_in_a_new_record,
    a_job_whose_record_is_erased_is_never_done,
    counts_follow_the_calendar,
    pages_of_due_records_miss_none,
    the_proof_of_an_erasure_has_its_own_record,
}

fn job_name() -> JobName {
    JobName::new("retention.run").unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn pair(name: &str) -> RaisedPair {
    let query = dossier("q.csv", "2", &[(Property::Name, name)]);
    let listed = dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke")]);
    RaisedPair::of(organisation(), Purpose::ScreenDonor, &query, &listed, Score(0.5))
}

fn show(store: &mut Database, clock: &MockClock, seed: u64, name: &str) {
    let (mut rng, pairs) = (SeededRng::new(seed), vec![pair(name)]);
    let change = raise(clock, &mut rng, organisation(), Purpose::ScreenDonor, pairs).unwrap();
    store.write(TEST, |w| w.put_raised(&change)).unwrap();
}

/// All records, as if everything were due.
fn records(store: &mut Database) -> Vec<HeldRecord> {
    let (records, more) =
        store.read(|r| r.due_records(&organisation(), day("9999-12-31"), None)).unwrap();
    assert_eq!(more, None);
    records
}

fn record_of(store: &mut Database, kind: RecordKind) -> HeldRecord {
    let mut records = records(store);
    records.retain(|record| record.retention.kind == kind);
    assert_eq!(records.len(), 1, "{kind:?}");
    records.remove(0)
}

fn duty() -> OfficerBasis {
    let case = "sar-2026-014".parse().unwrap();
    OfficerBasis::Duty { duty: ErasureDuty::Objection, case }
}

fn erase_all(
    store: &mut Database,
    clock: &dyn Clock,
    records: &[HeldRecord],
) -> Result<Vec<Erasure>, StoreError> {
    let mut rng = SeededRng::new(clock.now().as_microsecond().unsigned_abs());
    let changes = erase(clock, &mut rng, &officer(), duty(), records, None).unwrap();
    store.write(TEST, |w| {
        changes.iter().try_for_each(|change| w.erase(change))?;
        Ok(changes.iter().map(|change| change.state().clone()).collect())
    })
}

fn kinds_of_events(store: &mut Database) -> Vec<String> {
    let events = store.read(|r| r.events(&organisation())).unwrap();
    events.iter().map(|event| event.kind.as_str().to_owned()).collect()
}

fn what_was_erased_is_not_found_any_more(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let gone = decided(&clock, 1, "Orsolya Testwick", "another mother");
    let stays = decided(&clock, 2, "Barnaby Nobodyson", "another father");
    store
        .write(TEST, |w| {
            w.put_decision(&gone)?;
            w.put_decision(&stays)
        })
        .unwrap();
    show(&mut store, &clock, 3, "Orsolya Testwick");
    let all = records(&mut store);
    // The first decision and the pair that was shown.
    let which: Vec<HeldRecord> = all
        .iter()
        .filter(|record| record.retention.kind == RecordKind::RaisedPair)
        .chain(all.iter().find(|record| record.retention.kind == RecordKind::Decision))
        .cloned()
        .collect();
    assert_eq!(which.len(), 2);
    erase_all(&mut store, &clock, &which).unwrap();
    for store in [&mut store, &mut place.open()] {
        let decisions = store.read(|r| r.decisions(&organisation())).unwrap();
        assert_eq!(decisions, [stays.state().clone()]);
        let reference = pair("Orsolya Testwick").reference();
        assert_eq!(store.read(|r| r.raised(&organisation(), reference)).unwrap(), []);
        assert_eq!(
            kinds_of_events(store),
            ["screening.decision.recorded", "screening.alerts.raised", "retention.erased"]
        );
        for record in &which {
            assert_eq!(store.read(|r| r.record(&organisation(), record.number)).unwrap(), None);
        }
    }
}

fn a_record_is_erased_once(place: &impl Place) {
    let (mut one, mut other, clock) = (place.open(), place.open(), MockClock::default());
    let change = decided(&clock, 1, "Orsolya Testwick", "another mother");
    one.write(TEST, |w| w.put_decision(&change)).unwrap();
    let record = record_of(&mut other, RecordKind::Decision);
    erase_all(&mut one, &clock, std::slice::from_ref(&record)).unwrap();
    clock.advance(SignedDuration::from_secs(1));
    // Another officer looked at it before.
    let again = erase_all(&mut other, &clock, std::slice::from_ref(&record));
    assert!(matches!(again, Err(StoreError::Overtaken { what: "record" })));
    assert_eq!(kinds_of_events(&mut one), ["retention.erased"]);
    let kept = keep_until(
        &clock,
        &mut SeededRng::new(9),
        officer(),
        reason("a claim"),
        HeldRecord { retention: record.retention, ..record.clone() },
        day("2031-04-01"),
        None,
    );
    if let Ok(kept) = kept {
        assert!(other.write(TEST, |w| w.keep(&kept)).is_err());
    }
    // Nothing is added to it either.
    let undone = portcullis_decide::undo(
        &clock,
        &mut SeededRng::new(10),
        change.state().clone(),
        officer(),
        reason("wrong row"),
        None,
    )
    .unwrap();
    assert!(other.write(TEST, |w| w.put_decision(&undone)).is_err());
    assert_eq!(kinds_of_events(&mut one), ["retention.erased"]);
}

/// Ninety days after it was shown.
fn later(clock: &MockClock) {
    clock.advance(SignedDuration::from_hours(90 * 24));
}

fn a_record_that_is_kept_meanwhile_is_not_erased(place: &impl Place) {
    let (mut job, mut person, clock) = (place.open(), place.open(), MockClock::default());
    show(&mut job, &clock, 1, "Orsolya Testwick");
    let record = record_of(&mut job, RecordKind::RaisedPair);
    later(&clock);
    let mut rng = SeededRng::new(2);
    let due = erase_due(&clock, &mut rng, &job_name(), std::slice::from_ref(&record)).unwrap();
    let kept = keep_until(
        &clock,
        &mut rng,
        officer(),
        reason("an inquiry needs it"),
        record.clone(),
        day("2026-01-01"),
        None,
    )
    .unwrap();
    person.write(TEST, |w| w.keep(&kept)).unwrap();
    let refused = job.write(TEST, |w| w.erase(&due[0]));
    assert!(matches!(refused, Err(StoreError::Overtaken { what: "record" })));
    let held = job.read(|r| r.record(&organisation(), record.number)).unwrap().unwrap();
    assert_eq!(held, kept.state().record);
    assert_eq!((held.extensions, held.retention.review_on), (1, day("2026-01-01")));
}

fn a_record_that_needs_a_person_meanwhile_is_not_erased_by_a_job(place: &impl Place) {
    let reviewed = Schedule::DEFAULT_TEXT.replace(
        "[raised-pair]\nkeep = \"90 days\"\nthen = \"erase\"",
        "[raised-pair]\nkeep = \"1 day\"\nthen = \"review\"",
    );
    let (mut job, clock) = (place.open(), MockClock::default());
    let mut screening = place.open().with_schedule(reviewed.parse().unwrap());
    show(&mut job, &clock, 1, "Orsolya Testwick");
    let record = record_of(&mut job, RecordKind::RaisedPair);
    later(&clock);
    let mut rng = SeededRng::new(2);
    let due = erase_due(&clock, &mut rng, &job_name(), &[record]).unwrap();
    clock.advance(SignedDuration::from_hours(-48));
    show(&mut screening, &clock, 3, "Orsolya Testwick");
    // Due still, but not without a person.
    let held = record_of(&mut job, RecordKind::RaisedPair);
    assert!(held.retention.is_due(day("2025-05-30")));
    assert_eq!(held.retention.disposal, Disposal::Review);
    let refused = job.write(TEST, |w| w.erase(&due[0]));
    assert!(matches!(refused, Err(StoreError::Overtaken { what: "record" })));
}

fn a_job_erases_nothing_that_a_person_must_review(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let change = decided(&clock, 1, "Orsolya Testwick", "another mother");
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
    // Ten years, and then some: long overdue.
    clock.advance(SignedDuration::from_hours(11 * 366 * 24));
    let record = record_of(&mut store, RecordKind::Decision);
    let refused =
        erase_due(&clock, &mut SeededRng::new(2), &job_name(), std::slice::from_ref(&record));
    assert_eq!(refused.unwrap_err(), EraseError::NeedsReview { number: record.number });
}

fn list() -> KeptList {
    KeptList {
        organisation: organisation(),
        name: "invented".parse().unwrap(),
        source: SourceId::new("invented-source").unwrap(),
        format: "invented-csv".to_owned(),
        addresses: vec![Address::from_text("https://lists.example/a.csv")],
        rhythm_days: None,
        checked_at: MockClock::default().now(),
        current: KeptIssue {
            digest: portcullis_decide::Digest::from_bytes([1; 32]),
            version: ListVersion::new("2025-01-01").unwrap(),
            published: None,
            recorded_at: MockClock::default().now(),
            entries: 1,
            set_aside: 0,
            files: Vec::new(),
        },
        earlier: Vec::new(),
    }
}

fn the_list_in_use_is_not_erased(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let mut rng = SeededRng::new(1);
    let added = Keeping::Added.done(&clock, &mut rng, officer(), list()).unwrap();
    store.write(TEST, |w| w.put_list(&added)).unwrap();
    let record = record_of(&mut store, RecordKind::ListHistory);
    let refused = erase_all(&mut store, &clock, std::slice::from_ref(&record));
    assert!(matches!(refused, Err(StoreError::InUse { what: "list" })));
    assert_eq!(kinds_of_events(&mut store), ["lists.added"]);
    let removed = list().forget(&clock, &mut rng, officer()).unwrap();
    store.write(TEST, |w| w.forget_list(&removed)).unwrap();
    erase_all(&mut store, &clock, &[record]).unwrap();
    assert_eq!(kinds_of_events(&mut store), ["retention.erased"]);
}

fn of_two_officers_who_keep_a_record_at_once_one_is_told(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    show(&mut store, &clock, 1, "Orsolya Testwick");
    let record = record_of(&mut store, RecordKind::RaisedPair);
    let mut rng = SeededRng::new(2);
    let mut keep = |until| {
        let (record, why) = (record.clone(), reason("an inquiry needs it"));
        keep_until(&clock, &mut rng, officer(), why, record, day(until), None).unwrap()
    };
    let (first, second) = (keep("2026-01-01"), keep("2026-02-01"));
    store.write(TEST, |w| w.keep(&first)).unwrap();
    let refused = store.write(TEST, |w| w.keep(&second));
    assert!(matches!(refused, Err(StoreError::Overtaken { what: "record" })));
    assert_eq!(record_of(&mut store, RecordKind::RaisedPair), first.state().record);
    // The event is in the record itself, and goes with it.
    assert_eq!(kinds_of_events(&mut store), ["screening.alerts.raised", "retention.kept"]);
    erase_all(&mut store, &clock, &[first.state().record.clone()]).unwrap();
    assert_eq!(kinds_of_events(&mut store), ["screening.alerts.raised", "retention.erased"]);
}

fn what_an_officer_keeps_is_not_brought_forward(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    show(&mut store, &clock, 1, "Orsolya Testwick");
    let record = record_of(&mut store, RecordKind::RaisedPair);
    let (mut rng, why) = (SeededRng::new(2), reason("an inquiry needs it"));
    let kept =
        keep_until(&clock, &mut rng, officer(), why, record, day("2026-03-01"), None).unwrap();
    store.write(TEST, |w| w.keep(&kept)).unwrap();
    clock.advance(SignedDuration::from_hours(24));
    show(&mut store, &clock, 3, "Orsolya Testwick");
    let held = record_of(&mut store, RecordKind::RaisedPair);
    assert_eq!((held.extensions, held.retention.review_on), (1, day("2026-03-01")));
    // Shown again so late that the period from then on is the longer one.
    clock.advance(SignedDuration::from_hours(300 * 24));
    show(&mut store, &clock, 4, "Orsolya Testwick");
    let held = record_of(&mut store, RecordKind::RaisedPair);
    assert_eq!(held.retention.review_on, day("2026-03-27"));
}

fn a_pair_shown_after_its_erasure_is_in_a_new_record(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    show(&mut store, &clock, 1, "Orsolya Testwick");
    let before = record_of(&mut store, RecordKind::RaisedPair);
    erase_all(&mut store, &clock, std::slice::from_ref(&before)).unwrap();
    show(&mut store, &clock, 2, "Orsolya Testwick");
    let after = record_of(&mut store, RecordKind::RaisedPair);
    assert!(after.number > before.number);
    let reference = pair("Orsolya Testwick").reference();
    let found = store.read(|r| r.raised(&organisation(), reference)).unwrap();
    assert_eq!(found, [pair("Orsolya Testwick")]);
}

fn lease(store: &mut Database, clock: &dyn Clock) -> Option<LeasedJob> {
    let terms = LeaseTerms {
        organisation: &organisation(),
        worker: WorkerId::random(&mut SeededRng::new(5)),
        kinds: &[JobName::new("tests.count").unwrap()],
        most: 1,
        lasts: SignedDuration::from_mins(1),
        back_off: &BackOff::default(),
    };
    store.lease_jobs(clock, &terms).unwrap().pop()
}

fn job(key: &str, payload: &str) -> NewJob {
    NewJob {
        organisation: organisation(),
        purpose: Purpose::Oversight,
        kind: JobName::new("tests.count").unwrap(),
        key: key.parse().unwrap(),
        payload: payload.into(),
        not_before: None,
    }
}

fn a_job_whose_record_is_erased_is_never_done(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    store.enqueue(&clock, &job("a", "Orsolya Testwick")).unwrap();
    let leased = lease(&mut store, &clock).unwrap();
    let record = record_of(&mut store, RecordKind::Job);
    erase_all(&mut store, &clock, &[record]).unwrap();
    let change = decided(&clock, 1, "Orsolya Testwick", "another mother");
    let late = store.finish_job(&clock, TEST, &leased, |w| w.put_decision(&change));
    assert!(matches!(late, Err(StoreError::LeaseLost)));
    // One that was given up before can't be tried again, and that it was given up is still known.
    store.enqueue(&clock, &job("b", "Orsolya Testwick")).unwrap();
    let leased = lease(&mut store, &clock).unwrap();
    let (lasting, account) = (Failure::Lasting, "row 7".into());
    store.fail_job(&clock, &leased, lasting, &account, &BackOff::default()).unwrap();
    clock.advance(SignedDuration::from_secs(1));
    let record = record_of(&mut store, RecordKind::Job);
    erase_all(&mut store, &clock, &[record]).unwrap();
    let given_up = store.read(|r| r.given_up_jobs(&organisation())).unwrap().pop().unwrap();
    let (mut rng, why) = (SeededRng::new(6), reason("again"));
    let change = retry(&clock, &mut rng, given_up.clone(), officer(), why, None).unwrap();
    let refused = store.write(TEST, |w| w.deal_with_job(&change));
    assert!(matches!(refused, Err(StoreError::Erased)));
    let why = reason("no use");
    let change =
        portcullis_decide::discard(&clock, &mut rng, given_up, officer(), why, None).unwrap();
    store.write(TEST, |w| w.deal_with_job(&change)).unwrap();
}

/// 1 March 2025 and 90 days is 30 May; the screening of a donor is kept to 1 March 2031.
fn counts_follow_the_calendar(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    show(&mut store, &clock, 1, "Orsolya Testwick");
    show(&mut store, &clock, 2, "Barnaby Nobodyson");
    let mut on = |text| {
        let counts = store.read(|r| r.record_counts(&organisation(), day(text))).unwrap();
        let pairs = counts.into_iter().find(|count| count.kind == RecordKind::RaisedPair);
        let RecordCount { held, due, overdue, kept_longer, erased, next, .. } = pairs.unwrap();
        (held, due, overdue, kept_longer, erased, next.map(|day| day.to_string()))
    };
    assert_eq!(on("2025-05-29"), (2, 0, 0, 0, 0, Some("2025-05-30".to_owned())));
    assert_eq!(on("2025-05-30"), (2, 2, 0, 0, 0, None));
    assert_eq!(on("2025-05-31"), (2, 2, 2, 0, 0, None));
    later(&clock);
    let (due, _) = store.read(|r| r.due_records(&organisation(), day("2025-05-30"), None)).unwrap();
    assert_eq!(due.len(), 2);
    let mut rng = SeededRng::new(3);
    let changes = erase_due(&clock, &mut rng, &job_name(), &due[..1]).unwrap();
    store.write(TEST, |w| w.erase(&changes[0])).unwrap();
    let counts = store.read(|r| r.record_counts(&organisation(), day("2025-05-30"))).unwrap();
    let of = |kind| counts.iter().find(|count| count.kind == kind).unwrap();
    let pairs = of(RecordKind::RaisedPair);
    assert_eq!((pairs.held, pairs.due, pairs.erased), (1, 1, 1));
    assert_eq!(of(RecordKind::Screening).next, Some(day("2031-03-01")));
    assert_eq!(of(RecordKind::Disposal).next, Some(day("2035-05-30")));
}

fn pages_of_due_records_miss_none(place: &impl Place) {
    const DECISIONS: u64 = 1_100;
    let (mut store, clock) = (place.open(), MockClock::default());
    store
        .write(TEST, |w| {
            (0..DECISIONS).try_for_each(|seed| {
                w.put_decision(&decided(&clock, seed * 1_000, "Orsolya Testwick", "a reason"))
            })
        })
        .unwrap();
    let (mut seen, mut after) = (BTreeSet::<RecordNumber>::new(), None);
    loop {
        let (page, more) =
            store.read(|r| r.due_records(&organisation(), day("2031-03-01"), after)).unwrap();
        seen.extend(page.iter().map(|record| record.number));
        let Some(last) = more else { break };
        after = Some(last);
    }
    assert_eq!(seen.len() as u64, DECISIONS);
    let (none, _) =
        store.read(|r| r.due_records(&organisation(), day("2031-02-28"), None)).unwrap();
    assert_eq!(none, []);
}

fn the_proof_of_an_erasure_has_its_own_record(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let change = decided(&clock, 1, "Orsolya Testwick", "another mother");
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
    let record = record_of(&mut store, RecordKind::Decision);
    erase_all(&mut store, &clock, std::slice::from_ref(&record)).unwrap();
    let proof = record_of(&mut store, RecordKind::Disposal);
    assert!(proof.number > record.number);
    let events = store.read(|r| r.events(&organisation())).unwrap();
    assert_eq!(events[0].details.text("case").unwrap().reveal(), "sar-2026-014");
    // Nobody takes the proof away before its time.
    let refused = erase(&clock, &mut SeededRng::new(3), &officer(), duty(), &[proof], None);
    assert!(matches!(refused, Err(EraseError::Proof { .. })));
}

/// The keyring can't be written at the moment: what is erased is gone from the store all the same, and
/// the key goes when the store is opened next.
#[test]
fn an_erasure_that_was_cut_off_is_ended_when_the_store_is_opened_next() {
    let place = SqlitePlace::new().unwrap();
    let (folder, clock) = (place.0.path(), MockClock::default());
    let mut store = open_sqlite(folder);
    let change = decided(&clock, 1, "Orsolya Testwick", "another mother");
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
    let record = record_of(&mut store, RecordKind::Decision);
    let number = portcullis_keys::RecordNumber::new(record.number.value()).unwrap();
    fs::rename(folder.join("keyring"), folder.join("elsewhere")).unwrap();
    let cut_off = erase_all(&mut store, &clock, &[record]);
    assert!(matches!(cut_off, Err(StoreError::KeyKept { .. })), "{cut_off:?}");
    assert_eq!(store.read(|r| r.decisions(&organisation())).unwrap(), []);
    drop(store);
    fs::rename(folder.join("elsewhere"), folder.join("keyring")).unwrap();
    assert!(!keyring(folder).is_shredded(number));
    let mut again = open_sqlite(folder);
    assert!(keyring(folder).is_shredded(number));
    assert_eq!(kinds_of_events(&mut again), ["retention.erased"]);
}

/// There is no room for a new keyring: what stays can be read, and a process that runs on ends the
/// erasure once there is.
#[test]
fn a_keyring_that_cannot_be_written_keeps_nobody_from_reading() {
    let place = SqlitePlace::new().unwrap();
    let (folder, clock) = (place.0.path(), MockClock::default());
    let mut store = open_sqlite(folder);
    let change = decided(&clock, 1, "Orsolya Testwick", "another mother");
    let stays = decided(&clock, 2, "Barnaby Nobodyson", "another father");
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
    let record = record_of(&mut store, RecordKind::Decision);
    let number = portcullis_keys::RecordNumber::new(record.number.value()).unwrap();
    // A folder stands where the new keyring would be written.
    fs::create_dir(folder.join("keyring.new")).unwrap();
    let cut_off = erase_all(&mut store, &clock, &[record]);
    assert!(matches!(cut_off, Err(StoreError::KeyKept { .. })), "{cut_off:?}");
    let mut other = open_sqlite(folder);
    for store in [&mut store, &mut other] {
        assert_eq!(store.read(|r| r.decisions(&organisation())).unwrap(), []);
        assert!(store.finish_erasures().is_err());
    }
    other.write(TEST, |w| w.put_decision(&stays)).unwrap();
    assert!(!keyring(folder).is_shredded(number));
    fs::remove_dir(folder.join("keyring.new")).unwrap();
    store.finish_erasures().unwrap();
    assert!(keyring(folder).is_shredded(number));
    for store in [&mut store, &mut other] {
        let decisions = store.read(|r| r.decisions(&organisation())).unwrap();
        assert_eq!(decisions, [stays.state().clone()]);
    }
}

const PLANTED: &str = "Planted Nameworthy-Testwick";

/// Every place in which the name could be: a decision, its event and undoing, a pair shown, a job and
/// what went wrong with it.
fn plant(store: &mut Database, clock: &MockClock) {
    let change = decided(clock, 1, PLANTED, PLANTED);
    let undone = portcullis_decide::undo(
        clock,
        &mut SeededRng::new(2),
        change.state().clone(),
        officer(),
        reason(PLANTED),
        Some(PLANTED),
    )
    .unwrap();
    store
        .write(TEST, |w| {
            w.put_decision(&change)?;
            w.put_decision(&undone)
        })
        .unwrap();
    show(store, clock, 3, PLANTED);
    store.enqueue(clock, &job("a", PLANTED)).unwrap();
    let leased = lease(store, clock).unwrap();
    let account = PLANTED.into();
    let next =
        store.fail_job(clock, &leased, Failure::Lasting, &account, &BackOff::default()).unwrap();
    assert_eq!(next, Next::GiveUp);
    let given_up = store.read(|r| r.given_up_jobs(&organisation())).unwrap().pop().unwrap();
    let (mut rng, why) = (SeededRng::new(4), reason(PLANTED));
    let dealt =
        portcullis_decide::discard(clock, &mut rng, given_up, officer(), why, None).unwrap();
    store.write(TEST, |w| w.deal_with_job(&dealt)).unwrap();
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// How many cells of a store a thief can open who has this keyring: every blob of every table is tried
/// as if it were of any record up to the last, and of any row that another blob beside it names.
struct Loot {
    blobs: usize,
    opened: usize,
    with_name: usize,
}

fn steal(database: &Path, keyring: &Keyring, records: u64) -> Loot {
    let connection = rusqlite::Connection::open(database).unwrap();
    let mut tables =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut loot = Loot { blobs: 0, opened: 0, with_name: 0 };
    for table in tables {
        let mut rows = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns: Vec<String> = rows.column_names().map(str::to_owned).collect();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let blobs: Vec<(&str, Vec<u8>)> = columns
                .iter()
                .enumerate()
                .filter_map(|(place, name)| {
                    let blob = row.get_ref(place).unwrap().as_blob().ok()?;
                    Some((name.as_str(), blob.to_vec()))
                })
                .collect();
            for (column, sealed) in &blobs {
                loot.blobs += 1;
                for (_, id) in &blobs {
                    let place = Cell { table: &table, row: id, column };
                    for number in 0..=records {
                        let number = portcullis_keys::RecordNumber::new(number).unwrap();
                        if let Ok(plain) = keyring.open(number, &place, sealed) {
                            loot.opened += 1;
                            loot.with_name += usize::from(holds(&plain, PLANTED));
                        }
                    }
                }
            }
        }
    }
    loot
}

fn holds(bytes: &[u8], name: &str) -> bool {
    let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [name.as_bytes(), name.to_uppercase().as_bytes(), &wide]
        .iter()
        .any(|needle| bytes.windows(needle.len()).any(|window| window == *needle))
}

fn raw_bytes_hold_no_name(folder: &Path) {
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files += 1;
            assert!(!holds(&fs::read(&path).unwrap(), "Nameworthy"), "{}", path.display());
        }
    }
    assert!(files >= 3);
}

fn keyring(folder: &Path) -> Keyring {
    Keyring::unlock(&fs::read(folder.join("keyring")).unwrap(), &unlock()).unwrap()
}

/// The log as others check it: all leaves, tiles, root and signature.
fn log_verifies(store: &mut Database) -> u64 {
    store
        .read_logs(&organisation(), |view| -> Result<u64, StoreError> {
            let log = view.current()?.unwrap();
            let size = view.size(&log)?;
            let policy = format!("log {}\nquorum none\n", view.key(&log).unwrap());
            let policy = Policy::parse(policy.as_bytes()).unwrap();
            let checkpoint = view.checkpoint(&log, size)?.unwrap();
            verify_export(&view.tiles(&log), checkpoint.note.as_bytes(), &policy).unwrap();
            Ok(size)
        })
        .unwrap()
}

/// THREATS T-16: with the database, its write-ahead log, an old backup and even the key and the current
/// keyring, what was erased can't be read; and the log goes on verifying.
#[test]
fn a_planted_name_that_was_erased_is_found_nowhere_and_the_log_verifies() {
    let place = SqlitePlace::new().unwrap();
    let (folder, clock) = (place.0.path(), MockClock::default());
    let backup = folder.join("backup");
    let mut store = open_sqlite(folder);
    let log = OpenedLog {
        organisation: organisation(),
        origin: "party.example/log".to_owned(),
        start_us: u64::try_from(clock.now().as_microsecond()).unwrap(),
        interval_s: 3_600,
        per_interval: 256,
        link: None,
    };
    let opened = open_log(&clock, &mut SeededRng::new(8), Actor::Officer(officer()), log).unwrap();
    store.write(TEST, |w| w.open_log(&opened)).unwrap();
    plant(&mut store, &clock);
    let mut sequencer = Sequencer::new(organisation(), &mut SeededRng::new(9));
    let now_us = |clock: &MockClock| u64::try_from(clock.now().as_microsecond()).unwrap();
    clock.advance(SignedDuration::from_hours(1));
    assert_eq!(sequencer.attend(&mut store, now_us(&clock)).unwrap().size, 256);
    assert_eq!(log_verifies(&mut store), 256);

    copy(folder, &backup);
    raw_bytes_hold_no_name(folder);
    let all = records(&mut store);
    let last = all.iter().map(|record| record.number.value()).max().unwrap();
    // The control: before, whoever has the keyring and its key finds the name.
    let before = steal(&backup.join("store.db"), &keyring(&backup), last);
    assert!(before.with_name >= 10, "{} cells with the name", before.with_name);

    let erasable: Vec<HeldRecord> = all
        .into_iter()
        .filter(|record| !matches!(record.retention.kind, RecordKind::Log))
        .collect();
    erase_all(&mut store, &clock, &erasable).unwrap();
    assert_eq!(fs::metadata(folder.join("store.db-wal")).unwrap().len(), 0);
    raw_bytes_hold_no_name(folder);
    for database in [folder.join("store.db"), backup.join("store.db")] {
        let after = steal(&database, &keyring(folder), last + 10);
        assert!(after.blobs > 256);
        assert_eq!(after.with_name, 0, "{}", database.display());
        // What is not erased opens as before: the event that opened the log.
        assert!(after.opened >= 1);
    }
    // The log is what it was, and goes on.
    assert_eq!(log_verifies(&mut store), 256);
    clock.advance(SignedDuration::from_hours(1));
    assert_eq!(sequencer.attend(&mut store, now_us(&clock)).unwrap().size, 512);
    assert_eq!(log_verifies(&mut store), 512);
    drop(store);
    let mut again = open_sqlite(folder);
    assert_eq!(kinds_of_events(&mut again), ["log.opened", "retention.erased", "retention.erased"]);
}
