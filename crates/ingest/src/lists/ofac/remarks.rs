//! The remarks of OFAC: "DOB 14 Mar 1958; alt. DOB circa 1960; POB Exampleton, Italy; Passport
//! X123 (Italy); a.k.a. 'WEAK ONE'."
//!
//! Every part between semicolons becomes a statement: of its own property where its first words
//! are known, else a note, so that nothing of the remarks is lost.

use super::super::draft::Draft;
use crate::dates::{self, Order};
use portcullis_types::Property;

/// What the first words of a part say about the rest of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    BirthDate,
    BirthPlace,
    Nationality,
    Gender,
    Passport,
    Identity,
    Tax,
    Registration,
    Swift,
    Imo,
    Founded,
    Website,
    Email,
    Phone,
    LinkedTo,
    Alias,
    PreviousName,
    Wallet,
}

/// First words as OFAC writes them. Of several that fit, the longest counts.
const RULES: &[(&str, Rule)] = &[
    ("DOB ", Rule::BirthDate),
    ("POB ", Rule::BirthPlace),
    ("nationality ", Rule::Nationality),
    ("citizen ", Rule::Nationality),
    ("Gender ", Rule::Gender),
    ("Passport ", Rule::Passport),
    ("Diplomatic Passport ", Rule::Passport),
    ("Stateless Person Passport ", Rule::Passport),
    ("National ID No. ", Rule::Identity),
    ("National Foreign ID Number ", Rule::Identity),
    ("Identification Number ", Rule::Identity),
    ("Identification Number IMO ", Rule::Imo),
    ("Personal ID Card ", Rule::Identity),
    ("Cedula No. ", Rule::Identity),
    ("Cedula de Ciudadania ", Rule::Identity),
    ("Cedula de Extranjeria ", Rule::Identity),
    ("D.N.I. ", Rule::Identity),
    ("SSN ", Rule::Identity),
    ("C.U.R.P. ", Rule::Identity),
    ("Electoral Registry No. ", Rule::Identity),
    ("Driver's License No. ", Rule::Identity),
    ("Birth Certificate Number ", Rule::Identity),
    ("Residency Number ", Rule::Identity),
    ("Moroccan Personal ID No. ", Rule::Identity),
    ("Turkish Identification Number ", Rule::Identity),
    ("Tax ID No. ", Rule::Tax),
    ("NIT # ", Rule::Tax),
    ("RUC # ", Rule::Tax),
    ("RIF # ", Rule::Tax),
    ("R.F.C. ", Rule::Tax),
    ("RTN ", Rule::Tax),
    ("C.U.I.T. ", Rule::Tax),
    ("V.A.T. Number ", Rule::Tax),
    ("Italian Fiscal Code ", Rule::Tax),
    ("Registration Number ", Rule::Registration),
    ("Registration ID ", Rule::Registration),
    ("Company Number ", Rule::Registration),
    ("Company Number IMO ", Rule::Imo),
    ("UK Company Number ", Rule::Registration),
    ("Business Registration Number ", Rule::Registration),
    ("Business Registration Document # ", Rule::Registration),
    ("Commercial Registry Number ", Rule::Registration),
    ("Chamber of Commerce Number ", Rule::Registration),
    ("Istanbul Chamber of Comm. No. ", Rule::Registration),
    ("Public Registration Number ", Rule::Registration),
    ("Central Registration System Number ", Rule::Registration),
    ("Unified Social Credit Code (USCC) ", Rule::Registration),
    ("Legal Entity Number ", Rule::Registration),
    ("Folio Mercantil No. ", Rule::Registration),
    ("Matricula Mercantil No ", Rule::Registration),
    ("Trade License No. ", Rule::Registration),
    ("C.R. No. ", Rule::Registration),
    ("Enterprise Number ", Rule::Registration),
    ("SWIFT/BIC ", Rule::Swift),
    ("Vessel Registration Identification IMO ", Rule::Imo),
    ("Organization Established Date ", Rule::Founded),
    ("Website ", Rule::Website),
    ("Email Address ", Rule::Email),
    ("Phone Number ", Rule::Phone),
    ("Telephone ", Rule::Phone),
    ("Linked To: ", Rule::LinkedTo),
    ("a.k.a. ", Rule::Alias),
    ("f.k.a. ", Rule::PreviousName),
    ("Digital Currency Address - ", Rule::Wallet),
];

/// States every part of the remarks.
pub(super) fn say(draft: &mut Draft, remarks: &str, row: u64) {
    for part in parts(remarks) {
        say_one(draft, part, row);
    }
}

/// States one part of the remarks.
pub(in crate::lists) fn say_one(draft: &mut Draft, part: &str, row: u64) {
    let plain = part.strip_prefix("alt. ").unwrap_or(part);
    let fitting = RULES.iter().filter(|(words, _)| plain.starts_with(words));
    match fitting.max_by_key(|(words, _)| words.len()) {
        Some((words, rule)) => {
            apply(draft, *rule, plain.get(words.len()..).unwrap_or_default(), part, row);
        }
        None => draft.say(Property::Notes, part, row),
    }
}

/// Parts the remarks at semicolons outside brackets and quotation marks; the full stop at the end
/// goes.
fn parts(remarks: &str) -> Vec<&str> {
    let remarks = remarks.trim();
    let remarks = remarks.strip_suffix('.').unwrap_or(remarks);
    let mut found = Vec::new();
    let (mut depth, mut from) = (0_i32, 0);
    for (at, letter) in remarks.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = (depth - 1).max(0),
            ';' if depth == 0 => {
                found.push(remarks.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    let last = remarks.get(from..).unwrap_or_default();
    if depth > 0 {
        // A bracket that is never closed must not hide the rest.
        found.extend(last.split(';'));
    } else {
        found.push(last);
    }
    found.retain_mut(|part| {
        *part = part.trim();
        !part.is_empty()
    });
    found
}

fn apply(draft: &mut Draft, rule: Rule, value: &str, part: &str, row: u64) {
    match rule {
        Rule::BirthDate => {
            draft.say_date(
                Property::BirthDate,
                dates::read_birth(value, Order::DayFirst),
                value,
                row,
            );
        }
        Rule::Founded => {
            draft.say_date(
                Property::IncorporationDate,
                dates::read(value, Order::DayFirst),
                value,
                row,
            );
        }
        Rule::BirthPlace => {
            draft.say(Property::BirthPlace, value, row);
            let country = value.rsplit(", ").next().unwrap_or(value);
            if crate::country::country_code(country).is_some() {
                draft.say_country(Property::BirthCountry, country, row);
            }
        }
        Rule::Nationality => draft.say_country(Property::Nationality, value, row),
        Rule::Gender => draft.say_gender(value, row),
        Rule::Passport => say_number(draft, Property::PassportNumber, value, part, row),
        Rule::Identity => say_number(draft, Property::IdNumber, value, part, row),
        Rule::Tax => say_number(draft, Property::TaxNumber, value, part, row),
        Rule::Registration => say_number(draft, Property::RegistrationNumber, value, part, row),
        Rule::Swift => say_number(draft, Property::SwiftBic, value, part, row),
        Rule::Imo => say_number(draft, Property::ImoNumber, value, part, row),
        Rule::Website => draft.say(Property::Website, value, row),
        Rule::Email => draft.say(Property::Email, value, row),
        Rule::Phone => draft.say(Property::Phone, value, row),
        Rule::LinkedTo => draft.say(Property::from_name("linkedTo"), value, row),
        Rule::Wallet => draft.say(Property::from_name("publicKey"), value, row),
        Rule::Alias => match value.strip_prefix(['\'', '"']) {
            // OFAC puts what it calls a weak alias into the remarks, in quotation marks.
            Some(weak) => draft.say(Property::WeakAlias, weak.trim_end_matches(['\'', '"']), row),
            None => draft.say(Property::Alias, value, row),
        },
        Rule::PreviousName => {
            draft.say(Property::PreviousName, value.trim_matches(['\'', '"']), row);
        }
    }
}

/// States a number without the country and dates that follow it in brackets; the whole part is kept
/// as its published form.
fn say_number(draft: &mut Draft, property: Property, value: &str, part: &str, row: u64) {
    let number = value.split(" (").next().unwrap_or(value);
    let number = number.split(" issued ").next().unwrap_or(number);
    let number = number.split(" expires ").next().unwrap_or(number);
    draft.say_as(property, number.trim(), part, row);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn remarks_are_parted_at_semicolons_outside_brackets() {
        assert_eq!(
            parts("DOB 1958; Passport X1 (Italy; expired); a.k.a. 'X'."),
            ["DOB 1958", "Passport X1 (Italy; expired)", "a.k.a. 'X'"]
        );
        assert_eq!(parts("Passport X1 (Italy; DOB 1958"), ["Passport X1 (Italy", "DOB 1958"]);
    }

    proptest! {
        #[test]
        fn no_remarks_make_it_panic(text in "\\PC{0,80}") {
            let _ = parts(&text);
        }
    }
}
