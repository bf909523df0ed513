//! Something that happened, in bytes that never change.
//!
//! Implements `docs/spec/event.md`, version 1.

use crate::{EventId, Gateway, OfficerId, OrganisationId, Protected, Purpose};
use jiff::Timestamp;
use minicbor::data::Type;
use minicbor::{Decoder, Encoder};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

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
    Job(Arc<str>),
}

/// What kind of thing happened: words in lower case with dots between, like
/// `screening.decision.recorded`. From 1 to 64 bytes of `a-z`, `0-9`, `-` and `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKind(Arc<str>);

/// Why a text is not an event kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event kind has 1 to 64 bytes of a-z, 0-9, `-` and `.`")]
pub struct EventKindError;

impl EventKind {
    /// Takes a text as a kind.
    ///
    /// # Errors
    ///
    /// [`EventKindError`] when it is empty, too long, or holds another character.
    pub fn new(text: &str) -> Result<Self, EventKindError> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
        if text.is_empty() || text.len() > 64 || !text.bytes().all(allowed) {
            return Err(EventKindError);
        }
        Ok(Self(Arc::from(text)))
    }

    /// The kind as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A value among the details of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Text. Protected, because a detail may be a name or a reason.
    Text(Protected),
    /// A whole number of at least 0.
    Number(u64),
    /// Bytes: a digest, a key, a signature.
    Bytes(Vec<u8>),
}

/// Something that happened: what, when, by whom, for which purpose, through which gateway.
///
/// Its [canonical bytes](Event::to_bytes) are what the log commits to. They are CBOR in the core
/// deterministic encoding of RFC 8949 section 4.2.1, so that any implementation makes the same ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Random id.
    pub id: EventId,
    /// What kind of thing happened.
    pub kind: EventKind,
    /// When, in UTC, to the microsecond, not before 1970.
    pub at: Timestamp,
    /// In which organisation; it controls the event.
    pub organisation: OrganisationId,
    /// By whom.
    pub actor: Actor,
    /// For which purpose.
    pub purpose: Purpose,
    /// Through which gateway, when something passed between organisations.
    pub gateway: Option<Gateway>,
    /// What else there is to know, by name.
    pub details: BTreeMap<Box<str>, Detail>,
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

// Keys of the map, from docs/spec/event.md section 2.
const VERSION: u8 = 0;
const ID: u8 = 1;
const KIND: u8 = 2;
const AT: u8 = 3;
const ORGANISATION: u8 = 4;
const ACTOR: u8 = 5;
const PURPOSE: u8 = 6;
const GATEWAY: u8 = 7;
const DETAILS: u8 = 8;

impl Event {
    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut encoder = Encoder::new(Vec::new());
        match self.encode(&mut encoder) {
            Ok(()) => encoder.into_writer(),
            Err(_) => unreachable!("writing to a vector cannot fail"),
        }
    }

    fn encode(
        &self,
        e: &mut Encoder<Vec<u8>>,
    ) -> Result<(), minicbor::encode::Error<Infallible>> {
        e.map(if self.gateway.is_some() { 9 } else { 8 })?;
        e.u8(VERSION)?.u64(SCHEMA_VERSION)?;
        e.u8(ID)?.bytes(self.id.as_bytes())?;
        e.u8(KIND)?.str(self.kind.as_str())?;
        e.u8(AT)?.u64(u64::try_from(self.at.as_microsecond()).unwrap_or(0))?;
        e.u8(ORGANISATION)?.str(self.organisation.as_str())?;
        e.u8(ACTOR)?.array(2)?;
        match &self.actor {
            Actor::Officer(officer) => e.u8(0)?.str(officer.as_str())?,
            Actor::Job(job) => e.u8(1)?.str(job)?,
        };
        e.u8(PURPOSE)?.str(self.purpose.code())?;
        if let Some(gateway) = self.gateway {
            e.u8(GATEWAY)?.str(gateway.code())?;
        }
        e.u8(DETAILS)?.map(self.details.len() as u64)?;
        // RFC 8949 section 4.2.1 orders keys by their encoded bytes: shorter texts first.
        let mut details: Vec<_> = self.details.iter().collect();
        details.sort_by_key(|(name, _)| (name.len(), name.as_bytes()));
        for (name, detail) in details {
            e.str(name)?;
            match detail {
                Detail::Text(text) => e.str(text.reveal())?,
                Detail::Number(number) => e.u64(*number)?,
                Detail::Bytes(bytes) => e.bytes(bytes)?,
            };
        }
        Ok(())
    }

    /// Reads an event from its canonical bytes, and from no others.
    ///
    /// # Errors
    ///
    /// [`EventDecodeError`] when the bytes are too long, malformed, of another version, outside the
    /// vocabulary, or not canonical.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EventDecodeError> {
        if bytes.len() > MAX_BYTES {
            return Err(EventDecodeError::TooLong);
        }
        let mut decoder = Decoder::new(bytes);
        let event = match decode(&mut decoder) {
            Ok(event) => event?,
            Err(_) => return Err(EventDecodeError::Malformed { position: decoder.position() }),
        };
        if event.to_bytes() != bytes {
            return Err(EventDecodeError::NotCanonical);
        }
        Ok(event)
    }
}

type Read<T> = Result<Result<T, EventDecodeError>, minicbor::decode::Error>;

fn decode(d: &mut Decoder<'_>) -> Read<Event> {
    let malformed = || minicbor::decode::Error::message("unexpected field");
    let fields = d.map()?.ok_or_else(malformed)?;
    if d.u8()? != VERSION {
        return Err(malformed());
    }
    let version = d.u64()?;
    if version != SCHEMA_VERSION {
        return Ok(Err(EventDecodeError::UnknownVersion { version }));
    }
    let expect = |d: &mut Decoder<'_>, key: u8| {
        if d.u8()? == key { Ok(()) } else { Err(malformed()) }
    };
    expect(d, ID)?;
    let Ok(id) = <[u8; 16]>::try_from(d.bytes()?) else { return Err(malformed()) };
    expect(d, KIND)?;
    let kind = EventKind::new(d.str()?);
    expect(d, AT)?;
    let at = i64::try_from(d.u64()?).ok().and_then(|us| Timestamp::from_microsecond(us).ok());
    expect(d, ORGANISATION)?;
    let organisation = OrganisationId::new(d.str()?);
    expect(d, ACTOR)?;
    if d.array()? != Some(2) {
        return Err(malformed());
    }
    let actor = match d.u8()? {
        0 => OfficerId::new(d.str()?).map(Actor::Officer).ok(),
        1 => Some(Actor::Job(Arc::from(d.str()?))),
        _ => return Err(malformed()),
    };
    expect(d, PURPOSE)?;
    let purpose = Purpose::from_code(d.str()?);
    let gateway = if fields == 9 {
        expect(d, GATEWAY)?;
        Some(Gateway::from_code(d.str()?))
    } else {
        None
    };
    expect(d, DETAILS)?;
    let count = d.map()?.ok_or_else(malformed)?;
    let mut details = BTreeMap::new();
    for _ in 0..count {
        let name = Box::from(d.str()?);
        let detail = match d.datatype()? {
            Type::String => Detail::Text(Protected::new(d.str()?)),
            Type::Bytes => Detail::Bytes(d.bytes()?.to_vec()),
            _ => Detail::Number(d.u64()?),
        };
        details.insert(name, detail);
    }
    let not_allowed = |field| EventDecodeError::NotAllowed { field };
    Ok((|| {
        Ok(Event {
            id: EventId::from_bytes(id),
            kind: kind.map_err(|_| not_allowed("kind"))?,
            at: at.ok_or(not_allowed("at"))?,
            organisation: organisation.map_err(|_| not_allowed("organisation"))?,
            actor: actor.ok_or(not_allowed("actor"))?,
            purpose: purpose.ok_or(not_allowed("purpose"))?,
            gateway: match gateway {
                None => None,
                Some(None) => return Err(not_allowed("gateway")),
                Some(gateway) => gateway,
            },
            details,
        })
    })())
}
