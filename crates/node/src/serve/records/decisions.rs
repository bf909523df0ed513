//! Decisions: read, taken, taken back.

use super::super::asker::Asking;
use super::super::extract::{Options, Part, Sent};
use super::super::problem::{Answer, Problem, Refusals};
use super::super::state::State;
use super::super::things::{judged, thing};
use super::cursor::Page;
use super::shapes::{DecisionShown, NewDecision, Rows, WhyUndone};
use super::sight::with_sight;
use super::table;
use crate::decisions::organisation;
use axum::Json;
use axum::extract;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use portcullis_access::{Act, Asker, Person, Thing, ThingKind};
use portcullis_decide::{
    Decision, Judgement, RecordError, Reference, StatedReason, UndoError, Verdict, record, undo,
};
use portcullis_store::{DecisionPlace, SeenAlert, StoreError, TransactionName, View};
use portcullis_types::{EventId, Label, Purpose, Rng};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use zeroize::Zeroizing;

const READ: &[(Act, ThingKind)] = &[(Act::Read, ThingKind::Decision)];

/// A table is a copy that leaves the node.
const TAKE: &[(Act, ThingKind)] =
    &[(Act::Read, ThingKind::Decision), (Act::Copy, ThingKind::Decision)];

/// Whoever decides reads what is decided on.
const READ_ALERTS: &[(Act, ThingKind)] = &[(Act::Read, ThingKind::Alert)];

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new()
        .routes(routes!(decisions, decide))
        .routes(routes!(decision))
        .routes(routes!(take_back))
}

/// What named officers decided
///
/// Those decisions that the asker may read, the latest first, and those taken back among them. With
/// `Accept: text/csv`, all of them as a table.
#[utoipa::path(
    get, path = "/api/v1/decisions", tag = "records", params(table::PageOptions),
    responses((status = 200, description = "A page of them", content(
        (Rows<DecisionShown> = "application/json"), (String = "text/csv"),
    )), Refusals),
)]
async fn decisions(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    headers: HeaderMap,
    options: Options,
) -> Answer<Response> {
    let page = Page::<24>::read(&options)?;
    let after = page.after.map(DecisionPlace::from_bytes);
    if table::is_wanted(&headers) {
        let csv = with_sight(&state, asking, TAKE, move |store, visible| {
            table::every(after, |after, most| {
                let seen = |v: &dyn View| v.seen_decisions(&organisation(), after, most);
                let rows = store.view(visible, seen)?;
                let last = rows.last().map(portcullis_store::SeenDecision::place);
                Ok::<_, StoreError>((rows.iter().map(DecisionShown::from).collect(), last))
            })
        });
        return table::answer(&csv.await?, table::decisions);
    }
    let rows = with_sight(&state, asking, READ, move |store, visible| {
        Ok(store.view(visible, |v| v.seen_decisions(&organisation(), after, page.limit))?)
    });
    let rows: Vec<portcullis_store::SeenDecision> = rows.await?;
    let next = page.next(rows.len(), rows.last().map(|row| row.place().to_bytes()));
    Ok(Json(Rows { items: rows.iter().map(DecisionShown::from).collect(), next }).into_response())
}

/// A decision
#[utoipa::path(
    get, path = "/api/v1/decisions/{id}", tag = "records",
    params(("id" = String, Path, description = "Its id", format = "uuid")),
    responses((status = 200, body = DecisionShown, description = "The decision"), Refusals),
)]
async fn decision(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(id): Part<String>,
) -> Answer<Json<DecisionShown>> {
    let id: Option<EventId> = id.parse().ok();
    let seen = with_sight(&state, asking, READ, move |store, visible| {
        let id = id.ok_or_else(Problem::absent)?;
        store.view(visible, |v| v.decision(&organisation(), id))?.ok_or_else(Problem::absent)
    });
    Ok(Json(DecisionShown::from(&seen.await?)))
}

/// Decide on a pair that was shown
///
/// The officer is whoever is signed in, and a reason is given. The decision bears the labels of
/// whatever of the pair the officer sees.
#[utoipa::path(
    post, path = "/api/v1/decisions", tag = "records", request_body = NewDecision,
    responses(
        (status = 201, body = DecisionShown, description = "The decision, as it is kept",
            headers(("location" = String, description = "Where it is"))),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "The reference is that of several pairs"),
        Refusals,
    ),
)]
async fn decide(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Sent(new): Sent<NewDecision>,
) -> Answer<Response> {
    let verdict = Verdict::from_code(&new.verdict)
        .ok_or_else(|| Problem::impossible("`verdict` must be `not-same`, `same` or `unsure`"))?;
    let (reason, stated) = (stated(new.reason)?, stated_purpose(&new.purpose)?);
    let reference: Option<Reference> = new.reference.parse().ok();
    let shared = Arc::clone(&state);
    let (person, asker) = (asking.person().cloned(), Arc::clone(&asking.0));
    let decided = with_sight(&state, asking, READ_ALERTS, move |store, visible| {
        let (person, reference) = (person?, reference.ok_or_else(Problem::absent)?);
        let name = TransactionName("serve.decide");
        store
            .decide(visible, name, |w| {
                let seen = w.alert(&organisation(), reference)?;
                let pair = one_pair(&seen)?;
                let purpose = pair.pair.purpose;
                let judgement = judgement(pair, verdict, &person, reason.clone());
                // What he is about to make, he must be let read: its label is said to him.
                let label = w.label_on(&judgement)?;
                may(&shared, &asker, Act::Decide, stated, (ThingKind::Alert, purpose), &label)?;
                may(&shared, &asker, Act::Read, stated, (ThingKind::Alert, purpose), &label)?;
                let clock = shared.clock.as_ref();
                let change = shared.records.with_rng(|rng| recorded(clock, rng, judgement))?;
                let label = w.decide(&change)?;
                Ok((change.into_state(), label))
            })
            .map_err(|failed: Failed| Problem::from(failed))
    });
    let (decision, label): (Decision, Label) = decided.await?;
    let shown = DecisionShown::of(&decision, &label);
    let location = [(LOCATION, format!("/api/v1/decisions/{}", shown.id))];
    Ok((StatusCode::CREATED, location, Json(shown)).into_response())
}

/// Take a decision back
///
/// It stays on file, beside who took it back and why.
#[utoipa::path(
    post, path = "/api/v1/decisions/{id}/undo", tag = "records", request_body = WhyUndone,
    params(("id" = String, Path, description = "Its id", format = "uuid")),
    responses(
        (status = 200, body = DecisionShown, description = "The decision, taken back"),
        (status = 409, body = Problem, content_type = "application/problem+json",
            description = "It was taken back before"),
        Refusals,
    ),
)]
async fn take_back(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
    Part(id): Part<String>,
    Sent(why): Sent<WhyUndone>,
) -> Answer<Json<DecisionShown>> {
    let (reason, purpose) = (stated(why.reason)?, stated_purpose(&why.purpose)?);
    let id: Option<EventId> = id.parse().ok();
    let shared = Arc::clone(&state);
    let (person, asker) = (asking.person().cloned(), Arc::clone(&asking.0));
    let undone = with_sight(&state, asking, READ, move |store, visible| {
        let (person, id) = (person?, id.ok_or_else(Problem::absent)?);
        store
            .decide(visible, TransactionName("serve.undo"), |w| {
                let seen = w.decision(&organisation(), id)?.ok_or_else(Problem::absent)?;
                let kept_for = seen.decision.judgement.purpose;
                may(
                    &shared,
                    &asker,
                    Act::Undo,
                    purpose,
                    (ThingKind::Decision, kept_for),
                    &seen.label,
                )?;
                let clock = shared.clock.as_ref();
                let officer = person.id.officer.clone();
                let change = shared.records.with_rng(|rng| {
                    undo(clock, rng, seen.decision, officer, reason.clone(), None)
                        .map_err(|error| not_undone(&error))
                })?;
                let label = w.decide(&change)?;
                Ok((change.into_state(), label))
            })
            .map_err(|failed: Failed| Problem::from(failed))
    });
    let (decision, label): (Decision, Label) = undone.await?;
    Ok(Json(DecisionShown::of(&decision, &label)))
}

/// Why nothing was written: as a problem, or because the store did not.
enum Failed {
    Told(Problem),
    Store(StoreError),
}

impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self::Told(problem)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Told(problem) => problem,
            // Somebody who sees it, too, was quicker.
            Failed::Store(StoreError::Overtaken { .. }) => taken_back_before(),
            Failed::Store(error) => error.into(),
        }
    }
}

fn taken_back_before() -> Problem {
    Problem::new(StatusCode::CONFLICT, "the decision was taken back before")
}

fn stated(reason: String) -> Answer<StatedReason> {
    let reason = Zeroizing::new(reason);
    StatedReason::new(&reason).map_err(|error| Problem::impossible(error.to_string()))
}

/// The latest showing.
fn one_pair(seen: &[SeenAlert]) -> Answer<&SeenAlert> {
    let last = seen.iter().max_by_key(|seen| seen.last_raised_at.timestamp());
    let last = last.ok_or_else(Problem::absent)?;
    if seen.iter().any(|other| other.pair.digest() != last.pair.digest()) {
        return Err(Problem::new(
            StatusCode::CONFLICT,
            "by a rare chance, two pairs have this reference; decide on the machine, by file and row",
        ));
    }
    Ok(last)
}

fn judgement(
    seen: &SeenAlert,
    verdict: Verdict,
    person: &Person,
    reason: StatedReason,
) -> Judgement {
    let pair = seen.pair.clone();
    Judgement {
        organisation: pair.organisation,
        purpose: pair.purpose,
        query: pair.query,
        record: pair.record,
        query_name: pair.query_name,
        record_name: pair.record_name,
        verdict,
        officer: person.id.officer.clone(),
        reason,
    }
}

fn recorded(
    clock: &dyn portcullis_types::Clock,
    rng: &mut dyn Rng,
    judgement: Judgement,
) -> Answer<portcullis_decide::Change<Decision>> {
    record(clock, rng, judgement, None).map_err(|error| match error {
        RecordError::Officer(_) => not_a_person(),
        RecordError::Event(_) => Problem::internal(),
    })
}

fn not_undone(error: &UndoError) -> Problem {
    match error {
        UndoError::AlreadyUndone { .. } => taken_back_before(),
        UndoError::Officer(_) => not_a_person(),
        UndoError::Event(_) => Problem::internal(),
    }
}

fn not_a_person() -> Problem {
    Problem::refused("a person decides; sign in with an account of your own")
}

/// Whether the asker may do this for the purpose that he states, to something that he reads and that is
/// kept for a purpose.
fn may(
    state: &State,
    asker: &Asker,
    act: Act,
    stated: Purpose,
    kind: (ThingKind, Purpose),
    label: &Label,
) -> Answer<()> {
    let (kind, kept_for) = kind;
    let thing = Thing { purpose: Some(kept_for), ..thing(asker, kind, label) };
    judged(state, asker, act.for_purpose(stated), &thing)
}

/// Reads the purpose that the asker states.
fn stated_purpose(code: &str) -> Answer<Purpose> {
    Purpose::from_code(code)
        .ok_or_else(|| Problem::impossible("`purpose` must be what the pair was shown for"))
}
