//! Who is asked about or reported: a person or a body, with what tells it from its namesakes.

use crate::codec::{Field, Stop, Written, record, vocabulary};
use crate::{Line, Word};
use minicbor::{Decoder, Encoder};
use portcullis_types::PartialDate;
use std::fmt;

vocabulary! {
    /// What somebody is.
    PartyKind {
        /// A human being.
        Person = "person", "a person";
        /// A company, or another body with a name.
        Body = "body", "a company or another body";
    }
}

/// When somebody was born, as precisely as it is known. Protected: it has no `Display`, and its `Debug`
/// hides it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate(PartialDate);

impl BirthDate {
    /// Takes a date into protection.
    pub fn new(date: PartialDate) -> Self {
        Self(date)
    }

    /// The date, for somebody entitled to see it.
    pub fn reveal(&self) -> PartialDate {
        self.0
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate(…)")
    }
}

impl Field for BirthDate {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        self.0.write(e)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        Field::read(d).map(Self)
    }
}

record! {
    /// An identifier: `companies-house`, `passport`, and the number.
    pub Identifier {
        /// In which scheme.
        1 scheme: Word,
        /// The number there.
        2 value: Line,
    }
}

record! {
    /// Somebody who is named.
    pub Named: 200 {
        /// A person or a body.
        1 kind: PartyKind,
        /// The names, the usual one first.
        2 names: Vec<Line>,
        /// When born; a body has none.
        3 birth_date: Option<BirthDate>,
        /// Numbers that belong to nobody else.
        4 identifiers: Vec<Identifier>,
    }
}
