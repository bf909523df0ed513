//! What is sent and answered in matching, as yente has it.

use portcullis_ingest::read_entity;
use portcullis_types::{Dossier, Evidence, Origin, Pair, Property, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

use crate::serve::problem::{Answer, Problem};

/// Somebody to look for, by example.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
pub(crate) struct Example {
    /// What the asker calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "a-1", max_length = 128)]
    pub(crate) id: Option<String>,
    /// What kind of thing it is: `Person`, `Organization`, `Company`, `PublicBody`, `LegalEntity`,
    /// `Vessel` or `Airplane`.
    #[schema(example = "Person")]
    pub(crate) schema: String,
    /// What is known of it, by the names of `FollowTheMoney`. A value is a text, or a list of them.
    #[schema(value_type = BTreeMap<String, Vec<String>>,
        example = json!({"name": ["Orsolya Testwick"], "birthDate": ["1958-03"], "nationality": ["hu"]}))]
    pub(crate) properties: BTreeMap<String, Value>,
}

/// Examples to look for.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct MatchRequest {
    /// Each under a key, under which its results stand in the answer. At most 100.
    pub(crate) queries: BTreeMap<String, Example>,
    /// As the option of the same name.
    #[serde(default)]
    #[schema(example = "evidence-1")]
    pub(crate) algorithm: Option<String>,
}

/// An entity of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Entity {
    /// Its id.
    #[schema(example = "uk-sanctions-list:ABC0001")]
    pub(crate) id: String,
    /// Its name.
    #[schema(example = "Orsolya TESTWICK")]
    pub(crate) caption: String,
    /// What kind of thing it is.
    #[schema(example = "Person")]
    pub(crate) schema: String,
    /// What the list says of it.
    pub(crate) properties: BTreeMap<String, Vec<String>>,
    /// The list that it stands on.
    #[schema(example = json!(["uk-sanctions-list"]))]
    pub(crate) datasets: Vec<String>,
    /// What its publisher calls it.
    #[schema(example = json!(["ABC0001"]))]
    pub(crate) referents: Vec<String>,
    /// Whether the list is about it, rather than mentioning it.
    pub(crate) target: bool,
    /// When it was first on the list; not known.
    pub(crate) first_seen: Option<String>,
    /// When the issue of the list that it stands on was read.
    pub(crate) last_seen: Option<String>,
    /// When it last changed; not known.
    pub(crate) last_change: Option<String>,
}

/// An entity that an example may be.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Scored {
    #[serde(flatten)]
    pub(crate) entity: Entity,
    /// Probability, from 0 to 1, that both are the same, given how rare that is.
    #[schema(example = 0.98, minimum = 0.0, maximum = 1.0)]
    pub(crate) score: f64,
    /// Whether the score reaches the threshold. No decision: a person takes that.
    #[serde(rename = "match")]
    pub(crate) is_match: bool,
    /// How much each kind of evidence weighs, in bits.
    pub(crate) features: BTreeMap<String, f64>,
    /// The same, in sentences.
    pub(crate) explanations: BTreeMap<String, Explanation>,
}

/// Why a kind of evidence weighs what it does.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Explanation {
    /// Its weight in bits: `+1` doubles the odds, `-1` halves them.
    pub(crate) score: f64,
    /// In plain English.
    pub(crate) detail: String,
}

/// How many there are.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Total {
    /// The number.
    pub(crate) value: usize,
    /// `eq`: neither more nor fewer.
    pub(crate) relation: &'static str,
}

impl Total {
    pub(crate) fn of(value: usize) -> Self {
        Self { value, relation: "eq" }
    }
}

/// What was found for one example.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Matches {
    /// Of this part of the answer.
    pub(crate) status: u16,
    /// Best first.
    pub(crate) results: Vec<Scored>,
    /// Of those that reach the cutoff.
    pub(crate) total: Total,
    /// The example as it was understood.
    pub(crate) query: Example,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchResponse {
    /// By the keys of the queries.
    pub(crate) responses: BTreeMap<String, Matches>,
    /// The kinds of evidence.
    pub(crate) matcher: BTreeMap<String, Feature>,
    /// How many results a query has at most.
    pub(crate) limit: usize,
}

/// A kind of evidence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Feature {
    /// In words.
    pub(crate) description: &'static str,
    /// Always 1: weights are learned from how rare things are, not set.
    pub(crate) coefficient: f64,
    /// Where it is written.
    pub(crate) url: &'static str,
}

/// Entities that a text may name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SearchResponse {
    /// Best first.
    pub(crate) results: Vec<Entity>,
    /// How many there are of each kind; none are counted.
    pub(crate) facets: BTreeMap<String, Facet>,
    /// How many were found.
    pub(crate) total: Total,
    /// How many are shown at most.
    pub(crate) limit: usize,
    /// How many were passed over.
    pub(crate) offset: usize,
}

/// How many results there are of each kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Facet {
    /// What is counted.
    pub(crate) label: String,
}

impl Example {
    /// The example as something to screen.
    pub(crate) fn dossier(&self, origin: &Arc<Origin>) -> Answer<Dossier> {
        if !is_known(&self.schema) {
            return Err(Problem::malformed(
                "`schema` must be Person, Organization, Company, PublicBody, LegalEntity, Vessel or Airplane",
            ));
        }
        let properties: Map<String, Value> =
            self.properties.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        // What the asker calls it is no part of what it is.
        let entity = json!({"id": "query", "schema": self.schema, "properties": properties});
        read_entity(&entity, 1, origin).map_err(|error| Problem::malformed(error.to_string()))
    }

    /// The example as it was understood.
    pub(crate) fn understood(&self, dossier: &Dossier) -> Self {
        let properties = properties(dossier);
        Self {
            id: self.id.clone(),
            schema: dossier.schema.name().to_owned(),
            properties: properties
                .into_iter()
                .map(|(name, values)| (name, json!(values)))
                .collect(),
        }
    }
}

/// Whether something of this kind can be looked for.
pub(crate) fn is_known(schema: &str) -> bool {
    Schema::from_name(schema) != Schema::Thing
}

fn properties(dossier: &Dossier) -> BTreeMap<String, Vec<String>> {
    let mut properties: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for statement in &dossier.statements {
        let values = properties.entry(statement.property.name().to_owned()).or_default();
        values.push(statement.value.reveal().to_owned());
    }
    properties
}

impl Entity {
    /// A record of a list, for somebody who may see that list.
    pub(crate) fn of(record: &Dossier) -> Self {
        Self {
            id: record.id.as_str().to_owned(),
            caption: record.main_name().unwrap_or_default().to_owned(),
            schema: record.schema.name().to_owned(),
            properties: properties(record),
            datasets: vec![record.origin.source.as_str().to_owned()],
            referents: vec![record.record.as_str().to_owned()],
            target: true,
            first_seen: None,
            last_seen: Some(record.origin.recorded_at.to_string()),
            last_change: None,
        }
    }
}

impl Scored {
    pub(crate) fn of(pair: &Pair, record: &Dossier, threshold: f64) -> Self {
        let mut features: BTreeMap<String, f64> = BTreeMap::new();
        let mut explanations: BTreeMap<String, Explanation> = BTreeMap::new();
        for reason in &pair.reasons {
            let (code, detail) = (code(reason.evidence), portcullis_matching::sentence(reason));
            *features.entry(code.clone()).or_default() += reason.bits.0;
            let explanation = explanations
                .entry(code)
                .or_insert_with(|| Explanation { score: 0.0, detail: String::new() });
            explanation.score += reason.bits.0;
            if !explanation.detail.is_empty() {
                explanation.detail.push(' ');
            }
            explanation.detail.push_str(detail.reveal());
        }
        Self {
            entity: Entity::of(record),
            score: pair.score.0,
            is_match: pair.score.0 >= threshold,
            features,
            explanations,
        }
    }

    /// Whether one of the topics of the record is among these.
    pub(crate) fn has_topic(record: &Dossier, topics: &[String]) -> bool {
        topics.is_empty() || record.values(&Property::Topics).any(|t| topics.iter().any(|o| o == t))
    }
}

/// `name-part-agrees`.
fn code(evidence: Evidence) -> String {
    match serde_json::to_value(evidence) {
        Ok(Value::String(code)) => code,
        _ => String::new(),
    }
}

/// The kinds of evidence, in words.
pub(crate) fn features() -> BTreeMap<String, Feature> {
    let all = [
        (Evidence::NamePartAgrees, "A part of the name agrees; the rarer, the more it weighs"),
        (Evidence::NamePartAlike, "A part of the name is alike but not the same"),
        (Evidence::Initial, "An initial stands for a part of the name"),
        (Evidence::NamePartMissing, "A part of one name has nothing to answer it in the other"),
        (Evidence::NamePartDiffers, "Both names have a part in the same place and they differ"),
        (Evidence::NameOrder, "The parts of the name stand in another order"),
        (Evidence::WholeNameAgrees, "Nothing in the two names of a body differs"),
        (Evidence::RelatedNames, "Relatives and sister companies share such parts of names"),
        (Evidence::WeakAlias, "The name that matched is one that its publisher calls weak"),
        (Evidence::CrossScript, "The names are written in different scripts"),
        (Evidence::BirthDateAgrees, "Birth dates agree"),
        (Evidence::BirthDateClose, "Birth dates are close but not the same"),
        (Evidence::BirthDateDiffers, "Birth dates contradict each other"),
        (Evidence::IdentifierAgrees, "An identifier agrees"),
        (Evidence::IdentifierDiffers, "Identifiers of the same kind and country differ"),
        (Evidence::CountryAgrees, "A country agrees"),
        (Evidence::CountryDiffers, "All countries differ"),
        (Evidence::GenderDiffers, "Genders differ"),
        (Evidence::SchemaDiffers, "The kinds differ, or only one side tells its kind"),
        (Evidence::LegalFormDiffers, "The legal forms of two bodies differ"),
        (Evidence::NumberDiffers, "A number within the name differs"),
    ];
    let feature = |description| Feature { description, coefficient: 1.0, url: "/openapi.json" };
    all.into_iter().map(|(evidence, words)| (code(evidence), feature(words))).collect()
}
