use super::parts::MAX_DETAILS_BYTES;
use super::*;
use crate::Protected;
use jiff::Timestamp;
use proptest::prelude::*;

fn event() -> Event {
    Event {
        id: EventId::from_bytes([7; 16]),
        kind: EventKind::new("screening.decision.recorded").unwrap(),
        at: EventTime::new("2026-03-04T05:06:07.123456Z".parse().unwrap()).unwrap(),
        organisation: OrganisationId::new("example-party").unwrap(),
        actor: Actor::Officer(OfficerId::new("a.officer").unwrap()),
        purpose: Purpose::ScreenDonor,
        gateway: None,
        details: Details::new(),
    }
}

#[test]
fn an_event_before_1970_cannot_be_made() {
    let before = Timestamp::from_microsecond(-1).unwrap();
    assert_eq!(EventTime::new(before), Err(EventError::OutOfRange));
    assert_eq!(EventTime::rounded_down(before), Err(EventError::OutOfRange));
    let a_nanosecond_before = Timestamp::from_nanosecond(-1).unwrap();
    assert_eq!(EventTime::rounded_down(a_nanosecond_before), Err(EventError::OutOfRange));
    assert!(EventTime::new(Timestamp::UNIX_EPOCH).is_ok());
}

#[test]
fn a_time_finer_than_a_microsecond_is_refused_rather_than_changed() {
    let fine = Timestamp::from_nanosecond(1_001).unwrap();
    assert_eq!(EventTime::new(fine), Err(EventError::FinerThanMicroseconds));
    let rounded = EventTime::rounded_down(fine).unwrap();
    assert_eq!(rounded.timestamp(), Timestamp::from_microsecond(1).unwrap());
}

#[test]
fn words_are_bounded() {
    assert!(EventKind::new(&"k".repeat(64)).is_ok());
    for bad in ["", &"k".repeat(65), "Upper", "under_score", "spa ce", "é"] {
        assert_eq!(EventKind::new(bad), Err(EventError::NotAWord), "{bad}");
        assert_eq!(JobName::new(bad), Err(EventError::NotAWord), "{bad}");
        assert_eq!(Details::new().insert(bad, 1), Err(EventError::NotAWord), "{bad}");
    }
}

#[test]
fn a_name_of_a_detail_is_taken_once() {
    let mut details = Details::new();
    details.insert("reason", "one").unwrap();
    assert_eq!(details.insert("reason", "two"), Err(EventError::NameTaken));
    assert_eq!(details.text("reason").unwrap().reveal(), "one");
}

#[test]
fn the_largest_event_that_can_be_made_is_within_the_limit() {
    let mut largest = event();
    largest.kind = EventKind::new(&"k".repeat(64)).unwrap();
    largest.at = EventTime::new("9999-01-01T00:00:00Z".parse().unwrap()).unwrap();
    largest.organisation = OrganisationId::new(&"o".repeat(512)).unwrap();
    largest.actor = Actor::Officer(OfficerId::new(&"a".repeat(512)).unwrap());
    largest.purpose = *Purpose::ALL.iter().max_by_key(|p| p.code().len()).unwrap();
    largest.gateway = Gateway::ALL.iter().copied().max_by_key(|g| g.code().len());
    // 9 for the head of the map, 2 for the name `a`, 3 for the head of the text.
    let room = MAX_DETAILS_BYTES - 9 - 2 - 3;
    assert_eq!(
        largest.details.insert("a", "x".repeat(room + 1).as_str()),
        Err(EventError::TooLong)
    );
    largest.details.insert("a", "x".repeat(room).as_str()).unwrap();
    let bytes = largest.to_bytes();
    assert!(bytes.len() <= MAX_BYTES, "{}", bytes.len());
    assert_eq!(Event::from_bytes(&bytes), Ok(largest));
}

#[test]
fn many_small_details_cannot_outgrow_the_limit() {
    let mut event = event();
    let mut n = 0_u64;
    while event.details.insert(&format!("d{n}"), u64::MAX).is_ok() {
        n += 1;
    }
    assert!(n > 1_000);
    let bytes = event.to_bytes();
    assert!(bytes.len() <= MAX_BYTES, "{}", bytes.len());
    assert_eq!(Event::from_bytes(&bytes), Ok(event));
}

#[test]
fn debug_of_an_event_hides_its_details() {
    // THREATS T-01
    let mut event = event();
    event.details.insert("reason", "Orsolya Testwick was born elsewhere").unwrap();
    let shown = format!("{event:?}");
    assert!(!shown.contains("Orsolya"), "{shown}");
}

fn details() -> impl Strategy<Value = Vec<(String, Detail)>> {
    let detail = prop_oneof![
        "\\PC{0,40}".prop_map(|t| Detail::Text(Protected::new(t))),
        any::<u64>().prop_map(Detail::Number),
        proptest::collection::vec(any::<u8>(), 0..40).prop_map(Detail::Bytes),
    ];
    proptest::collection::vec(("[a-z0-9.-]{1,64}", detail), 0..6)
}

proptest! {
    #[test]
    fn any_event_reads_back(
        id in any::<[u8; 16]>(),
        us in 0_i64..=253_402_207_200_000_000,
        job in any::<bool>(),
        gateway in proptest::option::of(proptest::sample::select(Gateway::ALL)),
        purpose in proptest::sample::select(Purpose::ALL),
        details in details(),
    ) {
        let mut event = event();
        event.id = EventId::from_bytes(id);
        event.at = EventTime::new(Timestamp::from_microsecond(us).unwrap()).unwrap();
        if job {
            event.actor = Actor::Job(JobName::new("lists.refresh").unwrap());
        }
        event.gateway = gateway;
        event.purpose = purpose;
        for (name, detail) in details {
            // The same name may be drawn twice; the second is refused.
            let _ = event.details.insert(&name, detail);
        }
        prop_assert_eq!(Event::from_bytes(&event.to_bytes()), Ok(event));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Event::from_bytes(&bytes);
    }

    #[test]
    fn an_event_with_one_byte_changed_is_refused_or_says_something_else(
        at in any::<proptest::sample::Index>(), to in any::<u8>(),
    ) {
        let mut bytes = event().to_bytes();
        let at = at.index(bytes.len());
        if bytes[at] != to {
            bytes[at] = to;
            prop_assert_ne!(Event::from_bytes(&bytes), Ok(event()));
        }
    }
}
