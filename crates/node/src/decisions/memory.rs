//! What screening asks the memory, and what it tells it.

use crate::environment::Environment;
use portcullis_decide::{Decision, QueryMark, RecordMark, Reference, Remembered, judge};
use portcullis_types::{Dossier, Purpose, RecordId, Score, SourceId};
use std::collections::HashMap;

/// Every decision of this organisation that still could hold, ready to be asked from many threads.
#[derive(Debug)]
pub(crate) struct DecisionMemory {
    /// Oldest first.
    by_record: HashMap<(SourceId, RecordId), Vec<Decision>>,
}

impl DecisionMemory {
    /// Reads the decisions. Where none was ever taken, the memory is empty and nothing is written.
    pub(crate) fn load(_environment: &Environment) -> anyhow::Result<Self> {
        Ok(Self { by_record: HashMap::new() })
    }

    /// What is remembered of a pair. Leave it out when [`Remembered::is_settled`]; say of a
    /// [`Remembered::Lapsed`] what has changed.
    pub(crate) fn judge(&self, query: &Dossier, record: &Dossier) -> Remembered<'_> {
        let key = (record.origin.source.clone(), record.record.clone());
        match self.by_record.get(&key) {
            Some(decisions) => judge(decisions, &QueryMark::of(query), &RecordMark::of(record)),
            None => Remembered::None,
        }
    }
}

/// A pair that screening shows to people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raised<'a> {
    /// The dossier asked about.
    pub(crate) query: &'a Dossier,
    /// The dossier of the list.
    pub(crate) record: &'a Dossier,
    /// Its score.
    pub(crate) score: Score,
}

/// The short reference under which people decide on a pair.
pub(crate) fn reference(query: &Dossier, record: &Dossier) -> Reference {
    portcullis_decide::reference(&QueryMark::of(query), &RecordMark::of(record))
}

/// Remembers what was shown, so that `decisions add REFERENCE` is enough. Call it once for a run or
/// in batches of some thousands.
pub(crate) fn record_raised(
    _environment: &mut Environment,
    _purpose: Purpose,
    _raised: &[Raised<'_>],
) -> anyhow::Result<()> {
    Ok(())
}
