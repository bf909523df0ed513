//! What is done with a referral.

use super::{Assessment, Conclusion, Referral, ReferralEnd, ReferralId, ReferralOf, ReferralStage};
use crate::exchange::telling::Telling;
use crate::exchange::{ActError, Acting};
use crate::{Change, NotAPersonError, RecordKind, StatedReason, check_person};
use portcullis_types::{
    Clock, Detail, EventError, EventTime, JobName, OfficerId, OrganisationId, Protected, Purpose,
    Rng,
};

/// Why a referral isn't assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssignError {
    /// It was assessed already.
    #[error("the referral was assessed already")]
    Assessed,
    /// Whoever it is assigned to is no person.
    #[error(transparent)]
    Officer(#[from] NotAPersonError),
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why a referral isn't assessed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssessError {
    /// It is nobody's, or over.
    #[error("the referral is not assigned to anybody")]
    NotAssigned,
    /// It is somebody else's.
    #[error("the referral is `{officer}`'s; have it assigned to you")]
    Another {
        /// Whose.
        officer: OfficerId,
    },
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why a referral isn't closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseReferralError {
    /// It is over.
    #[error("the referral is closed already")]
    Closed,
    /// It leads to something, and nobody has assessed it.
    #[error("a referral leads to an answer or a notice only once an officer has assessed it")]
    NotAssessed,
    /// Nothing was found that would have to be said.
    #[error("the assessment found nothing to say, so it leads to no notice; assess it again")]
    NothingToSay,
    /// A report has no answer.
    #[error("a report is not answered; close it with another end")]
    NoAnswer,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Opens a referral of what came in: a job does it at once for everything alike, so that nobody chooses
/// what is looked at.
///
/// # Errors
/// [`EventError`] when the clock stands outside 1970 to 9999.
pub fn open_referral(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    (organisation, purpose): (OrganisationId, Purpose),
    job: &JobName,
    of: ReferralOf,
) -> Result<Change<Referral>, EventError> {
    let referral = Referral {
        id: ReferralId::random(rng),
        organisation,
        purpose,
        of,
        opened: EventTime::rounded_down(clock.now())?,
        stage: ReferralStage::Opened,
    };
    let telling = referral.telling("referral.opened")?.with("of", of.code())?;
    let event = telling.by_job(clock, rng, (&referral.organisation, purpose), job)?;
    Ok(Change::new(referral, event, RecordKind::Referral))
}

/// Assigns a referral to an officer, whoever's it was.
///
/// # Errors
/// [`AssignError`].
pub fn assign_referral(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    referral: Referral,
    to: OfficerId,
) -> Result<Change<Referral>, AssignError> {
    check_person(&to)?;
    if !matches!(referral.stage, ReferralStage::Opened | ReferralStage::Assigned { .. }) {
        return Err(AssignError::Assessed);
    }
    let telling = referral.telling("referral.assigned").map_err(ActError::from)?;
    let telling = telling.with("to", to.as_str()).map_err(ActError::from)?;
    let event = telling.by(clock, rng, acting)?;
    let stage = ReferralStage::Assigned { officer: to };
    Ok(Change::new(Referral { stage, ..referral }, event, RecordKind::Referral))
}

/// Assesses a referral. What the matcher gave as its reasons is kept as it was seen; the officer states
/// his own, because a score decides nothing.
///
/// # Errors
/// [`AssessError`].
pub fn assess_referral(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    referral: Referral,
    conclusion: Conclusion,
    matcher: Option<Protected>,
    reason: StatedReason,
) -> Result<Change<Referral>, AssessError> {
    match &referral.stage {
        ReferralStage::Assigned { officer } if *officer == acting.officer => {}
        // Whoever assessed it may do so again, in the light of more.
        ReferralStage::Assessed { assessment } if assessment.by == acting.officer => {}
        ReferralStage::Assigned { officer } => {
            return Err(AssessError::Another { officer: officer.clone() });
        }
        ReferralStage::Assessed { assessment } => {
            return Err(AssessError::Another { officer: assessment.by.clone() });
        }
        ReferralStage::Opened | ReferralStage::Closed { .. } => {
            return Err(AssessError::NotAssigned);
        }
    }
    let telling = referral.telling("referral.assessed").map_err(ActError::from)?;
    let telling = telling.with("conclusion", conclusion.code()).map_err(ActError::from)?;
    let event = telling.because(&reason).map_err(ActError::from)?.by(clock, rng, acting)?;
    let (by, at) = (acting.officer.clone(), event.at);
    let stage =
        ReferralStage::Assessed { assessment: Assessment { conclusion, matcher, reason, by, at } };
    Ok(Change::new(Referral { stage, ..referral }, event, RecordKind::Referral))
}

/// Closes a referral. Where it ends in a notice, that is drafted apart: this takes none and returns
/// none.
///
/// # Errors
/// [`CloseReferralError`].
pub fn close_referral(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    referral: Referral,
    end: ReferralEnd,
    reason: StatedReason,
) -> Result<Change<Referral>, CloseReferralError> {
    let assessment = match &referral.stage {
        ReferralStage::Closed { .. } => return Err(CloseReferralError::Closed),
        ReferralStage::Assessed { assessment } => Some(assessment.clone()),
        ReferralStage::Opened | ReferralStage::Assigned { .. } => None,
    };
    let conclusion = assessment.as_ref().map(|assessment| assessment.conclusion);
    match (end, conclusion, referral.of) {
        (ReferralEnd::Answered, _, ReferralOf::Report(_)) => {
            return Err(CloseReferralError::NoAnswer);
        }
        (ReferralEnd::Answered | ReferralEnd::Notice, None, _) => {
            return Err(CloseReferralError::NotAssessed);
        }
        (ReferralEnd::Notice, Some(Conclusion::Nothing | Conclusion::Unclear), _) => {
            return Err(CloseReferralError::NothingToSay);
        }
        _ => {}
    }
    let telling = referral.telling("referral.closed").map_err(ActError::from)?;
    let telling = telling.with("end", end.code()).map_err(ActError::from)?;
    let event = telling.because(&reason).map_err(ActError::from)?.by(clock, rng, acting)?;
    let (by, at) = (acting.officer.clone(), event.at);
    let stage = ReferralStage::Closed { assessment, end, by, at, reason };
    Ok(Change::new(Referral { stage, ..referral }, event, RecordKind::Referral))
}

impl Referral {
    fn telling(&self, kind: &'static str) -> Result<Telling, EventError> {
        Telling::of(kind).with("referral", Detail::Bytes(self.id.as_bytes().to_vec()))
    }
}
