//! Notices at the organisation that they come from: drafted, proposed, approved by another officer,
//! released, read, corrected, withdrawn.
//!
//! What officers sign is share's; a transition here takes what they signed as an argument, so that no
//! state is reached without it. Who may be told is an argument, too ([`Untied`]). Nothing here takes a
//! referral (THREATS T-51).

mod heard;
mod onward;
mod recall;
mod release;
mod sign;
mod urgent;

pub use heard::{RecordOutcomeError, RecordReceiptError, record_outcome, record_receipt};
pub use onward::{AskOnwardError, DecideOnwardError, ask_onward, decide_onward};
pub use recall::{
    CorrectError, DropError, WithdrawError, correct_notice, drop_notice, withdraw_notice,
};
pub use release::{Copies, CopiesError, ReleaseNoticeError, release_notice};
pub use sign::{
    ApproveNoticeError, ProposeNoticeError, approve_notice, draft_notice, propose_notice,
};
pub use urgent::{
    ConfirmError, LapseNoticeError, UrgentError, confirm_notice, lapse_notice,
    release_notice_urgently,
};

use super::copies::{CopyFor, Ledger};
#[cfg(doc)]
use super::duty::Untied;
use super::duty::UrgentRelease;
use super::kept;
use super::telling::Telling;
use crate::{Digest, StatedReason};
use portcullis_federation::Moment;
use portcullis_share::{NoticeId, OnwardId, OnwardVerdict, OutcomeAct, Reliance};
use portcullis_types::{Detail, EventError, EventTime, OfficerId, OrganisationId, Purpose};
use serde::{Deserialize, Serialize};

/// A notice, at the organisation that it comes from. What it says is kept beside it, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedNotice {
    /// Its id, drawn for it alone.
    #[serde(with = "kept::text")]
    pub id: NoticeId,
    /// Whose.
    pub organisation: OrganisationId,
    /// What the facts are processed for.
    pub purpose: Purpose,
    /// Who drafted it.
    pub by: OfficerId,
    /// Where it stands.
    pub stage: NoticeStage,
    /// Its copies, and who is owed what.
    pub ledger: Ledger,
    /// What was done on it.
    pub outcomes: Vec<HeardOutcome>,
    /// Who asked to pass it on, and what became of it.
    pub onward: Vec<OnwardAsked>,
}

/// Where a notice stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum NoticeStage {
    /// It is being written.
    Drafted,
    /// Its author signed it.
    Proposed {
        /// Who.
        author: OfficerId,
        /// What.
        digest: Digest,
    },
    /// Another officer signed the same, and it waits for its moment.
    Approved {
        /// Who signed first.
        author: OfficerId,
        /// Who signed second.
        approver: OfficerId,
        /// When it is released.
        #[serde(with = "kept::moment")]
        release: Moment,
        /// Why at once, if so.
        at_once: Option<StatedReason>,
    },
    /// It went out.
    Released {
        /// With one approval, if so.
        urgent: Option<UrgentRelease>,
        /// Why before the second approval, if so.
        reason: Option<StatedReason>,
    },
    /// It was taken back.
    Withdrawn {
        /// When.
        at: EventTime,
        /// By whom; none where nobody confirmed it in time.
        by: Option<OfficerId>,
        /// Why; none where nobody confirmed it in time.
        reason: Option<StatedReason>,
    },
    /// It never went out.
    Dropped {
        /// Who dropped it.
        by: OfficerId,
        /// Why.
        reason: StatedReason,
    },
}

/// What a recipient says was done on a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeardOutcome {
    /// On which copy.
    pub copy: u64,
    /// On which version.
    pub version: u64,
    /// What.
    #[serde(with = "kept::outcome_act")]
    pub act: OutcomeAct,
    /// How much it rests on the notice.
    #[serde(with = "kept::reliance")]
    pub reliance: Reliance,
    /// When it was done, as the recipient says.
    #[serde(with = "kept::moment")]
    pub at: Moment,
}

/// That a holder asked to pass a notice on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnwardAsked {
    /// Which request.
    #[serde(with = "kept::text")]
    pub id: OnwardId,
    /// From which copy.
    pub copy: u64,
    /// To whom.
    pub to: CopyFor,
    /// What was decided.
    #[serde(with = "kept::verdict")]
    pub verdict: Option<OnwardVerdict>,
}

impl IssuedNotice {
    fn whose(&self) -> (&OrganisationId, Purpose) {
        (&self.organisation, self.purpose)
    }

    fn telling(&self, kind: &'static str) -> Result<Telling, EventError> {
        Telling::of(kind).with("notice", Detail::Bytes(self.id.as_bytes().to_vec()))
    }
}
