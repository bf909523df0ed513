//! What a decision was taken on: the material facts of both sides, as digests.
//!
//! Digests say whether facts are still the same without repeating them. They are not anonymous:
//! whoever holds one can test a guessed name against it, so they are kept like the names themselves.

use portcullis_types::{
    Dossier, ListVersion, PartialDate, Property, Purpose, RecordId, SourceId, Statement,
};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Takes 32 bytes as a digest.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest of a set of texts, for one use only: the same texts for another use give another
    /// digest. Each text is preceded by its length, so that no two sets run together.
    pub(crate) fn of<'a>(usage: &str, texts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        let mut add = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        add(b"portcullis/decision/1");
        add(usage.as_bytes());
        texts.into_iter().for_each(add);
        Self(hash.finalize().into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The kinds of fact that a decision rests on. A decision lapses when one of them changes on either
/// side, and only then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactKind {
    /// A name of any kind: main, alias, weak alias, previous, or a part of a name.
    Name,
    /// A date of birth.
    BirthDate,
    /// A number that belongs to one subject only.
    Identifier,
    /// Nationality, country, country of birth, country of registration.
    Country,
}

impl FactKind {
    /// Every kind, in the order used in [`Fingerprint`].
    pub const ALL: [Self; 4] = [Self::Name, Self::BirthDate, Self::Identifier, Self::Country];

    /// The kind that a property belongs to, if it is material.
    pub fn of(property: &Property) -> Option<Self> {
        match property {
            Property::FirstName
            | Property::SecondName
            | Property::MiddleName
            | Property::LastName
            | Property::FatherName
            | Property::MotherName => Some(Self::Name),
            Property::BirthDate => Some(Self::BirthDate),
            Property::Nationality
            | Property::Country
            | Property::BirthCountry
            | Property::Jurisdiction => Some(Self::Country),
            name if name.is_name() => Some(Self::Name),
            identifier if identifier.is_identifier() => Some(Self::Identifier),
            _ => None,
        }
    }

    /// The code used in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::BirthDate => "birth-date",
            Self::Identifier => "identifier",
            Self::Country => "country",
        }
    }
}

impl fmt::Display for FactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::BirthDate => "birth date",
            Self::Identifier => "identifier",
            Self::Country => "country",
        })
    }
}

/// What has changed since a decision, so that it no longer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Moved {
    /// A kind of fact of the query.
    Query(FactKind),
    /// A kind of fact of the record.
    Record(FactKind),
    /// Where the subject of the query lives, when neither a birth date nor an identifier is known of
    /// it. An address is no fact that a decision rests on, but two people of one name and two
    /// addresses are two people, and so may be two of which one has none.
    AnotherAddress,
    /// What the screening is for. The one here is what the decision was taken for.
    Purpose(Purpose),
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Query(kind) => write!(f, "{kind} in your file"),
            Self::Record(kind) => write!(f, "{kind} on the list"),
            Self::AnotherAddress => {
                f.write_str("address in your file, which gives no birth date or identifier")
            }
            Self::Purpose(then) => write!(f, "purpose, which was {}", in_words(*then)),
        }
    }
}

/// A purpose for people to read. A purpose without words of its own is told by its code.
fn in_words(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::ScreenDonor => "to screen donors",
        Purpose::ScreenCandidate => "to screen candidates",
        Purpose::ScreenStaff => "to screen staff",
        Purpose::ScreenAssociate => "to screen associates",
        other => other.code(),
    }
}

/// The material facts of a dossier, one digest for each [`FactKind`].
///
/// Values are brought to a common form first, so that capitals, blanks, the punctuation of an
/// identifier, the order of the file or a value said twice change nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint {
    /// Digest of all names.
    pub name: Digest,
    /// Digest of all dates of birth.
    pub birth_date: Digest,
    /// Digest of all identifiers.
    pub identifier: Digest,
    /// Digest of all countries.
    pub country: Digest,
}

impl Fingerprint {
    /// The fingerprint of a dossier.
    pub fn of(dossier: &Dossier) -> Self {
        let digest = |kind: FactKind| {
            let facts = facts(dossier, kind);
            Digest::of(kind.code(), facts.iter().map(String::as_bytes))
        };
        Self {
            name: digest(FactKind::Name),
            birth_date: digest(FactKind::BirthDate),
            identifier: digest(FactKind::Identifier),
            country: digest(FactKind::Country),
        }
    }

    /// The digest of one kind of fact.
    pub fn digest(&self, kind: FactKind) -> Digest {
        match kind {
            FactKind::Name => self.name,
            FactKind::BirthDate => self.birth_date,
            FactKind::Identifier => self.identifier,
            FactKind::Country => self.country,
        }
    }

    /// The kinds of fact that differ.
    pub fn changed(&self, other: &Self) -> impl Iterator<Item = FactKind> {
        let (left, right) = (*self, *other);
        FactKind::ALL.into_iter().filter(move |kind| left.digest(*kind) != right.digest(*kind))
    }
}

/// What is remembered of the subject of a query. A row of somebody's table has no lasting id, so a
/// subject is known again by its handles: one digest for each full name and one for each identifier.
/// Sharing one handle is enough to ask whether it is the same subject; only an equal
/// [`Fingerprint`] answers yes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryMark {
    /// The material facts.
    pub fingerprint: Fingerprint,
    /// What it is known by.
    pub handles: BTreeSet<Digest>,
    /// Digests of its post codes; they do not count where [`QueryMark::has_unique_fact`].
    pub postcodes: BTreeSet<Digest>,
    /// Digests of its addresses; they count only where there is no post code to compare.
    pub addresses: BTreeSet<Digest>,
}

impl QueryMark {
    /// The mark of a query.
    pub fn of(query: &Dossier) -> Self {
        let names = query
            .statements
            .iter()
            .filter(|s| s.property.is_name())
            .map(|s| tidy(s.value.reveal()))
            .map(|name| Digest::of("handle", [b"name".as_slice(), name.as_bytes()]));
        let identifiers = facts(query, FactKind::Identifier);
        let identifiers = identifiers
            .iter()
            .map(|value| Digest::of("handle", [b"identifier".as_slice(), value.as_bytes()]));
        let places = |property: &Property| {
            let forms = query.values(property).map(letters_and_digits);
            forms
                .filter(|form| !form.is_empty())
                .map(|form| Digest::of("place", [property.name().as_bytes(), form.as_bytes()]))
                .collect()
        };
        Self {
            fingerprint: Fingerprint::of(query),
            handles: names.chain(identifiers).collect(),
            postcodes: places(&Property::PostalCode),
            addresses: places(&Property::Address),
        }
    }

    /// Whether the one is known to live elsewhere than the other, or only one is known to live
    /// anywhere, when neither has a fact that tells namesakes apart.
    pub fn lives_elsewhere(&self, other: &Self) -> bool {
        let (own, others) = (self.places(), other.places());
        let is_known = !own.is_empty() || !others.is_empty();
        !self.has_unique_fact() && !other.has_unique_fact() && is_known && own.is_disjoint(others)
    }

    /// Where it lives: by post code, or else by address. The two have no digest in common.
    pub(crate) fn places(&self) -> &BTreeSet<Digest> {
        if self.postcodes.is_empty() { &self.addresses } else { &self.postcodes }
    }

    /// Whether both may be about the same subject.
    pub fn may_be(&self, other: &Self) -> bool {
        !self.handles.is_disjoint(&other.handles)
    }

    /// Whether a birth date or an identifier is known. A name is not unique, and no less so for a
    /// country: without either, namesakes are told apart by where they live.
    pub fn has_unique_fact(&self) -> bool {
        let nothing = |kind: FactKind| Digest::of(kind.code(), []);
        [FactKind::BirthDate, FactKind::Identifier]
            .into_iter()
            .any(|kind| self.fingerprint.digest(kind) != nothing(kind))
    }
}

/// What is remembered of a record of a list. The publisher's id makes it known again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordMark {
    /// The list.
    pub source: SourceId,
    /// The issue of it that was looked at. Not part of the record's identity.
    pub list_version: ListVersion,
    /// The publisher's id.
    pub record: RecordId,
    /// The material facts.
    pub fingerprint: Fingerprint,
}

impl RecordMark {
    /// The mark of a record.
    pub fn of(record: &Dossier) -> Self {
        Self {
            source: record.origin.source.clone(),
            list_version: record.origin.version.clone(),
            record: record.record.clone(),
            fingerprint: Fingerprint::of(record),
        }
    }

    /// Whether both are the same record of the same source, whatever the issue.
    pub fn is_same_record(&self, other: &Self) -> bool {
        self.source == other.source && self.record == other.record
    }
}

/// The facts of one kind in their common form, sorted, each once.
fn facts(dossier: &Dossier, kind: FactKind) -> BTreeSet<String> {
    dossier
        .statements
        .iter()
        .filter(|s| FactKind::of(&s.property) == Some(kind))
        .filter_map(|s| common_form(s, kind))
        .collect()
}

fn common_form(statement: &Statement, kind: FactKind) -> Option<String> {
    let value = statement.value.reveal();
    let form = match kind {
        FactKind::Name | FactKind::Country => tidy(value),
        FactKind::BirthDate => {
            value.trim().parse().map_or_else(|_| tidy(value), |date: PartialDate| date.to_string())
        }
        FactKind::Identifier => letters_and_digits(value),
    };
    if form.is_empty() {
        return None;
    }
    Some(match kind {
        // An alias that becomes the main name is no other name.
        FactKind::Name | FactKind::BirthDate => form,
        // The same number as passport and as tax number are two facts; so are a nationality and a
        // country of residence.
        FactKind::Identifier | FactKind::Country => {
            format!("{}={form}", statement.property.name())
        }
    })
}

fn letters_and_digits(text: &str) -> String {
    text.nfkc().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase()
}

fn tidy(text: &str) -> String {
    let folded = text.nfkc().collect::<String>().to_lowercase();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
