//! How many there are.

use super::super::asker::Asking;
use super::super::problem::{Answer, Problem, Refusals};
use super::super::state::State;
use super::super::things::refuse_unscoped;
use super::shapes::Counts;
use crate::decisions::organisation;
use axum::Json;
use axum::extract;
use portcullis_access::{Act, ThingKind};
use portcullis_store::StoreError;
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
    if asking.0.person().is_none() {
        return Err(Problem::unknown_asker());
    }
    let lacks = |kind| refuse_unscoped(&state, &asking.0, Act::Count, kind).err();
    let [alerts, lists, decisions] =
        [ThingKind::Alert, ThingKind::List, ThingKind::Decision].map(lacks);
    let in_scope = [alerts.is_none(), lists.is_none(), decisions.is_none()];
    if let (Some(problem), false) = (alerts, in_scope.contains(&true)) {
        return Err(problem);
    }
    let shared = Arc::clone(&state);
    let counts = state.store.with(move |store| -> Result<Counts, StoreError> {
        let (sight, now) = (&shared.records.sight, shared.clock.now());
        let mut sees =
            |kind| sight.of(&shared.policies, now, &asking, &[(Act::Count, kind)], store);
        let (alerts, lists) = (sees(ThingKind::Alert)?, sees(ThingKind::List)?);
        let decisions = sees(ThingKind::Decision)?;
        let [counts_alerts, counts_lists, counts_decisions] = in_scope;
        let alerts = store.view(&alerts, |v| v.alert_count(&organisation()))?;
        let lists = store.view(&lists, |v| v.list_count(&organisation()))?;
        let decisions = store.view(&decisions, |v| v.decision_counts(&organisation()))?;
        Ok(Counts::of(
            counts_alerts.then_some(alerts),
            counts_lists.then_some(lists),
            counts_decisions.then_some(decisions.as_slice()),
        ))
    });
    Ok(Json(counts.await??))
}
