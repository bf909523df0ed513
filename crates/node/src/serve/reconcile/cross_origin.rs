//! Pages of the asker's own machine may read answers of reconciliation.

use axum::extract::Request;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, ORIGIN, VARY};
use axum::http::{HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::Response;
use std::net::IpAddr;

/// Says that the page that asked may read the answer, when it is one of this machine. Never with a
/// session: no page of another origin may act as whoever is signed in.
pub(super) async fn allow(request: Request, next: Next) -> Response {
    let origin = request.headers().get(ORIGIN).filter(|origin| is_local(origin)).cloned();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

fn is_local(origin: &HeaderValue) -> bool {
    let Some(uri) = origin.to_str().ok().and_then(|text| text.parse::<Uri>().ok()) else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    uri.scheme_str() == Some("http")
        && (host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_this_machine_may_read() {
        for origin in ["http://127.0.0.1:3333", "http://localhost:3333", "http://[::1]:3333"] {
            assert!(is_local(&HeaderValue::from_static(origin)), "{origin}");
        }
        for origin in
            ["https://evil.example", "http://localhost.evil.example", "null", "http://10.0.0.1", ""]
        {
            assert!(!is_local(&HeaderValue::from_static(origin)), "{origin}");
        }
    }
}
