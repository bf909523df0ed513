//! A copy of somebody else's notice, at the organisation that it was sent to: received, read,
//! acknowledged, acted on, corrected, withdrawn, passed on with leave.

mod onward;
mod read;
mod recalled;
mod take;

pub use onward::{
    PassOnError, RequestOnwardError, TakeLeaveError, pass_on, request_onward, take_leave,
};
pub use read::{
    AcknowledgeError, OutcomeError, ReadCopyError, acknowledge_copy, read_copy, record_own_outcome,
};
pub use recalled::{
    LapseCopyError, ReadWithdrawalError, TakeWithdrawalError, lapse_copy, read_withdrawal,
    take_withdrawal,
};
pub use take::{
    ReceiveCopyError, TakeConfirmationError, TakeCorrectionError, receive_copy, take_confirmation,
    take_correction,
};

use super::copies::{CopyFor, Ledger};
use super::kept;
use super::telling::Telling;
use crate::StatedReason;
use portcullis_federation::Moment;
use portcullis_share::{NoticeId, OnwardId, OutcomeAct, Reliance};
use portcullis_types::{Detail, EventError, EventTime, OfficerId, OrganisationId, Purpose};
use serde::{Deserialize, Serialize};

/// A copy that is held. What it says is kept beside it, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldCopy {
    /// Of which notice.
    #[serde(with = "kept::text")]
    pub notice: NoticeId,
    /// In which version.
    pub version: u64,
    /// Its number.
    pub number: u64,
    /// For whom.
    pub to: CopyFor,
    /// Whose notice it is.
    pub originator: OrganisationId,
    /// What the facts are processed for.
    pub purpose: Purpose,
    /// Before when it must not be shown.
    #[serde(with = "kept::moment_or_none")]
    pub embargo: Option<Moment>,
    /// From when it must not be acted on.
    #[serde(with = "kept::moment")]
    pub expires: Moment,
    /// From when it counts no more unless it is confirmed; none once it is, or never had to be.
    #[serde(with = "kept::moment_or_none")]
    pub confirm_by: Option<Moment>,
    /// How far it got.
    pub stage: HeldStage,
    /// That it was taken back, if so.
    pub withdrawn: Option<HeldWithdrawal>,
    /// What was done on it.
    pub outcomes: Vec<OwnOutcome>,
    /// What was asked about passing it on.
    pub requests: Vec<OnwardOwn>,
    /// The copies that were made of it, with leave, and who of them is owed what.
    pub onward: Ledger,
}

/// How far a copy got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum HeldStage {
    /// The node has it, in this version.
    Received {
        /// Since when.
        at: EventTime,
    },
    /// Somebody opened it.
    Read {
        /// Who.
        by: OfficerId,
        /// When.
        at: EventTime,
    },
    /// He says that it was understood.
    Acknowledged {
        /// Who.
        by: OfficerId,
        /// When.
        at: EventTime,
    },
}

/// That a copy was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldWithdrawal {
    /// Up to which version.
    pub version: u64,
    /// When it became known here.
    pub at: EventTime,
    /// Who has read that, and when.
    pub read: Option<(OfficerId, EventTime)>,
}

/// What was done on a notice, here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnOutcome {
    /// On which version.
    pub version: u64,
    /// What.
    #[serde(with = "kept::outcome_act")]
    pub act: OutcomeAct,
    /// How much it rests on the notice.
    #[serde(with = "kept::reliance")]
    pub reliance: Reliance,
    /// Who decided.
    pub by: OfficerId,
    /// When.
    pub at: EventTime,
    /// Why.
    pub reason: StatedReason,
}

/// A request to pass a copy on, here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnwardOwn {
    /// Which request.
    #[serde(with = "kept::text")]
    pub id: OnwardId,
    /// To whom.
    pub to: CopyFor,
    /// Who asked.
    pub by: OfficerId,
    /// What became of it.
    pub answer: Option<OnwardAnswer>,
}

/// What the originator answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum OnwardAnswer {
    /// It may not be passed on.
    Refused,
    /// It may, as one copy.
    Granted {
        /// Its number.
        copy: u64,
        /// Which version.
        version: u64,
        /// Until when.
        #[serde(with = "kept::moment")]
        until: Moment,
    },
}

impl HeldCopy {
    /// Whether it may be read and acted on at a moment.
    pub fn standing(&self, now: Moment) -> HeldStanding {
        let unconfirmed = self.confirm_by.is_some_and(|confirm_by| confirm_by <= now);
        if self.withdrawn.is_some() || unconfirmed {
            HeldStanding::Withdrawn
        } else if self.expires <= now {
            HeldStanding::Expired
        } else if self.embargo.is_some_and(|embargo| now < embargo) {
            HeldStanding::Embargoed
        } else {
            HeldStanding::Stands
        }
    }

    fn whose(&self) -> (&OrganisationId, Purpose) {
        (&self.to.organisation, self.purpose)
    }

    fn telling(&self, kind: &'static str) -> Result<Telling, EventError> {
        Telling::of(kind)
            .with("notice", Detail::Bytes(self.notice.as_bytes().to_vec()))?
            .with("version", self.version)?
            .with("copy", self.number)
    }
}

/// Whether a copy may be read and acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldStanding {
    /// It may.
    Stands,
    /// It must not be shown yet.
    Embargoed,
    /// It must not be acted on any more.
    Expired,
    /// It was taken back, or nobody confirmed it.
    Withdrawn,
}
