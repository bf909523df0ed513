//! The EU's consolidated financial sanctions list, XML: `sanctionEntity` elements whose values
//! stand in attributes. A name with `strong="false"` is a weak alias.

use super::draft::{Draft, address, emit, joined};
use super::eu::{self, Birth};
use super::out::Out;
use crate::dates::{self, Order};
use crate::xml::{Element, Subjects};
use crate::{ReadError, SetAside};
use portcullis_types::{Property, Schema};
use std::io::Read;

const EXPECTED: &str = "the EU financial sanctions list (XML with export at its root)";

pub(super) fn read(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    let mut subjects = Subjects::new(source, &["sanctionEntity"]);
    match subjects.next_subject()? {
        Some(root) if root.name == "export" => {
            let day = root.attribute("generationDate").get(..10).unwrap_or_default();
            if let Some(date) = dates::read(day, Order::DayFirst) {
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
    let reference = subject.attribute("euReferenceNumber");
    let id = if reference.is_empty() { subject.attribute("logicalId") } else { reference };
    let kind = subject.all("subjectType").next().map_or("", |kind| {
        let code = kind.attribute("classificationCode");
        if code.is_empty() { kind.attribute("code") } else { code }
    });
    let mut draft = match Draft::new(out, id, eu::schema(kind)) {
        Ok(draft) => draft,
        Err(reason) => {
            let names = subject.all("nameAlias").map(|name| name.attribute("wholeName"));
            let raw = joined(names).as_str().into();
            out.aside(SetAside { line: subject.line, column: None, reason, raw });
            return;
        }
    };
    let row = subject.line;
    draft.say(Property::from_name("unscId"), subject.attribute("unitedNationId"), row);
    let listed = subject.attribute("designationDate");
    let day = dates::read(listed, Order::DayFirst);
    draft.say_date(Property::from_name("listingDate"), day, listed, row);
    for remark in subject.all("remark") {
        draft.say(Property::Notes, remark.text(), remark.line);
    }
    for regulation in subject.all("regulation") {
        draft.say(Property::Program, regulation.attribute("programme"), regulation.line);
        draft.say(Property::SourceUrl, regulation.child("publicationUrl"), regulation.line);
    }
    for name in subject.all("nameAlias") {
        say_name(&mut draft, name);
    }
    for birth in subject.all("birthdate") {
        say_birth(&mut draft, birth);
    }
    for citizenship in subject.all("citizenship") {
        say_country(&mut draft, Property::Nationality, citizenship);
    }
    for place in subject.all("address") {
        let parts = ["street", "poBox", "place", "city", "region", "zipCode", "countryDescription"];
        let whole = address(parts.map(|part| place.attribute(part)));
        draft.say(Property::Address, &whole, place.line);
        say_country(&mut draft, Property::Country, place);
    }
    for number in subject.all("identification") {
        let property = eu::identifier(number.attribute("identificationTypeCode"));
        let value = match number.attribute("number") {
            "" => number.attribute("latinNumber"),
            value => value,
        };
        draft.say(property, value, number.line);
        let about = ["identificationTypeDescription", "countryDescription", "issuedBy"];
        let about = joined(about.map(|part| number.attribute(part)));
        draft.say(Property::from_name("documentNote"), &about, number.line);
    }
    draft.say(Property::Topics, "sanction", row);
    emit(draft, out);
}

fn say_name(draft: &mut Draft, name: &Element) {
    let parts = ["firstName", "middleName", "lastName"].map(|part| name.attribute(part));
    let whole = match name.attribute("wholeName") {
        "" => joined(parts),
        whole => whole.to_owned(),
    };
    let weak = name.attribute("strong").eq_ignore_ascii_case("false");
    let first = !weak && !draft.has_main_name() && !whole.is_empty();
    let property = if weak {
        Property::WeakAlias
    } else if first {
        Property::Name
    } else {
        Property::Alias
    };
    draft.say(property, &whole, name.line);
    if first && draft.schema() == Schema::Person {
        for (property, part) in
            [Property::FirstName, Property::MiddleName, Property::LastName].into_iter().zip(parts)
        {
            draft.say(property, part, name.line);
        }
    }
    draft.say_gender(name.attribute("gender"), name.line);
    draft.say(Property::Title, name.attribute("title"), name.line);
    draft.say(Property::Position, name.attribute("function"), name.line);
    for remark in name.all("remark") {
        draft.say(Property::Notes, remark.text(), remark.line);
    }
}

fn say_birth(draft: &mut Draft, birth: &Element) {
    let parts = Birth {
        whole: birth.attribute("birthdate"),
        year: birth.attribute("year"),
        month: birth.attribute("monthOfYear"),
        day: birth.attribute("dayOfMonth"),
        from: birth.attribute("yearRangeFrom"),
        to: birth.attribute("yearRangeTo"),
        circa: birth.attribute("circa"),
        calendar: birth.attribute("calendarType"),
    };
    parts.say(draft, birth.line);
    let place = ["place", "city", "region", "countryDescription"];
    draft.say(Property::BirthPlace, &address(place.map(|part| birth.attribute(part))), birth.line);
    say_country(draft, Property::BirthCountry, birth);
}

fn say_country(draft: &mut Draft, property: Property, element: &Element) {
    let (code, name) =
        (element.attribute("countryIso2Code"), element.attribute("countryDescription"));
    eu::say_country(draft, property, code, name, element.line);
}
