//! Referrals: what an enquiry or a report leads to within the organisation, until it is closed.
//!
//! A referral ends in a reason, or in a notice. The notice is drafted apart from it, by
//! [`draft_notice`](super::notices::draft_notice), which takes no referral: it has an id of its own, a
//! moment of its own, and nothing in it or in its events says what it came from (THREATS T-51).

mod acts;

pub use acts::{
    AssessError, AssignError, CloseReferralError, assess_referral, assign_referral, close_referral,
    open_referral,
};

use super::{ReferralId, kept};
use crate::StatedReason;
use crate::people::codes::vocabulary;
use portcullis_share::{EnquiryId, ReportId};
use portcullis_types::{EventTime, OfficerId, OrganisationId, Protected, Purpose};
use serde::{Deserialize, Serialize};

/// What is referred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReferralOf {
    /// An enquiry.
    Enquiry(#[serde(with = "kept::text")] EnquiryId),
    /// A report.
    Report(#[serde(with = "kept::text")] ReportId),
}

impl ReferralOf {
    /// The code used in events.
    pub fn code(self) -> &'static str {
        match self {
            Self::Enquiry(_) => "enquiry",
            Self::Report(_) => "report",
        }
    }
}

vocabulary! {
    /// What an assessment found.
    Conclusion {
        /// Nothing that would have to be said.
        Nothing = "nothing",
        /// It can't be told with what there is.
        Unclear = "unclear",
        /// Something that somebody must know.
        ToSay = "to-say",
    }
}

vocabulary! {
    /// How a referral ended.
    ReferralEnd {
        /// Nothing is to be done.
        NothingToDo = "nothing-to-do",
        /// By the answer to the enquiry.
        Answered = "answered",
        /// By a notice, which is drafted apart.
        Notice = "notice",
        /// It is for another organisation.
        NotForUs = "not-for-us",
    }
}

/// What an officer found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// What.
    pub conclusion: Conclusion,
    /// The matcher's reasons as the officer saw them, for whoever judges the judgement. Protected, and
    /// read by nobody here.
    pub matcher: Option<Protected>,
    /// The officer's own.
    pub reason: StatedReason,
    /// Who.
    pub by: OfficerId,
    /// When.
    pub at: EventTime,
}

/// Where a referral stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ReferralStage {
    /// It is nobody's yet.
    Opened,
    /// It is this officer's.
    Assigned {
        /// Whose.
        officer: OfficerId,
    },
    /// It was assessed.
    Assessed {
        /// What was found.
        assessment: Assessment,
    },
    /// It is over.
    Closed {
        /// What was found, where it was assessed.
        assessment: Option<Assessment>,
        /// How it ended.
        end: ReferralEnd,
        /// Who ended it.
        by: OfficerId,
        /// When.
        at: EventTime,
        /// Why.
        reason: StatedReason,
    },
}

/// A referral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Referral {
    /// Its id.
    pub id: ReferralId,
    /// Whose.
    pub organisation: OrganisationId,
    /// What the facts are processed for.
    pub purpose: Purpose,
    /// What was referred.
    pub of: ReferralOf,
    /// When it was opened.
    pub opened: EventTime,
    /// Where it stands.
    pub stage: ReferralStage,
}

#[cfg(test)]
mod tests;
