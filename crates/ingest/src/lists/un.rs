//! The consolidated list of the United Nations Security Council, XML.
//!
//! Names stand in up to four parts whose order the publisher does not define, so they are joined
//! and no part is called a family name. An alias of quality "Low" is a weak alias; "f.k.a." a
//! previous name; an empty alias is none.

use super::draft::{Draft, address, emit, joined};
use super::out::Out;
use crate::dates::{self, Order};
use crate::xml::{Element, Subjects};
use crate::{ReadError, SetAside};
use portcullis_types::{PartialDate, Property, Schema};
use std::io::Read;

const EXPECTED: &str = "the UN consolidated list (XML with CONSOLIDATED_LIST at its root)";

pub(super) fn read(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    let mut subjects = Subjects::new(source, &["INDIVIDUAL", "ENTITY"]);
    let root = subjects.next_subject()?;
    match root {
        Some(root) if root.name == "CONSOLIDATED_LIST" => {
            if let Some(date) = dates::read(root.attribute("dateGenerated"), Order::DayFirst) {
                out.issued(date);
            }
        }
        other => {
            return Err(ReadError::NotThisFormat {
                expected: EXPECTED,
                found: other.map_or("nothing", |_| "another root element").to_owned(),
                line: 1,
            });
        }
    }
    while let Some(subject) = subjects.next_subject()? {
        out.row();
        one(&subject, out);
    }
    Ok(())
}

fn one(subject: &Element, out: &mut Out<'_>) {
    let person = subject.name == "INDIVIDUAL";
    let reference = subject.child("REFERENCE_NUMBER");
    let id = if reference.is_empty() { subject.child("DATAID") } else { reference };
    let schema = if person { Schema::Person } else { Schema::Organization };
    let mut draft = match Draft::new(out, id, schema) {
        Ok(draft) => draft,
        Err(reason) => {
            out.aside(SetAside {
                line: subject.line,
                column: None,
                reason,
                raw: names(subject).as_str().into(),
            });
            return;
        }
    };
    let row = subject.line;
    draft.say(Property::Name, &names(subject), row);
    draft.say(Property::Alias, subject.child("NAME_ORIGINAL_SCRIPT"), row);
    for alias in subject.all("INDIVIDUAL_ALIAS").chain(subject.all("ENTITY_ALIAS")) {
        say_alias(&mut draft, alias);
    }
    say_birth(&mut draft, subject);
    for nationality in values(subject, "NATIONALITY") {
        draft.say_country(Property::Nationality, nationality, row);
    }
    draft.say_gender(subject.child("GENDER"), row);
    for title in values(subject, "TITLE") {
        draft.say(Property::Title, title, row);
    }
    for position in values(subject, "DESIGNATION") {
        draft.say(Property::Position, position, row);
    }
    for place in subject.all("INDIVIDUAL_ADDRESS").chain(subject.all("ENTITY_ADDRESS")) {
        let parts = ["STREET", "CITY", "STATE_PROVINCE", "ZIP_CODE", "COUNTRY"];
        draft.say(Property::Address, &address(parts.map(|p| place.child(p))), place.line);
        draft.say_country(Property::Country, place.child("COUNTRY"), place.line);
    }
    for document in subject.all("INDIVIDUAL_DOCUMENT") {
        say_document(&mut draft, document);
    }
    draft.say(Property::Program, subject.child("UN_LIST_TYPE"), row);
    draft.say(Property::from_name("unscId"), reference, row);
    draft.say(Property::Notes, subject.child("COMMENTS1"), row);
    say_day(&mut draft, "listingDate", subject.child("LISTED_ON"), row);
    for day in values(subject, "LAST_DAY_UPDATED") {
        say_day(&mut draft, "modifiedAt", day, row);
    }
    draft.say(Property::Topics, "sanction", row);
    emit(draft, out);
}

fn names(subject: &Element) -> String {
    joined(["FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME"].map(|p| subject.child(p)))
}

fn values<'a>(subject: &'a Element, name: &'a str) -> impl Iterator<Item = &'a str> {
    subject.all(name).flat_map(|list| list.all("VALUE")).map(Element::text)
}

fn say_alias(draft: &mut Draft, alias: &Element) {
    let property = match alias.child("QUALITY").to_lowercase().as_str() {
        "low" => Property::WeakAlias,
        "f.k.a." | "fka" => Property::PreviousName,
        _ => Property::Alias,
    };
    // Several names may stand in one element, parted by semicolons.
    for name in alias.child("ALIAS_NAME").split(';') {
        draft.say(property.clone(), name, alias.line);
    }
    draft.say(Property::Alias, alias.child("NAME_ORIGINAL_SCRIPT"), alias.line);
    say_born(draft, alias.child("DATE_OF_BIRTH"), alias.line);
    let place = address([alias.child("CITY_OF_BIRTH"), alias.child("COUNTRY_OF_BIRTH")]);
    draft.say(Property::BirthPlace, &place, alias.line);
    draft.say_country(Property::BirthCountry, alias.child("COUNTRY_OF_BIRTH"), alias.line);
    draft.say(Property::Notes, alias.child("NOTE"), alias.line);
}

fn say_born(draft: &mut Draft, text: &str, row: u64) {
    draft.say_date(Property::BirthDate, dates::read_birth(text, Order::DayFirst), text, row);
}

fn say_birth(draft: &mut Draft, subject: &Element) {
    for birth in subject.all("INDIVIDUAL_DATE_OF_BIRTH") {
        if let Some(date) = birth_date(birth) {
            draft.say(Property::BirthDate, &date.to_string(), birth.line);
        } else {
            say_born(draft, birth.child("DATE"), birth.line);
        }
        draft.say(Property::Notes, birth.child("NOTE"), birth.line);
    }
    for place in subject.all("INDIVIDUAL_PLACE_OF_BIRTH") {
        let parts = ["CITY", "STATE_PROVINCE", "COUNTRY"];
        draft.say(Property::BirthPlace, &address(parts.map(|p| place.child(p))), place.line);
        draft.say_country(Property::BirthCountry, place.child("COUNTRY"), place.line);
    }
}

fn birth_date(birth: &Element) -> Option<PartialDate> {
    let year = |name: &str| dates::from_parts(birth.child(name), "", "");
    let date = match (year("FROM_YEAR"), year("TO_YEAR")) {
        (Some(from), Some(to)) => dates::span(from, to).ok()?,
        _ => dates::read_birth(birth.child("DATE"), Order::DayFirst).or_else(|| year("YEAR"))?,
    };
    // "APPROXIMATELY"; "BETWEEN" and "EXACT" say what the date itself says.
    let about = birth.child("TYPE_OF_DATE").to_uppercase().starts_with("APPROX");
    Some(if about { date.circa() } else { date })
}

fn say_document(draft: &mut Draft, document: &Element) {
    let kind = joined([document.child("TYPE_OF_DOCUMENT"), document.child("TYPE_OF_DOCUMENT2")]);
    let property = if kind.to_lowercase().contains("passport") {
        Property::PassportNumber
    } else {
        Property::IdNumber
    };
    draft.say(property, document.child("NUMBER"), document.line);
    let about = joined([
        kind.as_str(),
        document.child("ISSUING_COUNTRY"),
        document.child("COUNTRY_OF_ISSUE"),
        document.child("CITY_OF_ISSUE"),
        document.child("DATE_OF_ISSUE"),
        document.child("NOTE"),
    ]);
    if !document.child("NUMBER").is_empty() {
        draft.say(Property::from_name("documentNote"), &about, document.line);
    }
}

fn say_day(draft: &mut Draft, property: &str, text: &str, row: u64) {
    let date = dates::read(text, Order::DayFirst);
    draft.say_date(Property::from_name(property), date, text, row);
}
