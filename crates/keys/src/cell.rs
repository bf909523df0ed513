//! A sealed cell: the bytes that stand in the database in place of protected text.

use crate::secret::Secret;
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, Tag, XChaCha20Poly1305, XNonce};
use std::fmt;
use std::ops::Deref;
use zeroize::Zeroizing;

/// The version of the form of cells.
const VERSION: u8 = 1;

/// The version, the generation and the nonce.
const HEADER_BYTES: usize = 1 + 4 + NONCE_BYTES;

pub(crate) const NONCE_BYTES: usize = 24;

pub(crate) const TAG_BYTES: usize = 16;

/// The length of the text stands before it.
const LENGTH_BYTES: usize = 4;

/// The shortest that a text becomes by padding.
const LEAST_PADDED_BYTES: usize = 64;

/// The longest text that a cell takes: 64 MiB.
const MOST_BYTES: usize = 64 << 20;

/// Where a cell stands. A sealed cell opens in this place and in no other.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The name of the table.
    pub table: &'a str,
    /// What tells the row from all others of the table.
    pub row: &'a [u8],
    /// The name of the column.
    pub column: &'a str,
}

/// The text of a cell that was opened. It is overwritten on drop and shows nothing of itself in
/// `Debug`.
///
/// ```compile_fail,E0277
/// fn show(opened: portcullis_keys::Opened) {
///     println!("{opened}"); // Opened has no Display
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Opened(Zeroizing<Vec<u8>>);

/// Why a cell was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The record is shredded: its key is gone, and nothing can be added to it.
    #[error("record `{record}` is shredded; give what is to be kept a new record")]
    Shredded {
        /// The number of the record.
        record: u64,
    },
    /// The text is longer than a cell may be.
    #[error("a cell takes at most `{most_bytes}` bytes, and this one would have `{length_bytes}`")]
    TooLong {
        /// The length of the text.
        length_bytes: usize,
        /// The most that a cell takes.
        most_bytes: usize,
    },
}

/// Why a cell did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The cell has a form that this program does not know.
    #[error("the cell has version `{version}`, which this program does not know; use a newer one")]
    UnknownVersion {
        /// The version that it states.
        version: u8,
    },
    /// The record is shredded: nobody can open it again.
    #[error("record `{record}` is shredded and cannot be opened again")]
    Shredded {
        /// The number of the record.
        record: u64,
    },
    /// The keyring has no key of the generation that the cell is sealed under.
    #[error(
        "the cell is sealed under generation `{generation}`, which the keyring does not hold; \
         use the keyring that belongs to this database"
    )]
    UnknownGeneration {
        /// The generation that the cell states.
        generation: u32,
    },
    /// The cell was changed, stands in another place than it was sealed for, or was sealed under
    /// another keyring.
    #[error(
        "the cell is damaged, was moved here from another place, or belongs to another keyring"
    )]
    Damaged,
}

/// What a sealed cell says before it is opened, taken apart.
pub(crate) struct Sealed<'a> {
    pub(crate) generation: u32,
    nonce: &'a [u8; NONCE_BYTES],
    text: &'a [u8],
    tag: &'a [u8; TAG_BYTES],
}

impl<'a> Sealed<'a> {
    pub(crate) fn parse(sealed: &'a [u8]) -> Result<Self, OpenError> {
        match sealed.first() {
            Some(&VERSION) => {}
            Some(&version) => return Err(OpenError::UnknownVersion { version }),
            None => return Err(OpenError::Damaged),
        }
        let parts = || {
            let (generation, rest) = sealed.get(1..)?.split_first_chunk()?;
            let (nonce, rest) = rest.split_first_chunk()?;
            let (text, tag) = rest.split_last_chunk()?;
            let generation = u32::from_be_bytes(*generation);
            (text.len() >= LEAST_PADDED_BYTES).then_some(Self { generation, nonce, text, tag })
        };
        parts().ok_or(OpenError::Damaged)
    }

    pub(crate) fn open(
        &self,
        key: &Secret,
        record: u64,
        place: &Place<'_>,
    ) -> Result<Opened, OpenError> {
        let mut text = Zeroizing::new(self.text.to_vec());
        XChaCha20Poly1305::new(key.bytes().into())
            .decrypt_inout_detached(
                &XNonce::from(*self.nonce),
                &bound_to(self.generation, record, place),
                text.as_mut_slice().into(),
                &Tag::from(*self.tag),
            )
            .map_err(|_| OpenError::Damaged)?;
        unpad(&mut text).ok_or(OpenError::Damaged)?;
        Ok(Opened(text))
    }
}

/// Seals a text for its place.
pub(crate) fn seal(
    key: &Secret,
    generation: u32,
    nonce: [u8; NONCE_BYTES],
    record: u64,
    place: &Place<'_>,
    plain: &[u8],
) -> Result<Vec<u8>, SealError> {
    let too_long = SealError::TooLong { length_bytes: plain.len(), most_bytes: MOST_BYTES };
    let length = u32::try_from(plain.len()).map_err(|_| too_long)?;
    if plain.len() > MOST_BYTES {
        return Err(too_long);
    }
    let end = HEADER_BYTES.saturating_add(padded_bytes(plain.len()));
    // Room for all of it, so that growing leaves no copy of the text behind.
    let mut sealed = Vec::with_capacity(end.saturating_add(TAG_BYTES));
    sealed.push(VERSION);
    sealed.extend_from_slice(&generation.to_be_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&length.to_be_bytes());
    sealed.extend_from_slice(plain);
    sealed.resize(end, 0);
    let (_, text) = sealed.split_at_mut(HEADER_BYTES);
    let tag = XChaCha20Poly1305::new(key.bytes().into())
        .encrypt_inout_detached(
            &XNonce::from(nonce),
            &bound_to(generation, record, place),
            text.into(),
        )
        .expect("the cipher takes 256 GiB, and a cell is shorter");
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// What a cell is bound to, so that it opens nowhere else. Lengths stand before the parts: no two
/// places have the same bytes.
fn bound_to(generation: u32, record: u64, place: &Place<'_>) -> Vec<u8> {
    let parts = [place.table.as_bytes(), place.row, place.column.as_bytes()];
    let length = parts.iter().map(|part| part.len().saturating_add(8)).sum::<usize>();
    let mut bound = Vec::with_capacity(length.saturating_add(13));
    bound.push(VERSION);
    bound.extend_from_slice(&generation.to_be_bytes());
    bound.extend_from_slice(&record.to_be_bytes());
    for part in parts {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part);
    }
    bound
}

/// How long a text becomes with its length before it and zeros after it: Padmé (Nikitin and
/// others, "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019,
/// section 4), which adds 12 % at most, but never below the least.
fn padded_bytes(text_bytes: usize) -> usize {
    let length = text_bytes.saturating_add(LENGTH_BYTES).max(LEAST_PADDED_BYTES);
    let exponent = length.ilog2();
    let mantissa_bits = exponent.ilog2().saturating_add(1);
    let mask = (1_usize << exponent.saturating_sub(mantissa_bits)).saturating_sub(1);
    length.saturating_add(mask) & !mask
}

/// Takes the length and the zeros away; nothing unless they are what [`seal`] writes.
fn unpad(text: &mut Vec<u8>) -> Option<()> {
    let length = usize::try_from(u32::from_be_bytes(*text.first_chunk()?)).ok()?;
    let end = length.checked_add(LENGTH_BYTES)?;
    let zeros = text.get(end..)?;
    if text.len() != padded_bytes(length) || zeros.iter().any(|byte| *byte != 0) {
        return None;
    }
    text.copy_within(LENGTH_BYTES..end, 0);
    text.truncate(length);
    Some(())
}

/// Without the row: what tells rows apart may tell people apart.
impl fmt::Debug for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, row: _, column } = self;
        f.debug_struct("Place")
            .field("table", table)
            .field("column", column)
            .finish_non_exhaustive()
    }
}

impl Opened {
    pub(crate) fn new(text: Vec<u8>) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl Deref for Opened {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Padmé of 65, 100, 1000, 1025 and 100,000, reckoned by hand: of the bits after the first,
    /// as many as the exponent needs may be set, and the rest is rounded up.
    #[test]
    fn lengths_are_padded_as_in_the_paper() {
        for (text, padded) in [
            (0, 64),
            (60, 64),
            (61, 72),
            (96, 104),
            (996, 1024),
            (1021, 1088),
            (99_996, 100_352),
            (1_000_000 - LENGTH_BYTES, 1_015_808),
        ] {
            assert_eq!(padded_bytes(text), padded, "{text}");
        }
    }

    proptest! {
        #[test]
        fn padding_costs_at_most_an_eighth_and_is_taken_away_again(length in 0_usize..5_000) {
            let padded = padded_bytes(length);
            prop_assert!(padded >= length + LENGTH_BYTES);
            prop_assert!(padded <= ((length + LENGTH_BYTES) * 9).div_ceil(8).max(64));
            let mut text = u32::try_from(length).unwrap().to_be_bytes().to_vec();
            text.resize(LENGTH_BYTES + length, b'x');
            text.resize(padded, 0);
            prop_assert_eq!(unpad(&mut text), Some(()));
            prop_assert_eq!(text, vec![b'x'; length]);
        }

        #[test]
        fn no_bytes_make_taking_the_padding_away_panic(
            mut text in proptest::collection::vec(any::<u8>(), 0..200)
        ) {
            let before = text.clone();
            if unpad(&mut text).is_some() {
                prop_assert!(before[LENGTH_BYTES..].starts_with(&text));
            }
        }
    }
}
