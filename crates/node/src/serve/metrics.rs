//! How many requests of which kind, and how long they took: by route, method and status, and by nothing
//! that was sent.

use super::asker::Asking;
use super::problem::{Answer, Problem};
use super::state::State;
use crate::decisions::organisation;
use axum::extract;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use portcullis_access::{Act, Thing, ThingKind};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Upper bounds of the buckets of time, in milliseconds.
const BOUNDS_MS: [u64; 13] = [1, 2, 5, 10, 15, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000];

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Connections that are open.
    pub(super) connections: AtomicI64,
    /// Requests that are being answered.
    pub(super) in_flight: AtomicI64,
    /// Requests sent away because too much was going on.
    pub(super) shed: AtomicU64,
    /// Requests sent away because their sender sent too many.
    pub(super) limited: AtomicU64,
    requests: Mutex<BTreeMap<Kind, Times>>,
}

/// A kind of request: its route as written in the program, its method, the status of the answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// `/match/{dataset}`.
    pub(super) route: Arc<str>,
    /// One of those of HTTP, or `OTHER`.
    pub(super) method: &'static str,
    /// Of the answer.
    pub(super) status: u16,
}

#[derive(Debug, Default)]
struct Times {
    buckets: [u64; BOUNDS_MS.len()],
    count: u64,
    total: Duration,
}

impl Metrics {
    /// Counts a request that was answered.
    pub(super) fn answered(&self, kind: Kind, took: Duration) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let times = requests.entry(kind).or_default();
        for (bound, bucket) in BOUNDS_MS.iter().zip(&mut times.buckets) {
            if took <= Duration::from_millis(*bound) {
                *bucket += 1;
            }
        }
        times.count += 1;
        times.total += took;
    }

    /// In the text format of Prometheus (version 0.0.4).
    fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        let gauges = [
            ("connections", "Connections that are open", &self.connections),
            ("requests_in_flight", "Requests that are being answered", &self.in_flight),
        ];
        for (name, help, value) in gauges {
            head(&mut text, name, help, "gauge")?;
            writeln!(text, "portcullis_{name} {}", value.load(Ordering::Relaxed))?;
        }
        let counters = [
            ("requests_shed_total", "Requests sent away because too much was going on", &self.shed),
            (
                "requests_limited_total",
                "Requests sent away because their sender sent too many",
                &self.limited,
            ),
        ];
        for (name, help, value) in counters {
            head(&mut text, name, help, "counter")?;
            writeln!(text, "portcullis_{name} {}", value.load(Ordering::Relaxed))?;
        }
        head(&mut text, "request_seconds", "How long requests took", "histogram")?;
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        for (Kind { route, method, status }, times) in requests.iter() {
            let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
            for (bound, bucket) in BOUNDS_MS.iter().zip(&times.buckets) {
                let bound = Duration::from_millis(*bound).as_secs_f64();
                let name = "portcullis_request_seconds_bucket";
                writeln!(text, "{name}{{{labels},le=\"{bound}\"}} {bucket}")?;
            }
            let (count, total) = (times.count, times.total.as_secs_f64());
            let name = "portcullis_request_seconds";
            writeln!(text, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}")?;
            writeln!(text, "{name}_sum{{{labels}}} {total}")?;
            writeln!(text, "{name}_count{{{labels}}} {count}")?;
        }
        Ok(text)
    }
}

fn head(text: &mut String, name: &str, help: &str, kind: &str) -> std::fmt::Result {
    writeln!(text, "# HELP portcullis_{name} {help}.\n# TYPE portcullis_{name} {kind}")
}

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Whether somebody audits the node or keeps it going.
fn may_read(state: &State, asking: &Asking) -> Answer<bool> {
    asking.person()?;
    let may = |act: Act, kind| {
        let thing = Thing::new(kind, organisation());
        state.policies.judge(state.clock.now(), &asking.0, act, &thing).is_allowed()
    };
    Ok(may(Act::Read, ThingKind::Figures) || may(Act::Run, ThingKind::Job))
}

/// Counts and times of requests, for Prometheus
///
/// Where no others can reach the node, whoever can reach it from its own machine reads them; else they
/// are for those who audit it or keep it going.
#[utoipa::path(get, path = "/metrics", tag = "node", responses(
    (status = 200, body = String, content_type = "text/plain", description = "The text format of Prometheus"),
    super::problem::Refusals,
))]
async fn metrics(
    extract::State(state): extract::State<Arc<State>>,
    asking: Asking,
) -> Answer<impl IntoResponse> {
    if !state.is_private && !may_read(&state, &asking)? {
        return Err(Problem::refused("figures are for those who audit the node or keep it going"));
    }
    let mut text = state.metrics.text().map_err(|_| Problem::internal())?;
    state.exchange.figures.write(&mut text).map_err(|_| Problem::internal())?;
    Ok(([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_counted_in_every_bucket_it_fits() {
        let metrics = Metrics::default();
        let kind = Kind { route: "/match/{dataset}".into(), method: "POST", status: 200 };
        metrics.answered(kind.clone(), Duration::from_millis(4));
        metrics.answered(kind, Duration::from_mins(1));
        let text = metrics.text().unwrap();
        let labels = r#"route="/match/{dataset}",method="POST",status="200""#;
        for line in [
            format!("portcullis_request_seconds_bucket{{{labels},le=\"0.002\"}} 0"),
            format!("portcullis_request_seconds_bucket{{{labels},le=\"0.005\"}} 1"),
            format!("portcullis_request_seconds_bucket{{{labels},le=\"30\"}} 1"),
            format!("portcullis_request_seconds_bucket{{{labels},le=\"+Inf\"}} 2"),
            format!("portcullis_request_seconds_count{{{labels}}} 2"),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
