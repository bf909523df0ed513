//! Pairs that were shown to people.

use super::super::asker::Asking;
use super::super::extract::{Options, Part};
use super::super::problem::{Answer, Problem, Refusals};
use super::super::state::State;
use super::cursor::Page;
use super::shapes::{AlertShown, Rows, Showings};
use super::sight::with_sight;
use super::table;
use crate::decisions::organisation;
use axum::Json;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use portcullis_access::{Act, ThingKind};
use portcullis_decide::Reference;
use portcullis_store::{AlertPlace, StoreError};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const READ: &[(Act, ThingKind)] = &[(Act::Read, ThingKind::Alert)];

/// A table is a copy that leaves the node.
const TAKE: &[(Act, ThingKind)] = &[(Act::Read, ThingKind::Alert), (Act::Copy, ThingKind::Alert)];

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new().routes(routes!(alerts)).routes(routes!(alert))
}

/// The pairs that were shown to people
///
/// Those that the asker may read, the latest first. With `Accept: text/csv`, all of them as a table.
#[utoipa::path(
    get, path = "/api/v1/alerts", tag = "records", params(table::PageOptions),
    responses((status = 200, description = "A page of them", content(
        (Rows<AlertShown> = "application/json"), (String = "text/csv"),
    )), Refusals),
)]
async fn alerts(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    headers: HeaderMap,
    options: Options,
) -> Answer<Response> {
    let page = Page::<40>::read(&options)?;
    let after = page.after.map(AlertPlace::from_bytes);
    if table::is_wanted(&headers) {
        let csv = with_sight(&state, asking, TAKE, move |store, visible| {
            table::every(after, |after, most| {
                let rows = store.view(visible, |v| v.alerts(&organisation(), after, most))?;
                let last = rows.last().map(|row| row.place);
                Ok::<_, StoreError>((rows.iter().map(AlertShown::from).collect(), last))
            })
        });
        return table::answer(&csv.await?, table::alerts);
    }
    let rows = with_sight(&state, asking, READ, move |store, visible| {
        Ok(store.view(visible, |v| v.alerts(&organisation(), after, page.limit))?)
    });
    let rows: Vec<portcullis_store::SeenAlert> = rows.await?;
    let next = page.next(rows.len(), rows.last().map(|row| row.place.to_bytes()));
    Ok(Json(Rows { items: rows.iter().map(AlertShown::from).collect(), next }).into_response())
}

/// A pair that was shown, by its short name
#[utoipa::path(
    get, path = "/api/v1/alerts/{reference}", tag = "records",
    params(("reference" = String, Path, description = "Its short name", example = "7K3QX-9WZ2M")),
    responses((status = 200, body = Showings, description = "What was shown"), Refusals),
)]
async fn alert(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(reference): Part<String>,
) -> Answer<Json<Showings>> {
    // What is no reference was never one of anything.
    let reference: Option<Reference> = reference.parse().ok();
    let seen = with_sight(&state, asking, READ, move |store, visible| {
        let reference = reference.ok_or_else(Problem::absent)?;
        let seen = store.view(visible, |v| v.alert(&organisation(), reference))?;
        if seen.is_empty() { Err(Problem::absent()) } else { Ok((reference, seen)) }
    });
    let (reference, seen): (Reference, Vec<portcullis_store::SeenAlert>) = seen.await?;
    let showings = seen.iter().map(AlertShown::from).collect();
    Ok(Json(Showings { reference: reference.to_string(), showings }))
}
