//! Which labels somebody may read, as the policies say of each of them.

use super::super::asker::Asking;
use super::super::problem::{Answer, Problem};
use super::super::state::State;
use super::super::things::{refuse_unscoped, thing};
use crate::decisions::organisation;
use jiff::{SignedDuration, Timestamp};
use portcullis_access::{Act, Asker, Policies, ThingKind};
use portcullis_store::{Database, Labels, LabelsMark, StoreError, Visible};
use portcullis_types::Label;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Judgements remembered at once.
const REMEMBERED: usize = 512;

/// What was judged, remembered for as long as nothing that it rests on changes.
#[derive(Debug, Default)]
pub(crate) struct Sight {
    judged: Mutex<VecDeque<Judged>>,
    /// The labels, and what tells whether they have changed.
    labels: Mutex<Option<(LabelsMark, Arc<Labels>)>>,
    /// A double that leaves nothing out, to see that the tests notice.
    #[cfg(test)]
    pub(super) is_blind_to_labels: std::sync::atomic::AtomicBool,
}

/// What somebody may do, under which labels.
#[derive(Debug)]
struct Judged {
    asker: Arc<Asker>,
    asked: Vec<(Act, ThingKind)>,
    labels: Arc<Labels>,
    visible: Visible,
    /// The labels under which he may. There are few, and each is judged again on every request: a
    /// policy of the operator's may have time forbid under one label and not under another.
    allowed: Vec<Label>,
    judged_at: Timestamp,
}

/// What was refused is judged again after so long: a refusal may end with time, too.
const REFUSED_FOR: SignedDuration = SignedDuration::from_mins(1);

impl Sight {
    /// What somebody sees who may do all of this: labels under which one of it is refused are left out.
    pub(crate) fn of(
        &self,
        policies: &Policies,
        now: Timestamp,
        asking: &Asking,
        asked: &[(Act, ThingKind)],
        store: &mut Database,
    ) -> Result<Visible, StoreError> {
        #[cfg(test)]
        if self.is_blind_to_labels.load(std::sync::atomic::Ordering::Relaxed) {
            return Ok(Visible::all());
        }
        let labels = self.labels(store)?;
        let may = |label: &Label| {
            asked.iter().all(|(act, kind)| {
                let thing = thing(&asking.0, *kind, label);
                policies.judge(now, &asking.0, *act, &thing).is_allowed()
            })
        };
        if let Some(visible) = self.remembered(now, asking, asked, &labels, &may) {
            return Ok(visible);
        }
        let mut allowed = Vec::new();
        let visible = labels.visible(|label| {
            let is_allowed = may(label);
            if is_allowed {
                allowed.push(label.clone());
            }
            is_allowed
        });
        let judged = Judged {
            asker: Arc::clone(&asking.0),
            asked: asked.to_vec(),
            labels,
            visible: visible.clone(),
            allowed,
            judged_at: now,
        };
        let mut all = self.lock();
        all.retain(|other| !other.is_of(&judged.asker, asked));
        all.push_back(judged);
        if all.len() > REMEMBERED {
            all.pop_front();
        }
        Ok(visible)
    }

    fn labels(&self, store: &mut Database) -> Result<Arc<Labels>, StoreError> {
        let mark = store.labels_mark(&organisation())?;
        let mut held = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, labels)) = held.as_ref().filter(|(of, _)| *of == mark) {
            return Ok(Arc::clone(labels));
        }
        let labels = Arc::new(store.labels(&organisation())?);
        *held = Some((mark, Arc::clone(&labels)));
        Ok(labels)
    }

    fn remembered(
        &self,
        now: Timestamp,
        asking: &Asking,
        asked: &[(Act, ThingKind)],
        labels: &Labels,
        may: &dyn Fn(&Label) -> bool,
    ) -> Option<Visible> {
        let (visible, allowed) = {
            let all = self.lock();
            let found = all.iter().find(|judged| judged.is_of(&asking.0, asked))?;
            let is_fresh = now.duration_since(found.judged_at).abs() < REFUSED_FOR;
            let holds = is_fresh && *found.labels == *labels;
            holds.then(|| (found.visible.clone(), found.allowed.clone()))?
        };
        allowed.iter().all(may).then_some(visible)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Judged>> {
        // What is remembered is whole whatever happened while somebody held it.
        self.judged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Judged {
    fn is_of(&self, asker: &Asker, acts: &[(Act, ThingKind)]) -> bool {
        *self.asker == *asker && self.asked == acts
    }
}

/// Does something with the store and what the asker sees of it; whoever is not known is asked to sign
/// in, and a token is told which scope it lacks.
pub(super) async fn with_sight<T: Send + 'static>(
    state: &Arc<State>,
    asking: Asking,
    asked: &'static [(Act, ThingKind)],
    work: impl FnOnce(&mut Database, &Visible) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    if asking.0.person().is_none() {
        return Err(Problem::unknown_asker());
    }
    for (act, kind) in asked {
        refuse_unscoped(state, &asking.0, *act, *kind)?;
    }
    let shared = Arc::clone(state);
    let done = state.store.with(move |store| {
        let now = shared.clock.now();
        let sight = &shared.records.sight;
        let visible = sight.of(&shared.policies, now, &asking, asked, store)?;
        work(store, &visible)
    });
    done.await?
}
