//! How much of everything a request may take: bytes, time, and the place of others.

use super::args::Args;
use super::bodies::Bodies;
use super::exchange::is_poll;
use super::listen::Peer;
use super::problem::Problem;
use super::state::State;
use axum::extract::{self, Request};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

/// How many seconds of the rate may be used at once.
const BURST_SECONDS: u32 = 2;

/// Senders that are told apart, at most; others share one allowance.
const SENDERS: usize = 65_536;

/// Seconds after which somebody sent away may come back.
const COME_BACK_SECONDS: u32 = 1;

/// What limits are held with.
#[derive(Debug)]
pub(crate) struct Limits {
    /// What is held of bodies.
    pub(super) bodies: Bodies,
    time: Duration,
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
            bodies: Bodies::of(args),
            time: Duration::from_secs(u64::from(args.time_limit.get())),
            requests: Semaphore::new(args.max_requests.get() as usize),
            rate: (args.rate > 0).then(|| Rate::new(args.rate)),
            behind_proxy: args.behind_proxy,
        }
    }
}

/// Sends away who asks too often.
pub(super) async fn rate(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    let Some(rate) = &state.limits.rate else { return next.run(request).await };
    // Members may sit behind one address with strangers, who would use up what all have.
    if is_poll(&request) {
        return next.run(request).await;
    }
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

/// Whom a request is from: its address, and behind a proxy the one that the proxy says.
fn sender(headers: &HeaderMap, extensions: &Extensions, behind_proxy: bool) -> Option<IpAddr> {
    let direct = || extensions.get::<Peer>().map(|peer| peer.0);
    // The last of them is what the proxy itself saw; those before it anybody may have written.
    let by_proxy = || {
        let value = headers.get_all("x-forwarded-for").iter().next_back()?;
        value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
    };
    let address = if behind_proxy { by_proxy().or_else(direct) } else { direct() };
    address.map(network)
}

/// What counts as one sender: of IPv6, the network that is handed out whole.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// Whether this only asks whether the node lives, which is answered whatever else goes on.
pub(super) fn asks_for_life(request: &Request) -> bool {
    matches!(request.uri().path(), "/health" | "/healthz")
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

/// Holds requests to their number and their time.
pub(super) async fn work(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    if asks_for_life(&request) || is_poll(&request) {
        return next.run(request).await;
    }
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
    use axum::body::Body;

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
