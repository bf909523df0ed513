//! Drafting, proposing and approving a notice.

use super::{IssuedNotice, NoticeStage};
use crate::exchange::copies::Ledger;
use crate::exchange::release::{ReleaseOrder, ReleasePlan, release_independently};
use crate::exchange::telling::moment;
use crate::exchange::{ActError, Acting};
use crate::{Change, Digest, RecordKind};
use portcullis_federation::Moment;
use portcullis_share::{Approvable as _, Approved, Notice, NoticeId, Proposed};
use portcullis_types::{Clock, Detail, OfficerId, Rng};

/// Why a notice isn't proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProposeNoticeError {
    /// It is approved, out, or gone.
    #[error("the notice is approved or out already; to change it, correct it")]
    NotADraft,
    /// What was signed is another notice.
    #[error("what was signed is another notice")]
    OtherNotice,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why a notice isn't approved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApproveNoticeError {
    /// Nobody proposed it.
    #[error("the notice waits for no approval; its author signs it first")]
    NotProposed,
    /// What was signed is not what was proposed.
    #[error("what was signed is not what was proposed")]
    OtherNotice,
    /// Whoever approves proposed it, or drafted it.
    #[error("`{officer}` wrote it; another officer approves it")]
    Author {
        /// Who.
        officer: OfficerId,
    },
    /// It would expire before it goes out.
    #[error(
        "the notice expires at {expires}, and goes out at {release}; set a later end, or say why it goes at once"
    )]
    ExpiresBefore {
        /// When it expires.
        expires: Moment,
        /// When it would go out.
        release: Moment,
    },
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Begins a notice, under an id drawn for it alone. It takes no referral, so it bears no trace of one
/// (THREATS T-51).
///
/// # Errors
/// [`ActError`].
pub fn draft_notice(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
) -> Result<Change<IssuedNotice>, ActError> {
    let notice = IssuedNotice {
        id: NoticeId::random(rng),
        organisation: acting.organisation.clone(),
        purpose: acting.purpose,
        by: acting.officer.clone(),
        stage: NoticeStage::Drafted,
        ledger: Ledger::default(),
        outcomes: Vec::new(),
        onward: Vec::new(),
    };
    let event = notice.telling("notice.drafted")?.by(clock, rng, acting)?;
    Ok(Change::new(notice, event, RecordKind::Notice))
}

/// Proposes a notice that its author signed. One that was proposed already may be proposed anew, in
/// other words: then nobody has approved it yet.
///
/// # Errors
/// [`ProposeNoticeError`].
pub fn propose_notice(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    notice: IssuedNotice,
    signed: &Proposed<Notice>,
) -> Result<Change<IssuedNotice>, ProposeNoticeError> {
    if !matches!(notice.stage, NoticeStage::Drafted | NoticeStage::Proposed { .. }) {
        return Err(ProposeNoticeError::NotADraft);
    }
    let heading = &signed.document().heading;
    if heading.id != notice.id || heading.version != 1 || heading.originator != notice.organisation
    {
        return Err(ProposeNoticeError::OtherNotice);
    }
    let digest = Digest::from_bytes(*signed.digest().as_bytes());
    let telling = notice.telling("notice.proposed").map_err(ActError::from)?;
    let telling = telling
        .with("digest", Detail::Bytes(digest.as_bytes().to_vec()))
        .map_err(ActError::from)?;
    let event = telling.by(clock, rng, acting)?;
    let stage = NoticeStage::Proposed { author: acting.officer.clone(), digest };
    Ok(Change::new(IssuedNotice { stage, ..notice }, event, RecordKind::Notice))
}

/// Approves a notice that another officer proposed, and draws the moment at which it is released.
///
/// # Errors
/// [`ApproveNoticeError`].
pub fn approve_notice(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    notice: IssuedNotice,
    signed: &Approved<Notice>,
    (order, plan): (ReleaseOrder, &ReleasePlan),
) -> Result<Change<IssuedNotice>, ApproveNoticeError> {
    let NoticeStage::Proposed { author, digest } = &notice.stage else {
        return Err(ApproveNoticeError::NotProposed);
    };
    if signed.digest().as_bytes() != digest.as_bytes() {
        return Err(ApproveNoticeError::OtherNotice);
    }
    if [author, &notice.by].contains(&&acting.officer) {
        return Err(ApproveNoticeError::Author { officer: acting.officer.clone() });
    }
    let (author, now) = (author.clone(), moment(clock).map_err(ActError::from)?);
    let (release, at_once) = match order {
        ReleaseOrder::Independently => (release_independently(now, rng, plan), None),
        ReleaseOrder::Now(reason) => (now, Some(reason)),
    };
    let expires = signed.document().expires().unwrap_or(Moment::END);
    if expires <= release {
        return Err(ApproveNoticeError::ExpiresBefore { expires, release });
    }
    // The moment of release stands in the record and not in the event: it is drawn at random, and
    // whoever reads events early would know it.
    let mut telling = notice
        .telling("notice.approved")
        .and_then(|telling| telling.with("author", author.as_str()))
        .and_then(|telling| telling.with("digest", Detail::Bytes(digest.as_bytes().to_vec())))
        .map_err(ActError::from)?;
    if let Some(reason) = &at_once {
        telling = telling.because(reason).map_err(ActError::from)?;
    }
    let event = telling.by(clock, rng, acting)?;
    let approver = acting.officer.clone();
    let stage = NoticeStage::Approved { author, approver, release, at_once };
    Ok(Change::new(IssuedNotice { stage, ..notice }, event, RecordKind::Notice))
}
