//! What the shapes of the UK lists have in common.

use super::draft::Draft;
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
    let property = if kind.to_lowercase().contains("passport") {
        Property::PassportNumber
    } else {
        Property::IdNumber
    };
    draft.say(property, value, row);
    draft.say(Property::from_name("documentNote"), about, row);
}
