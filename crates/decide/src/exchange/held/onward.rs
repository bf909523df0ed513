//! Passing a copy on, with the originator's leave.

use super::{HeldCopy, HeldStage, HeldStanding, OnwardAnswer, OnwardOwn};
use crate::exchange::copies::{CopyError, CopyFor, IssuedCopy};
use crate::exchange::telling::moment;
use crate::exchange::{ActError, Acting};
use crate::{Change, RecordKind, StatedReason};
use portcullis_federation::Moment;
use portcullis_share::{Approved, OnwardDecision, OnwardId, OnwardVerdict};
use portcullis_types::{Clock, Detail, EventError, JobName, Rng};

/// Why leave isn't asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestOnwardError {
    /// Nobody has read the copy.
    #[error("read the copy before you ask to pass it on")]
    NotRead,
    /// It doesn't hold now.
    #[error("the notice expired or was taken back; it is not passed on")]
    Over,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why an answer isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TakeLeaveError {
    /// It answers nothing that was asked from here, or otherwise than it was asked.
    #[error("this answers no open request about this copy")]
    NotAsked,
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Why a copy isn't passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassOnError {
    /// There is no leave for it.
    #[error("there is no leave to pass this on; ask for it")]
    NoLeave,
    /// The leave is over.
    #[error("the leave to pass this on ended at {until}; ask anew")]
    LeaveOver {
        /// When.
        until: Moment,
    },
    /// It doesn't hold now.
    #[error("the notice expired or was taken back; it is not passed on")]
    Over,
    /// The leave is for another version.
    #[error("the notice was corrected since; ask for leave to pass the corrected one on")]
    OtherVersion,
    /// It can't be written down.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Asks the originator for leave to pass a copy on. Why is told to the originator; here its digest is
/// noted.
///
/// # Errors
/// [`RequestOnwardError`].
pub fn request_onward(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    held: HeldCopy,
    (id, to): (OnwardId, CopyFor),
    reason: &StatedReason,
) -> Result<Change<HeldCopy>, RequestOnwardError> {
    if held.standing(moment(clock).map_err(ActError::from)?) != HeldStanding::Stands {
        return Err(RequestOnwardError::Over);
    }
    if matches!(held.stage, HeldStage::Received { .. }) {
        return Err(RequestOnwardError::NotRead);
    }
    let event = held
        .telling("copy.onward-requested")
        .and_then(|telling| telling.with("request", Detail::Bytes(id.as_bytes().to_vec())))
        .and_then(|telling| telling.with("to", to.organisation.as_str()))
        .and_then(|telling| telling.because(reason))
        .map_err(ActError::from)?
        .by(clock, rng, acting)?;
    let mut requests = held.requests.clone();
    requests.push(OnwardOwn { id, to, by: acting.officer.clone(), answer: None });
    Ok(Change::new(HeldCopy { requests, ..held }, event, RecordKind::NoticeCopy))
}

/// Takes what the originator decided.
///
/// # Errors
/// [`TakeLeaveError`].
pub fn take_leave(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    held: HeldCopy,
    decision: &Approved<OnwardDecision>,
) -> Result<Change<HeldCopy>, TakeLeaveError> {
    let decision = decision.document();
    let mut requests = held.requests.clone();
    let fits = decision.notice == held.notice
        && decision.originator == held.originator
        && decision.holder == held.to.organisation;
    let request = requests.iter_mut().find(|request| {
        fits && request.id == decision.request
            && request.answer.is_none()
            && request.to.organisation == decision.to
            && request.to.officer == decision.person
    });
    let request = request.ok_or(TakeLeaveError::NotAsked)?;
    request.answer = Some(match (decision.verdict, decision.copy) {
        (OnwardVerdict::Granted, Some(copy)) => {
            let (version, until) = (decision.version, decision.until);
            OnwardAnswer::Granted { copy, version, until }
        }
        _ => OnwardAnswer::Refused,
    });
    let telling = held
        .telling("copy.onward-decided")?
        .with("request", Detail::Bytes(decision.request.as_bytes().to_vec()))?
        .with("verdict", decision.verdict.code())?;
    let event = telling.by_job(clock, rng, held.whose(), job)?;
    Ok(Change::new(HeldCopy { requests, ..held }, event, RecordKind::NoticeCopy))
}

/// Passes a copy on, to the one for whom there is leave, under the number that the originator gave it.
///
/// # Errors
/// [`PassOnError`].
pub fn pass_on(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    held: HeldCopy,
    request: OnwardId,
) -> Result<Change<HeldCopy>, PassOnError> {
    let now = moment(clock).map_err(ActError::from)?;
    if held.standing(now) != HeldStanding::Stands {
        return Err(PassOnError::Over);
    }
    let asked = held.requests.iter().find(|asked| asked.id == request);
    let Some(OnwardOwn {
        to, answer: Some(OnwardAnswer::Granted { copy, version, until }), ..
    }) = asked
    else {
        return Err(PassOnError::NoLeave);
    };
    if *until <= now {
        return Err(PassOnError::LeaveOver { until: *until });
    }
    if *version != held.version {
        return Err(PassOnError::OtherVersion);
    }
    let mut onward = held.onward.clone();
    onward.add(*copy, IssuedCopy::new(to.clone(), *version, None, now))?;
    let event = held
        .telling("copy.passed-on")
        .and_then(|telling| telling.with("request", Detail::Bytes(request.as_bytes().to_vec())))
        .and_then(|telling| telling.with("to", to.organisation.as_str()))
        .and_then(|telling| telling.with("as-copy", *copy))
        .map_err(ActError::from)?
        .by(clock, rng, acting)?;
    Ok(Change::new(HeldCopy { onward, ..held }, event, RecordKind::NoticeCopy))
}
