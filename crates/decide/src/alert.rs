//! What was shown to people, so that they can decide on it by its short name.

use crate::decision::kind;
use crate::retention::day_of;
use crate::{
    Change, Digest, QueryMark, RecordKind, RecordMark, Reference, Retention, Schedule, pair_digest,
    reference,
};
use portcullis_types::{
    Actor, Clock, Detail, Details, Dossier, Event, EventError, EventId, EventTime, JobName,
    OrganisationId, Protected, Purpose, Rng, Score,
};

/// A pair as it was shown to people.
#[derive(Debug, Clone, PartialEq)]
pub struct RaisedPair {
    /// The organisation that controls it.
    pub organisation: OrganisationId,
    /// What the screening was for.
    pub purpose: Purpose,
    /// The query.
    pub query: QueryMark,
    /// The record.
    pub record: RecordMark,
    /// A name of the query, for people to read.
    pub query_name: Protected,
    /// A name of the record, for people to read.
    pub record_name: Protected,
    /// The score it had.
    pub score: Score,
}

impl RaisedPair {
    /// The pair as it is shown now.
    pub fn of(
        organisation: OrganisationId,
        purpose: Purpose,
        query: &Dossier,
        record: &Dossier,
        score: Score,
    ) -> Self {
        let name = |dossier: &Dossier| Protected::new(dossier.main_name().unwrap_or_default());
        Self {
            organisation,
            purpose,
            query: QueryMark::of(query),
            record: RecordMark::of(record),
            query_name: name(query),
            record_name: name(record),
            score,
        }
    }

    /// Its short name.
    pub fn reference(&self) -> Reference {
        reference(self.purpose, &self.query, &self.record)
    }

    /// The digest that its short name begins.
    pub fn digest(&self) -> Digest {
        pair_digest(self.purpose, &self.query, &self.record)
    }
}

/// Pairs shown together, and when.
#[derive(Debug, Clone, PartialEq)]
pub struct Raised {
    /// When (UTC).
    pub at: EventTime,
    /// The pairs.
    pub pairs: Vec<RaisedPair>,
}

impl Raised {
    /// Each pair with how long it is kept. A pair is one person's, so it is a record of its own, apart
    /// from that of the screening.
    pub fn records(&self, schedule: &Schedule) -> impl Iterator<Item = (&RaisedPair, Retention)> {
        let on = day_of(self.at);
        self.pairs.iter().map(move |pair| {
            (pair, schedule.retention_for(RecordKind::RaisedPair, pair.purpose, on))
        })
    }
}

/// Remembers what one screening showed to people. It decides nothing, so a job may do it.
///
/// # Errors
///
/// [`EventError::OutOfRange`] when the clock stands outside 1970 to 9999.
pub fn raise(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    organisation: OrganisationId,
    purpose: Purpose,
    pairs: Vec<RaisedPair>,
) -> Result<Change<Raised>, EventError> {
    let at = EventTime::rounded_down(clock.now())?;
    let mut details = Details::new();
    details.insert("pairs", Detail::Number(pairs.len() as u64))?;
    let event = Event {
        id: EventId::random(rng),
        kind: kind("screening.alerts.raised"),
        at,
        organisation,
        actor: Actor::Job(JobName::new("screening")?),
        purpose,
        gateway: None,
        details,
    };
    Ok(Change::new(Raised { at, pairs }, event, RecordKind::Screening))
}
