//! What can be looked up and what can be changed, whatever the store is built on.

use crate::StoreError;
use crate::queue::{Enqueued, NewJob, StoredJob};
use crate::tables::events::StoredEvent;
use crate::tables::log::Log;
use crate::tables::records::RecordCount;
use jiff::civil::Date;
use portcullis_decide::{
    Change, Decision, Erasure, ForgottenList, GivenUpJob, HeldRecord, KeptList, OpenedLog, Raised,
    RaisedPair, RecordNumber, Reference, Review,
};
use portcullis_types::{Clock, Event, OrganisationId};

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

    /// A record, unless it was erased.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn record(
        &self,
        organisation: &OrganisationId,
        number: RecordNumber,
    ) -> Result<Option<HeldRecord>, StoreError>;

    /// The events in a record, oldest first; none when it was erased.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn record_events(
        &self,
        organisation: &OrganisationId,
        number: RecordNumber,
    ) -> Result<Vec<Event>, StoreError>;

    /// Some of the records that are due on a day (UTC), by their numbers; and the number after which
    /// to go on, unless there are no more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn due_records(
        &self,
        organisation: &OrganisationId,
        on: Date,
        after: Option<RecordNumber>,
    ) -> Result<(Vec<HeldRecord>, Option<RecordNumber>), StoreError>;

    /// How many records there are and how they stand on a day (UTC), by kind, purpose and disposal.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn record_counts(
        &self,
        organisation: &OrganisationId,
        on: Date,
    ) -> Result<Vec<RecordCount>, StoreError>;

    /// All jobs of which the record was not erased, those enqueued first before the others.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn jobs(&self, organisation: &OrganisationId) -> Result<Vec<StoredJob>, StoreError>;

    /// All jobs that were ever given up, dealt with or not, those given up first before the others.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn given_up_jobs(&self, organisation: &OrganisationId) -> Result<Vec<GivenUpJob>, StoreError>;
}

/// What can be changed. Each method but [`Writer::enqueue`] also writes the event of the change, and
/// its leaf.
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

    /// Erases records: what they hold is gone when this is kept, and right after it their keys, so
    /// that no copy of the store opens it either.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when one is erased already, or isn't due any more;
    /// [`StoreError::InUse`] when one is of a list that is kept; else why it cannot be written.
    fn erase(&mut self, change: &Change<Erasure>) -> Result<(), StoreError>;

    /// Puts the review date of a record off.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it was erased or put off meanwhile; else why it cannot be
    /// written.
    fn keep(&mut self, change: &Change<Review>) -> Result<(), StoreError>;

    /// Puts a job into the queue, together with what else is changed here; unless one of the same
    /// kind and key is or was there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn enqueue(&mut self, clock: &dyn Clock, job: &NewJob) -> Result<Enqueued, StoreError>;

    /// Writes what an officer did about a job that was given up: it waits again, or is never done.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when somebody dealt with it meanwhile; [`StoreError::Erased`] when it
    /// is to be retried and what it was given was erased; else why it cannot be written.
    fn deal_with_job(&mut self, change: &Change<GivenUpJob>) -> Result<(), StoreError>;
}
