//! Members of a parliament in Popolo JSON, as `EveryPolitician` ships them.
//!
//! Persons become dossiers; memberships their positions. A name may be a text or an object by
//! language ("lang:en"). E-mail addresses and contact details are never read into memory beyond the
//! parser's own buffer. The file is one JSON object and is read as a whole, up to 100 MB.

use super::draft::{Draft, emit};
use super::out::Out;
use crate::bytes::Guarded;
use crate::dates::{self, Order};
use crate::{ReadError, SetAside};
use portcullis_types::{PartialDate, Property, Schema, Validity};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufReader, Read};

const MAX_BYTES: usize = 100_000_000;

#[derive(Deserialize)]
struct File {
    persons: Vec<Person>,
    #[serde(default)]
    organizations: Vec<Named>,
    #[serde(default)]
    areas: Vec<Named>,
    #[serde(default)]
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
    #[serde(default)]
    other_names: Vec<OtherName>,
    #[serde(default)]
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

/// A text, or texts by language, or something that is no text and says nothing here.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    One(String),
    ByLanguage(BTreeMap<String, String>),
    Number(i64),
    Other(IgnoredAny),
}

impl Default for Text {
    fn default() -> Self {
        Self::Other(IgnoredAny)
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
            Self::Number(_) | Self::Other(_) => Vec::new(),
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
    for (name, number) in person.name.all().into_iter().zip(0..) {
        draft.say(if number == 0 { Property::Name } else { Property::Alias }, name, row);
    }
    for other in &person.other_names {
        for name in other.name.all() {
            let when = Validity { from: other.start_date.day(), to: other.end_date.day() };
            if !draft.is_named(name) {
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
