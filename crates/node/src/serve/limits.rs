//! How much of everything a request may take: bytes, time, and the place of others.

use super::args::Args;
use super::listen::Peer;
use super::problem::Problem;
use super::state::State;
use axum::body::{Body, Bytes};
use axum::extract::{self, Request};
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use hyper::body::Body as _;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout, timeout_at};

/// How long the body of a request may take to come.
const BODY_TIME: Duration = Duration::from_secs(10);

/// Of a body that is too large, how much is passed over, so that its sender reads why.
const PASSED_OVER_BYTES: usize = 64_000_000;

/// Bodies of full size that may be held at once.
const BODIES: usize = 128;

/// How many seconds of the rate may be used at once.
const BURST_SECONDS: u32 = 2;

/// Senders that are told apart, at most; others share one allowance.
const SENDERS: usize = 65_536;

/// Seconds after which somebody sent away may come back.
const COME_BACK_SECONDS: u32 = 1;

/// What limits are held with.
#[derive(Debug)]
pub(crate) struct Limits {
    max_body: usize,
    time: Duration,
    /// One for each thousand bytes of bodies that may be held.
    bodies: Semaphore,
    requests: Semaphore,
    rate: Option<Rate>,
    behind_proxy: bool,
}

impl Limits {
    /// Whom a request is from, as limits tell senders apart.
    pub(super) fn sender_of(&self, headers: &HeaderMap, extensions: &Extensions) -> Option<IpAddr> {
        sender(headers, extensions, self.behind_proxy)
    }

    pub(super) fn of(args: &Args) -> Self {
        Self {
            max_body: args.max_body,
            time: Duration::from_secs(u64::from(args.time_limit.get())),
            bodies: Semaphore::new(thousands(args.max_body).saturating_mul(BODIES).min(1 << 24)),
            requests: Semaphore::new(args.max_requests.get() as usize),
            rate: (args.rate > 0).then(|| Rate::new(args.rate)),
            behind_proxy: args.behind_proxy,
        }
    }
}

fn thousands(bytes: usize) -> usize {
    bytes / 1_000 + 1
}

/// Sends away who asks too often.
pub(super) async fn rate(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(rate) = &state.limits.rate else { return next.run(request).await };
    if rate.take(
        sender(request.headers(), request.extensions(), state.limits.behind_proxy),
        Instant::now(),
    ) {
        return next.run(request).await;
    }
    state.metrics.limited.fetch_add(1, Ordering::Relaxed);
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "you ask too often; wait a little")
        .retry_after(COME_BACK_SECONDS)
        .into_response()
}

/// Whom a request is from: its address, and behind a proxy the one that the proxy says. Networks of
/// IPv6 are handed out whole, so one of them counts as one.
fn sender(headers: &HeaderMap, extensions: &Extensions, behind_proxy: bool) -> Option<IpAddr> {
    let direct = || extensions.get::<Peer>().map(|peer| peer.0);
    // The last of them is what the proxy itself saw; those before it anybody may have written.
    let by_proxy = || {
        let value = headers.get_all("x-forwarded-for").iter().next_back()?;
        value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    let address = if behind_proxy { by_proxy().or_else(direct) } else { direct() };
    address.map(|address| match address {
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        IpAddr::V4(_) => address,
    })
}

/// An allowance for each sender that fills up steadily (the generic cell rate algorithm).
#[derive(Debug)]
struct Rate {
    each: Duration,
    burst: Duration,
    /// When the allowance of each sender is full again.
    full_at: Mutex<HashMap<Option<IpAddr>, Instant>>,
}

impl Rate {
    fn new(per_second: u32) -> Self {
        let burst = Duration::from_secs(u64::from(BURST_SECONDS));
        Self { each: Duration::from_secs(1) / per_second, burst, full_at: Mutex::default() }
    }

    /// Whether one more is allowed.
    fn take(&self, sender: Option<IpAddr>, now: Instant) -> bool {
        let mut all = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SENDERS && !all.contains_key(&sender) {
            all.retain(|_, full_at| *full_at > now);
        }
        let sender = sender.filter(|s| all.len() < SENDERS || all.contains_key(&Some(*s)));
        let full_at = all.get(&sender).copied().unwrap_or(now).max(now) + self.each;
        if full_at > now + self.burst {
            return false;
        }
        all.insert(sender, full_at);
        true
    }
}

/// Reads the body, within its limits, before anybody waits for it.
pub(super) async fn body(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let limits = &state.limits;
    let is_old = request.version() < Version::HTTP_2;
    let (head, body) = request.into_parts();
    let stated = body.size_hint().exact().unwrap_or(limits.max_body as u64);
    let most = usize::try_from(stated).unwrap_or(usize::MAX).min(limits.max_body);
    let room = u32::try_from(thousands(most)).unwrap_or(u32::MAX);
    let Ok(_held) = limits.bodies.try_acquire_many(room) else {
        state.metrics.shed.fetch_add(1, Ordering::Relaxed);
        return Problem::busy().into_response();
    };
    match read(body, limits.max_body, &head.headers).await {
        Ok(bytes) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Err(unread) => {
            let mut response = unread.problem.into_response();
            if is_old && unread.is_left {
                // What still comes is no request.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    }
}

/// Why there is no body.
struct Unread {
    problem: Problem,
    /// Whether some of it is still to come.
    is_left: bool,
}

async fn read(body: Body, most: usize, headers: &HeaderMap) -> Result<Bytes, Unread> {
    let until = Instant::now() + BODY_TIME;
    let too_late = || Problem::new(StatusCode::REQUEST_TIMEOUT, "the body took too long to come");
    let too_large = || {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body has more than {most} bytes; send fewer at once"),
        )
    };
    let is_stated_larger = body.size_hint().lower() > most as u64;
    if is_stated_larger && headers.contains_key(EXPECT) {
        // It asked first, and has sent nothing yet.
        return Err(Unread { problem: too_large(), is_left: true });
    }
    let mut body = Box::pin(body);
    let mut bytes = Vec::new();
    let mut passed_over = 0;
    loop {
        let frame = timeout_at(until, std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)));
        let data = match frame.await {
            Err(_) => return Err(Unread { problem: too_late(), is_left: true }),
            Ok(Some(Err(_))) => {
                let problem = Problem::malformed("the body broke off");
                return Err(Unread { problem, is_left: true });
            }
            Ok(None) => break,
            Ok(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
        };
        if is_stated_larger || passed_over > 0 || bytes.len() + data.len() > most {
            // Read to its end, so that the answer is read: whoever still sends when the connection
            // ends loses it.
            passed_over += data.len().max(1);
            bytes = Vec::new();
            if passed_over > PASSED_OVER_BYTES {
                return Err(Unread { problem: too_large(), is_left: true });
            }
        } else {
            bytes.extend_from_slice(&data);
        }
    }
    if passed_over > 0 {
        return Err(Unread { problem: too_large(), is_left: false });
    }
    Ok(Bytes::from(bytes))
}

/// Holds requests to their number and their time.
pub(super) async fn work(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_place) = state.limits.requests.try_acquire() else {
        state.metrics.shed.fetch_add(1, Ordering::Relaxed);
        return Problem::busy().into_response();
    };
    let _counted = InFlight::begin(&state.metrics.in_flight);
    let answered = timeout(state.limits.time, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "that took too long; ask for less at once")
            .retry_after(COME_BACK_SECONDS)
            .into_response()
    })
}

/// Counts a request that is being answered, also when whoever asked goes away meanwhile.
struct InFlight<'a>(&'a AtomicI64);

impl<'a> InFlight<'a> {
    fn begin(count: &'a AtomicI64) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_rate_allows_a_burst_and_then_one_at_a_time() {
        let (rate, now) = (Rate::new(10), Instant::now());
        let one = Some(address("192.0.2.1"));
        // Ten in a second, for two seconds at once.
        assert_eq!((0..30).filter(|_| rate.take(one, now)).count(), 20);
        assert!(rate.take(Some(address("192.0.2.2")), now), "another sender has its own");
        assert!(!rate.take(one, now + Duration::from_millis(50)));
        assert!(rate.take(one, now + Duration::from_millis(100)));
        assert!(!rate.take(one, now + Duration::from_millis(100)));
    }

    fn request(headers: &[(&str, &str)], peer: &str) -> Request {
        let mut request = Request::builder();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.extension(Peer(peer.parse().unwrap())).body(Body::empty()).unwrap()
    }

    #[test]
    fn what_a_sender_says_of_its_address_counts_only_as_a_proxy_adds_it() {
        let forged = request(&[("x-forwarded-for", "198.51.100.7, 203.0.113.9")], "192.0.2.1");
        assert_eq!(
            sender(forged.headers(), forged.extensions(), false),
            Some(address("192.0.2.1"))
        );
        assert_eq!(
            sender(forged.headers(), forged.extensions(), true),
            Some(address("203.0.113.9"))
        );
        let two = request(
            &[("x-forwarded-for", "198.51.100.7"), ("x-forwarded-for", "203.0.113.9")],
            "192.0.2.1",
        );
        assert_eq!(sender(two.headers(), two.extensions(), true), Some(address("203.0.113.9")));
    }

    #[test]
    fn a_network_of_ipv6_counts_as_one_sender() {
        let of = |text: &str| {
            let request = request(&[], text);
            sender(request.headers(), request.extensions(), false)
        };
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
    }
}
