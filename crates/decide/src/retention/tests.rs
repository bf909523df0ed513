use super::*;

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
    assert_eq!(RecordKind::from_code("person"), None);
    assert_eq!(Disposal::from_code("keep"), None);
}

#[test]
fn a_record_has_a_number_below_two_to_the_fortieth() {
    assert_eq!(RecordNumber::new(1_099_511_627_775).unwrap().get(), 1_099_511_627_775);
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
