//! Correcting, withdrawing and dropping a notice.

use super::{IssuedNotice, NoticeStage};
use crate::exchange::copies::{Recall, RecallError, RecallKind};
use crate::exchange::telling::moment;
use crate::exchange::{ActError, Acting};
use crate::{Change, RecordKind, StatedReason};
use portcullis_federation::Moment;
use portcullis_share::{Approved, Notice, Withdrawal};
use portcullis_types::{Clock, Gateway, Rng};

/// Why a notice isn't corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CorrectError {
    /// It is not out.
    #[error("only a notice that is out is corrected")]
    NotOut,
    /// What was signed does not follow on what went out.
    #[error("what was signed is not the version that follows on those that went out")]
    OtherNotice,
    /// It can't be recalled so.
    #[error(transparent)]
    Recall(#[from] RecallError),
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why a notice isn't withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WithdrawError {
    /// It is not out.
    #[error("only a notice that is out is withdrawn; drop it instead")]
    NotOut,
    /// What was signed withdraws something else, or not the latest version.
    #[error("what was signed does not withdraw the latest version of this notice")]
    OtherNotice,
    /// It can't be recalled so.
    #[error(transparent)]
    Recall(#[from] RecallError),
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why a notice isn't dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DropError {
    /// It went out.
    #[error("the notice went out; withdraw it")]
    Out,
    /// It was dropped.
    #[error("the notice was dropped already")]
    Dropped,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Corrects a notice by a later version that two officers signed. It goes out at once, to everybody who
/// ever had a copy.
///
/// # Errors
/// [`CorrectError`].
pub fn correct_notice(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    notice: IssuedNotice,
    signed: &Approved<Notice>,
    (reason, receipt_by): (&StatedReason, Moment),
) -> Result<Change<IssuedNotice>, CorrectError> {
    if !matches!(notice.stage, NoticeStage::Released { .. }) {
        return Err(CorrectError::NotOut);
    }
    let heading = &signed.document().heading;
    let before = heading.correction.as_ref().map(|correction| correction.replaces);
    let mut ledger = notice.ledger.clone();
    let same = heading.id == notice.id && heading.originator == notice.organisation;
    if !same || before != Some(ledger.latest_version()) {
        return Err(CorrectError::OtherNotice);
    }
    let at = moment(clock).map_err(ActError::from)?;
    let kind = RecallKind::Correction { version: heading.version };
    ledger.recall(Recall { kind, at, receipt_by })?;
    let event = notice
        .telling("notice.corrected")
        .and_then(|telling| telling.with("version", heading.version))
        .and_then(|telling| telling.because(reason))
        .map_err(ActError::from)?
        .through(heading.gateway)
        .by(clock, rng, acting)?;
    Ok(Change::new(IssuedNotice { ledger, ..notice }, event, RecordKind::Notice))
}

/// Withdraws a notice in all its versions. From then on everybody who ever had a copy is owed it.
///
/// # Errors
/// [`WithdrawError`].
pub fn withdraw_notice(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    notice: IssuedNotice,
    signed: &Approved<Withdrawal>,
    (reason, gateway): (StatedReason, Gateway),
) -> Result<Change<IssuedNotice>, WithdrawError> {
    if !matches!(notice.stage, NoticeStage::Released { .. }) {
        return Err(WithdrawError::NotOut);
    }
    let withdrawal = signed.document();
    let mut ledger = notice.ledger.clone();
    let same = withdrawal.notice == notice.id && withdrawal.originator == notice.organisation;
    if !same || withdrawal.version != ledger.latest_version() {
        return Err(WithdrawError::OtherNotice);
    }
    let at = moment(clock).map_err(ActError::from)?;
    let kind = RecallKind::Withdrawal { version: withdrawal.version };
    ledger.recall(Recall { kind, at, receipt_by: withdrawal.receipt_by })?;
    let event = notice
        .telling("notice.withdrawn")
        .and_then(|telling| telling.with("version", withdrawal.version))
        .and_then(|telling| telling.with("why", withdrawal.reason.code()))
        .and_then(|telling| telling.because(&reason))
        .map_err(ActError::from)?
        .through(gateway)
        .by(clock, rng, acting)?;
    let (at, by) = (event.at, Some(acting.officer.clone()));
    let stage = NoticeStage::Withdrawn { at, by, reason: Some(reason) };
    Ok(Change::new(IssuedNotice { stage, ledger, ..notice }, event, RecordKind::Notice))
}

/// Drops a notice that never went out, whoever wrote or approved it. It is the safe side, so one officer
/// does it.
///
/// # Errors
/// [`DropError`].
pub fn drop_notice(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    notice: IssuedNotice,
    reason: StatedReason,
) -> Result<Change<IssuedNotice>, DropError> {
    match notice.stage {
        NoticeStage::Released { .. } | NoticeStage::Withdrawn { .. } => return Err(DropError::Out),
        NoticeStage::Dropped { .. } => return Err(DropError::Dropped),
        NoticeStage::Drafted | NoticeStage::Proposed { .. } | NoticeStage::Approved { .. } => {}
    }
    let event = notice
        .telling("notice.dropped")
        .and_then(|telling| telling.because(&reason))
        .map_err(ActError::from)?
        .by(clock, rng, acting)?;
    let stage = NoticeStage::Dropped { by: acting.officer.clone(), reason };
    Ok(Change::new(IssuedNotice { stage, ..notice }, event, RecordKind::Notice))
}
