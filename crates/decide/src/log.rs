//! Opening a log: what the first leaf of every log says.

use crate::decision::kind;
use crate::{Change, RecordKind};
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventTime, OrganisationId, Purpose,
    Rng,
};

/// A log that is opened: from when on, and how fast it grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedLog {
    /// The organisation whose log it is.
    pub organisation: OrganisationId,
    /// First line of its checkpoints. No two logs of anybody share one.
    pub origin: String,
    /// From when on its size is a matter of the clock: microseconds since 1970.
    pub start_us: u64,
    /// Seconds between two checkpoints.
    pub interval_s: u32,
    /// Leaves that each interval adds, decoys included.
    pub per_interval: u32,
    /// The signed note that ties it to the log before it, where there was one.
    pub link: Option<String>,
}

/// Opens a log, in place of the one before where there was one.
///
/// # Errors
///
/// [`EventError`] when the clock stands outside 1970 to 9999, or the link is longer than an event
/// can hold.
pub fn open_log(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    actor: Actor,
    log: OpenedLog,
) -> Result<Change<OpenedLog>, EventError> {
    let mut details = Details::new();
    details.insert("origin", log.origin.as_str())?;
    details.insert("start-us", log.start_us)?;
    details.insert("interval-s", u64::from(log.interval_s))?;
    details.insert("per-interval", u64::from(log.per_interval))?;
    if let Some(link) = &log.link {
        details.insert("link", Detail::Bytes(link.as_bytes().to_vec()))?;
    }
    let event = Event {
        id: EventId::random(rng),
        kind: kind("log.opened"),
        at: EventTime::rounded_down(clock.now())?,
        organisation: log.organisation.clone(),
        actor,
        purpose: Purpose::Oversight,
        gateway: None,
        details,
    };
    Ok(Change::new(log, event, RecordKind::Log))
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::{MockClock, SeededRng};
    use portcullis_types::OfficerId;

    #[test]
    fn the_event_says_how_fast_the_log_grows() {
        let log = OpenedLog {
            organisation: OrganisationId::new("party-of-tests").unwrap(),
            origin: "party.example/log".to_owned(),
            start_us: 1_740_830_400_000_000,
            interval_s: 3_600,
            per_interval: 256,
            link: None,
        };
        let officer = Actor::Officer(OfficerId::new("o.testwick").unwrap());
        let change = open_log(&MockClock::default(), &mut SeededRng::new(1), officer, log).unwrap();
        let details = &change.event().details;
        assert_eq!(details.get("per-interval"), Some(&Detail::Number(256)));
        assert_eq!(details.get("interval-s"), Some(&Detail::Number(3_600)));
        assert_eq!(details.text("origin").unwrap().reveal(), "party.example/log");
        assert_eq!(details.get("link"), None);
    }
}
