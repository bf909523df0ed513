//! Restoring a store from a backup: what the first event after it says.

use crate::decision::kind;
use crate::{Change, Digest, RecordKind};
use jiff::Timestamp;
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventTime, OrganisationId, Purpose,
    Rng,
};

/// A store that was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredStore {
    /// The organisation whose state it is.
    pub organisation: OrganisationId,
    /// The digest of the backup.
    pub backup: Digest,
    /// When the backup was made, by the clock of whoever made it.
    pub made_at: Timestamp,
    /// Records of the backup that were erased since it was made, and so were not restored.
    pub erased: u64,
    /// The first number that is given to a record from now on; those in between may have been given
    /// to records that the backup doesn't know.
    pub first_record: u64,
    /// Leaves in its log, as the backup has it.
    pub log_size: Option<u64>,
    /// Leaves under the last checkpoint of its log that a witness is known to have seen.
    pub witnessed_size: Option<u64>,
}

/// Tells that a store was restored from a backup, so that what came after the backup is lost.
///
/// # Errors
///
/// [`EventError`] when the clock stands outside 1970 to 9999.
pub fn restored(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    actor: Actor,
    store: RestoredStore,
) -> Result<Change<RestoredStore>, EventError> {
    let mut details = Details::new();
    details.insert("backup", Detail::Bytes(store.backup.as_bytes().to_vec()))?;
    details.insert("backup-made-at", store.made_at.to_string().as_str())?;
    details.insert("records-erased-since", store.erased)?;
    details.insert("first-record", store.first_record)?;
    for (name, size) in [("log-size", store.log_size), ("log-size-witnessed", store.witnessed_size)]
    {
        if let Some(size) = size {
            details.insert(name, size)?;
        }
    }
    let event = Event {
        id: EventId::random(rng),
        kind: kind("store.restored"),
        at: EventTime::rounded_down(clock.now())?,
        organisation: store.organisation.clone(),
        actor,
        purpose: Purpose::Oversight,
        gateway: None,
        details,
    };
    Ok(Change::new(store, event, RecordKind::Log))
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::{MockClock, SeededRng};
    use portcullis_types::OfficerId;

    #[test]
    fn the_event_says_what_was_lost_and_no_more_than_is_known() {
        let store = RestoredStore {
            organisation: OrganisationId::new("party-of-tests").unwrap(),
            backup: Digest::from_bytes([9; 32]),
            made_at: "2025-02-28T03:00:00Z".parse().unwrap(),
            erased: 3,
            first_record: 268_435_500,
            log_size: Some(512),
            witnessed_size: None,
        };
        let officer = Actor::Officer(OfficerId::new("o.testwick").unwrap());
        let change = restored(&MockClock::default(), &mut SeededRng::new(1), officer, store);
        let event = change.unwrap().event().clone();
        assert_eq!(event.kind.as_str(), "store.restored");
        assert_eq!(event.details.get("backup"), Some(&Detail::Bytes(vec![9; 32])));
        assert_eq!(event.details.get("log-size"), Some(&Detail::Number(512)));
        assert_eq!(event.details.get("log-size-witnessed"), None);
        let made_at = event.details.text("backup-made-at").unwrap();
        assert_eq!(made_at.reveal(), "2025-02-28T03:00:00Z");
    }
}
