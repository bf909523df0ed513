//! What the queue of jobs promises, on each kind of store: a job is done once, whoever dies over it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{Place, TEST, decided, officer, open_sqlite, organisation, reason};
use jiff::{SignedDuration, Timestamp};
use portcullis_decide::{
    BackOff, DealError, Deed, Failure, GivenUpJob, Next, RecordKind, discard, retry,
};
use portcullis_store::{
    Database, Enqueued, JobState, LeaseTerms, LeasedJob, NewJob, RecurringJob, StoreError,
    StoredJob, WorkerId,
};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Actor, Clock, JobName, OrganisationId, Purpose};
use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

suite! {
    a_job_goes_to_one_worker_and_is_done_once,
    of_two_jobs_with_one_key_one_is_done,
    a_job_comes_into_the_queue_with_the_change_that_needs_it_or_not_at_all,
    what_a_job_changes_is_kept_with_its_end_or_not_at_all,
    a_lease_that_ran_out_goes_to_another_and_the_first_is_refused,
    a_lease_that_is_held_on_to_goes_to_nobody_else,
    a_job_that_is_put_back_was_not_tried,
    a_failed_job_waits_within_the_ceiling,
    a_job_that_kills_its_workers_is_given_up,
    a_lasting_failure_is_given_up_at_once_and_told,
    a_person_has_a_job_retried_once,
    a_person_discards_a_job_and_it_stays_so,
    a_job_is_not_begun_early_nor_by_whoever_did_not_ask_for_its_kind,
    organisations_do_not_get_each_others_jobs,
    a_moment_makes_one_job_however_many_ask,
    workers_that_die_leave_each_job_done_once,
    queue_moves_leave_no_leaf,
}

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn kind() -> JobName {
    JobName::new("tests.count").unwrap()
}

fn back_off(attempts: u32) -> BackOff {
    let attempts = NonZeroU32::new(attempts).unwrap();
    BackOff::new(SignedDuration::from_secs(10), SignedDuration::from_mins(1), attempts).unwrap()
}

fn worker() -> WorkerId {
    static SEED: AtomicU64 = AtomicU64::new(1_000_000);
    WorkerId::random(&mut SeededRng::new(SEED.fetch_add(1, Ordering::Relaxed)))
}

fn job(key: &str) -> NewJob {
    NewJob {
        organisation: organisation(),
        purpose: Purpose::Oversight,
        kind: kind(),
        key: key.parse().unwrap(),
        payload: format!("what {key} is given").as_str().into(),
        not_before: None,
    }
}

fn lease_with(
    store: &mut Database,
    clock: &dyn Clock,
    most: u32,
    back_off: &BackOff,
) -> Vec<LeasedJob> {
    let terms = LeaseTerms {
        organisation: &organisation(),
        worker: worker(),
        kinds: &[kind()],
        most,
        lasts: MINUTE,
        back_off,
    };
    store.lease_jobs(clock, &terms).unwrap()
}

fn lease(store: &mut Database, clock: &dyn Clock) -> Option<LeasedJob> {
    let mut leased = lease_with(store, clock, 1, &back_off(1_000));
    assert!(leased.len() <= 1);
    leased.pop()
}

fn finish(store: &mut Database, clock: &dyn Clock, job: &LeasedJob) -> Result<(), StoreError> {
    store.finish_job(clock, TEST, job, |_| Ok(()))
}

fn jobs(store: &mut Database) -> Vec<StoredJob> {
    store.read(|r| r.jobs(&organisation())).unwrap()
}

fn given_up(store: &mut Database) -> Vec<GivenUpJob> {
    store.read(|r| r.given_up_jobs(&organisation())).unwrap()
}

fn kinds_of_events(store: &mut Database) -> Vec<String> {
    let events = store.read(|r| r.events(&organisation())).unwrap();
    events.iter().map(|event| event.kind.as_str().to_owned()).collect()
}

fn a_job_goes_to_one_worker_and_is_done_once(place: &impl Place) {
    let (mut one, mut other, clock) = (place.open(), place.open(), MockClock::default());
    one.enqueue(&clock, &job("a")).unwrap();
    let leased = lease(&mut one, &clock).unwrap();
    assert_eq!(leased.payload.reveal(), "what a is given");
    assert_eq!(leased.attempts.get(), 1);
    assert!(lease(&mut other, &clock).is_none());
    finish(&mut one, &clock, &leased).unwrap();
    assert!(lease(&mut other, &clock).is_none());
    let jobs = jobs(&mut other);
    assert_eq!(jobs[0].state, JobState::Done);
    assert_eq!(jobs[0].finished_at, Some(clock.now()));
    assert!(matches!(finish(&mut one, &clock, &leased), Err(StoreError::LeaseLost)));
}

fn of_two_jobs_with_one_key_one_is_done(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let Enqueued::New(id) = store.enqueue(&clock, &job("a")).unwrap() else {
        panic!("it was there before")
    };
    assert_eq!(store.enqueue(&clock, &job("a")).unwrap(), Enqueued::Before(id));
    let leased = lease(&mut store, &clock).unwrap();
    assert_eq!(store.enqueue(&clock, &job("a")).unwrap(), Enqueued::Before(id));
    finish(&mut store, &clock, &leased).unwrap();
    // Done, and still not done again.
    assert_eq!(store.enqueue(&clock, &job("a")).unwrap(), Enqueued::Before(id));
    assert!(lease(&mut store, &clock).is_none());
    let another = NewJob { kind: JobName::new("tests.other").unwrap(), ..job("a") };
    assert!(matches!(store.enqueue(&clock, &another).unwrap(), Enqueued::New(_)));
}

fn a_job_comes_into_the_queue_with_the_change_that_needs_it_or_not_at_all(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let change = decided(&clock, 1, "Orsolya Testwick", "another mother");
    let refused: Result<(), StoreError> = store.write(TEST, |w| {
        w.put_decision(&change)?;
        w.enqueue(&clock, &job("a"))?;
        Err(StoreError::Overtaken { what: "test" })
    });
    assert!(refused.is_err());
    assert_eq!(jobs(&mut store), []);
    store
        .write(TEST, |w| {
            w.put_decision(&change)?;
            w.enqueue(&clock, &job("a"))
        })
        .unwrap();
    assert_eq!(jobs(&mut store).len(), 1);
    assert_eq!(kinds_of_events(&mut store), ["screening.decision.recorded"]);
}

fn what_a_job_changes_is_kept_with_its_end_or_not_at_all(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    store.enqueue(&clock, &job("a")).unwrap();
    let leased = lease(&mut store, &clock).unwrap();
    let change = decided(&clock, 1, "Orsolya Testwick", "another mother");
    let refused: Result<(), StoreError> = store.finish_job(&clock, TEST, &leased, |w| {
        w.put_decision(&change)?;
        Err(StoreError::Overtaken { what: "test" })
    });
    assert!(refused.is_err());
    assert_eq!(jobs(&mut store)[0].state, JobState::Leased);
    assert_eq!(kinds_of_events(&mut store), [""; 0]);
    store.finish_job(&clock, TEST, &leased, |w| w.put_decision(&change)).unwrap();
    assert_eq!(jobs(&mut store)[0].state, JobState::Done);
    assert_eq!(kinds_of_events(&mut store), ["screening.decision.recorded"]);
}

fn a_lease_that_ran_out_goes_to_another_and_the_first_is_refused(place: &impl Place) {
    let (mut one, mut other, clock) = (place.open(), place.open(), MockClock::default());
    one.enqueue(&clock, &job("a")).unwrap();
    let first = lease(&mut one, &clock).unwrap();
    clock.advance(MINUTE);
    // It is put off, as after any failure, by ten seconds at most.
    assert!(lease(&mut other, &clock).is_none_or(|job| job.attempts.get() == 2));
    clock.advance(SignedDuration::from_secs(10));
    let second = lease(&mut other, &clock);
    let change = decided(&clock, 1, "Orsolya Testwick", "another mother");
    let late = one.finish_job(&clock, TEST, &first, |w| w.put_decision(&change));
    assert!(matches!(late, Err(StoreError::LeaseLost)));
    assert!(matches!(one.renew_lease(&clock, &first, MINUTE), Err(StoreError::LeaseLost)));
    assert!(matches!(one.put_job_back(&first), Err(StoreError::LeaseLost)));
    let failed = one.fail_job(&clock, &first, Failure::Lasting, &"late".into(), &back_off(3));
    assert!(matches!(failed, Err(StoreError::LeaseLost)));
    assert_eq!(kinds_of_events(&mut one), [""; 0]);
    if let Some(second) = second {
        other.finish_job(&clock, TEST, &second, |w| w.put_decision(&change)).unwrap();
        assert_eq!(kinds_of_events(&mut one), ["screening.decision.recorded"]);
    }
}

fn a_lease_that_is_held_on_to_goes_to_nobody_else(place: &impl Place) {
    let (mut one, mut other, clock) = (place.open(), place.open(), MockClock::default());
    one.enqueue(&clock, &job("a")).unwrap();
    let leased = lease(&mut one, &clock).unwrap();
    for _ in 0..5 {
        clock.advance(SignedDuration::from_secs(50));
        one.renew_lease(&clock, &leased, MINUTE).unwrap();
        assert!(lease(&mut other, &clock).is_none());
    }
    finish(&mut one, &clock, &leased).unwrap();
}

fn a_job_that_is_put_back_was_not_tried(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    store.enqueue(&clock, &job("a")).unwrap();
    let leased = lease(&mut store, &clock).unwrap();
    store.put_job_back(&leased).unwrap();
    assert_eq!(lease(&mut store, &clock).unwrap().attempts.get(), 1);
}

/// After the first failure at most 10 s, then 20, 40, and 60 which is the cap.
fn a_failed_job_waits_within_the_ceiling(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    store.enqueue(&clock, &job("a")).unwrap();
    for (attempt, ceiling_s) in (1..).zip([10, 20, 40, 60, 60]) {
        let leased = lease(&mut store, &clock).unwrap();
        assert_eq!(leased.attempts.get(), attempt);
        let next = store
            .fail_job(&clock, &leased, Failure::Passing, &"no network".into(), &back_off(6))
            .unwrap();
        let Next::RetryAt(at) = next else { panic!("{next:?} after {attempt}") };
        let wait = at.duration_since(clock.now());
        assert!(wait >= SignedDuration::ZERO && wait <= SignedDuration::from_secs(ceiling_s));
        let stored = &jobs(&mut store)[0];
        assert_eq!((stored.state, stored.not_before), (JobState::Waiting, at));
        assert_eq!(stored.failure, Some(Failure::Passing));
        assert_eq!(stored.account.as_ref().unwrap().reveal(), "no network");
        if wait > SignedDuration::from_millis(1) {
            clock.advance(wait - SignedDuration::from_millis(1));
            assert!(lease(&mut store, &clock).is_none());
            clock.advance(SignedDuration::from_millis(1));
        } else {
            clock.advance(wait);
        }
    }
    let last = lease(&mut store, &clock).unwrap();
    let next = store
        .fail_job(&clock, &last, Failure::Passing, &"no network".into(), &back_off(6))
        .unwrap();
    assert_eq!(next, Next::GiveUp);
    assert_eq!(given_up(&mut store)[0].job.attempts, 6);
}

fn a_job_that_kills_its_workers_is_given_up(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    store.enqueue(&clock, &job("a")).unwrap();
    for _ in 0..3 {
        assert_eq!(lease_with(&mut store, &clock, 1, &back_off(3)).len(), 1);
        // Its worker is gone. A lease and a wait later nobody has it.
        clock.advance(MINUTE);
        drop(lease_with(&mut store, &clock, 0, &back_off(3)));
        clock.advance(MINUTE);
    }
    assert_eq!(lease_with(&mut store, &clock, 1, &back_off(3)).len(), 0);
    let given_up = given_up(&mut store);
    assert_eq!((given_up.len(), given_up[0].job.attempts), (1, 3));
    assert_eq!(given_up[0].job.failure, Failure::Passing);
    assert_eq!(jobs(&mut store)[0].state, JobState::GivenUp);
}

/// A job that was given up.
fn give_up(store: &mut Database, clock: &dyn Clock) -> GivenUpJob {
    store.enqueue(clock, &job("a")).unwrap();
    let leased = lease(store, clock).unwrap();
    let account = "row 7: Orsolya Testwick".into();
    let next = store.fail_job(clock, &leased, Failure::Lasting, &account, &back_off(3)).unwrap();
    assert_eq!(next, Next::GiveUp);
    given_up(store).pop().unwrap()
}

fn a_lasting_failure_is_given_up_at_once_and_told(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let given_up = give_up(&mut store, &clock);
    assert_eq!(given_up.job.account.reveal(), "row 7: Orsolya Testwick");
    assert_eq!((given_up.job.name.clone(), given_up.job.key.as_str()), (kind(), "a"));
    assert_eq!(given_up.dealt_with, None);
    assert_eq!(given_up.job.record, jobs(&mut store)[0].record);
    let events = store.read(|r| r.events(&organisation())).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].kind.as_str(), events[0].id), ("jobs.given-up", given_up.id));
    assert!(matches!(&events[0].actor, Actor::Job(name) if *name == kind()));
    // Its own record, which a person reviews after a year.
    let today = "2025-03-01".parse().unwrap();
    let counts = store.read(|r| r.record_counts(&organisation(), today)).unwrap();
    let own = counts.iter().find(|count| count.kind == RecordKind::GivenUpJob).unwrap();
    assert_eq!((own.held, own.next), (1, "2026-03-01".parse().ok()));
    clock.advance(SignedDuration::from_hours(24));
    assert!(lease(&mut store, &clock).is_none());
}

fn a_person_has_a_job_retried_once(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let given_up = give_up(&mut store, &clock);
    let mut rng = SeededRng::new(5);
    let change =
        retry(&clock, &mut rng, given_up.clone(), officer(), reason("row 7 was mended"), None)
            .unwrap();
    store.write(TEST, |w| w.deal_with_job(&change)).unwrap();
    let kept = self::given_up(&mut store).pop().unwrap();
    assert_eq!(kept, change.state().clone());
    assert_eq!(kept.dealt_with.as_ref().unwrap().deed, Deed::Retried);
    assert_eq!(kinds_of_events(&mut store), ["jobs.given-up", "jobs.retried"]);
    // From the beginning, with what it was given.
    let leased = lease(&mut store, &clock).unwrap();
    assert_eq!((leased.attempts.get(), leased.payload.reveal()), (1, "what a is given"));
    // A second officer looked at it before.
    let late = discard(&clock, &mut rng, given_up, officer(), reason("no use"), None).unwrap();
    let refused = store.write(TEST, |w| w.deal_with_job(&late)).unwrap_err();
    assert!(matches!(refused, StoreError::Overtaken { what: "job" }));
    assert_eq!(kinds_of_events(&mut store).len(), 2);
    finish(&mut store, &clock, &leased).unwrap();
}

fn a_person_discards_a_job_and_it_stays_so(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let given_up = give_up(&mut store, &clock);
    let mut rng = SeededRng::new(5);
    let change = discard(&clock, &mut rng, given_up, officer(), reason("no use"), None).unwrap();
    store.write(TEST, |w| w.deal_with_job(&change)).unwrap();
    assert_eq!(jobs(&mut store)[0].state, JobState::Discarded);
    assert!(lease(&mut store, &clock).is_none());
    let again = self::given_up(&mut store).pop().unwrap();
    let refused = retry(&clock, &mut rng, again, officer(), reason("after all"), None);
    assert!(matches!(refused, Err(DealError::AlreadyDealtWith { deed: Deed::Discarded, .. })));
    assert!(matches!(store.enqueue(&clock, &job("a")).unwrap(), Enqueued::Before(_)));
}

fn a_job_is_not_begun_early_nor_by_whoever_did_not_ask_for_its_kind(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let later = clock.now() + MINUTE;
    store.enqueue(&clock, &NewJob { not_before: Some(later), ..job("a") }).unwrap();
    let other = JobName::new("tests.other").unwrap();
    store.enqueue(&clock, &NewJob { kind: other, ..job("b") }).unwrap();
    assert!(lease(&mut store, &clock).is_none());
    clock.advance(MINUTE);
    assert_eq!(lease(&mut store, &clock).unwrap().key.as_str(), "a");
    assert!(lease(&mut store, &clock).is_none());
}

fn organisations_do_not_get_each_others_jobs(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    let other = OrganisationId::new("another-party").unwrap();
    store.enqueue(&clock, &NewJob { organisation: other.clone(), ..job("a") }).unwrap();
    assert!(lease(&mut store, &clock).is_none());
    assert_eq!(jobs(&mut store), []);
    // The same key is another job.
    assert!(matches!(store.enqueue(&clock, &job("a")).unwrap(), Enqueued::New(_)));
    assert_eq!(store.read(|r| r.jobs(&other)).unwrap().len(), 1);
}

fn a_moment_makes_one_job_however_many_ask(place: &impl Place) {
    let start: Timestamp = "2026-03-28T12:00:00Z".parse().unwrap();
    let (mut one, mut other, clock) = (place.open(), place.open(), MockClock::at(start));
    let nightly = RecurringJob {
        organisation: organisation(),
        purpose: Purpose::Oversight,
        kind: kind(),
        cadence: "daily at 02:30".parse().unwrap(),
    };
    assert!(matches!(one.enqueue_due(&clock, &nightly).unwrap(), Some(Enqueued::New(_))));
    assert_eq!(other.enqueue_due(&clock, &nightly).unwrap(), None);
    clock.advance(SignedDuration::from_hours(14));
    assert_eq!(other.enqueue_due(&clock, &nightly).unwrap(), None);
    // Three nights pass, the clock of the country changes, and nobody is there.
    clock.advance(SignedDuration::from_hours(72));
    assert!(matches!(other.enqueue_due(&clock, &nightly).unwrap(), Some(Enqueued::New(_))));
    assert_eq!(one.enqueue_due(&clock, &nightly).unwrap(), None);
    let jobs = jobs(&mut one);
    let keys: Vec<&str> = jobs.iter().map(|job| job.key.as_str()).collect();
    assert_eq!(keys, ["2026-03-28t02.30.00z", "2026-03-31t02.30.00z"]);
}

/// Four workers, of whom a third of the attempts ends with their death, before or after the work.
fn workers_that_die_leave_each_job_done_once(place: &impl Place) {
    const JOBS: u64 = 24;
    let clock = MockClock::default();
    let mut store = place.open();
    for number in 0..JOBS {
        store.enqueue(&clock, &job(&format!("job-{number}"))).unwrap();
    }
    let deaths = AtomicU64::new(0);
    thread::scope(|scope| {
        for seed in 0..4 {
            let (clock, deaths) = (&clock, &deaths);
            scope.spawn(move || {
                let (mut store, mut rng) = (place.open(), SeededRng::new(900 + seed));
                for _ in 0..10_000 {
                    let leased = lease_with(&mut store, clock, 2, &back_off(1_000));
                    if leased.is_empty() {
                        if jobs(&mut store).iter().all(|job| job.state == JobState::Done) {
                            return;
                        }
                        clock.advance(SignedDuration::from_secs(20));
                    }
                    for job in leased {
                        if rng.next_u64() % 3 == 0 {
                            deaths.fetch_add(1, Ordering::Relaxed);
                            continue;
                        }
                        let change =
                            decided(clock, rng.next_u64(), "Orsolya Testwick", job.key.as_str());
                        let done = store.finish_job(clock, TEST, &job, |w| w.put_decision(&change));
                        assert!(matches!(done, Ok(()) | Err(StoreError::LeaseLost)), "{done:?}");
                    }
                }
            });
        }
    });
    assert!(deaths.into_inner() > 0);
    each_was_done_once(&mut store, JOBS);
}

fn each_was_done_once(store: &mut Database, jobs: u64) {
    let decisions = store.read(|r| r.decisions(&organisation())).unwrap();
    let done: BTreeSet<String> = decisions
        .iter()
        .map(|decision| decision.judgement.reason.text().reveal().to_owned())
        .collect();
    assert_eq!(decisions.len() as u64, jobs);
    assert_eq!(done.len() as u64, jobs);
    assert!(self::jobs(store).iter().all(|job| job.state == JobState::Done));
}

fn queue_moves_leave_no_leaf(place: &impl Place) {
    let (mut store, clock) = (place.open(), MockClock::default());
    store.enqueue(&clock, &job("a")).unwrap();
    let leased = lease(&mut store, &clock).unwrap();
    store.renew_lease(&clock, &leased, MINUTE).unwrap();
    store.put_job_back(&leased).unwrap();
    let leased = lease(&mut store, &clock).unwrap();
    store.fail_job(&clock, &leased, Failure::Passing, &"".into(), &back_off(9)).unwrap();
    clock.advance(MINUTE);
    let leased = lease(&mut store, &clock).unwrap();
    finish(&mut store, &clock, &leased).unwrap();
    assert_eq!(kinds_of_events(&mut store), [""; 0]);
}

const CHILD_FOLDER: &str = "PORTCULLIS_TEST_QUEUE";
const CHILD_NOW: &str = "PORTCULLIS_TEST_QUEUE_NOW";

/// Not a test of its own: what the next one starts as another process, and kills.
#[test]
fn a_process_that_works_until_it_is_killed() {
    let Some(folder) = std::env::var_os(CHILD_FOLDER) else { return };
    let now: Timestamp = std::env::var(CHILD_NOW).unwrap().parse().unwrap();
    let clock = MockClock::at(now);
    let mut store = open_sqlite(Path::new(&folder));
    let mut rng = SeededRng::new(u64::from(std::process::id()) << 20);
    loop {
        let leased = lease_with(&mut store, &clock, 3, &back_off(1_000));
        if leased.is_empty() {
            return;
        }
        for job in leased {
            let change = decided(&clock, rng.next_u64(), "Orsolya Testwick", job.key.as_str());
            store.finish_job(&clock, TEST, &job, |w| w.put_decision(&change)).unwrap();
        }
    }
}

// THREATS T-21
/// THREATS T-21
#[test]
#[expect(clippy::disallowed_methods, reason = "lets another process work for a moment")]
fn processes_that_are_killed_leave_each_job_done_once() {
    const JOBS: u64 = 100;
    let folder = tempfile::tempdir().unwrap();
    let clock = MockClock::default();
    let mut store = open_sqlite(folder.path());
    for number in 0..JOBS {
        store.enqueue(&clock, &job(&format!("job-{number}"))).unwrap();
    }
    let done = |store: &mut Database| {
        jobs(store).iter().filter(|job| job.state == JobState::Done).count() as u64
    };
    for round in 0..20 {
        // A lease and the longest wait later: what the one before held is free again.
        clock.advance(MINUTE + MINUTE);
        let before = done(&mut store);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_process_that_works_until_it_is_killed"])
            .env(CHILD_FOLDER, folder.path())
            .env(CHILD_NOW, clock.now().to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // In the middle of its work; the last ones may go on until nothing is left.
        if round < 8 {
            while done(&mut store) == before && child.try_wait().unwrap().is_none() {
                thread::sleep(Duration::from_millis(1));
            }
            child.kill().unwrap();
        }
        child.wait().unwrap();
    }
    let attempts: u64 = jobs(&mut store).iter().map(|job| u64::from(job.attempts)).sum();
    assert!(attempts > JOBS, "nobody was killed with a job at hand");
    each_was_done_once(&mut store, JOBS);
}
