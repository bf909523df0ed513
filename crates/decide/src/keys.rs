//! What is done with the keys of a node: who began a new generation, and who destroyed an old one.

use crate::decision::kind;
use crate::{Change, RecordKind};
use portcullis_types::{
    Actor, Clock, Details, Event, EventError, EventId, EventTime, OfficerId, OrganisationId,
    Purpose, Rng,
};

/// What was done with the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyDeed {
    /// A new generation was begun, under which everything is sealed from now on.
    Rotated,
    /// An old generation was destroyed: what is still sealed under it, in old backups, can't be
    /// opened again.
    Destroyed,
    /// The keyring was locked with another key file or passphrase. The keys in it stay.
    LockedAnew,
}

/// A change to the keys of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedKeys {
    /// The organisation whose node it is.
    pub organisation: OrganisationId,
    /// What was done.
    pub deed: KeyDeed,
    /// The generation that was begun or destroyed; for a new lock the one in use.
    pub generation: u32,
}

impl KeyDeed {
    /// The kind of the event.
    pub fn code(self) -> &'static str {
        match self {
            Self::Rotated => "keys.rotated",
            Self::Destroyed => "keys.destroyed",
            Self::LockedAnew => "keys.locked-anew",
        }
    }
}

/// Changes the keys. An officer answers for it, never a job.
///
/// # Errors
///
/// [`EventError::OutOfRange`] when the clock stands outside 1970 to 9999.
pub fn change_keys(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    officer: OfficerId,
    changed: ChangedKeys,
) -> Result<Change<ChangedKeys>, EventError> {
    let mut details = Details::new();
    details.insert("generation", u64::from(changed.generation))?;
    let event = Event {
        id: EventId::random(rng),
        kind: kind(changed.deed.code()),
        at: EventTime::rounded_down(clock.now())?,
        organisation: changed.organisation.clone(),
        actor: Actor::Officer(officer),
        purpose: Purpose::Oversight,
        gateway: None,
        details,
    };
    Ok(Change::new(changed, event, RecordKind::Log))
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::{MockClock, SeededRng};
    use portcullis_types::Detail;

    #[test]
    fn the_event_says_which_generation_and_what_was_done() {
        for (deed, expected) in [
            (KeyDeed::Rotated, "keys.rotated"),
            (KeyDeed::Destroyed, "keys.destroyed"),
            (KeyDeed::LockedAnew, "keys.locked-anew"),
        ] {
            let changed = ChangedKeys {
                organisation: OrganisationId::new("party-of-tests").unwrap(),
                deed,
                generation: 7,
            };
            let officer = OfficerId::new("o.testwick").unwrap();
            let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
            let change = change_keys(&clock, &mut rng, officer, changed).unwrap();
            assert_eq!(change.event().kind.as_str(), expected);
            assert_eq!(change.event().details.get("generation"), Some(&Detail::Number(7)));
            assert_eq!(change.record_kind(), RecordKind::Log);
        }
    }
}
