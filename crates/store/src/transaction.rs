//! An open transaction as the outside sees it.

use crate::database::Open;
use crate::tables::events::StoredEvent;
use crate::tables::log::Log;
use crate::tables::{alerts, decisions, events, lists, log};
use crate::{Reader, StoreError, Writer};
use portcullis_decide::{
    Change, Decision, ForgottenList, KeptList, OpenedLog, Raised, RaisedPair, Reference,
};
use portcullis_types::{Event, OrganisationId};

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
}
