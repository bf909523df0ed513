//! What one administrator does at once, because it only takes away.

use super::proposal::statement;
use super::{Office, Person, PersonState, Signature, Telling};
use crate::{Change, Digest, RecordKind, StatedReason};
use portcullis_types::{
    Actor, Clock, Detail, Details, EventError, EventId, EventTime, OfficerId, Purpose, Rng, Role,
};
use serde::{Deserialize, Serialize};

/// What is done to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// He may do nothing until two administrators lift it.
    Suspend,
    /// He leaves for good.
    End,
}

impl Deed {
    fn code(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::End => "end",
        }
    }
}

/// Who does what to whom: what is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// What.
    pub deed: Deed,
    /// To whom.
    pub officer: OfficerId,
    /// The administrator.
    pub by: OfficerId,
    /// Why.
    pub reason: StatedReason,
}

impl Ending {
    /// What the administrator signs with his own key. It holds for this person as he now is.
    pub fn statement(&self, office: &Office) -> Vec<u8> {
        let revision = office.person(&self.officer).map_or(0, |person| person.revision);
        let parts = [
            office.organisation.as_str().as_bytes(),
            self.deed.code().as_bytes(),
            self.officer.as_str().as_bytes(),
            self.by.as_str().as_bytes(),
            self.reason.text().reveal().as_bytes(),
            &revision.to_be_bytes(),
        ];
        statement(b"portcullis/people/deed/1\n", &Digest::of("people/deed", parts))
    }
}

/// Why nobody is suspended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SuspendError {
    /// Whoever does it is no administrator who proved it.
    #[error("`{officer}` is no administrator in office, or it isn't his signature")]
    NotProven {
        /// Who.
        officer: OfficerId,
    },
    /// Nobody has the account.
    #[error("nobody has the account `{officer}`; see `portcullis people list`")]
    NoSuchPerson {
        /// The account.
        officer: OfficerId,
    },
    /// He is so already.
    #[error("`{officer}` is {state} already")]
    State {
        /// The account.
        officer: OfficerId,
        /// Where he stands.
        state: PersonState,
    },
    /// No administrator would be left.
    #[error(
        "`{officer}` is the last administrator without an end; make another one first, who enrols"
    )]
    LastAdministrator {
        /// The account.
        officer: OfficerId,
    },
    /// The event can't be made.
    #[error("the change cannot be written as an event")]
    Event(#[from] EventError),
}

/// Suspends somebody at once. His sessions, tokens and links and what he proposed end with it.
///
/// # Errors
///
/// [`SuspendError`]; the last administrator can't be suspended.
pub fn suspend(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    office: &Office,
    ending: Ending,
    signature: Signature,
) -> Result<Change<Person>, SuspendError> {
    done(clock, rng, office, Ending { deed: Deed::Suspend, ..ending }, signature)
}

/// Ends somebody's office at once, for good: as [`suspend`], and nobody lifts it.
///
/// # Errors
///
/// As [`suspend`].
pub fn end(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    office: &Office,
    ending: Ending,
    signature: Signature,
) -> Result<Change<Person>, SuspendError> {
    done(clock, rng, office, Ending { deed: Deed::End, ..ending }, signature)
}

fn done(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    office: &Office,
    ending: Ending,
    signature: Signature,
) -> Result<Change<Person>, SuspendError> {
    let at = EventTime::rounded_down(clock.now())?;
    if !office.signed(&ending.by, at, &ending.statement(office), &signature) {
        return Err(SuspendError::NotProven { officer: ending.by });
    }
    let officer = ending.officer.clone();
    let Some(person) = office.person(&officer) else {
        return Err(SuspendError::NoSuchPerson { officer });
    };
    let (state, kind) = match (ending.deed, person.state) {
        (Deed::Suspend, PersonState::Invited | PersonState::Active) => {
            (PersonState::Suspended, "people.suspended")
        }
        (Deed::End, state) if state != PersonState::Left => (PersonState::Left, "people.ended"),
        (_, state) => return Err(SuspendError::State { officer, state }),
    };
    // Whoever stands and would not be missed may go; of an office without one nobody may.
    if person.has_role(Role::Administrator, at)
        && !office.remains_administered_without(&officer, at)
    {
        return Err(SuspendError::LastAdministrator { officer });
    }
    let mut details = Details::new();
    details.insert("officer", officer.as_str())?;
    details.insert("ends", "sessions, tokens, links, open proposals")?;
    details.insert("reason", Detail::Text(ending.reason.text().clone()))?;
    details.insert("signature", Detail::Bytes(signature.as_bytes().to_vec()))?;
    let telling = Telling {
        id: EventId::random(rng),
        kind,
        at,
        organisation: office.organisation.clone(),
        actor: Actor::Officer(ending.by),
        purpose: Purpose::Oversight,
        details,
    };
    let person = Person {
        state,
        invitation: None,
        authority: person.authority.saturating_add(1),
        revision: person.revision.saturating_add(1),
        ..person.clone()
    };
    Ok(telling.of(person, RecordKind::Person))
}
