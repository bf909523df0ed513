//! Reading, acknowledging, acting.

use super::{HeldCopy, HeldStage, HeldStanding, OwnOutcome};
use crate::exchange::telling::moment;
use crate::exchange::{ActError, Acting};
use crate::{Change, RecordKind, StatedReason};
use portcullis_share::{OutcomeAct, Reliance};
use portcullis_types::{Clock, OfficerId, Rng};

/// Why a copy isn't read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadCopyError {
    /// It is sealed to somebody else.
    #[error("the copy is sealed to `{officer}`")]
    Another {
        /// To whom.
        officer: OfficerId,
    },
    /// It may not be read now.
    #[error("the copy may not be read now: it is embargoed, expired or taken back")]
    Closed {
        /// How it stands.
        standing: HeldStanding,
    },
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why a copy isn't acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcknowledgeError {
    /// He hasn't read it, in this version.
    #[error("read the copy, in its latest version, before you acknowledge it")]
    NotRead,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Why an outcome isn't recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutcomeError {
    /// Nobody has read the copy.
    #[error("nobody has read the copy, so nothing can have been done on it")]
    NotRead,
    /// It doesn't hold any more.
    #[error(
        "the notice was taken back; record only that what had been done was undone, or nothing"
    )]
    Withdrawn,
    /// It can't be done at all.
    #[error(transparent)]
    Act(#[from] ActError),
}

/// Says that an officer opened a copy: the one to whom it is sealed, or anybody who may read what is for
/// all.
///
/// # Errors
/// [`ReadCopyError`].
pub fn read_copy(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    held: HeldCopy,
) -> Result<Change<HeldCopy>, ReadCopyError> {
    held.is_for(&acting.officer)?;
    let standing = held.standing(moment(clock).map_err(ActError::from)?);
    if standing != HeldStanding::Stands {
        return Err(ReadCopyError::Closed { standing });
    }
    let event = held.telling("copy.read").map_err(ActError::from)?.by(clock, rng, acting)?;
    // Read again, it stays read by whoever read it first.
    let stage = match held.stage {
        HeldStage::Received { .. } => HeldStage::Read { by: acting.officer.clone(), at: event.at },
        read @ (HeldStage::Read { .. } | HeldStage::Acknowledged { .. }) => read,
    };
    Ok(Change::new(HeldCopy { stage, ..held }, event, RecordKind::NoticeCopy))
}

/// Says that whoever read a copy understood it.
///
/// # Errors
/// [`AcknowledgeError`].
pub fn acknowledge_copy(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    held: HeldCopy,
) -> Result<Change<HeldCopy>, AcknowledgeError> {
    if !matches!(&held.stage, HeldStage::Read { by, .. } if *by == acting.officer) {
        return Err(AcknowledgeError::NotRead);
    }
    let event =
        held.telling("copy.acknowledged").map_err(ActError::from)?.by(clock, rng, acting)?;
    let stage = HeldStage::Acknowledged { by: acting.officer.clone(), at: event.at };
    Ok(Change::new(HeldCopy { stage, ..held }, event, RecordKind::NoticeCopy))
}

/// Records what was done on a notice, by whom and why: whatever it is, an officer decided it, and no
/// notice decides anything by itself. After a withdrawal only what was undone is recorded.
///
/// # Errors
/// [`OutcomeError`].
pub fn record_own_outcome(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    held: HeldCopy,
    (act, reliance): (OutcomeAct, Reliance),
    reason: StatedReason,
) -> Result<Change<HeldCopy>, OutcomeError> {
    let undoes = matches!(act, OutcomeAct::Undone | OutcomeAct::Nothing);
    if held.withdrawn.is_some() && !undoes {
        return Err(OutcomeError::Withdrawn);
    }
    if matches!(held.stage, HeldStage::Received { .. }) && !undoes {
        return Err(OutcomeError::NotRead);
    }
    let event = held
        .telling("copy.outcome-recorded")
        .and_then(|telling| telling.with("act", act.code()))
        .and_then(|telling| telling.with("reliance", reliance.code()))
        .and_then(|telling| telling.because(&reason))
        .map_err(ActError::from)?
        .by(clock, rng, acting)?;
    let (by, at, version) = (acting.officer.clone(), event.at, held.version);
    let mut outcomes = held.outcomes.clone();
    outcomes.push(OwnOutcome { version, act, reliance, by, at, reason });
    Ok(Change::new(HeldCopy { outcomes, ..held }, event, RecordKind::NoticeCopy))
}

impl HeldCopy {
    pub(super) fn is_for(&self, officer: &OfficerId) -> Result<(), ReadCopyError> {
        match &self.to.officer {
            Some(to) if to != officer => Err(ReadCopyError::Another { officer: to.clone() }),
            _ => Ok(()),
        }
    }
}
