//! An enquiry at the party that asks.

use super::due::{Use, day_of, is_of_use, release_at};
use super::figures::{Counted, LaterAdvice, Timing, timing};
use crate::exchange::kept;
use crate::exchange::telling::{Telling, moment};
use crate::exchange::{ActError, Acting};
use crate::{Change, RecordKind};
use jiff::civil::Date;
use portcullis_federation::Moment;
use portcullis_share::{AnswerCode, EnquiryId};
use portcullis_types::{
    Clock, Detail, EventError, EventTime, Gateway, JobName, OfficerId, OrganisationId,
    PopulationClass, Purpose, Rng,
};
use serde::{Deserialize, Serialize};

/// What an officer drafts. Whom it is about is kept beside it, sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftEnquiry {
    /// Its id, drawn at random.
    pub id: EnquiryId,
    /// Which service is asked.
    pub to: OrganisationId,
    /// What the subject is to the party.
    pub class: PopulationClass,
    /// The last day (UTC) on which an answer is of use.
    pub decide_by: Date,
}

/// An enquiry at the party that asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedEnquiry {
    /// Its id.
    #[serde(with = "kept::text")]
    pub id: EnquiryId,
    /// Whose enquiry.
    pub organisation: OrganisationId,
    /// Which service is asked.
    pub to: OrganisationId,
    /// What the subject is to the party.
    pub class: PopulationClass,
    /// The last day (UTC) on which an answer is of use.
    pub decide_by: Date,
    /// Who drafted it.
    pub by: OfficerId,
    /// Where it stands.
    pub stage: AskedStage,
}

/// Where an enquiry stands at the party.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum AskedStage {
    /// It waits to be sent.
    Drafted,
    /// It was sent.
    Sent {
        /// When, as it says itself.
        #[serde(with = "kept::moment")]
        asked: Moment,
    },
    /// It was answered.
    Answered {
        /// When it was sent.
        #[serde(with = "kept::moment")]
        asked: Moment,
        /// When the answer came.
        at: EventTime,
        /// What it was.
        #[serde(with = "kept::answer")]
        code: AnswerCode,
        /// In which version of the service's words.
        version: u64,
    },
    /// The last day of use passed without an answer. One may still come.
    Lapsed {
        /// When it was sent.
        #[serde(with = "kept::moment")]
        asked: Moment,
    },
}

/// An answer that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// What it was.
    pub code: AnswerCode,
    /// In which version of the service's words.
    pub version: u64,
    /// The moment at which it was to leave, as the service says.
    pub due: Moment,
}

/// Why an enquiry is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It was sent already.
    #[error("the enquiry was sent already")]
    Sent,
    /// Its answer would come too late.
    #[error(
        "the answer would leave on {day}, after the day by which you decide; decide later, or telephone the service"
    )]
    TooLate {
        /// On which day it would leave.
        day: Date,
    },
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HearError {
    /// The enquiry was not sent.
    #[error("there is an answer to an enquiry that was not sent")]
    NotSent,
    /// It was answered already.
    #[error("the enquiry was answered already; what is known later comes as a notice")]
    Answered,
    /// It left at another moment than the enquiry leads to.
    #[error("the answer is due at {found} and not at {expected}; show it to the overseer")]
    OtherMoment {
        /// When it was to leave.
        expected: Moment,
        /// When it was to leave, as the service says.
        found: Moment,
    },
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Why an enquiry doesn't lapse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LapseError {
    /// It does not wait for an answer.
    #[error("the enquiry does not wait for an answer")]
    NotWaiting,
    /// Its last day has not passed.
    #[error("the enquiry waits for its answer until the end of {decide_by}")]
    NotYet {
        /// Its last day.
        decide_by: Date,
    },
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Drafts an enquiry.
///
/// # Errors
/// [`ActError`].
pub fn draft_enquiry(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    draft: DraftEnquiry,
) -> Result<Change<AskedEnquiry>, ActError> {
    let enquiry = AskedEnquiry {
        id: draft.id,
        organisation: acting.organisation.clone(),
        to: draft.to,
        class: draft.class,
        decide_by: draft.decide_by,
        by: acting.officer.clone(),
        stage: AskedStage::Drafted,
    };
    let event = enquiry.telling("enquiry.drafted")?.by(clock, rng, acting)?;
    Ok(Change::new(enquiry, event, RecordKind::Enquiry))
}

/// Sends an enquiry through a gateway. The moment at which it is asked, and with it that of its answer,
/// is that of the clock.
///
/// # Errors
/// [`SendError`].
pub fn send_enquiry(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    enquiry: AskedEnquiry,
    gateway: Gateway,
) -> Result<Change<AskedEnquiry>, SendError> {
    if enquiry.stage != AskedStage::Drafted {
        return Err(SendError::Sent);
    }
    let asked = moment(clock).map_err(ActError::from)?;
    if is_of_use(asked, enquiry.decide_by) == Use::TooLate {
        return Err(SendError::TooLate { day: day_of(release_at(asked, enquiry.decide_by)) });
    }
    let enquiry = AskedEnquiry { stage: AskedStage::Sent { asked }, ..enquiry };
    let telling = enquiry.telling("enquiry.sent").map_err(ActError::from)?;
    let event = telling.through(gateway).by(clock, rng, acting)?;
    Ok(Change::new(enquiry, event, RecordKind::Enquiry))
}

/// Takes an answer that came. One that comes after the enquiry lapsed is taken, too, and counts as late.
///
/// # Errors
/// [`HearError`]; an answer that names another moment than [`release_at`] is refused, because a
/// service that chooses the moment could tell by it.
pub fn hear_answer(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    enquiry: AskedEnquiry,
    heard: Heard,
) -> Result<Change<AskedEnquiry>, HearError> {
    let asked = match enquiry.stage {
        AskedStage::Drafted => return Err(HearError::NotSent),
        AskedStage::Answered { .. } => return Err(HearError::Answered),
        AskedStage::Sent { asked } | AskedStage::Lapsed { asked } => asked,
    };
    // THREATS T-48
    let (expected, found) = (release_at(asked, enquiry.decide_by), heard.due);
    if expected != found {
        return Err(HearError::OtherMoment { expected, found });
    }
    let at = EventTime::rounded_down(clock.now())?;
    let Heard { code, version, .. } = heard;
    let stage = AskedStage::Answered { asked, at, code, version };
    let enquiry = AskedEnquiry { stage, ..enquiry };
    let telling = enquiry.telling("enquiry.answered")?.with("answer", code.code())?;
    let event = telling.by_job(clock, rng, enquiry.whose(), job)?;
    Ok(Change::new(enquiry, event, RecordKind::Enquiry))
}

/// Has an enquiry lapse whose last day of use passed without an answer.
///
/// # Errors
/// [`LapseError`].
pub fn lapse_enquiry(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    job: &JobName,
    enquiry: AskedEnquiry,
) -> Result<Change<AskedEnquiry>, LapseError> {
    let AskedStage::Sent { asked } = enquiry.stage else {
        return Err(LapseError::NotWaiting);
    };
    if day_of(moment(clock)?) <= enquiry.decide_by {
        return Err(LapseError::NotYet { decide_by: enquiry.decide_by });
    }
    let enquiry = AskedEnquiry { stage: AskedStage::Lapsed { asked }, ..enquiry };
    let event = enquiry.telling("enquiry.lapsed")?.by_job(clock, rng, enquiry.whose(), job)?;
    Ok(Change::new(enquiry, event, RecordKind::Enquiry))
}

impl AskedEnquiry {
    /// When its answer leaves, once it was sent.
    pub fn due(&self) -> Option<Moment> {
        match self.stage {
            AskedStage::Drafted => None,
            AskedStage::Sent { asked }
            | AskedStage::Answered { asked, .. }
            | AskedStage::Lapsed { asked } => Some(release_at(asked, self.decide_by)),
        }
    }

    /// Whether its answer came while it was of use.
    pub fn timing(&self) -> Timing {
        match self.stage {
            AskedStage::Drafted | AskedStage::Sent { .. } => Timing::Open,
            AskedStage::Answered { at, .. } => timing(at, self.decide_by),
            AskedStage::Lapsed { .. } => Timing::Late,
        }
    }

    /// What is counted of it; nothing while it is a draft.
    pub fn counted(&self) -> Option<Counted> {
        let answer = match self.stage {
            AskedStage::Drafted => return None,
            AskedStage::Sent { .. } | AskedStage::Lapsed { .. } => None,
            AskedStage::Answered { code, .. } => Some(code),
        };
        let (party, class, timing) = (self.organisation.clone(), self.class, self.timing());
        Some(Counted { party, class, answer, timing, later: LaterAdvice::None })
    }

    fn whose(&self) -> (&OrganisationId, Purpose) {
        (&self.organisation, self.class.into())
    }

    fn telling(&self, kind: &'static str) -> Result<Telling, EventError> {
        Telling::of(kind)
            .with("enquiry", Detail::Bytes(self.id.as_bytes().to_vec()))?
            .with("service", self.to.as_str())?
            .with("class", self.class.code())
    }
}
