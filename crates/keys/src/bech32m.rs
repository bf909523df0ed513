//! Bech32m (BIP 350): bytes as text that can be copied by hand, with a checksum that finds slips.

use zeroize::Zeroizing;

/// The characters for five bits each; few look like one another (BIP 173).
const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Stands between the prefix and the data.
const SEPARATOR: char = '1';

/// Characters of the checksum.
const CHECKSUM_CHARACTERS: u8 = 6;

/// What the checksum of a right text comes to (BIP 350).
const CONSTANT: u32 = 0x2bc8_30a3;

/// The generator of the code (BIP 173).
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];

/// Why a text does not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bech32mError {
    /// The prefix or the separator is another.
    Prefix,
    /// A character is not in the alphabet. Counted from 1, from the start of the text.
    Character { position: usize },
    /// The checksum does not fit.
    Checksum,
    /// The bits left over are not zero, or are too many.
    Padding,
}

/// The text of `bytes` behind `prefix`.
pub(crate) fn encode(prefix: &str, bytes: &[u8]) -> Zeroizing<String> {
    let values = to_fives(bytes);
    let sum = values.iter().copied().chain([0; CHECKSUM_CHARACTERS as usize]);
    let sum = sum.fold(prefix_sum(prefix), step) ^ CONSTANT;
    let places = (0..CHECKSUM_CHARACTERS).rev().map(|place| place.saturating_mul(5));
    let checksum = places.map(|shift| low_five(u64::from(sum >> shift)));
    // Room for all of it, so that growing leaves no copy behind.
    let room = prefix.len().saturating_add(values.len()).saturating_add(8);
    let mut text = Zeroizing::new(String::with_capacity(room));
    text.push_str(prefix);
    text.push(SEPARATOR);
    let characters = values.iter().copied().chain(checksum);
    text.extend(characters.filter_map(|v| ALPHABET.get(usize::from(v))).map(|c| char::from(*c)));
    text
}

/// The bytes that a text behind `prefix` says.
pub(crate) fn decode(prefix: &str, text: &str) -> Result<Zeroizing<Vec<u8>>, Bech32mError> {
    let rest = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(SEPARATOR));
    let rest = rest.ok_or(Bech32mError::Prefix)?;
    let before = prefix.chars().count().saturating_add(1);
    let mut values = Zeroizing::new(Vec::with_capacity(rest.len()));
    for (position, character) in (before.saturating_add(1)..).zip(rest.chars()) {
        let value = (0..).zip(ALPHABET).find(|(_, c)| char::from(**c) == character);
        values.push(value.ok_or(Bech32mError::Character { position })?.0);
    }
    if values.iter().copied().fold(prefix_sum(prefix), step) != CONSTANT {
        return Err(Bech32mError::Checksum);
    }
    let data = values.split_last_chunk::<{ CHECKSUM_CHARACTERS as usize }>();
    from_fives(data.ok_or(Bech32mError::Checksum)?.0).ok_or(Bech32mError::Padding)
}

fn low_five(number: u64) -> u8 {
    u8::try_from(number & 31).unwrap_or_default()
}

/// The checksum after one more value of five bits (BIP 173).
fn step(sum: u32, value: u8) -> u32 {
    let top = sum >> 25;
    let shifted = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
    let bits = GENERATOR.iter().enumerate().filter(|(bit, _)| (top >> bit) & 1 == 1);
    bits.fold(shifted, |sum, (_, generator)| sum ^ generator)
}

fn prefix_sum(prefix: &str) -> u32 {
    let high = prefix.bytes().map(|byte| byte >> 5);
    high.chain([0]).chain(prefix.bytes().map(|byte| byte & 31)).fold(1, step)
}

/// Bytes as values of five bits, the last filled up with zeros.
fn to_fives(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut values = Zeroizing::new(Vec::with_capacity(bytes.len().saturating_mul(2)));
    for chunk in bytes.chunks(5) {
        let mut bits = [0; 8];
        bits.iter_mut().skip(3).zip(chunk).for_each(|(bit, byte)| *bit = *byte);
        let bits = u64::from_be_bytes(bits);
        let length = chunk.len().saturating_mul(8).div_ceil(5);
        let shifts = (0..8_u8).rev().map(|place| place.saturating_mul(5));
        values.extend(shifts.map(|shift| low_five(bits >> shift)).take(length));
    }
    values
}

/// Bytes from values of five bits; nothing unless they are what [`to_fives`] gives.
fn from_fives(values: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(values.len()));
    for chunk in values.chunks(8) {
        let padded = chunk.iter().copied().chain(std::iter::repeat(0)).take(8);
        let bits = padded.fold(0_u64, |bits, value| bits << 5 | u64::from(value)).to_be_bytes();
        let length = chunk.len().saturating_mul(5) / 8;
        bytes.extend(bits.iter().skip(3).take(length));
    }
    (to_fives(&bytes).as_slice() == values).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The valid strings of BIP 350 in lower case. Some hold bits that make no whole bytes; their
    /// checksum is right all the same.
    #[test]
    fn the_valid_strings_of_the_standard_have_a_right_checksum() {
        for (prefix, text) in [
            ("a", "a1lqfn3a"),
            (
                "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber1",
                "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
            ),
            ("abcdef", "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx"),
            (
                "1",
                "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
            ),
            ("split", "split1checkupstagehandshakeupstreamerranterredcaperredlc445v"),
            ("?", "?1v759aa"),
        ] {
            match decode(prefix, text) {
                Ok(bytes) => assert_eq!(*encode(prefix, &bytes), text),
                Err(error) => assert_eq!(error, Bech32mError::Padding, "{text}"),
            }
        }
    }

    /// Those of the invalid strings of BIP 350 that are wrong in what is looked at here.
    #[test]
    fn the_invalid_strings_of_the_standard_are_refused() {
        for (prefix, text, error) in [
            ("q", "qyrz8wqd2c9m", Bech32mError::Prefix),
            ("y", "y1b0jsk6g", Bech32mError::Character { position: 3 }),
            ("lt", "lt1igcx5c0", Bech32mError::Character { position: 4 }),
            ("in", "in1muywd", Bech32mError::Checksum),
            ("mm", "mm1crxm3i", Bech32mError::Character { position: 9 }),
            ("au", "au1s5cgom", Bech32mError::Character { position: 8 }),
            ("m", "m1vuxwez", Bech32mError::Checksum),
        ] {
            assert_eq!(decode(prefix, text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes(bytes in proptest::collection::vec(any::<u8>(), 0..50)) {
            let text = encode("test-", &bytes);
            prop_assert_eq!(decode("test-", &text).map(|bytes| bytes.to_vec()), Ok(bytes));
        }

        #[test]
        fn no_input_panics(text in "test-1\\PC{0,80}") {
            let _ = decode("test-", &text);
        }
    }
}
