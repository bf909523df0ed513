//! Who is on duty when.

use crate::{NotAPersonError, check_person};
use portcullis_types::{EventTime, OfficerId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Most turns in a roster: a year of three people, eight hours each.
const MAX_TURNS: usize = 4_096;

/// One stretch of duty of one person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// 0 for whoever is on duty, 1 for the first deputy, and so on.
    pub place: u8,
    /// From when (UTC).
    pub from: EventTime,
    /// Until when (UTC); that moment is not part of it.
    pub until: EventTime,
    /// Who.
    pub officer: OfficerId,
}

impl Turn {
    fn includes(&self, at: EventTime) -> bool {
        self.from <= at && at < self.until
    }
}

/// Why turns make no roster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RosterError {
    /// A turn ends before it begins.
    #[error("the turn of `{officer}` from {from} ends after it begins; look at the times")]
    Backwards {
        /// Whose.
        officer: OfficerId,
        /// Which.
        from: EventTime,
    },
    /// Somebody on it is no person.
    #[error(transparent)]
    Officer(#[from] NotAPersonError),
    /// There are too many.
    #[error("a roster has at most {MAX_TURNS} turns; leave out what is long past")]
    TooMany,
}

/// Who is on duty when, and who stands in, in order. All times are UTC: a night in which clocks are
/// changed has neither a gap nor an hour twice.
///
/// A roster is trusted: whoever can change it decides who is turned to at night, though never
/// somebody who is the subject or tied to it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Turn>", into = "Vec<Turn>")]
pub struct Roster {
    // INVARIANT: sorted; each turn ends after it begins.
    turns: Vec<Turn>,
}

/// What is wrong with a roster for a while. It is used all the same: half a roster is better than
/// none, and whoever keeps it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RosterFault {
    /// Nobody is on duty.
    Gap {
        /// From when.
        from: EventTime,
        /// Until when.
        until: EventTime,
    },
    /// Two stand in the same place, so that nobody knows whose it is.
    Overlap {
        /// Which place.
        place: u8,
        /// From when.
        from: EventTime,
        /// Until when.
        until: EventTime,
    },
    /// One person is all there is: if it's about him, or he sleeps, nobody is turned to.
    Alone {
        /// From when.
        from: EventTime,
        /// Until when.
        until: EventTime,
    },
}

impl RosterFault {
    fn lasting(self, from: EventTime, until: EventTime) -> Self {
        match self {
            Self::Gap { .. } => Self::Gap { from, until },
            Self::Overlap { place, .. } => Self::Overlap { place, from, until },
            Self::Alone { .. } => Self::Alone { from, until },
        }
    }

    fn span(self) -> (EventTime, EventTime) {
        match self {
            Self::Gap { from, until }
            | Self::Overlap { from, until, .. }
            | Self::Alone { from, until } => (from, until),
        }
    }
}

impl Roster {
    /// Makes a roster of turns, in whatever order.
    ///
    /// # Errors
    /// [`RosterError`].
    pub fn new(mut turns: Vec<Turn>) -> Result<Self, RosterError> {
        if turns.len() > MAX_TURNS {
            return Err(RosterError::TooMany);
        }
        for turn in &turns {
            check_person(&turn.officer)?;
            if turn.until <= turn.from {
                let (officer, from) = (turn.officer.clone(), turn.from);
                return Err(RosterError::Backwards { officer, from });
            }
        }
        turns.sort();
        turns.dedup();
        Ok(Self { turns })
    }

    /// The turns, by place and then by time.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// Whom to turn to at a moment, in order: whoever is on duty, then the deputies, nobody twice.
    pub fn line(&self, at: EventTime) -> Vec<&OfficerId> {
        let mut line = Vec::new();
        for turn in self.turns.iter().filter(|turn| turn.includes(at)) {
            if !line.contains(&&turn.officer) {
                line.push(&turn.officer);
            }
        }
        line
    }

    /// The next moment at which the line may change; none after the last turn.
    pub fn next_change(&self, after: EventTime) -> Option<EventTime> {
        self.boundaries().filter(|at| *at > after).min()
    }

    /// What is wrong between two moments, by kind and then by time.
    pub fn faults(&self, from: EventTime, until: EventTime) -> Vec<RosterFault> {
        let mut moments: BTreeSet<_> =
            self.boundaries().filter(|at| from < *at && *at < until).collect();
        moments.extend([from, until]);
        let mut faults: Vec<RosterFault> = Vec::new();
        let ends: Vec<_> = moments.into_iter().collect();
        for (start, end) in ends.iter().zip(ends.iter().skip(1)) {
            faults.extend(self.faults_at(*start).iter().map(|fault| fault.lasting(*start, *end)));
        }
        faults.sort();
        let mut merged: Vec<RosterFault> = Vec::new();
        for fault in faults {
            let (start, end) = fault.span();
            match merged.last_mut() {
                Some(last) if last.span().1 == start && last.lasting(start, end) == fault => {
                    *last = fault.lasting(last.span().0, end);
                }
                _ => merged.push(fault),
            }
        }
        merged
    }

    /// What is wrong at one moment.
    fn faults_at(&self, at: EventTime) -> Vec<RosterFault> {
        let there: Vec<_> = self.turns.iter().filter(|turn| turn.includes(at)).collect();
        let mut faults = Vec::new();
        if !there.iter().any(|turn| turn.place == 0) {
            faults.push(RosterFault::Gap { from: at, until: at });
        }
        let doubled: BTreeSet<u8> = there
            .iter()
            .zip(there.iter().skip(1))
            .filter(|(one, next)| one.place == next.place)
            .map(|(one, _)| one.place)
            .collect();
        faults.extend(doubled.into_iter().map(|place| RosterFault::Overlap {
            place,
            from: at,
            until: at,
        }));
        if self.line(at).len() == 1 {
            faults.push(RosterFault::Alone { from: at, until: at });
        }
        faults
    }

    fn boundaries(&self) -> impl Iterator<Item = EventTime> {
        self.turns.iter().flat_map(|turn| [turn.from, turn.until])
    }
}

impl TryFrom<Vec<Turn>> for Roster {
    type Error = RosterError;
    fn try_from(turns: Vec<Turn>) -> Result<Self, RosterError> {
        Self::new(turns)
    }
}

impl From<Roster> for Vec<Turn> {
    fn from(roster: Roster) -> Self {
        roster.turns
    }
}
