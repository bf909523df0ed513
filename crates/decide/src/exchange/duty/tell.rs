//! Telling somebody that a notice waits.

use super::{Escalation, Patience, Roster, Told, Untied, Watched, escalate};
use crate::exchange::telling::Telling;
use crate::{Change, RecordKind};
use portcullis_types::{Clock, Detail, EventError, EventTime, JobName, Purpose, Rng};

/// What came of looking after a notice that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// Somebody is to be told, and is written down as told.
    Told(Box<Change<Watched>>),
    /// Nothing is to be done now, or nothing that a node can do.
    Not(Escalation),
}

/// Looks after a notice that waits, and has the next one told where it is time ([`escalate`]). A job
/// does it: what is told is that something waits, not what.
///
/// # Errors
/// [`EventError`] when the clock stands outside 1970 to 9999.
pub fn look_after(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    (job, purpose): (&JobName, Purpose),
    watched: Watched,
    (roster, untied): (&Roster, &Untied),
    patience: Patience,
) -> Result<Looked, EventError> {
    let at = EventTime::rounded_down(clock.now())?;
    let person = match escalate(at, &watched, roster, untied, patience) {
        Escalation::Tell { person } => person,
        other => return Ok(Looked::Not(other)),
    };
    let event = Telling::of("duty.told")
        .with("notice", Detail::Bytes(watched.notice.as_bytes().to_vec()))?
        .with("officer", person.officer.as_str())?
        .by_job(clock, rng, (&watched.organisation, purpose), job)?;
    let mut watched = watched;
    watched.told.push(Told { person, at });
    Ok(Looked::Told(Box::new(Change::new(watched, event, RecordKind::NoticeCopy))))
}
