//! What every store can do, whatever it is built on.

use crate::StoreError;
use portcullis_decide::{Change, Decision, ForgottenList, KeptList, Raised, RaisedPair, Reference};
use portcullis_types::{Event, OrganisationId};

/// What a transaction is called, in the store and in errors: `decisions.add`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionName(pub &'static str);

/// A place that remembers.
pub trait Store {
    /// Looks at one moment: whatever is written meanwhile isn't seen.
    ///
    /// # Errors
    ///
    /// Whatever `look` returns, or why the store cannot be read.
    fn read<T, E: From<StoreError>>(
        &mut self,
        look: impl FnOnce(&dyn Reader) -> Result<T, E>,
    ) -> Result<T, E>;

    /// Changes state, all or nothing. Nobody else writes meanwhile, so what `work` reads is still
    /// true when it writes. It may be called again when a store has to start over.
    ///
    /// # Errors
    ///
    /// Whatever `work` returns, and nothing has changed then; or why the store cannot be written.
    fn write<T, E: From<StoreError>>(
        &mut self,
        name: TransactionName,
        work: impl FnMut(&mut dyn Writer) -> Result<T, E>,
    ) -> Result<T, E>;
}

/// What can be looked up. Everything belongs to one organisation, which is named each time.
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
}

/// What can be changed. Each method also writes the event of the change.
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
}
