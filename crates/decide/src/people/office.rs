//! Everybody who may act for an organisation, and what stands in for a second administrator.

use super::approval::Outside;
use super::{Person, Signature};
use crate::Digest;
use portcullis_types::{EventId, EventTime, OfficerId, OrganisationId, Role};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

/// Recovery codes that are made at a time.
pub const RECOVERY_CODES: u8 = 8;

/// A recovery code: printed once, kept in a safe, used once. Only its digest is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryCode {
    /// The event that made it and seven others.
    pub series: EventId,
    /// Its number on the sheet, from 1.
    pub place: u8,
    /// Digest of the code.
    pub digest: Digest,
    /// When it was used.
    pub used_at: Option<EventTime>,
}

/// A sheet of recovery codes, in place of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryCodes {
    /// Whose.
    pub organisation: OrganisationId,
    /// The proposal that allowed them; none for those of the first administrator.
    pub allowed_by: Option<super::Proposal>,
    /// The codes.
    pub codes: Vec<RecoveryCode>,
}

/// Everybody who may act for an organisation, as the store knows them at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    /// The organisation.
    pub organisation: OrganisationId,
    /// Its people, those included who have left.
    pub people: Vec<Person>,
    /// The sheet of recovery codes, those used included.
    pub codes: Vec<RecoveryCode>,
    /// The digests of the codes that were printed on it, as the event of that tells.
    pub sheet: Vec<Digest>,
    /// Administrators of other organisations who may approve.
    pub outside: Vec<Outside>,
}

impl Office {
    /// The person of this account.
    pub fn person(&self, officer: &OfficerId) -> Option<&Person> {
        self.people.iter().find(|person| person.person.officer == *officer)
    }

    /// How many administrators there are at this time who can act.
    pub fn administrators(&self, at: EventTime) -> usize {
        let people = self.people.iter();
        people.filter(|one| one.has_role(Role::Administrator, at) && one.keys.is_some()).count()
    }

    /// The administrator of this account, who stands and has keys.
    pub(super) fn administrator(&self, officer: &OfficerId, at: EventTime) -> Option<&Person> {
        self.person(officer)
            .filter(|person| person.has_role(Role::Administrator, at) && person.keys.is_some())
    }

    /// Whether this administrator signed the statement.
    pub(super) fn signed(
        &self,
        officer: &OfficerId,
        at: EventTime,
        statement: &[u8],
        signature: &Signature,
    ) -> bool {
        self.administrator(officer, at)
            .and_then(|person| person.keys.as_ref())
            .is_some_and(|keys| signature.is_of(statement, &keys.signing))
    }

    /// The recovery code of this digest, used or not. One that was not printed is none.
    pub(super) fn code(&self, digest: &Digest) -> Option<&RecoveryCode> {
        let digests: Vec<Digest> = self.codes.iter().map(|code| code.digest).collect();
        let mut codes = self.codes.iter().filter(|_| digests == self.sheet);
        codes.find(|code| bool::from(code.digest.as_bytes().ct_eq(digest.as_bytes())))
    }

    /// The recovery code of this digest, unless it was used.
    pub(super) fn unused_code(&self, digest: &Digest) -> Option<&RecoveryCode> {
        self.code(digest).filter(|code| code.used_at.is_none())
    }

    /// Whether anybody beside these was made an administrator and has not gone: one who is ill, suspended
    /// or yet to enrol is still one whom nobody passes over.
    pub(super) fn has_administrators_beside(&self, these: &[&OfficerId], at: EventTime) -> bool {
        let mut others =
            self.people.iter().filter(|person| !these.contains(&&person.person.officer));
        others.any(|person| person.is_still_administrator(at))
    }

    /// Whether an administrator without an end remains beside this account.
    pub(super) fn remains_administered_without(&self, officer: &OfficerId, at: EventTime) -> bool {
        let others = self.people.iter().filter(|person| person.person.officer != *officer);
        others.into_iter().any(|person| person.stays_administrator(at) && person.keys.is_some())
    }
}
