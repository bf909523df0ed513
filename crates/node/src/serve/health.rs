//! Whether the node lives, and whether it is ready.

use super::problem::{Answer, Problem};
use super::state::State;
use axum::Json;
use axum::extract;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How the node is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`: whoever is not well does not answer so.
    #[schema(example = "ok")]
    status: &'static str,
}

pub(super) const OK: Health = Health { status: "ok" };

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new().routes(routes!(health)).routes(routes!(ready))
}

/// Whether the node lives
///
/// Asks neither the store nor an index.
#[utoipa::path(get, path = "/health", tag = "node", responses((status = 200, body = Health, description = "It lives")))]
async fn health() -> Json<Health> {
    Json(OK)
}

/// Whether the node can do what it is asked
#[utoipa::path(get, path = "/ready", tag = "node", responses(
    (status = 200, body = Health, description = "It can"),
    (status = 503, body = Problem, content_type = "application/problem+json", description = "Not at this moment"),
))]
async fn ready(extract::State(state): extract::State<Arc<State>>) -> Answer<Json<Health>> {
    if *state.stopping.borrow() {
        return Err(Problem::busy());
    }
    let read = state.store.with(|store| store.read(|r| r.log(&crate::decisions::organisation())));
    match read.await {
        Ok(Ok(_)) => Ok(Json(OK)),
        Ok(Err(_)) | Err(_) => Err(Problem::busy()),
    }
}
