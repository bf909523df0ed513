//! What screening asks the memory, and what it tells it.

use super::organisation;
use crate::environment::Environment;
use crate::lists::Place;
use anyhow::Context;
use portcullis_decide::{
    Decision, QueryMark, RaisedPair, RecordMark, Reference, Remembered, judge, raise,
};
use portcullis_store::{Reader, StoreError, TransactionName};
use portcullis_types::{Dossier, Label, Purpose, RecordId, Score, SourceId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Every decision of this organisation that still could hold, ready to be asked from many threads.
/// Cloning it gives the same memory.
#[derive(Debug, Clone)]
pub(crate) struct DecisionMemory {
    /// Oldest first.
    by_record: Arc<HashMap<(SourceId, RecordId), Vec<Decision>>>,
}

impl DecisionMemory {
    /// Reads the decisions. Where none was ever taken, the memory is empty and nothing is written.
    pub(crate) fn load(environment: &Environment) -> anyhow::Result<Self> {
        let decisions = match Place::new(environment).existing_store()? {
            Some(mut store) => store
                .read(|r| r.decisions(&organisation()))
                .map_err(|error: StoreError| error)
                .context("cannot read the decisions")?,
            None => Vec::new(),
        };
        Ok(Self::of(decisions))
    }

    /// A memory of these decisions, oldest first.
    pub(crate) fn of(decisions: Vec<Decision>) -> Self {
        let mut by_record: HashMap<_, Vec<_>> = HashMap::new();
        for decision in decisions.into_iter().filter(|decision| decision.undoing.is_none()) {
            let RecordMark { source, record, .. } = &decision.judgement.record;
            by_record.entry((source.clone(), record.clone())).or_default().push(decision);
        }
        Self { by_record: Arc::new(by_record) }
    }

    /// What is remembered of a pair that is screened for a purpose. Leave it out when [`Remembered::is_settled`]; say of a
    /// [`Remembered::Lapsed`] what has changed.
    pub(crate) fn judge(
        &self,
        purpose: Purpose,
        query: &Dossier,
        record: &Dossier,
    ) -> Remembered<'_> {
        let key = (record.origin.source.clone(), record.record.clone());
        match self.by_record.get(&key) {
            Some(decisions) => {
                judge(decisions, purpose, &QueryMark::of(query), &RecordMark::of(record))
            }
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
pub(crate) fn reference(purpose: Purpose, query: &Dossier, record: &Dossier) -> Reference {
    portcullis_decide::reference(purpose, &QueryMark::of(query), &RecordMark::of(record))
}

/// Remembers what was shown, so that `decisions add REFERENCE` is enough. Call it once for a run or
/// in batches of some thousands.
pub(crate) fn record_raised(
    environment: &mut Environment,
    purpose: Purpose,
    raised: &[Raised<'_>],
) -> anyhow::Result<()> {
    if raised.is_empty() {
        return Ok(());
    }
    let pairs: Vec<RaisedPair> = raised
        .iter()
        .map(|r| RaisedPair::of(organisation(), purpose, r.query, r.record, r.score))
        .collect();
    let mut store = Place::new(environment).store()?;
    let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
    store
        .write(TransactionName("screening.raise"), |w| {
            for pairs in by_label(&*w, &pairs)? {
                w.put_raised(&raise(clock, rng, organisation(), purpose, pairs)?)?;
            }
            anyhow::Ok(())
        })
        .context("cannot remember the alerts")
}

/// The pairs apart by the labels of the lists that their records are from: what is told of those that
/// fewer people may see must not take the rest from those who see less.
fn by_label(reader: &dyn Reader, pairs: &[RaisedPair]) -> Result<Vec<Vec<RaisedPair>>, StoreError> {
    let mut labels = BTreeMap::new();
    let mut apart: BTreeMap<Label, Vec<RaisedPair>> = BTreeMap::new();
    for pair in pairs {
        let source = &pair.record.source;
        if !labels.contains_key(source) {
            labels.insert(source.clone(), reader.source_label(&organisation(), source)?);
        }
        let label = labels.get(source).cloned().unwrap_or_else(Label::open);
        apart.entry(label).or_default().push(pair.clone());
    }
    Ok(apart.into_values().collect())
}
