//! Withdrawals that come in, or follow by themselves.

use super::{HeldCopy, HeldWithdrawal, ReadCopyError};
use crate::exchange::copies::{Recall, RecallError, RecallKind};
use crate::exchange::telling::moment;
use crate::exchange::{ActError, Acting};
use crate::{Change, RecordKind};
use portcullis_federation::Moment;
use portcullis_share::{Approved, Withdrawal};
use portcullis_types::{Clock, EventError, EventTime, JobName, Rng};

/// Why a withdrawal isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TakeWithdrawalError {
    /// It is for something else, or not the originator's.
    #[error("this withdraws another notice, or an earlier version")]
    OtherNotice,
    /// It was taken back already.
    #[error(transparent)]
    Recall(#[from] RecallError),
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Why a copy isn't taken back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LapseCopyError {
    /// It waits for no confirmation.
    #[error("the copy waits for no confirmation")]
    NotWaiting,
    /// There is time yet.
    #[error("the copy waits for its confirmation until {confirm_by}")]
    NotYet {
        /// Until when.
        confirm_by: Moment,
    },
    /// It was taken back already.
    #[error(transparent)]
    Recall(#[from] RecallError),
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Why it isn't recorded that a withdrawal was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadWithdrawalError {
    /// There is none.
    #[error("the notice was not taken back")]
    NotWithdrawn,
    /// It is for somebody else.
    #[error(transparent)]
    Read(#[from] ReadCopyError),
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Takes the withdrawal of a notice: from then on nobody reads the copy, and whoever got it from here is
/// owed the withdrawal.
///
/// # Errors
/// [`TakeWithdrawalError`].
pub fn take_withdrawal(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    held: HeldCopy,
    withdrawal: &Approved<Withdrawal>,
) -> Result<Change<HeldCopy>, TakeWithdrawalError> {
    let withdrawal = withdrawal.document();
    let same = withdrawal.notice == held.notice && withdrawal.originator == held.originator;
    if !same || withdrawal.version < held.version {
        return Err(TakeWithdrawalError::OtherNotice);
    }
    let (version, receipt_by) = (withdrawal.version, withdrawal.receipt_by);
    let held = held.taken_back(EventTime::rounded_down(clock.now())?, version, receipt_by)?;
    let telling = held.telling("copy.withdrawn")?.with("why", withdrawal.reason.code())?;
    let event = telling.by_job(clock, rng, held.whose(), job)?;
    Ok(Change::new(held, event, RecordKind::NoticeCopy))
}

/// Takes a copy back that was released with one approval and that nobody confirmed in time.
///
/// # Errors
/// [`LapseCopyError`].
pub fn lapse_copy(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    held: HeldCopy,
    receipt_by: Moment,
) -> Result<Change<HeldCopy>, LapseCopyError> {
    let Some(confirm_by) = held.confirm_by else {
        return Err(LapseCopyError::NotWaiting);
    };
    if moment(clock)? < confirm_by {
        return Err(LapseCopyError::NotYet { confirm_by });
    }
    let version = held.version;
    let held = held.taken_back(EventTime::rounded_down(clock.now())?, version, receipt_by)?;
    let event = held.telling("copy.lapsed")?.by_job(clock, rng, held.whose(), job)?;
    Ok(Change::new(held, event, RecordKind::NoticeCopy))
}

/// Says that an officer read that a notice was taken back, which is what settles it: the one to whom the
/// copy was sealed, or anybody where it was for all.
///
/// # Errors
/// [`ReadWithdrawalError`].
pub fn read_withdrawal(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    held: HeldCopy,
) -> Result<Change<HeldCopy>, ReadWithdrawalError> {
    held.is_for(&acting.officer)?;
    let Some(withdrawn) = held.withdrawn.clone() else {
        return Err(ReadWithdrawalError::NotWithdrawn);
    };
    let event =
        held.telling("copy.withdrawal-read").map_err(ActError::from)?.by(clock, rng, acting)?;
    let read = withdrawn.read.or(Some((acting.officer.clone(), event.at)));
    let withdrawn = Some(HeldWithdrawal { read, ..withdrawn });
    Ok(Change::new(HeldCopy { withdrawn, ..held }, event, RecordKind::NoticeCopy))
}

impl HeldCopy {
    fn taken_back(
        self,
        at: EventTime,
        version: u64,
        receipt_by: Moment,
    ) -> Result<Self, RecallError> {
        if self.withdrawn.is_some() {
            return Err(RecallError::Withdrawn);
        }
        let mut onward = self.onward.clone();
        let (kind, since) = (RecallKind::Withdrawal { version }, Moment::of(at.timestamp()));
        onward.recall(Recall { kind, at: since.unwrap_or(Moment::END), receipt_by })?;
        let withdrawn = Some(HeldWithdrawal { version, at, read: None });
        Ok(Self { withdrawn, onward, ..self })
    }
}
