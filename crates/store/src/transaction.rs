//! An open transaction as the outside sees it.

use crate::database::Open;
use crate::queue::{Enqueued, NewJob, StoredJob};
use crate::tables::events::StoredEvent;
use crate::tables::log::Log;
use crate::tables::records::RecordCount;
use crate::tables::{
    alerts, decisions, erasures, events, given_up_jobs, jobs, lists, log, records,
};
use crate::{Reader, StoreError, Writer};
use jiff::civil::Date;
use portcullis_decide::{
    Change, Decision, Erasure, ForgottenList, GivenUpJob, HeldRecord, KeptList, OpenedLog, Raised,
    RaisedPair, RecordNumber, Reference, Review,
};
use portcullis_types::{Clock, Event, OrganisationId};

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
}

impl Writer for Open<'_> {
    fn put_decision(&mut self, change: &Change<Decision>) -> Result<(), StoreError> {
        decisions::put(self, change)
    }

    fn put_raised(&mut self, change: &Change<Raised>) -> Result<(), StoreError> {
        alerts::put(self, change)
    }

    fn put_list(&mut self, change: &Change<KeptList>) -> Result<(), StoreError> {
        lists::put(self, change)
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
}
