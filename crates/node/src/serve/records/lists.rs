//! Lists of which copies are kept.

use super::super::asker::Asking;
use super::super::extract::Part;
use super::super::problem::{Answer, Problem, Refusals};
use super::super::state::State;
use super::shapes::{ListShown, ListsShown};
use super::sight::with_sight;
use crate::decisions::organisation;
use axum::Json;
use axum::extract;
use portcullis_access::{Act, ThingKind};
use portcullis_decide::ListName;
use portcullis_store::SeenList;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const READ: &[(Act, ThingKind)] = &[(Act::Read, ThingKind::List)];

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new().routes(routes!(lists)).routes(routes!(list))
}

/// The lists of which copies are kept
#[utoipa::path(
    get, path = "/api/v1/lists", tag = "records",
    responses((status = 200, body = ListsShown, description = "Those that the asker may read"), Refusals),
)]
async fn lists(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
) -> Answer<Json<ListsShown>> {
    let seen = with_sight(&state, asking, READ, |store, visible| {
        Ok(store.view(visible, |v| v.seen_lists(&organisation()))?)
    });
    let seen: Vec<SeenList> = seen.await?;
    Ok(Json(ListsShown { items: seen.iter().map(ListShown::from).collect() }))
}

/// A list
#[utoipa::path(
    get, path = "/api/v1/lists/{name}", tag = "records",
    params(("name" = String, Path, description = "What it is called here", example = "uk-sanctions-list")),
    responses((status = 200, body = ListShown, description = "The list"), Refusals),
)]
async fn list(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(name): Part<String>,
) -> Answer<Json<ListShown>> {
    let name: Option<ListName> = name.parse().ok();
    let seen = with_sight(&state, asking, READ, move |store, visible| {
        let name = name.ok_or_else(Problem::absent)?;
        store.view(visible, |v| v.list(&organisation(), &name))?.ok_or_else(Problem::absent)
    });
    Ok(Json(ListShown::from(&seen.await?)))
}
