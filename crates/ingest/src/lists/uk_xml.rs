//! The UK Sanctions List, XML: `Designations` of `Designation`, streamed one by one.

use super::draft::{Draft, address, emit};
use super::out::Out;
use super::uk;
use crate::dates::{self, Order};
use crate::xml::{Element, Subjects};
use crate::{ReadError, SetAside};
use portcullis_types::Property;
use std::io::Read;

const EXPECTED: &str = "the UK Sanctions List (XML with Designations at its root)";

/// Elements with one value each, and the property it is of.
const VALUES: &[(&str, &str)] = &[
    ("OFSIGroupID", "ofsiGroupId"),
    ("UNReferenceNumber", "unscId"),
    ("RegimeName", "program"),
    ("OtherInformation", "notes"),
    ("UKStatementofReasons", "reason"),
    ("PhoneNumber", "phone"),
    ("Website", "website"),
    ("EmailAddress", "email"),
    ("Title", "title"),
    ("NameNonLatinScript", "alias"),
    ("Position", "position"),
    ("TownOfBirth", "birthPlace"),
    ("TypeOfEntity", "legalForm"),
    ("Subsidiary", "subsidiaries"),
    ("ParentCompany", "parent"),
    ("CurrentOwnerOperator", "owner"),
    ("PreviousOwnerOperator", "pastOwner"),
    ("TypeOfShip", "type"),
    ("TonnageOfShip", "tonnage"),
    ("LengthOfShip", "length"),
    ("HullIdentificationNumber", "hullNumber"),
    ("PassportAdditionalInformation", "documentNote"),
    ("NationalIdentifierAdditionalInformation", "documentNote"),
];

const COUNTRIES: &[(&str, &str)] = &[
    ("Nationality", "nationality"),
    ("CountryOfBirth", "birthCountry"),
    ("AddressCountry", "country"),
    ("CurrentBelievedFlagOfShip", "flag"),
    ("PreviousFlag", "pastFlags"),
];

const DAYS: &[(&str, &str)] =
    &[("DateDesignated", "listingDate"), ("LastUpdated", "modifiedAt"), ("YearBuilt", "buildDate")];

const BARRED: &[(&str, &str)] =
    &[("DesignationSource", "authority"), ("SanctionsImposed", "provisions")];

pub(super) fn read(source: &mut dyn Read, out: &mut Out<'_>) -> Result<(), ReadError> {
    let mut subjects = Subjects::new(source, &["Designation", "DateGenerated"]);
    match subjects.next_subject()? {
        Some(root) if root.name == "Designations" => {}
        other => {
            return Err(ReadError::NotThisFormat {
                expected: EXPECTED,
                found: other.map_or("nothing", |_| "another root element").to_owned(),
                line: 1,
            });
        }
    }
    while let Some(subject) = subjects.next_subject()? {
        if subject.name == "DateGenerated" {
            if let Some(date) = dates::read(subject.text(), Order::DayFirst) {
                out.issued(date);
            }
            continue;
        }
        out.row();
        one(&subject, out);
    }
    Ok(())
}

fn one(subject: &Element, out: &mut Out<'_>) {
    let id = subject.child("UniqueID");
    let mut draft = match Draft::new(out, id, uk::schema(subject.child("IndividualEntityShip"))) {
        Ok(draft) => draft,
        Err(reason) => {
            let raw = subject.descendants("Name6").first().map_or("", |name| name.text()).into();
            out.aside(SetAside { line: subject.line, column: None, reason, raw });
            return;
        }
    };
    for name in subject.descendants("Name") {
        if name.children.is_empty() {
            continue;
        }
        let property = uk::name_property(name.child("NameType"), name.child("AliasStrength"));
        let given = ["Name1", "Name2", "Name3", "Name4", "Name5"].map(|part| name.child(part));
        uk::say_name(&mut draft, property, &given, name.child("Name6"), name.line);
    }
    each(subject, VALUES, |property, element| {
        draft.say(property, element.text(), element.line);
    });
    each(subject, COUNTRIES, |property, element| {
        draft.say_country(property, element.text(), element.line);
    });
    each(subject, DAYS, |property, element| {
        let date = dates::read(element.text(), Order::DayFirst);
        draft.say_date(property, date, element.text(), element.line);
    });
    each(subject, BARRED, |property, element| {
        for part in element.text().split('|') {
            draft.say(property.clone(), part, element.line);
        }
    });
    for birth in subject.descendants("DOB") {
        let date = dates::read_birth(birth.text(), Order::DayFirst);
        draft.say_date(Property::BirthDate, date, birth.text(), birth.line);
    }
    for number in subject.descendants("BusinessRegistrationNumber") {
        uk::say_registration(&mut draft, number.text(), number.line);
    }
    for number in subject.descendants("IMONumber") {
        uk::say_imo(&mut draft, number.text(), number.line);
    }
    for gender in subject.descendants("Gender") {
        draft.say_gender(gender.text(), gender.line);
    }
    for (element, kind) in
        [("PassportNumber", "passport"), ("NationalIdentifierNumber", "national")]
    {
        for number in subject.descendants(element) {
            uk::say_identifier(&mut draft, kind, number.text(), "", number.line);
        }
    }
    for place in subject.descendants("Address") {
        let lines = (1..=6).map(|number| format!("AddressLine{number}")).collect::<Vec<_>>();
        let lines = lines.iter().map(|line| place.child(line));
        let whole =
            address(lines.chain([place.child("AddressPostalCode"), place.child("AddressCountry")]));
        draft.say(Property::Address, &whole, place.line);
        draft.say(Property::PostalCode, place.child("AddressPostalCode"), place.line);
    }
    draft.say(Property::Topics, "sanction", subject.line);
    emit(draft, out);
}

fn each(subject: &Element, names: &[(&str, &str)], mut say: impl FnMut(Property, &Element)) {
    for (element, property) in names {
        for found in subject.descendants(element) {
            say(Property::from_name(property), found);
        }
    }
}
