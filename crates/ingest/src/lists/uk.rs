//! What the shapes of the UK lists have in common.

use super::draft::{Draft, joined};
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
