//! Two records side by side: what each says, and how the comparison took it.

use crate::report::words;
use crate::screen::finding::{Record, Subject};
use portcullis_types::{Dossier, Evidence, Property, Schema};

/// How the two sides of a fact relate. Said in a symbol and in words, never in colour alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Same,
    Alike,
    Differs,
    OneSide,
    NotCompared,
}

impl Mark {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Alike => "alike",
            Self::Differs => "differs",
            Self::OneSide | Self::NotCompared => "none",
        }
    }

    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Same => "=",
            Self::Alike => "\u{2248}",
            Self::Differs => "\u{2260}",
            Self::OneSide => "?",
            Self::NotCompared => "\u{b7}",
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Same => "agrees",
            Self::Alike => "alike",
            Self::Differs => "differs",
            Self::OneSide => "counts for nothing",
            Self::NotCompared => "not compared",
        }
    }
}

/// A row of the comparison.
#[derive(Debug)]
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) given: Vec<String>,
    pub(super) listed: Vec<String>,
    pub(super) mark: Mark,
}

/// Most values of one fact that are shown.
const SHOWN: usize = 6;

/// The facts of both sides, row by row. What neither side states has no row.
pub(super) fn facts(subject: &Subject, record: &Record) -> Vec<Fact> {
    let (given, listed) = (&subject.dossier, &record.dossier);
    let mut facts = vec![Fact {
        label: "Name",
        given: vec![subject.name.reveal().to_owned()],
        listed: vec![record.matched_name.reveal().to_owned()],
        mark: name_mark(record),
    }];
    let mut row = |label, properties: &[Property], mark: Mark| {
        let (given, listed) = (values(given, properties), values(listed, properties));
        if !given.is_empty() || !listed.is_empty() {
            let one_side = given.is_empty() || listed.is_empty();
            let mark = if one_side && mark != Mark::NotCompared { Mark::OneSide } else { mark };
            facts.push(Fact { label, given, listed, mark });
        }
    };
    row("Date of birth", &[Property::BirthDate], birth_mark(record));
    row(
        "Countries",
        &[Property::Nationality, Property::Country, Property::Jurisdiction],
        mark(record, Evidence::CountryAgrees, Evidence::CountryDiffers),
    );
    row(
        "Numbers",
        &[
            Property::PassportNumber,
            Property::IdNumber,
            Property::RegistrationNumber,
            Property::TaxNumber,
            Property::LeiCode,
        ],
        mark(record, Evidence::IdentifierAgrees, Evidence::IdentifierDiffers),
    );
    row("Gender", &[Property::Gender], gender_mark(record));
    for (label, property) in [
        ("Place of birth", Property::BirthPlace),
        ("Office or work", Property::Position),
        ("Address", Property::Address),
        ("Listed under", Property::Program),
    ] {
        row(label, &[property], Mark::NotCompared);
    }
    facts.insert(1, kinds(given, listed, record));
    if let Some(names) = other_names(record) {
        facts.insert(1, names);
    }
    facts
}

fn kinds(given: &Dossier, listed: &Dossier, record: &Record) -> Fact {
    let kind = |schema: Schema| match schema {
        Schema::Person => "person".to_owned(),
        Schema::Company => "company".to_owned(),
        Schema::LegalEntity => "person or body, not said which".to_owned(),
        Schema::Organization => "organisation".to_owned(),
        Schema::PublicBody => "public body".to_owned(),
        other => other.name().to_lowercase(),
    };
    let mark = if has(record, Evidence::SchemaDiffers) {
        Mark::Differs
    } else if given.schema == listed.schema {
        Mark::Same
    } else {
        Mark::Alike
    };
    Fact { label: "Kind", given: vec![kind(given.schema)], listed: vec![kind(listed.schema)], mark }
}

fn other_names(record: &Record) -> Option<Fact> {
    let mut listed: Vec<String> = record
        .dossier
        .statements
        .iter()
        .filter(|s| s.property.is_name() && s.value != record.matched_name)
        .map(|s| match s.property {
            Property::WeakAlias => format!("{} (weak alias)", s.value.reveal()),
            Property::PreviousName => format!("{} (former name)", s.value.reveal()),
            _ => s.value.reveal().to_owned(),
        })
        .collect();
    shorten(&mut listed);
    (!listed.is_empty()).then_some(Fact {
        label: "Other names",
        given: Vec::new(),
        listed,
        mark: Mark::NotCompared,
    })
}

fn values(dossier: &Dossier, properties: &[Property]) -> Vec<String> {
    let numbered = properties.len() > 3;
    let mut values: Vec<String> = Vec::new();
    for property in properties {
        for value in dossier.values(property) {
            let text = match property {
                Property::Nationality | Property::Country | Property::Jurisdiction => {
                    value.to_uppercase()
                }
                Property::BirthDate => birth_date(value),
                _ if numbered => format!("{} {value}", words::property(property)),
                _ => value.to_owned(),
            };
            if !values.contains(&text) {
                values.push(text);
            }
        }
    }
    shorten(&mut values);
    values
}

fn birth_date(value: &str) -> String {
    let Ok(date) = value.parse::<portcullis_types::PartialDate>() else {
        return value.to_owned();
    };
    let plain = value.trim_end_matches(['~', '?']);
    match date.doubt() {
        portcullis_types::Doubt::None => value.to_owned(),
        portcullis_types::Doubt::Circa => format!("about {plain}"),
        portcullis_types::Doubt::MayBeDefault => {
            format!("{plain} (day and month may be a stand-in)")
        }
    }
}

fn shorten(values: &mut Vec<String>) {
    if values.len() > SHOWN {
        let more = values.len() - SHOWN;
        values.truncate(SHOWN);
        values.push(format!("and {more} more"));
    }
}

fn has(record: &Record, evidence: Evidence) -> bool {
    record.pair.reasons.iter().any(|reason| reason.evidence == evidence)
}

fn mark(record: &Record, agrees: Evidence, differs: Evidence) -> Mark {
    if has(record, agrees) {
        Mark::Same
    } else if has(record, differs) {
        Mark::Differs
    } else {
        Mark::NotCompared
    }
}

fn birth_mark(record: &Record) -> Mark {
    if has(record, Evidence::BirthDateClose) {
        return Mark::Alike;
    }
    match mark(record, Evidence::BirthDateAgrees, Evidence::BirthDateDiffers) {
        // Both sides state one, yet neither agrees nor contradicts: the one leaves room for the other.
        Mark::NotCompared => Mark::OneSide,
        mark => mark,
    }
}

fn gender_mark(record: &Record) -> Mark {
    if has(record, Evidence::GenderDiffers) { Mark::Differs } else { Mark::NotCompared }
}

fn name_mark(record: &Record) -> Mark {
    let differs = [Evidence::NamePartDiffers, Evidence::NumberDiffers];
    let alike = [
        Evidence::NamePartAlike,
        Evidence::NamePartMissing,
        Evidence::Initial,
        Evidence::NameOrder,
        Evidence::CrossScript,
        Evidence::LegalFormDiffers,
    ];
    let any = |kinds: &[Evidence]| kinds.iter().any(|kind| has(record, *kind));
    if any(&differs) {
        Mark::Differs
    } else if any(&alike) {
        Mark::Alike
    } else {
        Mark::Same
    }
}

/// What could settle the question but is not stated, in a sentence or two; empty when nothing is.
pub(super) fn missing(subject: &Subject, record: &Record) -> String {
    let lacks = |dossier: &Dossier, properties: &[Property]| {
        properties.iter().all(|property| dossier.values(property).next().is_none())
    };
    let is_person = subject.dossier.schema == Schema::Person
        || (subject.dossier.schema == Schema::LegalEntity
            && record.dossier.schema == Schema::Person);
    let born: &[Property] = &[Property::BirthDate];
    let numbers: &[Property] =
        &[Property::RegistrationNumber, Property::TaxNumber, Property::LeiCode];
    let countries: &[Property] =
        &[Property::Nationality, Property::Country, Property::Jurisdiction];
    let (settles, what) =
        if is_person { (born, "date of birth") } else { (numbers, "company number") };
    let mut here = Vec::new();
    let mut there = Vec::new();
    for (properties, what) in [(settles, what), (countries, "country")] {
        if lacks(&subject.dossier, properties) {
            here.push(what);
        }
        if lacks(&record.dossier, properties) {
            there.push(what);
        }
    }
    let mut sentences = Vec::new();
    if !here.is_empty() {
        sentences.push(format!(
            "Your file gives no {}; to ask for {} would help to settle this.",
            here.join(" and no "),
            if here.len() == 1 { "it" } else { "them" }
        ));
    }
    if !there.is_empty() {
        sentences.push(format!("The list gives no {}.", there.join(" and no ")));
    }
    sentences.join(" ")
}
