//! Members of a parliament in Popolo JSON, as `EveryPolitician` ships them.
//!
//! Persons become dossiers; memberships their positions. A name may be a text or an object by
//! language ("lang:en"). E-mail addresses and contact details are never read into memory beyond the
//! parser's own buffer. The file is one JSON object and is read as a whole, up to 32 MB.

use super::draft::{Draft, emit};
use super::out::Out;
use crate::bytes::Guarded;
use crate::dates::{self, Order};
use crate::{ReadError, SetAside};
use portcullis_types::{PartialDate, Property, Schema, Validity};
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::io::{self, BufReader, Read};
use std::marker::PhantomData;

const MAX_BYTES: usize = 32_000_000;

/// Most names, ids or languages of one person.
const MAX_PARTS: usize = 1_000;

/// Most entries of one of the lists at the top.
const MAX_ENTRIES: usize = 200_000;

#[derive(Deserialize)]
struct File {
    #[serde(deserialize_with = "entries")]
    persons: Vec<Person>,
    #[serde(default, deserialize_with = "entries")]
    organizations: Vec<Named>,
    #[serde(default, deserialize_with = "entries")]
    areas: Vec<Named>,
    #[serde(default, deserialize_with = "entries")]
    memberships: Vec<Membership>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    name: Text,
}

#[derive(Deserialize)]
struct Person {
    #[serde(default)]
    id: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    sort_name: Text,
    #[serde(default)]
    given_name: Text,
    #[serde(default)]
    family_name: Text,
    #[serde(default)]
    honorific_prefix: Text,
    #[serde(default)]
    gender: Text,
    #[serde(default)]
    birth_date: Text,
    #[serde(default)]
    death_date: Text,
    #[serde(default)]
    national_identity: Text,
    #[serde(default)]
    summary: Text,
    #[serde(default, deserialize_with = "parts")]
    other_names: Vec<OtherName>,
    #[serde(default, deserialize_with = "parts")]
    identifiers: Vec<Identifier>,
}

#[derive(Deserialize)]
struct OtherName {
    #[serde(default)]
    name: Text,
    #[serde(default)]
    start_date: Text,
    #[serde(default)]
    end_date: Text,
}

#[derive(Deserialize)]
struct Identifier {
    #[serde(default)]
    scheme: Text,
    #[serde(default)]
    identifier: Text,
}

#[derive(Deserialize)]
struct Membership {
    #[serde(default)]
    person_id: Text,
    #[serde(default)]
    organization_id: Text,
    #[serde(default)]
    on_behalf_of_id: Text,
    #[serde(default)]
    area_id: Text,
    #[serde(default)]
    role: Text,
    #[serde(default)]
    start_date: Text,
    #[serde(default)]
    end_date: Text,
}

/// Reads a list of up to so many entries: a file must not unfold into far more memory than it has
/// bytes.
struct Capped<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Capped<T, MAX> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of at most {MAX} entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
        let mut found = Vec::new();
        while let Some(entry) = entries.next_element()? {
            if found.len() == MAX {
                return Err(serde::de::Error::invalid_length(MAX + 1, &self));
            }
            found.push(entry);
        }
        Ok(found)
    }

    fn visit_unit<E>(self) -> Result<Vec<T>, E> {
        Ok(Vec::new())
    }
}

fn entries<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    from.deserialize_any(Capped::<T, MAX_ENTRIES>(PhantomData))
}

/// As [`entries`], for the names and ids of one person; those that say nothing are passed over.
fn parts<'de, D, T>(from: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Filled,
{
    let found = from.deserialize_any(Capped::<T, MAX_PARTS>(PhantomData))?;
    Ok(found.into_iter().filter(Filled::is_filled).collect())
}

/// Whether an entry says anything.
trait Filled {
    fn is_filled(&self) -> bool;
}

impl Filled for OtherName {
    fn is_filled(&self) -> bool {
        !self.name.all().is_empty()
    }
}

impl Filled for Identifier {
    fn is_filled(&self) -> bool {
        !self.identifier.id().is_empty()
    }
}

/// A text, or texts by language, or something that is no text and says nothing here.
#[derive(Default)]
enum Text {
    One(String),
    ByLanguage(BTreeMap<String, String>),
    Number(u64),
    #[default]
    Other,
}

/// Read by hand, so that what is no text is passed over without being kept for a moment.
impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, or texts by language")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text::One(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
        Ok(Text::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Text, E> {
        Ok(Text::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
        Ok(Text::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
        Ok(Text::Other)
    }

    fn visit_unit<E>(self) -> Result<Text, E> {
        Ok(Text::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Text, A::Error> {
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Text, A::Error> {
        let mut texts = BTreeMap::new();
        while let Some(language) = entries.next_key::<String>()? {
            // Only texts count; a nested value is read as none.
            if let Text::One(text) = entries.next_value::<Text>()?
                && texts.len() < MAX_PARTS
            {
                texts.insert(language, text);
            }
        }
        Ok(Text::ByLanguage(texts))
    }
}

impl Text {
    /// All of it, the English first.
    fn all(&self) -> Vec<&str> {
        match self {
            Self::One(text) => vec![text.as_str()],
            Self::ByLanguage(texts) => {
                let english = |key: &&String| key.ends_with("en");
                let first = texts.keys().find(english).and_then(|key| texts.get(key));
                let rest = texts.iter().filter(|(key, _)| !english(key)).map(|(_, text)| text);
                first.into_iter().chain(rest).map(String::as_str).collect()
            }
            Self::Number(_) | Self::Other => Vec::new(),
        }
    }

    fn one(&self) -> &str {
        self.all().first().copied().unwrap_or_default()
    }

    /// As an id, which may be written as a number.
    fn id(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            other => other.one().trim().to_owned(),
        }
    }

    fn day(&self) -> Option<PartialDate> {
        dates::read(self.one(), Order::DayFirst)
    }
}

pub(super) fn read(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    let limited = BufReader::new(Limited { inner: Guarded::new(source), left: MAX_BYTES });
    let file: File = serde_json::from_reader(limited).map_err(problem)?;
    let names = |list: Vec<Named>| -> HashMap<String, String> {
        list.into_iter().map(|named| (named.id.id(), named.name.one().to_owned())).collect()
    };
    let (bodies, areas) = (names(file.organizations), names(file.areas));
    let mut memberships: HashMap<String, Vec<Membership>> = HashMap::new();
    for membership in file.memberships {
        memberships.entry(membership.person_id.id()).or_default().push(membership);
    }
    for (person, row) in file.persons.into_iter().zip(1..) {
        out.row();
        let held = memberships.remove(&person.id.id()).unwrap_or_default();
        one(&person, &held, &bodies, &areas, row, out);
    }
    let left: usize = memberships.values().map(Vec::len).sum();
    if left > 0 {
        out.warn(None, format!("{left} memberships name a person that the file does not hold"));
    }
    Ok(())
}

fn one(
    person: &Person,
    held: &[Membership],
    bodies: &HashMap<String, String>,
    areas: &HashMap<String, String>,
    row: u64,
    out: &mut Out<'_>,
) {
    let mut draft = match Draft::new(out, &person.id.id(), Schema::Person) {
        Ok(draft) => draft,
        Err(reason) => {
            let raw = person.name.one().into();
            out.aside(SetAside { line: row, column: None, reason, raw });
            return;
        }
    };
    let mut known: HashSet<&str> = HashSet::new();
    for (name, number) in person.name.all().into_iter().zip(0..) {
        draft.say(if number == 0 { Property::Name } else { Property::Alias }, name, row);
        known.insert(name);
    }
    for other in &person.other_names {
        for name in other.name.all() {
            let when = Validity { from: other.start_date.day(), to: other.end_date.day() };
            if known.insert(name) {
                draft.say_within(Property::Alias, name, row, when);
            }
        }
    }
    for (property, text) in [
        (Property::FirstName, &person.given_name),
        (Property::LastName, &person.family_name),
        (Property::from_name("sortName"), &person.sort_name),
        (Property::Title, &person.honorific_prefix),
        (Property::Summary, &person.summary),
    ] {
        draft.say(property, text.one(), row);
    }
    draft.say_gender(person.gender.one(), row);
    draft.say_country(Property::Nationality, person.national_identity.one(), row);
    let born = person.birth_date.one();
    draft.say_date(Property::BirthDate, dates::read_birth(born, Order::DayFirst), born, row);
    let died = person.death_date.one();
    draft.say_date(Property::DeathDate, dates::read(died, Order::DayFirst), died, row);
    for identifier in &person.identifiers {
        let scheme = identifier.scheme.id();
        let property = if scheme.eq_ignore_ascii_case("wikidata") {
            Property::WikidataId
        } else {
            Property::from_name(&format!("{scheme}Id"))
        };
        draft.say(property, &identifier.identifier.id(), row);
    }
    for membership in held {
        let of = |names: &HashMap<String, String>, id: &Text| {
            names.get(&id.id()).cloned().unwrap_or_default()
        };
        let when = Validity { from: membership.start_date.day(), to: membership.end_date.day() };
        let body = of(bodies, &membership.organization_id);
        let area = of(areas, &membership.area_id);
        let office = [membership.role.one(), body.as_str(), area.as_str()];
        let office: Vec<&str> = office.into_iter().filter(|part| !part.is_empty()).collect();
        draft.say_within(Property::Position, &office.join(", "), row, when.clone());
        let party = of(bodies, &membership.on_behalf_of_id);
        draft.say_within(Property::Political, &party, row, when);
    }
    draft.say(Property::Topics, "role.pep", row);
    emit(draft, out);
}

fn problem(error: serde_json::Error) -> ReadError {
    if error.is_io() {
        return ReadError::from_io(io::Error::from(error));
    }
    if error.is_data() {
        return ReadError::NotThisFormat {
            expected: "a Popolo file (a JSON object with `persons`)",
            found: "JSON of another shape".to_owned(),
            line: error.line() as u64,
        };
    }
    ReadError::NotThisFormat {
        expected: "a Popolo file (a JSON object with `persons`)",
        found: if error.is_eof() { "a file that breaks off" } else { "no valid JSON" }.to_owned(),
        line: error.line() as u64,
    }
}

/// Stops after so many bytes.
struct Limited<R> {
    inner: R,
    left: usize,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        self.left = self
            .left
            .checked_sub(count)
            .ok_or_else(|| io::Error::other(ReadError::TooLarge { limit_bytes: MAX_BYTES }))?;
        Ok(count)
    }
}
