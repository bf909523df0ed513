//! Parts of a notice, each with its marking, and commitments to them.

use crate::Office;
use crate::codec::{Field, Stop, Written, record, to_bytes};
use minicbor::{Decoder, Encoder};
use portcullis_types::{Audience, Label, Rng};
use sha2::{Digest as _, Sha256};
use std::fmt;

record! {
    /// How sensitive a part is and to whom it may go.
    pub Marking {
        /// Level, compartments, handling, organisations, people.
        1 label: Label,
        /// In which offices; within those organisations and people.
        2 offices: Audience<Office>,
    }
}

/// What can be a part, under a name of its own.
pub trait PartOf: Field {
    /// The name that stands before the bytes in a commitment.
    const NAME: &'static str;
}

impl PartOf for super::Substance {
    const NAME: &'static str = "substance";
}

impl PartOf for super::Tearline {
    const NAME: &'static str = "tearline";
}

impl PartOf for super::Grounds {
    const NAME: &'static str = "grounds";
}

/// A part with its marking and the salt of its commitment.
#[derive(Clone, PartialEq, Eq)]
pub struct Part<T> {
    salt: [u8; 32],
    /// How sensitive it is and to whom it may go.
    pub marking: Marking,
    /// What it says.
    pub content: T,
}

impl<T: PartOf> Part<T> {
    /// A part, with a salt drawn for it.
    pub fn new(rng: &mut dyn Rng, marking: Marking, content: T) -> Self {
        let mut salt = [0; 32];
        rng.fill(&mut salt);
        Self { salt, marking, content }
    }

    /// What stands for it where it does not go. Without the salt nobody can try out what it might say.
    pub fn commitment(&self) -> Commitment {
        let digest = Sha256::new_with_prefix(b"portcullis-notice-part/v1")
            .chain_update([u8::try_from(T::NAME.len()).unwrap_or(u8::MAX)])
            .chain_update(T::NAME)
            .chain_update(to_bytes(self));
        Commitment(digest.finalize().into())
    }
}

impl<T: fmt::Debug> fmt::Debug for Part<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("marking", &self.marking)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

impl<T: PartOf> Field for Part<T> {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.map(3)?.u8(1)?.bytes(&self.salt)?.u8(2)?;
        self.marking.write(e)?;
        e.u8(3)?;
        self.content.write(e)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        let mut fields = crate::codec::Fields::begin(d)?;
        let part = Self {
            salt: fields.next(1, "salt")?,
            marking: fields.next(2, "marking")?,
            content: fields.next(3, "content")?,
        };
        fields.end()?;
        Ok(part)
    }
}

/// A salted digest of a part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commitment([u8; 32]);

impl Commitment {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Commitment(")?;
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

impl Field for Commitment {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        self.0.write(e)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        Field::read(d).map(Self)
    }
}
