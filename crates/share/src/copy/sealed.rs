//! The substance, sealed to one person's own key.

use crate::codec::{Field, Stop, Written, from_bytes, record, to_bytes};
use crate::notice::{Part, Substance};
use crate::{NoticeCopy, NoticeId};
use minicbor::{Decoder, Encoder};
use portcullis_keys::{Opened, SealingKey, SealingPublic, UnsealError};
use portcullis_types::PersonId;
use std::fmt;

/// What the seal is for.
const INFO: &[u8] = b"portcullis-notice-copy/v1";

/// What is sealed is padded to a multiple of this, so that its length says little of the text.
const STEP_BYTES: usize = 4096;

/// Bytes that say how long the text is.
const LENGTH_BYTES: usize = 4;

record! {
    /// Where a sealed part belongs. The seal is bound to it, and it is inside too.
    pub(crate) SealedPlace {
        /// Of which notice.
        1 notice: NoticeId,
        /// Of which version.
        2 version: u64,
        /// Which copy.
        3 copy: u64,
        /// For whom.
        4 person: PersonId,
    }
}

record! {
    /// What is inside the seal.
    pub(crate) SealedText {
        /// Where it belongs: the number of the copy and its reader go wherever the text goes.
        1 place: SealedPlace,
        /// The substance.
        2 substance: Part<Substance>,
    }
}

/// The substance of a notice for one person.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPart {
    person: PersonId,
    bytes: Vec<u8>,
}

impl SealedPart {
    pub(crate) fn seal(
        random: &mut dyn FnMut(&mut [u8]),
        to: &SealingPublic,
        place: SealedPlace,
        substance: &Part<Substance>,
    ) -> Self {
        let bound_to = to_bytes(&place);
        let person = place.person.clone();
        let text = to_bytes(&SealedText { place, substance: substance.clone() });
        let bytes = to.seal(random, INFO, &bound_to, &padded(&text));
        Self { person, bytes }
    }

    /// Who can open it.
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// What is inside, if this key opens it as this copy's.
    pub(crate) fn open(
        &self,
        key: &SealingKey,
        copy: &NoticeCopy,
    ) -> Result<Option<SealedText>, UnsealError> {
        let heading = &copy.0.head.heading;
        let place = SealedPlace {
            notice: heading.id,
            version: heading.version,
            copy: copy.0.copy,
            person: self.person.clone(),
        };
        let opened: Opened = key.open(INFO, &to_bytes(&place), &self.bytes)?;
        let text = unpadded(&opened).and_then(|text| from_bytes::<SealedText>(text).ok());
        Ok(text.filter(|text| text.place == place))
    }
}

fn padded(text: &[u8]) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let whole = text.len().saturating_add(LENGTH_BYTES).next_multiple_of(STEP_BYTES);
    let mut bytes = Vec::with_capacity(whole);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(text);
    bytes.resize(whole, 0);
    bytes
}

fn unpadded(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (text, padding) = rest.split_at_checked(length)?;
    let fits = bytes.len().is_multiple_of(STEP_BYTES) && padding.len() < STEP_BYTES;
    (fits && padding.iter().all(|byte| *byte == 0)).then_some(text)
}

impl fmt::Debug for SealedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealedPart").field("person", &self.person).finish_non_exhaustive()
    }
}

impl Field for SealedPart {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.map(2)?.u8(1)?;
        self.person.write(e)?;
        e.u8(2)?.bytes(&self.bytes).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        let mut fields = crate::codec::Fields::begin(d)?;
        let person = fields.next(1, "person")?;
        let SealedBytes(bytes) = fields.next(2, "bytes")?;
        fields.end()?;
        Ok(Self { person, bytes })
    }
}

struct SealedBytes(Vec<u8>);

impl Field for SealedBytes {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.bytes(&self.0).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        Ok(Self(d.bytes()?.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_comes_off_as_it_went_on_and_no_other_does() {
        for length in [0, 1, 4091, 4092, 4093, 10_000] {
            let text = vec![7; length];
            let bytes = padded(&text);
            assert_eq!(bytes.len() % 4096, 0);
            assert_eq!(unpadded(&bytes), Some(text.as_slice()));
        }
        assert_eq!(padded(&[7; 4092]).len(), 4096);
        assert_eq!(padded(&[7; 4093]).len(), 8192);
        let mut wrong = padded(b"text");
        wrong[4095] = 1;
        assert_eq!(unpadded(&wrong), None);
        assert_eq!(unpadded(&[]), None);
        assert_eq!(unpadded(&[0, 0, 0, 200]), None);
        assert_eq!(unpadded(&vec![0; 8192]), None);
    }
}
