//! The form of a file of cases.

use super::{Answer, Case, Telling};
use crate::{Act, Asker, Deed, LinkHolder, OpenMatching, Person, Recovery, Scope, SignIn};
use crate::{Thing, ThingKind};
use jiff::Timestamp;
use portcullis_types::{
    Audience, Body, Label, Level, OfficerId, OrganisationId, PersonId, Purpose, Role,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// Why a file of cases cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CasesError {
    /// It isn't TOML, or not of this form.
    #[error("`{file}` is no file of cases")]
    NotCases {
        /// The file.
        file: String,
        /// What the reader of TOML says.
        source: Box<toml::de::Error>,
    },
    /// Something in it makes no sense.
    #[error("`{file}`, {place}: {fault}")]
    Faulty {
        /// The file.
        file: String,
        /// Which case, asker or thing.
        place: String,
        /// What is wrong.
        fault: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    asker: BTreeMap<String, Table>,
    #[serde(default)]
    thing: BTreeMap<String, Table>,
    #[serde(default)]
    case: Vec<RawCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCase {
    name: String,
    asker: Value,
    act: Value,
    thing: Value,
    now: Option<Timestamp>,
    purpose: Option<Purpose>,
    #[serde(default)]
    recovery_code: bool,
    allowed: Option<BTreeSet<String>>,
    refused: Option<BTreeSet<String>>,
    failed: Option<BTreeSet<String>>,
    #[serde(default)]
    meaningless: bool,
    told: Option<String>,
}

/// When cases are asked that do not say it.
const NOON: &str = "2026-06-01T12:00:00Z";

/// How many names a definition may lead through.
const DEPTH: usize = 16;

pub(super) fn read<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Case>, CasesError> {
    let (mut askers, mut things) = (BTreeMap::new(), BTreeMap::new());
    let mut raw = Vec::new();
    for (name, text) in files {
        let file: File = toml::from_str(text).map_err(|error| CasesError::NotCases {
            file: name.to_owned(),
            source: Box::new(error),
        })?;
        pool(name, &mut askers, file.asker)?;
        pool(name, &mut things, file.thing)?;
        raw.extend(file.case.into_iter().map(|case| (name, case)));
    }
    let mut cases = Vec::new();
    for (file, case) in raw {
        let place = format!("case \"{}\"", case.name);
        let expanded = expand(file, &case, &askers, &things);
        cases.extend(expanded.map_err(|fault| faulty(file, place, fault))?);
    }
    Ok(cases)
}

fn faulty(file: &str, place: String, fault: String) -> CasesError {
    CasesError::Faulty { file: file.to_owned(), place, fault }
}

fn pool(
    file: &str,
    all: &mut BTreeMap<String, Table>,
    these: BTreeMap<String, Table>,
) -> Result<(), CasesError> {
    for (name, table) in these {
        if all.contains_key(&name) {
            let fault = "is there already under this name; choose another".to_owned();
            return Err(faulty(file, format!("`{name}`"), fault));
        }
        all.insert(name, table);
    }
    Ok(())
}

/// A case for each asker, act and thing that it names.
fn expand(
    file: &str,
    case: &RawCase,
    askers: &BTreeMap<String, Table>,
    things: &BTreeMap<String, Table>,
) -> Result<Vec<Case>, String> {
    let now = match case.now {
        Some(now) => now,
        None => NOON.parse().map_err(|error: jiff::Error| error.to_string())?,
    };
    let (expected, told) = (expected(case)?, telling(case)?);
    let mut cases = Vec::new();
    for asker in each(&case.asker) {
        let (asker_name, table) = resolve(asker, askers, DEPTH)?;
        let asker = asker_from(table)?;
        for act in each(&case.act) {
            let word = act.as_str().ok_or("an act is a word")?;
            let act =
                Act::from_code(word).ok_or_else(|| format!("there is no act called `{word}`"))?;
            let recovery = if case.recovery_code { Recovery::CodeGiven } else { Recovery::NoCode };
            for thing in each(&case.thing) {
                let (thing_name, table) = resolve(thing, things, DEPTH)?;
                cases.push(Case {
                    name: format!("{} ({asker_name}, {word}, {thing_name})", case.name),
                    file: file.to_owned(),
                    now,
                    asker: asker.clone(),
                    deed: Deed { act, purpose: case.purpose, recovery },
                    thing: thing_from(table)?,
                    expected: expected.clone(),
                    told,
                });
            }
        }
    }
    Ok(cases)
}

fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

fn expected(case: &RawCase) -> Result<Answer, String> {
    let answers = [
        case.allowed.clone().map(Answer::Allowed),
        case.refused.clone().map(Answer::Refused),
        case.failed.clone().map(Answer::Failed),
        case.meaningless.then_some(Answer::Meaningless),
    ];
    let mut given = answers.into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(answer), None) => Ok(answer),
        _ => {
            Err("needs exactly one of `allowed`, `refused`, `failed` and `meaningless`".to_owned())
        }
    }
}

fn telling(case: &RawCase) -> Result<Option<Telling>, String> {
    case.told
        .as_deref()
        .map(|word| match word {
            "absent" => Ok(Telling::Absent),
            "refused" => Ok(Telling::Refused),
            "confirm" => Ok(Telling::Confirm),
            _ => Err(format!("`told` is `absent`, `refused` or `confirm`, not `{word}`")),
        })
        .transpose()
}

/// What a name, or a table `like` one, stands for.
fn resolve(
    value: &Value,
    named: &BTreeMap<String, Table>,
    depth: usize,
) -> Result<(String, Table), String> {
    let depth = depth.checked_sub(1).ok_or("names lead in a circle")?;
    match value {
        Value::String(name) => {
            let table = named.get(name).ok_or_else(|| {
                let all: Vec<&str> = named.keys().map(String::as_str).collect();
                format!("nothing is called `{name}`; there are: {}", all.join(", "))
            })?;
            let (_, table) = resolve(&Value::Table(table.clone()), named, depth)?;
            Ok((name.clone(), table))
        }
        Value::Table(changes) => {
            let mut changes = changes.clone();
            let (name, mut table) = match changes.remove("like") {
                Some(like) => resolve(&like, named, depth)?,
                None => ("one of its own".to_owned(), Table::new()),
            };
            if let Some(without) = changes.remove("without") {
                for key in each(&without) {
                    let key = key.as_str().ok_or("`without` holds names of fields")?;
                    let gone = table.remove(key);
                    gone.ok_or_else(|| format!("`{name}` has no `{key}` to be without"))?;
                }
            }
            table.extend(changes);
            Ok((name, table))
        }
        _ => Err("an asker or a thing is a name or a table".to_owned()),
    }
}

fn parse<T: DeserializeOwned>(table: Table) -> Result<T, String> {
    table.try_into().map_err(|error: toml::de::Error| error.message().to_owned())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPerson {
    id: String,
    body: Body,
    #[serde(default)]
    roles: BTreeSet<Role>,
    #[serde(default)]
    clearance: Level,
    #[serde(default)]
    compartments: BTreeSet<Box<str>>,
    party: Option<OrganisationId>,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    signed_in_at: Option<Timestamp>,
    confirmed_at: Option<Timestamp>,
    scopes: Option<BTreeSet<Scope>>,
    token_until: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHolder {
    organisation: OrganisationId,
    purpose: Purpose,
    until: Timestamp,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAnonymous {
    #[serde(default)]
    matching_offered: bool,
}

fn asker_from(mut table: Table) -> Result<Asker, String> {
    let is = table.remove("is");
    match is.as_ref().map(|is| is.as_str().unwrap_or_default()) {
        None | Some("person") => person_from(parse(table)?),
        Some("link-holder") => {
            let RawHolder { organisation, purpose, until } = parse(table)?;
            Ok(Asker::LinkHolder(LinkHolder { organisation, purpose, until }))
        }
        Some("anonymous") => {
            let RawAnonymous { matching_offered } = parse(table)?;
            let matching =
                if matching_offered { OpenMatching::Offered } else { OpenMatching::Closed };
            Ok(Asker::Anonymous(matching))
        }
        Some(_) => Err("an asker is a `person`, a `link-holder` or `anonymous`".to_owned()),
    }
}

fn person_from(raw: RawPerson) -> Result<Asker, String> {
    let sign_in = match (raw.signed_in_at, raw.scopes, raw.token_until) {
        (Some(signed_in_at), None, None) => {
            SignIn::Session { signed_in_at, confirmed_at: raw.confirmed_at }
        }
        (None, Some(scopes), Some(until)) if raw.confirmed_at.is_none() => {
            SignIn::Token { scopes, until }
        }
        _ => {
            return Err("a person has `signed_in_at` and perhaps `confirmed_at`, \
                        or else `scopes` and `token_until`"
                .to_owned());
        }
    };
    Ok(Asker::from(Person {
        id: person(&raw.id)?,
        body: raw.body,
        roles: raw.roles,
        clearance: raw.clearance,
        compartments: raw.compartments,
        party: raw.party,
        from: raw.from,
        until: raw.until,
        sign_in,
    }))
}

/// `organisation/account`.
fn person(text: &str) -> Result<PersonId, String> {
    let parts = text.split_once('/').ok_or("a person is written `organisation/account`")?;
    let organisation = OrganisationId::new(parts.0).map_err(|error| error.to_string())?;
    let officer = OfficerId::new(parts.1).map_err(|error| error.to_string())?;
    Ok(PersonId { organisation, officer })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawThing {
    kind: ThingKind,
    #[serde(default)]
    level: Level,
    #[serde(default)]
    compartments: BTreeSet<Box<str>>,
    #[serde(default)]
    handling: BTreeSet<Box<str>>,
    organisations: Option<BTreeSet<OrganisationId>>,
    people: Option<Vec<String>>,
    controller: OrganisationId,
    originator: Option<OrganisationId>,
    party: Option<OrganisationId>,
    #[serde(default)]
    parties: BTreeSet<OrganisationId>,
    #[serde(default)]
    originators: BTreeSet<OrganisationId>,
    author: Option<String>,
    subject: Option<String>,
    purpose: Option<Purpose>,
    #[serde(default)]
    recipients: Vec<String>,
    #[serde(default)]
    outside: Vec<String>,
}

fn thing_from(table: Table) -> Result<Thing, String> {
    let raw: RawThing = parse(table)?;
    let people = |these: Vec<String>| these.iter().map(|one| person(one)).collect();
    let named: Option<BTreeSet<PersonId>> = raw.people.map(people).transpose()?;
    Ok(Thing {
        kind: raw.kind,
        label: Label {
            level: raw.level,
            compartments: raw.compartments,
            handling: raw.handling,
            organisations: raw.organisations.map_or(Audience::Everyone, Audience::Only),
            people: named.map_or(Audience::Everyone, Audience::Only),
            parties: raw.parties,
            originators: raw.originators,
        },
        originator: raw.originator.unwrap_or_else(|| raw.controller.clone()),
        controller: raw.controller,
        party: raw.party,
        author: raw.author.as_deref().map(person).transpose()?,
        subject: raw.subject.as_deref().map(person).transpose()?,
        purpose: raw.purpose,
        recipients: people(raw.recipients)?,
        outside: people(raw.outside)?,
    })
}
