use super::*;
use crate::exchange::Acting;
use crate::{Change, RecordKind};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Actor, JobName};

fn acting(officer: &str) -> Acting {
    Acting {
        organisation: OrganisationId::new("service-x").unwrap(),
        officer: OfficerId::new(officer).unwrap(),
        purpose: Purpose::ScreenStaff,
    }
}

fn reason() -> StatedReason {
    StatedReason::new("Quillon Examplesson said so").unwrap()
}

fn enquiry() -> ReferralOf {
    ReferralOf::Enquiry(EnquiryId::from_bytes([7; 16]))
}

fn report() -> ReferralOf {
    ReferralOf::Report(ReportId::from_bytes([8; 16]))
}

fn opened(of: ReferralOf) -> Change<Referral> {
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
    let own = (OrganisationId::new("service-x").unwrap(), Purpose::ScreenStaff);
    let job = JobName::new("exchange.receive").unwrap();
    open_referral(&clock, &mut rng, own, &job, of).unwrap()
}

fn assigned(of: ReferralOf) -> Referral {
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(2));
    let to = OfficerId::new("o.testwick").unwrap();
    let opened = opened(of).into_state();
    let by = acting("q.examplesson");
    assign_referral(&clock, &mut rng, &by, opened, to).unwrap().into_state()
}

fn assess(
    referral: Referral,
    officer: &str,
    conclusion: Conclusion,
) -> Result<Change<Referral>, AssessError> {
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(3));
    let matcher = Some("name agrees (+9.1 bits)".into());
    assess_referral(&clock, &mut rng, &acting(officer), referral, conclusion, matcher, reason())
}

fn assessed(of: ReferralOf, conclusion: Conclusion) -> Referral {
    assess(assigned(of), "o.testwick", conclusion).unwrap().into_state()
}

fn close(referral: Referral, end: ReferralEnd) -> Result<Change<Referral>, CloseReferralError> {
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(4));
    close_referral(&clock, &mut rng, &acting("o.testwick"), referral, end, reason())
}

#[test]
fn everything_that_comes_in_is_opened_by_the_job_alike() {
    for of in [enquiry(), report()] {
        let change = opened(of);
        assert_eq!(change.event().kind.as_str(), "referral.opened");
        assert!(matches!(change.event().actor, Actor::Job(_)));
        assert_eq!(change.record_kind(), RecordKind::Referral);
    }
}

#[test]
fn only_whoever_it_is_assigned_to_assesses_it_and_gives_a_reason_of_his_own() {
    let officer = OfficerId::new("o.testwick").unwrap();
    let another = assess(assigned(enquiry()), "q.examplesson", Conclusion::Nothing);
    assert_eq!(another, Err(AssessError::Another { officer: officer.clone() }));
    let nobodys = assess(opened(enquiry()).into_state(), "o.testwick", Conclusion::Nothing);
    assert_eq!(nobodys, Err(AssessError::NotAssigned));
    let change = assess(assigned(enquiry()), "o.testwick", Conclusion::ToSay).unwrap();
    // Neither the matcher's reasons nor the officer's stand in the event or in a debug line.
    for text in [format!("{:?}", change.event()), format!("{:?}", change.state())] {
        assert!(!text.contains("bits") && !text.contains("Quillon"), "{text}");
    }
    let details: Vec<_> = change.event().details.iter().map(|(name, _)| name).collect();
    assert_eq!(details, ["conclusion", "reason", "referral"]);
    let other = assess(change.state().clone(), "q.examplesson", Conclusion::Nothing);
    assert_eq!(other, Err(AssessError::Another { officer }));
    assert!(assess(change.into_state(), "o.testwick", Conclusion::Nothing).is_ok());
}

#[test]
fn a_referral_is_assigned_to_a_person_until_it_is_assessed() {
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(2));
    let mut assign = |referral, to: &str| {
        let to = OfficerId::new(to).unwrap();
        assign_referral(&clock, &mut rng, &acting("q.examplesson"), referral, to)
    };
    let refused = assign(opened(enquiry()).into_state(), "root");
    assert!(matches!(refused, Err(AssignError::Officer(_))));
    assert!(assign(assigned(enquiry()), "v.placeholder").is_ok());
    let refused = assign(assessed(enquiry(), Conclusion::Nothing), "v.placeholder");
    assert_eq!(refused, Err(AssignError::Assessed));
}

#[test]
fn a_referral_leads_to_a_notice_only_where_an_officer_found_something_to_say() {
    assert_eq!(
        close(assigned(report()), ReferralEnd::Notice),
        Err(CloseReferralError::NotAssessed)
    );
    for conclusion in [Conclusion::Nothing, Conclusion::Unclear] {
        let refused = close(assessed(report(), conclusion), ReferralEnd::Notice);
        assert_eq!(refused, Err(CloseReferralError::NothingToSay));
    }
    let closed = close(assessed(report(), Conclusion::ToSay), ReferralEnd::Notice).unwrap();
    assert_eq!(closed.event().kind.as_str(), "referral.closed");
    let again = close(closed.into_state(), ReferralEnd::NothingToDo);
    assert_eq!(again, Err(CloseReferralError::Closed));
    // Closing without an assessment takes a reason, and leads to nothing.
    assert!(close(assigned(report()), ReferralEnd::NotForUs).is_ok());
}

#[test]
fn a_report_is_not_answered_and_an_enquiry_only_once_it_was_assessed() {
    let refused = close(assessed(report(), Conclusion::ToSay), ReferralEnd::Answered);
    assert_eq!(refused, Err(CloseReferralError::NoAnswer));
    let refused = close(assigned(enquiry()), ReferralEnd::Answered);
    assert_eq!(refused, Err(CloseReferralError::NotAssessed));
    assert!(close(assessed(enquiry(), Conclusion::Nothing), ReferralEnd::Answered).is_ok());
}

#[test]
fn what_is_kept_of_a_referral_reads_back() {
    let closed = close(assessed(enquiry(), Conclusion::ToSay), ReferralEnd::Notice).unwrap();
    for referral in [assigned(report()), closed.into_state()] {
        let text = serde_json::to_string(&referral).unwrap();
        assert_eq!(serde_json::from_str::<Referral>(&text).unwrap(), referral);
    }
}
