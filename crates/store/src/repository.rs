//! What can be looked up and what can be changed, whatever the store is built on.

use crate::labels::Labelled;
use crate::queue::{Enqueued, NewJob, StoredJob};
use crate::tables::events::StoredEvent;
use crate::tables::log::Log;
use crate::tables::records::RecordCount;
use crate::{Exchange, ExchangeWriter, Members, MembersWriter, StoreError, View};
use jiff::civil::Date;
use portcullis_decide::people::{
    ApiToken, Approval, Credential, CredentialKind, EndedSession, Enrolment, FirstPeople, Office,
    Person, Proposal, RecoveryCodes, RemovedCredential, RemovedOutside, Session, Submission,
    SubmitLink, WrappedKeys,
};
use portcullis_decide::{
    Change, Decision, Digest, Erasure, ForgottenList, GivenUpJob, HeldRecord, KeptList, OpenedLog,
    Raised, RaisedPair, RecordNumber, Reference, Relabelled, Review,
};
use portcullis_types::{Clock, Event, EventId, EventTime, Label, OfficerId, OrganisationId};

/// What a transaction is called, in the store and in errors: `decisions.add`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionName(pub &'static str);

/// What can be looked up. Everything belongs to one organisation, which is named each time. What
/// was erased isn't found. With it goes a [`View`] of everything.
pub trait Reader: View + Members + Exchange {
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

    /// The label that a record bears; the open one where there is no such record.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn record_label(
        &self,
        organisation: &OrganisationId,
        number: RecordNumber,
    ) -> Result<Label, StoreError>;

    /// The records of what is called so: of a list, of the showings of a pair, of a decision.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    fn records_of(
        &self,
        organisation: &OrganisationId,
        thing: &Labelled,
    ) -> Result<Vec<RecordNumber>, StoreError>;

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

    /// A person, by account; none where nobody has it or he was erased.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn person(
        &self,
        organisation: &OrganisationId,
        officer: &OfficerId,
    ) -> Result<Option<Person>, StoreError>;

    /// Everybody and everything that may approve.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn office(&self, organisation: &OrganisationId) -> Result<Office, StoreError>;

    /// A proposal.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn proposal(
        &self,
        organisation: &OrganisationId,
        id: EventId,
    ) -> Result<Option<Proposal>, StoreError>;

    /// All proposals, those made first before the others.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn proposals(&self, organisation: &OrganisationId) -> Result<Vec<Proposal>, StoreError>;

    /// All that somebody signs in with.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn credentials(
        &self,
        organisation: &OrganisationId,
        officer: &OfficerId,
    ) -> Result<Vec<Credential>, StoreError>;

    /// The credential that is found by this digest.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn credential(
        &self,
        organisation: &OrganisationId,
        kind: CredentialKind,
        lookup: &Digest,
    ) -> Result<Option<Credential>, StoreError>;

    /// The ways to unlock somebody's own keys.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn wrapped_keys(
        &self,
        organisation: &OrganisationId,
        officer: &OfficerId,
    ) -> Result<Vec<WrappedKeys>, StoreError>;

    /// The session whose token has this digest, whether or not it still holds.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn session(
        &self,
        organisation: &OrganisationId,
        digest: &Digest,
    ) -> Result<Option<Session>, StoreError>;

    /// The token of this digest, whether or not it still holds.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn api_token(
        &self,
        organisation: &OrganisationId,
        digest: &Digest,
    ) -> Result<Option<ApiToken>, StoreError>;

    /// All tokens, those included that hold no longer.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn api_tokens(&self, organisation: &OrganisationId) -> Result<Vec<ApiToken>, StoreError>;

    /// The link of this digest, whether or not it is open.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn submit_link(
        &self,
        organisation: &OrganisationId,
        digest: &Digest,
    ) -> Result<Option<SubmitLink>, StoreError>;

    /// All links, those included that are closed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn submit_links(&self, organisation: &OrganisationId) -> Result<Vec<SubmitLink>, StoreError>;

    /// All that was handed in and not erased, the latest last.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    fn submissions(&self, organisation: &OrganisationId) -> Result<Vec<Submission>, StoreError>;
}

/// What can be changed. Each method but [`Writer::enqueue`] also writes the event of the change, and
/// its leaf.
pub trait Writer: Reader + MembersWriter + ExchangeWriter {
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

    /// Has a record bear a stricter label.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it was erased or relabelled meanwhile;
    /// [`StoreError::SharedSource`] when it is that of a list whose source another list has, too; else
    /// why it cannot be written.
    fn relabel(&mut self, change: &Change<Relabelled>) -> Result<(), StoreError>;

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

    /// Writes the first administrators.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when there is anybody already; else why they cannot be written.
    fn put_first_people(&mut self, change: &Change<FirstPeople>) -> Result<(), StoreError>;

    /// Writes a sheet of recovery codes in place of the one before.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when the proposal that allows it was used already; else why it cannot be
    /// written.
    fn put_recovery_codes(&mut self, change: &Change<RecoveryCodes>) -> Result<(), StoreError>;

    /// Writes a new proposal, or that one was refused. A recovery code it was made with is used up.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it was decided on, or the code used, meanwhile; else why it cannot be
    /// written.
    fn put_proposal(&mut self, change: &Change<Proposal>) -> Result<(), StoreError>;

    /// Writes an approval and what it changes. Sessions of a person whose authority changed are over.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when the proposal, the person or the code changed meanwhile; else why it
    /// cannot be written.
    fn put_approval(&mut self, change: &Change<Approval>) -> Result<(), StoreError>;

    /// Takes an administrator of another organisation off.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when he was taken off meanwhile; else why it cannot be written.
    fn remove_outside(&mut self, change: &Change<RemovedOutside>) -> Result<(), StoreError>;

    /// Writes a person as he now is. When his authority changed, his sessions are over and what he proposed
    /// is closed; when he was suspended or left, his tokens and links end, too.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when he was changed meanwhile; else why he cannot be written.
    fn put_person(&mut self, change: &Change<Person>) -> Result<(), StoreError>;

    /// Writes that somebody came in, with his keys.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when he was changed meanwhile; else why it cannot be written.
    fn enrol(&mut self, change: &Change<Enrolment>) -> Result<(), StoreError>;

    /// Writes a new credential.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn put_credential(&mut self, change: &Change<Credential>) -> Result<(), StoreError>;

    /// Takes a credential away, and the keys wrapped under it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it is not there; else why it cannot be written.
    fn remove_credential(&mut self, change: &Change<RemovedCredential>) -> Result<(), StoreError>;

    /// Writes a new way to unlock somebody's own keys.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn put_wrapped_keys(&mut self, change: &Change<WrappedKeys>) -> Result<(), StoreError>;

    /// Writes a session that begins, or that it was confirmed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it is not there any more; else why it cannot be written.
    fn put_session(&mut self, change: &Change<Session>) -> Result<(), StoreError>;

    /// Ends a session of somebody, or all of them.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it is not there any more; else why it cannot be written.
    fn end_session(&mut self, change: &Change<EndedSession>) -> Result<(), StoreError>;

    /// Writes a new token, or that one was revoked.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn put_api_token(&mut self, change: &Change<ApiToken>) -> Result<(), StoreError>;

    /// Writes a new link, or that one was closed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn put_submit_link(&mut self, change: &Change<SubmitLink>) -> Result<(), StoreError>;

    /// Writes what was handed in by a link, and counts that it was used.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when the link was closed, used up or has lapsed; else why it cannot be
    /// written.
    fn submit(&mut self, change: &Change<Submission>) -> Result<(), StoreError>;

    /// Notes what using a credential changed in it: its counter, and when it was used. The event is
    /// that of the session that begins.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when it is not there any more; else why it cannot be written.
    fn renew_credential(&mut self, credential: &Credential) -> Result<(), StoreError>;

    /// Notes that a session was used at this time. There is no event of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn touch_session(
        &mut self,
        organisation: &OrganisationId,
        id: EventId,
        at: EventTime,
    ) -> Result<(), StoreError>;
}
