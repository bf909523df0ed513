//! Completing words, and showing one entity in a small frame.

use super::shapes::{Named, Suggestion, Suggestions};
use super::{TYPES, described, named};
use crate::serve::asker::Asking;
use crate::serve::extract::{Options, Part};
use crate::serve::indexes;
use crate::serve::matching::shapes::Entity;
use crate::serve::problem::{Answer, Problem, Refusals};
use crate::serve::state::State;
use askama::Template;
use axum::Json;
use axum::extract;
use axum::http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use axum::response::{Html, IntoResponse};
use portcullis_types::Dossier;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Suggestions, at most.
const SUGGESTIONS: usize = 10;

/// Properties that help to tell people and bodies apart, with their names for people.
pub(super) const PROPERTIES: [(&str, &str); 16] = [
    ("name", "Name"),
    ("alias", "Other name"),
    ("birthDate", "Date of birth"),
    ("birthPlace", "Place of birth"),
    ("nationality", "Nationality"),
    ("country", "Country"),
    ("jurisdiction", "Jurisdiction"),
    ("gender", "Gender"),
    ("position", "Position"),
    ("passportNumber", "Passport number"),
    ("idNumber", "Identity number"),
    ("registrationNumber", "Registration number"),
    ("taxNumber", "Tax number"),
    ("address", "Address"),
    ("topics", "Topics"),
    ("program", "Programme"),
];

pub(super) fn property(id: &str) -> Named {
    let name = PROPERTIES.iter().find(|(other, _)| *other == id).map_or(id, |(_, name)| name);
    Named { id: id.to_owned(), name: name.to_owned() }
}

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new()
        .routes(routes!(entities))
        .routes(routes!(types))
        .routes(routes!(properties))
        .routes(routes!(propose))
        .routes(routes!(preview))
}

/// Whether every word that was typed begins a word of the name.
fn begins(prefix: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    !prefix.is_empty()
        && prefix.split_whitespace().all(|typed| {
            name.split(|c: char| !c.is_alphanumeric()).any(|word| word.starts_with(typed))
        })
}

fn prefix(options: &Options) -> String {
    options.text("prefix").unwrap_or_default().trim().to_lowercase()
}

/// Entities whose names begin as typed
#[utoipa::path(
    get, path = "/reconcile/{dataset}/suggest/entity", tag = "reconciliation",
    params(("dataset" = String, Path, example = "default"), ("prefix" = Option<String>, Query, example = "orsolya te")),
    responses((status = 200, body = Suggestions, description = "At most ten"), Refusals),
)]
async fn entities(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(dataset): Part<String>,
    options: Options,
) -> Answer<Json<Suggestions>> {
    let lists = indexes::matchable(&state, &asking, &options)?.of(&dataset)?;
    let index = state.indexes.over(&state, &lists).await?;
    let prefix = prefix(&options);
    let look = move || {
        let fits = |record: &&Dossier| {
            let mut names = record.statements.iter().filter(|s| s.property.is_name());
            names.any(|name| begins(&prefix, name.value.reveal()))
        };
        let found = index.records().filter(fits).take(SUGGESTIONS);
        found
            .map(|record| {
                let entity = Entity::of(record);
                Suggestion {
                    description: Some(described(&entity)),
                    notable: vec![named(&entity.schema)],
                    id: entity.id,
                    name: entity.caption,
                }
            })
            .collect()
    };
    Ok(Json(Suggestions { result: state.workers.run(look).await? }))
}

fn suggested(prefix: &str, all: &[(&str, &str)]) -> Json<Suggestions> {
    let fitting = all.iter().filter(|(id, name)| begins(prefix, name) || begins(prefix, id));
    let result = fitting.take(SUGGESTIONS).map(|(id, name)| Suggestion {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        description: None,
        notable: Vec::new(),
    });
    Json(Suggestions { result: result.collect() })
}

/// Types whose names begin as typed
#[utoipa::path(
    get, path = "/reconcile/{dataset}/suggest/type", tag = "reconciliation",
    params(("dataset" = String, Path, example = "default"), ("prefix" = Option<String>, Query, example = "pers")),
    responses((status = 200, body = Suggestions, description = "At most ten"), Refusals),
)]
async fn types(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(dataset): Part<String>,
    options: Options,
) -> Answer<Json<Suggestions>> {
    indexes::matchable(&state, &asking, &options)?.of(&dataset)?;
    Ok(suggested(&prefix(&options), &TYPES))
}

/// Properties whose names begin as typed
#[utoipa::path(
    get, path = "/reconcile/{dataset}/suggest/property", tag = "reconciliation",
    params(("dataset" = String, Path, example = "default"), ("prefix" = Option<String>, Query, example = "birth")),
    responses((status = 200, body = Suggestions, description = "At most ten"), Refusals),
)]
async fn properties(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(dataset): Part<String>,
    options: Options,
) -> Answer<Json<Suggestions>> {
    indexes::matchable(&state, &asking, &options)?.of(&dataset)?;
    Ok(suggested(&prefix(&options), &PROPERTIES))
}

/// Properties that columns can be filled with.
#[derive(Debug, Serialize, ToSchema)]
struct Proposed {
    /// For which type.
    #[serde(rename = "type")]
    kind: String,
    /// At most as many as were asked for.
    properties: Vec<Named>,
}

/// Properties that columns can be filled with
#[utoipa::path(
    get, path = "/reconcile/{dataset}/extend/propose", tag = "reconciliation",
    params(("dataset" = String, Path, example = "default"), ("type" = Option<String>, Query, example = "Person"),
        ("limit" = Option<usize>, Query, minimum = 0, maximum = 100)),
    responses((status = 200, body = Proposed, description = "Those there are"), Refusals),
)]
async fn propose(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(dataset): Part<String>,
    options: Options,
) -> Answer<Json<Proposed>> {
    indexes::matchable(&state, &asking, &options)?.of(&dataset)?;
    let within = |n: &usize| *n <= 100;
    let limit = options.one("limit", "a number from 0 to 100", within)?;
    let kind = options.text("type").unwrap_or("LegalEntity");
    let known = TYPES.iter().find(|(id, _)| *id == kind).map_or("LegalEntity", |(id, _)| id);
    let properties = PROPERTIES.iter().take(limit.unwrap_or(PROPERTIES.len()));
    Ok(Json(Proposed {
        kind: known.to_owned(),
        properties: properties.map(|(id, _)| property(id)).collect(),
    }))
}

/// What the frame shows.
#[derive(Template)]
#[template(
    source = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Preview</title></head>
<body><h1>{{ entity.caption }}</h1>
<dl>{% for (label, values) in facts %}<dt>{{ label }}</dt>{% for value in values %}<dd>{{ value }}</dd>{% endfor %}{% endfor %}</dl>
</body></html>
"#,
    ext = "html"
)]
struct Frame<'a> {
    entity: &'a Entity,
    facts: Vec<(&'static str, &'a [String])>,
}

/// The page may stand in a frame of a page of the asker's own machine, runs nothing and loads nothing.
const FRAME_POLICY: &str =
    "default-src 'none'; frame-ancestors http://localhost:* http://127.0.0.1:*";

/// One entity, in a small frame
#[utoipa::path(
    get, path = "/reconcile/{dataset}/preview", tag = "reconciliation",
    params(("dataset" = String, Path, example = "default"), ("id" = String, Query, example = "uk-sanctions-list:ABC0001")),
    responses((status = 200, body = String, content_type = "text/html", description = "A page"), Refusals),
)]
async fn preview(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(dataset): Part<String>,
    options: Options,
) -> Answer<impl IntoResponse> {
    let lists = indexes::matchable(&state, &asking, &options)?.of(&dataset)?;
    let index = state.indexes.over(&state, &lists).await?;
    let id =
        options.text("id").ok_or_else(|| Problem::malformed("say which with `id`"))?.to_owned();
    let look = move || {
        let found = index.records().find(|record| record.id.as_str() == id);
        found.map(Entity::of)
    };
    let entity = state.workers.run(look).await?.ok_or_else(Problem::absent)?;
    let mut facts: Vec<(&'static str, &[String])> = Vec::new();
    for (id, label) in PROPERTIES {
        if let Some(values) = entity.properties.get(id) {
            facts.push((label, values));
        }
    }
    facts.push(("List", &entity.datasets));
    let page = Frame { entity: &entity, facts }.render().map_err(|_| Problem::internal())?;
    let headers = [(CONTENT_SECURITY_POLICY, FRAME_POLICY), (X_FRAME_OPTIONS, "SAMEORIGIN")];
    Ok((headers, Html(page)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_typed_must_begin_a_word_of_the_name() {
        assert!(begins("ors te", "Orsolya Testwick"));
        assert!(begins("testw", "TESTWICK, Orsolya"));
        assert!(!begins("wick", "Orsolya Testwick"));
        assert!(!begins("ors xx", "Orsolya Testwick"));
        assert!(!begins("", "Orsolya Testwick"));
    }

    #[test]
    fn what_a_list_says_is_text_in_the_frame() {
        // THREATS T-10
        let entity = Entity {
            id: "a".to_owned(),
            caption: "<script>alert(1)</script>".to_owned(),
            schema: "Person".to_owned(),
            properties: std::collections::BTreeMap::new(),
            datasets: Vec::new(),
            referents: Vec::new(),
            target: true,
            first_seen: None,
            last_seen: None,
            last_change: None,
        };
        let page = Frame { entity: &entity, facts: Vec::new() }.render().unwrap();
        assert!(!page.contains("<script>"), "{page}");
    }
}
