//! The rules, with invented people.

mod acts;
mod one_alone;
mod proven;
mod two;

use super::*;
use crate::{Digest, StatedReason};
use ed25519_dalek::{Signer as _, SigningKey};
use jiff::SignedDuration;
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Clock as _, EventTime, Level, OfficerId, OrganisationId, PersonId, Role};
use std::collections::{BTreeMap, BTreeSet};

const A: &str = "o.testwick";
const B: &str = "q.examplesson";
const C: &str = "m.inventedson";

/// An office, the keys of its people, and what a store would do.
struct World {
    office: Office,
    keys: BTreeMap<OfficerId, SigningKey>,
    clock: MockClock,
    rng: SeededRng,
    proposals: Vec<Proposal>,
    credentials: Vec<Credential>,
    told: Told,
}

fn account(name: &str) -> OfficerId {
    OfficerId::new(name).unwrap()
}

fn why() -> StatedReason {
    StatedReason::new("joins compliance").unwrap()
}

fn digest_of(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

fn codes() -> Vec<Digest> {
    (101..=108).map(digest_of).collect()
}

impl World {
    /// Nobody yet.
    fn empty() -> Self {
        let organisation = OrganisationId::new("party-of-tests").unwrap();
        let office = Office {
            organisation,
            people: Vec::new(),
            codes: Vec::new(),
            sheet: Vec::new(),
            outside: Vec::new(),
        };
        let (clock, rng) = (MockClock::default(), SeededRng::new(1));
        let (proposals, credentials, told) = (Vec::new(), Vec::new(), Told::default());
        Self { office, keys: BTreeMap::new(), clock, rng, proposals, credentials, told }
    }

    /// These administrators, enrolled, and a sheet of recovery codes.
    fn of(accounts: &[&str]) -> Self {
        let mut world = Self::empty();
        let new: Vec<NewAdministrator> = accounts
            .iter()
            .map(|name| NewAdministrator {
                officer: account(name),
                name: "Somebody Invented".into(),
                roles: BTreeSet::from([Role::Officer]),
                invitation: digest_of(1),
            })
            .collect();
        let change =
            first_people(&world.clock, &mut world.rng, &world.office, &new, &codes()).unwrap();
        world.told.note(change.event());
        world.office.sheet = sheet(change.event());
        let FirstPeople { people, codes } = change.into_state();
        (world.office.people, world.office.codes) = (people, codes.codes);
        for name in accounts {
            world.enrols(name, [&digest_of(1), &digest_of(1)]).unwrap();
        }
        world
    }

    fn now(&self) -> EventTime {
        EventTime::rounded_down(self.clock.now()).unwrap()
    }

    fn key(&mut self, name: &str) -> SigningKey {
        let seed = u8::try_from(self.keys.len()).unwrap() + 50;
        self.keys
            .entry(account(name))
            .or_insert_with(|| SigningKey::from_bytes(&[seed; 32]))
            .clone()
    }

    fn sign(&mut self, name: &str, statement: &[u8]) -> Signature {
        Signature::from_bytes(self.key(name).sign(statement).to_bytes())
    }

    fn put(&mut self, person: Person) {
        let of = person.person.clone();
        self.office.people.retain(|other| other.person != of);
        self.office.people.push(person);
    }

    fn person(&self, name: &str) -> &Person {
        self.office.person(&account(name)).unwrap()
    }

    fn wrapped(&self, name: &str) -> WrappedKeys {
        WrappedKeys {
            id: EventId::from_bytes([3; 16]),
            person: self.person(name).person.clone(),
            way: KeyWay::Passphrase,
            credential: None,
            bytes: vec![1],
            made_at: self.now(),
        }
    }

    fn enrols(&mut self, name: &str, halves: [&Digest; 2]) -> Result<(), EnrolError> {
        let signing = self.key(name).verifying_key().to_bytes();
        let keys = PublicKeys { signing, sealing: vec![5; 1216] };
        let (person, wrapped) = (self.person(name).clone(), self.wrapped(name));
        let change = enrol(&self.clock, &mut self.rng, person, halves, keys, None, vec![wrapped])?;
        self.told.note(change.event());
        self.put(change.into_state().person);
        Ok(())
    }

    fn drafted(&mut self, by: &str, what: Proposed) -> Result<Draft, ProposeError> {
        let half = what.invites().then(|| digest_of(21));
        draft(&self.clock, &mut self.rng, &self.office, account(by), what, why(), half)
    }

    /// Proposes with the key of `signer`, in the name of `by`.
    fn proposed_by(
        &mut self,
        by: &str,
        signer: &str,
        what: Proposed,
    ) -> Result<Proposal, ProposeError> {
        let draft = self.drafted(by, what)?;
        let signature = self.sign(signer, &draft.statement());
        self.proposes(draft, &Proof::Signature(signature))
    }

    fn proposes(&mut self, draft: Draft, proof: &Proof) -> Result<Proposal, ProposeError> {
        let change = draft.propose(&self.office, proof.clone())?;
        if let Proof::RecoveryCode(digest) = proof {
            self.use_code(*digest);
        }
        self.told.note(change.event());
        self.proposals.push(change.state().clone());
        Ok(change.into_state())
    }

    fn proposed(&mut self, by: &str, what: Proposed) -> Result<Proposal, ProposeError> {
        self.proposed_by(by, by, what)
    }

    fn approved_as(
        &mut self,
        proposal: Proposal,
        second: &Second,
    ) -> Result<Change<Approval>, ApproveError> {
        let half = proposal.what().invites().then(|| digest_of(22));
        let change =
            approve(&self.clock, &mut self.rng, &self.office, proposal, second.clone(), half)?;
        self.told.note(change.event());
        let Approval { person, outside, proposal } = change.state();
        self.proposals.retain(|one| one.id() != proposal.id());
        self.proposals.push(proposal.clone());
        if let Proposed::ResetSignIn { officer } = proposal.what() {
            self.credentials.retain(|one| one.person.officer != *officer);
        }
        person.clone().into_iter().for_each(|person| self.put(person));
        self.office.outside.extend(outside.clone());
        if let Second::RecoveryCode { digest, .. } = second {
            self.use_code(*digest);
        }
        Ok(change)
    }

    fn use_code(&mut self, digest: Digest) {
        let now = self.now();
        let code = self.office.codes.iter_mut().find(|code| code.digest == digest);
        code.unwrap().used_at = Some(now);
    }

    /// Approves with the key of `signer`, in the name of `by`.
    fn approved_by(
        &mut self,
        by: &str,
        signer: &str,
        proposal: Proposal,
    ) -> Result<Change<Approval>, ApproveError> {
        let signature = self.sign(signer, &proposal.approval_statement());
        self.approved_as(proposal, &Second::Administrator { officer: account(by), signature })
    }

    /// Uses the code of this digest, with the key of `signer`, in the name of `by`.
    fn approved_with_code(
        &mut self,
        [by, signer]: [&str; 2],
        proposal: Proposal,
        code: u8,
    ) -> Result<Change<Approval>, ApproveError> {
        let signature = Some(self.sign(signer, &proposal.approval_statement()));
        let (digest, officer) = (digest_of(code), account(by));
        self.approved_as(proposal, &Second::RecoveryCode { digest, officer, signature })
    }

    fn outside(&mut self, name: &str, days: i64) -> Proposed {
        let organisation = OrganisationId::new("another-party").unwrap();
        let key = self.key(name).verifying_key().to_bytes();
        let until = approval::in_days(self.now(), days);
        let person = PersonId { organisation, officer: account(name) };
        Proposed::OutsideAdministrator { person, key, until }
    }

    fn done(&mut self, what: Proposed) {
        let proposal = self.proposed(A, what).unwrap();
        self.approved_by(B, B, proposal).unwrap();
    }

    fn grants(&self, roles: &[Role]) -> Grants {
        let term = Term { from: self.now(), until: None };
        Grants {
            roles: roles.iter().map(|role| (*role, term)).collect(),
            clearance: Level(0),
            compartments: BTreeSet::new(),
            party: None,
            term,
        }
    }

    fn making(&self, name: &str, roles: &[Role]) -> Proposed {
        Proposed::MakeOfficer {
            officer: account(name),
            name: "Mátyás Inventedson".into(),
            grants: self.grants(roles),
        }
    }

    fn unproven(&self) -> Vec<Unproven> {
        unproven(&self.office, &self.credentials, &self.proposals, &self.told)
    }

    fn days_pass(&mut self, days: i64) {
        self.clock = MockClock::at(self.clock.now() + SignedDuration::from_hours(24 * days));
    }

    fn suspends(&mut self, by: &str, signer: &str, whom: &str) -> Result<(), SuspendError> {
        let ending =
            Ending { deed: Deed::Suspend, officer: account(whom), by: account(by), reason: why() };
        let signature = self.sign(signer, &ending.statement(&self.office));
        let change = suspend(&self.clock, &mut self.rng, &self.office, ending, signature)?;
        self.told.note(change.event());
        self.put(change.into_state());
        Ok(())
    }
}
