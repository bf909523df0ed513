//! Errors as RFC 9457 has them: `application/problem+json`.
//!
//! A problem says what to do and never repeats what was sent. Absent and unreadable are one problem,
//! [`Problem::absent`], so that nobody learns from the one what the other hides.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use portcullis_store::StoreError;
use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// What kind of problem: always `about:blank`, so that status and title say it.
    #[serde(rename = "type")]
    #[schema(rename = "type", example = "about:blank")]
    kind: &'static str,
    /// The kind in words.
    #[schema(example = "Not Found")]
    title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    status: u16,
    /// What to do about it.
    detail: String,
    #[serde(skip)]
    retry_after_seconds: Option<u32>,
}

/// The problems that any operation may answer with, for its description.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "names the answers for the description alone")]
pub(crate) enum Refusals {
    /// What was sent cannot be understood
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(#[to_schema] Problem),
    /// Nobody is signed in, and somebody must be
    #[response(status = 401, content_type = "application/problem+json")]
    UnknownAsker(#[to_schema] Problem),
    /// The asker may not do this
    #[response(status = 403, content_type = "application/problem+json")]
    Refused(#[to_schema] Problem),
    /// There is nothing there that the asker may see
    #[response(status = 404, content_type = "application/problem+json")]
    Absent(#[to_schema] Problem),
    /// The body took too long to come
    #[response(status = 408, content_type = "application/problem+json")]
    Late(#[to_schema] Problem),
    /// The body is too large
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// The body is not in a form that is read here
    #[response(status = 415, content_type = "application/problem+json")]
    OtherForm(#[to_schema] Problem),
    /// The host named is not this node
    #[response(status = 421, content_type = "application/problem+json")]
    Misdirected(#[to_schema] Problem),
    /// What was sent says something that cannot be
    #[response(status = 422, content_type = "application/problem+json")]
    Impossible(#[to_schema] Problem),
    /// The sender asks too often; `Retry-After` says when to come back
    #[response(status = 429, content_type = "application/problem+json")]
    TooOften(#[to_schema] Problem),
    /// Something failed here
    #[response(status = 500, content_type = "application/problem+json")]
    Failed(#[to_schema] Problem),
    /// Too much is going on, or it took too long; `Retry-After` says when to come back
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(#[to_schema] Problem),
}

/// What an operation gives: an answer, or a problem.
pub(crate) type Answer<T> = Result<T, Problem>;

impl Problem {
    /// A problem of this status. `detail` is fixed text: it never holds what was sent.
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            retry_after_seconds: None,
        }
    }

    /// What was sent cannot be understood.
    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// What was sent can be understood, and cannot be.
    pub(crate) fn impossible(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// Nobody is signed in, and somebody must be.
    pub(crate) fn unknown_asker() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign in, or send a token in the header Authorization")
    }

    /// The asker may not do this. Only where that the thing is there is no secret; else
    /// [`Problem::absent`].
    pub(crate) fn refused(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// There is nothing there, or nothing that the asker may know of.
    pub(crate) fn absent() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is nothing here that you may see")
    }

    /// Too much is going on.
    pub(crate) fn busy() -> Self {
        let problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too much is going on at this moment; try again later",
        );
        problem.retry_after(1)
    }

    /// Something failed here that the asker can do nothing about. What, the log says.
    pub(crate) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something failed here; whoever runs the node finds it in its log under the request id",
        )
    }

    /// The same, to be tried again after so many seconds.
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// What to do about it, for a page.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        // The error of a store holds no protected text (THREATS T-01).
        tracing::error!(target: super::LOG, error = %error, "the store failed");
        match error {
            StoreError::Busy { .. } => Self::busy(),
            _ => Self::internal(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        // A struct of strings and numbers can be written.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
