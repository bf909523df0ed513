//! When an answer leaves: at a multiple of a fixed step after its request came, so that the time that
//! was spent passing over what the asker may not read doesn't show.

use super::super::state::State;
use axum::extract::{self, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// Steps after a request at which its answer may leave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace(Duration);

/// Reading a page of a large store takes less, on any machine that may be expected.
const STEP: Duration = Duration::from_millis(50);

impl Default for Pace {
    fn default() -> Self {
        Self(STEP)
    }
}

impl Pace {
    /// A step of this length.
    #[cfg(test)]
    pub(super) fn of(step: Duration) -> Self {
        Self(step)
    }

    /// How long after its request an answer leaves that was ready after so long: the next step, and
    /// never at once.
    fn leaves_after(self, ready: Duration) -> Duration {
        let step = self.0.as_nanos().max(1);
        let steps = ready.as_nanos() / step + 1;
        Duration::from_nanos_u128(step.saturating_mul(steps))
    }
}

/// Where answers depend on what the asker may read. Matching is not among them: it works on an index
/// of exactly the lists that he may use. Screening is: it looks at what was decided. So is what tells
/// which lists there are.
const PACED: [&str; 6] = ["alerts", "decisions", "lists", "history", "counts", "stream"];

fn is_paced(method: &Method, path: &str) -> bool {
    let area = path.strip_prefix("/api/v1/").and_then(|rest| rest.split('/').next());
    // Queries are sent there, and what is there is told.
    let tells = path.starts_with("/reconcile/") && method != Method::POST;
    matches!(path, "/screen" | "/catalog" | "/manifest")
        || tells
        || area.is_some_and(|area| PACED.contains(&area))
}

/// Holds an answer back until its step, whatever it is.
pub(crate) async fn keep(
    extract::State(state): extract::State<Arc<State>>,
    request: Request,
    next: Next,
) -> Response {
    if !is_paced(request.method(), request.uri().path()) {
        return next.run(request).await;
    }
    let came = Instant::now();
    let response = next.run(request).await;
    let ready = came.elapsed();
    sleep_until(came + state.records.pace.leaves_after(ready)).await;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_at_records_is_held_back() {
        for path in [
            "/screen",
            "/catalog",
            "/manifest",
            "/reconcile/default",
            "/api/v1/alerts/x",
            "/api/v1/counts",
        ] {
            assert!(is_paced(&Method::GET, path), "{path}");
        }
        for path in ["/match/default", "/screening", "/api/v1/alertsome", "/health"] {
            assert!(!is_paced(&Method::GET, path), "{path}");
        }
        assert!(!is_paced(&Method::POST, "/reconcile/default"), "queries are matching");
    }

    #[test]
    fn an_answer_leaves_at_the_next_step_and_never_between() {
        let pace = Pace::of(Duration::from_millis(50));
        // By hand: the least multiple of 50 above.
        for (ready, leaves) in [(0, 50), (1, 50), (49, 50), (50, 100), (51, 100), (120, 150)] {
            let after = pace.leaves_after(Duration::from_millis(ready));
            assert_eq!(after, Duration::from_millis(leaves), "{ready}");
        }
    }
}
