//! The canonical bytes of everything that is said: CBOR in the core deterministic encoding of
//! RFC 8949, section 4.2.1. Implements `docs/spec/messages.md`, section 1.

mod leaves;
mod record;

pub(crate) use record::{Fields, coded, kept, record, vocabulary};

use minicbor::decode::Error as CborError;
use minicbor::{Decoder, Encoder};
use std::convert::Infallible;

/// Bytes of anything that is read here, at most.
pub(crate) const MOST_BYTES: usize = 2 << 20;

/// Why bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// They are too many.
    #[error("this is too long: it has at most {most} bytes")]
    TooLong {
        /// How many there may be.
        most: usize,
    },
    /// They are not CBOR of the form that the specification gives.
    #[error("it is cut off or malformed, at byte {position}; ask its sender for it again")]
    Malformed {
        /// Where reading stopped, counted from 0.
        position: usize,
    },
    /// The version of the form is not one this program reads.
    #[error("it has form {version}, which this program does not know; use a newer one")]
    UnknownVersion {
        /// The version found.
        version: u64,
    },
    /// It is of a kind this program does not know.
    #[error("it is of kind {kind}, which this program does not know; use a newer one")]
    UnknownKind {
        /// The number of the kind.
        kind: u64,
    },
    /// A field that must be there is not.
    #[error("the field `{field}` is missing, or not in its place")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field is there that no reader knows.
    #[error("there is a field that this program does not know, before byte {position}")]
    UnknownField {
        /// Where reading stopped, counted from 0.
        position: usize,
    },
    /// A field holds a value outside its vocabulary or its limits.
    #[error("the field `{field}` holds a value that is not allowed")]
    NotAllowed {
        /// The field.
        field: &'static str,
    },
    /// A list has too many items.
    #[error("the list `{field}` has too many items")]
    TooMany {
        /// The field.
        field: &'static str,
    },
    /// The bytes say the right thing in a form that is not the canonical one.
    #[error("it is not in canonical form; it was not made by this program, or was changed")]
    NotCanonical,
}

impl FormError {
    /// Its name in vectors, events and counts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TooLong { .. } => "too-long",
            Self::Malformed { .. } => "malformed",
            Self::UnknownVersion { .. } => "unknown-version",
            Self::UnknownKind { .. } => "unknown-kind",
            Self::Missing { .. } => "missing",
            Self::UnknownField { .. } => "unknown-field",
            Self::NotAllowed { .. } => "not-allowed",
            Self::TooMany { .. } => "too-many",
            Self::NotCanonical => "not-canonical",
        }
    }
}

pub(crate) type Written = Result<(), minicbor::encode::Error<Infallible>>;

/// Why reading stopped.
#[derive(Debug)]
pub enum Stop {
    /// The CBOR was not what it should be.
    Cbor,
    /// A value is outside its vocabulary or limits; which field, the record around it says.
    NotAllowed,
    /// A list is too long; which, the record around it says.
    TooMany,
    /// The reason is known.
    Error(FormError),
}

impl From<CborError> for Stop {
    fn from(_: CborError) -> Self {
        Self::Cbor
    }
}

/// What has canonical bytes.
pub trait Field: Sized {
    /// How many there may be in one list.
    const MOST: usize = 100;

    /// Writes it.
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Result<(), minicbor::encode::Error<Infallible>>;

    /// Reads it.
    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop>;

    /// Whether the record around it leaves it out.
    fn is_absent(&self) -> bool {
        false
    }

    /// What it is when it was left out, if it may be.
    fn absent() -> Option<Self> {
        None
    }
}

/// The canonical bytes.
pub(crate) fn to_bytes<T: Field>(value: &T) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    value.write(&mut encoder).expect("writing to memory does not fail");
    encoder.into_writer()
}

/// Reads all of the bytes, which must be the canonical ones.
pub(crate) fn from_bytes<T: Field>(bytes: &[u8]) -> Result<T, FormError> {
    from_bytes_up_to(bytes, MOST_BYTES)
}

pub(crate) fn from_bytes_up_to<T: Field>(bytes: &[u8], most: usize) -> Result<T, FormError> {
    if bytes.len() > most {
        return Err(FormError::TooLong { most });
    }
    let mut decoder = Decoder::new(bytes);
    let value = match T::read(&mut decoder) {
        Ok(value) => value,
        Err(Stop::Error(error)) => return Err(error),
        Err(Stop::Cbor | Stop::NotAllowed | Stop::TooMany) => {
            return Err(FormError::Malformed { position: decoder.position() });
        }
    };
    if decoder.position() != bytes.len() {
        return Err(FormError::Malformed { position: decoder.position() });
    }
    if to_bytes(&value) == bytes { Ok(value) } else { Err(FormError::NotCanonical) }
}
