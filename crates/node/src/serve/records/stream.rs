//! What is new, as server-sent events (WHATWG HTML, section 9.2).
//!
//! Something is sent on a fixed beat whether anything happened or not, filled up to a multiple of a
//! fixed size, so that whoever watches the line doesn't learn when something did; and nobody learns
//! of what he may not read, not by an empty beat either.

use super::super::asker::Following;
use super::super::problem::{Answer, Problem, Refusals};
use super::super::shares::Spent;
use super::super::state::State;
use super::sight::with_sight;
use crate::decisions::organisation;
use axum::body::{Body, Bytes};
use axum::extract;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use portcullis_access::{Act, ThingKind};
use portcullis_store::{NewsPlace, StoredEvent};
use portcullis_types::{Detail, Event, EventId};
use serde::Serialize;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// How often something is sent.
pub(super) const BEAT: Duration = Duration::from_secs(BEAT_SECONDS as u64);
const BEAT_SECONDS: u32 = 5;

/// Those who follow at once, and how often one person does. Each asks the store on every beat.
pub(super) const STREAMS: usize = 256;
pub(super) const STREAMS_OF_ONE: usize = 8;

/// What is sent is as long as a multiple of this.
const FILLED_BYTES: usize = 4_096;

/// Whoever is told that something happened may read what happened.
const NEWS: &[(Act, ThingKind)] = &[
    (Act::Read, ThingKind::Event),
    (Act::Read, ThingKind::Alert),
    (Act::Read, ThingKind::Decision),
    (Act::Read, ThingKind::List),
];

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new().routes(routes!(stream))
}

/// Something new, without names and reasons: where to look.
#[derive(Debug, Serialize, ToSchema)]
struct New {
    /// The id of its event.
    #[schema(format = "uuid")]
    id: String,
    /// What happened.
    #[schema(example = "screening.decision.recorded")]
    kind: String,
    /// When (UTC).
    #[schema(format = DateTime)]
    at: String,
    /// The short name of the pair that it is about, if it is about one.
    reference: Option<String>,
    /// The list that it is about, if it is about one.
    list: Option<String>,
}

impl From<&Event> for New {
    fn from(event: &Event) -> Self {
        let text = |name: &str| match event.details.get(name) {
            Some(Detail::Text(text)) => Some(text.reveal().to_owned()),
            _ => None,
        };
        Self {
            id: event.id.to_string(),
            kind: event.kind.as_str().to_owned(),
            at: event.at.timestamp().to_string(),
            reference: text("reference"),
            list: text("list"),
        }
    }
}

/// What is new, as it happens
///
/// Server-sent events named `new`, each with an object as its data, from the moment of the request on,
/// or after the event that `Last-Event-ID` names. Comments fill the beats.
#[utoipa::path(
    get, path = "/api/v1/stream", tag = "records",
    responses((status = 200, body = String, content_type = "text/event-stream",
        description = "What happens, until the asker or the node ends it"), Refusals),
)]
async fn stream(
    extract::State(state): extract::State<Arc<State>>,
    following: Following,
    headers: HeaderMap,
) -> Answer<Response> {
    let asking = &following.asking;
    let streams = &state.records.streams;
    let place = streams.take(asking.person()?.id.clone(), 1).map_err(|spent| match spent {
        Spent::All => Problem::busy(),
        Spent::Share => Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!("you follow {STREAMS_OF_ONE} times already; end one of them first"),
        )
        .retry_after(BEAT_SECONDS),
    })?;
    let last: Option<EventId> =
        headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let from = with_sight(&state, asking.clone(), NEWS, move |store, visible| {
        Ok(store.view(visible, |v| {
            let after = match last {
                Some(id) => v.news_after(&organisation(), id)?,
                None => None,
            };
            // An event that he doesn't see is one that never was.
            after.map_or_else(|| v.news_from_now(), Ok)
        })?)
    });
    let from = from.await?;
    let (beats, heard) = mpsc::channel(1);
    tokio::spawn(async move {
        tell(state, &following, from, beats).await;
        drop(place);
    });
    let mut response = Response::new(Body::new(Heard(heard)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Beats, as the body of an answer.
struct Heard(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Heard {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|beat| beat.map(|bytes| Ok(hyper::body::Frame::data(bytes))))
    }
}

/// Sends beats until nobody listens, the asker may listen no more, or the node stops.
async fn tell(
    state: Arc<State>,
    following: &Following,
    mut place: NewsPlace,
    beats: mpsc::Sender<Bytes>,
) {
    let mut stopping = state.stopping.subscribe();
    let mut at = Instant::now();
    loop {
        at += state.records.beat;
        tokio::select! {
            () = sleep_until(at) => {}
            () = beats.closed() => return,
            _ = stopping.wait_for(|stopping| *stopping) => return,
        }
        // Recognised and judged anew each time: whoever has left, signed out or lost a role hears no
        // more.
        let Ok(asking) = following.again(&state).await else { return };
        let news = with_sight(&state, asking, NEWS, move |store, visible| {
            Ok(store.view(visible, |v| v.news(&organisation(), place))?)
        });
        let Ok((news, further)): Answer<(Vec<StoredEvent>, NewsPlace)> = news.await else { return };
        place = further;
        if beats.send(beat(&news)).await.is_err() {
            return;
        }
    }
}

/// What is sent on one beat.
fn beat(news: &[StoredEvent]) -> Bytes {
    let mut text = String::new();
    for stored in news {
        let new = New::from(&stored.event);
        let data = serde_json::to_string(&new).unwrap_or_default();
        let _ = write!(text, "event: new\nid: {}\ndata: {data}\n\n", new.id);
    }
    // A comment: a colon, the filling, and the end of the line and of the event.
    let filled = (text.len() + 3).next_multiple_of(FILLED_BYTES);
    text.push(':');
    let filling = filled - text.len() - 2;
    text.extend(std::iter::repeat_n(' ', filling));
    text.push_str("\n\n");
    Bytes::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_beat_is_a_comment_of_full_length() {
        let beat = beat(&[]);
        assert_eq!(beat.len(), FILLED_BYTES);
        assert!(beat.starts_with(b": ") && beat.ends_with(b" \n\n"));
    }
}
