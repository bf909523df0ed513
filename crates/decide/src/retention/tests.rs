use super::*;
use crate::{
    Change, Decision, Judgement, QueryMark, RaisedPair, RecordMark, StatedReason, Verdict,
};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{OfficerId, Property, Score};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

#[test]
fn codes_are_read_back() {
    for kind in RecordKind::ALL {
        assert_eq!(RecordKind::from_code(kind.code()), Some(kind));
    }
    for disposal in Disposal::ALL {
        assert_eq!(Disposal::from_code(disposal.code()), Some(disposal));
    }
    assert_eq!(RecordKind::from_code("stranger"), None);
    assert_eq!(Disposal::from_code("keep"), None);
}

#[test]
fn a_record_has_a_number_below_two_to_the_fortieth() {
    assert_eq!(RecordNumber::new(1_099_511_627_775).unwrap().value(), 1_099_511_627_775);
    let number = 1_099_511_627_776;
    assert_eq!(RecordNumber::new(number), Err(RecordNumberError { number }));
}

#[test]
fn a_record_is_due_on_its_review_date_and_not_the_day_before() {
    let retention = Schedule::default().retention_for(
        RecordKind::RaisedPair,
        Purpose::ScreenDonor,
        day("2026-03-01"),
    );
    // 90 days after 1 March: 30 lead to 31 March, 30 more to 30 April, 30 more to 30 May.
    assert_eq!(retention.review_on, day("2026-05-30"));
    assert!(!retention.is_due(day("2026-05-29")));
    assert!(retention.is_due(day("2026-05-30")));
    assert!(retention.is_due(day("2027-01-01")));
}

// What opens which record. The clock of the tests stands on 1 March 2025.

fn decided() -> Change<Decision> {
    let query = dossier("donors", "1", &[(Property::Name, "Orsolya Testwick")]);
    let record = dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke")]);
    let judgement = Judgement {
        organisation: OrganisationId::new("tests").unwrap(),
        purpose: Purpose::ScreenStaff,
        query: QueryMark::of(&query),
        record: RecordMark::of(&record),
        query_name: "Orsolya Testwick".into(),
        record_name: "Orsolia Testwicke".into(),
        verdict: Verdict::NotSame,
        officer: officer(),
        reason: StatedReason::new("born in 1971").unwrap(),
    };
    crate::record(&MockClock::default(), &mut SeededRng::new(1), judgement, None).unwrap()
}

fn officer() -> OfficerId {
    OfficerId::new("q.examplesson").unwrap()
}

#[test]
fn a_decision_is_kept_for_its_purpose_until_a_person_reviews_it() {
    let expected = Retention {
        kind: RecordKind::Decision,
        purpose: Purpose::ScreenStaff,
        review_on: day("2027-03-01"),
        disposal: Disposal::Review,
    };
    assert_eq!(decided().retention(&Schedule::default()), expected);
}

#[test]
fn the_undoing_of_a_decision_belongs_with_the_decision() {
    let clock = MockClock::default();
    let reason = StatedReason::new("wrong file on the desk").unwrap();
    let (mut rng, decision) = (SeededRng::new(2), decided().into_state());
    let undone = crate::undo(&clock, &mut rng, decision, officer(), reason, None).unwrap();
    assert_eq!(undone.record_kind(), RecordKind::Decision);
}

#[test]
fn a_pair_that_was_shown_is_a_record_apart_from_its_screening() {
    let query = dossier("donors", "1", &[(Property::Name, "Orsolya Testwick")]);
    let record = dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke")]);
    let organisation = OrganisationId::new("tests").unwrap();
    let pair = |purpose| RaisedPair::of(organisation.clone(), purpose, &query, &record, Score(0.5));
    let pairs = vec![pair(Purpose::ScreenDonor), pair(Purpose::ScreenDonor)];
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(3));
    let purpose = Purpose::ScreenDonor;
    let change = crate::raise(&clock, &mut rng, organisation.clone(), purpose, pairs).unwrap();
    let schedule = Schedule::default();
    // Six years for what names nobody; 90 days after 1 March for what names somebody.
    let screening = change.retention(&schedule);
    assert_eq!(screening.kind, RecordKind::Screening);
    assert_eq!((screening.review_on, screening.disposal), (day("2031-03-01"), Disposal::Erase));
    let records: Vec<_> = change.state().records(&schedule).collect();
    assert_eq!(records.len(), 2);
    for (pair, retention) in records {
        assert_eq!((retention.kind, retention.purpose), (RecordKind::RaisedPair, pair.purpose));
        assert_eq!(retention.review_on, day("2025-05-30"));
        assert_eq!(retention.disposal, Disposal::Erase);
    }
}

#[test]
fn the_day_of_a_record_is_that_of_utc() {
    let at = |text: &str| EventTime::new(text.parse().unwrap()).unwrap();
    assert_eq!(day_of(at("2026-03-01T23:59:59.999999Z")), day("2026-03-01"));
    assert_eq!(day_of(at("2026-03-02T00:30:00+01:00")), day("2026-03-01"));
}
