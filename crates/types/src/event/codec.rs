//! The canonical bytes of an event. Implements `docs/spec/event.md`, version 1, sections 2 and 3.

use super::{Actor, Detail, Details, Event, EventDecodeError, EventError, EventKind, EventTime};
use super::{JobName, MAX_BYTES, SCHEMA_VERSION};
use crate::{EventId, Gateway, OfficerId, OrganisationId, Protected, Purpose};
use jiff::Timestamp;
use minicbor::data::Type;
use minicbor::decode::Error as CborError;
use minicbor::{Decoder, Encoder};
use std::convert::Infallible;

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

/// Number of fields without and with a gateway.
const FIELDS: u64 = 8;
const FIELDS_WITH_GATEWAY: u64 = 9;

pub(super) fn to_bytes(event: &Event) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    match encode(event, &mut encoder) {
        Ok(()) => encoder.into_writer(),
        Err(_) => unreachable!("writing to a vector cannot fail"),
    }
}

fn encode(
    event: &Event,
    e: &mut Encoder<Vec<u8>>,
) -> Result<(), minicbor::encode::Error<Infallible>> {
    e.map(if event.gateway.is_some() { FIELDS_WITH_GATEWAY } else { FIELDS })?;
    e.u8(VERSION)?.u64(SCHEMA_VERSION)?;
    e.u8(ID)?.bytes(event.id.as_bytes())?;
    e.u8(KIND)?.str(event.kind.as_str())?;
    e.u8(AT)?.u64(event.at.microseconds())?;
    e.u8(ORGANISATION)?.str(event.organisation.as_str())?;
    e.u8(ACTOR)?.array(2)?;
    match &event.actor {
        Actor::Officer(officer) => e.u8(0)?.str(officer.as_str())?,
        Actor::Job(job) => e.u8(1)?.str(job.as_str())?,
    };
    e.u8(PURPOSE)?.str(event.purpose.code())?;
    if let Some(gateway) = event.gateway {
        e.u8(GATEWAY)?.str(gateway.code())?;
    }
    // RFC 8949 section 4.2.1 orders keys by their encoded bytes: shorter texts first.
    let mut details: Vec<_> = event.details.iter().collect();
    details.sort_by_key(|(name, _)| (name.len(), *name));
    e.u8(DETAILS)?.map(details.len() as u64)?;
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

pub(super) fn from_bytes(bytes: &[u8]) -> Result<Event, EventDecodeError> {
    if bytes.len() > MAX_BYTES {
        return Err(EventDecodeError::TooLong);
    }
    let mut decoder = Decoder::new(bytes);
    let event = match decode(&mut decoder) {
        Ok(event) => event,
        Err(Stop::Cbor) => {
            return Err(EventDecodeError::Malformed { position: decoder.position() });
        }
        Err(Stop::Error(error)) => return Err(error),
    };
    if decoder.position() != bytes.len() {
        return Err(EventDecodeError::Malformed { position: decoder.position() });
    }
    if to_bytes(&event) != bytes {
        return Err(EventDecodeError::NotCanonical);
    }
    Ok(event)
}

/// Why decoding stopped: the CBOR was not what it should be, or what it said.
enum Stop {
    Cbor,
    Error(EventDecodeError),
}

impl From<CborError> for Stop {
    fn from(_: CborError) -> Self {
        Self::Cbor
    }
}

fn not_allowed(field: &'static str) -> Stop {
    Stop::Error(EventDecodeError::NotAllowed { field })
}

fn key(d: &mut Decoder<'_>, expected: u8) -> Result<(), Stop> {
    if d.u8()? == expected { Ok(()) } else { Err(Stop::Cbor) }
}

fn decode(d: &mut Decoder<'_>) -> Result<Event, Stop> {
    let fields = d.map()?.ok_or(Stop::Cbor)?;
    key(d, VERSION)?;
    let version = d.u64()?;
    if version != SCHEMA_VERSION {
        return Err(Stop::Error(EventDecodeError::UnknownVersion { version }));
    }
    if fields != FIELDS && fields != FIELDS_WITH_GATEWAY {
        return Err(Stop::Cbor);
    }
    key(d, ID)?;
    let id = <[u8; 16]>::try_from(d.bytes()?).map_err(|_| Stop::Cbor)?;
    key(d, KIND)?;
    let kind = EventKind::new(d.str()?).map_err(|_| not_allowed("kind"))?;
    key(d, AT)?;
    let at = i64::try_from(d.u64()?)
        .ok()
        .and_then(|us| Timestamp::from_microsecond(us).ok())
        .and_then(|at| EventTime::new(at).ok())
        .ok_or(not_allowed("at"))?;
    key(d, ORGANISATION)?;
    let organisation = OrganisationId::new(d.str()?).map_err(|_| not_allowed("organisation"))?;
    key(d, ACTOR)?;
    let actor = decode_actor(d)?;
    key(d, PURPOSE)?;
    let purpose = Purpose::from_code(d.str()?).ok_or(not_allowed("purpose"))?;
    let gateway = if fields == FIELDS_WITH_GATEWAY {
        key(d, GATEWAY)?;
        Some(Gateway::from_code(d.str()?).ok_or(not_allowed("gateway"))?)
    } else {
        None
    };
    key(d, DETAILS)?;
    let details = decode_details(d)?;
    Ok(Event {
        id: EventId::from_bytes(id),
        kind,
        at,
        organisation,
        actor,
        purpose,
        gateway,
        details,
    })
}

fn decode_actor(d: &mut Decoder<'_>) -> Result<Actor, Stop> {
    if d.array()? != Some(2) {
        return Err(Stop::Cbor);
    }
    match d.u8()? {
        0 => OfficerId::new(d.str()?).map(Actor::Officer).map_err(|_| not_allowed("actor")),
        1 => JobName::new(d.str()?).map(Actor::Job).map_err(|_| not_allowed("actor")),
        _ => Err(not_allowed("actor")),
    }
}

fn decode_details(d: &mut Decoder<'_>) -> Result<Details, Stop> {
    let count = d.map()?.ok_or(Stop::Cbor)?;
    let mut details = Details::new();
    for _ in 0..count {
        let name = d.str()?;
        let detail = match d.datatype()? {
            Type::String => Detail::Text(Protected::new(d.str()?)),
            Type::Bytes => Detail::Bytes(d.bytes()?.to_vec()),
            Type::U8 | Type::U16 | Type::U32 | Type::U64 => Detail::Number(d.u64()?),
            _ => return Err(Stop::Cbor),
        };
        details.insert(name, detail).map_err(|error| match error {
            // A key that stands twice is not canonical CBOR (RFC 8949 section 5.6).
            EventError::NameTaken => Stop::Error(EventDecodeError::NotCanonical),
            _ => not_allowed("details"),
        })?;
    }
    Ok(details)
}
