//! What can be matched against, and how: the pages by which clients of yente find their way.

use super::shapes::{self, Feature};
use crate::serve::asker::Asking;
use crate::serve::extract::Options;
use crate::serve::health::{Health, OK};
use crate::serve::indexes::{self, ALL, Usable};
use crate::serve::problem::{Answer, Problem, Refusals};
use crate::serve::state::State;
use axum::Json;
use axum::extract;
use portcullis_decide::KeptList;
use portcullis_ingest::known_sources;
use portcullis_matching::MODEL;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new()
        .routes(routes!(catalogue))
        .routes(routes!(manifest))
        .routes(routes!(algorithms))
        .routes(routes!(healthz))
        .routes(routes!(readyz))
}

/// A list, or all of them together.
#[derive(Debug, Serialize, ToSchema)]
struct Dataset {
    /// Its name, as paths have it.
    #[schema(example = "uk-sanctions-list")]
    name: String,
    /// Its name for people.
    title: String,
    /// What it is.
    summary: Option<String>,
    /// Where its publisher tells of it.
    url: Option<String>,
    /// Whether it can be matched against.
    load: bool,
    /// Not given out.
    entities_url: Option<String>,
    /// Which issue of it.
    version: String,
    /// Which issue of it can be matched against.
    index_version: Option<String>,
    /// Whether the two are the same.
    index_current: bool,
    /// The lists that it is made of.
    children: Vec<String>,
}

/// What can be matched against.
#[derive(Debug, Serialize, ToSchema)]
struct Catalogue {
    /// Each list, and all of them together as `default`.
    datasets: Vec<Dataset>,
    /// Those that are up to date.
    current: Vec<String>,
    /// Those that are not.
    outdated: Vec<String>,
    /// Whether any is not.
    index_stale: bool,
}

/// The same for older clients.
#[derive(Debug, Serialize, ToSchema)]
struct Manifest {
    /// None: lists are named one by one.
    catalogs: Vec<String>,
    /// Each list, and all of them together as `default`.
    datasets: Vec<Dataset>,
}

/// A way of matching.
#[derive(Debug, Serialize, ToSchema)]
struct Algorithm {
    /// Its name.
    #[schema(example = "evidence-1")]
    name: &'static str,
    /// In words.
    description: &'static str,
    /// The kinds of evidence that it weighs.
    features: BTreeMap<String, Feature>,
}

/// The ways of matching.
#[derive(Debug, Serialize, ToSchema)]
struct Algorithms {
    /// There is one.
    algorithms: Vec<Algorithm>,
    /// It.
    default: &'static str,
    /// It, too.
    best: &'static str,
}

fn dataset(list: &KeptList) -> Dataset {
    let known = known_sources().iter().find(|known| known.name == list.source.as_str());
    let version = list.current.version.to_string();
    Dataset {
        name: list.name.to_string(),
        title: known.map_or_else(|| list.name.to_string(), |known| known.title.to_owned()),
        summary: None,
        url: known.map(|known| known.page.to_owned()),
        load: true,
        entities_url: None,
        index_version: Some(version.clone()),
        version,
        index_current: true,
        children: Vec::new(),
    }
}

fn datasets(lists: &Usable) -> Vec<Dataset> {
    let mut datasets: Vec<Dataset> = lists.lists().map(dataset).collect();
    let children: Vec<String> = datasets.iter().map(|one| one.name.clone()).collect();
    let version =
        datasets.iter().map(|one| one.version.as_str()).max().unwrap_or("none").to_owned();
    datasets.push(Dataset {
        name: ALL.to_owned(),
        title: "All lists".to_owned(),
        summary: Some("Every list that you may match against".to_owned()),
        url: None,
        load: !children.is_empty(),
        entities_url: None,
        index_version: Some(version.clone()),
        version,
        index_current: true,
        children,
    });
    datasets
}

/// The lists that can be matched against
#[utoipa::path(get, path = "/catalog", tag = "matching",
    params(("purpose" = Option<String>, Query, description = "What for; without it only open lists are told", example = "screen-donor")),
    responses((status = 200, body = Catalogue, description = "The lists"), Refusals))]
async fn catalogue(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    options: Options,
) -> Answer<Json<Catalogue>> {
    let datasets = datasets(&indexes::matchable(&state, &asking, &options)?);
    let current = datasets.iter().map(|one| one.name.clone()).collect();
    Ok(Json(Catalogue { datasets, current, outdated: Vec::new(), index_stale: false }))
}

/// The lists that can be matched against, for older clients
#[utoipa::path(get, path = "/manifest", tag = "matching",
    params(("purpose" = Option<String>, Query, description = "What for; without it only open lists are told", example = "screen-donor")),
    responses((status = 200, body = Manifest, description = "The lists"), Refusals))]
async fn manifest(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    options: Options,
) -> Answer<Json<Manifest>> {
    let datasets = datasets(&indexes::matchable(&state, &asking, &options)?);
    Ok(Json(Manifest { catalogs: Vec::new(), datasets }))
}

/// The ways of matching
#[utoipa::path(get, path = "/algorithms", tag = "matching",
    responses((status = 200, body = Algorithms, description = "There is one"), Refusals))]
async fn algorithms() -> Json<Algorithms> {
    let one = Algorithm {
        name: MODEL,
        description: "Adds up evidence for and against, each weighed by how rare it is",
        features: shapes::features(),
    };
    Json(Algorithms { algorithms: vec![one], default: MODEL, best: MODEL })
}

/// Whether the node lives, as clients of yente ask
#[utoipa::path(get, path = "/healthz", tag = "node",
    responses((status = 200, body = Health, description = "It lives"), Refusals))]
async fn healthz() -> Json<Health> {
    Json(OK)
}

/// Whether lists are ready to be matched against
///
/// Says so of the open lists alone, and where there are none, at once.
#[utoipa::path(get, path = "/readyz", tag = "node",
    responses((status = 200, body = Health, description = "They are"), Refusals))]
async fn readyz(extract::State(state): extract::State<Arc<State>>) -> Answer<Json<Health>> {
    if state.indexes.is_ready(state.clock.now()) { Ok(Json(OK)) } else { Err(Problem::busy()) }
}
