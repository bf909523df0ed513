//! Pages: how they are made, and what they are made with.

use super::super::problem::{Answer, Problem};
use super::super::state::State;
use askama::Template;
use axum::extract::State as Shared;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// What a page gives: an answer, or another one that takes its place.
pub(in crate::serve) type Answered<T> = Result<T, Response>;

/// A page.
#[expect(clippy::result_large_err, reason = "what is given instead is an answer, made once")]
pub(in crate::serve) fn page(template: &impl Template) -> Answered<Response> {
    page_with(StatusCode::OK, template)
}

/// A page with another status.
#[expect(clippy::result_large_err, reason = "what is given instead is an answer, made once")]
pub(in crate::serve) fn page_with(
    status: StatusCode,
    template: &impl Template,
) -> Answered<Response> {
    let text = template.render().map_err(|_| Problem::internal().into_response())?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        // Forms must say where they come from, to this site and to no other.
        (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    ];
    Ok((status, headers, text).into_response())
}

#[derive(Template)]
#[template(path = "pages/problem.html")]
struct ProblemPage<'a> {
    title: &'a str,
    text: &'a str,
    back: &'a str,
    back_text: &'a str,
}

/// A page that says what went wrong. `text` holds nothing that was sent.
pub(in crate::serve) fn page_error(
    status: StatusCode,
    title: &str,
    text: &str,
    back: &str,
) -> Response {
    let shown = ProblemPage { title, text, back, back_text: "Go back" };
    page_with(status, &shown).unwrap_or_else(|response| response)
}

/// Sends a browser to another site after a form was sent. A page does it, and not a redirect: forms may
/// lead to this site alone (`form-action`), which holds for where they are sent on to as well.
pub(super) fn leave(address: &str) -> Answer<Response> {
    let shown = LeavePage { address };
    page(&shown).map_err(|_| Problem::internal())
}

#[derive(Template)]
#[template(path = "pages/leave.html")]
struct LeavePage<'a> {
    address: &'a str,
}

/// Where there are pages, the address of the node leads to one's own, and there to signing in.
pub(super) async fn front_door(Shared(state): Shared<Arc<State>>) -> Answer<Redirect> {
    state.sign_in.ready()?;
    Ok(Redirect::to("/account"))
}

/// The stylesheet of the pages.
pub(super) async fn style() -> Response {
    asset("text/css; charset=utf-8", include_str!("../../../templates/pages/pages.css"))
}

/// The icon of the pages.
pub(super) async fn icon() -> Response {
    asset("image/svg+xml", include_str!("../../../templates/pages/icon.svg"))
}

/// The script that talks to passkeys.
pub(super) async fn script() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../../../templates/pages/passkeys.js"))
}

fn asset(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (CACHE_CONTROL, HeaderValue::from_static("max-age=300")),
    ];
    (headers, text).into_response()
}
