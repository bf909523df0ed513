//! The lists of the US Office of Foreign Assets Control as XML (`sdn.xml`, `consolidated.xml`):
//! `sdnEntry` elements, streamed one by one. An alias of the category "weak" is a weak alias.

use super::draft::{Draft, address, emit, joined};
use super::out::Out;
use crate::dates::{self, Order};
use crate::xml::{Element, Subjects};
use crate::{ReadError, SetAside};
use portcullis_types::{Property, Schema};
use std::io::Read;

const EXPECTED: &str = "the OFAC list (XML with sdnList at its root)";

pub(super) fn read(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    // The publisher spells the second one so.
    let mut subjects = Subjects::new(source, &["sdnEntry", "publshInformation"]);
    match subjects.next_subject()? {
        Some(root) if root.name == "sdnList" => {}
        other => {
            return Err(ReadError::NotThisFormat {
                expected: EXPECTED,
                found: other.map_or("nothing", |_| "another root element").to_owned(),
                line: 1,
            });
        }
    }
    while let Some(subject) = subjects.next_subject()? {
        if subject.name == "publshInformation" {
            if let Some(date) = dates::read(subject.child("Publish_Date"), Order::MonthFirst) {
                out.issued(date);
            }
            continue;
        }
        out.row();
        one(&subject, out);
    }
    Ok(())
}

fn whole(element: &Element) -> String {
    joined([element.child("firstName"), element.child("lastName")])
}

fn one(subject: &Element, out: &mut Out<'_>) {
    let schema = match subject.child("sdnType").to_lowercase().as_str() {
        "individual" => Schema::Person,
        "vessel" => Schema::Vessel,
        "aircraft" => Schema::Airplane,
        _ => Schema::Organization,
    };
    let mut draft = match Draft::new(out, subject.child("uid"), schema) {
        Ok(draft) => draft,
        Err(reason) => {
            let raw = whole(subject).as_str().into();
            out.aside(SetAside { line: subject.line, column: None, reason, raw });
            return;
        }
    };
    let row = subject.line;
    draft.say(Property::Name, &whole(subject), row);
    if schema == Schema::Person {
        draft.say(Property::FirstName, subject.child("firstName"), row);
        draft.say(Property::LastName, subject.child("lastName"), row);
    }
    draft.say(Property::Position, subject.child("title"), row);
    draft.say(Property::Notes, subject.child("remarks"), row);
    for program in subject.descendants("program") {
        draft.say(Property::Program, program.text(), program.line);
    }
    for alias in subject.descendants("aka") {
        let kind = alias.child("type").to_lowercase();
        let property = if alias.child("category").eq_ignore_ascii_case("weak") {
            Property::WeakAlias
        } else if kind.starts_with('f') {
            Property::PreviousName
        } else {
            Property::Alias
        };
        draft.say(property, &whole(alias), alias.line);
    }
    for (element, value) in [("nationality", "country"), ("citizenship", "country")] {
        for found in subject.descendants(element) {
            draft.say_country(Property::Nationality, found.child(value), found.line);
        }
    }
    for birth in subject.descendants("dateOfBirthItem") {
        let text = birth.child("dateOfBirth");
        let date = dates::read_birth(text, Order::DayFirst);
        draft.say_date(Property::BirthDate, date, text, birth.line);
    }
    for birth in subject.descendants("placeOfBirthItem") {
        let place = birth.child("placeOfBirth");
        draft.say(Property::BirthPlace, place, birth.line);
        let country = place.rsplit(", ").next().unwrap_or(place);
        if crate::country::country_code(country).is_some() {
            draft.say_country(Property::BirthCountry, country, birth.line);
        }
    }
    for place in subject.descendants("address") {
        let parts = [
            "address1",
            "address2",
            "address3",
            "city",
            "stateOrProvince",
            "postalCode",
            "country",
        ];
        let whole = address(parts.map(|part| place.child(part)));
        draft.say(Property::Address, &whole, place.line);
        draft.say_country(Property::Country, place.child("country"), place.line);
    }
    for id in subject.descendants("id") {
        say_id(&mut draft, id);
    }
    for vessel in subject.all("vesselInfo") {
        for part in ["callSign", "vesselType", "tonnage", "grossRegisteredTonnage", "vesselOwner"] {
            draft.say(Property::from_name(part), vessel.child(part), vessel.line);
        }
        draft.say_country(Property::from_name("flag"), vessel.child("vesselFlag"), vessel.line);
    }
    draft.say(Property::Topics, "sanction", row);
    emit(draft, out);
}

/// States an identifier by the words of its type, which are those of the remarks in the CSV.
fn say_id(draft: &mut Draft, id: &Element) {
    let text = joined([id.child("idType"), id.child("idNumber")]);
    let country = id.child("idCountry");
    let text = if country.is_empty() { text } else { format!("{text} ({country})") };
    super::ofac::say_remark(draft, &text, id.line);
}
