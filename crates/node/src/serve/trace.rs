//! One line for each request: which route, which status, how long. Addresses, queries, headers and
//! bodies are never logged (THREATS T-35): what was asked stands in them.

use super::LOG;
use super::args::LogFormat;
use super::metrics::Kind;
use super::state::State;
use crate::environment::SystemRng;
use anyhow::Context;
use axum::extract::{self, MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use portcullis_types::Rng;
use std::fmt::Write;
use std::sync::Arc;
use tokio::time::Instant;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// The header that an answer names its request by, and the log too.
const REQUEST_ID: &str = "x-request-id";

/// Has what is logged written to stderr. Only what this program says itself is: the libraries below it
/// would say addresses and bytes.
pub(super) fn begin(format: LogFormat) -> anyhow::Result<()> {
    let filter = Targets::new().with_target(LOG, LevelFilter::INFO);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false);
    let registry = tracing_subscriber::registry().with(filter);
    match format {
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
        LogFormat::Text => registry.with(lines.with_ansi(false)).try_init(),
    }
    .context("cannot log")?;
    // The message of a panic may quote the text that was worked on.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(target: LOG, place, "the program failed");
    }));
    Ok(())
}

/// Counts and logs a request.
pub(super) async fn trace(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let method = method(request.method());
    let route: Arc<str> = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| Arc::from("none"), |path| Arc::from(path.as_str()));
    let parent = trace_id(request.headers());
    let id = request_id();
    let mut response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let ms = took.as_secs_f64() * 1_000.0;
    // A trace that is not there is left out of the line.
    tracing::info!(target: LOG, id, trace = parent, method, %route, status, ms, "answered");
    state.metrics.answered(Kind { route, method, status }, took);
    response
}

/// The method, when it is one of HTTP's own: any other is text that somebody made up.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "OTHER",
    }
}

/// Sixteen hexadecimal digits at random.
fn request_id() -> String {
    let mut bytes = [0; 8];
    SystemRng.fill(&mut bytes);
    let mut id = String::with_capacity(16);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(id, "{byte:02x}");
    }
    id
}

/// The trace that the caller says this is part of (W3C Trace Context, `traceparent`), when it is one:
/// thirty-two hexadecimal digits and nothing else.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let parent = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = parent.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_whole = version == "00"
        && is_hex(trace, 32)
        && is_hex(span, 16)
        && is_hex(flags, 2)
        && parts.next().is_none()
        && trace.bytes().any(|b| b != b'0');
    is_whole.then(|| trace.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traced(value: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_static(value));
        trace_id(&headers)
    }

    #[test]
    fn a_trace_is_taken_only_when_it_is_one() {
        // The example of W3C Trace Context, section 3.2.
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(traced(parent).as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        for wrong in [
            "Orsolya Testwick",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-orsolyatestwickorsolyatestwick12-00f067aa0ba902b7-01",
        ] {
            assert_eq!(traced(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_method_that_somebody_made_up_is_not_repeated() {
        assert_eq!(method(&Method::from_bytes(b"TESTWICK").unwrap()), "OTHER");
    }
}
