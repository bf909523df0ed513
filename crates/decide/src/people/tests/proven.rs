//! What somebody writes who has the database, the keyring and the key of one administrator.

use super::two::signed_otherwise;
use super::*;
use portcullis_types::{Actor, Detail, Details};
use serde_json::json;

/// Two administrators, an officer they made who signs in with a passkey, and an administrator outside.
fn kept() -> World {
    let mut world = World::of(&[A, B]);
    for what in [world.making(C, &[Role::Officer]), world.outside("z.elsewhere", 90)] {
        world.done(what);
    }
    world.enrols(C, [&digest_of(21), &digest_of(22)]).unwrap();
    let (person, one) = (world.person(C).clone(), credential(&world, C, 61));
    let change = add_credential(&world.clock, &mut world.rng, &person, one).unwrap();
    world.told.note(change.event());
    world.credentials.push(change.into_state());
    world
}

fn credential(world: &World, name: &str, byte: u8) -> Credential {
    Credential {
        id: EventId::from_bytes([byte; 16]),
        person: world.person(name).person.clone(),
        kind: CredentialKind::Passkey,
        lookup: digest_of(byte),
        label: "blue key".into(),
        data: vec![byte],
        made_at: world.now(),
        used_at: None,
    }
}

impl World {
    /// An event that somebody appends by himself: the log takes what the keyring sealed.
    fn writes(&mut self, by: &str, kind: &'static str, details: &[(&str, Detail)]) {
        let mut all = Details::new();
        for (name, detail) in details {
            all.insert(name, detail.clone()).unwrap();
        }
        let telling = Telling {
            id: EventId::random(&mut self.rng),
            kind,
            at: self.now(),
            organisation: self.office.organisation.clone(),
            actor: Actor::Officer(account(by)),
            purpose: Purpose::Oversight,
            details: all,
        };
        self.told.note(telling.of((), RecordKind::PersonChange).event());
    }

    /// A proposal approved like this, with the events of it, past all rules.
    fn forges(
        &mut self,
        by: &str,
        signer: &str,
        what: Proposed,
        second: impl Fn(Signature) -> Second,
    ) {
        let draft = self.drafted(by, what).unwrap();
        let signature = self.sign(signer, &draft.statement());
        let approval = self.sign(signer, &draft.approval_statement());
        let outcome = Outcome::Approved { at: self.now(), second: second(approval) };
        let proposal = Proposal {
            draft,
            proof: Proof::Signature(signature),
            outcome: Some(outcome),
            printed_at: None,
        };
        let id = proposal.id();
        self.proposals.push(proposal);
        self.told.0.push((self.now(), super::super::told::Deed::Proposed { proposal: id }));
        let of = Detail::Bytes(id.as_bytes().to_vec());
        self.writes(by, "people.approved", &[("proposal", of)]);
    }
}

fn id(world: &World) -> EventId {
    world.proposals.last().unwrap().id()
}

#[test]
fn what_the_program_wrote_is_proven() {
    assert_eq!(kept().unproven(), []);
}

#[test]
fn what_somebody_wrote_past_the_program_is_found() {
    // THREATS T-29
    let mut world = kept();
    world.proposals[0] = signed_otherwise(&world.proposals[0], Signature::from_bytes([0; 64]));
    let proposal = world.proposals[0].id();
    assert_eq!(world.unproven(), [Unproven::Proposal { proposal, officer: account(A) }]);

    let mut world = kept();
    let mut written = serde_json::to_value(&world.proposals[0]).unwrap();
    let by_a = world.sign(A, &world.proposals[0].approval_statement());
    written["outcome"]["approved"]["second"]["signature"] = serde_json::to_value(by_a).unwrap();
    world.proposals[0] = serde_json::from_value(written).unwrap();
    assert_eq!(world.unproven(), [Unproven::Approval { proposal }]);

    let person = kept().person(C).clone();
    let puppet = PersonId { officer: account("n.fictionby"), ..person.person.clone() };
    let mut world = kept();
    world.put(Person { person: puppet, keys: None, ..person });
    assert_eq!(world.unproven(), [Unproven::Person { officer: account("n.fictionby") }]);

    let mut world = kept();
    let key = world.key(A).verifying_key().to_bytes();
    let person = world.person(B).clone();
    let keys = Some(PublicKeys { signing: key, sealing: vec![5; 1216] });
    world.put(Person { keys: keys.clone(), ..person.clone() });
    assert_eq!(world.unproven(), [Unproven::Key { officer: account(B) }]);
    let told = Detail::Bytes(key.to_vec());
    world.writes(B, "people.enrolled", &[("signing-key", told)]);
    assert_eq!(world.unproven(), [Unproven::Key { officer: account(B) }], "nobody invited him");

    let mut world = kept();
    world.office.outside[0].key = key;
    let person = world.office.outside[0].person.clone();
    assert_eq!(world.unproven(), [Unproven::Outside { person }]);
}

#[test]
fn a_proposal_that_one_signed_twice_is_found() {
    // THREATS T-29
    let mut world = kept();
    let what = world.outside("y.elsewhere", 90);
    world.forges(A, A, what, |signature| Second::Administrator { officer: account(A), signature });
    assert_eq!(world.unproven(), [Unproven::Approval { proposal: id(&world) }]);

    let mut world = kept();
    let grants = world.grants(&[Role::Administrator, Role::Auditor]);
    let what = Proposed::ChangeGrants { officer: account(A), grants: grants.clone() };
    let person = world.person(A).clone();
    world.forges(B, B, what, |signature| Second::Administrator { officer: account(A), signature });
    world.put(Person { grants, ..person });
    assert_eq!(world.unproven(), [Unproven::Approval { proposal: id(&world) }], "about himself");
}

#[test]
fn a_proposal_that_an_officer_signed_who_is_no_administrator_is_found() {
    // THREATS T-29
    let by_c = |signature| Second::Administrator { officer: account(C), signature };
    let mut world = kept();
    let what = world.outside("y.elsewhere", 90);
    world.forges(C, C, what.clone(), by_c);
    let (proposal, officer) = (id(&world), account(C));
    let found = [Unproven::Proposal { proposal, officer }, Unproven::Approval { proposal }];
    assert_eq!(world.unproven(), found);

    let mut world = kept();
    let proposal = world.proposed(A, what).unwrap();
    let at = world.now();
    let signature = world.sign(C, &proposal.approval_statement());
    let outcome = Some(Outcome::Approved { at, second: by_c(signature) });
    world.proposals.pop();
    world.proposals.push(Proposal { outcome, ..proposal });
    let proposal = id(&world);
    assert_eq!(world.unproven(), [Unproven::Approval { proposal }], "no event tells of it");
    let of = Detail::Bytes(proposal.as_bytes().to_vec());
    world.writes(C, "people.approved", &[("proposal", of)]);
    assert_eq!(world.unproven(), [Unproven::Approval { proposal }]);
}

#[test]
fn what_the_first_administrators_may_do_is_what_was_told() {
    // THREATS T-29
    let grants = kept().person(A).grants.clone();
    for change in [
        json!({ "clearance": 9 }),
        json!({ "compartments": ["harbour"] }),
        json!({ "party": "another-party" }),
        json!({ "roles": { "administrator": grants.term, "auditor": grants.term } }),
    ] {
        for name in [A, C] {
            let mut world = kept();
            let person = world.person(name).clone();
            let mut written = serde_json::to_value(&person.grants).unwrap();
            for (part, value) in change.as_object().unwrap() {
                written[part] = value.clone();
            }
            let grants = serde_json::from_value(written).unwrap();
            world.put(Person { grants, ..person });
            assert_eq!(world.unproven(), [Unproven::Grants { officer: account(name) }], "{change}");
        }
    }
}

#[test]
fn whoever_was_suspended_is_not_back_by_himself() {
    // THREATS T-29
    let mut world = kept();
    world.suspends(A, A, C).unwrap();
    assert_eq!(world.unproven(), []);
    let person = world.person(C).clone();
    world.put(Person { state: PersonState::Active, ..person });
    assert_eq!(world.unproven(), [Unproven::State { officer: account(C) }]);
    let proposal = world.proposed(A, Proposed::Reinstate { officer: account(C) }).unwrap_err();
    assert!(matches!(proposal, ProposeError::State { .. }));
}

#[test]
fn what_somebody_signs_in_with_is_told_of() {
    // THREATS T-29
    let mut world = kept();
    let planted = credential(&world, B, 62);
    world.credentials.push(planted);
    assert_eq!(world.unproven(), [Unproven::Credential { officer: account(B) }]);

    let mut world = kept();
    world.credentials[0].lookup = digest_of(63);
    assert_eq!(world.unproven(), [Unproven::Credential { officer: account(C) }], "another key");

    // One that a reset took away and that was put back.
    let mut world = kept();
    let before = world.credentials.clone();
    world.done(Proposed::ResetSignIn { officer: account(C) });
    assert_eq!(world.unproven(), []);
    world.credentials = before;
    assert_eq!(world.unproven(), [Unproven::Credential { officer: account(C) }]);
}

#[test]
fn a_recovery_code_that_was_not_printed_is_none() {
    // THREATS T-29
    let mut world = kept();
    let series = world.office.codes[0].series;
    let planted = RecoveryCode { series, place: 9, digest: digest_of(200), used_at: None };
    world.office.codes.push(planted.clone());
    assert_eq!(world.unproven(), [Unproven::Codes]);
    let grants = world.grants(&[Role::Officer, Role::Auditor]);
    let what = Proposed::ChangeGrants { officer: account(C), grants };
    let proposal = world.proposed(A, what).unwrap();
    let refused = world.approved_with_code([A, A], proposal.clone(), 200).unwrap_err();
    assert_eq!(refused, ApproveError::NotProven);
    world.office.codes.pop();
    world.office.codes[7] = RecoveryCode { place: 8, ..planted };
    let refused = world.approved_with_code([A, A], proposal, 200).unwrap_err();
    assert_eq!(refused, ApproveError::NotProven, "nor in the place of another");
    let reset = world.drafted(A, Proposed::ResetSignIn { officer: account(A) }).unwrap();
    let refused = world.proposes(reset, &Proof::RecoveryCode(digest_of(200))).unwrap_err();
    assert_eq!(refused, ProposeError::NotProven { officer: account(A) });
}

#[test]
fn a_recovery_code_is_not_unused_again() {
    // THREATS T-29
    let mut world = kept();
    let grants = world.grants(&[Role::Officer, Role::Auditor]);
    let what = Proposed::ChangeGrants { officer: account(C), grants };
    let proposal = world.proposed(A, what).unwrap();
    world.approved_with_code([A, A], proposal, 103).unwrap();
    assert_eq!(world.unproven(), []);
    world.office.codes[2].used_at = None;
    assert_eq!(world.unproven(), [Unproven::Codes]);
}

#[test]
fn whoever_was_reset_by_codes_that_nobody_printed_is_found() {
    // THREATS T-29
    let mut world = kept();
    let draft = world.drafted(B, Proposed::ResetSignIn { officer: account(B) }).unwrap();
    let second =
        Second::RecoveryCode { digest: digest_of(202), officer: account(B), signature: None };
    let proposal = draft.id;
    let (at, proof) = (world.now(), Proof::RecoveryCode(digest_of(201)));
    let outcome = Some(Outcome::Approved { at, second });
    world.proposals.push(Proposal { draft, proof, outcome, printed_at: None });
    world.told.0.push((at, super::super::told::Deed::Proposed { proposal }));
    let of = Detail::Bytes(proposal.as_bytes().to_vec());
    world.writes(B, "people.approved-with-recovery-code", &[("proposal", of)]);
    let person = world.person(B).clone();
    world.put(Person { state: PersonState::Invited, keys: None, ..person });
    let officer = account(B);
    let found = [Unproven::Proposal { proposal, officer }, Unproven::Approval { proposal }];
    assert_eq!(world.unproven(), found);
}

#[test]
fn a_sheet_that_two_did_not_allow_is_found() {
    // THREATS T-29
    let digests: Vec<Digest> = (201..=208).map(digest_of).collect();
    let mut world = kept();
    let proposal = world.proposed(A, Proposed::RecoveryCodes).unwrap();
    let allowed = world.approved_by(B, B, proposal).unwrap().into_state().proposal;
    let printed =
        codes_printed(&world.clock, &mut world.rng, &world.office, allowed, account(A), &digests);
    let printed = printed.unwrap();
    world.told.note(printed.event());
    world.office.sheet = sheet(printed.event());
    world.office.codes = printed.into_state().codes;
    assert_eq!(world.office.sheet, digests);
    assert_eq!(world.unproven(), []);

    // The same once more, with codes of whoever has the database.
    let of = Detail::Bytes(id(&world).as_bytes().to_vec());
    let others = Detail::Bytes([[77; 32]; 8].concat());
    world.writes(A, "people.recovery-codes-printed", &[("proposal", of), ("sheet", others)]);
    assert_eq!(world.unproven(), [Unproven::Sheet, Unproven::Codes]);

    let mut world = kept();
    let officer = Detail::Text("n.fictionby".into());
    world.writes(A, "people.first-administrators", &[("officer-1", officer)]);
    assert_eq!(world.unproven(), [Unproven::Person { officer: account("n.fictionby") }]);
}
