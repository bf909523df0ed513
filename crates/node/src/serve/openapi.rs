//! The description of the API, made from the handlers.

use super::problem::Problem;
use super::state::State;
use axum::Json;
use axum::http::StatusCode;
use axum::routing::get;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// What the description says of the whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Portcullis",
        description = "Screens people against open lists and says why. It never decides.",
    ),
    tags(
        (name = "node", description = "How the node is"),
        (name = "records", description = "What the node remembers, as far as the asker may read"),
        (name = "matching", description = "Who on the lists somebody may be, as yente has it"),
        (name = "reconciliation", description = "The same for OpenRefine"),
        (name = "screening", description = "People against lists, with alerts that can be decided on"),
    ),
)]
struct Whole;

/// Every route of every area, with its description.
pub(super) fn described() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::with_openapi(Whole::openapi())
        .merge(super::health::routes())
        .merge(super::metrics::routes())
        .merge(super::sign_in::routes())
        .merge(super::people::routes())
        .merge(super::matching::routes())
        .merge(super::reconcile::routes())
        .merge(super::records::routes())
        .merge(super::screening::routes())
}

/// Every route, and the description at `/openapi.json`.
pub(super) fn router() -> axum::Router<Arc<State>> {
    let (router, api) = described().split_for_parts();
    let api = Arc::new(api);
    router
        .merge(super::exchange::routes())
        .route("/openapi.json", get(move || async move { Json(api) }))
        .fallback(async || Problem::absent())
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "this can't be done here; `Allow` says what can",
            )
        })
}

/// The description as text.
pub(super) fn text() -> anyhow::Result<String> {
    let (_, api) = described().split_for_parts();
    Ok(api.to_pretty_json()?)
}
