//! Passing a notice on: asked by a holder, decided by two officers of the originator.

use super::release::check;
use super::{CopiesError, IssuedNotice, NoticeStage, OnwardAsked};
use crate::exchange::copies::{CopyError, CopyFor, IssuedCopy, Via};
use crate::exchange::duty::Untied;
use crate::exchange::telling::moment;
use crate::exchange::{ActError, Acting};
use crate::{Change, RecordKind, StatedReason};
use portcullis_share::{Approved, OnwardDecision, OnwardRequest, OnwardVerdict};
use portcullis_types::{Clock, Detail, EventError, Gateway, JobName, OrganisationId, Rng};

/// Why a request is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AskOnwardError {
    /// It is for another notice.
    #[error("the request is for another notice")]
    OtherNotice,
    /// The copy is another organisation's.
    #[error("the request comes from an organisation that does not hold the copy")]
    OtherHolder,
    /// It was asked already.
    #[error("the same was asked already")]
    Asked,
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Why a request isn't decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecideOnwardError {
    /// The notice is not out, or was withdrawn.
    #[error("only a notice that is out is passed on")]
    NotOut,
    /// Nobody asked for that.
    #[error("what was signed is no answer to an open request of this notice")]
    NotAsked,
    /// The number of the copy is not the next one.
    #[error("the copy that is allowed gets number {next}; have the decision signed with that")]
    OtherNumber {
        /// The number it gets.
        next: u64,
    },
    /// Whoever it would go to must not know.
    #[error(transparent)]
    Copies(#[from] CopiesError),
    /// The ledger doesn't take it.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Takes a request to pass a notice on.
///
/// # Errors
/// [`AskOnwardError`].
pub fn ask_onward(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    notice: IssuedNotice,
    (from, request): (&OrganisationId, &OnwardRequest),
) -> Result<Change<IssuedNotice>, AskOnwardError> {
    if request.notice != notice.id {
        return Err(AskOnwardError::OtherNotice);
    }
    if !notice.holds(from, request.copy) {
        return Err(AskOnwardError::OtherHolder);
    }
    if notice.onward.iter().any(|asked| asked.id == request.id) {
        return Err(AskOnwardError::Asked);
    }
    let telling = notice
        .telling("notice.onward-asked")?
        .with("request", Detail::Bytes(request.id.as_bytes().to_vec()))?
        .with("copy", request.copy)?
        .with("to", request.to.as_str())?;
    let event = telling.by_job(clock, rng, notice.whose(), job)?;
    let to = CopyFor { organisation: request.to.clone(), officer: request.person.clone() };
    let mut onward = notice.onward.clone();
    onward.push(OnwardAsked { id: request.id, copy: request.copy, to, verdict: None });
    Ok(Change::new(IssuedNotice { onward, ..notice }, event, RecordKind::Notice))
}

/// Decides a request, as two officers signed it. Leave counts as a copy from that moment, used or not:
/// who might have one is owed what all are owed.
///
/// # Errors
/// [`DecideOnwardError`].
pub fn decide_onward(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    notice: IssuedNotice,
    signed: &Approved<OnwardDecision>,
    (untied, reason, gateway): (&Untied, &StatedReason, Gateway),
) -> Result<Change<IssuedNotice>, DecideOnwardError> {
    if !matches!(notice.stage, NoticeStage::Released { .. }) {
        return Err(DecideOnwardError::NotOut);
    }
    let decision = signed.document();
    let to = CopyFor { organisation: decision.to.clone(), officer: decision.person.clone() };
    let IssuedNotice { mut ledger, mut onward, .. } = notice.clone();
    let asked = onward.iter_mut().find(|asked| {
        asked.id == decision.request
            && asked.verdict.is_none()
            && asked.to == to
            && decision.notice == notice.id
            && decision.originator == notice.organisation
            && decision.version == notice.ledger.latest_version()
            && notice.holds(&decision.holder, asked.copy)
    });
    let asked = asked.ok_or(DecideOnwardError::NotAsked)?;
    asked.verdict = Some(decision.verdict);
    let kind = match decision.verdict {
        OnwardVerdict::Refused => "notice.onward-refused",
        OnwardVerdict::Granted => {
            check(&to, notice.id, untied)?;
            let next = ledger.next_number();
            if decision.copy != Some(next) {
                return Err(DecideOnwardError::OtherNumber { next });
            }
            let via = Via { copy: asked.copy, leave: decision.request };
            let made = moment(clock).map_err(ActError::from)?;
            ledger.add(next, IssuedCopy::new(to, decision.version, Some(via), made))?;
            "notice.onward-granted"
        }
    };
    let event = notice
        .telling(kind)
        .and_then(|telling| {
            telling.with("request", Detail::Bytes(decision.request.as_bytes().to_vec()))
        })
        .and_then(|telling| telling.with("to", decision.to.as_str()))
        .and_then(|telling| telling.because(reason))
        .map_err(ActError::from)?
        .through(gateway)
        .by(clock, rng, acting)?;
    Ok(Change::new(IssuedNotice { ledger, onward, ..notice }, event, RecordKind::Notice))
}
