//! The bytes of values that stand in records.

use super::{Field, Fields, Stop, Written, coded};
use jiff::civil::Date;
use minicbor::{Decoder, Encoder};
use portcullis_federation::{FederationName, Moment, SigningPublic};
use portcullis_keys::SealingPublic;
use portcullis_types::{
    Audience, Gateway, Label, Level, OfficerId, OrganisationId, PartialDate, PersonId,
    PopulationClass,
};
use std::collections::BTreeSet;

/// Bytes of a compartment or a handling word, at most.
const MOST_WORD_BYTES: usize = 100;

impl<T: Field> Field for Option<T> {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        self.as_ref().map_or(Ok(()), |value| value.write(e))
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        T::read(d).map(Some)
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

fn write_all<'a, T: Field + 'a>(
    e: &mut Encoder<Vec<u8>>,
    items: impl ExactSizeIterator<Item = &'a T>,
) -> Written {
    e.array(items.len() as u64)?;
    items.into_iter().try_for_each(|item| item.write(e))
}

fn read_all<T: Field, C: FromIterator<T>>(d: &mut Decoder<'_>) -> Result<C, Stop> {
    let count = d.array()?.ok_or(Stop::Cbor)?;
    if usize::try_from(count).map_or(true, |count| count > T::MOST) {
        return Err(Stop::TooMany);
    }
    (0..count).map(|_| T::read(d)).collect()
}

/// A list without items is left out of the record.
impl<T: Field> Field for Vec<T> {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        write_all(e, self.iter())
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        read_all(d)
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

/// A set is a list in order; one without members is left out of the record.
impl<T: Field + Ord> Field for BTreeSet<T> {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        write_all(e, self.iter())
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        read_all(d)
    }

    fn is_absent(&self) -> bool {
        self.is_empty()
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

/// Everyone is left out of the record; a list without members is nobody.
impl<T: Field + Ord> Field for Audience<T> {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        match self {
            Self::Everyone => Ok(()),
            Self::Only(these) => these.write(e),
        }
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        BTreeSet::read(d).map(Self::Only)
    }

    fn is_absent(&self) -> bool {
        matches!(self, Self::Everyone)
    }

    fn absent() -> Option<Self> {
        Some(Self::Everyone)
    }
}

fn next<T: Field>(e: &mut Encoder<Vec<u8>>, key: u8, value: &T) -> Written {
    if value.is_absent() {
        return Ok(());
    }
    e.u8(key)?;
    value.write(e)
}

impl Field for Label {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        let there = [
            true,
            !self.compartments.is_empty(),
            !self.handling.is_empty(),
            !self.organisations.is_absent(),
            !self.people.is_absent(),
            !self.parties.is_empty(),
            !self.originators.is_empty(),
        ];
        e.map(there.iter().filter(|there| **there).count() as u64)?;
        e.u8(1)?.u8(self.level.0)?;
        next(e, 2, &self.compartments)?;
        next(e, 3, &self.handling)?;
        next(e, 4, &self.organisations)?;
        next(e, 5, &self.people)?;
        next(e, 6, &self.parties)?;
        next(e, 7, &self.originators)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        let mut fields = Fields::begin(d)?;
        let label = Self {
            level: fields.next(1, "level")?,
            compartments: fields.next(2, "compartments")?,
            handling: fields.next(3, "handling")?,
            organisations: fields.next(4, "organisations")?,
            people: fields.next(5, "people")?,
            parties: fields.next(6, "parties")?,
            originators: fields.next(7, "originators")?,
        };
        fields.end()?;
        Ok(label)
    }
}

impl Field for PersonId {
    const MOST: usize = 1500;

    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.array(2)?;
        self.organisation.write(e)?;
        self.officer.write(e)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        if d.array()? != Some(2) {
            return Err(Stop::Cbor);
        }
        Ok(Self { organisation: Field::read(d)?, officer: Field::read(d)? })
    }
}

impl Field for Level {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.u8(self.0).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        Ok(Self(d.u8()?))
    }
}

impl Field for u64 {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.u64(*self).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        Ok(d.u64()?)
    }
}

impl<const N: usize> Field for [u8; N] {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.bytes(self).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        d.bytes()?.try_into().map_err(|_| Stop::NotAllowed)
    }
}

impl Field for Moment {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.u64(self.seconds()).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        Self::new(d.u64()?).ok_or(Stop::NotAllowed)
    }
}

impl Field for SigningPublic {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.bytes(self.as_bytes()).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        let bytes = d.bytes()?.try_into().map_err(|_| Stop::NotAllowed)?;
        Self::from_bytes(bytes).ok_or(Stop::NotAllowed)
    }
}

impl Field for SealingPublic {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.bytes(self.as_bytes()).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        Self::from_bytes(d.bytes()?).map_err(|_| Stop::NotAllowed)
    }
}

impl Field for Box<str> {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.str(self).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        let text = d.str()?;
        let fits = (1..=MOST_WORD_BYTES).contains(&text.len()) && text.trim() == text;
        if fits && !text.chars().any(char::is_control) {
            return Ok(text.into());
        }
        Err(Stop::NotAllowed)
    }
}

/// What travels as its text, and is read from no other.
macro_rules! as_text {
    ($name:ty, $most:expr) => {
        impl Field for $name {
            const MOST: usize = $most;

            fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
                e.str(&self.to_string()).map(drop)
            }

            fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
                let text = d.str()?;
                let value: Self = text.parse().map_err(|_| Stop::NotAllowed)?;
                if value.to_string() == text { Ok(value) } else { Err(Stop::NotAllowed) }
            }
        }
    };
}

as_text!(OrganisationId, 1000);
as_text!(OfficerId, 100);
as_text!(FederationName, 1);
as_text!(PartialDate, 100);
as_text!(Date, 100);

coded!(Gateway);
coded!(PopulationClass);
