//! An administrator of another organisation approves here no longer.

use super::proposal::statement;
use super::{Office, Signature, Telling};
use crate::{Change, Digest, RecordKind, StatedReason};
use portcullis_types::{
    Actor, Clock, Detail, Details, EventError, EventId, EventTime, OfficerId, OrganisationId,
    PersonId, Purpose, Rng,
};

/// Who takes which administrator outside off, and why: what is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutsideEnding {
    /// The administrator outside.
    pub person: PersonId,
    /// The administrator who takes him off.
    pub by: OfficerId,
    /// Why.
    pub reason: StatedReason,
}

impl OutsideEnding {
    /// What the administrator signs with his own key. It holds for the times that the other was let in
    /// until now, not for a later one.
    pub fn statement(&self, office: &Office) -> Vec<u8> {
        let ids = self.let_in(office);
        let fixed = [
            office.organisation.as_str().as_bytes(),
            self.person.organisation.as_str().as_bytes(),
            self.person.officer.as_str().as_bytes(),
            self.by.as_str().as_bytes(),
            self.reason.text().reveal().as_bytes(),
        ];
        let parts = fixed.into_iter().chain(ids.iter().map(|id| id.as_bytes().as_slice()));
        statement(b"portcullis/people/outside-ending/1\n", &Digest::of("people/outside", parts))
    }

    fn let_in(&self, office: &Office) -> Vec<EventId> {
        let known = office.outside.iter().filter(|outside| outside.person == self.person);
        known.map(|outside| outside.id).collect()
    }
}

/// An administrator outside who was taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedOutside {
    /// Where he may approve no longer.
    pub organisation: OrganisationId,
    /// The proposals by which he was let in.
    pub let_in: Vec<EventId>,
}

/// Why no administrator outside is taken off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemoveOutsideError {
    /// Whoever does it is no administrator who proved it.
    #[error("`{officer}` is no administrator in office, or it isn't his signature")]
    NotProven {
        /// Who.
        officer: OfficerId,
    },
    /// There is no such administrator outside.
    #[error("`{person}` does not approve here; see `portcullis people list`")]
    NotOutside {
        /// Who.
        person: PersonId,
    },
    /// The event can't be made.
    #[error("the change cannot be written as an event")]
    Event(#[from] EventError),
}

/// Takes an administrator of another organisation off, at once: one administrator does it, because it
/// only takes away.
///
/// # Errors
///
/// [`RemoveOutsideError`].
pub fn remove_outside(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    office: &Office,
    ending: OutsideEnding,
    signature: Signature,
) -> Result<Change<RemovedOutside>, RemoveOutsideError> {
    let at = EventTime::rounded_down(clock.now())?;
    if !office.signed(&ending.by, at, &ending.statement(office), &signature) {
        return Err(RemoveOutsideError::NotProven { officer: ending.by });
    }
    let let_in = ending.let_in(office);
    if let_in.is_empty() {
        return Err(RemoveOutsideError::NotOutside { person: ending.person });
    }
    let mut details = Details::new();
    details.insert("outside", ending.person.organisation.as_str())?;
    details.insert("officer", ending.person.officer.as_str())?;
    details.insert("reason", Detail::Text(ending.reason.text().clone()))?;
    details.insert("signature", Detail::Bytes(signature.as_bytes().to_vec()))?;
    let organisation = office.organisation.clone();
    let telling = Telling {
        id: EventId::random(rng),
        kind: "people.outside-removed",
        at,
        organisation: organisation.clone(),
        actor: Actor::Officer(ending.by),
        purpose: Purpose::Oversight,
        details,
    };
    Ok(telling.of(RemovedOutside { organisation, let_in }, RecordKind::PersonChange))
}
