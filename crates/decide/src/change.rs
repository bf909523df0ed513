//! A new state and the event that tells of it, inseparable.

use portcullis_types::Event;

/// A new state together with its event. Only the transitions of this crate make one, so that a
/// store which takes nothing else cannot hold a state that no event tells of.
///
/// ```compile_fail,E0451
/// # fn forge(event: portcullis_types::Event) {
/// let forged = portcullis_decide::Change { state: 1, event };
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<T> {
    state: T,
    event: Event,
}

impl<T> Change<T> {
    pub(crate) fn new(state: T, event: Event) -> Self {
        Self { state, event }
    }

    /// The new state.
    pub fn state(&self) -> &T {
        &self.state
    }

    /// What happened.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// The new state alone, once both have been written.
    pub fn into_state(self) -> T {
        self.state
    }
}
