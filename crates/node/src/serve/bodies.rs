//! The bodies of requests: read before anybody waits for them, and held to a size, a pace, and the room
//! that there is for all of them and for each who sends them.

use super::args::Args;
use super::exchange::is_poll;
use super::limits::asks_for_life;
use super::problem::Problem;
use super::shares::{Held, Shares, Spent};
use super::state::State;
use axum::body::{Body, Bytes};
use axum::extract::{self, Request};
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Body as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long a body may take to come, whatever its size, and beside it a second for so many bytes of it.
const GRACE: Duration = Duration::from_secs(5);
const LEAST_IN_A_SECOND: usize = 64_000;

/// Of a body that is too large, how much is passed over, so that its sender reads why.
const PASSED_OVER_BYTES: usize = 64_000_000;

/// Bodies of full size for which there is room, and those for which one sender has.
const ROOM: usize = 128;
const ROOM_OF_ONE: usize = ROOM / 8;

/// Room is taken in steps of at least so many bytes.
const STEP_BYTES: usize = 4_096;

/// What is held of bodies.
#[derive(Debug)]
pub(super) struct Bodies {
    max_bytes: usize,
    room: Shares<Option<IpAddr>>,
}

impl Bodies {
    pub(super) fn of(args: &Args) -> Self {
        Self::new(args.max_body)
    }

    /// For bodies of so many bytes, with room of their own.
    pub(super) fn new(max_bytes: usize) -> Self {
        let room = |bodies: usize| max_bytes.max(STEP_BYTES).saturating_mul(bodies);
        Self { max_bytes, room: Shares::new(room(ROOM), room(ROOM_OF_ONE)) }
    }
}

/// Reads the body, within its limits, before anybody waits for it. Nothing is held for a request without
/// one.
pub(super) async fn read_first(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    if request.body().is_end_stream() || asks_for_life(&request) {
        return next.run(request).await;
    }
    let limits = &state.limits;
    let bodies = if is_poll(&request) { &state.exchange.bodies } else { &limits.bodies };
    let is_old = request.version() < Version::HTTP_2;
    let sender = limits.sender_of(request.headers(), request.extensions());
    let (head, body) = request.into_parts();
    match read(body, bodies, sender, &head.headers).await {
        Ok((bytes, _held)) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Err(unread) => {
            match unread.why {
                Why::NoRoom(Spent::All) => state.metrics.shed.fetch_add(1, Ordering::Relaxed),
                Why::NoRoom(Spent::Share) => state.metrics.limited.fetch_add(1, Ordering::Relaxed),
                Why::TooLarge | Why::TooSlow | Why::Broken => 0,
            };
            let mut response = unread.why.problem(bodies.max_bytes).into_response();
            if is_old && unread.is_left {
                // What still comes is no request.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    }
}

/// Why there is no body, and whether some of it is still to come.
#[derive(Debug)]
struct Unread {
    why: Why,
    is_left: bool,
}

#[derive(Debug, Clone, Copy)]
enum Why {
    TooLarge,
    TooSlow,
    Broken,
    NoRoom(Spent),
}

impl Why {
    fn problem(self, most: usize) -> Problem {
        match self {
            Self::TooLarge => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body has more than {most} bytes; send fewer at once"),
            ),
            Self::TooSlow => {
                Problem::new(StatusCode::REQUEST_TIMEOUT, "the body took too long to come")
            }
            Self::Broken => Problem::malformed("the body broke off"),
            Self::NoRoom(Spent::All) => Problem::busy(),
            Self::NoRoom(Spent::Share) => Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "you send too much at once; wait until it is answered",
            )
            .retry_after(1),
        }
    }
}

async fn read(
    body: Body,
    bodies: &Bodies,
    sender: Option<IpAddr>,
    headers: &HeaderMap,
) -> Result<(Bytes, Held<Option<IpAddr>>), Unread> {
    let most = bodies.max_bytes;
    let left = |why| Unread { why, is_left: true };
    let is_stated_larger = body.size_hint().lower() > most as u64;
    if is_stated_larger && headers.contains_key(EXPECT) {
        // It asked first, and has sent nothing yet.
        return Err(left(Why::TooLarge));
    }
    let mut held = bodies.room.take(sender, 0).map_err(|spent| left(Why::NoRoom(spent)))?;
    let mut body = Box::pin(body);
    let mut bytes = Vec::new();
    let mut came = 0;
    let mut passed_over = 0;
    let began = Instant::now();
    loop {
        let until = began + time_for(came);
        let frame = timeout_at(until, std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)));
        let data = match frame.await {
            Err(_) if passed_over > 0 => return Err(left(Why::TooLarge)),
            Err(_) => return Err(left(Why::TooSlow)),
            Ok(Some(Err(_))) => return Err(left(Why::Broken)),
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        };
        if is_stated_larger || passed_over > 0 || bytes.len() + data.len() > most {
            // Read to its end, so that the answer is read: whoever still sends when the connection
            // ends loses it.
            passed_over += data.len().max(1);
            bytes = Vec::new();
            if passed_over > PASSED_OVER_BYTES {
                return Err(left(Why::TooLarge));
            }
        } else {
            grow(&mut bytes, data.len(), most, &mut held)
                .map_err(|spent| left(Why::NoRoom(spent)))?;
            bytes.extend_from_slice(&data);
            came = bytes.len();
        }
    }
    if passed_over > 0 {
        return Err(Unread { why: Why::TooLarge, is_left: false });
    }
    Ok((Bytes::from(bytes), held))
}

/// How long a body may take of which so much has come.
fn time_for(bytes: usize) -> Duration {
    let millis = bytes.saturating_mul(1_000) / LEAST_IN_A_SECOND;
    GRACE + Duration::from_millis(millis as u64)
}

/// Makes room for so much more, of what the sender may hold.
fn grow(
    bytes: &mut Vec<u8>,
    more: usize,
    most: usize,
    held: &mut Held<Option<IpAddr>>,
) -> Result<(), Spent> {
    let wanted = bytes.len() + more;
    if wanted <= bytes.capacity() {
        return Ok(());
    }
    // Doubled, so that it is seldom moved; never above what a body may have.
    let capacity = wanted.max((2 * bytes.capacity()).min(most)).max(STEP_BYTES);
    held.more(capacity - bytes.capacity())?;
    bytes.reserve_exact(capacity - bytes.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_must_come_at_a_pace() {
        // By hand: five seconds, and one for each 64,000 bytes that have come.
        for (bytes, millis) in [(0, 5_000), (1, 5_000), (64_000, 6_000), (1_000_000, 20_625)] {
            assert_eq!(time_for(bytes), Duration::from_millis(millis), "{bytes}");
        }
    }

    #[test]
    fn room_is_taken_for_what_came_and_not_for_what_was_announced() {
        let room = Shares::new(100_000, 20_000);
        let mut held = room.take(None, 0).unwrap();
        let mut bytes: Vec<u8> = Vec::new();
        grow(&mut bytes, 1, 1_000_000, &mut held).unwrap();
        // One step is taken, so four such fit into the share, and a fifth does not.
        let others: Vec<_> = (0..5).map(|_| room.take(None, STEP_BYTES)).collect();
        assert_eq!(others.iter().filter(|one| one.is_ok()).count(), 3);
        assert_eq!(grow(&mut bytes, 10_000, 1_000_000, &mut held), Err(Spent::Share));
    }
}
