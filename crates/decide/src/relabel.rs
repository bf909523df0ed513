//! Raising a label. Lowering one is never done by code: it needs a newly written, approved text.

use crate::decision::kind;
use crate::{Change, HeldRecord, NotAPersonError, RecordNumber, StatedReason, check_person};
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventTime, Label, OfficerId,
    OrganisationId, Rng,
};

/// A record that bears a stricter label from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relabelled {
    /// The organisation that controls it.
    pub organisation: OrganisationId,
    /// The record.
    pub record: RecordNumber,
    /// The label that it bore when somebody looked.
    pub before: Label,
    /// The label that it bears now.
    pub label: Label,
}

/// Why a record does not bear another label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RelabelError {
    /// The label is not at least as strict.
    #[error(
        "the label is less strict in some part than the one that the record bears; write a text that may be released instead"
    )]
    Lowered,
    /// The officer is no person.
    #[error(transparent)]
    Officer(#[from] NotAPersonError),
    /// The event can't be made.
    #[error("the label cannot be written as an event")]
    Event(#[from] EventError),
}

/// Has a record bear a label that is at least as strict as its own.
///
/// # Errors
///
/// [`RelabelError::Lowered`] when the label is less strict in any part; [`RelabelError::Officer`] when
/// the officer is an account of a machine; [`RelabelError::Event`] when the clock stands outside 1970
/// to 9999.
pub fn relabel(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    record: &HeldRecord,
    before: &Label,
    label: &Label,
    officer: OfficerId,
    reason: &StatedReason,
) -> Result<Change<Relabelled>, RelabelError> {
    check_person(&officer)?;
    if !before.is_within(label) {
        return Err(RelabelError::Lowered);
    }
    let mut details = Details::new();
    details.insert("record", Detail::Number(record.number.value()))?;
    details.insert("reason", Detail::Text(reason.text().clone()))?;
    let event = Event {
        id: EventId::random(rng),
        kind: kind("records.label.raised"),
        at: EventTime::rounded_down(clock.now())?,
        organisation: record.organisation.clone(),
        actor: Actor::Officer(officer),
        purpose: record.retention.purpose,
        gateway: None,
        details,
    };
    let relabelled = Relabelled {
        organisation: record.organisation.clone(),
        record: record.number,
        before: before.clone(),
        label: label.clone(),
    };
    Ok(Change::new(relabelled, event, record.retention.kind).labelled(label))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Disposal, RecordKind, Retention};
    use portcullis_testkit::{MockClock, SeededRng};
    use portcullis_types::{Level, Purpose};

    fn raised(before: &Label, label: &Label) -> Result<Change<Relabelled>, RelabelError> {
        let retention = Retention {
            kind: RecordKind::Decision,
            purpose: Purpose::ScreenDonor,
            review_on: "2026-03-01".parse().unwrap(),
            disposal: Disposal::Review,
        };
        let record = HeldRecord {
            number: RecordNumber::new(7).unwrap(),
            organisation: OrganisationId::new("party-of-tests").unwrap(),
            retention,
            extensions: 0,
        };
        let officer = OfficerId::new("q.examplesson").unwrap();
        let reason = StatedReason::new("names a source").unwrap();
        let (clock, mut rng) = (MockClock::default(), SeededRng::new(1));
        relabel(&clock, &mut rng, &record, before, label, officer, &reason)
    }

    fn at_level(level: u8) -> Label {
        Label { level: Level(level), ..Label::open() }
    }

    #[test]
    fn a_label_is_raised_with_its_event_and_never_lowered() {
        let change = raised(&at_level(1), &at_level(2)).unwrap();
        assert_eq!(change.label(), &at_level(2));
        assert_eq!(change.event().kind.as_str(), "records.label.raised");
        assert_eq!(raised(&at_level(2), &at_level(1)), Err(RelabelError::Lowered));
    }

    #[test]
    fn a_label_that_is_stricter_in_one_part_and_not_in_another_is_refused() {
        let mut other = at_level(3);
        let mut before = at_level(1);
        before.compartments.insert("river".into());
        assert_eq!(raised(&before, &other), Err(RelabelError::Lowered));
        other.compartments.insert("river".into());
        assert!(raised(&before, &other).is_ok());
    }
}
