//! What every answer tells a browser: what may be done with it.

use super::problem::Problem;
use super::state::State;
use axum::extract::{self, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
use std::sync::Arc;

/// Pages are made of what this node serves and of nothing else, and are shown in nobody's frame.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
    object-src 'none'";

/// For every answer. A handler that must say otherwise sets the header itself.
const HEADERS: [(HeaderName, &str); 9] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Two years, as browsers ask for.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// Adds the headers, and refuses a name that is not this node's.
pub(super) async fn guard(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = if state.is_private && !is_this_machine(&request) {
        Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "this node serves its own machine alone; ask for it as localhost",
        )
        .into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if state.is_tls {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}

/// Whether the request names this machine as its host. A page of somebody else can have a browser ask
/// this machine under a name of its own (DNS rebinding), and would read the answer.
fn is_this_machine(request: &Request) -> bool {
    let by_header = request.headers().get(HOST).map(|host| host.to_str().unwrap_or_default());
    let Some(host) = by_header.or_else(|| request.uri().authority().map(Authority::as_str)) else {
        // No browser leaves it out.
        return true;
    };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn only_names_of_this_machine_are_taken_for_it() {
        let named = |host: &str| {
            is_this_machine(&Request::builder().header(HOST, host).body(Body::empty()).unwrap())
        };
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "127.8.8.8", "[::1]:8080"] {
            assert!(named(host), "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "[2001:db8::1]", ""] {
            assert!(!named(host), "{host}");
        }
    }
}
