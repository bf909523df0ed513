//! One `FollowTheMoney` entity, as OpenSanctions and its tools write it, to a [`Dossier`].
//!
//! The same reading serves lists (`targets` as JSON lines), people to be screened, and single pairs.

use crate::country_code;
use jiff::civil::Date;
use portcullis_types::{
    Dossier, DossierId, IdError, Origin, PartialDate, Property, RecordId, Schema, Statement,
};
use serde_json::{Map, Value};
use std::collections::HashSet;
use std::sync::Arc;

/// Why a JSON value is not an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntityError {
    /// The value is not a JSON object.
    #[error("an entity is a JSON object; write it like {{\"id\":…,\"schema\":…,\"properties\":…}}")]
    NotAnObject,
    /// There is no `id`.
    #[error("the entity has no `id`")]
    NoId,
    /// The `id` cannot serve as one.
    #[error("the entity's `id` cannot be used")]
    BadId {
        /// What is wrong with it.
        #[source]
        source: IdError,
    },
    /// `properties` is there but is not an object.
    #[error("`properties` is not a JSON object")]
    BadProperties,
    /// The entity says more than any real one.
    #[error("the entity has more than {limit} values; check the file")]
    TooManyValues {
        /// The limit.
        limit: usize,
    },
    /// Nothing in the entity is a name.
    #[error("the entity has no name: give it a `name` in its `properties`, or a `caption`")]
    NoName,
}

/// Reads one entity. `row` is the line it stands on, counted from 1.
///
/// - `schema` may be written in any case; without one the entity is a [`Schema::LegalEntity`], and
///   one that Portcullis does not know makes a [`Schema::Thing`].
/// - Values may be a list, as the format demands, or bare; nested entities count by their caption.
/// - Without a `name`, one is put together from `firstName` and its companions, else taken from
///   `caption`.
/// - Birth dates on 1 January are marked as ones that may stand for "unknown".
///
/// # Errors
///
/// [`EntityError`] when the value is no entity, has no usable id, or names nobody.
///
/// ```
/// use portcullis_ingest::{ReadContext, read_entity};
/// # let context = ReadContext {
/// #     source: "demo".parse()?, version: "1".parse()?,
/// #     recorded_at: "2026-01-01T00:00:00Z".parse()?, controller: "demo".parse()?,
/// # };
/// let json = serde_json::json!({
///     "id": "q-1", "schema": "Person",
///     "properties": { "name": ["Orsolya Testwick"], "birthDate": ["1958-03"] },
/// });
/// let dossier = read_entity(&json, 1, &context.origin())?;
/// assert_eq!(dossier.main_name(), Some("Orsolya Testwick"));
/// assert_eq!(dossier.birth_dates().next().map(|d| d.to_string()).as_deref(), Some("1958-03"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_entity(entity: &Value, row: u64, origin: &Arc<Origin>) -> Result<Dossier, EntityError> {
    read_entity_or(entity, row, origin, None)
}

/// As [`read_entity`], with the id to take when the entity has none.
pub(crate) fn read_entity_or(
    entity: &Value,
    row: u64,
    origin: &Arc<Origin>,
    otherwise: Option<&str>,
) -> Result<Dossier, EntityError> {
    let object = entity.as_object().ok_or(EntityError::NotAnObject)?;
    let id = match object.get("id") {
        Some(Value::String(id)) if !id.trim().is_empty() => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => otherwise.ok_or(EntityError::NoId)?.to_owned(),
    };
    let record = RecordId::new(&id).map_err(|source| EntityError::BadId { source })?;
    let dossier_id = DossierId::new(&id).map_err(|source| EntityError::BadId { source })?;
    let mut dossier = Dossier::new(dossier_id, record, schema_of(object), Arc::clone(origin));
    let mut writer = Writer { dossier: &mut dossier, seen: HashSet::new(), row };
    match object.get("properties") {
        None | Some(Value::Null) => {}
        Some(Value::Object(properties)) => {
            for (name, value) in properties {
                writer.property(name, value);
            }
        }
        Some(_) => return Err(EntityError::BadProperties),
    }
    writer.main_name(object);
    if writer.seen.len() > MAX_VALUES {
        return Err(EntityError::TooManyValues { limit: MAX_VALUES });
    }
    if dossier.main_name().is_none() {
        return Err(EntityError::NoName);
    }
    Ok(dossier)
}

/// Most distinct values of one entity; the longest published has some thousands.
const MAX_VALUES: usize = 100_000;

/// Whether a schema name is one that Portcullis knows as a subject, in any case.
pub(crate) fn schema_named(name: &str) -> Option<Schema> {
    const KNOWN: [Schema; 7] = [
        Schema::Person,
        Schema::Organization,
        Schema::Company,
        Schema::PublicBody,
        Schema::LegalEntity,
        Schema::Vessel,
        Schema::Airplane,
    ];
    KNOWN.into_iter().find(|s| s.name().eq_ignore_ascii_case(name.trim()))
}

fn schema_of(object: &Map<String, Value>) -> Schema {
    match object.get("schema").and_then(Value::as_str) {
        None | Some("") => Schema::LegalEntity,
        Some(name) => schema_named(name).unwrap_or(Schema::Thing),
    }
}

struct Writer<'a> {
    dossier: &'a mut Dossier,
    // `Dossier::state` compares with every statement so far; one line may hold a million values.
    seen: HashSet<(Property, String)>,
    row: u64,
}

impl Writer<'_> {
    fn property(&mut self, name: &str, value: &Value) {
        match value {
            Value::Array(values) => values.iter().for_each(|v| self.one(name, v)),
            single => self.one(name, single),
        }
    }

    fn one(&mut self, name: &str, value: &Value) {
        match value {
            Value::String(text) => self.state(property_named(name), text),
            Value::Number(number) => self.state(property_named(name), &number.to_string()),
            Value::Object(nested) => self.nested(name, nested),
            Value::Null | Value::Bool(_) | Value::Array(_) => {}
        }
    }

    fn nested(&mut self, name: &str, nested: &Map<String, Value>) {
        let full = nested.get("properties").and_then(|p| p.get("full"));
        let property =
            if name == "addressEntity" { Property::Address } else { property_named(name) };
        let text = full.or_else(|| nested.get("caption"));
        for value in
            text.into_iter().flat_map(|t| t.as_array().map_or(std::slice::from_ref(t), |a| a))
        {
            if let Some(text) = value.as_str() {
                self.state(property.clone(), text);
            }
        }
    }

    fn state(&mut self, property: Property, text: &str) {
        let value = tidy(&property, text);
        if value.is_empty()
            || self.seen.len() > MAX_VALUES
            || !self.seen.insert((property.clone(), value.clone()))
        {
            return;
        }
        self.dossier.statements.push(Statement::new(property, value, self.row).published_as(text));
    }

    fn main_name(&mut self, object: &Map<String, Value>) {
        if self.dossier.main_name().is_some() {
            return;
        }
        let parts =
            [Property::FirstName, Property::SecondName, Property::MiddleName, Property::LastName];
        let name = parts
            .iter()
            .filter_map(|part| self.dossier.values(part).next())
            .collect::<Vec<_>>()
            .join(" ");
        let caption = object.get("caption").and_then(Value::as_str).unwrap_or_default();
        let name = if name.is_empty() { caption.to_owned() } else { name };
        self.state(Property::Name, &name);
    }
}

fn property_named(name: &str) -> Property {
    match name {
        // Older and narrower properties of the model that mean the same to a matcher.
        "citizenship" => Property::Nationality,
        "mainCountry" => Property::Country,
        "middleNames" => Property::MiddleName,
        "innCode" | "vatCode" => Property::TaxNumber,
        "ogrnCode" | "uscCode" => Property::RegistrationNumber,
        "dunsCode" => Property::UniqueEntityId,
        other => Property::from_name(other),
    }
}

fn tidy(property: &Property, text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match property {
        Property::BirthDate | Property::DeathDate | Property::IncorporationDate => date(&text)
            .map_or(text, |date| {
                let birth = *property == Property::BirthDate;
                if birth { doubted_default(date).to_string() } else { date.to_string() }
            }),
        Property::Nationality
        | Property::Country
        | Property::Jurisdiction
        | Property::BirthCountry => {
            country_code(&text).map_or_else(|| text.to_lowercase(), str::to_owned)
        }
        Property::Gender => text.to_lowercase(),
        _ => text,
    }
}

/// A date as the format writes it; a time of day after it is cut off.
fn date(text: &str) -> Option<PartialDate> {
    let day = match text.as_bytes().get(10) {
        Some(b'T' | b' ') => text.get(..10)?,
        _ => text,
    };
    day.parse().ok()
}

/// Marks 1 January as a birth date that may stand for "unknown": registers fill it in where they
/// know the year alone.
pub(crate) fn doubted_default(date: PartialDate) -> PartialDate {
    let first: Date = date.earliest().first_of_year();
    let is_day = date.precision() == portcullis_types::Precision::Day;
    let undoubted = date.doubt() == portcullis_types::Doubt::None;
    if is_day && undoubted && date.earliest() == first { date.may_be_default() } else { date }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ReadContext;
    use proptest::prelude::*;
    use serde_json::json;

    fn origin() -> Arc<Origin> {
        ReadContext {
            source: "invented".parse().unwrap(),
            version: "1".parse().unwrap(),
            recorded_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            controller: "invented".parse().unwrap(),
        }
        .origin()
    }

    fn read(json: &Value) -> Result<Dossier, EntityError> {
        read_entity(json, 7, &origin())
    }

    #[test]
    fn an_entity_keeps_every_value_with_its_row() {
        let dossier = read(&json!({
            "id": "q-1", "schema": "Person",
            "properties": {
                "name": ["Orsolya Testwick", "Orsolya Testwick"], "alias": "Orsi",
                "nationality": ["HU"], "citizenship": ["United Kingdom"], "height": [180],
                "addressEntity": [{"id": "a", "caption": "1 Example Road", "schema": "Address"}],
            },
        }))
        .unwrap();
        assert_eq!(dossier.id.as_str(), "q-1");
        assert_eq!(dossier.schema, Schema::Person);
        assert_eq!(dossier.values(&Property::Name).count(), 1);
        assert_eq!(dossier.values(&Property::Alias).next(), Some("Orsi"));
        let mut nationalities: Vec<_> = dossier.values(&Property::Nationality).collect();
        nationalities.sort_unstable();
        assert_eq!(nationalities, ["gb", "hu"]);
        assert_eq!(dossier.values(&Property::Address).next(), Some("1 Example Road"));
        assert_eq!(dossier.values(&Property::from_name("height")).next(), Some("180"));
        assert!(dossier.statements.iter().all(|s| s.row == 7));
    }

    #[test]
    fn a_birth_date_keeps_its_precision_and_1_january_is_doubted() {
        let of = |text: &str| {
            let json = json!({"id": "x", "properties": {"name": ["A"], "birthDate": [text]}});
            read(&json).unwrap().values(&Property::BirthDate).next().map(str::to_owned)
        };
        assert_eq!(of("1958").as_deref(), Some("1958"));
        assert_eq!(of("1958-03").as_deref(), Some("1958-03"));
        assert_eq!(of("1958-03-21T00:00:00").as_deref(), Some("1958-03-21"));
        assert_eq!(of("1958-01-01").as_deref(), Some("1958-01-01?"));
        assert_eq!(of("spring of 1958").as_deref(), Some("spring of 1958"));
    }

    #[test]
    fn a_name_is_put_together_where_only_its_parts_stand() {
        let json = json!({"id": "x", "schema": "person",
            "properties": {"lastName": ["Testwick"], "firstName": ["Orsolya"]}});
        let dossier = read(&json).unwrap();
        assert_eq!(dossier.main_name(), Some("Orsolya Testwick"));
        assert_eq!(dossier.schema, Schema::Person);
        let json = json!({"id": "x", "caption": "Orsolya Testwick"});
        assert_eq!(read(&json).unwrap().main_name(), Some("Orsolya Testwick"));
    }

    #[test]
    fn what_is_no_entity_is_refused_with_the_reason() {
        assert_eq!(read(&json!(["a"])), Err(EntityError::NotAnObject));
        assert_eq!(read(&json!({"properties": {"name": ["A"]}})), Err(EntityError::NoId));
        assert_eq!(read(&json!({"id": "a", "properties": [1]})), Err(EntityError::BadProperties));
        assert_eq!(
            read(&json!({"id": "a", "properties": {"name": [" "]}})),
            Err(EntityError::NoName)
        );
        assert_eq!(
            read(&json!({"id": "a\u{0}b", "caption": "A"})),
            Err(EntityError::BadId { source: IdError::Control })
        );
    }

    #[test]
    fn an_unknown_schema_is_a_thing_and_a_missing_one_a_legal_entity() {
        let of = |schema: Value| {
            read(&json!({"id": "a", "caption": "A", "schema": schema})).unwrap().schema
        };
        assert_eq!(of(json!("Payment")), Schema::Thing);
        assert_eq!(of(json!("COMPANY")), Schema::Company);
        assert_eq!(of(Value::Null), Schema::LegalEntity);
    }

    proptest! {
        #[test]
        fn no_json_makes_the_reader_panic(text in "\\PC{0,80}", name in "\\PC{0,20}") {
            if let Ok(value) = serde_json::from_str::<Value>(&text) {
                drop(read(&value));
            }
            drop(read(&json!({"id": text, "schema": name, "properties": {"birthDate": text, name: text}})));
        }
    }
}
