//! Handles to the store, used on threads that may wait for it.

use super::problem::Problem;
use crate::lists::Place;
use portcullis_store::Database;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Handles open at once, at most. One writes at a time anyway; readers don't wait for it.
const HANDLES: usize = 4;

/// Handles to one store. Cloning it gives the same pool.
#[derive(Clone)]
pub(crate) struct Pool {
    place: Arc<Place>,
    idle: Arc<Mutex<Vec<Database>>>,
    free: Arc<Semaphore>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

impl Pool {
    /// Opens the store, and makes it where there is none: a store that can't be opened is said at the
    /// start.
    pub(crate) fn open(place: Place) -> anyhow::Result<Self> {
        let first = place.store()?;
        Ok(Self {
            place: Arc::new(place),
            idle: Arc::new(Mutex::new(vec![first])),
            free: Arc::new(Semaphore::new(HANDLES)),
        })
    }

    /// Does something with the store, on a thread that may wait. Ask for `reader` and `writer` within:
    /// `state.store.with(|store| store.read(|r| ..)).await??`.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Database) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let Ok(permit) = Arc::clone(&self.free).acquire_owned().await else {
            return Err(Problem::busy());
        };
        let pool = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let result = pool.on_this_thread(work);
            drop(permit);
            result
        });
        match done.await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                tracing::error!(target: super::LOG, error = format!("{error:#}"), "the store cannot be opened");
                Err(Problem::internal())
            }
            // It panicked, and its handle is gone with it.
            Err(_) => Err(Problem::internal()),
        }
    }

    /// Does something with the store on this thread, which may wait.
    pub(crate) fn on_this_thread<T>(
        &self,
        work: impl FnOnce(&mut Database) -> T,
    ) -> anyhow::Result<T> {
        let idle = self.idle().pop();
        let mut store = match idle {
            Some(store) => store,
            None => self.place.store()?,
        };
        let value = work(&mut store);
        let mut idle = self.idle();
        if idle.len() < HANDLES {
            idle.push(store);
        }
        Ok(value)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Database>> {
        // A list of handles is whole whatever happened while somebody held it.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
