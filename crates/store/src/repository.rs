//! What can be looked up and what can be changed, whatever the store is built on.

use crate::StoreError;
use crate::tables::events::StoredEvent;
use crate::tables::log::Log;
use portcullis_decide::{
    Change, Decision, ForgottenList, KeptList, OpenedLog, Raised, RaisedPair, Reference,
};
use portcullis_types::{Event, OrganisationId};

/// What a transaction is called, in the store and in errors: `decisions.add`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionName(pub &'static str);

/// What can be looked up. Everything belongs to one organisation, which is named each time. What
/// was erased isn't found.
pub trait Reader {
    /// All decisions, oldest first, those undone included.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn decisions(&self, organisation: &OrganisationId) -> Result<Vec<Decision>, StoreError>;

    /// The pairs ever shown under this reference: none, one, or by a rare chance several.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn raised(
        &self,
        organisation: &OrganisationId,
        reference: Reference,
    ) -> Result<Vec<RaisedPair>, StoreError>;

    /// The lists of which copies are kept, by name.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn lists(&self, organisation: &OrganisationId) -> Result<Vec<KeptList>, StoreError>;

    /// All events, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn events(&self, organisation: &OrganisationId) -> Result<Vec<Event>, StoreError>;

    /// Some of the events after a position (0 for the first), oldest first, with what opens their
    /// leaves; and the position to go on from, unless there are no more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn events_after(
        &self,
        organisation: &OrganisationId,
        position: u64,
    ) -> Result<(Vec<StoredEvent>, Option<u64>), StoreError>;

    /// The log that is open.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn log(&self, organisation: &OrganisationId) -> Result<Option<Log>, StoreError>;
}

/// What can be changed. Each method also writes the event of the change, and its leaf.
pub trait Writer: Reader {
    /// Writes a new decision, or the undoing of one.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it has been undone meanwhile; else why it cannot be written.
    fn put_decision(&mut self, change: &Change<Decision>) -> Result<(), StoreError>;

    /// Writes what was shown. A pair shown before keeps the time of its first showing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn put_raised(&mut self, change: &Change<Raised>) -> Result<(), StoreError>;

    /// Writes a list as it now is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn put_list(&mut self, change: &Change<KeptList>) -> Result<(), StoreError>;

    /// Forgets a list.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when there is no such list; else why it cannot be written.
    fn forget_list(&mut self, change: &Change<ForgottenList>) -> Result<(), StoreError>;

    /// Opens a log, and closes the one before it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn open_log(&mut self, change: &Change<OpenedLog>) -> Result<(), StoreError>;
}
