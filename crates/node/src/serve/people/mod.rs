//! Pages for people who work here: the account, approvals, tokens, links; and the one page for those who
//! don't, on which a volunteer hands something in.

mod account;
mod approvals;
mod card;
mod hand_in;
mod judged;
mod links;
mod tokens;

pub(super) use account::may_add;

use super::problem::Problem;
use super::sign_in::{Answered, page_error};
use super::state::State;
use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use portcullis_types::{EventId, EventTime};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;

/// The pages. They are no part of the described API.
pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    Router::new()
        .route("/account", get(account::account))
        .route("/account/passkeys/begin", post(account::begin))
        .route("/account/passkeys/finish", post(account::finish))
        .route("/account/passkeys/remove", post(account::remove))
        .route("/account/sessions/end", post(account::end_sessions))
        .route("/approvals", get(approvals::approvals))
        .route("/approvals/propose", post(approvals::propose_officer))
        .route("/approvals/reset", post(approvals::propose_reset))
        .route("/approvals/approve", post(approvals::approve_one))
        .route("/approvals/refuse", post(approvals::refuse_one))
        .route("/tokens", get(tokens::tokens).post(tokens::make))
        .route("/tokens/revoke", post(tokens::revoke))
        .route("/links", get(links::links).post(links::make))
        .route("/links/close", post(links::close))
        .route("/hand-in", get(hand_in::form).post(hand_in::hand_in))
        .route("/hand-in/received", get(hand_in::received))
        .route("/hand-in/{link}", get(hand_in::open))
        .into()
}

/// A time for people to read.
fn shown(at: EventTime) -> String {
    at.timestamp().to_zoned(TimeZone::UTC).strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// An id in a form.
fn id(text: &str) -> Option<EventId> {
    text.parse().ok()
}

/// A page that says why something was not done, and leads back. The text of our own errors holds no
/// protected text (THREATS T-01).
fn not_done(error: &dyn std::error::Error, back: &str) -> Response {
    page_error(StatusCode::UNPROCESSABLE_ENTITY, "This was not done", &sentence(error), back)
}

/// An error as a sentence.
fn sentence(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// What came of asking the store.
#[expect(clippy::result_large_err, reason = "what is given instead is an answer, made once")]
fn told<T>(result: Result<Result<T, NotDone>, Problem>, back: &str) -> Answered<T> {
    match result {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(NotDone::Refused(text))) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Err(page_error(status, "This was not done", &text, back))
        }
        Ok(Err(NotDone::Problem(problem))) | Err(problem) => Err(problem.into_response()),
    }
}

/// Why the store was not changed.
enum NotDone {
    /// A rule is against it. The text is for people.
    Refused(String),
    Problem(Problem),
}

impl NotDone {
    fn by_rule(error: &dyn std::error::Error) -> Self {
        Self::Refused(sentence(error))
    }
}

impl From<portcullis_store::StoreError> for NotDone {
    fn from(error: portcullis_store::StoreError) -> Self {
        match error {
            portcullis_store::StoreError::Overtaken { .. } => {
                Self::Refused("Somebody else changed it at the same time. Look at it again.".into())
            }
            error => Self::Problem(error.into()),
        }
    }
}

impl From<Problem> for NotDone {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}
