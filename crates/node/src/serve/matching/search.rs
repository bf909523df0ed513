//! Looking for a name, and for one entity by its id.

use super::find::{Filter, pairs};
use super::shapes::{Entity, Example, SearchResponse, Total, is_known};
use super::{Asked, query_origin};
use crate::serve::asker::Asking;
use crate::serve::extract::{Options, Part};
use crate::serve::indexes;
use crate::serve::problem::{Answer, Problem, Refusals};
use crate::serve::state::State;
use axum::Json;
use axum::extract;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Results shown at once, at most.
const MAX_PAGE: usize = 100;

/// Results passed over, at most.
const MAX_OFFSET: usize = 400;

/// Results shown at once where the asker says nothing, as yente has it.
const PAGE: usize = 10;

/// A search shows what any evidence speaks for, not only what reaches the threshold of an alert.
const LOWEST_SCORE: f64 = 0.001;

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(entity))
}

/// How a name is looked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "names the options for the description alone; they are read one by one"
)]
struct SearchOptions {
    /// The name
    #[param(example = "Orsolya Testwick")]
    q: Option<String>,
    /// What kind of thing is looked for; `Thing` for any
    schema: Option<String>,
    /// Only results with one of these topics
    topics: Option<Vec<String>>,
    /// Only these lists. How rare a name is counts over all that you may match against, all the same
    include_dataset: Option<Vec<String>>,
    /// All lists but these. How rare a name is counts over all that you may match against, all the same
    exclude_dataset: Option<Vec<String>>,
    /// Only lists of which an issue was read since this day or time
    changed_since: Option<String>,
    /// How many results are shown [default: 10]
    #[param(minimum = 0, maximum = 100)]
    limit: Option<usize>,
    /// How many results are passed over [default: 0]
    #[param(minimum = 0, maximum = 400)]
    offset: Option<usize>,
    /// What for: `screen-donor`, `screen-candidate`, `screen-staff` or `screen-associate`; without it
    /// only open lists are looked in
    purpose: Option<String>,
}

/// Look for people and bodies by name
///
/// For people who look for somebody. Programs do better with `/match`, which takes more than a name.
#[utoipa::path(
    get, path = "/search/{dataset}", tag = "matching",
    params(("dataset" = String, Path, description = "A list by its name, or `default` for all of them", example = "default"), SearchOptions),
    responses((status = 200, body = SearchResponse, description = "What was found"), Refusals),
)]
async fn search(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(dataset): Part<String>,
    options: Options,
) -> Answer<Json<SearchResponse>> {
    let lists = indexes::matchable(&state, &asking, &options)?.of(&dataset)?;
    let within = |most| move |n: &usize| *n <= most;
    let limit = options.one("limit", "a number from 0 to 100", within(MAX_PAGE))?.unwrap_or(PAGE);
    let offset = options.one("offset", "a number from 0 to 400", within(MAX_OFFSET))?.unwrap_or(0);
    let schema = options.text("schema").unwrap_or("Thing");
    if schema != "Thing" && !is_known(schema) {
        return Err(Problem::malformed("that `schema` is not known"));
    }
    let filter = Filter::read(&options)?;
    let lists = filter.lists(&lists)?;
    let name = options.text("q").unwrap_or_default().trim().to_owned();
    let mut answer = SearchResponse {
        results: Vec::new(),
        facets: BTreeMap::new(),
        total: Total::of(0),
        limit,
        offset,
    };
    if name.is_empty() {
        return Ok(Json(answer));
    }
    let example = Example {
        id: None,
        schema: if schema == "Thing" { "LegalEntity" } else { schema }.to_owned(),
        properties: [("name".to_owned(), json!(name))].into(),
    };
    let dossier = example.dossier(&query_origin(&state)?)?;
    let index = state.indexes.over(&state, &lists).await?;
    let asked = Asked::new(limit + offset, LOWEST_SCORE, LOWEST_SCORE);
    let (results, total) = state
        .workers
        .run(move || {
            let found = pairs(&index, &dossier, asked, &filter);
            let shown = found.iter().skip(offset).take(limit);
            (shown.map(|(_, record)| Entity::of(record)).collect::<Vec<_>>(), found.len())
        })
        .await?;
    (answer.results, answer.total) = (results, Total::of(total));
    Ok(Json(answer))
}

/// One person or body of a list
#[utoipa::path(
    get, path = "/entities/{id}", tag = "matching",
    params(
        ("id" = String, Path, description = "The id that a result has", example = "uk-sanctions-list:ABC0001"),
        ("purpose" = Option<String>, Query, description = "What for; without it only open lists are looked in", example = "screen-donor"),
        ("nested" = Option<bool>, Query, description = "Taken for the sake of clients of yente: an entity is always given whole"),
    ),
    responses((status = 200, body = Entity, description = "What the list says"), Refusals),
)]
async fn entity(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(id): Part<String>,
    options: Options,
) -> Answer<Json<Entity>> {
    let lists = indexes::matchable(&state, &asking, &options)?.of(indexes::ALL)?;
    let index = state.indexes.over(&state, &lists).await?;
    let look = move || {
        let found = index.records().find(|record| record.id.as_str() == id);
        found.map(Entity::of)
    };
    state.workers.run(look).await?.map(Json).ok_or_else(Problem::absent)
}
