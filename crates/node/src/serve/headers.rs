//! What every answer tells a browser: what may be done with it.

use super::problem::Problem;
use super::state::State;
use axum::extract::{self, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, FORWARDED, HOST, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, VIA, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version};
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

/// Adds the headers, and refuses a name that is not this node's. Of a node that serves its own machine
/// alone it refuses what a proxy passes on, too, as far as that shows: several say nothing of whom they
/// ask for, under a name of this machine, but ask over HTTP/1.0, which nothing else has done for long.
pub(super) async fn guard(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let misdirected = |detail: &'static str| {
        Problem::new(StatusCode::MISDIRECTED_REQUEST, detail).into_response()
    };
    let mut response = if state.is_private && !is_this_machine(&request) {
        misdirected("this node serves its own machine alone; ask for it as localhost")
    } else if state.is_private && is_passed_on(request.headers()) {
        misdirected(
            "this node serves its own machine alone, and a proxy passed this on: start it with `--behind-proxy`",
        )
    } else if state.is_private && request.version() < Version::HTTP_11 {
        misdirected(
            "this node serves its own machine alone, over HTTP/1.1 or later; start it with `--behind-proxy` where a proxy asks it",
        )
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

/// Headers by which proxies say for whom they ask.
const PASSED_ON: [HeaderName; 6] = [
    VIA,
    FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// Whether a proxy says that it asks for somebody else, who may sit anywhere.
fn is_passed_on(headers: &HeaderMap) -> bool {
    PASSED_ON.iter().any(|name| headers.contains_key(name))
}

/// The host and port that a request names: in its address over HTTP/2, else in its header.
pub(super) fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    let by_header = headers.get(HOST).map(|host| host.to_str().unwrap_or_default());
    by_header.or_else(|| uri.authority().map(Authority::as_str))
}

/// Whether the request names this machine as its host. A page of somebody else can have a browser ask
/// this machine under a name of its own (DNS rebinding), and would read the answer.
fn is_this_machine(request: &Request) -> bool {
    let Some(host) = host(request.headers(), request.uri()) else {
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

    // THREATS T-35
    #[test]
    fn what_a_proxy_passed_on_does_not_come_from_this_machine() {
        let passed = |name: &str| {
            let request = Request::builder().header(HOST, "127.0.0.1").header(name, "203.0.113.9");
            is_passed_on(request.body(Body::empty()).unwrap().headers())
        };
        for name in ["X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "X-Forwarded-Proto"] {
            assert!(passed(name), "{name}");
        }
        assert!(!passed("X-Request-Id"));
    }
}
