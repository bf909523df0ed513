//! What is done about the federation: the organisation is made, lists are voted on and taken,
//! members pinned, keys begun and destroyed. Each leaves an event, and so a leaf in the log.
//!
//! Whether a list may be taken is checked where lists are ([`portcullis_federation::History`]); the
//! proof of it is an argument here.

use crate::decision::kind;
use crate::{Change, NotAPersonError, RecordKind, check_person};
use portcullis_federation::{
    Accepted, FederationName, Fingerprint, Fork, ListDigest, MemberName, Moment,
};
use portcullis_types::{
    Actor, Body, Clock, Detail, Details, Event, EventError, EventId, EventTime, OfficerId,
    OrganisationId, Purpose, Rng,
};

/// Why something about the federation can't be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MembersError {
    /// The officer is no person.
    #[error(transparent)]
    Officer(#[from] NotAPersonError),
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Who acts, in whose node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The organisation whose node it is, as the store names it.
    pub organisation: OrganisationId,
    /// Who acts; never a job.
    pub officer: OfficerId,
}

/// What this node's organisation is called in the federation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnOrganisation {
    /// Its id there.
    pub id: OrganisationId,
    /// Its name.
    pub name: MemberName,
    /// What it is.
    pub body: Body,
}

/// A version of the list that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedList {
    /// The id of the event.
    pub event: EventId,
    /// When (UTC).
    pub at: EventTime,
    /// The version, checked.
    pub accepted: Accepted,
}

/// That this organisation signed a proposed list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CastVote {
    /// When (UTC).
    pub at: EventTime,
    /// Of which federation.
    pub federation: FederationName,
    /// Of which version.
    pub version: u64,
    /// Which list.
    pub digest: ListDigest,
}

/// A fingerprint that an officer compared in person, in place of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedMember {
    /// In which federation.
    pub federation: FederationName,
    /// Whose.
    pub member: OrganisationId,
    /// What it is.
    pub fingerprint: Fingerprint,
}

/// Two lists of one version that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundFork {
    /// When (UTC).
    pub at: EventTime,
    /// The proof.
    pub fork: Fork,
}

/// What was done with a key of the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OwnKeyDeed {
    /// A signing key was drawn.
    SigningBegun,
    /// A sealing key was drawn.
    SealingBegun,
    /// A signing key that is not used any more was destroyed.
    SigningDestroyed,
    /// A sealing key was destroyed: what is sealed to it opens no more.
    SealingDestroyed,
}

/// A change of the organisation's own keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnKeyChange {
    /// What was done.
    pub deed: OwnKeyDeed,
    /// The second from which the key is used, which tells it from others.
    pub from: Moment,
}

/// Makes this node's organisation what it is called in the federation.
///
/// # Errors
/// [`MembersError`] when the officer is an account of a machine, or the clock is out of range.
pub fn establish(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    by: &By,
    own: OwnOrganisation,
) -> Result<Change<OwnOrganisation>, MembersError> {
    let mut details = Details::new();
    details.insert("id", own.id.as_str())?;
    details.insert("name", own.name.as_str())?;
    details.insert("body", own.body.code())?;
    let event = event(clock, rng, by, "members.organisation-made", details)?;
    Ok(Change::new(own, event, RecordKind::Log))
}

/// Takes a version of the list.
///
/// # Errors
/// As [`establish`].
pub fn accept_list(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    by: &By,
    accepted: Accepted,
) -> Result<Change<AcceptedList>, MembersError> {
    let (list, digest) = (accepted.list(), accepted.signed().digest());
    let mut details = of_list(&list.federation, list.version, digest)?;
    if let Some(previous) = &list.previous {
        details.insert("previous", Detail::Bytes(previous.as_bytes().to_vec()))?;
    }
    details.insert("members", list.members.len() as u64)?;
    details.insert("agreed", accepted.voted().len() as u64)?;
    let event = event(clock, rng, by, "members.list-accepted", details)?;
    let state = AcceptedList { event: event.id, at: event.at, accepted };
    Ok(Change::new(state, event, RecordKind::Log))
}

/// Records that this organisation signed a proposed list.
///
/// # Errors
/// As [`establish`].
pub fn vote(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    by: &By,
    (federation, version): (FederationName, u64),
    digest: ListDigest,
) -> Result<Change<CastVote>, MembersError> {
    let details = of_list(&federation, version, digest)?;
    let event = event(clock, rng, by, "members.list-signed", details)?;
    let state = CastVote { at: event.at, federation, version, digest };
    Ok(Change::new(state, event, RecordKind::Log))
}

/// Pins a fingerprint that the officer compared in person.
///
/// # Errors
/// As [`establish`].
pub fn pin(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    by: &By,
    pinned: PinnedMember,
) -> Result<Change<PinnedMember>, MembersError> {
    let mut details = Details::new();
    details.insert("federation", pinned.federation.as_str())?;
    details.insert("member", pinned.member.as_str())?;
    details.insert("fingerprint", pinned.fingerprint.to_string().as_str())?;
    let event = event(clock, rng, by, "members.pinned", details)?;
    Ok(Change::new(pinned, event, RecordKind::Log))
}

/// Records that two lists of one version were found.
///
/// # Errors
/// As [`establish`].
pub fn find_fork(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    by: &By,
    fork: Fork,
) -> Result<Change<FoundFork>, MembersError> {
    let [_, other] = fork.lists();
    let mut details = of_list(&fork.list().federation, fork.version(), other.digest())?;
    details.insert("held", Detail::Bytes(fork.list().digest().as_bytes().to_vec()))?;
    let event = event(clock, rng, by, "members.fork-found", details)?;
    let state = FoundFork { at: event.at, fork };
    Ok(Change::new(state, event, RecordKind::Log))
}

/// Changes a key of the organisation.
///
/// # Errors
/// As [`establish`].
pub fn change_own_key(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    by: &By,
    change: OwnKeyChange,
) -> Result<Change<OwnKeyChange>, MembersError> {
    let code = match change.deed {
        OwnKeyDeed::SigningBegun => "members.signing-key-begun",
        OwnKeyDeed::SealingBegun => "members.sealing-key-begun",
        OwnKeyDeed::SigningDestroyed => "members.signing-key-destroyed",
        OwnKeyDeed::SealingDestroyed => "members.sealing-key-destroyed",
    };
    let mut details = Details::new();
    details.insert("from", change.from.seconds())?;
    let event = event(clock, rng, by, code, details)?;
    Ok(Change::new(change, event, RecordKind::Log))
}

fn of_list(
    federation: &FederationName,
    version: u64,
    digest: ListDigest,
) -> Result<Details, EventError> {
    let mut details = Details::new();
    details.insert("federation", federation.as_str())?;
    details.insert("version", version)?;
    details.insert("list", Detail::Bytes(digest.as_bytes().to_vec()))?;
    Ok(details)
}

fn event(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    by: &By,
    code: &'static str,
    details: Details,
) -> Result<Event, MembersError> {
    check_person(&by.officer)?;
    Ok(Event {
        id: EventId::random(rng),
        kind: kind(code),
        at: EventTime::rounded_down(clock.now())?,
        organisation: by.organisation.clone(),
        actor: Actor::Officer(by.officer.clone()),
        purpose: Purpose::Oversight,
        gateway: None,
        details,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::{MockClock, SeededRng};

    fn by(officer: &str) -> By {
        By {
            organisation: OrganisationId::new("own").unwrap(),
            officer: OfficerId::new(officer).unwrap(),
        }
    }

    #[test]
    fn a_vote_leaves_an_event_that_names_the_list_by_its_digest() {
        let digest = ListDigest::from_bytes([7; 32]);
        let name: FederationName = "federation.example".parse().unwrap();
        let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
        let change = vote(&clock, &mut rng, &by("o.testwick"), (name, 3), digest).unwrap();
        let event = change.event();
        assert_eq!(event.kind.as_str(), "members.list-signed");
        assert_eq!(event.details.get("version"), Some(&Detail::Number(3)));
        assert_eq!(event.details.get("list"), Some(&Detail::Bytes(vec![7; 32])));
        assert_eq!(change.record_kind(), RecordKind::Log);
    }

    #[test]
    fn a_machine_account_does_not_vote_for_the_organisation() {
        let name: FederationName = "federation.example".parse().unwrap();
        let digest = ListDigest::from_bytes([7; 32]);
        let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
        let refused = vote(&clock, &mut rng, &by("root"), (name, 3), digest);
        assert!(matches!(refused, Err(MembersError::Officer(_))));
    }
}
