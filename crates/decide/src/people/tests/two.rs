//! Two administrators, and what stands in for the second.

use super::*;

#[test]
fn what_one_proposes_and_another_approves_holds() {
    let mut world = World::of(&[A, B]);
    let what = world.making(C, &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    let change = world.approved_by(B, B, proposal).unwrap();
    assert_eq!(change.event().kind.as_str(), "people.approved");
    assert_eq!(change.record_kind(), RecordKind::PersonChange);
    assert_eq!(world.person(C).state, PersonState::Invited);
    assert!(world.person(C).roles(world.now()).is_empty(), "he has not enrolled yet");
    world.enrols(C, [&digest_of(21), &digest_of(22)]).unwrap();
    assert_eq!(world.person(C).roles(world.now()), BTreeSet::from([Role::Officer]));
}

#[test]
fn one_half_of_an_invitation_lets_nobody_in() {
    // THREATS T-29
    let mut world = World::of(&[A, B]);
    let what = world.making(C, &[Role::Officer]);
    world.done(what);
    for halves in [[21, 21], [22, 22], [21, 9]] {
        let [one, other] = halves.map(digest_of);
        assert_eq!(world.enrols(C, [&one, &other]), Err(EnrolError::NotInvited), "{halves:?}");
    }
    world.enrols(C, [&digest_of(22), &digest_of(21)]).unwrap();
    let again = world.enrols(C, [&digest_of(22), &digest_of(21)]);
    assert_eq!(again, Err(EnrolError::NotInvited), "an invitation is used once");
}

#[test]
fn nobody_approves_what_he_proposed_or_what_is_about_him() {
    // THREATS T-29
    let mut world = World::of(&[A, B]);
    let what = world.making(C, &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    let refused = world.approved_by(A, A, proposal).unwrap_err();
    assert_eq!(refused, ApproveError::OwnProposal { officer: account(A) });
    let grants = world.grants(&[Role::Administrator, Role::Auditor]);
    let about = Proposed::ChangeGrants { officer: account(B), grants };
    let proposal = world.proposed(A, about).unwrap();
    let refused = world.approved_by(B, B, proposal).unwrap_err();
    assert_eq!(refused, ApproveError::AboutOneself { officer: account(B) });
}

#[test]
fn a_name_that_is_only_stated_proves_nothing() {
    // THREATS T-29
    let mut world = World::of(&[A, B]);
    let what = world.making(C, &[Role::Officer]);
    let stated = world.proposed_by(B, A, what.clone()).unwrap_err();
    assert_eq!(stated, ProposeError::NotProven { officer: account(B) });
    let proposal = world.proposed(A, what).unwrap();
    assert_eq!(world.approved_by(B, A, proposal).unwrap_err(), ApproveError::NotProven);
}

#[test]
fn a_signature_of_a_proposal_is_none_of_an_approval_or_of_another_proposal() {
    let mut world = World::of(&[A, B]);
    let what = world.making(C, &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    let officer = account(B);
    let other = world.making("n.fictionby", &[Role::Administrator]);
    let other = world.proposed(A, other).unwrap();
    for statement in [proposal.draft().statement(), other.approval_statement()] {
        let signature = world.sign(B, &statement);
        let second = Second::Administrator { officer: officer.clone(), signature };
        let refused = world.approved_as(proposal.clone(), &second).unwrap_err();
        assert_eq!(refused, ApproveError::NotProven);
    }
}

#[test]
fn a_proposal_lapses_after_seven_days() {
    let mut world = World::of(&[A, B]);
    let what = world.making(C, &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    world.days_pass(6);
    assert!(proposal.is_open(world.now()));
    world.days_pass(1);
    assert_eq!(world.approved_by(B, B, proposal).unwrap_err(), ApproveError::NotOpen);
}

#[test]
fn a_proposal_about_somebody_who_changed_since_is_proposed_again() {
    let mut world = World::of(&[A, B]);
    let grants = world.grants(&[Role::Administrator, Role::Auditor]);
    let about = Proposed::ChangeGrants { officer: account(A), grants };
    let first = world.proposed(A, about.clone()).unwrap();
    let second = world.proposed(A, about).unwrap();
    world.approved_by(B, B, first).unwrap();
    assert_eq!(world.approved_by(B, B, second).unwrap_err(), ApproveError::Overtaken);
}

#[test]
fn a_recovery_code_stands_in_once_and_the_event_says_so() {
    let mut world = World::of(&[A]);
    let what = world.making(B, &[Role::Administrator]);
    let proposal = world.proposed(A, what).unwrap();
    let second = Second::RecoveryCode { digest: digest_of(103), officer: account(A) };
    let change = world.approved_as(proposal, &second).unwrap();
    assert_eq!(change.event().kind.as_str(), "people.approved-with-recovery-code");
    assert_eq!(change.event().details.get("place"), Some(&portcullis_types::Detail::Number(3)));
    let what = world.making(C, &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    assert_eq!(world.approved_as(proposal.clone(), &second).unwrap_err(), ApproveError::NotProven);
    let unknown = Second::RecoveryCode { digest: digest_of(99), officer: account(A) };
    assert_eq!(world.approved_as(proposal, &unknown).unwrap_err(), ApproveError::NotProven);
}

#[test]
fn whoever_lost_his_keys_comes_back_with_two_codes_and_only_so() {
    let mut world = World::of(&[A]);
    let code = |byte| Proof::RecoveryCode(digest_of(byte));
    let what = world.making(C, &[Role::Administrator]);
    let making = world.drafted(A, what).unwrap();
    assert!(making.propose(&world.office, code(101)).is_err(), "a code makes nobody an officer");
    let reset = world.drafted(A, Proposed::ResetSignIn { officer: account(A) }).unwrap();
    let proposal = reset.propose(&world.office, code(101)).unwrap().into_state();
    world.use_code(digest_of(101));
    let same = Second::RecoveryCode { digest: digest_of(101), officer: account(A) };
    assert_eq!(world.approved_as(proposal.clone(), &same).unwrap_err(), ApproveError::SameCode);
    let other = Second::RecoveryCode { digest: digest_of(102), officer: account(A) };
    world.approved_as(proposal, &other).unwrap();
    assert_eq!(world.person(A).state, PersonState::Invited);
    assert_eq!(world.person(A).keys, None, "what was sealed to the old keys stays closed");
}

#[test]
fn an_administrator_outside_approves_once_two_have_let_him_in() {
    let mut world = World::of(&[A, B]);
    let outside = PersonId {
        organisation: OrganisationId::new("another-party").unwrap(),
        officer: account("z.elsewhere"),
    };
    let key = world.key("z.elsewhere").verifying_key().to_bytes();
    let what = world.making(C, &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    let signature = world.sign("z.elsewhere", &proposal.approval_statement());
    let second = Second::Outside { person: outside.clone(), signature };
    let early = world.approved_as(proposal.clone(), &second).unwrap_err();
    assert_eq!(early, ApproveError::NotProven);
    world.done(Proposed::OutsideAdministrator { person: outside, key });
    let change = world.approved_as(proposal, &second).unwrap();
    assert_eq!(change.event().kind.as_str(), "people.approved-outside");
    let own = PersonId {
        organisation: world.office.organisation.clone(),
        officer: account("n.fictionby"),
    };
    let refused = world.proposed(A, Proposed::OutsideAdministrator { person: own, key });
    assert_eq!(refused.unwrap_err(), ProposeError::NotOutside);
}

#[test]
fn a_sheet_of_codes_is_printed_once_and_only_where_two_allowed_it() {
    let mut world = World::of(&[A, B]);
    let proposal = world.proposed(A, Proposed::RecoveryCodes).unwrap();
    let sheet: Vec<Digest> = (201..=208).map(digest_of).collect();
    let print = |proposal: Proposal| {
        codes_printed(&MockClock::default(), &mut SeededRng::new(9), proposal, account(A), &sheet)
    };
    assert_eq!(print(proposal.clone()).unwrap_err(), ApproveError::NotOpen);
    let approval = world.approved_by(B, B, proposal).unwrap().into_state();
    let printed = print(approval.proposal).unwrap().into_state();
    assert_eq!(printed.codes.len(), 8);
    assert_eq!(print(printed.allowed_by.unwrap()).unwrap_err(), ApproveError::NotOpen);
}

#[test]
fn a_suspension_takes_one_and_lifting_it_takes_two() {
    let mut world = World::of(&[A, B]);
    let what = world.making(C, &[Role::Officer]);
    world.done(what);
    world.enrols(C, [&digest_of(21), &digest_of(22)]).unwrap();
    let stated = world.suspends(A, B, C).unwrap_err();
    assert_eq!(stated, SuspendError::NotProven { officer: account(A) });
    let authority = world.person(C).authority;
    world.suspends(A, A, C).unwrap();
    assert!(!world.person(C).stands(world.now()));
    assert!(world.person(C).authority > authority, "his sessions are over");
    let proposal = world.proposed(A, Proposed::Reinstate { officer: account(C) }).unwrap();
    assert!(world.approved_by(A, A, proposal.clone()).is_err());
    world.approved_by(B, B, proposal).unwrap();
    assert!(world.person(C).stands(world.now()));
}

#[test]
fn the_last_administrator_cannot_go() {
    let mut world = World::of(&[A, B]);
    world.suspends(A, A, B).unwrap();
    let last = SuspendError::LastAdministrator { officer: account(A) };
    assert_eq!(world.suspends(A, A, A).unwrap_err(), last);
    let grants = world.grants(&[Role::Auditor]);
    let refused = world.proposed(A, Proposed::ChangeGrants { officer: account(A), grants });
    assert_eq!(refused.unwrap_err(), ProposeError::LastAdministrator { officer: account(A) });
    let mut ending = world.grants(&[Role::Administrator]);
    world.days_pass(1);
    ending.term.until = Some(world.now());
    let refused = world.proposed(A, Proposed::ChangeGrants { officer: account(A), grants: ending });
    assert!(refused.is_err(), "nor may his office be given an end");
}

#[test]
fn an_office_begins_with_two_or_with_one_and_a_sheet_and_only_once() {
    let mut world = World::empty();
    let one = |name: &str| NewAdministrator {
        officer: account(name),
        name: "Somebody Invented".into(),
        roles: BTreeSet::new(),
        invitation: digest_of(1),
    };
    let mut first = |office: &Office, these: &[NewAdministrator], codes: &[Digest]| {
        first_people(&MockClock::default(), &mut world.rng, office, these, codes).map(drop)
    };
    let office = &world.office;
    assert_eq!(first(office, &[one(A)], &[]), Err(FirstError::TwoNeeded));
    assert_eq!(first(office, &[one(A)], &codes()[..7]), Err(FirstError::TwoNeeded));
    assert_eq!(first(office, &[], &codes()), Err(FirstError::TwoNeeded));
    assert_eq!(first(office, &[one(A), one(A)], &[]), Err(FirstError::SameAccount));
    assert!(matches!(first(office, &[one(A), one("root")], &[]), Err(FirstError::Account(_))));
    assert_eq!(first(office, &[one(A)], &codes()), Ok(()));
    assert_eq!(first(office, &[one(A), one(B)], &[]), Ok(()));
    let there = World::of(&[A, B]);
    assert_eq!(first(&there.office, &[one(C), one(A)], &[]), Err(FirstError::NotTheFirst));
}
