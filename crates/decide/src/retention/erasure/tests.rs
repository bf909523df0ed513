use super::*;
use crate::{Retention, Schedule};
use portcullis_testkit::{MockClock, SeededRng};
use std::collections::BTreeSet;

// The clock of the tests stands on 1 March 2025.
const YESTERDAY: &str = "2025-02-28";
const TODAY: &str = "2025-03-01";
const TOMORROW: &str = "2025-03-02";

fn held(number: u64, kind: RecordKind, review_on: &str) -> HeldRecord {
    let retention = Retention {
        kind,
        purpose: Purpose::ScreenDonor,
        review_on: review_on.parse().unwrap(),
        disposal: match kind.must_be_reviewed() {
            Some(_) => Disposal::Review,
            None => Disposal::Erase,
        },
    };
    HeldRecord {
        number: RecordNumber::new(number).unwrap(),
        organisation: OrganisationId::new("tests").unwrap(),
        retention,
        extensions: 0,
    }
}

fn number(number: u64) -> RecordNumber {
    RecordNumber::new(number).unwrap()
}

fn by_job(records: &[HeldRecord]) -> Result<Vec<Change<Erasure>>, EraseError> {
    let job = JobName::new("retention.run").unwrap();
    erase_due(&MockClock::default(), &mut SeededRng::new(1), &job, records)
}

fn by_officer(
    basis: OfficerBasis,
    records: &[HeldRecord],
) -> Result<Vec<Change<Erasure>>, EraseError> {
    let officer = OfficerId::new("q.examplesson").unwrap();
    let clock = MockClock::default();
    erase(&clock, &mut SeededRng::new(1), &officer, basis, records, Some("desk-4"))
}

fn objection() -> OfficerBasis {
    let case = "sar-2026-014".parse().unwrap();
    OfficerBasis::Duty { duty: ErasureDuty::Objection, case }
}

#[test]
fn a_job_erases_what_is_due_and_leaves_a_proof_that_outlives_it() {
    let records = [held(300, RecordKind::RaisedPair, TODAY), held(7, RecordKind::Job, YESTERDAY)];
    let changes = by_job(&records).unwrap();
    let [change] = &changes[..] else { panic!("one change") };
    assert_eq!(change.state().records, [number(7), number(300)]);
    assert_eq!(change.state().basis, Basis::Due);
    assert_eq!(change.record_kind(), RecordKind::Disposal);
    assert_eq!(change.retention(&Schedule::default()).review_on.to_string(), "2035-03-01");

    let event = change.event();
    assert_eq!(event.kind.as_str(), "retention.erased");
    assert_eq!(event.actor, Actor::Job(JobName::new("retention.run").unwrap()));
    assert_eq!(event.purpose, Purpose::ScreenDonor);
    // Numbers as eight bytes each, the highest first: 7, and 300 = 0x012c.
    let numbers = vec![0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 1, 0x2c];
    let expected = [
        ("basis", Detail::from("due")),
        ("count", Detail::Number(2)),
        ("count.job", Detail::Number(1)),
        ("count.raised-pair", Detail::Number(1)),
        ("records", Detail::Bytes(numbers)),
    ];
    assert!(event.details.iter().eq(expected.iter().map(|(name, detail)| (*name, detail))));
}

// THREATS T-20
#[test]
fn a_job_never_erases_what_a_person_must_look_at() {
    // THREATS T-02
    let records =
        [held(1, RecordKind::RaisedPair, YESTERDAY), held(2, RecordKind::Decision, YESTERDAY)];
    assert_eq!(by_job(&records), Err(EraseError::NeedsReview { number: number(2) }));
}

#[test]
fn nothing_is_erased_before_its_review_date_without_a_duty() {
    let records =
        [held(1, RecordKind::RaisedPair, TODAY), held(2, RecordKind::RaisedPair, TOMORROW)];
    let review_on = TOMORROW.parse().unwrap();
    let refused = Err(EraseError::NotDue { number: number(2), review_on });
    assert_eq!(by_job(&records), refused);
    assert_eq!(by_officer(OfficerBasis::Reviewed, &records), refused);
}

#[test]
fn an_officer_who_has_looked_erases_what_is_due() {
    let records = [held(2, RecordKind::Decision, TODAY)];
    let changes = by_officer(OfficerBasis::Reviewed, &records).unwrap();
    let event = changes[0].event();
    assert_eq!(event.actor, Actor::Officer(OfficerId::new("q.examplesson").unwrap()));
    assert_eq!(event.details.text("basis").unwrap().reveal(), "reviewed");
    assert_eq!(event.details.text("account").unwrap().reveal(), "desk-4");
    assert_eq!(event.details.get("case"), None);
}

#[test]
fn an_officer_erases_early_for_a_duty_and_names_the_case() {
    let records = [held(2, RecordKind::Decision, "2031-03-01")];
    let changes = by_officer(objection(), &records).unwrap();
    let event = changes[0].event();
    assert_eq!(event.details.text("basis").unwrap().reveal(), "objection");
    assert_eq!(event.details.text("case").unwrap().reveal(), "sar-2026-014");
}

// THREATS T-20
#[test]
fn nobody_erases_a_proof_before_its_time() {
    for kind in [RecordKind::Disposal, RecordKind::Log] {
        let records = [held(1, RecordKind::Decision, TOMORROW), held(2, kind, TOMORROW)];
        let review_on = TOMORROW.parse().unwrap();
        let refused = Err(EraseError::Proof { number: number(2), review_on });
        assert_eq!(by_officer(objection(), &records), refused);
        assert!(by_job(&[held(2, kind, TODAY)]).is_ok());
    }
}

#[test]
fn no_machine_erases_as_an_officer() {
    // THREATS T-02
    let cron = OfficerId::new("cron").unwrap();
    let records = [held(2, RecordKind::Decision, TODAY)];
    let clock = MockClock::default();
    let refused =
        erase(&clock, &mut SeededRng::new(1), &cron, OfficerBasis::Reviewed, &records, None);
    assert_eq!(refused, Err(EraseError::Officer(NotAPersonError)));
}

#[test]
fn a_record_named_twice_is_refused() {
    let records = [held(1, RecordKind::Job, TODAY), held(1, RecordKind::Job, TODAY)];
    assert_eq!(by_job(&records), Err(EraseError::NamedTwice { number: number(1) }));
}

#[test]
fn nothing_to_erase_is_no_event() {
    assert_eq!(by_job(&[]), Ok(Vec::new()));
}

#[test]
fn organisations_and_purposes_have_proofs_of_their_own() {
    let mut records: Vec<_> = (0..4).map(|n| held(n, RecordKind::RaisedPair, TODAY)).collect();
    records[1].organisation = OrganisationId::new("others").unwrap();
    records[2].retention.purpose = Purpose::ScreenStaff;
    let changes = by_job(&records).unwrap();
    let found: BTreeSet<_> = changes
        .iter()
        .map(|change| {
            let event = change.event();
            assert_eq!(event.organisation, change.state().organisation);
            let numbers: Vec<_> = change.state().records.iter().map(|n| n.value()).collect();
            (event.organisation.to_string(), event.purpose, numbers)
        })
        .collect();
    let expected = [
        ("others".to_owned(), Purpose::ScreenDonor, vec![1]),
        ("tests".to_owned(), Purpose::ScreenDonor, vec![0, 3]),
        ("tests".to_owned(), Purpose::ScreenStaff, vec![2]),
    ];
    assert_eq!(found, expected.into());
}

#[test]
fn many_records_are_told_of_in_several_events_that_each_fit() {
    let records: Vec<_> = (0..2_001)
        .zip(RecordKind::ALL.into_iter().cycle())
        .map(|(n, kind)| held((1 << 40) - 1 - n, kind, TODAY))
        .collect();
    let changes = by_officer(OfficerBasis::Reviewed, &records).unwrap();
    let counts: Vec<_> = changes.iter().map(|change| change.state().records.len()).collect();
    assert_eq!(counts, [1_000, 1_000, 1]);
    let ids: BTreeSet<_> = changes.iter().map(|change| change.event().id).collect();
    assert_eq!(ids.len(), 3);
    for change in &changes {
        assert!(change.event().to_bytes().len() < 10_000);
        assert!(change.state().records.is_sorted());
    }
}

#[test]
fn the_reference_of_a_case_holds_a_digit_and_so_no_bare_name() {
    for text in ["sar-2026-014", "7", &"9".repeat(64)] {
        assert_eq!(text.parse::<CaseReference>().unwrap().to_string(), text);
    }
    for text in ["", "orsolya-testwick", "SAR-7", "sar 7", "é7", &"9".repeat(65)] {
        assert_eq!(text.parse::<CaseReference>(), Err(CaseReferenceError), "{text}");
    }
}

#[test]
fn codes_of_duties_are_read_back_and_none_is_that_of_another_basis() {
    for duty in ErasureDuty::ALL {
        assert_eq!(ErasureDuty::from_code(duty.code()), Some(duty));
        assert!(duty.code() != Basis::Due.code() && duty.code() != Basis::Reviewed.code());
    }
    assert_eq!(ErasureDuty::from_code("wish"), None);
}
