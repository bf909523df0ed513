//! What the node remembers, to each reader as far as he may read: alerts, decisions, lists, what
//! happened to them, how many there are, and what is new.
//!
//! Whether somebody may is asked of the policies once for each label ([`Sight`]); the store leaves out
//! the rest before it counts, sorts or cuts into pages. So what a reader may not read is not there for
//! him, and an id that he guesses is answered like one that nobody ever gave out (THREATS T-38).

mod alerts;
mod counts;
mod cursor;
mod decisions;
mod history;
mod lists;
mod pace;
mod shapes;
mod sight;
mod stream;
mod table;
#[cfg(test)]
mod tests;

pub(crate) use pace::{Pace, keep};
pub(crate) use sight::Sight;

use super::screening::Memories;
use super::shares::Shares;
use super::state::State;
use crate::environment::SystemRng;
use portcullis_types::{PersonId, Rng};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use utoipa_axum::router::OpenApiRouter;

/// What the handlers of this area share.
pub(crate) struct Records {
    /// Who sees what.
    pub(crate) sight: Sight,
    /// When answers leave.
    pub(crate) pace: Pace,
    /// How often whoever follows what is new hears something.
    pub(crate) beat: Duration,
    /// Who follows what is new.
    streams: Shares<PersonId>,
    /// What was decided, for whoever screens.
    pub(crate) memories: Memories,
    rng: Mutex<Box<dyn Rng + Send>>,
}

impl Records {
    pub(crate) fn new(pace: Pace, beat: Duration, rng: Box<dyn Rng + Send>) -> Self {
        Self {
            sight: Sight::default(),
            pace,
            beat,
            streams: Shares::new(stream::STREAMS, stream::STREAMS_OF_ONE),
            memories: Memories::default(),
            rng: Mutex::new(rng),
        }
    }

    /// Does something with randomness.
    fn with_rng<T>(&self, work: impl FnOnce(&mut dyn Rng) -> T) -> T {
        // A source of randomness is whole whatever happened while somebody held it.
        work(self.rng.lock().unwrap_or_else(PoisonError::into_inner).as_mut())
    }
}

impl Default for Records {
    fn default() -> Self {
        Self::new(Pace::default(), stream::BEAT, Box::new(SystemRng))
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("pace", &self.pace).finish_non_exhaustive()
    }
}

pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    OpenApiRouter::new()
        .merge(alerts::routes())
        .merge(decisions::routes())
        .merge(lists::routes())
        .merge(history::routes())
        .merge(counts::routes())
        .merge(stream::routes())
}
