//! What a reader asks, and what he hears.

use super::node::{BEAT, Node, TOKEN};
use axum::body::{Body, Bytes};
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use axum::http::{Method, Request};
use hyper::body::Body as _;
use std::pin::Pin;
use std::time::Duration;
use tokio::time::Instant;
use tower::ServiceExt as _;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ask {
    method: Method,
    path: String,
    body: Option<String>,
    headers: Vec<(&'static str, String)>,
    is_stranger: bool,
}

pub(super) fn get(path: impl Into<String>) -> Ask {
    Ask {
        method: Method::GET,
        path: path.into(),
        body: None,
        headers: Vec::new(),
        is_stranger: false,
    }
}

pub(super) fn post(path: impl Into<String>, body: impl Into<String>) -> Ask {
    Ask { method: Method::POST, body: Some(body.into()), ..get(path) }
}

impl Ask {
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Asked by somebody who shows nothing.
    pub(super) fn by_a_stranger(self) -> Self {
        Self { is_stranger: true, ..self }
    }

    pub(super) fn table(self) -> Self {
        self.with(ACCEPT.as_str(), "text/csv")
    }
}

/// All that somebody can tell of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) status: u16,
    headers: Vec<(String, Vec<u8>)>,
    pub(super) body: String,
    /// How long he waited: time stands still but for waiting.
    pub(super) waited: Duration,
}

impl Heard {
    /// A beat of what is new.
    pub(super) fn of_beat(bytes: &[u8], waited: Duration) -> Self {
        let body = String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: 200, headers: Vec::new(), body, waited }
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Asks.
pub(super) async fn ask(node: &Node, ask: &Ask) -> Heard {
    let came = Instant::now();
    let response = node.app.clone().oneshot(request(ask)).await.unwrap();
    let waited = came.elapsed();
    let (head, body) = response.into_parts();
    let mut headers: Vec<_> = head
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-request-id" && *name != "date")
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect();
    headers.sort();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    Heard { status: head.status.as_u16(), headers, body, waited }
}

/// Asks; how long it takes until the answer begins.
pub(super) async fn head(node: &Node, ask: &Ask) -> Duration {
    let came = Instant::now();
    let _ = node.app.clone().oneshot(request(ask)).await.unwrap();
    came.elapsed()
}

fn request(ask: &Ask) -> Request<Body> {
    let mut request =
        Request::builder().method(ask.method.clone()).uri(&ask.path).header(HOST, "localhost");
    if !ask.is_stranger {
        request = request.header(AUTHORIZATION, TOKEN);
    }
    for (name, value) in &ask.headers {
        request = request.header(*name, value);
    }
    let body = match &ask.body {
        Some(body) => {
            request = request.header(CONTENT_TYPE, "application/json");
            Body::from(body.clone())
        }
        None => Body::empty(),
    };
    request.body(body).unwrap()
}

/// Somebody who follows what is new.
pub(super) struct Follower(Option<Body>);

impl Follower {
    /// Begins to follow; nobody where he may not.
    pub(super) async fn begin(node: &Node, ask: &Ask) -> Self {
        let follower = Self::attempt(node, ask).await;
        assert!(follower.0.is_some());
        follower
    }

    /// Begins to follow, or is refused and hears nothing.
    pub(super) async fn attempt(node: &Node, ask: &Ask) -> Self {
        let response = node.app.clone().oneshot(request(ask)).await.unwrap();
        let is_taken = response.status() == 200;
        Self(is_taken.then(|| response.into_body()))
    }

    /// What comes next, and how long it took.
    pub(super) async fn next(&mut self) -> (Bytes, Duration) {
        let Some(body) = &mut self.0 else { return (Bytes::new(), Duration::ZERO) };
        let began = Instant::now();
        let frame = std::future::poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx));
        let frame = tokio::time::timeout(4 * BEAT, frame).await.unwrap();
        (frame.unwrap().unwrap().into_data().unwrap(), began.elapsed())
    }
}
