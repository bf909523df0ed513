//! A person who acts for the organisation: what he may do, and from when to when.

use super::codes::vocabulary;
use crate::Digest;
use portcullis_types::{EventId, EventTime, Level, OrganisationId, PersonId, Protected, Role};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

vocabulary! {
    /// Where somebody stands.
    PersonState {
        /// He was made and has not signed in yet; he may do nothing.
        Invited = "invited",
        /// He may do what his roles say.
        Active = "active",
        /// He may do nothing until two administrators lift it.
        Suspended = "suspended",
        /// He is gone for good; his account is not given to anybody again.
        Left = "left",
    }
}

/// From when something holds, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// From when.
    pub from: EventTime,
    /// Until when; that moment is not part of it. None where no end is set.
    pub until: Option<EventTime>,
}

impl Term {
    /// Whether it holds at this time.
    pub fn includes(&self, at: EventTime) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// What somebody may do and see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grants {
    /// His roles, each with its term.
    pub roles: BTreeMap<Role, Term>,
    /// How sensitive what he reads may be.
    pub clearance: Level,
    /// The compartments he is in.
    pub compartments: BTreeSet<Box<str>>,
    /// The party in which he holds office, whatever body he works for.
    pub party: Option<OrganisationId>,
    /// How long he is with the organisation.
    pub term: Term,
}

/// The public halves of somebody's own keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicKeys {
    /// Ed25519: what he signs is verified with it.
    #[serde(with = "super::bytes")]
    pub signing: [u8; 32],
    /// X-Wing: what is for him alone is sealed to it.
    #[serde(with = "super::bytes")]
    pub sealing: Vec<u8>,
}

/// The right to enrol once, with two halves of a code: one was shown to whoever proposed, the other
/// to whoever approved, so that no administrator alone can enrol in place of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// Digest of the half that was shown to whoever proposed.
    pub proposers: Digest,
    /// Digest of the half that was shown to whoever approved.
    pub approvers: Digest,
    /// Until when it holds.
    pub until: EventTime,
}

/// A person of the organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The proposal by which he was made; for the first administrators an id of their own.
    pub id: EventId,
    /// Who: the organisation and the account.
    pub person: PersonId,
    /// His name, for people to read.
    pub name: Protected,
    /// What he may do and see.
    pub grants: Grants,
    /// Where he stands.
    pub state: PersonState,
    /// His public keys, once he has enrolled.
    pub keys: Option<PublicKeys>,
    /// The invitation that is open.
    pub invitation: Option<Invitation>,
    /// Counts the changes to what he may do. A session that began at another count is over.
    pub authority: u64,
    /// Counts all changes.
    pub revision: u64,
}

impl Person {
    /// Whether he may act at all at this time.
    pub fn stands(&self, at: EventTime) -> bool {
        self.state == PersonState::Active && self.grants.term.includes(at)
    }

    /// The roles he may act in at this time.
    pub fn roles(&self, at: EventTime) -> BTreeSet<Role> {
        if !self.stands(at) {
            return BTreeSet::new();
        }
        let roles = self.grants.roles.iter().filter(|(_, term)| term.includes(at));
        roles.map(|(role, _)| *role).collect()
    }

    /// Whether he may act in this role at this time.
    pub fn has_role(&self, role: Role, at: EventTime) -> bool {
        self.stands(at) && self.grants.roles.get(&role).is_some_and(|term| term.includes(at))
    }

    /// Whether he was made an administrator and that has not ended, whether he can act or not.
    pub(super) fn is_still_administrator(&self, at: EventTime) -> bool {
        let not_over = |term: &Term| term.until.is_none_or(|until| at < until);
        self.state != PersonState::Left
            && not_over(&self.grants.term)
            && self.grants.roles.get(&Role::Administrator).is_some_and(not_over)
    }

    /// Whether he is an administrator now and nothing that is set ends that: then others may go.
    pub(super) fn stays_administrator(&self, at: EventTime) -> bool {
        self.has_role(Role::Administrator, at)
            && self.grants.term.until.is_none()
            && self.grants.roles.get(&Role::Administrator).is_some_and(|term| term.until.is_none())
    }
}
