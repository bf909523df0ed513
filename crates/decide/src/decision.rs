//! What a named officer decided on a pair, and for how long it holds.

use crate::{
    Change, Moved, NotAPersonError, QueryMark, RecordKind, RecordMark, StatedReason, check_person,
    reference,
};
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventKind, EventTime, OfficerId,
    OrganisationId, Protected, Purpose, Rng,
};
use std::fmt;

/// What an officer found a pair to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// The query and the record are two different subjects. The pair isn't raised again while the
    /// facts of both sides stay as they are.
    NotSame,
    /// They are one subject. The pair stays raised.
    Same,
    /// It can't be told yet. The pair stays raised.
    Unsure,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::NotSame, Self::Same, Self::Unsure];

    /// The code used in files and events.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotSame => "not-same",
            Self::Same => "same",
            Self::Unsure => "unsure",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.code() == code)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSame => "not the same",
            Self::Same => "the same",
            Self::Unsure => "unsure",
        })
    }
}

/// What an officer hands in. The officer is a person by type: a job has no [`OfficerId`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The organisation that controls the decision.
    pub organisation: OrganisationId,
    /// What the screening was for.
    pub purpose: Purpose,
    /// The query, as the officer saw it.
    pub query: QueryMark,
    /// The record, as the officer saw it.
    pub record: RecordMark,
    /// A name of the query, for people to read.
    pub query_name: Protected,
    /// A name of the record, for people to read.
    pub record_name: Protected,
    /// What the officer found.
    pub verdict: Verdict,
    /// Who.
    pub officer: OfficerId,
    /// Why.
    pub reason: StatedReason,
}

/// A decision on a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The id of the event that recorded it.
    pub id: EventId,
    /// When (UTC).
    pub at: EventTime,
    /// What was decided, by whom, why.
    pub judgement: Judgement,
    /// Who took it back, if somebody did.
    pub undoing: Option<Undoing>,
}

/// How a decision was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoing {
    /// When (UTC).
    pub at: EventTime,
    /// Who.
    pub officer: OfficerId,
    /// Why.
    pub reason: StatedReason,
}

/// Why a decision can't be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The officer is no person.
    #[error(transparent)]
    Officer(#[from] NotAPersonError),
    /// The event can't be made.
    #[error("the decision cannot be written as an event")]
    Event(#[from] EventError),
}

/// Why a decision can't be taken back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoError {
    /// It was taken back before.
    #[error("`{officer}` has already undone this decision")]
    AlreadyUndone {
        /// Who did.
        officer: OfficerId,
    },
    /// The officer is no person.
    #[error(transparent)]
    Officer(#[from] NotAPersonError),
    /// The event can't be made.
    #[error("the undoing cannot be written as an event")]
    Event(#[from] EventError),
}

/// What the memory says of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remembered<'a> {
    /// Nothing.
    None,
    /// A decision on exactly these facts, for this purpose.
    Standing(&'a Decision),
    /// A decision on what may be the same subject and the same record, when a fact was another.
    Lapsed {
        /// The decision.
        decision: &'a Decision,
        /// What has changed since; never empty.
        changed: Vec<Moved>,
    },
}

impl Remembered<'_> {
    /// Whether the pair need not be raised: a standing decision found both not to be the same.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Standing(decision) if decision.judgement.verdict == Verdict::NotSame)
    }
}

/// Records a decision. `account` is what the machine calls whoever runs the program, where it can
/// tell: the officer is who somebody says they are.
///
/// # Errors
///
/// [`RecordError::Officer`] when the officer is an account of a machine; [`RecordError::Event`] when
/// the clock stands outside 1970 to 9999 or the account is too long.
pub fn record(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    judgement: Judgement,
    account: Option<&str>,
) -> Result<Change<Decision>, RecordError> {
    check_person(&judgement.officer)?;
    let at = EventTime::rounded_down(clock.now())?;
    let id = EventId::random(rng);
    let mut details = pair_details(&judgement, judgement.reason.text(), account)?;
    details.insert("verdict", Detail::Text(judgement.verdict.code().into()))?;
    let event = Event {
        id,
        kind: kind("screening.decision.recorded"),
        at,
        organisation: judgement.organisation.clone(),
        actor: Actor::Officer(judgement.officer.clone()),
        purpose: judgement.purpose,
        gateway: None,
        details,
    };
    Ok(Change::new(Decision { id, at, judgement, undoing: None }, event, RecordKind::Decision))
}

/// Takes a decision back. The decision stays on file beside who undid it and why. `account` is as for
/// [`record()`].
///
/// # Errors
///
/// [`UndoError::AlreadyUndone`] when somebody did so before; [`UndoError::Officer`] and
/// [`UndoError::Event`] as for [`record()`].
pub fn undo(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    decision: Decision,
    officer: OfficerId,
    reason: StatedReason,
    account: Option<&str>,
) -> Result<Change<Decision>, UndoError> {
    check_person(&officer)?;
    if let Some(undoing) = decision.undoing {
        return Err(UndoError::AlreadyUndone { officer: undoing.officer });
    }
    let at = EventTime::rounded_down(clock.now())?;
    let mut details = pair_details(&decision.judgement, reason.text(), account)?;
    details.insert("decision", Detail::Bytes(decision.id.as_bytes().to_vec()))?;
    let event = Event {
        id: EventId::random(rng),
        kind: kind("screening.decision.undone"),
        at,
        organisation: decision.judgement.organisation.clone(),
        actor: Actor::Officer(officer.clone()),
        purpose: decision.judgement.purpose,
        gateway: None,
        details,
    };
    let undoing = Some(Undoing { at, officer, reason });
    Ok(Change::new(Decision { undoing, ..decision }, event, RecordKind::Decision))
}

/// What the given decisions, oldest first, say of a pair that is screened for a purpose.
///
/// A decision on exactly the same facts for the same purpose stands; of several the latest. Failing that, the decision
/// with the fewest changes since, and of several the latest, has lapsed.
pub fn judge<'a>(
    decisions: impl IntoIterator<Item = &'a Decision>,
    purpose: Purpose,
    query: &QueryMark,
    record: &RecordMark,
) -> Remembered<'a> {
    let mut standing = None;
    let mut lapsed: Option<(&Decision, Vec<Moved>)> = None;
    for decision in decisions {
        let then = &decision.judgement;
        if decision.undoing.is_some() || !then.record.is_same_record(record) {
            continue;
        }
        let changed = changes(then, purpose, query, record);
        if changed.is_empty() {
            standing = Some(decision);
        } else if then.query.may_be(query)
            && lapsed.as_ref().is_none_or(|(_, before)| changed.len() <= before.len())
        {
            lapsed = Some((decision, changed));
        }
    }
    match (standing, lapsed) {
        (Some(decision), _) => Remembered::Standing(decision),
        (None, Some((decision, changed))) => Remembered::Lapsed { decision, changed },
        (None, None) => Remembered::None,
    }
}

fn changes(
    then: &Judgement,
    purpose: Purpose,
    query: &QueryMark,
    record: &RecordMark,
) -> Vec<Moved> {
    let of_purpose = (then.purpose != purpose).then_some(Moved::Purpose(then.purpose));
    let of_query = then.query.fingerprint.changed(&query.fingerprint).map(Moved::Query);
    let of_record = then.record.fingerprint.changed(&record.fingerprint).map(Moved::Record);
    let elsewhere = then.query.lives_elsewhere(query).then_some(Moved::AnotherAddress);
    of_purpose.into_iter().chain(of_query).chain(of_record).chain(elsewhere).collect()
}

fn pair_details(
    judgement: &Judgement,
    reason: &Protected,
    account: Option<&str>,
) -> Result<Details, EventError> {
    let Judgement { purpose, query, record, .. } = judgement;
    let text = |text: &str| Detail::Text(text.into());
    let mut details = Details::new();
    details.insert("reference", text(&reference(*purpose, query, record).to_string()))?;
    details.insert("source", text(record.source.as_str()))?;
    details.insert("list-version", text(record.list_version.as_str()))?;
    details.insert("record", text(record.record.as_str()))?;
    details.insert("reason", Detail::Text(reason.clone()))?;
    if let Some(account) = account {
        details.insert("account", text(account))?;
    }
    Ok(details)
}

pub(crate) fn kind(text: &'static str) -> EventKind {
    EventKind::new(text).expect("a constant of this crate, in the alphabet of event kinds")
}

#[cfg(test)]
mod tests;
