//! An enquiry at the service that answers it.

use super::due::{day_of, release_at};
use super::figures::{Counted, LaterAdvice, Timing, timing};
use crate::exchange::kept;
use crate::exchange::telling::{Telling, moment};
use crate::exchange::{ActError, Acting, ReferralId};
use crate::{Change, RecordKind, StatedReason};
use jiff::civil::Date;
use portcullis_federation::Moment;
use portcullis_share::{AnswerCode, EnquiryId};
use portcullis_types::{
    Clock, Detail, EventError, EventTime, Gateway, JobName, OfficerId, OrganisationId,
    PopulationClass, Purpose, Rng,
};
use serde::{Deserialize, Serialize};

/// What the exchange hands over of an enquiry. Whom it is about is kept beside it, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivedEnquiry {
    /// Its id.
    pub id: EnquiryId,
    /// Who asks, as the envelope proves.
    pub from: OrganisationId,
    /// What the subject is to the party.
    pub class: PopulationClass,
    /// The last day (UTC) on which an answer is of use.
    pub decide_by: Date,
    /// When it was asked, as it says itself.
    pub asked: Moment,
    /// Through which gateway it came.
    pub gateway: Gateway,
}

/// An enquiry at the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceivedEnquiry {
    /// Its id.
    #[serde(with = "kept::text")]
    pub id: EnquiryId,
    /// Whose node it came to.
    pub organisation: OrganisationId,
    /// Who asks.
    pub from: OrganisationId,
    /// What the subject is to the party.
    pub class: PopulationClass,
    /// The last day (UTC) on which an answer is of use.
    pub decide_by: Date,
    /// When it was asked, as it says itself.
    #[serde(with = "kept::moment")]
    pub asked: Moment,
    /// When it came.
    pub at: EventTime,
    /// Where it stands.
    pub stage: ReceivedStage,
}

/// Where an enquiry stands at the service. Nothing of it is seen outside but that it was released.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReceivedStage {
    /// Nobody has looked at it.
    Received,
    /// An officer is to assess it.
    Referred {
        /// As this referral.
        referral: ReferralId,
    },
    /// An officer assessed it.
    Assessed {
        /// As this referral.
        referral: ReferralId,
    },
    /// What will be answered was chosen.
    Chosen {
        /// As this referral.
        referral: ReferralId,
        /// What.
        answer: ChosenAnswer,
    },
    /// The answer left.
    Released {
        /// What it was.
        #[serde(with = "kept::answer")]
        code: AnswerCode,
        /// When.
        at: EventTime,
        /// As which referral it was assessed, if anybody took it up in time.
        referral: Option<ReferralId>,
        /// Who chose it, and why; none where nobody had by then. None of it leaves.
        chosen: Option<ChosenAnswer>,
        /// When an officer said that advice follows by a notice.
        advised: Option<EventTime>,
    },
}

/// What an officer chose to answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenAnswer {
    /// What.
    #[serde(with = "kept::answer")]
    pub code: AnswerCode,
    /// Who chose.
    pub by: OfficerId,
    /// When.
    pub at: EventTime,
    /// Why.
    pub reason: StatedReason,
}

/// An answer as it leaves. `due` follows from the enquiry; when it was chosen is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleasedAnswer {
    /// To which enquiry.
    pub enquiry: EnquiryId,
    /// What.
    pub code: AnswerCode,
    /// The moment at which it was to leave.
    pub due: Moment,
}

/// Why an enquiry isn't referred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReferEnquiryError {
    /// It was referred already, or answered.
    #[error("the enquiry was referred already, or its answer has left")]
    NotNew,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why an enquiry isn't assessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AssessEnquiryError {
    /// It waits for nobody's assessment.
    #[error("the enquiry waits for nobody's assessment; refer it to an officer first")]
    NotReferred,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why an answer can't be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChooseError {
    /// It was not assessed.
    #[error("an answer is chosen once an officer has assessed the enquiry")]
    NotAssessed,
    /// The moment is over.
    #[error("the answer left at {due}; what is to be said now is said by a notice")]
    TooLate {
        /// When it left.
        due: Moment,
    },
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why an answer doesn't leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// It left already.
    #[error("the answer left already")]
    Released,
    /// The moment hasn't come.
    #[error("the answer leaves at {due}")]
    NotYet {
        /// When.
        due: Moment,
    },
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Why no later advice is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AdviseLateError {
    /// The answer hasn't left.
    #[error("the answer hasn't left; choose it instead")]
    NotReleased,
    /// The answer held advice, or later advice was counted.
    #[error("the enquiry was advised on already")]
    Advised,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Takes an enquiry that came.
///
/// # Errors
/// [`EventError`] when the clock stands outside 1970 to 9999.
pub fn receive_enquiry(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    organisation: OrganisationId,
    job: &JobName,
    arrived: ArrivedEnquiry,
) -> Result<Change<ReceivedEnquiry>, EventError> {
    let enquiry = ReceivedEnquiry {
        id: arrived.id,
        organisation,
        from: arrived.from,
        class: arrived.class,
        decide_by: arrived.decide_by,
        asked: arrived.asked,
        at: EventTime::rounded_down(clock.now())?,
        stage: ReceivedStage::Received,
    };
    let telling = enquiry.telling("enquiry.received")?.through(arrived.gateway);
    let event = telling.by_job(clock, rng, enquiry.whose(), job)?;
    Ok(Change::new(enquiry, event, RecordKind::Enquiry))
}

/// Refers an enquiry to an officer, under the id of a referral that is opened with it.
///
/// # Errors
/// [`ReferEnquiryError`].
pub fn refer_enquiry(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    enquiry: ReceivedEnquiry,
    referral: ReferralId,
) -> Result<Change<ReceivedEnquiry>, ReferEnquiryError> {
    if enquiry.stage != ReceivedStage::Received {
        return Err(ReferEnquiryError::NotNew);
    }
    let stage = ReceivedStage::Referred { referral };
    Ok(enquiry.told(clock, rng, acting, "enquiry.referred", stage)?)
}

/// Says that an officer assessed an enquiry. What was found stands in the referral.
///
/// # Errors
/// [`AssessEnquiryError`].
pub fn assess_enquiry(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    enquiry: ReceivedEnquiry,
) -> Result<Change<ReceivedEnquiry>, AssessEnquiryError> {
    let ReceivedStage::Referred { referral } = enquiry.stage else {
        return Err(AssessEnquiryError::NotReferred);
    };
    let stage = ReceivedStage::Assessed { referral };
    Ok(enquiry.told(clock, rng, acting, "enquiry.assessed", stage)?)
}

/// Chooses what will be answered; until it leaves another choice may take its place. It leaves no
/// sooner for that.
///
/// # Errors
/// [`ChooseError`].
pub fn choose_answer(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    enquiry: ReceivedEnquiry,
    code: AnswerCode,
    reason: StatedReason,
) -> Result<Change<ReceivedEnquiry>, ChooseError> {
    let due = enquiry.due();
    let referral = match &enquiry.stage {
        ReceivedStage::Assessed { referral } | ReceivedStage::Chosen { referral, .. } => *referral,
        ReceivedStage::Released { .. } => return Err(ChooseError::TooLate { due }),
        ReceivedStage::Received | ReceivedStage::Referred { .. } => {
            return Err(ChooseError::NotAssessed);
        }
    };
    // What is due but hasn't left, because the job comes a minute later, is not changed any more: else
    // the moment up to which an officer may decide would follow from how busy the node is.
    if moment(clock).map_err(ActError::from)? >= due {
        return Err(ChooseError::TooLate { due });
    }
    let telling = enquiry.telling("enquiry.answer-chosen").map_err(ActError::from)?;
    let telling = telling.with("answer", code.code()).map_err(ActError::from)?;
    let event = telling.because(&reason).map_err(ActError::from)?.by(clock, rng, acting)?;
    let answer = ChosenAnswer { code, by: acting.officer.clone(), at: event.at, reason };
    let stage = ReceivedStage::Chosen { referral, answer };
    Ok(Change::new(ReceivedEnquiry { stage, ..enquiry }, event, RecordKind::Enquiry))
}

/// Releases the answer, once its moment has come: what an officer chose, or else that no advice is
/// offered. A job does it, whatever stage the enquiry is in, so that nothing depends on somebody's being
/// there; what nobody decided says nothing against anybody (THREATS T-48).
///
/// # Errors
/// [`ReleaseError`].
pub fn release_answer(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    enquiry: ReceivedEnquiry,
    gateway: Gateway,
) -> Result<Change<ReceivedEnquiry>, ReleaseError> {
    let due = enquiry.due();
    let (referral, chosen) = match &enquiry.stage {
        ReceivedStage::Released { .. } => return Err(ReleaseError::Released),
        ReceivedStage::Received => (None, None),
        ReceivedStage::Referred { referral } | ReceivedStage::Assessed { referral } => {
            (Some(*referral), None)
        }
        ReceivedStage::Chosen { referral, answer } => (Some(*referral), Some(answer.clone())),
    };
    let code = chosen.as_ref().map_or(AnswerCode::NoAdvice, |answer| answer.code);
    if moment(clock)? < due {
        return Err(ReleaseError::NotYet { due });
    }
    let telling = enquiry.telling("enquiry.answer-released")?.with("answer", code.code())?;
    let event = telling.through(gateway).by_job(clock, rng, enquiry.whose(), job)?;
    let stage = ReceivedStage::Released { code, at: event.at, referral, chosen, advised: None };
    Ok(Change::new(ReceivedEnquiry { stage, ..enquiry }, event, RecordKind::Enquiry))
}

/// Counts that advice on an enquiry follows after its answer, by a notice. It says so of the enquiry and
/// nothing of the notice: neither names the other (THREATS T-51).
///
/// # Errors
/// [`AdviseLateError`].
pub fn advise_late(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    enquiry: ReceivedEnquiry,
) -> Result<Change<ReceivedEnquiry>, AdviseLateError> {
    let mut enquiry = enquiry;
    let ReceivedStage::Released { code, advised, .. } = &mut enquiry.stage else {
        return Err(AdviseLateError::NotReleased);
    };
    if *code == AnswerCode::SpeakToUs || advised.is_some() {
        return Err(AdviseLateError::Advised);
    }
    *advised = Some(EventTime::rounded_down(clock.now()).map_err(ActError::from)?);
    let stage = enquiry.stage.clone();
    Ok(enquiry.told(clock, rng, acting, "enquiry.advised-late", stage)?)
}

impl ReceivedEnquiry {
    /// When its answer leaves: it follows from the enquiry alone.
    pub fn due(&self) -> Moment {
        release_at(self.asked, self.decide_by)
    }

    /// The answer, once it was released.
    pub fn released(&self) -> Option<ReleasedAnswer> {
        match self.stage {
            ReceivedStage::Released { code, .. } => {
                Some(ReleasedAnswer { enquiry: self.id, code, due: self.due() })
            }
            _ => None,
        }
    }

    /// What is counted of it, as known at this moment.
    pub fn counted(&self, now: Moment) -> Counted {
        let (answer, timing, later) = match self.stage {
            ReceivedStage::Released { code, at, advised, .. } => {
                let later = advised.map_or(LaterAdvice::None, |_| LaterAdvice::Given);
                (Some(code), timing(at, self.decide_by), later)
            }
            _ if day_of(now) > self.decide_by => (None, Timing::Late, LaterAdvice::None),
            _ => (None, Timing::Open, LaterAdvice::None),
        };
        Counted { party: self.from.clone(), class: self.class, answer, timing, later }
    }

    fn told(
        self,
        clock: &dyn Clock,
        rng: &mut dyn Rng,
        acting: &Acting,
        kind: &'static str,
        stage: ReceivedStage,
    ) -> Result<Change<Self>, ActError> {
        let event = self.telling(kind)?.by(clock, rng, acting)?;
        Ok(Change::new(Self { stage, ..self }, event, RecordKind::Enquiry))
    }

    fn whose(&self) -> (&OrganisationId, Purpose) {
        (&self.organisation, self.class.into())
    }

    fn telling(&self, kind: &'static str) -> Result<Telling, EventError> {
        Telling::of(kind)
            .with("enquiry", Detail::Bytes(self.id.as_bytes().to_vec()))?
            .with("from", self.from.as_str())?
            .with("class", self.class.code())
    }
}
