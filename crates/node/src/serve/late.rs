//! Answers that leave later than they are ready, outside the places of requests that are worked on:
//! whoever waits for one keeps nobody else from being answered.

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use std::cell::Cell;
use tokio::time::{Instant, sleep_until};

tokio::task_local! {
    /// When the answer to the request that this task works on may leave.
    static LEAVES: Cell<Option<Instant>>;
}

/// Has the answer of the request that is being worked on leave at this time, and not before.
pub(super) async fn not_before(at: Instant) {
    if LEAVES.try_with(|leaves| leaves.set(Some(at))).is_err() {
        // Nobody holds the answer back further out.
        sleep_until(at).await;
    }
}

/// Holds back what shall leave later. Whoever asks too often is told at once: how long that took tells
/// nothing.
pub(super) async fn hold(request: Request, next: Next) -> Response {
    let answered = async {
        let response = next.run(request).await;
        (response, LEAVES.with(Cell::get))
    };
    let (response, leaves) = LEAVES.scope(Cell::new(None), answered).await;
    if let Some(at) = leaves
        && response.status() != StatusCode::TOO_MANY_REQUESTS
    {
        sleep_until(at).await;
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::{from_fn, from_fn_with_state};
    use axum::routing::get;
    use std::sync::Arc;
    use std::time::Duration;
    use tokio::sync::Semaphore;
    use tower::ServiceExt as _;

    const LATE: Duration = Duration::from_millis(400);

    async fn fail(status: StatusCode) -> StatusCode {
        not_before(Instant::now() + LATE).await;
        status
    }

    /// One place for all requests, as `limits::work` has many.
    fn app() -> Router {
        let place = Arc::new(Semaphore::new(1));
        let work = async |axum::extract::State(place): axum::extract::State<Arc<Semaphore>>,
                          request: Request,
                          next: Next| {
            let _place = place.try_acquire().expect("the place is free");
            next.run(request).await
        };
        Router::new()
            .route("/wrong", get(|| fail(StatusCode::FORBIDDEN)))
            .route("/too-often", get(|| fail(StatusCode::TOO_MANY_REQUESTS)))
            .layer(from_fn_with_state(place, work))
            .layer(from_fn(hold))
    }

    async fn ask(app: &Router, path: &str) -> (StatusCode, Duration) {
        let came = Instant::now();
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        let status = app.clone().oneshot(request).await.unwrap().status();
        (status, came.elapsed())
    }

    // THREATS T-34
    #[tokio::test(start_paused = true)]
    async fn a_failure_is_answered_late_and_keeps_no_place_meanwhile() {
        let app = app();
        let (one, other) = tokio::join!(ask(&app, "/wrong"), ask(&app, "/wrong"));
        for (status, took) in [one, other] {
            assert_eq!(status, StatusCode::FORBIDDEN);
            assert!(took >= LATE, "{took:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_too_often_is_told_at_once() {
        let (status, took) = ask(&app(), "/too-often").await;
        assert_eq!((status, took), (StatusCode::TOO_MANY_REQUESTS, Duration::ZERO));
    }
}
