//! A new state and the event that tells of it, inseparable.

use crate::retention::day_of;
use crate::{RecordKind, Retention, Schedule};
use portcullis_types::{Event, Label};

/// A new state together with its event. Only the transitions of this crate make one, so that a
/// store which takes nothing else cannot hold a state that no event tells of.
///
/// ```compile_fail,E0451
/// # fn forge(event: portcullis_types::Event) {
/// let record_kind = portcullis_decide::RecordKind::Log;
/// let label = portcullis_types::Label::open();
/// let forged = portcullis_decide::Change { state: 1, event, record_kind, label };
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<T> {
    state: T,
    event: Event,
    record_kind: RecordKind,
    label: Label,
}

impl<T> Change<T> {
    pub(crate) fn new(state: T, event: Event, record_kind: RecordKind) -> Self {
        Self { state, event, record_kind, label: Label::open() }
    }

    /// The same, made from something that bears this label, too. What it leads to bears the join of
    /// all labels that were named, and of those that the store finds by itself; none takes one away.
    #[must_use]
    pub fn labelled(mut self, label: &Label) -> Self {
        self.label = self.label.join(label);
        self
    }

    /// The label of what it is made from, as far as its maker said; the open one where nobody did.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The new state.
    pub fn state(&self) -> &T {
        &self.state
    }

    /// What happened.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// The kind of record that state and event belong to.
    pub fn record_kind(&self) -> RecordKind {
        self.record_kind
    }

    /// How long the record that this change opens is kept. A change of something that has a record
    /// already belongs in that record. What is made anew by it (a pair shown again, a list fetched)
    /// may begin its period again, but never ends sooner than an officer said
    /// ([`keep_until`](crate::keep_until)); what is only added to, like a decision that is undone,
    /// keeps its date.
    pub fn retention(&self, schedule: &Schedule) -> Retention {
        schedule.retention_for(self.record_kind, self.event.purpose, day_of(self.event.at))
    }

    /// The new state alone, once both have been written.
    pub fn into_state(self) -> T {
        self.state
    }
}
