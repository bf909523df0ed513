//! One call to another node: its request goes out, and what came back is not trusted.

use crate::lists::http::{agent, is_private_to_the_wire};
use portcullis_federation::Endpoint;
use std::fmt;
use std::io::Read as _;
use std::time::Duration;
use ureq::http::header::CONTENT_TYPE;
use ureq::http::{StatusCode, Uri};

/// The path at which a node is polled.
pub(crate) const POLL_PATH: &str = "/exchange/v1/poll";

/// The media type of what nodes exchange.
pub(crate) const FRAME_TYPE: &str = "application/octet-stream";

/// How long to wait for a connection, or for the next bytes.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long a poll may take, from the first byte to the last.
const TIME: Duration = Duration::from_secs(20);

/// How much longer than its request an answer may be: it has as many envelopes, and the same two ids.
const ROOM_BYTES: u64 = 1_024;

/// Where a node is reached: over https, or on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NodeAddress(Uri);

/// Why a text is not where a node is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    /// It is no web address.
    #[error("this is not the address of a node; write it like https://node.example")]
    NotAnAddress,
    /// Anybody on the way sees who exchanges with whom.
    #[error("this is not encrypted; use https (http only for an address of this machine)")]
    NotEncrypted,
}

/// Why nothing came back. Addresses and bytes are not repeated.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// Nobody answered, or not in time.
    #[error("it does not answer")]
    Unreachable {
        /// What went wrong.
        source: Box<ureq::Error>,
    },
    /// It refused.
    #[error("it answered {status}{}", hint(*status))]
    Status {
        /// How.
        status: StatusCode,
    },
    /// What came is too long for an answer, or broke off.
    #[error("it answered something that is no answer")]
    NoAnswer,
}

fn hint(status: StatusCode) -> &'static str {
    match status.as_u16() {
        403 => "; it may have another member list, or another time",
        404 => "; there may be no node, or one that exchanges nothing",
        429 | 503 => "; it is busy",
        _ => "",
    }
}

impl CallError {
    /// The name by which it is counted and logged.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::Status { .. } => "refused-there",
            Self::NoAnswer => "no-answer",
        }
    }
}

impl NodeAddress {
    /// Takes an address.
    pub(crate) fn new(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError::NotAnAddress)?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        let plain = |authority: &str| !authority.is_empty() && !authority.contains('@');
        if !is_web || !uri.authority().is_some_and(|all| plain(all.as_str())) {
            return Err(AddressError::NotAnAddress);
        }
        if !is_private_to_the_wire(&uri) {
            return Err(AddressError::NotEncrypted);
        }
        let text = text.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let whole = format!("{text}{POLL_PATH}");
        whole.parse().map(Self).map_err(|_| AddressError::NotAnAddress)
    }

    /// The address that the member list says.
    pub(crate) fn of(endpoint: &Endpoint) -> Result<Self, AddressError> {
        Self::new(endpoint.as_str())
    }

    /// Brings a request, and takes what comes back.
    pub(crate) fn call(&self, request: &[u8]) -> Result<Vec<u8>, CallError> {
        let unreachable = |error| CallError::Unreachable { source: Box::new(error) };
        let call = agent(PATIENCE, TIME).post(self.0.clone()).header(CONTENT_TYPE, FRAME_TYPE);
        let response = call.send(request).map_err(unreachable)?;
        let status = response.status();
        if status != StatusCode::OK {
            return Err(CallError::Status { status });
        }
        let most = (request.len() as u64).saturating_add(ROOM_BYTES);
        let mut answer = Vec::new();
        let mut body = response.into_body().into_reader().take(most.saturating_add(1));
        body.read_to_end(&mut answer).map_err(|error| unreachable(error.into()))?;
        if answer.len() as u64 > most { Err(CallError::NoAnswer) } else { Ok(answer) }
    }
}

impl fmt::Display for NodeAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_reached_over_https_or_on_this_machine() {
        for (text, whole) in [
            ("https://node.example", "https://node.example/exchange/v1/poll"),
            ("https://node.example:8443/a/", "https://node.example:8443/a/exchange/v1/poll"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/exchange/v1/poll"),
            ("http://[::1]:8080/", "http://[::1]:8080/exchange/v1/poll"),
        ] {
            assert_eq!(NodeAddress::new(text).unwrap().to_string(), whole);
        }
        for (text, error) in [
            ("http://node.example", AddressError::NotEncrypted),
            ("http://10.0.0.1", AddressError::NotEncrypted),
            ("http://127.0.0.1.node.example", AddressError::NotEncrypted),
            ("https://user@node.example", AddressError::NotAnAddress),
            ("file:///etc/passwd", AddressError::NotAnAddress),
            ("node.example", AddressError::NotAnAddress),
            ("", AddressError::NotAnAddress),
        ] {
            assert_eq!(NodeAddress::new(text), Err(error), "{text}");
        }
    }
}
