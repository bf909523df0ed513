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
    let what = world.making(B, &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    let change = world.approved_with_code([A, A], proposal, 103).unwrap();
    assert_eq!(change.event().kind.as_str(), "people.approved-with-recovery-code");
    assert_eq!(change.event().details.get("place"), Some(&portcullis_types::Detail::Number(3)));
    let what = world.making(C, &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    for code in [103, 99] {
        let refused = world.approved_with_code([A, A], proposal.clone(), code).unwrap_err();
        assert_eq!(refused, ApproveError::NotProven, "used, or none of the sheet");
    }
}

#[test]
fn whoever_uses_a_recovery_code_signs_as_an_administrator() {
    // THREATS T-29
    let mut world = World::of(&[A, B]);
    let what = world.making(C, &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    for user in [[B, A], ["n.fictionby", A], ["n.fictionby", "n.fictionby"]] {
        let refused = world.approved_with_code(user, proposal.clone(), 103).unwrap_err();
        assert_eq!(refused, ApproveError::NotProven, "{user:?}");
    }
    let (digest, officer) = (digest_of(103), account(B));
    let unsigned = Second::RecoveryCode { digest, officer, signature: None };
    let refused = world.approved_as(proposal, &unsigned).unwrap_err();
    assert_eq!(refused, ApproveError::NotProven);
}

#[test]
fn a_recovery_code_gives_nothing_to_either_of_the_two_and_nothing_that_lasts() {
    // THREATS T-29
    let mut world = World::of(&[A, B, C]);
    let changing = |world: &World, whom: &str| Proposed::ChangeGrants {
        officer: account(whom),
        grants: world.grants(&[Role::Administrator, Role::Auditor]),
    };
    for (about, user) in [(A, A), (A, B), (B, B)] {
        let what = changing(&world, about);
        let proposal = world.proposed(A, what).unwrap();
        let refused = world.approved_with_code([user, user], proposal, 103).unwrap_err();
        assert_eq!(refused, ApproveError::AboutOneself { officer: account(about) });
    }
    let outside = world.outside("z.elsewhere", 90);
    for what in [outside, Proposed::RecoveryCodes] {
        let (code, proposal) = (what.code(), world.proposed(A, what).unwrap());
        let refused = world.approved_with_code([B, B], proposal, 103).unwrap_err();
        assert_eq!(refused, ApproveError::NotByCode { what: code });
    }
    let what = world.making("n.fictionby", &[Role::Officer]);
    world.done(what);
    let grants = world.grants(&[Role::Officer, Role::Auditor]);
    let what = Proposed::ChangeGrants { officer: account("n.fictionby"), grants };
    let proposal = world.proposed(A, what).unwrap();
    world.approved_with_code([A, A], proposal, 103).unwrap();
}

#[test]
fn a_recovery_code_makes_nobody_of_whom_one_administrator_has_both_halves() {
    // THREATS T-29
    let mut world = World::of(&[A, B]);
    let what = world.making(C, &[Role::Officer]);
    world.done(what);
    let changing = |world: &World, whom, role| Proposed::ChangeGrants {
        officer: account(whom),
        grants: world.grants(&[role]),
    };
    let these = [
        (world.making("n.fictionby", &[Role::Administrator]), [A, A]),
        (world.making("n.fictionby", &[Role::Officer]), [A, A]),
        (Proposed::ResetSignIn { officer: account(B) }, [A, A]),
        (Proposed::ResetSignIn { officer: account(C) }, [A, A]),
        (Proposed::ResetSignIn { officer: account(A) }, [A, B]),
        (changing(&world, C, Role::Administrator), [A, A]),
    ];
    for (what, [by, user]) in these {
        let (code, proposal) = (what.code(), world.proposed(by, what).unwrap());
        let refused = world.approved_with_code([user, user], proposal, 103).unwrap_err();
        assert_eq!(refused, ApproveError::NotByCode { what: code }, "{user}");
    }
    let what = world.making("n.fictionby", &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    world.approved_with_code([B, B], proposal, 103).unwrap();

    // Whoever is suspended is an administrator still; whoever has left is none.
    let mut world = World::of(&[A, B]);
    world.suspends(A, A, B).unwrap();
    let of_b = [changing(&world, B, Role::Auditor), Proposed::Reinstate { officer: account(B) }];
    for what in [world.making(C, &[Role::Administrator])].into_iter().chain(of_b) {
        let (code, proposal) = (what.code(), world.proposed(A, what).unwrap());
        let refused = world.approved_with_code([A, A], proposal, 103).unwrap_err();
        assert_eq!(refused, ApproveError::NotByCode { what: code });
    }
    let gone = Person { state: PersonState::Left, ..world.person(B).clone() };
    world.put(gone);
    let what = world.making(C, &[Role::Administrator]);
    let proposal = world.proposed(A, what).unwrap();
    world.approved_with_code([A, A], proposal, 103).unwrap();
}

/// The proposal with another signature of its author, as somebody would write it who has the database
/// and the keyring.
pub(super) fn signed_otherwise(proposal: &Proposal, signature: Signature) -> Proposal {
    let mut written = serde_json::to_value(proposal).unwrap();
    written["proof"] = serde_json::json!({ "signature": signature });
    serde_json::from_value(written).unwrap()
}

#[test]
fn a_proposal_that_its_author_did_not_sign_is_not_approved() {
    // THREATS T-29
    let mut world = World::of(&[A, B]);
    let what = world.making(C, &[Role::Administrator]);
    let proposal = world.proposed(A, what).unwrap();
    let by_another = world.sign(B, &proposal.draft().statement());
    let not = ApproveError::NotProposed { officer: account(A) };
    for signature in [Signature::from_bytes([0; 64]), by_another] {
        let forged = signed_otherwise(&proposal, signature);
        assert_eq!(world.approved_by(B, B, forged).unwrap_err(), not);
    }
    let mut by_code = serde_json::to_value(&proposal).unwrap();
    by_code["proof"] = serde_json::to_value(Proof::RecoveryCode(digest_of(101))).unwrap();
    world.use_code(digest_of(101));
    let by_code = serde_json::from_value(by_code).unwrap();
    let refused = world.approved_by(B, B, by_code).unwrap_err();
    assert_eq!(refused, not, "a code proposes nothing but one's own return");
    world.approved_by(B, B, proposal).unwrap();
}

#[test]
fn what_somebody_proposed_who_is_no_administrator_any_more_is_not_approved() {
    // THREATS T-29
    let mut world = World::of(&[A, B, C]);
    let what = world.making("n.fictionby", &[Role::Administrator]);
    let proposal = world.proposed(A, what).unwrap();
    world.suspends(B, B, A).unwrap();
    let not = ApproveError::NotProposed { officer: account(A) };
    assert_eq!(world.approved_by(B, B, proposal.clone()).unwrap_err(), not);
    assert_eq!(world.approved_with_code([A, A], proposal.clone(), 103).unwrap_err(), not);
    assert_eq!(world.approved_with_code([B, B], proposal, 103).unwrap_err(), not);

    let mut world = World::of(&[A, B, C]);
    let what = world.making("n.fictionby", &[Role::Administrator]);
    let proposal = world.proposed(A, what).unwrap();
    let grants = world.grants(&[Role::Auditor]);
    let demoting = Proposed::ChangeGrants { officer: account(A), grants };
    let demoting = world.proposed(B, demoting).unwrap();
    world.approved_by(C, C, demoting).unwrap();
    assert_eq!(world.approved_by(B, B, proposal).unwrap_err(), not);
}

#[test]
fn whoever_lost_his_keys_comes_back_with_two_codes_and_only_so() {
    let mut world = World::of(&[A]);
    let code = |byte| Proof::RecoveryCode(digest_of(byte));
    let what = world.making(C, &[Role::Administrator]);
    let making = world.drafted(A, what).unwrap();
    assert!(making.propose(&world.office, code(101)).is_err(), "a code makes nobody an officer");
    let reset = world.drafted(A, Proposed::ResetSignIn { officer: account(A) }).unwrap();
    let proposal = world.proposes(reset, &code(101)).unwrap();
    let by_code = |byte, officer| Second::RecoveryCode {
        digest: digest_of(byte),
        officer: account(officer),
        signature: None,
    };
    let same = by_code(101, A);
    assert_eq!(world.approved_as(proposal.clone(), &same).unwrap_err(), ApproveError::SameCode);
    let another = world.approved_as(proposal.clone(), &by_code(102, B)).unwrap_err();
    let not = ApproveError::NotByCode { what: "reset-sign-in" };
    assert_eq!(another, not, "nobody else does it with a code");
    world.approved_as(proposal, &by_code(102, A)).unwrap();
    assert_eq!(world.person(A).state, PersonState::Invited);
    assert_eq!(world.person(A).keys, None, "what was sealed to the old keys stays closed");
    assert_eq!(world.unproven(), []);
}

#[test]
fn an_administrator_outside_approves_once_two_have_let_him_in() {
    let mut world = World::of(&[A, B]);
    let letting_in = world.outside("z.elsewhere", 90);
    let Proposed::OutsideAdministrator { person: outside, key, until } = letting_in.clone() else {
        panic!("{letting_in:?}")
    };
    let what = world.making(C, &[Role::Officer]);
    let proposal = world.proposed(A, what).unwrap();
    let signature = world.sign("z.elsewhere", &proposal.approval_statement());
    let second = Second::Outside { person: outside.clone(), signature };
    let early = world.approved_as(proposal.clone(), &second).unwrap_err();
    assert_eq!(early, ApproveError::NotProven);
    world.done(letting_in.clone());
    let change = world.approved_as(proposal, &second).unwrap();
    assert_eq!(change.event().kind.as_str(), "people.approved-outside");
    let again = world.proposed(A, letting_in).unwrap();
    let signature = world.sign("z.elsewhere", &again.approval_statement());
    let himself = Second::Outside { person: outside, signature };
    let refused = world.approved_as(again, &himself).unwrap_err();
    assert_eq!(refused, ApproveError::AboutOneself { officer: account("z.elsewhere") });
    let own = PersonId {
        organisation: world.office.organisation.clone(),
        officer: account("n.fictionby"),
    };
    let refused = world.proposed(A, Proposed::OutsideAdministrator { person: own, key, until });
    assert_eq!(refused.unwrap_err(), ProposeError::NotOutside);
}

impl World {
    /// What somebody outside gives for a proposal, with his own key.
    fn approves_outside(&mut self, name: &str) -> Result<Change<Approval>, ApproveError> {
        let what = self.making("n.fictionby", &[Role::Officer]);
        let proposal = self.proposed(A, what).unwrap();
        let signature = self.sign(name, &proposal.approval_statement());
        let organisation = OrganisationId::new("another-party").unwrap();
        let person = PersonId { organisation, officer: account(name) };
        self.approved_as(proposal, &Second::Outside { person, signature })
    }

    fn removes_outside(&mut self, by: &str, signer: &str) -> Result<(), RemoveOutsideError> {
        let organisation = OrganisationId::new("another-party").unwrap();
        let person = PersonId { organisation, officer: account("z.elsewhere") };
        let ending = OutsideEnding { person, by: account(by), reason: why() };
        let signature = self.sign(signer, &ending.statement(&self.office));
        let change = remove_outside(&self.clock, &mut self.rng, &self.office, ending, signature)?;
        self.told.note(change.event());
        let gone = change.into_state().let_in;
        self.office.outside.retain(|outside| !gone.contains(&outside.id));
        Ok(())
    }
}

#[test]
fn an_administrator_outside_approves_for_a_while() {
    let mut world = World::of(&[A, B]);
    for days in [0, 367] {
        let what = world.outside("z.elsewhere", days);
        assert_eq!(world.proposed(A, what).unwrap_err(), ProposeError::OutsideTerm);
    }
    let what = world.outside("z.elsewhere", 90);
    world.done(what);
    world.days_pass(90);
    assert_eq!(world.approves_outside("z.elsewhere").unwrap_err(), ApproveError::NotProven);
}

#[test]
fn an_administrator_outside_is_taken_off_by_one_at_once() {
    // THREATS T-29
    let mut world = World::of(&[A, B]);
    let what = world.outside("z.elsewhere", 90);
    world.done(what);
    let stated = world.removes_outside(B, A).unwrap_err();
    assert_eq!(stated, RemoveOutsideError::NotProven { officer: account(B) });
    world.removes_outside(B, B).unwrap();
    assert_eq!(world.approves_outside("z.elsewhere").unwrap_err(), ApproveError::NotProven);
    assert_eq!(world.unproven(), []);
    let again = world.removes_outside(B, B).unwrap_err();
    assert!(matches!(again, RemoveOutsideError::NotOutside { .. }), "{again:?}");
}

#[test]
fn a_sheet_of_codes_is_printed_once_and_only_where_two_allowed_it() {
    let mut world = World::of(&[A, B]);
    let proposal = world.proposed(A, Proposed::RecoveryCodes).unwrap();
    let sheet: Vec<Digest> = (201..=208).map(digest_of).collect();
    let print = |world: &World, proposal: Proposal, by: &str| {
        let (clock, mut rng) = (&world.clock, SeededRng::new(9));
        codes_printed(clock, &mut rng, &world.office, proposal, account(by), &sheet)
    };
    assert_eq!(print(&world, proposal.clone(), A).unwrap_err(), ApproveError::NotOpen);
    let allowed = world.approved_by(B, B, proposal).unwrap().into_state().proposal;
    let not = print(&world, allowed.clone(), "n.fictionby").unwrap_err();
    assert_eq!(not, ApproveError::NotProven, "whoever prints it is an administrator");
    let zero = Signature::from_bytes([0; 64]);
    let forged = signed_otherwise(&allowed, zero);
    let not = ApproveError::NotProposed { officer: account(A) };
    assert_eq!(print(&world, forged, A).unwrap_err(), not);
    let mut forged = serde_json::to_value(&allowed).unwrap();
    forged["outcome"]["approved"]["second"]["signature"] = serde_json::to_value(zero).unwrap();
    let forged = serde_json::from_value(forged).unwrap();
    assert_eq!(print(&world, forged, A).unwrap_err(), ApproveError::NotProven);
    let printed = print(&world, allowed, A).unwrap().into_state();
    assert_eq!(printed.codes.len(), 8);
    let again = print(&world, printed.allowed_by.unwrap(), A).unwrap_err();
    assert_eq!(again, ApproveError::NotOpen);
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
