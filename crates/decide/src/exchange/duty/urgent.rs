//! Release before the second approval, for what cannot wait an hour.

use crate::Digest;
use crate::exchange::kept;
use portcullis_federation::Moment;
use portcullis_types::OfficerId;
use serde::{Deserialize, Serialize};

/// The longest that a notice may be out with one approval, in hours. The Investigatory Powers Act 2016
/// s.24 gives a judge three working days to approve an urgent warrant; a notice is out already.
pub const SECOND_WITHIN_LONGEST: u8 = 72;

/// Within how many hours a second officer approves what was released in haste: 1 to 72, as the
/// organisation sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct SecondWithin(u8);

/// Why a number of hours can't be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the second approval comes within 1 to {SECOND_WITHIN_LONGEST} hours")]
pub struct SecondWithinError;

impl SecondWithin {
    /// So many hours.
    ///
    /// # Errors
    /// [`SecondWithinError`].
    pub fn hours(hours: u8) -> Result<Self, SecondWithinError> {
        if (1..=SECOND_WITHIN_LONGEST).contains(&hours) {
            Ok(Self(hours))
        } else {
            Err(SecondWithinError)
        }
    }
}

impl Default for SecondWithin {
    /// Twelve hours: whoever is called at night approves in the morning.
    fn default() -> Self {
        Self(12)
    }
}

impl TryFrom<u8> for SecondWithin {
    type Error = SecondWithinError;
    fn try_from(hours: u8) -> Result<Self, SecondWithinError> {
        Self::hours(hours)
    }
}

impl From<SecondWithin> for u8 {
    fn from(within: SecondWithin) -> Self {
        within.0
    }
}

/// A release with one approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UrgentRelease {
    /// Who released it.
    pub by: OfficerId,
    /// What he signed.
    pub digest: Digest,
    /// From when the notice counts no more, unless a second officer has approved it. It stands in what
    /// was signed, so a change of the setting moves no notice that is out.
    #[serde(with = "kept::moment")]
    pub confirm_by: Moment,
    /// Who approved it in time.
    pub second: Option<OfficerId>,
}

/// Where an urgent release stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UrgentStanding {
    /// It has its second approval.
    Confirmed,
    /// It waits for it.
    Waiting,
    /// It was not given in time: the notice is withdrawn, by itself. To withdraw is no decision against
    /// anybody, so no officer is needed.
    Lapsed,
}

/// Why a second approval doesn't count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecondError {
    /// Whoever released it can't be the second.
    #[error("`{officer}` released it; the second approval is another officer's")]
    Same {
        /// Who.
        officer: OfficerId,
    },
    /// It is there already.
    #[error("the second approval is there already")]
    Given,
    /// It is too late; the notice is withdrawn.
    #[error(
        "the second approval was due at {confirm_by}; the notice is withdrawn, so draft it anew"
    )]
    TooLate {
        /// When it was due.
        confirm_by: Moment,
    },
}

impl SecondWithin {
    /// By when what is released at a moment must have its second approval.
    pub fn after(self, released: Moment) -> Moment {
        released.later(u64::from(self.0).saturating_mul(60 * 60))
    }
}

impl UrgentRelease {
    /// Where it stands at a moment.
    pub fn standing(&self, at: Moment) -> UrgentStanding {
        match &self.second {
            Some(_) => UrgentStanding::Confirmed,
            None if at < self.confirm_by => UrgentStanding::Waiting,
            None => UrgentStanding::Lapsed,
        }
    }

    /// The same with its second approval.
    ///
    /// # Errors
    /// [`SecondError`].
    pub fn seconded(&self, by: OfficerId, at: Moment) -> Result<Self, SecondError> {
        if by == self.by {
            return Err(SecondError::Same { officer: by });
        }
        match self.standing(at) {
            UrgentStanding::Confirmed => Err(SecondError::Given),
            UrgentStanding::Lapsed => Err(SecondError::TooLate { confirm_by: self.confirm_by }),
            UrgentStanding::Waiting => Ok(Self { second: Some(by), ..self.clone() }),
        }
    }
}
