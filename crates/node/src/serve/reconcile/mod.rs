//! Reconciliation as `OpenRefine` asks for it (Reconciliation Service API, version 0.2).
//!
//! `OpenRefine` runs on the officer's own machine, in a browser: pages of that machine may read the
//! answers, and no others. Callbacks (JSONP) are not offered, because they would let any page read them.
//! No candidate is ever called a match, since `OpenRefine` would take it for one without anybody having
//! looked.

mod cross_origin;
mod shapes;
mod suggest;

use super::asker::Asking;
use super::extract::{Options, Part, form, json};
use super::headers::host;
use super::indexes::{self, Usable};
use super::matching::shapes::Entity;
use super::matching::{Asked, Filter, MAX_QUERIES, find, query_origin};
use super::problem::{Answer, Problem, Refusals};
use super::state::State;
use axum::Json;
use axum::extract::{self, Request};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use portcullis_types::Purpose;
use shapes::{
    Candidate, Candidates, Extend, ExtendQuery, Extended, Feature, Manifest, Named, Preview, Query,
    Service, Suggest, Text, View,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Candidates of a query where it says nothing.
const CANDIDATES: f64 = 5.0;

/// Candidates of a query, at most.
const MAX_CANDIDATES: usize = 100;

/// A candidate is shown from this score on, so that a person can look; the threshold of an alert is
/// higher.
const LOWEST_SCORE: f64 = 0.01;

/// What types and properties are of: the names of `FollowTheMoney`.
const SCHEMA_SPACE: &str = "https://followthemoney.tech/explorer/schemata/";

/// Types, with their names for people.
const TYPES: [(&str, &str); 7] = [
    ("Person", "People"),
    ("Organization", "Organisations"),
    ("Company", "Companies"),
    ("PublicBody", "Public bodies"),
    ("LegalEntity", "People and bodies"),
    ("Vessel", "Ships"),
    ("Airplane", "Aircraft"),
];

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new()
        .routes(routes!(asked, sent))
        .merge(suggest::routes())
        .layer(axum::middleware::from_fn(cross_origin::allow))
}

/// How queries are sent.
#[derive(IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "names the options for the description alone; they are read one by one"
)]
struct Queries {
    /// Queries as JSON, each under a key of the asker's own
    #[param(example = "{\"q0\": {\"query\": \"Orsolya Testwick\"}}")]
    #[schema(example = "{\"q0\": {\"query\": \"Orsolya Testwick\"}}")]
    queries: Option<String>,
    /// Columns to fill, as JSON
    extend: Option<String>,
}

/// What the service offers, or what it found
#[utoipa::path(
    get, path = "/reconcile/{dataset}", tag = "reconciliation",
    params(("dataset" = String, Path, description = "A list by its name, or `default` for all of them", example = "default"), Queries,
        ("purpose" = Option<String>, Query, description = "What for; without it only open lists are looked in", example = "screen-donor")),
    responses((status = 200, body = Object, description = "A manifest, or what was found under the keys of the queries"), Refusals),
)]
async fn asked(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(dataset): Part<String>,
    (headers, uri): (HeaderMap, Uri),
    options: Options,
) -> Answer<Response> {
    if options.text("queries").is_some() || options.text("extend").is_some() {
        let lists = indexes::matchable(&state, &asking, &options)?.of(&dataset)?;
        return answered(&state, &lists, &options).await;
    }
    indexes::matchable(&state, &asking, &options)?.of(&dataset)?;
    let purpose = indexes::purpose(&options)?;
    Ok(Json(manifest(&base(&state, &headers, &uri), &dataset, purpose)).into_response())
}

/// What was found
#[utoipa::path(
    post, path = "/reconcile/{dataset}", tag = "reconciliation",
    params(("dataset" = String, Path, description = "A list by its name, or `default` for all of them", example = "default"),
        ("purpose" = Option<String>, Query, description = "What for; without it only open lists are looked in", example = "screen-donor")),
    request_body(content = Queries, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, body = Object, description = "What was found under the keys of the queries"), Refusals),
)]
async fn sent(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(dataset): Part<String>,
    address: Options,
    request: Request,
) -> Answer<Response> {
    let lists = indexes::matchable(&state, &asking, &address)?.of(&dataset)?;
    let options = form(request, &state).await?;
    answered(&state, &lists, &options).await
}

async fn answered(state: &Arc<State>, lists: &Usable, options: &Options) -> Answer<Response> {
    let index = state.indexes.over(state, lists).await?;
    if let Some(text) = options.text("extend") {
        let query: ExtendQuery = json(text.as_bytes())?;
        if query.ids.len() > MAX_QUERIES || query.properties.len() > MAX_QUERIES {
            return Err(too_many());
        }
        return Ok(Json(state.workers.run(move || extended(&index, query)).await?).into_response());
    }
    let text = options.text("queries").ok_or_else(|| Problem::malformed("send `queries`"))?;
    let queries: BTreeMap<String, Query> = json(text.as_bytes())?;
    if queries.len() > MAX_QUERIES {
        return Err(too_many());
    }
    let origin = query_origin(state)?;
    let mut asked = Vec::new();
    for (key, query) in queries {
        let limit = query.limit.unwrap_or(CANDIDATES);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "what is no count of candidates saturates, and is bounded"
        )]
        let limit = (limit as usize).clamp(1, MAX_CANDIDATES);
        let names_nobody = query.query.as_deref().is_none_or(|name| name.trim().is_empty())
            && query.properties.is_empty();
        // OpenRefine sends blank cells, too.
        let dossier = if names_nobody { None } else { Some(query.example().dossier(&origin)?) };
        asked.push((key, limit, dossier));
    }
    let mut answers: BTreeMap<String, Candidates> = BTreeMap::new();
    for (key, limit, dossier) in asked {
        let result = match dossier {
            None => Vec::new(),
            Some(dossier) => {
                let index = Arc::clone(&index);
                let asked = Asked::new(limit, 1.0, LOWEST_SCORE);
                let found = move || find(&index, &dossier, asked, &Filter::default());
                let found = state.workers.run(found).await?;
                found.results.into_iter().map(candidate).collect()
            }
        };
        answers.insert(key, Candidates { result });
    }
    Ok(Json(answers).into_response())
}

fn too_many() -> Problem {
    Problem::malformed(format!("send at most {MAX_QUERIES} at once"))
}

fn candidate(found: super::matching::shapes::Scored) -> Candidate {
    let features = found.features.into_iter().map(|(id, value)| Feature { id, value }).collect();
    Candidate {
        description: described(&found.entity),
        kind: vec![named(&found.entity.schema)],
        id: found.entity.id,
        name: found.entity.caption,
        score: found.score * 100.0,
        is_match: false,
        features,
    }
}

/// What tells somebody from a namesake: birth date, countries, list.
fn described(entity: &Entity) -> String {
    let of = |name: &str| entity.properties.get(name).into_iter().flatten();
    let words: Vec<&str> = of("birthDate")
        .chain(of("nationality"))
        .chain(of("country"))
        .chain(&entity.datasets)
        .map(String::as_str)
        .collect();
    words.join(", ")
}

fn named(schema: &str) -> Named {
    let name = TYPES.iter().find(|(id, _)| *id == schema).map_or(schema, |(_, name)| name);
    Named { id: schema.to_owned(), name: name.to_owned() }
}

fn extended(lists: &crate::screen::lists::Searchable, query: ExtendQuery) -> Extended {
    let names: Vec<String> = query.properties.into_iter().map(|property| property.id).collect();
    let known = |name: &&String| suggest::PROPERTIES.iter().any(|(id, _)| id == name);
    let meta = names.iter().filter(known).map(|name| suggest::property(name)).collect();
    let mut rows = BTreeMap::new();
    for id in query.ids {
        let record = lists.records().find(|record| record.id.as_str() == id);
        let entity = record.map(Entity::of);
        let mut row = BTreeMap::new();
        for name in names.iter().filter(known) {
            let values = entity.as_ref().and_then(|entity| entity.properties.get(name));
            let texts = values.into_iter().flatten().map(|value| Text { str: value.clone() });
            row.insert(name.clone(), texts.collect());
        }
        rows.insert(id, row);
    }
    Extended { meta, rows }
}

/// Where the asker reaches this node, as the request has it.
fn base(state: &State, headers: &HeaderMap, uri: &Uri) -> String {
    let is_plain = |host: &&str| {
        host.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']'))
    };
    let host = host(headers, uri).filter(|host| !host.is_empty()).filter(is_plain);
    // Where only this machine reaches the node, nothing encrypts; else TLS does, here or at a proxy.
    let scheme = if state.is_private && !state.is_tls { "http" } else { "https" };
    format!("{scheme}://{}", host.unwrap_or("localhost"))
}

fn manifest(base: &str, dataset: &str, purpose: Option<Purpose>) -> Manifest {
    let stated = purpose.map_or_else(String::new, |purpose| format!("&purpose={}", purpose.code()));
    let service_url = format!("{base}/reconcile/{dataset}");
    let service = |service_path| Service { service_url: service_url.clone(), service_path };
    Manifest {
        versions: ["0.2"],
        name: format!("Portcullis: {dataset}"),
        identifier_space: format!("{base}/entities/"),
        schema_space: SCHEMA_SPACE,
        view: View { url: format!("{base}/entities/{{{{id}}}}") },
        preview: Preview {
            url: format!("{service_url}/preview?id={{{{id}}}}{stated}"),
            width: 430,
            height: 300,
        },
        suggest: Suggest {
            entity: service("/suggest/entity"),
            property: service("/suggest/property"),
            kind: service("/suggest/type"),
        },
        extend: Extend { propose_properties: service("/extend/propose"), property_settings: [] },
        default_types: TYPES.iter().map(|(id, _)| named(id)).collect(),
    }
}
