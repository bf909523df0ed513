//! The canonical bytes of a list: CBOR in the core deterministic encoding of RFC 8949, section 4.2.1.
//! Implements `docs/spec/member-list.md`, section 3.

use crate::list::{ListDigest, MOST_BYTES, MOST_KEYS, MOST_MEMBERS};
use crate::member::{Dated, Member, MemberKeys, Revocation, RevocationReason, SigningPublic};
use crate::{Card, ListError, MemberList, Moment};
use minicbor::decode::Error as CborError;
use minicbor::{Decoder, Encoder};
use portcullis_audit::VerifierKey;
use portcullis_keys::SealingPublic;
use portcullis_types::{Body, Level, OrganisationId};
use std::convert::Infallible;

/// The version of the form.
const VERSION: u64 = 1;

/// Why bytes are not a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// They are too many.
    #[error("a list has at most {MOST_BYTES} bytes")]
    TooLong,
    /// They are not CBOR of the form that the specification gives.
    #[error(
        "it is cut off or malformed, at byte {position} of what it holds; ask for the file again"
    )]
    Malformed {
        /// Where reading stopped, counted from 0.
        position: usize,
    },
    /// The version of the form is not one this program reads.
    #[error("the list has form {version}, which this program does not know; use a newer one")]
    UnknownVersion {
        /// The version found.
        version: u64,
    },
    /// A field holds a value outside its vocabulary.
    #[error("field `{field}` of the list holds a value that is not allowed")]
    NotAllowed {
        /// The field.
        field: &'static str,
    },
    /// The bytes say the right thing in a form that is not the canonical one.
    #[error("the list is not in canonical form")]
    NotCanonical,
    /// They say something that no list can say.
    #[error(transparent)]
    List(#[from] ListError),
}

type Written = Result<(), minicbor::encode::Error<Infallible>>;

pub(crate) fn written(write: impl FnOnce(&mut Encoder<Vec<u8>>) -> Written) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder).expect("writing to memory does not fail");
    encoder.into_writer()
}

pub(crate) fn list_bytes(list: &MemberList) -> Vec<u8> {
    written(|e| {
        e.map(if list.previous.is_some() { 6 } else { 5 })?;
        e.u8(0)?.u64(VERSION)?;
        e.u8(1)?.str(list.federation.as_str())?;
        e.u8(2)?.u64(list.version)?;
        if let Some(previous) = &list.previous {
            e.u8(3)?.bytes(previous.as_bytes())?;
        }
        e.u8(4)?.u64(list.issued.seconds())?;
        e.u8(5)?.array(list.members.len() as u64)?;
        list.members.iter().try_for_each(|member| write_member(e, member))
    })
}

pub(crate) fn card_bytes(card: &Card) -> Vec<u8> {
    written(|e| {
        e.map(8)?;
        e.u8(0)?.u64(VERSION)?;
        e.u8(1)?.str(card.id.as_str())?;
        e.u8(2)?.str(card.name.as_str())?;
        e.u8(3)?.str(card.body.code())?;
        write_keys(e, 4, &card.keys)
    })
}

/// What a fingerprint stands for: the last key of each kind.
pub(crate) fn identity(id: &OrganisationId, body: Body, keys: &MemberKeys) -> Vec<u8> {
    fn last<K>(keys: &[Dated<K>]) -> Vec<&K> {
        keys.last().map(|dated| &dated.key).into_iter().collect()
    }
    let text = |keys: &[Dated<VerifierKey>]| last(keys).first().map(ToString::to_string);
    written(|e| {
        e.array(6)?.str(id.as_str())?.str(body.code())?;
        e.bytes(last(&keys.signing).first().map_or(&[], |key| key.as_bytes()))?;
        e.bytes(last(&keys.sealing).first().map_or(&[], |key| key.as_bytes()))?;
        e.str(text(&keys.log).as_deref().unwrap_or_default())?;
        e.str(text(&keys.cosigning).as_deref().unwrap_or_default())?;
        Ok(())
    })
}

fn write_member(e: &mut Encoder<Vec<u8>>, member: &Member) -> Written {
    let absent = [member.until.is_none(), member.revoked.is_none(), member.endpoint.is_none()];
    let absent = absent.into_iter().filter(|absent| *absent).count() as u64;
    e.map(12_u64.saturating_sub(absent))?;
    e.u8(0)?.str(member.id.as_str())?;
    e.u8(1)?.str(member.name.as_str())?;
    e.u8(2)?.str(member.body.code())?;
    e.u8(3)?.u8(member.ceiling.0)?;
    e.u8(4)?.u64(member.from.seconds())?;
    if let Some(until) = member.until {
        e.u8(5)?.u64(until.seconds())?;
    }
    if let Some(revoked) = &member.revoked {
        e.u8(6)?.array(2)?.u64(revoked.since.seconds())?.str(revoked.reason.code())?;
    }
    if let Some(endpoint) = &member.endpoint {
        e.u8(7)?.str(endpoint.as_str())?;
    }
    write_keys(e, 8, &member.keys)
}

fn write_keys(e: &mut Encoder<Vec<u8>>, first: u8, keys: &MemberKeys) -> Written {
    e.u8(first)?;
    write_dated(e, &keys.signing, |e, key| e.bytes(key.as_bytes()).map(drop))?;
    e.u8(first.saturating_add(1))?;
    write_dated(e, &keys.sealing, |e, key| e.bytes(key.as_bytes()).map(drop))?;
    e.u8(first.saturating_add(2))?;
    write_dated(e, &keys.log, |e, key| e.str(&key.to_string()).map(drop))?;
    e.u8(first.saturating_add(3))?;
    write_dated(e, &keys.cosigning, |e, key| e.str(&key.to_string()).map(drop))
}

fn write_dated<K>(
    e: &mut Encoder<Vec<u8>>,
    keys: &[Dated<K>],
    write: impl Fn(&mut Encoder<Vec<u8>>, &K) -> Written,
) -> Written {
    e.array(keys.len() as u64)?;
    for Dated { key, from, until, lost } in keys {
        let fields = [until.is_some(), lost.is_some()].into_iter().filter(|there| *there).count();
        e.map((fields as u64).saturating_add(2))?.u8(0)?;
        write(e, key)?;
        e.u8(1)?.u64(from.seconds())?;
        if let Some(until) = until {
            e.u8(2)?.u64(until.seconds())?;
        }
        if let Some(lost) = lost {
            e.u8(3)?.u64(lost.seconds())?;
        }
    }
    Ok(())
}

/// Why reading stopped: the CBOR was not what it should be, or what it said.
pub(crate) enum Stop {
    Cbor,
    Error(FormError),
}

impl From<CborError> for Stop {
    fn from(_: CborError) -> Self {
        Self::Cbor
    }
}

fn not_allowed(field: &'static str) -> Stop {
    Stop::Error(FormError::NotAllowed { field })
}

/// Reads all of the bytes, which must be the canonical ones.
pub(crate) fn read_all<T>(
    bytes: &[u8],
    most: usize,
    read: impl FnOnce(&mut Decoder<'_>) -> Result<T, Stop>,
    write: impl FnOnce(&T) -> Vec<u8>,
) -> Result<T, FormError> {
    if bytes.len() > most {
        return Err(FormError::TooLong);
    }
    let mut decoder = Decoder::new(bytes);
    let value = match read(&mut decoder) {
        Ok(value) => value,
        Err(Stop::Error(error)) => return Err(error),
        Err(Stop::Cbor) => return Err(FormError::Malformed { position: decoder.position() }),
    };
    if decoder.position() != bytes.len() {
        return Err(FormError::Malformed { position: decoder.position() });
    }
    if write(&value) == bytes { Ok(value) } else { Err(FormError::NotCanonical) }
}

pub(crate) fn read_list(bytes: &[u8]) -> Result<MemberList, FormError> {
    read_all(bytes, MOST_BYTES, list, list_bytes)
}

pub(crate) fn read_card(bytes: &[u8]) -> Result<Card, FormError> {
    read_all(bytes, MOST_BYTES, card, card_bytes)
}

fn key(d: &mut Decoder<'_>, expected: u8) -> Result<(), Stop> {
    if d.u8()? == expected { Ok(()) } else { Err(Stop::Cbor) }
}

pub(crate) fn version(d: &mut Decoder<'_>) -> Result<(), Stop> {
    key(d, 0)?;
    match d.u64()? {
        VERSION => Ok(()),
        version => Err(Stop::Error(FormError::UnknownVersion { version })),
    }
}

pub(crate) fn length(length: Option<u64>, most: usize) -> Result<usize, Stop> {
    let length = length.and_then(|length| usize::try_from(length).ok()).ok_or(Stop::Cbor)?;
    if length <= most { Ok(length) } else { Err(Stop::Cbor) }
}

fn moment(d: &mut Decoder<'_>, field: &'static str) -> Result<Moment, Stop> {
    Moment::new(d.u64()?).ok_or(not_allowed(field))
}

fn list(d: &mut Decoder<'_>) -> Result<MemberList, Stop> {
    let fields = d.map()?.ok_or(Stop::Cbor)?;
    version(d)?;
    if !matches!(fields, 5 | 6) {
        return Err(Stop::Cbor);
    }
    key(d, 1)?;
    let federation = d.str()?.parse().map_err(|_| not_allowed("federation"))?;
    key(d, 2)?;
    let version = d.u64()?;
    let previous = if fields == 6 {
        key(d, 3)?;
        let digest = d.bytes()?.try_into().map_err(|_| not_allowed("previous"))?;
        Some(ListDigest::from_bytes(digest))
    } else {
        None
    };
    key(d, 4)?;
    let issued = moment(d, "issued")?;
    key(d, 5)?;
    let count = length(d.array()?, MOST_MEMBERS)?;
    let members = (0..count).map(|_| member(d)).collect::<Result<_, _>>()?;
    Ok(MemberList { federation, version, previous, issued, members })
}

fn card(d: &mut Decoder<'_>) -> Result<Card, Stop> {
    let fields = d.map()?;
    version(d)?;
    if fields != Some(8) {
        return Err(Stop::Cbor);
    }
    key(d, 1)?;
    let id = organisation(d)?;
    key(d, 2)?;
    let name = d.str()?.parse().map_err(|_| not_allowed("name"))?;
    key(d, 3)?;
    let body = Body::from_code(d.str()?).ok_or(not_allowed("body"))?;
    Ok(Card { id, name, body, keys: keys(d, 4)? })
}

pub(crate) fn organisation(d: &mut Decoder<'_>) -> Result<OrganisationId, Stop> {
    let text = d.str()?;
    let id = OrganisationId::new(text).map_err(|_| not_allowed("id"))?;
    // What is trimmed is another text, and would be another digest.
    if id.as_str() == text { Ok(id) } else { Err(not_allowed("id")) }
}

fn member(d: &mut Decoder<'_>) -> Result<Member, Stop> {
    let fields = d.map()?.ok_or(Stop::Cbor)?;
    let mut optional = fields.checked_sub(9).filter(|more| *more <= 3).ok_or(Stop::Cbor)?;
    key(d, 0)?;
    let id = organisation(d)?;
    key(d, 1)?;
    let name = d.str()?.parse().map_err(|_| not_allowed("name"))?;
    key(d, 2)?;
    let body = Body::from_code(d.str()?).ok_or(not_allowed("body"))?;
    key(d, 3)?;
    let ceiling = Level(d.u8()?);
    key(d, 4)?;
    let from = moment(d, "from")?;
    let (mut until, mut revoked, mut endpoint) = (None, None, None);
    let mut next = d.u8()?;
    while next != 8 {
        optional = optional.checked_sub(1).ok_or(Stop::Cbor)?;
        match next {
            5 => until = Some(moment(d, "until")?),
            6 => revoked = Some(revocation(d)?),
            7 => endpoint = Some(d.str()?.parse().map_err(|_| not_allowed("endpoint"))?),
            _ => return Err(Stop::Cbor),
        }
        next = d.u8()?;
    }
    let keys = keys_after_first(d, 8)?;
    Ok(Member { id, name, body, ceiling, from, until, revoked, endpoint, keys })
}

fn revocation(d: &mut Decoder<'_>) -> Result<Revocation, Stop> {
    if d.array()? != Some(2) {
        return Err(Stop::Cbor);
    }
    let since = moment(d, "revoked")?;
    let reason = RevocationReason::from_code(d.str()?).ok_or(not_allowed("revoked"))?;
    Ok(Revocation { since, reason })
}

fn keys(d: &mut Decoder<'_>, first: u8) -> Result<MemberKeys, Stop> {
    key(d, first)?;
    keys_after_first(d, first)
}

fn keys_after_first(d: &mut Decoder<'_>, first: u8) -> Result<MemberKeys, Stop> {
    let signing = dated(d, |d| {
        let bytes = d.bytes()?.try_into().map_err(|_| not_allowed("signing"))?;
        SigningPublic::from_bytes(bytes).ok_or(not_allowed("signing"))
    })?;
    key(d, first.saturating_add(1))?;
    let sealing =
        dated(d, |d| SealingPublic::from_bytes(d.bytes()?).map_err(|_| not_allowed("sealing")))?;
    key(d, first.saturating_add(2))?;
    let log = dated(d, |d| verifier(d, "log"))?;
    key(d, first.saturating_add(3))?;
    let cosigning = dated(d, |d| verifier(d, "cosigning"))?;
    Ok(MemberKeys { signing, sealing, log, cosigning })
}

fn verifier(d: &mut Decoder<'_>, field: &'static str) -> Result<VerifierKey, Stop> {
    d.str()?.parse().map_err(|_| not_allowed(field))
}

fn dated<K>(
    d: &mut Decoder<'_>,
    read: impl Fn(&mut Decoder<'_>) -> Result<K, Stop>,
) -> Result<Vec<Dated<K>>, Stop> {
    let count = length(d.array()?, MOST_KEYS)?;
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        let fields = d.map()?.ok_or(Stop::Cbor)?;
        key(d, 0)?;
        let one = read(d)?;
        key(d, 1)?;
        let mut dated = Dated::from(one, moment(d, "from")?);
        for _ in 0..fields.checked_sub(2).filter(|more| *more <= 2).ok_or(Stop::Cbor)? {
            match d.u8()? {
                2 => dated.until = Some(moment(d, "until")?),
                3 => dated.lost = Some(moment(d, "lost")?),
                _ => return Err(Stop::Cbor),
            }
        }
        all.push(dated);
    }
    Ok(all)
}
