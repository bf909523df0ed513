//! Threads for what takes computing: matching and screening. The threads that speak with clients never
//! do it, and what waits for a place is bounded, so that who comes when all is busy learns it at once.

use super::problem::{Answer, Problem};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Semaphore;

/// Pieces of work that may wait for each thread.
const WAITING: usize = 128;

/// Threads to compute on. Cloning it gives the same.
#[derive(Debug, Clone)]
pub(crate) struct Workers {
    places: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    most_waiting: usize,
}

impl Workers {
    pub(super) fn new() -> Self {
        let threads = crate::parallel::default_jobs().get();
        Self {
            places: Arc::new(Semaphore::new(threads)),
            waiting: Arc::default(),
            most_waiting: threads * WAITING,
        }
    }

    /// Does a piece of work. Whoever has several asks for each of them, so that others get their turn
    /// in between.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Answer<T> {
        if self.waiting.load(Ordering::Relaxed) >= self.most_waiting {
            return Err(Problem::busy());
        }
        let waiting = Waiting::begin(&self.waiting);
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| Problem::busy())?;
        drop(waiting);
        let done = tokio::task::spawn_blocking(move || {
            let value = work();
            drop(place);
            value
        });
        done.await.map_err(|_| Problem::internal())
    }
}

/// Counts one who waits, also when he goes away while waiting.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
