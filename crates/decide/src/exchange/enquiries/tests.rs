use super::*;
use crate::exchange::{Acting, ReferralId};
use crate::{RecordKind, StatedReason};
use jiff::SignedDuration;
use jiff::civil::Date;
use portcullis_federation::Moment;
use portcullis_share::{AnswerCode, EnquiryId};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{
    Actor, Clock as _, Gateway, JobName, OfficerId, OrganisationId, PopulationClass, Purpose,
};
use proptest::prelude::*;

fn at(text: &str) -> Moment {
    Moment::of(text.parse().unwrap()).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn clock(text: &str) -> MockClock {
    MockClock::at(text.parse().unwrap())
}

fn organisation(name: &str) -> OrganisationId {
    OrganisationId::new(name).unwrap()
}

fn acting(organisation_name: &str) -> Acting {
    Acting {
        organisation: organisation(organisation_name),
        officer: OfficerId::new("o.testwick").unwrap(),
        purpose: Purpose::ScreenDonor,
    }
}

fn job() -> JobName {
    JobName::new("exchange.answers").unwrap()
}

fn reason() -> StatedReason {
    StatedReason::new("one of the same name and year is known").unwrap()
}

#[test]
fn the_moment_of_an_answer_is_counted_on_the_calendar() {
    // Counted by hand and, apart from this code, with Python's `datetime`. 3 March 2025 is a Monday.
    for (asked, decide_by, expected) in [
        // A gift of 1 March is returned by 30 March: asked on Monday the 3rd, a fortnight ends on
        // Monday the 17th, which is before Thursday the 27th.
        ("2025-03-03T09:00:00Z", "2025-03-30", "2025-03-17T12:00:00Z"),
        // Asked on the 20th, three days before the 30th come first: Thursday the 27th.
        ("2025-03-20T09:00:00Z", "2025-03-30", "2025-03-27T12:00:00Z"),
        // Three days before Tuesday 1 April lies Saturday, before Wednesday 2 April Sunday: Friday.
        ("2025-03-21T08:00:00Z", "2025-04-01", "2025-03-28T12:00:00Z"),
        ("2025-03-21T08:00:00Z", "2025-04-02", "2025-03-28T12:00:00Z"),
        // A fortnight after Saturday 1 March is a Saturday: Friday the 14th.
        ("2025-03-01T12:00:00Z", "2025-12-31", "2025-03-14T12:00:00Z"),
        // Asked on Saturday for Monday: a whole day passes, and then comes Sunday's noon.
        ("2025-03-22T10:00:00Z", "2025-03-24", "2025-03-23T12:00:00Z"),
        // A whole day to the second is a whole day; an hour later it is the noon after.
        ("2025-03-22T12:00:00Z", "2025-03-23", "2025-03-23T12:00:00Z"),
        ("2025-03-22T13:00:00Z", "2025-03-23", "2025-03-24T12:00:00Z"),
        // Over the end of a leap February, and of a year.
        ("2024-02-15T00:00:00Z", "2024-03-15", "2024-02-29T12:00:00Z"),
        ("2025-12-24T16:00:00Z", "2026-01-06", "2026-01-02T12:00:00Z"),
        // A second before the end of February belongs to February.
        ("2025-02-28T23:59:59Z", "2025-03-29", "2025-03-14T12:00:00Z"),
    ] {
        assert_eq!(release_at(at(asked), day(decide_by)), at(expected), "{asked} {decide_by}");
    }
}

#[test]
fn an_answer_that_would_leave_after_the_last_day_is_of_no_use() {
    assert_eq!(is_of_use(at("2025-03-22T12:00:00Z"), day("2025-03-23")), Use::InTime);
    assert_eq!(is_of_use(at("2025-03-22T13:00:00Z"), day("2025-03-23")), Use::TooLate);
    assert_eq!(is_of_use(at("2025-03-22T13:00:00Z"), day("2020-01-01")), Use::TooLate);
}

fn asked(class: PopulationClass, decide_by: &str) -> AskedEnquiry {
    let id = EnquiryId::random(&mut SeededRng::new(7));
    let draft =
        DraftEnquiry { id, to: organisation("service-x"), class, decide_by: day(decide_by) };
    let (clock, mut rng) = (clock("2025-03-03T08:00:00Z"), SeededRng::new(1));
    let change = draft_enquiry(&clock, &mut rng, &acting("party-a"), draft).unwrap();
    assert_eq!(change.event().kind.as_str(), "enquiry.drafted");
    change.into_state()
}

fn sent(decide_by: &str) -> AskedEnquiry {
    let drafted = asked(PopulationClass::Donor, decide_by);
    let (clock, mut rng) = (clock("2025-03-03T09:00:00Z"), SeededRng::new(2));
    let by = acting("party-a");
    let change = send_enquiry(&clock, &mut rng, &by, drafted, Gateway::ToService).unwrap();
    assert_eq!(change.event().kind.as_str(), "enquiry.sent");
    assert_eq!(change.event().gateway, Some(Gateway::ToService));
    assert_eq!(change.record_kind(), RecordKind::Enquiry);
    change.into_state()
}

fn heard(due: &str) -> Heard {
    Heard { code: AnswerCode::NoAdvice, version: 1, due: at(due) }
}

#[test]
fn an_enquiry_is_sent_once_and_not_when_its_answer_would_come_too_late() {
    let by = acting("party-a");
    let (monday, mut rng) = (clock("2025-03-03T09:00:00Z"), SeededRng::new(2));
    let again = send_enquiry(&monday, &mut rng, &by, sent("2025-03-30"), Gateway::ToService);
    assert_eq!(again, Err(SendError::Sent));
    let tonight = asked(PopulationClass::Candidate, "2025-03-03");
    let refused = send_enquiry(&monday, &mut rng, &by, tonight, Gateway::ToService);
    assert_eq!(refused, Err(SendError::TooLate { day: day("2025-03-04") }));
}

#[test]
fn an_answer_in_time_and_one_after_the_last_day_are_told_apart() {
    let (enquiry, mut rng) = (sent("2025-03-30"), SeededRng::new(3));
    assert_eq!(enquiry.due(), Some(at("2025-03-17T12:00:00Z")));
    let due = heard("2025-03-17T12:00:00Z");
    for (came, expected) in [
        ("2025-03-17T12:05:00Z", Timing::InTime),
        ("2025-03-30T23:59:59Z", Timing::InTime),
        ("2025-03-31T00:00:00Z", Timing::Late),
    ] {
        let change = hear_answer(&clock(came), &mut rng, &job(), enquiry.clone(), due).unwrap();
        assert_eq!(change.state().timing(), expected, "{came}");
        assert_eq!(change.event().actor, Actor::Job(job()));
    }
}

#[test]
fn an_answer_that_names_another_moment_is_refused() {
    // THREATS T-48: a service that chooses the moment could tell by it.
    let (came, mut rng) = (clock("2025-03-17T12:05:00Z"), SeededRng::new(3));
    let (expected, found) = (at("2025-03-17T12:00:00Z"), at("2025-03-16T12:00:00Z"));
    let other = heard("2025-03-16T12:00:00Z");
    let refused = hear_answer(&came, &mut rng, &job(), sent("2025-03-30"), other);
    assert_eq!(refused, Err(HearError::OtherMoment { expected, found }));
    let due = heard("2025-03-17T12:00:00Z");
    let drafted = asked(PopulationClass::Donor, "2025-03-30");
    let refused = hear_answer(&came, &mut rng, &job(), drafted, due);
    assert_eq!(refused, Err(HearError::NotSent));
    let answered = hear_answer(&came, &mut rng, &job(), sent("2025-03-30"), due).unwrap();
    let refused = hear_answer(&came, &mut rng, &job(), answered.into_state(), due);
    assert_eq!(refused, Err(HearError::Answered));
}

#[test]
fn an_enquiry_lapses_after_its_last_day_and_takes_an_answer_all_the_same() {
    let (mut rng, enquiry) = (SeededRng::new(3), sent("2025-03-30"));
    let decide_by = day("2025-03-30");
    let early = lapse_enquiry(&clock("2025-03-30T23:59:59Z"), &mut rng, &job(), enquiry.clone());
    assert_eq!(early, Err(LapseError::NotYet { decide_by }));
    let after = clock("2025-03-31T00:00:00Z");
    let lapsed = lapse_enquiry(&after, &mut rng, &job(), enquiry).unwrap().into_state();
    assert_eq!(lapsed.timing(), Timing::Late);
    let again = lapse_enquiry(&after, &mut rng, &job(), lapsed.clone());
    assert_eq!(again, Err(LapseError::NotWaiting));
    let due = heard("2025-03-17T12:00:00Z");
    let answered = hear_answer(&after, &mut rng, &job(), lapsed, due).unwrap().into_state();
    assert_eq!(answered.timing(), Timing::Late);
}

#[test]
fn what_is_kept_of_an_enquiry_reads_back() {
    let (mut rng, came) = (SeededRng::new(3), clock("2025-03-17T12:05:00Z"));
    let due = heard("2025-03-17T12:00:00Z");
    let answered = hear_answer(&came, &mut rng, &job(), sent("2025-03-30"), due).unwrap();
    for enquiry in [sent("2025-03-30"), answered.into_state()] {
        let text = serde_json::to_string(&enquiry).unwrap();
        assert_eq!(serde_json::from_str::<AskedEnquiry>(&text).unwrap(), enquiry);
        let other = text.replace("no-advice", "advice-is-held");
        assert!(other == text || serde_json::from_str::<AskedEnquiry>(&other).is_err());
    }
    let received = through(How::Chosen(AnswerCode::SpeakToUs), day("2025-03-30"));
    let text = serde_json::to_string(&received).unwrap();
    assert_eq!(serde_json::from_str::<ReceivedEnquiry>(&text).unwrap(), received);
}

/// What happened to an enquiry at the service before its moment.
#[derive(Debug, Clone, Copy)]
enum How {
    Nothing,
    Referred,
    Assessed,
    Chosen(AnswerCode),
    Changed(AnswerCode, AnswerCode),
}

fn received(decide_by: Date) -> ReceivedEnquiry {
    let arrived = ArrivedEnquiry {
        id: EnquiryId::random(&mut SeededRng::new(7)),
        from: organisation("party-a"),
        class: PopulationClass::Donor,
        decide_by,
        asked: at("2025-03-03T09:00:00Z"),
        gateway: Gateway::ToService,
    };
    let (clock, mut rng) = (clock("2025-03-03T09:05:00Z"), SeededRng::new(4));
    let (own, by) = (organisation("service-x"), job());
    let change = receive_enquiry(&clock, &mut rng, own, &by, arrived).unwrap();
    assert_eq!(change.event().kind.as_str(), "enquiry.received");
    change.into_state()
}

fn through(how: How, decide_by: Date) -> ReceivedEnquiry {
    let (clock, mut rng) = (clock("2025-03-04T10:00:00Z"), SeededRng::new(5));
    let (by, mut enquiry) = (acting("service-x"), received(decide_by));
    if !matches!(how, How::Nothing) {
        let referral = ReferralId::random(&mut rng);
        enquiry = refer_enquiry(&clock, &mut rng, &by, enquiry, referral).unwrap().into_state();
    }
    if !matches!(how, How::Nothing | How::Referred) {
        enquiry = assess_enquiry(&clock, &mut rng, &by, enquiry).unwrap().into_state();
    }
    let codes = match how {
        How::Chosen(code) => vec![code],
        How::Changed(first, then) => vec![first, then],
        _ => vec![],
    };
    for code in codes {
        let change = choose_answer(&clock, &mut rng, &by, enquiry, code, reason()).unwrap();
        assert_eq!(change.event().kind.as_str(), "enquiry.answer-chosen");
        assert_eq!(change.event().details.text("reason"), None);
        enquiry = change.into_state();
    }
    enquiry
}

fn release(enquiry: ReceivedEnquiry, when: &str) -> Result<ReceivedEnquiry, ReleaseError> {
    let (clock, mut rng) = (clock(when), SeededRng::new(6));
    let gateway = Gateway::SecurityServiceOut;
    let change = release_answer(&clock, &mut rng, &job(), enquiry, gateway)?;
    assert_eq!(change.event().kind.as_str(), "enquiry.answer-released");
    assert_eq!(change.event().gateway, Some(gateway));
    Ok(change.into_state())
}

#[test]
fn an_answer_leaves_at_its_moment_and_not_a_second_before_however_early_it_was_chosen() {
    let (due, by) = (at("2025-03-17T12:00:00Z"), day("2025-03-30"));
    let enquiry = through(How::Chosen(AnswerCode::SpeakToUs), by);
    let early = release(enquiry.clone(), "2025-03-17T11:59:59Z");
    assert_eq!(early, Err(ReleaseError::NotYet { due }));
    let released = release(enquiry, "2025-03-17T12:00:00Z").unwrap();
    assert_eq!(released.released().unwrap().code, AnswerCode::SpeakToUs);
    // Who chose it, and why, is there for whoever is asked about it later.
    let ReceivedStage::Released { chosen: Some(chosen), .. } = &released.stage else {
        panic!("it was chosen")
    };
    assert_eq!((&chosen.by, &chosen.reason), (&acting("service-x").officer, &reason()));
    assert_eq!(release(released, "2025-03-17T12:00:00Z"), Err(ReleaseError::Released));
}

#[test]
fn what_nobody_decided_is_no_advice_and_reads_like_what_somebody_did() {
    // THREATS T-48
    let by = day("2025-03-30");
    let expected = ReleasedAnswer {
        enquiry: received(by).id,
        code: AnswerCode::NoAdvice,
        due: at("2025-03-17T12:00:00Z"),
    };
    for how in [
        How::Nothing,
        How::Referred,
        How::Assessed,
        How::Chosen(AnswerCode::NoAdvice),
        How::Changed(AnswerCode::SpeakToUs, AnswerCode::NoAdvice),
    ] {
        let released = release(through(how, by), "2025-03-17T12:00:00Z").unwrap();
        assert_eq!(released.released(), Some(expected), "{how:?}");
    }
}

#[test]
fn nobody_chooses_before_it_was_assessed_nor_once_the_moment_has_come() {
    let (by, last) = (acting("service-x"), day("2025-03-30"));
    let choose = |when: &str, enquiry| {
        let mut rng = SeededRng::new(5);
        choose_answer(&clock(when), &mut rng, &by, enquiry, AnswerCode::SpeakToUs, reason())
    };
    for how in [How::Nothing, How::Referred] {
        let refused = choose("2025-03-04T10:00:00Z", through(how, last));
        assert_eq!(refused, Err(ChooseError::NotAssessed));
    }
    let due = at("2025-03-17T12:00:00Z");
    // The job that releases may come later; the officer's time ends with the moment all the same.
    let refused = choose("2025-03-17T12:00:00Z", through(How::Assessed, last));
    assert_eq!(refused, Err(ChooseError::TooLate { due }));
    assert!(choose("2025-03-17T11:59:59Z", through(How::Assessed, last)).is_ok());
}

#[test]
fn what_comes_after_the_last_day_is_counted_once_and_only_where_no_advice_was_given() {
    let (by, last) = (acting("service-x"), day("2025-03-30"));
    let advise = |enquiry| {
        let (clock, mut rng) = (clock("2025-04-20T10:00:00Z"), SeededRng::new(5));
        advise_late(&clock, &mut rng, &by, enquiry)
    };
    assert_eq!(advise(received(last)), Err(AdviseLateError::NotReleased));
    let warned = release(through(How::Chosen(AnswerCode::SpeakToUs), last), "2025-03-17T12:00:00Z");
    assert_eq!(advise(warned.unwrap()), Err(AdviseLateError::Advised));
    let none = release(received(last), "2025-03-17T12:00:00Z").unwrap();
    let change = advise(none).unwrap();
    assert_eq!(change.event().kind.as_str(), "enquiry.advised-late");
    assert_eq!(advise(change.into_state()), Err(AdviseLateError::Advised));
}

#[test]
fn figures_are_counted_by_party_and_class() {
    let (last, by) = (day("2025-03-30"), acting("service-x"));
    let now = at("2025-04-20T00:00:00Z");
    let on_time = release(received(last), "2025-03-17T12:00:00Z").unwrap();
    let late = release(received(last), "2025-04-02T12:00:00Z").unwrap();
    let (later, mut rng) = (clock("2025-04-20T10:00:00Z"), SeededRng::new(5));
    let advised = advise_late(&later, &mut rng, &by, on_time.clone()).unwrap().into_state();
    let mut candidate = received(last);
    candidate.class = PopulationClass::Candidate;
    let all = [on_time, late, advised, candidate];
    let figures = figures(all.iter().map(|enquiry| enquiry.counted(now)));
    let row = |class| figures.get(&(organisation("party-a"), class)).unwrap();
    let donors = row(PopulationClass::Donor);
    assert_eq!((donors.asked, donors.late, donors.advised_late), (3, 1, 1));
    assert_eq!(donors.answered, [(AnswerCode::NoAdvice, 3)].into());
    // Never released, and its last day has passed: late, though nothing was answered.
    let candidates = row(PopulationClass::Candidate);
    assert_eq!((candidates.asked, candidates.late), (1, 1));
    assert!(candidates.answered.is_empty());
    // At the party a draft is not counted; an open one is not late.
    assert_eq!(asked(PopulationClass::Donor, "2025-03-30").counted(), None);
    assert_eq!(sent("2025-03-30").counted().unwrap().timing, Timing::Open);
}

fn hows() -> impl Strategy<Value = How> {
    let code = || proptest::sample::select(AnswerCode::ALL);
    prop_oneof![
        Just(How::Nothing),
        Just(How::Referred),
        Just(How::Assessed),
        code().prop_map(How::Chosen),
        (code(), code()).prop_map(|(a, b)| How::Changed(a, b)),
    ]
}

proptest! {
    #[test]
    fn the_moment_follows_from_the_enquiry_whatever_happened_to_it(
        how in hows(),
        days in 15..60_i32,
        wait in 0..2_000_000_i64,
    ) {
        // THREATS T-48
        let decide_by = day("2025-03-03").checked_add(jiff::Span::new().days(days)).unwrap();
        let (enquiry, untouched) = (through(how, decide_by), received(decide_by));
        prop_assert_eq!(enquiry.due(), untouched.due());
        let clock = clock("2025-03-05T00:00:00Z");
        clock.advance(SignedDuration::from_secs(wait));
        let answer = |enquiry| {
            let mut rng = SeededRng::new(6);
            release_answer(&clock, &mut rng, &job(), enquiry, Gateway::GchqOut)
        };
        let (one, other) = (answer(enquiry), answer(untouched.clone()));
        prop_assert_eq!(one.is_ok(), Moment::of(clock.now()).unwrap() >= untouched.due());
        prop_assert_eq!(one.is_ok(), other.is_ok());
        if let (Ok(one), Ok(other)) = (one, other) {
            prop_assert_eq!(one.event().at, other.event().at);
            let sizes = [one.event().to_bytes().len(), other.event().to_bytes().len()];
            let (one, other) = (one.state().released().unwrap(), other.state().released().unwrap());
            prop_assert_eq!((one.enquiry, one.due), (other.enquiry, other.due));
            if one.code == AnswerCode::NoAdvice {
                prop_assert_eq!(one, other);
                prop_assert_eq!(sizes[0], sizes[1]);
            }
        }
    }

    #[test]
    fn an_answer_leaves_at_noon_a_day_after_it_was_asked_and_within_a_fortnight_and_a_day(
        asked in 0..4_000_000_000_u64,
        days in -400..400_i32,
    ) {
        let asked = Moment::new(asked).unwrap();
        let decide_by = due::day_of(asked).checked_add(jiff::Span::new().days(days)).unwrap();
        let due = release_at(asked, decide_by);
        prop_assert_eq!(due.seconds() % 86_400, 43_200);
        let wait = due.seconds() - asked.seconds();
        prop_assert!((86_400..=15 * 86_400).contains(&wait), "{wait}");
        // With five days or more it is of use.
        prop_assert!(days < 3 || is_of_use(asked, decide_by) == Use::InTime);
    }

    #[test]
    fn no_day_that_a_stranger_writes_puts_an_answer_off(
        asked in 0..=253_402_207_200_u64,
        decide_by in proptest::sample::select(vec![Date::MIN, Date::MAX, Date::constant(1969, 12, 31)]),
    ) {
        let due = release_at(Moment::new(asked).unwrap(), decide_by);
        prop_assert!(due.seconds() >= asked && due.seconds() - asked <= 15 * 86_400);
    }
}
