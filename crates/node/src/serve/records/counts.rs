//! How many there are.

use super::super::asker::Asking;
use super::super::problem::{Answer, Refusals};
use super::super::state::State;
use super::shapes::Counts;
use super::sight::with_sight;
use crate::decisions::organisation;
use axum::Json;
use axum::extract;
use portcullis_access::{Act, ThingKind};
use portcullis_store::SeenCounts;
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new().routes(routes!(counts))
}

/// How many there are
///
/// Of what the asker may count: what is hidden from him counts nowhere.
#[utoipa::path(
    get, path = "/api/v1/counts", tag = "records",
    responses((status = 200, body = Counts, description = "How many"), Refusals),
)]
async fn counts(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
) -> Answer<Json<Counts>> {
    let count = async |asked: &'static [(Act, ThingKind)]| -> Answer<SeenCounts> {
        with_sight(&state, asking.clone(), asked, |store, visible| {
            Ok(store.view(visible, |v| v.counts(&organisation()))?)
        })
        .await
    };
    let alerts = count(&[(Act::Count, ThingKind::Alert)]).await?;
    let lists = count(&[(Act::Count, ThingKind::List)]).await?;
    let decisions = count(&[(Act::Count, ThingKind::Decision)]).await?;
    Ok(Json(Counts::of(&alerts, &lists, &decisions)))
}
