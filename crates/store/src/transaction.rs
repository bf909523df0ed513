//! An open transaction as the outside sees it.

use crate::database::Open;
use crate::labels::Labelled;
use crate::queue::{Enqueued, NewJob, StoredJob};
use crate::tables::events::StoredEvent;
use crate::tables::log::Log;
use crate::tables::records::RecordCount;
use crate::tables::{
    alerts, decisions, erasures, events, given_up_jobs, jobs, labels, lists, log, people, records,
};
use crate::{Reader, StoreError, Writer};
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

impl Reader for Open<'_> {
    fn decisions(&self, organisation: &OrganisationId) -> Result<Vec<Decision>, StoreError> {
        decisions::all(self, organisation)
    }

    fn raised(
        &self,
        organisation: &OrganisationId,
        reference: Reference,
    ) -> Result<Vec<RaisedPair>, StoreError> {
        alerts::under(self, organisation, reference)
    }

    fn lists(&self, organisation: &OrganisationId) -> Result<Vec<KeptList>, StoreError> {
        lists::all(self, organisation)
    }

    fn events(&self, organisation: &OrganisationId) -> Result<Vec<Event>, StoreError> {
        events::all(self, organisation)
    }

    fn events_after(
        &self,
        organisation: &OrganisationId,
        position: u64,
    ) -> Result<(Vec<StoredEvent>, Option<u64>), StoreError> {
        events::after(self, organisation, position)
    }

    fn log(&self, organisation: &OrganisationId) -> Result<Option<Log>, StoreError> {
        log::current(self, organisation)
    }

    fn record(
        &self,
        organisation: &OrganisationId,
        number: RecordNumber,
    ) -> Result<Option<HeldRecord>, StoreError> {
        records::held(self, organisation, number)
    }

    fn record_label(
        &self,
        organisation: &OrganisationId,
        number: RecordNumber,
    ) -> Result<Label, StoreError> {
        match records::held(self, organisation, number)? {
            Some(_) => labels::of_record(self, records::key(number)?),
            None => Ok(Label::open()),
        }
    }

    fn records_of(
        &self,
        organisation: &OrganisationId,
        thing: &Labelled,
    ) -> Result<Vec<RecordNumber>, StoreError> {
        labels::records_of(self, organisation, thing)
    }

    fn record_events(
        &self,
        organisation: &OrganisationId,
        number: RecordNumber,
    ) -> Result<Vec<Event>, StoreError> {
        events::of_record(self, organisation, records::key(number)?)
    }

    fn due_records(
        &self,
        organisation: &OrganisationId,
        on: Date,
        after: Option<RecordNumber>,
    ) -> Result<(Vec<HeldRecord>, Option<RecordNumber>), StoreError> {
        records::due(self, organisation, on, after)
    }

    fn record_counts(
        &self,
        organisation: &OrganisationId,
        on: Date,
    ) -> Result<Vec<RecordCount>, StoreError> {
        records::counts(self, organisation, on)
    }

    fn jobs(&self, organisation: &OrganisationId) -> Result<Vec<StoredJob>, StoreError> {
        jobs::all(self, organisation)
    }

    fn given_up_jobs(&self, organisation: &OrganisationId) -> Result<Vec<GivenUpJob>, StoreError> {
        given_up_jobs::all(self, organisation)
    }

    fn person(
        &self,
        organisation: &OrganisationId,
        officer: &OfficerId,
    ) -> Result<Option<Person>, StoreError> {
        people::office::person(self, organisation, officer)
    }

    fn office(&self, organisation: &OrganisationId) -> Result<Office, StoreError> {
        people::office::office(self, organisation)
    }

    fn proposal(
        &self,
        organisation: &OrganisationId,
        id: EventId,
    ) -> Result<Option<Proposal>, StoreError> {
        people::proposals::one(self, organisation, id)
    }

    fn proposals(&self, organisation: &OrganisationId) -> Result<Vec<Proposal>, StoreError> {
        people::proposals::every(self, organisation)
    }

    fn credentials(
        &self,
        organisation: &OrganisationId,
        officer: &OfficerId,
    ) -> Result<Vec<Credential>, StoreError> {
        people::credentials::of_person(self, organisation, officer)
    }

    fn credential(
        &self,
        organisation: &OrganisationId,
        kind: CredentialKind,
        lookup: &Digest,
    ) -> Result<Option<Credential>, StoreError> {
        people::credentials::found_by(self, organisation, kind, lookup)
    }

    fn wrapped_keys(
        &self,
        organisation: &OrganisationId,
        officer: &OfficerId,
    ) -> Result<Vec<WrappedKeys>, StoreError> {
        people::credentials::wrapped(self, organisation, officer)
    }

    fn session(
        &self,
        organisation: &OrganisationId,
        digest: &Digest,
    ) -> Result<Option<Session>, StoreError> {
        people::sessions::of_digest(self, organisation, digest)
    }

    fn api_token(
        &self,
        organisation: &OrganisationId,
        digest: &Digest,
    ) -> Result<Option<ApiToken>, StoreError> {
        people::tokens::of_digest(self, organisation, digest)
    }

    fn api_tokens(&self, organisation: &OrganisationId) -> Result<Vec<ApiToken>, StoreError> {
        people::tokens::every(self, organisation)
    }

    fn submit_link(
        &self,
        organisation: &OrganisationId,
        digest: &Digest,
    ) -> Result<Option<SubmitLink>, StoreError> {
        people::links::of_digest(self, organisation, digest)
    }

    fn submit_links(&self, organisation: &OrganisationId) -> Result<Vec<SubmitLink>, StoreError> {
        people::links::every(self, organisation)
    }

    fn submissions(&self, organisation: &OrganisationId) -> Result<Vec<Submission>, StoreError> {
        people::links::submissions(self, organisation)
    }
}

impl Writer for Open<'_> {
    fn put_decision(&mut self, change: &Change<Decision>) -> Result<(), StoreError> {
        decisions::put(self, change).map(drop)
    }

    fn put_raised(&mut self, change: &Change<Raised>) -> Result<(), StoreError> {
        alerts::put(self, change)
    }

    fn put_list(&mut self, change: &Change<KeptList>) -> Result<(), StoreError> {
        lists::put(self, change)
    }

    fn relabel(&mut self, change: &Change<Relabelled>) -> Result<(), StoreError> {
        labels::relabel(self, change)
    }

    fn forget_list(&mut self, change: &Change<ForgottenList>) -> Result<(), StoreError> {
        lists::forget(self, change)
    }

    fn open_log(&mut self, change: &Change<OpenedLog>) -> Result<(), StoreError> {
        log::open_new(self, change)
    }

    fn erase(&mut self, change: &Change<Erasure>) -> Result<(), StoreError> {
        erasures::erase(self, change)
    }

    fn keep(&mut self, change: &Change<Review>) -> Result<(), StoreError> {
        erasures::keep(self, change)
    }

    fn enqueue(&mut self, clock: &dyn Clock, job: &NewJob) -> Result<Enqueued, StoreError> {
        jobs::enqueue(self, clock, job)
    }

    fn deal_with_job(&mut self, change: &Change<GivenUpJob>) -> Result<(), StoreError> {
        given_up_jobs::put(self, change)
    }

    fn put_first_people(&mut self, change: &Change<FirstPeople>) -> Result<(), StoreError> {
        people::office::put_first(self, change)
    }

    fn put_recovery_codes(&mut self, change: &Change<RecoveryCodes>) -> Result<(), StoreError> {
        people::office::put_codes(self, change)
    }

    fn put_proposal(&mut self, change: &Change<Proposal>) -> Result<(), StoreError> {
        people::office::put_proposal(self, change)
    }

    fn put_approval(&mut self, change: &Change<Approval>) -> Result<(), StoreError> {
        people::office::put_approval(self, change)
    }

    fn remove_outside(&mut self, change: &Change<RemovedOutside>) -> Result<(), StoreError> {
        people::office::remove_outside(self, change)
    }

    fn put_person(&mut self, change: &Change<Person>) -> Result<(), StoreError> {
        people::office::put(self, change)
    }

    fn enrol(&mut self, change: &Change<Enrolment>) -> Result<(), StoreError> {
        people::credentials::enrol(self, change)
    }

    fn put_credential(&mut self, change: &Change<Credential>) -> Result<(), StoreError> {
        people::credentials::put(self, change)
    }

    fn remove_credential(&mut self, change: &Change<RemovedCredential>) -> Result<(), StoreError> {
        people::credentials::remove(self, change)
    }

    fn put_wrapped_keys(&mut self, change: &Change<WrappedKeys>) -> Result<(), StoreError> {
        people::credentials::put_wrapped(self, change)
    }

    fn put_session(&mut self, change: &Change<Session>) -> Result<(), StoreError> {
        people::sessions::put(self, change)
    }

    fn end_session(&mut self, change: &Change<EndedSession>) -> Result<(), StoreError> {
        people::sessions::end(self, change)
    }

    fn put_api_token(&mut self, change: &Change<ApiToken>) -> Result<(), StoreError> {
        people::tokens::put(self, change)
    }

    fn put_submit_link(&mut self, change: &Change<SubmitLink>) -> Result<(), StoreError> {
        people::links::put(self, change)
    }

    fn submit(&mut self, change: &Change<Submission>) -> Result<(), StoreError> {
        people::links::submit(self, change)
    }

    fn renew_credential(&mut self, credential: &Credential) -> Result<(), StoreError> {
        people::credentials::renew(self, credential)
    }

    fn touch_session(
        &mut self,
        organisation: &OrganisationId,
        id: EventId,
        at: EventTime,
    ) -> Result<(), StoreError> {
        people::sessions::touch(self, organisation, id, at)
    }
}
