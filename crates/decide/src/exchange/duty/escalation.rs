//! Who must be told now.

use super::{Roster, Untied};
use crate::exchange::kept;
use crate::exchange::times::later;
use jiff::SignedDuration;
use portcullis_share::NoticeId;
use portcullis_types::{EventTime, OrganisationId, PersonId};
use serde::{Deserialize, Serialize};

/// How long somebody has to read before the next one is turned to: at least a minute, at most a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Patience {
    minutes: u32,
}

/// Longest patience, in minutes: a week.
const LONGEST_MINUTES: u32 = 7 * 24 * 60;

/// Why a number of minutes is no patience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the time to read before the next one is turned to is 1 to {LONGEST_MINUTES} minutes")]
pub struct PatienceError;

impl Patience {
    /// For a notice that cannot wait, where nothing else is set: a quarter of an hour.
    pub const URGENT: Self = Self { minutes: 15 };
    /// For any other notice, where nothing else is set: a day.
    pub const ROUTINE: Self = Self { minutes: 24 * 60 };

    /// So many minutes.
    ///
    /// # Errors
    /// [`PatienceError`] when they are none or more than a week.
    pub fn minutes(minutes: u32) -> Result<Self, PatienceError> {
        if (1..=LONGEST_MINUTES).contains(&minutes) {
            Ok(Self { minutes })
        } else {
            Err(PatienceError)
        }
    }

    fn after(self, at: EventTime) -> EventTime {
        later(at, SignedDuration::from_mins(i64::from(self.minutes)))
    }
}

impl TryFrom<u32> for Patience {
    type Error = PatienceError;
    fn try_from(minutes: u32) -> Result<Self, PatienceError> {
        Self::minutes(minutes)
    }
}

impl From<Patience> for u32 {
    fn from(patience: Patience) -> Self {
        patience.minutes
    }
}

/// Somebody who was told that something waits for him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: EventTime,
}

/// What is known of a notice that waits to be read in one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watched {
    /// Which notice.
    #[serde(with = "kept::text")]
    pub notice: NoticeId,
    /// Where.
    pub organisation: OrganisationId,
    /// For whom it came.
    pub recipient: PersonId,
    /// Who was told so far, the recipient among them, in order.
    pub told: Vec<Told>,
    /// When any of them read it first.
    pub read_at: Option<EventTime>,
}

/// What is to be done about a notice that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Escalation {
    /// Somebody read it: nothing.
    Read,
    /// Nothing before this moment.
    Wait {
        /// When to look again.
        until: EventTime,
    },
    /// To tell somebody, now.
    Tell {
        /// Whom.
        person: PersonId,
    },
    /// Nobody is left on the roster who may know: to call the organisation by telephone.
    NobodyLeft {
        /// When the roster next changes, if it does.
        until: Option<EventTime>,
    },
}

/// Who must be told now that a notice waits: first its recipient, then, each time somebody has had as
/// long as `patience` and nobody has read it, the next on the roster as it is at that moment. Whoever
/// was not looked at is passed over (THREATS T-49); whoever was told is not told again.
///
/// It depends on what happened and on the time, not on how often it is asked.
pub fn escalate(
    now: EventTime,
    watched: &Watched,
    roster: &Roster,
    untied: &Untied,
    patience: Patience,
) -> Escalation {
    if watched.read_at.is_some() {
        return Escalation::Read;
    }
    if let Some(last) = watched.told.iter().map(|told| told.at).max() {
        let until = patience.after(last);
        if now < until {
            return Escalation::Wait { until };
        }
    }
    let line = roster.line(now).into_iter().map(|officer| PersonId {
        organisation: watched.organisation.clone(),
        officer: officer.clone(),
    });
    let was_told = |person: &PersonId| watched.told.iter().any(|told| told.person == *person);
    let mut may = std::iter::once(watched.recipient.clone())
        .chain(line)
        .filter(|person| untied.admits(watched.notice, person) && !was_told(person));
    match may.next() {
        Some(person) => Escalation::Tell { person },
        None => Escalation::NobodyLeft { until: roster.next_change(now) },
    }
}
