//! What the shapes of the UK lists have in common.

use super::draft::{Draft, as_published, joined};
use super::{packed, rules};
use portcullis_types::{Property, Schema};

/// The property of a name, from its kind ("Primary Name", "Primary Name Variation", "Alias", "FKA")
/// and strength ("Good quality", "Low quality").
pub(super) fn name_property(kind: &str, strength: &str) -> Property {
    let kind = kind.to_lowercase();
    let weak = strength.to_lowercase();
    if weak.starts_with("low") || weak.starts_with("weak") {
        Property::WeakAlias
    } else if kind.contains("variation") {
        Property::Alias
    } else if kind.contains("prim") {
        Property::Name
    } else if kind.contains("fka") || kind.contains("former") {
        Property::PreviousName
    } else {
        Property::Alias
    }
}

/// The schema, from "Individual", "Entity" or "Ship".
pub(super) fn schema(kind: &str) -> Schema {
    match kind.trim().to_lowercase().as_str() {
        "individual" => Schema::Person,
        "entity" => Schema::Organization,
        "ship" => Schema::Vessel,
        _ => Schema::LegalEntity,
    }
}

/// States a passport or identity number with the publisher's remark on it.
pub(super) fn say_identifier(draft: &mut Draft, kind: &str, value: &str, about: &str, row: u64) {
    let passport = kind.to_lowercase().contains("passport");
    let name = if passport { "passportNumber" } else { "idNumber" };
    for part in packed::parts(value) {
        rules::say_number(draft, name, part, row);
    }
    draft.say(Property::from_name("documentNote"), about, row);
}

/// States the number of a ship, which is published with and without "IMO" before it.
pub(super) fn say_imo(draft: &mut Draft, text: &str, row: u64) {
    for part in packed::parts(text) {
        let number = part.trim_start_matches(|c: char| !c.is_ascii_digit());
        draft.say_as(Property::ImoNumber, number, part, row);
    }
}

/// States numbers in registers: "INN: 1234567890; OGRN: 1234567890123" are two, the first one of
/// the tax office. A number keeps its label as its published form.
pub(super) fn say_registration(draft: &mut Draft, text: &str, row: u64) {
    for part in packed::parts(text).into_iter().flat_map(|part| part.split(';')) {
        let part = part.trim();
        let (label, number) = part.split_once(':').unwrap_or(("", part));
        let label = label.to_lowercase();
        let any = |words: &[&str]| words.iter().any(|word| label.contains(word));
        let property = if any(&["inn", "tin", "tax", "vat"]) {
            Property::TaxNumber
        } else if any(&["kpp", "bik"]) {
            // Shared by all who are registered at one office, or bank at one bank.
            Property::from_name("officeCode")
        } else {
            Property::RegistrationNumber
        };
        if number.chars().any(|c| c.is_ascii_digit()) {
            draft.say_as(property, number, part, row);
        } else {
            draft.say(as_published(&Property::RegistrationNumber), part, row);
        }
    }
}

/// States a name in natural order, "Given Further FAMILY"; the parts too for the main name of a
/// person.
pub(super) fn say_name(
    draft: &mut Draft,
    property: Property,
    given: &[&str],
    family: &str,
    row: u64,
) {
    let name = joined(given.iter().chain([&family]).copied());
    let main = property == Property::Name && draft.schema() == Schema::Person;
    draft.say(property, &name, row);
    if main {
        draft.say(Property::FirstName, given.first().unwrap_or(&""), row);
        draft.say(Property::MiddleName, &joined(given.iter().skip(1).copied()), row);
        draft.say(Property::LastName, family, row);
    }
}
