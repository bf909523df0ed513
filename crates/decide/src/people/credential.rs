//! What somebody signs in with, and what his own keys are wrapped under.

use super::codes::vocabulary;
use super::{Person, Telling};
use crate::{Change, Digest, RecordKind};
use portcullis_types::{
    Actor, Clock, Detail, Details, EventError, EventId, EventTime, OrganisationId, PersonId,
    Protected, Purpose, Rng,
};
use serde::{Deserialize, Serialize};

vocabulary! {
    /// What somebody signs in with.
    CredentialKind {
        /// A passkey.
        Passkey = "passkey",
        /// The organisation's own sign-in, by OpenID Connect.
        Oidc = "oidc",
    }
}

vocabulary! {
    /// What somebody's own keys are unlocked with.
    KeyWay {
        /// What a passkey gives by its PRF extension.
        Prf = "prf",
        /// A passphrase.
        Passphrase = "passphrase",
    }
}

/// Something to sign in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Its id here.
    pub id: EventId,
    /// Whose.
    pub person: PersonId,
    /// What it is.
    pub kind: CredentialKind,
    /// What it is found by: a digest of the passkey's id, or of issuer and subject.
    pub lookup: Digest,
    /// What its owner calls it.
    pub label: Protected,
    /// What verifies it; opaque here.
    #[serde(with = "super::bytes")]
    pub data: Vec<u8>,
    /// When it was added.
    pub made_at: EventTime,
    /// When it was last used.
    pub used_at: Option<EventTime>,
}

/// A credential that is taken away, and the keys wrapped under it with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedCredential {
    /// Its id.
    pub id: EventId,
    /// Whose.
    pub person: PersonId,
}

/// Somebody's own keys, wrapped: they open with what the way says and with nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrappedKeys {
    /// The id of this way.
    pub id: EventId,
    /// Whose.
    pub person: PersonId,
    /// What opens them.
    pub way: KeyWay,
    /// The passkey whose PRF output it is.
    pub credential: Option<EventId>,
    /// The wrapped keys, as `keys` makes them.
    #[serde(with = "super::bytes")]
    pub bytes: Vec<u8>,
    /// When they were wrapped.
    pub made_at: EventTime,
}

/// Adds a credential. Whoever calls this has seen that its owner is signed in and confirmed it.
///
/// # Errors
///
/// [`EventError`] when the clock stands outside 1970 to 9999.
pub fn add_credential(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    person: &Person,
    credential: Credential,
) -> Result<Change<Credential>, EventError> {
    let mut details = Details::new();
    details.insert("what", credential.kind.code())?;
    details.insert("lookup", Detail::Bytes(credential.lookup.as_bytes().to_vec()))?;
    details.insert("credential", Detail::Bytes(credential.id.as_bytes().to_vec()))?;
    let credential = Credential { person: person.person.clone(), ..credential };
    let telling = own(clock, rng, person, "people.credential-added", details)?;
    Ok(telling.of(credential, RecordKind::Person))
}

/// Takes a credential away.
///
/// # Errors
///
/// As [`add_credential`].
pub fn remove_credential(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    person: &Person,
    id: EventId,
) -> Result<Change<RemovedCredential>, EventError> {
    let mut details = Details::new();
    details.insert("credential", Detail::Bytes(id.as_bytes().to_vec()))?;
    let telling = own(clock, rng, person, "people.credential-removed", details)?;
    Ok(telling.of(RemovedCredential { id, person: person.person.clone() }, RecordKind::Person))
}

/// Adds a way to unlock somebody's own keys. They must have been unlocked for it: nobody else can
/// make what it holds.
///
/// # Errors
///
/// As [`add_credential`].
pub fn add_wrapped_keys(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    person: &Person,
    wrapped: WrappedKeys,
) -> Result<Change<WrappedKeys>, EventError> {
    let mut details = Details::new();
    details.insert("what", wrapped.way.code())?;
    let wrapped = WrappedKeys { person: person.person.clone(), ..wrapped };
    let telling = own(clock, rng, person, "people.key-way-added", details)?;
    Ok(telling.of(wrapped, RecordKind::Person))
}

/// Something that a person does for himself.
pub(super) fn own(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    person: &Person,
    kind: &'static str,
    details: Details,
) -> Result<Telling, EventError> {
    let organisation: OrganisationId = person.person.organisation.clone();
    Ok(Telling {
        id: EventId::random(rng),
        kind,
        at: EventTime::rounded_down(clock.now())?,
        organisation,
        actor: Actor::Officer(person.person.officer.clone()),
        purpose: Purpose::Oversight,
        details,
    })
}
