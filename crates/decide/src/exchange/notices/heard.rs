//! What comes back: receipts and outcomes.

use super::{HeardOutcome, IssuedNotice};
use crate::exchange::copies::{ReceiptError, StageAt};
use crate::{Change, RecordKind};
use portcullis_share::{Outcome, Receipt};
use portcullis_types::{Clock, EventError, JobName, OrganisationId, Rng};

/// Why a receipt isn't recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordReceiptError {
    /// It is for another notice.
    #[error("the receipt is for another notice")]
    OtherNotice,
    /// The copy is another organisation's.
    #[error("the receipt comes from an organisation that does not hold the copy")]
    OtherHolder,
    /// The ledger doesn't take it.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Why an outcome isn't recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordOutcomeError {
    /// It is for another notice.
    #[error("the outcome is for another notice")]
    OtherNotice,
    /// The copy is another organisation's.
    #[error("the outcome comes from an organisation that does not hold the copy")]
    OtherHolder,
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Records a receipt that an organisation sent, as the exchange verified.
///
/// # Errors
/// [`RecordReceiptError`].
pub fn record_receipt(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    notice: IssuedNotice,
    (from, receipt): (&OrganisationId, &Receipt),
) -> Result<Change<IssuedNotice>, RecordReceiptError> {
    if receipt.notice != notice.id {
        return Err(RecordReceiptError::OtherNotice);
    }
    if !notice.holds(from, receipt.copy) {
        return Err(RecordReceiptError::OtherHolder);
    }
    let mut ledger = notice.ledger.clone();
    let Receipt { of, version, stage, at, .. } = *receipt;
    ledger.receipt(receipt.copy, StageAt { of, version, stage, at })?;
    let telling = notice
        .telling("notice.receipt-recorded")?
        .with("copy", receipt.copy)?
        .with("of", of.code())?
        .with("stage", stage.code())?
        .with("version", version)?;
    let event = telling.by_job(clock, rng, notice.whose(), job)?;
    Ok(Change::new(IssuedNotice { ledger, ..notice }, event, RecordKind::Notice))
}

/// Records what a recipient says was done.
///
/// # Errors
/// [`RecordOutcomeError`].
pub fn record_outcome(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    notice: IssuedNotice,
    (from, outcome): (&OrganisationId, &Outcome),
) -> Result<Change<IssuedNotice>, RecordOutcomeError> {
    if outcome.notice != notice.id {
        return Err(RecordOutcomeError::OtherNotice);
    }
    if !notice.holds(from, outcome.copy) {
        return Err(RecordOutcomeError::OtherHolder);
    }
    let telling = notice
        .telling("notice.outcome-recorded")?
        .with("copy", outcome.copy)?
        .with("act", outcome.act.code())?
        .with("reliance", outcome.reliance.code())?;
    let event = telling.by_job(clock, rng, notice.whose(), job)?;
    let mut outcomes = notice.outcomes.clone();
    let Outcome { copy, version, act, reliance, at, .. } = *outcome;
    outcomes.push(HeardOutcome { copy, version, act, reliance, at });
    Ok(Change::new(IssuedNotice { outcomes, ..notice }, event, RecordKind::Notice))
}

impl IssuedNotice {
    /// Whether a copy is this organisation's.
    pub(super) fn holds(&self, organisation: &OrganisationId, copy: u64) -> bool {
        self.ledger.copy(copy).is_some_and(|copy| copy.to.organisation == *organisation)
    }
}
