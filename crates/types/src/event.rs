//! Something that happened, in bytes that never change.
//!
//! Implements `docs/spec/event.md`, version 1.

mod codec;
mod parts;

use crate::{EventId, Gateway, OfficerId, OrganisationId, Purpose};
pub use parts::{Detail, Details, EventKind, EventTime, JobName};

/// Version of the schema that this crate writes. It reads this one only.
pub(crate) const SCHEMA_VERSION: u64 = 1;

/// Largest event taken, in bytes.
pub(crate) const MAX_BYTES: usize = 65_536;

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, in the name of the organisation.
    Officer(OfficerId),
    /// A job of the node, named; never the author of an adverse decision.
    Job(JobName),
}

/// Something that happened: what, when, by whom, for which purpose, through which gateway.
///
/// Its [canonical bytes](Event::to_bytes) are what the log commits to. They are CBOR in the core
/// deterministic encoding of RFC 8949 section 4.2.1, so that any implementation makes the same
/// ones. Each field can only hold what the specification allows, so nothing is ever cut or changed
/// on the way to the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Random id.
    pub id: EventId,
    /// What kind of thing happened.
    pub kind: EventKind,
    /// When.
    pub at: EventTime,
    /// In which organisation; it controls the event.
    pub organisation: OrganisationId,
    /// By whom.
    pub actor: Actor,
    /// For which purpose.
    pub purpose: Purpose,
    /// Through which gateway, when something passed between organisations.
    pub gateway: Option<Gateway>,
    /// What else there is to know, by name.
    pub details: Details,
}

/// Why something cannot be part of an event. Names no value, which may be protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// A kind, job or name of a detail is not of the form that the specification gives.
    #[error("a kind, job or detail name of an event has 1 to 64 bytes of a-z, 0-9, `-` and `.`")]
    NotAWord,
    /// The time lies outside 1970 to 9999.
    #[error("an event lies between 1970 and 9999; check the clock")]
    OutOfRange,
    /// The time is finer than an event can state.
    #[error("the time of an event is in whole microseconds; round it first")]
    FinerThanMicroseconds,
    /// A detail of this name is there already.
    #[error("the event already has a detail of this name")]
    NameTaken,
    /// The details would take more than 64,000 bytes.
    #[error("the details of an event take at most 64,000 bytes; shorten the text")]
    TooLong,
}

/// Why bytes are not an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventDecodeError {
    /// They are more than 65,536.
    #[error("an event has at most {MAX_BYTES} bytes")]
    TooLong,
    /// They are not CBOR of the form that the specification gives.
    #[error("not an event: malformed at byte {position}")]
    Malformed {
        /// Where reading stopped, counted from 0.
        position: usize,
    },
    /// The schema version is not one this program reads.
    #[error("event schema version {version} is not known to this program; update it")]
    UnknownVersion {
        /// The version found.
        version: u64,
    },
    /// A field holds a value outside its vocabulary.
    #[error("field `{field}` of the event holds a value that is not allowed")]
    NotAllowed {
        /// The field.
        field: &'static str,
    },
    /// The bytes say the right thing in a form that is not the canonical one.
    #[error("the event is not in canonical form")]
    NotCanonical,
}

impl Event {
    /// The canonical bytes: at most 65,536.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_bytes(self)
    }

    /// Reads an event from its canonical bytes, and from no others.
    ///
    /// # Errors
    ///
    /// [`EventDecodeError`] when the bytes are too long, malformed, of another version, outside the
    /// vocabulary, or not canonical.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EventDecodeError> {
        codec::from_bytes(bytes)
    }
}

#[cfg(test)]
mod tests;
