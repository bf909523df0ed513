//! People, what they sign in with, and what volunteers hand in, on each kind of store.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod common;

use common::{Place, TEST, organisation, unlock};
use jiff::SignedDuration;
use portcullis_decide::people::{
    ApiToken, Approval, Credential, CredentialKind, Deed, Ending, Grants, KeyWay, LinkOrder,
    NewAdministrator, Office, Outcome, OutsideEnding, Person, PersonState, Proof, Proposal,
    Proposed, PublicKeys, Scope, Second, Session, Signature, SubmissionForm, SubmitLink, Term,
    WrappedKeys, add_credential, add_wrapped_keys, approve, begin_session, confirm_session, draft,
    end_session, enrol, first_people, make_link, make_token, remove_credential, remove_outside,
    revoke_token, submit, suspend,
};
use portcullis_decide::{Change, Digest, OfficerBasis, RecordKind, StatedReason, erase};
use portcullis_keys::{
    CodeKind, KeyLock, KeyOwner, Keyring, Passphrase, PersonalKeys, SealingKey, SecretCode,
};
use portcullis_store::{Database, Reader, StoreError};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{
    Clock, EventId, EventTime, Level, OfficerId, PersonId, PopulationClass, Protected, Rng, Role,
};
use std::collections::{BTreeMap, BTreeSet};

suite! {
    everybody_reads_back_with_what_was_said_of_him,
    a_proposal_is_decided_on_once,
    a_person_who_changed_meanwhile_is_not_overwritten,
    a_recovery_code_is_used_once,
    whoever_is_reset_loses_what_he_signed_in_with,
    a_credential_is_found_renewed_and_removed,
    a_session_is_found_touched_confirmed_and_ended,
    sessions_end_with_the_authority_they_began_under,
    a_token_is_found_and_revoked,
    a_link_takes_as_much_as_it_was_made_for,
    whoever_is_suspended_leaves_nothing_that_goes_on,
    what_a_changed_administrator_proposed_is_closed,
    an_administrator_outside_is_let_in_and_taken_off,
    a_person_in_office_is_not_erased,
    what_was_handed_in_is_erased_with_its_record,
    what_is_sealed_to_a_person_stays_closed_to_whoever_has_all_the_rest,
    everything_opens_after_the_keys_were_rotated,
}

const A: &str = "o.testwick";
const B: &str = "q.examplesson";
const PASSPHRASE: &str = "four words drawn at random";

fn account(name: &str) -> OfficerId {
    OfficerId::new(name).unwrap()
}

fn why() -> StatedReason {
    StatedReason::new("joins compliance").unwrap()
}

fn digest_of(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

/// A store with two administrators who have enrolled.
struct World {
    store: Database,
    keys: BTreeMap<&'static str, PersonalKeys>,
    clock: MockClock,
    rng: SeededRng,
}

impl World {
    fn of(place: &impl Place) -> Self {
        let mut world = Self {
            store: place.open(),
            keys: BTreeMap::new(),
            clock: MockClock::default(),
            rng: SeededRng::new(77),
        };
        let new = |name: &str| NewAdministrator {
            officer: account(name),
            name: "Orsolya Testwick".into(),
            roles: BTreeSet::from([Role::Officer]),
            invitation: digest_of(1),
        };
        let codes: Vec<Digest> = (101..=108).map(digest_of).collect();
        let (office, these) = (world.office(), [new(A), new(B)]);
        let change = first_people(&world.clock, &mut world.rng, &office, &these, &codes).unwrap();
        world.store.write(TEST, |w| w.put_first_people(&change)).unwrap();
        for name in [A, B] {
            world.enrols(name, PASSPHRASE);
        }
        world
    }

    fn office(&mut self) -> Office {
        self.store.read(|r| r.office(&organisation())).unwrap_or_else(|e: StoreError| panic!("{e}"))
    }

    fn person(&mut self, name: &str) -> Person {
        self.read(|r| r.person(&organisation(), &account(name))).unwrap()
    }

    fn read<T>(&mut self, look: impl FnOnce(&dyn Reader) -> Result<T, StoreError>) -> T {
        self.store.read(look).unwrap()
    }

    fn now(&self) -> EventTime {
        EventTime::rounded_down(self.clock.now()).unwrap()
    }

    fn enrols(&mut self, name: &'static str, passphrase: &str) {
        let person = self.person(name);
        let mut random = |bytes: &mut [u8]| self.rng.fill(bytes);
        let keys = PersonalKeys::random(&mut random);
        let own = organisation();
        let owner = KeyOwner { organisation: own.as_str(), account: name };
        let passphrase = Passphrase::new(passphrase).unwrap();
        let bytes = keys.wrap(&mut random, &owner, &KeyLock::Passphrase(&passphrase));
        let public = PublicKeys {
            signing: keys.signing_public(),
            sealing: keys.sealing_public().as_bytes().to_vec(),
        };
        let wrapped = WrappedKeys {
            id: EventId::random(&mut self.rng),
            person: person.person.clone(),
            way: KeyWay::Passphrase,
            credential: None,
            bytes,
            made_at: EventTime::rounded_down(self.clock.now()).unwrap(),
        };
        let halves = [&digest_of(1), &digest_of(1)];
        let change =
            enrol(&self.clock, &mut self.rng, person, halves, public, None, vec![wrapped]).unwrap();
        self.store.write(TEST, |w| w.enrol(&change)).unwrap();
        self.keys.insert(name, keys);
    }

    fn proposed(&mut self, what: Proposed) -> Proposal {
        let office = self.office();
        let half = what.invites().then(|| digest_of(1));
        let (clock, rng) = (&self.clock, &mut self.rng);
        let draft = draft(clock, rng, &office, account(A), what, why(), half).unwrap();
        let signature = Signature::from_bytes(self.keys[A].sign(&draft.statement()));
        let change = draft.propose(&office, Proof::Signature(signature)).unwrap();
        self.store.write(TEST, |w| w.put_proposal(&change)).unwrap();
        change.into_state()
    }

    fn approval(&mut self, proposal: Proposal, second: Second) -> Change<Approval> {
        let (office, half) = (self.office(), Some(digest_of(1)));
        approve(&self.clock, &mut self.rng, &office, proposal, second, half).unwrap()
    }

    fn by_b(&self, proposal: &Proposal) -> Second {
        let signature = Signature::from_bytes(self.keys[B].sign(&proposal.approval_statement()));
        Second::Administrator { officer: account(B), signature }
    }

    fn done(&mut self, what: Proposed) {
        let proposal = self.proposed(what);
        let second = self.by_b(&proposal);
        let change = self.approval(proposal, second);
        self.store.write(TEST, |w| w.put_approval(&change)).unwrap();
    }

    fn grants(&self, roles: &[Role]) -> Grants {
        let term = Term { from: self.now(), until: None };
        Grants {
            roles: roles.iter().map(|role| (*role, term)).collect(),
            clearance: Level(2),
            compartments: BTreeSet::from(["harbour".into()]),
            party: None,
            term,
        }
    }

    fn making(&self, name: &str) -> Proposed {
        let grants = self.grants(&[Role::Auditor]);
        Proposed::MakeOfficer {
            officer: account(name), name: "Mátyás Inventedson".into(), grants
        }
    }

    fn credential(&mut self, name: &str, byte: u8) -> Credential {
        Credential {
            id: EventId::random(&mut self.rng),
            person: PersonId { organisation: organisation(), officer: account(name) },
            kind: CredentialKind::Passkey,
            lookup: digest_of(byte),
            label: Protected::new("blue key of Orsolya"),
            data: vec![byte; 90],
            made_at: self.now(),
            used_at: None,
        }
    }

    fn adds_credential(&mut self, name: &str, byte: u8) -> Credential {
        let (person, credential) = (self.person(name), self.credential(name, byte));
        let change = add_credential(&self.clock, &mut self.rng, &person, credential).unwrap();
        self.store.write(TEST, |w| w.put_credential(&change)).unwrap();
        change.into_state()
    }

    fn signs_in(&mut self, name: &str, byte: u8) -> Session {
        let person = self.person(name);
        let (by, digest) = (CredentialKind::Oidc, digest_of(byte));
        let change = begin_session(&self.clock, &mut self.rng, &person, digest, by).unwrap();
        self.store.write(TEST, |w| w.put_session(&change)).unwrap();
        change.into_state()
    }

    fn session(&mut self, byte: u8) -> Option<Session> {
        self.read(|r| r.session(&organisation(), &digest_of(byte)))
    }
}

fn everybody_reads_back_with_what_was_said_of_him(place: &impl Place) {
    let mut world = World::of(place);
    let what = world.making("m.inventedson");
    world.done(what);
    let office = world.office();
    let accounts: Vec<&str> =
        office.people.iter().map(|person| person.person.officer.as_str()).collect();
    assert_eq!(accounts, ["m.inventedson", A, B]);
    let made = office.person(&account("m.inventedson")).unwrap();
    assert_eq!(made.name.reveal(), "Mátyás Inventedson");
    assert_eq!(made.grants, world.grants(&[Role::Auditor]));
    assert_eq!(made.state, PersonState::Invited);
    assert_eq!(office.codes.len(), 8);
    let keys = office.person(&account(A)).unwrap().keys.clone().unwrap();
    assert_eq!(keys.signing, world.keys[A].signing_public());
    let kinds: Vec<String> = world
        .read(|r| r.events(&organisation()))
        .iter()
        .map(|event| event.kind.as_str().to_owned())
        .collect();
    let expected = [
        "people.first-administrators",
        "people.enrolled",
        "people.enrolled",
        "people.proposed",
        "people.approved",
    ];
    assert_eq!(kinds, expected);
}

fn a_proposal_is_decided_on_once(place: &impl Place) {
    let mut world = World::of(place);
    let what = world.making("m.inventedson");
    let proposal = world.proposed(what);
    let second = world.by_b(&proposal);
    let change = world.approval(proposal.clone(), second.clone());
    let again = world.approval(proposal, second);
    world.store.write(TEST, |w| w.put_approval(&change)).unwrap();
    let refused = world.store.write(TEST, |w| w.put_approval(&again));
    assert!(matches!(refused, Err(StoreError::Overtaken { what: "proposal" })), "{refused:?}");
    let office = world.office();
    assert_eq!(office.people.len(), 3);
}

fn a_person_who_changed_meanwhile_is_not_overwritten(place: &impl Place) {
    // THREATS T-29
    let mut world = World::of(place);
    let (third, what) = ("m.inventedson", world.making("m.inventedson"));
    world.done(what);
    let grants = world.grants(&[Role::Administrator]);
    let what = Proposed::ChangeGrants { officer: account(third), grants };
    let proposal = world.proposed(what);
    let second = world.by_b(&proposal);
    let change = world.approval(proposal, second);
    let office = world.office();
    let ending =
        Ending { deed: Deed::Suspend, officer: account(third), by: account(B), reason: why() };
    let signature = Signature::from_bytes(world.keys[B].sign(&ending.statement(&office)));
    let suspended = suspend(&world.clock, &mut world.rng, &office, ending, signature).unwrap();
    world.store.write(TEST, |w| w.put_person(&suspended)).unwrap();
    let refused = world.store.write(TEST, |w| w.put_approval(&change));
    assert!(matches!(refused, Err(StoreError::Overtaken { what: "person" })), "{refused:?}");
    assert_eq!(world.person(third).state, PersonState::Suspended);
}

fn a_recovery_code_is_used_once(place: &impl Place) {
    // THREATS T-29
    let mut world = World::of(place);
    let made = ["m.inventedson", "n.fictionby"].map(|name| {
        let what = world.making(name);
        let proposal = world.proposed(what);
        let signature = world.keys[B].sign(&proposal.approval_statement());
        let signature = Some(Signature::from_bytes(signature));
        let (digest, officer) = (digest_of(103), account(B));
        world.approval(proposal, Second::RecoveryCode { digest, officer, signature })
    });
    world.store.write(TEST, |w| w.put_approval(&made[0])).unwrap();
    let refused = world.store.write(TEST, |w| w.put_approval(&made[1]));
    let what = "recovery code";
    assert!(
        matches!(&refused, Err(StoreError::Overtaken { what: found }) if *found == what),
        "{refused:?}"
    );
    let office = world.office();
    let used: Vec<u8> =
        office.codes.iter().filter(|code| code.used_at.is_some()).map(|code| code.place).collect();
    assert_eq!(used, [3]);
    assert_eq!(office.people.len(), 3);
}

fn whoever_is_reset_loses_what_he_signed_in_with(place: &impl Place) {
    let mut world = World::of(place);
    let what = world.making("m.inventedson");
    world.done(what);
    world.enrols("m.inventedson", PASSPHRASE);
    world.adds_credential("m.inventedson", 9);
    world.signs_in("m.inventedson", 40);
    let person = world.person("m.inventedson");
    let (scopes, note) = (BTreeSet::from([Scope::HistoryRead]), Protected::new("nightly"));
    let change =
        make_token(&world.clock, &mut world.rng, &person, digest_of(50), scopes, 30, note).unwrap();
    world.store.write(TEST, |w| w.put_api_token(&change)).unwrap();
    world.done(Proposed::ResetSignIn { officer: account("m.inventedson") });
    let officer = account("m.inventedson");
    assert!(world.read(|r| r.credentials(&organisation(), &officer)).is_empty());
    assert!(world.read(|r| r.wrapped_keys(&organisation(), &officer)).is_empty());
    assert_eq!(world.session(40), None);
    let person = world.person("m.inventedson");
    assert_eq!((person.state, person.keys), (PersonState::Invited, None));
    world.enrols("m.inventedson", PASSPHRASE);
    let (now, person) = (world.now(), world.person("m.inventedson"));
    let token = world.read(|r| r.api_token(&organisation(), &digest_of(50))).unwrap();
    assert!(token.scopes(now, &person).is_empty(), "what a thief may hold does not wake up again");
}

fn a_credential_is_found_renewed_and_removed(place: &impl Place) {
    let mut world = World::of(place);
    let added = world.adds_credential(A, 9);
    let found = |world: &mut World, byte| {
        let kind = CredentialKind::Passkey;
        world.read(|r| r.credential(&organisation(), kind, &digest_of(byte)))
    };
    assert_eq!(found(&mut world, 9), Some(added.clone()));
    assert_eq!(found(&mut world, 8), None);
    let used = Credential { used_at: Some(world.now()), data: vec![4; 91], ..added.clone() };
    world.store.write(TEST, |w| w.renew_credential(&used)).unwrap();
    assert_eq!(found(&mut world, 9), Some(used));
    let person = world.person(A);
    let wrapped = WrappedKeys {
        id: EventId::random(&mut world.rng),
        person: person.person.clone(),
        way: KeyWay::Prf,
        credential: Some(added.id),
        bytes: vec![2; 50],
        made_at: world.now(),
    };
    let change = add_wrapped_keys(&world.clock, &mut world.rng, &person, wrapped).unwrap();
    world.store.write(TEST, |w| w.put_wrapped_keys(&change)).unwrap();
    assert_eq!(world.read(|r| r.wrapped_keys(&organisation(), &account(A))).len(), 2);
    let change = remove_credential(&world.clock, &mut world.rng, &person, added.id).unwrap();
    world.store.write(TEST, |w| w.remove_credential(&change)).unwrap();
    assert_eq!(found(&mut world, 9), None);
    let left = world.read(|r| r.wrapped_keys(&organisation(), &account(A)));
    assert_eq!(left.iter().map(|keys| keys.way).collect::<Vec<_>>(), [KeyWay::Passphrase]);
    let again = remove_credential(&world.clock, &mut world.rng, &person, added.id).unwrap();
    let refused = world.store.write(TEST, |w| w.remove_credential(&again));
    assert!(matches!(refused, Err(StoreError::Overtaken { .. })), "{refused:?}");
}

fn a_session_is_found_touched_confirmed_and_ended(place: &impl Place) {
    let mut world = World::of(place);
    let session = world.signs_in(A, 40);
    assert_eq!(world.session(40), Some(session.clone()));
    assert_eq!(world.session(41), None);
    world.clock.advance(SignedDuration::from_mins(10));
    let now = world.now();
    world.store.write(TEST, |w| w.touch_session(&organisation(), session.id, now)).unwrap();
    assert_eq!(world.session(40).unwrap().seen_at, now);
    let (person, seen) = (world.person(A), world.session(40).unwrap());
    let (clock, rng) = (&world.clock, &mut world.rng);
    let change = confirm_session(clock, rng, &person, seen, digest_of(43)).unwrap();
    world.store.write(TEST, |w| w.put_session(&change)).unwrap();
    assert_eq!(world.session(43).unwrap().confirmed_at, Some(now));
    assert_eq!(world.session(43).unwrap().began_at, session.began_at);
    assert_eq!(world.session(40), None, "the token before is known no longer");
    world.signs_in(A, 42);
    let change = end_session(&world.clock, &mut world.rng, &person, Some(session.id)).unwrap();
    world.store.write(TEST, |w| w.end_session(&change)).unwrap();
    assert_eq!(world.session(43), None);
    assert!(world.session(42).is_some());
    let change = end_session(&world.clock, &mut world.rng, &person, None).unwrap();
    world.store.write(TEST, |w| w.end_session(&change)).unwrap();
    assert_eq!(world.session(42), None);
}

fn sessions_end_with_the_authority_they_began_under(place: &impl Place) {
    // THREATS T-31
    let mut world = World::of(place);
    world.signs_in(A, 40);
    world.signs_in(B, 41);
    let grants = world.grants(&[Role::Administrator, Role::Auditor]);
    world.done(Proposed::ChangeGrants { officer: account(A), grants });
    assert_eq!(world.session(40), None);
    assert!(world.session(41).is_some(), "another's goes on");
}

fn token(world: &mut World) -> ApiToken {
    let person = world.person(A);
    let (scopes, note) = (BTreeSet::from([Scope::Match]), Protected::new("nightly matching"));
    let change =
        make_token(&world.clock, &mut world.rng, &person, digest_of(50), scopes, 30, note).unwrap();
    world.store.write(TEST, |w| w.put_api_token(&change)).unwrap();
    change.into_state()
}

fn a_token_is_found_and_revoked(place: &impl Place) {
    let mut world = World::of(place);
    let made = token(&mut world);
    let found = |world: &mut World| world.read(|r| r.api_token(&organisation(), &digest_of(50)));
    assert_eq!(found(&mut world), Some(made.clone()));
    let by = world.person(B);
    let change = revoke_token(&world.clock, &mut world.rng, &by, made).unwrap();
    world.store.write(TEST, |w| w.put_api_token(&change)).unwrap();
    assert!(found(&mut world).unwrap().revoked_at.is_some());
    assert_eq!(world.read(|r| r.api_tokens(&organisation())).len(), 1);
}

fn link(world: &mut World, most_uses: u32) -> SubmitLink {
    let person = world.person(A);
    let note = Protected::new("canvassers in spring");
    let order = LinkOrder { class: PopulationClass::Donor, note, days: 14, most_uses };
    let change = make_link(&world.clock, &mut world.rng, &person, digest_of(60), order).unwrap();
    world.store.write(TEST, |w| w.put_submit_link(&change)).unwrap();
    change.into_state()
}

fn form() -> SubmissionForm {
    SubmissionForm {
        name: Protected::new("Quillon Examplesson"),
        birth_date: Some(Protected::new("1958-03-21")),
        address: Some(Protected::new("1 Nowhere Street")),
        fields: BTreeMap::from([("donation".into(), Protected::new("4000"))]),
    }
}

fn a_link_takes_as_much_as_it_was_made_for(place: &impl Place) {
    let mut world = World::of(place);
    let made = link(&mut world, 2);
    let by = world.person(A);
    let hand_in = |world: &mut World| {
        let change = submit(&world.clock, &mut world.rng, &made, &by, form()).unwrap();
        world.store.write(TEST, |w| w.submit(&change))
    };
    hand_in(&mut world).unwrap();
    hand_in(&mut world).unwrap();
    let refused = hand_in(&mut world);
    assert!(matches!(refused, Err(StoreError::Overtaken { what: "link" })), "{refused:?}");
    let found = world.read(|r| r.submit_link(&organisation(), &digest_of(60))).unwrap();
    assert_eq!(found.uses, 2);
    let all = world.read(|r| r.submissions(&organisation()));
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].form, form());
}

fn whoever_is_suspended_leaves_nothing_that_goes_on(place: &impl Place) {
    // THREATS T-29 T-31
    let mut world = World::of(place);
    let what = world.making("m.inventedson");
    let proposal = world.proposed(what);
    token(&mut world);
    let made = link(&mut world, 2);
    let by = world.person(A);
    let handed_in = submit(&world.clock, &mut world.rng, &made, &by, form()).unwrap();
    let office = world.office();
    let ending = Ending { deed: Deed::Suspend, officer: account(A), by: account(B), reason: why() };
    let signature = Signature::from_bytes(world.keys[B].sign(&ending.statement(&office)));
    let change = suspend(&world.clock, &mut world.rng, &office, ending, signature).unwrap();
    world.store.write(TEST, |w| w.put_person(&change)).unwrap();
    let (at, event) = (change.event().at, change.event().id);
    let token = world.read(|r| r.api_token(&organisation(), &digest_of(50))).unwrap();
    assert_eq!(token.revoked_at, Some(at));
    let link = world.read(|r| r.submit_link(&organisation(), &digest_of(60))).unwrap();
    assert_eq!(link.closed_at, Some(at));
    let proposal = world.read(|r| r.proposal(&organisation(), proposal.id())).unwrap();
    assert_eq!(proposal.outcome(), Some(&Outcome::Closed { at, event }));
    let refused = world.store.write(TEST, |w| w.submit(&handed_in));
    assert!(matches!(refused, Err(StoreError::Overtaken { what: "link" })), "{refused:?}");
}

fn what_a_changed_administrator_proposed_is_closed(place: &impl Place) {
    // THREATS T-29
    let mut world = World::of(place);
    let what = world.making("m.inventedson");
    let proposal = world.proposed(what);
    token(&mut world);
    let grants = world.grants(&[Role::Administrator, Role::Officer]);
    world.done(Proposed::ChangeGrants { officer: account(A), grants });
    let proposal = world.read(|r| r.proposal(&organisation(), proposal.id())).unwrap();
    assert!(matches!(proposal.outcome(), Some(Outcome::Closed { .. })), "{proposal:?}");
    let token = world.read(|r| r.api_token(&organisation(), &digest_of(50))).unwrap();
    assert_eq!(token.revoked_at, None, "it does what his roles still allow");
}

fn an_administrator_outside_is_let_in_and_taken_off(place: &impl Place) {
    // THREATS T-29
    let mut world = World::of(place);
    let person = PersonId {
        organisation: portcullis_types::OrganisationId::new("another-party").unwrap(),
        officer: account("z.elsewhere"),
    };
    let key = world.keys[B].signing_public();
    let later = world.clock.now() + SignedDuration::from_hours(24 * 90);
    let until = EventTime::rounded_down(later).unwrap();
    world.done(Proposed::OutsideAdministrator { person: person.clone(), key, until });
    let office = world.office();
    assert_eq!(office.outside[0].until, until);
    let ending = OutsideEnding { person, by: account(B), reason: why() };
    let signature = Signature::from_bytes(world.keys[B].sign(&ending.statement(&office)));
    let change = remove_outside(&world.clock, &mut world.rng, &office, ending, signature).unwrap();
    world.store.write(TEST, |w| w.remove_outside(&change)).unwrap();
    assert!(world.office().outside.is_empty());
    let again = world.store.write(TEST, |w| w.remove_outside(&change));
    assert!(matches!(again, Err(StoreError::Overtaken { .. })), "{again:?}");
}

fn a_person_in_office_is_not_erased(place: &impl Place) {
    let mut world = World::of(place);
    let year = "2099-01-01".parse().unwrap();
    let due = world.read(|r| r.due_records(&organisation(), year, None)).0;
    let person = due.into_iter().find(|one| one.retention.kind == RecordKind::Person).unwrap();
    let basis = OfficerBasis::Reviewed;
    world.clock.advance(SignedDuration::from_hours(24 * 365 * 20));
    let by = account(B);
    let change = erase(&world.clock, &mut world.rng, &by, basis, &[person], None).unwrap();
    let refused = world.store.write(TEST, |w| w.erase(&change[0]));
    assert!(matches!(refused, Err(StoreError::InUse { what: "person" })), "{refused:?}");
}

fn what_was_handed_in_is_erased_with_its_record(place: &impl Place) {
    let mut world = World::of(place);
    let made = link(&mut world, 2);
    let by = world.person(A);
    let change = submit(&world.clock, &mut world.rng, &made, &by, form()).unwrap();
    world.store.write(TEST, |w| w.submit(&change)).unwrap();
    let year = "2099-01-01".parse().unwrap();
    let due = world.read(|r| r.due_records(&organisation(), year, None)).0;
    let record = due.into_iter().find(|one| one.retention.kind == RecordKind::Submission).unwrap();
    world.clock.advance(SignedDuration::from_hours(24 * 91));
    let basis = OfficerBasis::Reviewed;
    let by = account(B);
    let change = erase(&world.clock, &mut world.rng, &by, basis, &[record], None).unwrap();
    world.store.write(TEST, |w| w.erase(&change[0])).unwrap();
    assert!(world.read(|r| r.submissions(&organisation())).is_empty());
}

fn everything_opens_after_the_keys_were_rotated(place: &impl Place) {
    let mut world = World::of(place);
    world.adds_credential(A, 9);
    world.signs_in(A, 40);
    token(&mut world);
    let made = link(&mut world, 2);
    let by = world.person(A);
    let change = submit(&world.clock, &mut world.rng, &made, &by, form()).unwrap();
    world.store.write(TEST, |w| w.submit(&change)).unwrap();
    let next = world.store.keyring_state().generations.last().unwrap() + 1;
    let changed = |deed, generation| portcullis_decide::ChangedKeys {
        organisation: organisation(),
        deed,
        generation,
    };
    let began = changed(portcullis_decide::KeyDeed::Rotated, next);
    let change =
        portcullis_decide::change_keys(&world.clock, &mut world.rng, account(A), began).unwrap();
    world.store.begin_generation(&change).unwrap();
    world.store.reseal(|_| true).unwrap();
    assert_eq!(world.store.sealed_under(next - 1).unwrap(), 0);
    assert_eq!(world.office().people.len(), 2);
    assert!(world.session(40).is_some());
    assert_eq!(world.read(|r| r.submissions(&organisation())).len(), 1);
    assert_eq!(world.read(|r| r.credentials(&organisation(), &account(A))).len(), 1);
    assert_eq!(world.read(|r| r.api_tokens(&organisation())).len(), 1);
}

/// Plays whoever administers the party's machine: he has the database, a backup, the keyring and its
/// key file, and with them the keys of the organisation; and tries whatever he finds as a key.
fn what_is_sealed_to_a_person_stays_closed_to_whoever_has_all_the_rest(place: &impl Place) {
    // THREATS T-30
    let mut world = World::of(place);
    let passkey = world.adds_credential(A, 9);
    let prf = [0xa7; 32];
    let own = organisation();
    let owner = KeyOwner { organisation: own.as_str(), account: A };
    let lock = KeyLock::Prf { credential: &passkey.data, output: &prf };
    let bytes = world.keys[A].wrap(&mut |bytes| world.rng.fill(bytes), &owner, &lock);
    let person = world.person(A);
    let wrapped = WrappedKeys {
        id: EventId::random(&mut world.rng),
        person: person.person.clone(),
        way: KeyWay::Prf,
        credential: Some(passkey.id),
        bytes,
        made_at: world.now(),
    };
    let change = add_wrapped_keys(&world.clock, &mut world.rng, &person, wrapped).unwrap();
    world.store.write(TEST, |w| w.put_wrapped_keys(&change)).unwrap();
    world.signs_in(A, 40);

    // A service seals to him, with what anybody can know.
    let public = person.keys.unwrap().sealing;
    let public = portcullis_keys::SealingPublic::from_bytes(&public).unwrap();
    let notice = b"Somebody Invented is not who he says he is";
    let sealed = public.seal(&mut |bytes| world.rng.fill(bytes), b"notice", b"17", notice);
    drop(world.keys.clone());

    // What the administrator has.
    let mut loot: Vec<Vec<u8>> = Vec::new();
    let file = std::fs::read(place.keyring()).unwrap();
    let mut keyring = Keyring::unlock(&file, &unlock()).unwrap();
    if !keyring.has_organisation_keys() {
        keyring.begin_organisation(&mut |bytes| world.rng.fill(bytes), 1_700_000_000);
    }
    loot.push(vec![7; 32]); // the key file
    loot.extend(keyring.signing_seeds().map(|(_, seed)| seed.to_vec()));
    loot.extend(keyring.sealing_keys().map(|(_, key)| key.seed().to_vec()));
    loot.extend(
        [keyring.log_seed(), keyring.cosign_seed(), keyring.decoy_key()].map(|k| k.to_vec()),
    );
    loot.push(file);
    let mut backup = Vec::new();
    world.store.back_up(&mut backup, world.clock.now(), &mut |_| {}).unwrap();
    loot.push(backup);
    let mut reading = place.open();
    let ways = reading.read(|r| r.wrapped_keys(&own, &account(A))).unwrap_or_else(lost);
    loot.extend(ways.iter().map(|way| way.bytes.clone()));
    let credentials = reading.read(|r| r.credentials(&own, &account(A))).unwrap_or_else(lost);
    loot.extend(
        credentials.iter().map(|one| [one.data.clone(), one.lookup.as_bytes().to_vec()].concat()),
    );
    let office = reading.read(|r| r.office(&own)).unwrap_or_else(lost);
    for person in &office.people {
        let keys = person.keys.as_ref().unwrap();
        loot.push(keys.signing.to_vec());
        loot.push(keys.sealing.clone());
    }
    loot.extend(office.codes.iter().map(|code| code.digest.as_bytes().to_vec()));
    let session = reading.read(|r| r.session(&own, &digest_of(40))).unwrap_or_else(lost).unwrap();
    loot.push(session.digest.as_bytes().to_vec());
    let events = reading.read(|r| r.events(&own)).unwrap_or_else(lost);
    loot.extend(events.iter().map(portcullis_types::Event::to_bytes));

    let mut tried = 0_u32;
    for blob in &loot {
        // Each place of short ones; of the long ones, where a field could begin.
        let step = if blob.len() > 600 { 64 } else { 8 };
        for key in blob.windows(32).step_by(step) {
            let key: &[u8; 32] = key.try_into().unwrap();
            tried += 1;
            assert!(SealingKey::from_seed(key).open(b"notice", b"17", &sealed).is_err());
            for way in &ways {
                let lock = KeyLock::Prf { credential: &passkey.data, output: key };
                assert!(PersonalKeys::unwrap(&way.bytes, &owner, &lock).is_err());
            }
        }
    }
    assert!(tried > 300, "{tried}");
    for passphrase in ["portcullis-key-1", "four words drawn at randoM", "orsolya testwick"] {
        let passphrase = Passphrase::new(passphrase).unwrap();
        for way in &ways {
            let lock = KeyLock::Passphrase(&passphrase);
            assert!(PersonalKeys::unwrap(&way.bytes, &owner, &lock).is_err());
        }
    }
    // Nor by exchanging whose they are: another enrols, and his passphrase opens his own alone.
    let bs = KeyOwner { organisation: own.as_str(), account: B };
    let passphrase = Passphrase::new(PASSPHRASE).unwrap();
    for way in &ways {
        assert!(PersonalKeys::unwrap(&way.bytes, &bs, &KeyLock::Passphrase(&passphrase)).is_err());
    }

    // And he opens it himself, either way.
    let opens = |keys: PersonalKeys| {
        let opened = keys.sealing().open(b"notice", b"17", &sealed).unwrap();
        assert_eq!(&*opened, notice);
    };
    let by = |kind| ways.iter().find(|way| way.way == kind).unwrap();
    let lock = KeyLock::Passphrase(&passphrase);
    opens(PersonalKeys::unwrap(&by(KeyWay::Passphrase).bytes, &owner, &lock).unwrap());
    let lock = KeyLock::Prf { credential: &passkey.data, output: &prf };
    opens(PersonalKeys::unwrap(&by(KeyWay::Prf).bytes, &owner, &lock).unwrap());
}

#[expect(clippy::needless_pass_by_value, reason = "the form in which `unwrap_or_else` wants it")]
fn lost<T>(error: StoreError) -> T {
    panic!("{error}")
}

#[test]
fn a_row_that_was_changed_in_the_database_is_refused() {
    // THREATS T-29
    let place = common::SqlitePlace(tempfile::tempdir().unwrap());
    let mut world = World::of(&place);
    world.done(Proposed::RecoveryCodes);
    world.signs_in(A, 40);
    drop(world);
    for change in [
        "UPDATE person SET state = 'left' WHERE account = 'q.examplesson'",
        "UPDATE person SET account = 'n.fictionby' WHERE account = 'q.examplesson'",
        "UPDATE person SET details = (SELECT details FROM person WHERE account = 'o.testwick')
         WHERE account = 'q.examplesson'",
        "UPDATE recovery_code SET id = randomblob(32)",
    ] {
        let folder = tempfile::tempdir().unwrap();
        for name in ["store.db", "keyring"] {
            std::fs::copy(place.0.path().join(name), folder.path().join(name)).unwrap();
        }
        let connection = rusqlite::Connection::open(folder.path().join("store.db")).unwrap();
        connection.execute_batch(change).unwrap();
        drop(connection);
        let mut store = common::open_sqlite(folder.path());
        let read = store.read(|r| r.office(&organisation()));
        assert!(matches!(read, Err(StoreError::Inconsistent(_))), "{change}: {read:?}");
    }
}

#[test]
fn no_name_stands_in_the_database_in_the_clear() {
    // THREATS T-13
    let place = common::SqlitePlace(tempfile::tempdir().unwrap());
    let mut world = World::of(&place);
    world.adds_credential(A, 9);
    let made = link(&mut world, 2);
    let by = world.person(A);
    let change = submit(&world.clock, &mut world.rng, &made, &by, form()).unwrap();
    world.store.write(TEST, |w| w.submit(&change)).unwrap();
    drop(world);
    for file in std::fs::read_dir(place.0.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap_or_default();
        for planted in ["Orsolya", "Quillon", "Nowhere Street", "canvassers", "blue key"] {
            let found = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
            assert!(!found, "{planted}");
        }
    }
}

#[test]
fn a_code_that_people_type_reads_back_however_they_type_it() {
    let mut rng = SeededRng::new(5);
    for kind in CodeKind::ALL {
        let code = SecretCode::random(&mut |bytes| rng.fill(bytes), kind);
        let typed = [
            code.reveal().to_owned(),
            code.grouped().to_string(),
            format!("  {}\n", code.grouped().to_uppercase()),
        ];
        for text in typed {
            assert_eq!(SecretCode::read(kind, &text).unwrap().digest(), code.digest());
        }
        for other in CodeKind::ALL.into_iter().filter(|other| *other != kind) {
            assert!(SecretCode::read(other, code.reveal()).is_err());
        }
    }
}
