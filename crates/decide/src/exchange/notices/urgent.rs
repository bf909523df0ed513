//! Tonight: released by one officer, confirmed by another in time, or taken back by itself.

use super::{Copies, IssuedNotice, NoticeStage};
use crate::exchange::copies::{Recall, RecallError, RecallKind};
use crate::exchange::duty::{SecondError, UrgentRelease, UrgentStanding};
use crate::exchange::telling::moment;
use crate::exchange::{ActError, Acting};
use crate::{Change, Digest, RecordKind, StatedReason};
use portcullis_federation::Moment;
use portcullis_share::{Approved, Notice, Urgent};
use portcullis_types::{Clock, EventError, EventTime, Gateway, JobName, Rng};

/// Why a notice isn't released before its second approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrgentError {
    /// It is approved, out, or gone.
    #[error("the notice is approved or out already")]
    NotADraft,
    /// What was signed is another notice.
    #[error("what was signed, or the copies, are of another notice")]
    OtherNotice,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why a notice isn't confirmed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfirmError {
    /// It doesn't wait for it.
    #[error("the notice was not released with one approval, or it was taken back")]
    NotUrgent,
    /// What was signed is another notice.
    #[error("what was signed is another notice")]
    OtherNotice,
    /// The approval doesn't count.
    #[error(transparent)]
    Second(#[from] SecondError),
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why a notice isn't taken back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LapseNoticeError {
    /// It is confirmed, or was never urgent.
    #[error("the notice does not wait for a second approval")]
    NotWaiting,
    /// There is time yet.
    #[error("the notice waits for its second approval until {confirm_by}")]
    NotYet {
        /// Until when.
        confirm_by: Moment,
    },
    /// It was taken back.
    #[error(transparent)]
    Recall(#[from] RecallError),
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Releases a notice that its author alone signed, because it can't wait. The moment until which the
/// second approval must be there stands in what he signed, and every recipient's node keeps to it.
///
/// # Errors
/// [`UrgentError`].
pub fn release_notice_urgently(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    notice: IssuedNotice,
    signed: &Urgent<Notice>,
    (copies, reason): (Copies, StatedReason),
) -> Result<Change<IssuedNotice>, UrgentError> {
    if !matches!(notice.stage, NoticeStage::Drafted | NoticeStage::Proposed { .. }) {
        return Err(UrgentError::NotADraft);
    }
    let heading = &signed.document().heading;
    if heading.id != notice.id
        || heading.version != 1
        || heading.originator != notice.organisation
        || !copies.are_of(&notice)
    {
        return Err(UrgentError::OtherNotice);
    }
    let confirm_by = signed.confirm_by();
    let event = notice
        .telling("notice.released-urgently")
        .and_then(|telling| telling.with("copies", copies.recipients().len() as u64))
        .and_then(|telling| telling.with("confirm-by", confirm_by.seconds()))
        .and_then(|telling| telling.because(&reason))
        .map_err(ActError::from)?
        .through(heading.gateway)
        .by(clock, rng, acting)?;
    let digest = Digest::from_bytes(*signed.digest().as_bytes());
    let urgent = UrgentRelease { by: acting.officer.clone(), digest, confirm_by, second: None };
    let stage = NoticeStage::Released { urgent: Some(urgent), reason: Some(reason) };
    let ledger = copies.into_ledger(moment(clock).map_err(ActError::from)?);
    Ok(Change::new(IssuedNotice { stage, ledger, ..notice }, event, RecordKind::Notice))
}

/// Confirms a notice that was released with one approval: another officer signed it in time.
///
/// # Errors
/// [`ConfirmError`].
pub fn confirm_notice(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    notice: IssuedNotice,
    signed: &Approved<Notice>,
) -> Result<Change<IssuedNotice>, ConfirmError> {
    let NoticeStage::Released { urgent: Some(urgent), reason } = &notice.stage else {
        return Err(ConfirmError::NotUrgent);
    };
    if signed.digest().as_bytes() != urgent.digest.as_bytes() {
        return Err(ConfirmError::OtherNotice);
    }
    let now = moment(clock).map_err(ActError::from)?;
    let seconded = urgent.seconded(acting.officer.clone(), now)?;
    let event =
        notice.telling("notice.confirmed").map_err(ActError::from)?.by(clock, rng, acting)?;
    let stage = NoticeStage::Released { urgent: Some(seconded), reason: reason.clone() };
    Ok(Change::new(IssuedNotice { stage, ..notice }, event, RecordKind::Notice))
}

/// Takes a notice back that nobody confirmed in time. A job does it: to withdraw is no decision against
/// anybody. Recipients' nodes have dropped it at the same moment; that they have is owed as a receipt.
///
/// # Errors
/// [`LapseNoticeError`].
pub fn lapse_notice(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    notice: IssuedNotice,
    (receipt_by, gateway): (Moment, Gateway),
) -> Result<Change<IssuedNotice>, LapseNoticeError> {
    let NoticeStage::Released { urgent: Some(urgent), .. } = &notice.stage else {
        return Err(LapseNoticeError::NotWaiting);
    };
    let now = moment(clock)?;
    match urgent.standing(now) {
        UrgentStanding::Confirmed => return Err(LapseNoticeError::NotWaiting),
        UrgentStanding::Waiting => {
            return Err(LapseNoticeError::NotYet { confirm_by: urgent.confirm_by });
        }
        UrgentStanding::Lapsed => {}
    }
    let mut ledger = notice.ledger.clone();
    let kind = RecallKind::Withdrawal { version: ledger.latest_version() };
    ledger.recall(Recall { kind, at: now, receipt_by })?;
    let telling = notice.telling("notice.lapsed")?.through(gateway);
    let event = telling.by_job(clock, rng, notice.whose(), job)?;
    let at = EventTime::rounded_down(clock.now())?;
    let stage = NoticeStage::Withdrawn { at, by: None, reason: None };
    Ok(Change::new(IssuedNotice { stage, ledger, ..notice }, event, RecordKind::Notice))
}
