//! What happened to one thing.

use super::super::asker::Asking;
use super::super::extract::Part;
use super::super::problem::{Answer, Problem, Refusals};
use super::super::state::State;
use super::shapes::{Happened, History};
use super::sight::with_sight;
use crate::decisions::organisation;
use axum::Json;
use axum::extract;
use portcullis_access::{Act, ThingKind};
use portcullis_decide::{ListName, Reference};
use portcullis_store::{StoreError, View};
use portcullis_types::{Event, EventId};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Whoever reads what happened to a thing reads the thing: reasons are told.
const OF_ALERTS: &[(Act, ThingKind)] =
    &[(Act::Read, ThingKind::Event), (Act::Read, ThingKind::Alert)];
const OF_DECISIONS: &[(Act, ThingKind)] =
    &[(Act::Read, ThingKind::Event), (Act::Read, ThingKind::Decision)];
const OF_LISTS: &[(Act, ThingKind)] =
    &[(Act::Read, ThingKind::Event), (Act::Read, ThingKind::List)];

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new()
        .routes(routes!(of_alert))
        .routes(routes!(of_decision))
        .routes(routes!(of_list))
}

/// What was done with a pair that was shown
///
/// Nothing, where nobody did anything with it: when it was shown, it says itself.
#[utoipa::path(
    get, path = "/api/v1/history/alerts/{reference}", tag = "records",
    params(("reference" = String, Path, description = "Its short name", example = "7K3QX-9WZ2M")),
    responses((status = 200, body = History, description = "What happened"), Refusals),
)]
async fn of_alert(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(reference): Part<String>,
) -> Answer<Json<History>> {
    let reference: Option<Reference> = reference.parse().ok();
    tell(&state, asking, OF_ALERTS, move |v| {
        let Some(reference) = reference else { return Ok(None) };
        if v.alert(&organisation(), reference)?.is_empty() {
            return Ok(None);
        }
        v.alert_history(&organisation(), reference).map(Some)
    })
    .await
}

/// What happened to a decision
#[utoipa::path(
    get, path = "/api/v1/history/decisions/{id}", tag = "records",
    params(("id" = String, Path, description = "Its id", format = "uuid")),
    responses((status = 200, body = History, description = "What happened"), Refusals),
)]
async fn of_decision(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(id): Part<String>,
) -> Answer<Json<History>> {
    let id: Option<EventId> = id.parse().ok();
    tell(&state, asking, OF_DECISIONS, move |v| {
        let Some(id) = id else { return Ok(None) };
        v.decision_history(&organisation(), id).map(|events| Some(events).filter(|e| !e.is_empty()))
    })
    .await
}

/// What happened to a list
#[utoipa::path(
    get, path = "/api/v1/history/lists/{name}", tag = "records",
    params(("name" = String, Path, description = "What it is called here", example = "uk-sanctions-list")),
    responses((status = 200, body = History, description = "What happened"), Refusals),
)]
async fn of_list(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(name): Part<String>,
) -> Answer<Json<History>> {
    let name: Option<ListName> = name.parse().ok();
    tell(&state, asking, OF_LISTS, move |v| {
        let Some(name) = name else { return Ok(None) };
        v.list_history(&organisation(), &name).map(|events| Some(events).filter(|e| !e.is_empty()))
    })
    .await
}

/// Answers with what happened; with nothing there, as if there never had been.
async fn tell(
    state: &Arc<State>,
    asking: Asking,
    asked: &'static [(Act, ThingKind)],
    look: impl FnOnce(&dyn View) -> Result<Option<Vec<Event>>, StoreError> + Send + 'static,
) -> Answer<Json<History>> {
    let events = with_sight(state, asking, asked, move |store, visible| {
        store.view(visible, look)?.ok_or_else(Problem::absent)
    });
    let events: Vec<Event> = events.await?;
    Ok(Json(History { items: events.iter().map(Happened::from).collect() }))
}
