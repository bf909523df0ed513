//! What a keyring file holds, as bytes.

use crate::keyring::{FIRST_GENERATION, Keyring};
use crate::number::RecordNumber;
use crate::ranges::Ranges;
use crate::secret::{SECRET_BYTES, Secret};
use crate::tree::{self, Tree};
use minicbor::{Decoder, Encoder};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The highest number that a generation may have in a file.
const LAST_GENERATION: u32 = (1 << 31) - 1;

/// The contents as canonical CBOR.
pub(crate) fn write(keyring: &Keyring) -> Zeroizing<Vec<u8>> {
    let nodes: usize = keyring.generations.values().map(Tree::len).sum();
    let room = nodes
        .saturating_mul(SECRET_BYTES)
        .saturating_add(keyring.shredded.len().saturating_mul(18))
        .saturating_add(keyring.generations.len().saturating_mul(16))
        .saturating_add(keyring.signing.len().saturating_mul(48))
        .saturating_add(keyring.sealing.len().saturating_mul(48))
        .saturating_add(512);
    // Room for all of it, so that growing leaves no copy of a seed behind.
    let mut encoder = Encoder::new(Vec::with_capacity(room));
    encode(keyring, &mut encoder).expect("writing to memory does not fail");
    Zeroizing::new(encoder.into_writer())
}

fn encode(
    keyring: &Keyring,
    encoder: &mut Encoder<Vec<u8>>,
) -> Result<(), minicbor::encode::Error<std::convert::Infallible>> {
    encoder.map(if keyring.has_organisation_keys() { 10 } else { 8 })?;
    encoder.u8(0)?.bytes(&keyring.id)?.u8(1)?.u64(keyring.revision)?;
    encoder.u8(2)?.array((keyring.shredded.len() as u64).saturating_mul(2))?;
    for range in keyring.shredded.iter() {
        encoder.u64(*range.start())?.u64(*range.end())?;
    }
    encoder.u8(3)?.map(keyring.generations.len() as u64)?;
    for (number, tree) in &keyring.generations {
        let length = (tree.len() as u64).saturating_mul(SECRET_BYTES as u64);
        encoder.u32(*number)?;
        encoder.bytes_len(length)?;
        tree.seeds().for_each(|seed| encoder.writer_mut().extend_from_slice(seed.bytes()));
    }
    for (key, secret) in
        (4_u8..).zip([&keyring.log, &keyring.cosign, &keyring.decoy, &keyring.blind])
    {
        encoder.u8(key)?.bytes(secret.bytes())?;
    }
    if keyring.has_organisation_keys() {
        for (key, seeds) in (8_u8..).zip([&keyring.signing, &keyring.sealing]) {
            encoder.u8(key)?.map(seeds.len() as u64)?;
            for (from_s, seed) in seeds {
                encoder.u64(*from_s)?.bytes(seed.bytes())?;
            }
        }
    }
    Ok(())
}

/// The contents read back; nothing unless the bytes are the canonical ones of a keyring.
pub(crate) fn read(bytes: &[u8]) -> Option<Keyring> {
    let keyring = decode(&mut Decoder::new(bytes))?;
    (write(&keyring).as_slice() == bytes).then_some(keyring)
}

fn decode(decoder: &mut Decoder<'_>) -> Option<Keyring> {
    let fields = decoder.map().ok()??;
    matches!(fields, 8 | 10).then_some(())?;
    key(decoder, 0)?;
    let id = decoder.bytes().ok()?.try_into().ok()?;
    key(decoder, 1)?;
    let revision = decoder.u64().ok()?;
    key(decoder, 2)?;
    let shredded = ranges(decoder)?;
    key(decoder, 3)?;
    let mut generations = BTreeMap::new();
    for _ in 0..decoder.map().ok()?? {
        let number = decoder
            .u32()
            .ok()
            .filter(|number| (FIRST_GENERATION..=LAST_GENERATION).contains(number))?;
        generations.insert(number, tree(decoder.bytes().ok()?, &shredded)?);
    }
    (!generations.is_empty()).then_some(())?;
    let mut secret = |number| {
        key(decoder, number)?;
        Secret::from_slice(decoder.bytes().ok()?)
    };
    let secrets = [secret(4)?, secret(5)?, secret(6)?, secret(7)?];
    let mut keyring = Keyring::from_parts((id, revision, shredded), generations, secrets);
    if fields == 10 {
        key(decoder, 8)?;
        keyring.signing = seeds(decoder)?;
        key(decoder, 9)?;
        keyring.sealing = seeds(decoder)?;
        keyring.has_organisation_keys().then_some(())?;
    }
    Some(keyring)
}

/// The keys of one kind of an organisation, by the second from which each is used; there is one.
fn seeds(decoder: &mut Decoder<'_>) -> Option<BTreeMap<u64, Secret>> {
    let mut seeds = BTreeMap::new();
    for _ in 0..decoder.map().ok()?? {
        let from_s = decoder.u64().ok()?;
        seeds.insert(from_s, Secret::from_slice(decoder.bytes().ok()?)?);
    }
    (!seeds.is_empty()).then_some(seeds)
}

fn key(decoder: &mut Decoder<'_>, number: u8) -> Option<()> {
    (decoder.u8().ok()? == number).then_some(())
}

fn ranges(decoder: &mut Decoder<'_>) -> Option<Ranges> {
    let mut ranges = Ranges::default();
    let length = decoder.array().ok()??;
    length.is_multiple_of(2).then_some(())?;
    for _ in 0..length.div_euclid(2) {
        let (first, last) = (decoder.u64().ok()?, decoder.u64().ok()?);
        (last <= RecordNumber::MAX.value()).then_some(())?;
        ranges.insert(&(first..=last)).then_some(())?;
    }
    Some(ranges)
}

/// What is left of a tree. Where its nodes stand is not in the file: it follows from what is
/// shredded, so that a file with a seed above a shredded record cannot be written down.
fn tree(seeds: &[u8], shredded: &Ranges) -> Option<Tree> {
    let (seeds, rest) = seeds.as_chunks::<SECRET_BYTES>();
    let mut seeds = seeds.iter();
    let nodes = tree::places(shredded)
        .map(|(first, depth)| Some((first, depth, Secret::from_slice(seeds.next()?)?)))
        .collect::<Option<Vec<_>>>()?;
    let is_all = rest.is_empty() && seeds.next().is_none();
    is_all.then(|| Tree::from_nodes(nodes.into_iter()))
}
