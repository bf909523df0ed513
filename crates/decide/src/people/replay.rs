//! The office as the events and the signatures make it, from its first day on.

use super::approval::{changed, in_days, judged, sheet};
use super::told::Deed;
use super::{
    Grants, Office, Outcome, Outside, PROPOSAL_DAYS, Person, PersonState, Proof, Proposal,
    Proposed, PublicKeys, Second, Told, Unproven,
};
use crate::Digest;
use portcullis_types::{
    EventId, EventTime, Level, OfficerId, OrganisationId, PersonId, Protected, Role,
};
use std::collections::{BTreeMap, BTreeSet};

/// What came of it.
pub(super) struct Replay<'a> {
    proposals: BTreeMap<EventId, &'a Proposal>,
    /// Everybody as he would be.
    pub(super) office: Office,
    /// What each signs in with, and by what it is found.
    pub(super) credentials: BTreeMap<EventId, (OfficerId, Digest)>,
    approved: BTreeMap<EventId, EventTime>,
    proposed: BTreeSet<EventId>,
    printed: BTreeSet<EventId>,
    pub(super) found: Vec<Unproven>,
}

impl<'a> Replay<'a> {
    /// Goes through what is told. What doesn't hold is noted, and taken as it is said, so that one thing
    /// written past the program is one finding.
    pub(super) fn of(
        organisation: &OrganisationId,
        proposals: &'a [Proposal],
        Told(told): &Told,
    ) -> Self {
        let office = Office {
            organisation: organisation.clone(),
            people: Vec::new(),
            codes: Vec::new(),
            sheet: Vec::new(),
            outside: Vec::new(),
        };
        let mut replay = Self {
            proposals: proposals.iter().map(|proposal| (proposal.id(), proposal)).collect(),
            office,
            credentials: BTreeMap::new(),
            approved: BTreeMap::new(),
            proposed: BTreeSet::new(),
            printed: BTreeSet::new(),
            found: Vec::new(),
        };
        for (at, deed) in told {
            replay.happens(*at, deed);
        }
        for proposal in proposals {
            replay.is_told(proposal);
        }
        replay
    }

    fn happens(&mut self, at: EventTime, deed: &Deed) {
        match deed {
            Deed::First { people, series, sheet } => {
                self.first(at, people);
                self.new_sheet(*series, sheet);
            }
            Deed::Enrolled { officer, key, credential } => {
                self.enrolled(officer, *key);
                self.credentials.extend(credential.map(|(id, by)| (id, (officer.clone(), by))));
            }
            Deed::Proposed { proposal } => self.was_proposed(*proposal, at),
            Deed::Approved { proposal } => self.was_approved(*proposal, at),
            Deed::Suspended { officer } => self.stands(officer, PersonState::Suspended),
            Deed::Left { officer } => self.stands(officer, PersonState::Left),
            Deed::OutsideRemoved { person } => {
                self.office.outside.retain(|outside| outside.person != *person);
            }
            Deed::Printed { by, proposal, series, sheet } => {
                if !self.may_print(by, *proposal, at) {
                    self.found.push(Unproven::Sheet);
                }
                self.new_sheet(*series, sheet);
            }
            Deed::CredentialAdded { officer, credential: (id, by) } => {
                self.credentials.insert(*id, (officer.clone(), *by));
            }
            Deed::CredentialRemoved { officer, credential } => {
                if self.credentials.get(credential).is_some_and(|(whose, _)| whose == officer) {
                    self.credentials.remove(credential);
                }
            }
        }
    }

    fn first(&mut self, at: EventTime, people: &[(OfficerId, Vec<Role>)]) {
        if !self.office.people.is_empty() {
            let again = people.iter().map(|(officer, _)| officer.clone());
            self.found.extend(again.map(|officer| Unproven::Person { officer }));
            return;
        }
        let term = super::Term { from: at, until: None };
        for (officer, roles) in people {
            let of = PersonId {
                organisation: self.office.organisation.clone(),
                officer: officer.clone(),
            };
            self.office.people.push(Person {
                id: EventId::from_bytes([0; 16]),
                person: of,
                name: Protected::new(""),
                grants: Grants {
                    roles: roles.iter().map(|role| (*role, term)).collect(),
                    clearance: Level::default(),
                    compartments: BTreeSet::new(),
                    party: None,
                    term,
                },
                state: PersonState::Invited,
                keys: None,
                invitation: None,
                authority: 1,
                revision: 1,
            });
        }
    }

    fn person(&mut self, officer: &OfficerId) -> Option<&mut Person> {
        self.office.people.iter_mut().find(|person| person.person.officer == *officer)
    }

    fn stands(&mut self, officer: &OfficerId, state: PersonState) {
        if let Some(person) = self.person(officer) {
            person.state = state;
        }
    }

    /// Only whoever was invited takes a key.
    fn enrolled(&mut self, officer: &OfficerId, signing: [u8; 32]) {
        let Some(person) = self.person(officer) else { return };
        let invited = person.state == PersonState::Invited && person.keys.is_none();
        person.keys = Some(PublicKeys { signing, sealing: Vec::new() });
        person.state = PersonState::Active;
        if !invited {
            self.found.push(Unproven::Key { officer: officer.clone() });
        }
    }

    fn new_sheet(&mut self, series: EventId, digests: &[Digest]) {
        if !digests.is_empty() {
            self.office.codes = sheet(series, digests);
            self.office.sheet = digests.to_vec();
        }
    }

    fn may_print(&mut self, by: &OfficerId, proposal: EventId, at: EventTime) -> bool {
        let allowed = self.proposals.get(&proposal);
        let allowed = allowed.is_some_and(|one| *one.what() == Proposed::RecoveryCodes);
        let in_time = self.approved.get(&proposal);
        let in_time = in_time.is_some_and(|since| at < in_days(*since, PROPOSAL_DAYS));
        let once = self.printed.insert(proposal);
        allowed && in_time && once && self.office.administrator(by, at).is_some()
    }

    fn use_code(&mut self, digest: &Digest, at: EventTime) {
        let used = self.office.codes.iter_mut().find(|code| code.digest == *digest);
        if let Some(code) = used {
            code.used_at = Some(at);
        }
    }

    fn was_proposed(&mut self, id: EventId, at: EventTime) {
        // Where it was erased, its event was as well.
        let Some(proposal) = self.proposals.get(&id).copied() else { return };
        let draft = proposal.draft();
        if let Proof::RecoveryCode(digest) = proposal.proof()
            && self.office.unused_code(digest).is_some()
        {
            self.use_code(digest, at);
        }
        if draft.at() != at || !proposal.is_proven(&self.office, at) || !self.proposed.insert(id) {
            self.found.push(Unproven::Proposal { proposal: id, officer: draft.by().clone() });
            self.proposed.insert(id);
        }
    }

    fn was_approved(&mut self, id: EventId, at: EventTime) {
        let Some(proposal) = self.proposals.get(&id).copied() else { return };
        let Some(Outcome::Approved { at: said, second }) = proposal.outcome() else {
            self.found.push(Unproven::Approval { proposal: id });
            return;
        };
        // That its author signed was looked at when it was made; here it is that he still might.
        let proven = *said == at
            && proposal.by_administrator(&self.office, at)
            && judged(&self.office, proposal, second, at).is_ok()
            && !self.approved.contains_key(&id);
        if !proven {
            self.found.push(Unproven::Approval { proposal: id });
        }
        self.approved.insert(id, at);
        if let Second::RecoveryCode { digest, .. } = second {
            self.use_code(digest, at);
        }
        match proposal.what() {
            Proposed::OutsideAdministrator { person, key, until } => {
                let (person, key, until) = (person.clone(), *key, *until);
                self.office.outside.push(Outside { id, person, key, until });
            }
            Proposed::ResetSignIn { officer } => {
                self.credentials.retain(|_, (whose, _)| whose != officer);
            }
            _ => {}
        }
        if let Some(person) = changed(&self.office, proposal, None) {
            self.office.people.retain(|other| other.person != person.person);
            self.office.people.push(person);
        }
    }

    /// Whether there are events of a proposal, and of its approval.
    fn is_told(&mut self, proposal: &Proposal) {
        let id = proposal.id();
        if !self.proposed.contains(&id) {
            let officer = proposal.by().clone();
            self.found.push(Unproven::Proposal { proposal: id, officer });
        }
        let approved = matches!(proposal.outcome(), Some(Outcome::Approved { .. }));
        if approved && !self.approved.contains_key(&id) {
            self.found.push(Unproven::Approval { proposal: id });
        }
    }
}
