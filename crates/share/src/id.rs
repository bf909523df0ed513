//! Ids of what is said: 128 bits at random, so that none tells order, time or what it answers.

use crate::codec::{Field, Stop, Written};
use minicbor::{Decoder, Encoder};
use portcullis_types::Rng;
use std::fmt;
use std::str::FromStr;

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id has 32 characters of 0-9 and a-f; copy the whole of it")]
pub struct IdTextError;

macro_rules! random_id {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// Draws a new id.
            pub fn random(rng: &mut dyn Rng) -> Self {
                let mut bytes = [0; 16];
                rng.fill(&mut bytes);
                Self(bytes)
            }

            /// The id with these bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdTextError;

            fn from_str(text: &str) -> Result<Self, IdTextError> {
                read(text).map(Self).ok_or(IdTextError)
            }
        }

        impl Field for $name {
            fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
                e.bytes(&self.0).map(drop)
            }

            fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
                Field::read(d).map(Self)
            }
        }
    )*};
}

random_id! {
    /// An enquiry.
    EnquiryId,
    /// A report.
    ReportId,
    /// A notice, in all its versions.
    NoticeId,
    /// A pointer. It has nothing to do with the id of what the call is about.
    PointerId,
    /// A request to pass something on.
    OnwardId,
    /// One who releases, without a name: the same for one person whatever the key, and drawn by his
    /// organisation.
    ReleaseOfficerId,
}

fn read(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    (pairs.len() == bytes.len() && rest.is_empty()).then_some(())?;
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let lower = pair.iter().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        lower.then_some(())?;
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_from_its_text_and_from_no_other() {
        let text = "000102030405060708090a0b0c0d0eff";
        assert_eq!(text.parse::<NoticeId>().unwrap().to_string(), text);
        for bad in ["", "0", &text[2..], &text.to_uppercase(), &format!("{text}00"), "é"] {
            assert_eq!(bad.parse::<NoticeId>(), Err(IdTextError), "{bad}");
        }
    }
}
