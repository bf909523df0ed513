use super::*;
use crate::{Disposal, ReasonError, RecordKind, RecordNumber};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{OrganisationId, Purpose};

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A decision that is due on a day.
fn held(review_on: &str) -> HeldRecord {
    let retention = Retention {
        kind: RecordKind::Decision,
        purpose: Purpose::ScreenDonor,
        review_on: day(review_on),
        disposal: Disposal::Review,
    };
    HeldRecord {
        number: RecordNumber::new(9).unwrap(),
        organisation: OrganisationId::new("tests").unwrap(),
        retention,
        extensions: 0,
    }
}

// The clock of the tests stands on 1 March 2025.
fn keep(record: HeldRecord, until: &str) -> Result<Change<Review>, KeepError> {
    let officer = OfficerId::new("q.examplesson").unwrap();
    let reason = StatedReason::new("Orsolya still gives").unwrap();
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
    keep_until(&clock, &mut rng, officer, reason, record, day(until), Some("desk-4"))
}

#[test]
fn a_record_is_kept_longer_by_a_person_with_a_reason_and_each_time_is_counted() {
    let change = keep(held("2025-02-01"), "2026-02-28").unwrap();
    let record = &change.state().record;
    assert_eq!((record.retention.review_on, record.extensions), (day("2026-02-28"), 1));
    assert_eq!(record.retention.disposal, Disposal::Review);
    let event = change.event();
    assert_eq!(event.kind.as_str(), "retention.kept");
    assert_eq!(event.purpose, Purpose::ScreenDonor);
    assert_eq!(event.details.get("record"), Some(&Detail::Number(9)));
    assert_eq!(event.details.get("extensions"), Some(&Detail::Number(1)));
    assert_eq!(event.details.text("until-before").unwrap().reveal(), "2025-02-01");
    assert_eq!(event.details.text("until").unwrap().reveal(), "2026-02-28");
    assert_eq!(event.details.text("account").unwrap().reveal(), "desk-4");
    assert_eq!(event.details.text("reason").unwrap(), change.state().reason.text());
    // It goes with the record, because the reason may name the person.
    assert_eq!(change.record_kind(), RecordKind::Decision);
    let again = keep(record.clone(), "2026-03-01").unwrap();
    assert_eq!(again.state().record.extensions, 2);
}

#[test]
fn a_later_day_is_later_than_today() {
    for until in ["2025-02-28", "2025-03-01"] {
        let refused = keep(held("2025-02-01"), until).unwrap_err();
        assert_eq!(refused, KeepError::NotLaterThanToday { until: day(until) });
    }
    assert!(keep(held("2025-02-01"), "2025-03-02").is_ok());
}

// THREATS T-20
#[test]
fn a_review_date_is_never_drawn_nearer() {
    let review_on = day("2025-09-01");
    for until in ["2025-06-01", "2025-09-01"] {
        let refused = keep(held("2025-09-01"), until).unwrap_err();
        assert_eq!(refused, KeepError::NotLaterThanNow { review_on });
    }
    assert!(keep(held("2025-09-01"), "2025-09-02").is_ok());
}

#[test]
fn one_decision_keeps_a_record_for_two_more_years_at_most() {
    // Two years after 1 March 2025.
    let latest = day("2027-03-01");
    assert!(keep(held("2025-02-01"), "2027-03-01").is_ok());
    let refused = keep(held("2025-02-01"), "2027-03-02").unwrap_err();
    assert_eq!(refused, KeepError::TooFar { latest });
    assert_eq!(keep(held("2030-01-01"), "2030-01-02").unwrap_err(), KeepError::TooFar { latest });
}

#[test]
fn no_machine_keeps_a_record_and_nobody_does_without_a_reason() {
    // THREATS T-02
    let refused = keep_until(
        &MockClock::default(),
        &mut SeededRng::new(1),
        OfficerId::new("root").unwrap(),
        StatedReason::new("it is still needed").unwrap(),
        held("2025-02-01"),
        day("2026-01-01"),
        None,
    );
    assert_eq!(refused.unwrap_err(), KeepError::Officer(NotAPersonError));
    assert_eq!(StatedReason::new(" \n"), Err(ReasonError::Empty));
}

#[test]
fn counting_extensions_never_begins_anew() {
    let record = HeldRecord { extensions: u32::MAX, ..held("2025-02-01") };
    assert_eq!(keep(record, "2026-01-01").unwrap().state().record.extensions, u32::MAX);
}
