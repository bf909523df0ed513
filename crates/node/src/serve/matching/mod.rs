//! Matching as yente offers it, so that clients written for yente work unchanged.
//!
//! A dataset is a list by its name, or `default`: all lists that the asker may match against. What is
//! asked is compared and forgotten; to keep what was found, screen.

mod catalogue;
mod find;
mod search;
pub(crate) mod shapes;

use super::asker::Asking;
use super::extract::{Options, Part, Sent};
use super::indexes;
use super::problem::{Answer, Problem, Refusals};
use super::state::State;
use axum::Json;
use axum::extract;
use axum::http::HeaderName;
use axum::response::IntoResponse;
pub(crate) use find::{Filter, find};
use portcullis_matching::{MODEL, Settings};
use portcullis_types::{Origin, Score};
use shapes::{MatchRequest, MatchResponse, Matches, Total};
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Queries of one request, at most, as yente has it.
pub(crate) const MAX_QUERIES: usize = 100;

/// Results of one query, at most, as yente has it.
const MAX_RESULTS: usize = 500;

/// Results of one query where the asker says nothing, as yente has it.
const RESULTS: usize = 5;

/// Names of the one way of matching that there is.
const ALGORITHMS: [&str; 4] = [MODEL, "default", "best", "portcullis"];

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new()
        .routes(routes!(match_examples))
        .merge(search::routes())
        .merge(catalogue::routes())
}

/// How examples are looked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(
    dead_code,
    reason = "names the options for the description alone; they are read one by one"
)]
struct MatchOptions {
    /// How many results a query has at most [default: 5]
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// The score from which a result is a match [default: 0.5]
    #[param(minimum = 0.0, maximum = 1.0)]
    threshold: Option<f64>,
    /// The score from which a result is shown at all; never above the threshold [default: the threshold]
    #[param(minimum = 0.0, maximum = 1.0)]
    cutoff: Option<f64>,
    /// `evidence-1`, or `default` or `best`, which are the same
    algorithm: Option<String>,
    /// Only these lists. How rare a name is counts over all that you may match against, all the same
    include_dataset: Option<Vec<String>>,
    /// All lists but these. How rare a name is counts over all that you may match against, all the same
    exclude_dataset: Option<Vec<String>>,
    /// No results of these kinds
    exclude_schema: Option<Vec<String>>,
    /// No results of these ids
    exclude_entity_ids: Option<Vec<String>>,
    /// Only results with one of these topics
    topics: Option<Vec<String>>,
    /// Only lists of which an issue was read since this day or time
    #[param(example = "2026-01-31")]
    changed_since: Option<String>,
    /// What for: `screen-donor`, `screen-candidate`, `screen-staff` or `screen-associate`; without it
    /// only open lists are looked in
    purpose: Option<String>,
}

/// Look for people and bodies by example
///
/// Each query is an entity in the form of `FollowTheMoney`, under a key of the asker's own. The more
/// an example says (birth date, nationality, identifiers), the better its results are told apart.
#[utoipa::path(
    post, path = "/match/{dataset}", tag = "matching",
    params(("dataset" = String, Path, description = "A list by its name, or `default` for all of them", example = "default"), MatchOptions),
    request_body(content = MatchRequest, example = json!({"queries": {"a": {"schema": "Person", "properties": {"name": ["Orsolya Testwick"], "birthDate": ["1958-03"]}}}})),
    responses((status = 200, body = MatchResponse, description = "What was found for each"), Refusals),
)]
async fn match_examples(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(dataset): Part<String>,
    options: Options,
    Sent(request): Sent<MatchRequest>,
) -> Answer<impl IntoResponse> {
    let lists = indexes::matchable(&state, &asking, &options)?.of(&dataset)?;
    let mut algorithms = options.text("algorithm").into_iter().chain(request.algorithm.as_deref());
    if !algorithms.all(|one| ALGORITHMS.contains(&one)) {
        return Err(Problem::malformed("that `algorithm` is not known; `/algorithms` names it"));
    }
    let settings = settings(&options)?;
    let filter = Filter::read(&options)?;
    let lists = filter.lists(&lists)?;
    if request.queries.is_empty() {
        return Err(Problem::malformed("there is no query; give at least one in `queries`"));
    }
    if request.queries.len() > MAX_QUERIES {
        return Err(Problem::malformed(format!("give at most {MAX_QUERIES} queries at once")));
    }
    let origin = query_origin(&state)?;
    let mut queries = Vec::new();
    for (key, example) in request.queries {
        let dossier = example.dossier(&origin)?;
        queries.push((key, example.understood(&dossier), dossier));
    }
    let index = state.indexes.over(&state, &lists).await?;
    let filter = Arc::new(filter);
    let mut responses = BTreeMap::new();
    for (key, query, dossier) in queries {
        let (index, filter) = (Arc::clone(&index), Arc::clone(&filter));
        let found = state.workers.run(move || find(&index, &dossier, settings, &filter)).await?;
        let matches =
            Matches { status: 200, results: found.results, total: Total::of(found.total), query };
        responses.insert(key, matches);
    }
    let size = responses.len();
    let answer = MatchResponse { responses, matcher: shapes::features(), limit: settings.limit };
    Ok(([(HeaderName::from_static("x-batch-size"), size.to_string())], Json(answer)))
}

/// What a query is looked for with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// Prior, lowest score shown, number of candidates.
    pub(crate) settings: Settings,
    /// The score from which a result is a match.
    pub(crate) threshold: f64,
    /// How many results are shown.
    pub(crate) limit: usize,
}

impl Asked {
    /// This many results that reach this score.
    pub(crate) fn new(limit: usize, threshold: f64, cutoff: f64) -> Self {
        let settings = Settings::default();
        let candidates = settings.candidates.max(limit);
        let settings = Settings { threshold: Score(cutoff), candidates, ..settings };
        Self { settings, threshold, limit }
    }
}

fn settings(options: &Options) -> Answer<Asked> {
    let limit =
        options.one("limit", "a number from 1 to 500", |n| (1..=MAX_RESULTS).contains(n))?;
    let share = |name| options.one(name, "a number from 0 to 1", |n: &f64| (0.0..=1.0).contains(n));
    let threshold = share("threshold")?.unwrap_or(Settings::default().threshold.0);
    let cutoff = share("cutoff")?.unwrap_or(threshold).min(threshold);
    Ok(Asked::new(limit.unwrap_or(RESULTS), threshold, cutoff))
}

/// Where what was asked comes from.
pub(crate) fn query_origin(state: &State) -> Answer<Arc<Origin>> {
    let id = |text: &str| text.parse().map_err(|_| Problem::internal());
    Ok(Arc::new(Origin {
        source: id("query")?,
        version: "own".parse().map_err(|_| Problem::internal())?,
        recorded_at: state.clock.now(),
        controller: crate::decisions::organisation(),
    }))
}
