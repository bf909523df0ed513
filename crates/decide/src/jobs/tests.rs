use super::*;
use crate::{NotAPersonError, RecordKind, RecordNumber, Schedule, StatedReason};
use jiff::{SignedDuration, Timestamp};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Actor, Detail, OfficerId, OrganisationId, Protected, Purpose, Rng};
use proptest::prelude::*;
use std::num::NonZeroU32;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn attempts(count: u32) -> NonZeroU32 {
    NonZeroU32::new(count).unwrap()
}

/// Draws the same byte for ever.
#[derive(Debug)]
struct Always(u8);
impl Rng for Always {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(self.0);
    }
}

// Keys

#[test]
fn a_key_is_a_word() {
    for text in ["a", "2026-03-29t02.30.00z", &"x".repeat(64)] {
        assert_eq!(text.parse::<JobKey>().unwrap().as_str(), text);
    }
    for text in ["", "Orsolya", "a b", "a_b", "é", &"x".repeat(65)] {
        assert_eq!(text.parse::<JobKey>(), Err(JobKeyError), "{text}");
    }
}

// Back-off

#[test]
fn the_ceiling_doubles_until_the_cap() {
    // By hand: 10, 20, 40, 80, 160, 320, 640, 1280, 2560 seconds; 5120 is more than an hour.
    let expected = [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600];
    for (count, seconds) in (1..).zip(expected) {
        let ceiling = BackOff::default().ceiling_after(attempts(count));
        assert_eq!(ceiling, SignedDuration::from_secs(seconds), "{count}");
    }
    let ceiling = BackOff::default().ceiling_after(NonZeroU32::MAX);
    assert_eq!(ceiling, SignedDuration::from_hours(1));
}

#[test]
fn the_wait_is_drawn_from_nothing_up_to_the_ceiling() {
    let now = time("2026-03-01T12:00:00Z");
    let retry_at = |byte, count| {
        let mut rng = Always(byte);
        BackOff::default().after_failure(now, &mut rng, attempts(count), Failure::Passing)
    };
    assert_eq!(retry_at(0x00, 3), Next::RetryAt(now));
    assert_eq!(retry_at(0xff, 3), Next::RetryAt(time("2026-03-01T12:00:40Z")));
    // Bytes of 0x80 are 128/255 of 2^64; of 40,001 possible waits that is 20,078.9.
    assert_eq!(retry_at(0x80, 3), Next::RetryAt(time("2026-03-01T12:00:20.078Z")));
}

#[test]
fn a_failure_that_would_come_again_is_given_up_at_once() {
    let now = time("2026-03-01T12:00:00Z");
    let next = |count, failure| {
        let mut rng = Always(0x00);
        BackOff::default().after_failure(now, &mut rng, attempts(count), failure)
    };
    assert_eq!(next(1, Failure::Lasting), Next::GiveUp);
    assert_eq!(next(11, Failure::Passing), Next::RetryAt(now));
    assert_eq!(next(12, Failure::Passing), Next::GiveUp);
    assert_eq!(next(13, Failure::Passing), Next::GiveUp);
}

#[test]
fn waits_without_bounds_are_refused() {
    let new = |first_ms, cap_h, count| {
        let first = SignedDuration::from_millis(first_ms);
        BackOff::new(first, SignedDuration::from_hours(cap_h), attempts(count)).err()
    };
    assert_eq!(new(1, 24, 1_000), None);
    assert_eq!(new(0, 24, 5), Some(BackOffError::First));
    assert_eq!(new(-1, 24, 5), Some(BackOffError::First));
    assert_eq!(new(3_600_001, 1, 5), Some(BackOffError::First));
    assert_eq!(new(1, 25, 5), Some(BackOffError::Cap));
    assert_eq!(new(1, 0, 5), Some(BackOffError::First));
    assert_eq!(new(1, 24, 1_001), Some(BackOffError::Attempts));
}

#[test]
fn at_the_end_of_the_calendar_a_job_is_tried_at_once() {
    let mut rng = Always(0xff);
    let next =
        BackOff::default().after_failure(Timestamp::MAX, &mut rng, attempts(1), Failure::Passing);
    assert_eq!(next, Next::RetryAt(Timestamp::MAX));
}

fn back_offs() -> impl Strategy<Value = BackOff> {
    (1_i64..=86_400_000, 1_u32..=1_000).prop_flat_map(|(cap, count)| {
        (1..=cap).prop_map(move |first| {
            let ms = SignedDuration::from_millis;
            BackOff::new(ms(first), ms(cap), attempts(count)).unwrap()
        })
    })
}

proptest! {
    #[test]
    fn the_ceiling_never_falls_and_never_passes_a_day(
        back_off in back_offs(),
        count in 1_u32..u32::MAX,
    ) {
        let now = back_off.ceiling_after(attempts(count));
        let then = back_off.ceiling_after(attempts(count + 1));
        prop_assert!(SignedDuration::ZERO < now && now <= then);
        prop_assert!(then <= SignedDuration::from_hours(24));
    }

    #[test]
    fn a_retry_lies_between_now_and_the_ceiling(
        back_off in back_offs(),
        count in 1_u32..2_000,
        seed: u64,
        second in 0_i64..4_000_000_000,
    ) {
        let now = Timestamp::from_second(second).unwrap();
        let (mut rng, count) = (SeededRng::new(seed), attempts(count));
        if let Next::RetryAt(at) = back_off.after_failure(now, &mut rng, count, Failure::Passing) {
            prop_assert!(now <= at && at.duration_since(now) <= back_off.ceiling_after(count));
        }
    }
}

// Cadence

#[test]
fn the_next_moment_is_on_the_clock_and_after_now() {
    for (cadence, now, next) in [
        ("every 15 minutes", "2026-03-01T12:00:00Z", "2026-03-01T12:15:00Z"),
        ("every 15 minutes", "2026-03-01T12:14:59.999999Z", "2026-03-01T12:15:00Z"),
        ("every 15 minutes", "2026-03-01T23:46:00Z", "2026-03-02T00:00:00Z"),
        ("every minute", "2026-03-01T12:00:30Z", "2026-03-01T12:01:00Z"),
        ("every hour", "2026-03-01T12:00:30Z", "2026-03-01T13:00:00Z"),
        ("every 6 hours", "2026-03-01T07:00:00Z", "2026-03-01T12:00:00Z"),
        ("daily at 02:30", "2026-03-01T02:29:59Z", "2026-03-01T02:30:00Z"),
        ("daily at 02:30", "2026-03-01T02:30:00Z", "2026-03-02T02:30:00Z"),
        // The clocks of London go forward at 01:00 that day; UTC does not.
        ("daily at 01:30", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"),
        ("daily at 00:00", "2024-02-28T12:00:00Z", "2024-02-29T00:00:00Z"),
        ("every 6 hours", "1969-12-31T22:00:00.5Z", "1970-01-01T00:00:00Z"),
    ] {
        let cadence: Cadence = cadence.parse().unwrap();
        assert_eq!(cadence.next_after(time(now)), Some(time(next)), "{cadence} after {now}");
    }
}

#[test]
fn however_many_moments_were_missed_one_run_makes_up_for_them() {
    let nightly: Cadence = "daily at 02:30".parse().unwrap();
    let now = time("2026-03-10T09:00:00Z");
    let latest = Some(time("2026-03-10T02:30:00Z"));
    assert_eq!(nightly.due(Some(time("2026-03-01T02:30:00Z")), now), latest);
    assert_eq!(nightly.due(None, now), latest);
    assert_eq!(nightly.due(latest, now), None);
    assert_eq!(nightly.due(latest, time("2026-03-11T02:29:59Z")), None);
    let next = time("2026-03-11T02:30:00Z");
    assert_eq!(nightly.due(latest, next), Some(next));
}

#[test]
fn a_clock_that_went_back_makes_nothing_due() {
    let hourly: Cadence = "every hour".parse().unwrap();
    let ran = Some(time("2026-03-10T09:00:00Z"));
    assert_eq!(hourly.due(ran, time("2026-03-10T08:30:00Z")), None);
}

#[test]
fn a_cadence_prints_as_it_is_read() {
    for text in [
        "every minute",
        "every 15 minutes",
        "every 90 minutes",
        "every hour",
        "every 12 hours",
        "daily at 00:00",
        "daily at 23:59",
    ] {
        assert_eq!(text.parse::<Cadence>().unwrap().to_string(), text);
    }
    for (text, same) in [("every 60 minutes", "every hour"), ("every 24 hours", "daily at 00:00")] {
        assert_eq!(text.parse::<Cadence>().unwrap().to_string(), same);
    }
}

#[test]
fn what_is_no_cadence_is_refused() {
    for text in [
        "",
        "every",
        "hourly",
        "every  15 minutes",
        "every -5 minutes",
        "every +5 minutes",
        "every 5 minute",
        "daily at 24:00",
        "daily at 12:60",
        "daily at 2:30",
        "daily at 02:300",
        "daily at 02",
        "daily at +2:30",
        "Daily at 02:30",
        "every 15 minutes ",
    ] {
        assert_eq!(text.parse::<Cadence>(), Err(CadenceError::NotACadence), "{text}");
    }
    for text in [
        "every 0 minutes",
        "every 7 minutes",
        "every 5 hours",
        "every 1441 minutes",
        "every 48 hours",
        "every 99999999999999999999 hours",
    ] {
        assert_eq!(text.parse::<Cadence>(), Err(CadenceError::Uneven), "{text}");
    }
}

fn cadences() -> impl Strategy<Value = Cadence> {
    // Few numbers divide a day: drawn from all, too many would be thrown away.
    let evenly: Vec<Cadence> =
        (1..=1_440).filter_map(|minutes| Cadence::every_minutes(minutes).ok()).collect();
    let daily = (0_i8..24, 0_i8..60)
        .prop_map(|(hour, minute)| Cadence::daily_at(jiff::civil::time(hour, minute, 0, 0)));
    prop_oneof![proptest::sample::select(evenly), daily]
}

proptest! {
    #[test]
    fn the_next_moment_is_later_and_comes_again_the_next_day(
        cadence in cadences(),
        micros in -62_000_000_000_000_000_i64..250_000_000_000_000_000,
    ) {
        let now = Timestamp::from_microsecond(micros).unwrap();
        let next = cadence.next_after(now).unwrap();
        prop_assert!(next > now && next.duration_since(now) <= SignedDuration::from_hours(24));
        prop_assert_eq!(next.as_second().rem_euclid(60), 0);
        prop_assert_eq!(next.subsec_nanosecond(), 0);
        // It is due then and never before, and the same time a day later is a moment too.
        prop_assert_eq!(cadence.due(None, next), Some(next));
        let tomorrow = next + SignedDuration::from_hours(24);
        prop_assert_eq!(cadence.due(None, tomorrow), Some(tomorrow));
        prop_assert!(cadence.due(None, next - SignedDuration::from_nanos(1)) != Some(next));
        // Nothing lies between.
        let just_before = next - SignedDuration::from_nanos(1);
        prop_assert_eq!(cadence.next_after(just_before), Some(next));
    }

    #[test]
    fn any_moment_gives_a_key(micros in Timestamp::MIN.as_microsecond()..Timestamp::MAX.as_microsecond()) {
        let key = JobKey::of_moment(Timestamp::from_microsecond(micros).unwrap());
        prop_assert_eq!(key.as_str().parse::<JobKey>(), Ok(key.clone()));
    }

    #[test]
    fn no_text_makes_the_reader_of_cadences_panic(text: String) {
        if let Ok(cadence) = text.parse::<Cadence>() {
            prop_assert_eq!(cadence.to_string().parse(), Ok(cadence));
        }
    }

    #[test]
    fn a_cadence_that_prints_reads_back(cadence in cadences()) {
        prop_assert_eq!(cadence.to_string().parse(), Ok(cadence));
    }
}

#[test]
fn at_the_end_of_the_calendar_there_is_no_next_moment() {
    let daily: Cadence = "daily at 00:00".parse().unwrap();
    assert_eq!(daily.next_after(Timestamp::MAX), None);
    assert!(daily.next_after(Timestamp::MIN).is_none_or(|next| next > Timestamp::MIN));
}

// Given up

fn failed() -> FailedJob {
    FailedJob {
        organisation: OrganisationId::new("tests").unwrap(),
        purpose: Purpose::KeepLists,
        name: JobName::new("lists.refresh").unwrap(),
        key: "2026-03-01t02.30.00z".parse().unwrap(),
        record: RecordNumber::new(7).unwrap(),
        attempts: 12,
        failure: Failure::Passing,
        account: "no answer about Orsolya Testwick".into(),
    }
}

fn given_up() -> GivenUpJob {
    give_up(&MockClock::default(), &mut SeededRng::new(1), failed()).unwrap().into_state()
}

fn officer() -> OfficerId {
    OfficerId::new("q.examplesson").unwrap()
}

fn reason() -> StatedReason {
    StatedReason::new("Quillon put the address right").unwrap()
}

#[test]
fn giving_a_job_up_is_told_and_a_person_must_look_before_it_is_forgotten() {
    let change = give_up(&MockClock::default(), &mut SeededRng::new(1), failed()).unwrap();
    let event = change.event();
    assert_eq!(event.kind.as_str(), "jobs.given-up");
    assert_eq!(event.actor, Actor::Job(JobName::new("lists.refresh").unwrap()));
    assert_eq!(event.purpose, Purpose::KeepLists);
    assert_eq!(event.details.get("record"), Some(&Detail::Number(7)));
    assert_eq!(event.details.get("attempts"), Some(&Detail::Number(12)));
    assert_eq!(event.details.text("failure").unwrap().reveal(), "passing");
    assert_eq!(change.state().id, event.id);
    assert_eq!(change.record_kind(), RecordKind::GivenUpJob);
    // The clock of the tests stands on 1 March 2025, and the schedule says a year.
    let retention = change.retention(&Schedule::default());
    assert_eq!(retention.review_on.to_string(), "2026-03-01");
    assert_eq!(retention.disposal, crate::Disposal::Review);
}

#[test]
fn a_book_of_a_failure_is_cut_and_does_not_show_in_a_debug_line() {
    let job = FailedJob { account: Protected::new("é".repeat(70_000)), ..failed() };
    let change = give_up(&MockClock::default(), &mut SeededRng::new(1), job).unwrap();
    assert_eq!(change.state().job.account.reveal().chars().count(), 2_000);
    assert!(change.event().to_bytes().len() < 65_536);
    assert!(!format!("{:?}", given_up()).contains("Orsolya"));
}

#[test]
fn an_officer_has_a_job_tried_again_or_discards_it_and_says_why() {
    for (deed, kind) in [(Deed::Retried, "jobs.retried"), (Deed::Discarded, "jobs.discarded")] {
        let transition = if deed == Deed::Retried { retry } else { discard };
        let change = transition(
            &MockClock::default(),
            &mut SeededRng::new(2),
            given_up(),
            officer(),
            reason(),
            Some("desk-4"),
        )
        .unwrap();
        let event = change.event();
        assert_eq!(event.kind.as_str(), kind);
        assert_eq!(event.actor, Actor::Officer(officer()));
        assert_eq!(event.details.text("reason").unwrap(), reason().text());
        assert_eq!(event.details.text("account").unwrap().reveal(), "desk-4");
        let id = given_up().id.as_bytes().to_vec();
        assert_eq!(event.details.get("given-up"), Some(&Detail::Bytes(id)));
        let dealt_with = change.state().dealt_with.as_ref().unwrap();
        assert_eq!((dealt_with.deed, &dealt_with.officer), (deed, &officer()));
        assert_eq!(Deed::from_code(deed.code()), Some(deed));
    }
}

#[test]
fn a_job_is_dealt_with_once() {
    let clock = MockClock::default();
    let mut rng = SeededRng::new(3);
    let dealt_with =
        discard(&clock, &mut rng, given_up(), officer(), reason(), None).unwrap().into_state();
    let refused = DealError::AlreadyDealtWith { officer: officer(), deed: Deed::Discarded };
    assert_eq!(
        refused.to_string(),
        "`q.examplesson` has already dealt with this job: it was discarded"
    );
    for transition in [retry, discard] {
        let again = transition(&clock, &mut rng, dealt_with.clone(), officer(), reason(), None)
            .unwrap_err();
        assert_eq!(again, refused);
    }
}

#[test]
fn no_machine_deals_with_what_was_given_up() {
    // THREATS T-02
    let cron = OfficerId::new("cron").unwrap();
    for transition in [retry, discard] {
        let refused = transition(
            &MockClock::default(),
            &mut SeededRng::new(4),
            given_up(),
            cron.clone(),
            reason(),
            None,
        );
        assert_eq!(refused.unwrap_err(), DealError::Officer(NotAPersonError));
    }
}

#[test]
fn codes_of_failures_are_read_back() {
    for failure in Failure::ALL {
        assert_eq!(Failure::from_code(failure.code()), Some(failure));
    }
    assert_eq!(Failure::from_code("late"), None);
    assert_eq!(Deed::from_code("ignored"), None);
}
