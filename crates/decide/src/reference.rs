//! A short reference to an alert, for people to type.

use crate::{Digest, QueryMark, RecordMark};
use portcullis_types::Purpose;
use std::fmt;
use std::str::FromStr;

/// Crockford's base 32: no I, L, O or U, so that a reference read aloud or from paper survives.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a reference without its hyphen: 50 bits. Among a million alerts, two share a
/// reference with a probability of 1 in 2,200; whoever looks one up must be ready for it.
const CHARACTERS: u32 = 10;

/// A short name for one query and one record with the facts they had, screened for one purpose, like
/// `7K3QX-9WZ2M`. It is the same whenever all of these are, and another as soon as a material fact
/// changes: what is decided under a reference is what was seen under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference(u64);

/// Why a text is not a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a reference has ten letters and digits with a hyphen in the middle, like 7K3QX-9WZ2M")]
pub struct ReferenceError;

/// The digest of a pair: of the purpose, of the material facts of both sides, of the record's
/// identity, and of where the subject of the query lives when neither a birth date nor an identifier
/// is known of it.
pub fn pair_digest(purpose: Purpose, query: &QueryMark, record: &RecordMark) -> Digest {
    let (q, r) = (&query.fingerprint, &record.fingerprint);
    // Without a unique fact, namesakes of two addresses are two pairs.
    let places = query.places().iter().filter(|_| !query.has_unique_fact());
    let facts = [
        purpose.code().as_bytes(),
        q.name.as_bytes(),
        q.birth_date.as_bytes(),
        q.identifier.as_bytes(),
        q.country.as_bytes(),
        record.source.as_str().as_bytes(),
        record.record.as_str().as_bytes(),
        r.name.as_bytes(),
        r.birth_date.as_bytes(),
        r.identifier.as_bytes(),
        r.country.as_bytes(),
    ];
    Digest::of(
        "reference",
        facts.into_iter().chain(places.map(|place| place.as_bytes().as_slice())),
    )
}

/// The reference of a pair: the first 50 bits of its digest.
pub fn reference(purpose: Purpose, query: &QueryMark, record: &RecordMark) -> Reference {
    let digest = pair_digest(purpose, query, record);
    let bits =
        digest.as_bytes().iter().take(8).fold(0, |bits, byte| (bits << 8) | u64::from(*byte));
    Reference(bits >> (u64::BITS - 5 * CHARACTERS))
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in (0..CHARACTERS).rev() {
            let value = usize::try_from((self.0 >> (5 * place)) & 31).unwrap_or_default();
            write!(f, "{}", ALPHABET.get(value).copied().map_or('0', char::from))?;
            if place == CHARACTERS / 2 {
                f.write_str("-")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    /// Reads a reference as people write it: in small letters, without the hyphen, with the letter O
    /// for zero and I or L for one.
    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let mut bits = 0_u64;
        let mut count = 0;
        for c in text.trim().chars().filter(|c| *c != '-') {
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            };
            let value = ALPHABET.iter().position(|a| char::from(*a) == c).ok_or(ReferenceError)?;
            count += 1;
            if count > CHARACTERS {
                return Err(ReferenceError);
            }
            bits = (bits << 5) | value as u64;
        }
        if count == CHARACTERS { Ok(Self(bits)) } else { Err(ReferenceError) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_people_write_is_read() {
        let read = |text: &str| text.parse::<Reference>();
        assert_eq!(read("7k3qx9wz2m"), read("7K3QX-9WZ2M"));
        assert_eq!(read("OIL00-00000"), read("01100-00000"));
        assert_eq!(read("00000-0000Z").unwrap().to_string(), "00000-0000Z");
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in ["", "7K3QX", "7K3QX-9WZ2U", "7K3QX-9WZ2M0", "é"] {
            assert_eq!(text.parse::<Reference>(), Err(ReferenceError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_reference_reads_back(bits in 0..(1_u64 << 50)) {
            prop_assert_eq!(Reference(bits).to_string().parse(), Ok(Reference(bits)));
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = text.parse::<Reference>();
        }
    }
}
