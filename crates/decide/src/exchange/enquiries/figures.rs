//! How enquiries were answered: what an overseer compares between parties.

use crate::retention::day_of;
use jiff::civil::Date;
use portcullis_share::AnswerCode;
use portcullis_types::{EventTime, OrganisationId, PopulationClass};
use std::collections::BTreeMap;

/// Whether an answer was there while it was of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timing {
    /// There is none yet.
    Open,
    /// It was.
    InTime,
    /// It came after the last day of use, or not at all.
    Late,
}

/// Whether advice came after an answer that held none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LaterAdvice {
    /// None is known of.
    None,
    /// It came, as a notice.
    Given,
}

/// What is counted of one enquiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Who asked.
    pub party: OrganisationId,
    /// For which class.
    pub class: PopulationClass,
    /// What was answered.
    pub answer: Option<AnswerCode>,
    /// Whether that was in time.
    pub timing: Timing,
    /// Whether advice came later. Only the service knows.
    pub later: LaterAdvice,
}

/// How many enquiries of one party, for one class, were answered how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Asked.
    pub asked: u64,
    /// Answered, by what was answered.
    pub answered: BTreeMap<AnswerCode, u64>,
    /// Answered after the last day of use, or not at all though it has passed.
    pub late: u64,
    /// Answered without advice, and advised later by a notice.
    pub advised_late: u64,
}

/// How enquiries were answered, by who asked and for which class. Small counts are for whoever publishes
/// them to suppress.
pub fn figures(
    enquiries: impl IntoIterator<Item = Counted>,
) -> BTreeMap<(OrganisationId, PopulationClass), Counts> {
    let mut figures: BTreeMap<_, Counts> = BTreeMap::new();
    for one in enquiries {
        let counts = figures.entry((one.party, one.class)).or_default();
        counts.asked = counts.asked.saturating_add(1);
        if let Some(code) = one.answer {
            let answered = counts.answered.entry(code).or_default();
            *answered = answered.saturating_add(1);
        }
        if one.timing == Timing::Late {
            counts.late = counts.late.saturating_add(1);
        }
        if one.later == LaterAdvice::Given {
            counts.advised_late = counts.advised_late.saturating_add(1);
        }
    }
    figures
}

pub(super) fn timing(at: EventTime, decide_by: Date) -> Timing {
    if day_of(at) <= decide_by { Timing::InTime } else { Timing::Late }
}
