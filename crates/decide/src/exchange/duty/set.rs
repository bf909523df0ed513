//! Setting a roster.

use super::Roster;
use crate::exchange::telling::Telling;
use crate::exchange::{ActError, Acting};
use crate::{Change, RecordKind};
use portcullis_types::{Clock, EventTime, OfficerId, OrganisationId, Rng};

/// A roster that holds from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetRoster {
    /// Whose.
    pub organisation: OrganisationId,
    /// When it was set.
    pub at: EventTime,
    /// By whom.
    pub by: OfficerId,
    /// The roster.
    pub roster: Roster,
}

/// Sets the roster of the organisation, in place of the one before.
///
/// # Errors
/// [`ActError`].
pub fn set_roster(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    acting: &Acting,
    roster: Roster,
) -> Result<Change<SetRoster>, ActError> {
    let turns = roster.turns();
    let mut telling = Telling::of("duty.roster-set").with("turns", turns.len() as u64)?;
    let (first, last) =
        (turns.iter().map(|turn| turn.from).min(), turns.iter().map(|turn| turn.until).max());
    if let (Some(first), Some(last)) = (first, last) {
        telling = telling
            .with("from", first.to_string().as_str())?
            .with("until", last.to_string().as_str())?;
    }
    let event = telling.by(clock, rng, acting)?;
    let state = SetRoster {
        organisation: acting.organisation.clone(),
        at: event.at,
        by: acting.officer.clone(),
        roster,
    };
    Ok(Change::new(state, event, RecordKind::DutyRoster))
}
