//! Copies and corrections that come in.

use super::{HeldCopy, HeldStage, HeldWithdrawal};
use crate::exchange::copies::{CopyFor, Ledger, Recall, RecallError, RecallKind};
use crate::exchange::telling::moment;
use crate::{Change, RecordKind};
use portcullis_federation::Moment;
use portcullis_share::{Approved, Received, Verified, Withdrawal};
use portcullis_types::{Clock, EventError, EventTime, JobName, OrganisationId, Purpose, Rng};

/// Why a copy isn't taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveCopyError {
    /// It is for another organisation.
    #[error("the copy is for `{recipient}`; hand it on unopened")]
    OtherRecipient {
        /// For whom.
        recipient: OrganisationId,
    },
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Why a correction isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TakeCorrectionError {
    /// It corrects something else.
    #[error("this corrects another copy, or is no later version of it")]
    OtherCopy,
    /// It was taken back.
    #[error(transparent)]
    Recall(#[from] RecallError),
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Why a confirmation isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TakeConfirmationError {
    /// It confirms something else, or nothing was to be confirmed.
    #[error("this copy waits for no confirmation, or for another one")]
    OtherCopy,
    /// It came too late.
    #[error("the copy had to be confirmed by {confirm_by}; it does not count any more")]
    TooLate {
        /// By when.
        confirm_by: Moment,
    },
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Takes a copy that was verified. Where the withdrawal of the notice is known already, because a copy
/// that was passed on took longer than what takes it back, nobody ever reads it.
///
/// # Errors
/// [`ReceiveCopyError`].
pub fn receive_copy(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    (organisation, purpose): (OrganisationId, Purpose),
    job: &JobName,
    received: &Received,
    withdrawal: Option<&Approved<Withdrawal>>,
) -> Result<Change<HeldCopy>, ReceiveCopyError> {
    let (heading, copy) = (&received.head().heading, received.copy());
    if *copy.recipient() != organisation {
        return Err(ReceiveCopyError::OtherRecipient { recipient: copy.recipient().clone() });
    }
    let at = EventTime::rounded_down(clock.now())?;
    let withdrawal = withdrawal.map(Approved::document).filter(|one| one.takes_back(heading));
    let withdrawn = withdrawal.map(|withdrawal| {
        let version = withdrawal.version;
        HeldWithdrawal { version, at, read: None }
    });
    let held = HeldCopy {
        notice: heading.id,
        version: heading.version,
        number: copy.number(),
        to: CopyFor {
            organisation,
            officer: copy.sealed().map(|sealed| sealed.person().officer.clone()),
        },
        originator: heading.originator.clone(),
        purpose,
        embargo: heading.embargo,
        expires: heading.expires,
        confirm_by: confirm_by(received),
        stage: HeldStage::Received { at },
        withdrawn,
        outcomes: Vec::new(),
        requests: Vec::new(),
        onward: Ledger::default(),
    };
    let telling = held
        .telling("copy.received")?
        .with("from", held.originator.as_str())?
        .through(heading.gateway);
    let event = telling.by_job(clock, rng, held.whose(), job)?;
    Ok(Change::new(held, event, RecordKind::NoticeCopy))
}

/// Takes a later version of a copy, in the place of the one before: it is to be read anew, and whoever
/// got it from here is owed it.
///
/// # Errors
/// [`TakeCorrectionError`].
pub fn take_correction(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    held: HeldCopy,
    (received, receipt_by): (&Received, Moment),
) -> Result<Change<HeldCopy>, TakeCorrectionError> {
    let (heading, copy) = (&received.head().heading, received.copy());
    let same = heading.id == held.notice
        && heading.originator == held.originator
        && *copy.recipient() == held.to.organisation
        && copy.number() == held.number;
    if !same || heading.version <= held.version {
        return Err(TakeCorrectionError::OtherCopy);
    }
    if held.withdrawn.is_some() {
        return Err(RecallError::Withdrawn.into());
    }
    let at = moment(clock)?;
    let mut onward = held.onward.clone();
    let kind = RecallKind::Correction { version: heading.version };
    onward.recall(Recall { kind, at, receipt_by })?;
    let held = HeldCopy {
        version: heading.version,
        embargo: heading.embargo,
        expires: heading.expires,
        confirm_by: confirm_by(received),
        stage: HeldStage::Received { at: EventTime::rounded_down(clock.now())? },
        onward,
        ..held
    };
    let telling = held.telling("copy.corrected")?.through(heading.gateway);
    let event = telling.by_job(clock, rng, held.whose(), job)?;
    Ok(Change::new(held, event, RecordKind::NoticeCopy))
}

/// Takes the confirmation of a copy that was released with one approval: `received` is the copy with it.
///
/// # Errors
/// [`TakeConfirmationError`].
pub fn take_confirmation(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    held: HeldCopy,
    received: &Received,
) -> Result<Change<HeldCopy>, TakeConfirmationError> {
    let heading = &received.head().heading;
    let same = heading.id == held.notice
        && heading.version == held.version
        && received.copy().number() == held.number;
    let Some(confirm_by) = held.confirm_by.filter(|_| same && self::confirm_by(received).is_none())
    else {
        return Err(TakeConfirmationError::OtherCopy);
    };
    if confirm_by <= moment(clock)? || held.withdrawn.is_some() {
        return Err(TakeConfirmationError::TooLate { confirm_by });
    }
    let held = HeldCopy { confirm_by: None, ..held };
    let event = held.telling("copy.confirmed")?.by_job(clock, rng, held.whose(), job)?;
    Ok(Change::new(held, event, RecordKind::NoticeCopy))
}

fn confirm_by(received: &Received) -> Option<Moment> {
    match received.verified() {
        Verified::Approved(_) => None,
        Verified::Urgent(urgent) => Some(urgent.confirm_by()),
    }
}
