//! Fetching one file from the web, within limits.
//!
//! What comes from the network is not trusted: it is bounded in size and time, and only goes to a
//! file that nothing reads before it has been checked.

use indicatif::ProgressBar;
use portcullis_decide::Digest;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use ureq::http::header::{
    CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION,
};
use ureq::http::{HeaderName, Response, StatusCode, Uri};
use ureq::{Agent, Body, Error};

/// How long to wait for a connection, or for the next bytes.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a server may send us on. Browsers stop at 20; a list needs one or two.
const MAX_REDIRECTS: usize = 5;

/// How much a fetch may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Largest file, in bytes, also after decompression.
    pub(super) size_bytes: u64,
    /// Longest time for one file, from the first request to the last byte.
    pub(super) time: Duration,
}

/// What the server said of the copy that is already here (RFC 9110 section 13.1).
#[derive(Debug, Clone, Default)]
pub(super) struct Condition {
    pub(super) entity_tag: Option<String>,
    pub(super) last_modified: Option<String>,
}

/// What a request gave.
#[derive(Debug)]
pub(super) enum Fetched {
    /// The copy that is here is still the newest.
    NotModified,
    /// A file, now written.
    File(Received),
}

/// A file that was received whole.
#[derive(Debug)]
pub(super) struct Received {
    pub(super) sha256: Digest,
    pub(super) size_bytes: u64,
    pub(super) condition: Condition,
}

/// Why a file could not be fetched. Addresses are shown without what may be secret in them.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    #[error("`{address}` is not a web address; write it like https://lists.example/list.csv")]
    NotAnAddress { address: String },
    #[error("`{address}` is not encrypted, so anybody on the way could change the list; use https")]
    NotEncrypted { address: String },
    #[error("`{address}` sends on to `{to}`, which is not encrypted; the list was not fetched")]
    RedirectRefused { address: String, to: String },
    #[error("`{address}` sends on more than {MAX_REDIRECTS} times")]
    TooManyRedirects { address: String },
    #[error("`{address}` answered {status}{}", hint(*status))]
    Status { address: String, status: StatusCode },
    #[error("`{address}` gives more than {limit_bytes} bytes; if that is right, raise --max-size")]
    TooLarge { address: String, limit_bytes: u64 },
    #[error("`{address}` did not give the whole file in time; try again, or raise --timeout")]
    TooSlow { address: String },
    #[error("`{address}` broke off after {received} of {expected} bytes; try again")]
    BrokenOff { address: String, received: u64, expected: u64 },
    #[error("`{address}` answered with a web page, not with a list; look at it in a browser")]
    WebPage { address: String },
    #[error("`{address}` could not be fetched")]
    Failed { address: String, source: Box<Error> },
    #[error("the fetched file could not be written")]
    NotWritten { source: io::Error },
}

fn hint(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 | 403 => "; it may want a key or an account",
        404 | 410 => "; the publisher may have moved the list",
        429 => "; ask less often",
        500..=599 => "; try again later",
        _ => "",
    }
}

/// Fetches what is at `address` into `file`.
pub(super) fn fetch(
    address: &str,
    condition: &Condition,
    limits: Limits,
    file: &mut File,
    progress: &ProgressBar,
) -> Result<Fetched, FetchError> {
    let start = Instant::now();
    let mut uri = parse(address)?;
    if !is_private_to_the_wire(&uri) {
        return Err(FetchError::NotEncrypted { address: shown(&uri) });
    }
    for _ in 0..=MAX_REDIRECTS {
        let left = limits.time.saturating_sub(start.elapsed());
        let response = ask(&uri, condition, left)?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            return Ok(Fetched::NotModified);
        }
        if status.is_redirection() {
            uri = follow(&uri, &response)?;
            continue;
        }
        if status != StatusCode::OK {
            return Err(FetchError::Status { address: shown(&uri), status });
        }
        return receive(&uri, response, limits, file, progress).map(Fetched::File);
    }
    Err(FetchError::TooManyRedirects { address: shown(&uri) })
}

fn ask(uri: &Uri, condition: &Condition, left: Duration) -> Result<Response<Body>, FetchError> {
    let mut request = agent(PATIENCE.min(left), left).get(uri.clone());
    if let Some(tag) = &condition.entity_tag {
        request = request.header(IF_NONE_MATCH, tag);
    }
    if let Some(date) = &condition.last_modified {
        request = request.header(IF_MODIFIED_SINCE, date);
    }
    request.call().map_err(|error| failed(uri, error))
}

/// Asks other servers, within this time: for the connection and the next bytes, and for all of it. It
/// follows nobody who sends it on: who asks checks each step, so that none leaves https.
pub(crate) fn agent(patience: Duration, time: Duration) -> Agent {
    Agent::config_builder()
        .max_redirects(0)
        .http_status_as_error(false)
        .timeout_connect(Some(patience))
        .timeout_per_read(Some(patience))
        .timeout_global(Some(time))
        .user_agent(concat!("portcullis/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

fn follow(from: &Uri, response: &Response<Body>) -> Result<Uri, FetchError> {
    let status = response.status();
    let to = header(response, &LOCATION)
        .ok_or_else(|| FetchError::Status { address: shown(from), status })?;
    let to = resolve(from, &to)
        .ok_or_else(|| FetchError::NotAnAddress { address: "the address it sends on to".into() })?;
    let stays_private = match from.scheme_str() {
        Some("https") => to.scheme_str() == Some("https"),
        _ => is_private_to_the_wire(&to),
    };
    if stays_private {
        Ok(to)
    } else {
        Err(FetchError::RedirectRefused { address: shown(from), to: shown(&to) })
    }
}

fn receive(
    uri: &Uri,
    response: Response<Body>,
    limits: Limits,
    file: &mut File,
    progress: &ProgressBar,
) -> Result<Received, FetchError> {
    let too_large = || FetchError::TooLarge { address: shown(uri), limit_bytes: limits.size_bytes };
    let expected = response.body().content_length();
    if expected.is_some_and(|length| length > limits.size_bytes) {
        return Err(too_large());
    }
    let is_page = header(&response, &CONTENT_TYPE)
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    if is_page {
        return Err(FetchError::WebPage { address: shown(uri) });
    }
    let condition = Condition {
        entity_tag: header(&response, &ETAG),
        last_modified: header(&response, &LAST_MODIFIED),
    };
    if let Some(length) = expected {
        progress.set_length(length);
    }
    let mut body = response.into_body().into_reader();
    let mut hash = Sha256::new();
    let mut size_bytes = 0_u64;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = match body.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken(uri, error, size_bytes, expected)),
        };
        let bytes = buffer.get(..read).unwrap_or_default();
        size_bytes += read as u64;
        if size_bytes > limits.size_bytes {
            return Err(too_large());
        }
        hash.update(bytes);
        file.write_all(bytes).map_err(|source| FetchError::NotWritten { source })?;
        progress.inc(read as u64);
    }
    // A body of stated length that ends early is an error of its own above; this is the last word.
    if let Some(expected) = expected.filter(|expected| *expected != size_bytes) {
        return Err(FetchError::BrokenOff { address: shown(uri), received: size_bytes, expected });
    }
    Ok(Received { sha256: Digest::from_bytes(hash.finalize().into()), size_bytes, condition })
}

fn broken(uri: &Uri, error: io::Error, received: u64, expected: Option<u64>) -> FetchError {
    let ended = error.kind() == io::ErrorKind::UnexpectedEof;
    match (Error::from(error), expected) {
        (Error::Timeout(_), _) => FetchError::TooSlow { address: shown(uri) },
        (_, Some(expected)) if ended => {
            FetchError::BrokenOff { address: shown(uri), received, expected }
        }
        (error, _) => failed(uri, error),
    }
}

fn failed(uri: &Uri, error: Error) -> FetchError {
    let address = shown(uri);
    match error {
        Error::Timeout(_) => FetchError::TooSlow { address },
        error => FetchError::Failed { address, source: Box::new(error) },
    }
}

fn header(response: &Response<Body>, name: &HeaderName) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    (value.len() <= 1_024).then(|| value.to_owned())
}

fn parse(address: &str) -> Result<Uri, FetchError> {
    let not_an_address = || FetchError::NotAnAddress {
        address: address.split(['?', '#']).next().unwrap_or("").into(),
    };
    let uri: Uri = address.parse().map_err(|_| not_an_address())?;
    let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
    let is_plain =
        uri.authority().is_some_and(|a| !a.host().is_empty() && !a.as_str().contains('@'));
    if is_web && is_plain { Ok(uri) } else { Err(not_an_address()) }
}

/// Whether nobody on the way can read or change what passes: encrypted, or within this machine.
pub(crate) fn is_private_to_the_wire(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_loopback = host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && is_loopback)
}

/// The target of a `Location` (RFC 3986 section 5.2), as far as servers of files need it.
fn resolve(from: &Uri, location: &str) -> Option<Uri> {
    let location = location.split('#').next().unwrap_or_default();
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    let whole = if location.contains("://") {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else {
        let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
        format!("{scheme}://{authority}{folder}/{location}")
    };
    parse(&whole).ok()
}

/// An address for people: without its query, which may hold a key.
fn shown(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    let host = uri.authority().map_or("", |a| a.as_str());
    format!("{scheme}://{host}{}", uri.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_nobody_can_listen_to_are_asked() {
        for address in [
            "https://lists.example/a.csv",
            "http://127.0.0.1:8080/a",
            "http://[::1]/a",
            "http://localhost/a",
        ] {
            assert!(is_private_to_the_wire(&parse(address).unwrap()), "{address}");
        }
        for address in [
            "http://lists.example/a.csv",
            "http://127.0.0.1.lists.example/a",
            "http://localhost.lists.example/a",
            "http://10.0.0.1/a",
        ] {
            assert!(!is_private_to_the_wire(&parse(address).unwrap()), "{address}");
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        for address in [
            "",
            "ftp://lists.example/a",
            "file:///etc/passwd",
            "https://",
            "https://user:word@lists.example/a",
            "a.csv",
        ] {
            assert!(matches!(parse(address), Err(FetchError::NotAnAddress { .. })), "{address}");
        }
    }

    #[test]
    fn a_location_is_resolved_against_where_it_came_from() {
        // RFC 3986 section 5.4, the cases that servers use.
        let from = parse("https://lists.example/b/c/d?q").unwrap();
        for (location, expected) in [
            ("https://other.example/x", "https://other.example/x"),
            ("//other.example/x", "https://other.example/x"),
            ("/x?y=1", "https://lists.example/x?y=1"),
            ("g", "https://lists.example/b/c/g"),
        ] {
            assert_eq!(resolve(&from, location).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn a_key_in_an_address_is_not_shown() {
        let uri = parse("https://lists.example/a.csv?key=secret").unwrap();
        assert_eq!(shown(&uri), "https://lists.example/a.csv");
    }

    proptest::proptest! {
        #[test]
        fn no_address_panics(address in ".{0,60}", location in ".{0,60}") {
            if let Ok(uri) = parse(&address) {
                let _ = shown(&uri);
            }
            let from = parse("https://lists.example/b/c").unwrap();
            if let Some(to) = resolve(&from, &location) {
                proptest::prop_assert!(to.authority().is_some());
            }
        }
    }
}
