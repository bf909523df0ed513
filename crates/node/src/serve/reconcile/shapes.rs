//! What is sent and answered in reconciliation, as version 0.2 of the specification has it.

use crate::serve::matching::shapes::Example;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What the service offers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Manifest {
    /// Of the specification.
    #[schema(example = json!(["0.2"]))]
    pub(super) versions: [&'static str; 1],
    /// For people.
    pub(super) name: String,
    /// What ids are of.
    #[serde(rename = "identifierSpace")]
    pub(super) identifier_space: String,
    /// What types and properties are of.
    #[serde(rename = "schemaSpace")]
    pub(super) schema_space: &'static str,
    /// Where an entity is shown.
    pub(super) view: View,
    /// Where it is shown in a small frame.
    pub(super) preview: Preview,
    /// Where words are completed.
    pub(super) suggest: Suggest,
    /// Where columns are filled.
    pub(super) extend: Extend,
    /// Types to begin with.
    #[serde(rename = "defaultTypes")]
    pub(super) default_types: Vec<Named>,
}

/// Where an entity is shown.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct View {
    /// With `{{id}}` for the id.
    pub(super) url: String,
}

/// Where an entity is shown in a small frame.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Preview {
    /// With `{{id}}` for the id.
    pub(super) url: String,
    /// In pixels.
    pub(super) width: u16,
    /// In pixels.
    pub(super) height: u16,
}

/// Where words are completed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Suggest {
    pub(super) entity: Service,
    pub(super) property: Service,
    #[serde(rename = "type")]
    pub(super) kind: Service,
}

/// Where columns are filled.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Extend {
    pub(super) propose_properties: Service,
    pub(super) property_settings: [Value; 0],
}

/// A part of the service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Service {
    pub(super) service_url: String,
    pub(super) service_path: &'static str,
}

/// Something with an id and a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) name: String,
}

/// One of the queries of a batch.
#[derive(Debug, Deserialize)]
pub(super) struct Query {
    pub(super) query: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<OneOrMany<String>>,
    pub(super) limit: Option<f64>,
    #[serde(default)]
    pub(super) properties: Vec<PropertyValue>,
}

/// A property that a query names.
#[derive(Debug, Deserialize)]
pub(super) struct PropertyValue {
    pub(super) pid: String,
    pub(super) v: OneOrMany<Value>,
}

/// One, or a list of them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn all(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(all) => all,
        }
    }
}

/// What was found for one query.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Candidates {
    /// Best first.
    pub(super) result: Vec<Candidate>,
}

/// An entity that a query may be.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Candidate {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) description: String,
    /// Probability, from 0 to 100, that both are the same.
    pub(super) score: f64,
    /// Always false: a named person decides whether somebody is the one who is listed.
    #[serde(rename = "match")]
    pub(super) is_match: bool,
    #[serde(rename = "type")]
    pub(super) kind: Vec<Named>,
    /// How much each kind of evidence weighs, in bits.
    pub(super) features: Vec<Feature>,
}

/// How much a kind of evidence weighs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Feature {
    pub(super) id: String,
    pub(super) value: f64,
}

/// Completions of a word.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Suggestions {
    pub(super) result: Vec<Suggestion>,
}

/// A completion of a word.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Suggestion {
    pub(super) id: String,
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notable: Vec<Named>,
}

/// Which columns are to be filled for which entities.
#[derive(Debug, Deserialize)]
pub(super) struct ExtendQuery {
    pub(super) ids: Vec<String>,
    pub(super) properties: Vec<ExtendProperty>,
}

/// A column to be filled.
#[derive(Debug, Deserialize)]
pub(super) struct ExtendProperty {
    pub(super) id: String,
}

/// Filled columns.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Extended {
    pub(super) meta: Vec<Named>,
    pub(super) rows: BTreeMap<String, BTreeMap<String, Vec<Text>>>,
}

/// A value.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Text {
    pub(super) str: String,
}

impl Query {
    /// The query as an example to look for.
    pub(super) fn example(&self) -> Example {
        let mut properties: BTreeMap<String, Value> = BTreeMap::new();
        let mut add = |name: &str, value: Value| {
            let values =
                properties.entry(name.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(values) = values {
                values.push(value);
            }
        };
        if let Some(name) = &self.query {
            add("name", Value::String(name.clone()));
        }
        for property in &self.properties {
            // `Person:birthDate`, as clients of yente have it, is the same as `birthDate`.
            let name = property.pid.rsplit(':').next().unwrap_or_default();
            for value in property.v.all() {
                match value {
                    Value::Object(entity) => {
                        let text = entity.get("name").or_else(|| entity.get("id"));
                        add(name, text.cloned().unwrap_or_default());
                    }
                    Value::Bool(_) | Value::Null | Value::Array(_) => {}
                    text => add(name, text.clone()),
                }
            }
        }
        let known = self.kind.as_ref().and_then(|kind| {
            kind.all().iter().find(|kind| crate::serve::matching::shapes::is_known(kind))
        });
        let schema = known.map_or_else(|| "LegalEntity".to_owned(), Clone::clone);
        Example { id: None, schema, properties }
    }
}
