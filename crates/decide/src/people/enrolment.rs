//! Whoever was invited comes in, with keys of his own.

use super::credential::own;
use super::{Credential, Person, PersonState, PublicKeys, WrappedKeys};
use crate::{Change, Digest, RecordKind};
use portcullis_types::{Clock, Detail, Details, EventError, EventTime, Rng};
use subtle::ConstantTimeEq as _;

/// The event that tells of it.
pub(super) const ENROLLED: &str = "people.enrolled";

/// A person who has come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// He, with his public keys.
    pub person: Person,
    /// What he signs in with, where it is more than a passphrase.
    pub credential: Option<Credential>,
    /// His keys, wrapped in one way or several.
    pub wrapped: Vec<WrappedKeys>,
}

/// Why nobody comes in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnrolError {
    /// There is no such invitation: used, lapsed or mistyped.
    #[error(
        "there is no such invitation, or it was used or has lapsed; it takes both halves, the one that was shown to whoever proposed and the one that was shown to whoever approved"
    )]
    NotInvited,
    /// The keys can be opened by nothing.
    #[error("somebody's own keys are wrapped in one way at least")]
    NoKeys,
    /// The event can't be made.
    #[error("the enrolment cannot be written as an event")]
    Event(#[from] EventError),
}

/// Lets somebody in who has both halves of his invitation (for one of the first administrators, his
/// one code twice). His public keys are bound to him by the event.
///
/// # Errors
///
/// [`EnrolError`].
pub fn enrol(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    person: Person,
    halves: [&Digest; 2],
    keys: PublicKeys,
    credential: Option<Credential>,
    wrapped: Vec<WrappedKeys>,
) -> Result<Change<Enrolment>, EnrolError> {
    let at = EventTime::rounded_down(clock.now())?;
    if !person.invites(at, halves) {
        return Err(EnrolError::NotInvited);
    }
    if wrapped.is_empty() {
        return Err(EnrolError::NoKeys);
    }
    let mut details = Details::new();
    details.insert("signing-key", Detail::Bytes(keys.signing.to_vec()))?;
    details.insert("sealing-key", Detail::Bytes(keys.sealing.clone()))?;
    if let Some(credential) = &credential {
        details.insert("credential", Detail::Bytes(credential.id.as_bytes().to_vec()))?;
        details.insert("lookup", Detail::Bytes(credential.lookup.as_bytes().to_vec()))?;
    }
    let telling = own(clock, rng, &person, ENROLLED, details)?;
    let of = person.person.clone();
    let credential = credential.map(|one| Credential { person: of.clone(), ..one });
    let wrapped =
        wrapped.into_iter().map(|one| WrappedKeys { person: of.clone(), ..one }).collect();
    let person = Person {
        state: PersonState::Active,
        keys: Some(keys),
        invitation: None,
        authority: person.authority.saturating_add(1),
        revision: person.revision.saturating_add(1),
        ..person
    };
    Ok(telling.of(Enrolment { person, credential, wrapped }, RecordKind::Person))
}

impl Person {
    /// Whether these two halves are his invitation, in either order, and it holds at this time.
    pub fn invites(&self, at: EventTime, [one, other]: [&Digest; 2]) -> bool {
        let Some(invitation) = &self.invitation else { return false };
        let is = |a: &Digest, b: &Digest| a.as_bytes().ct_eq(b.as_bytes());
        let fits = (is(one, &invitation.proposers) & is(other, &invitation.approvers))
            | (is(one, &invitation.approvers) & is(other, &invitation.proposers));
        self.state == PersonState::Invited && at < invitation.until && bool::from(fits)
    }
}
