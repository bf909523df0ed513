//! What was decided, as far as whoever screens may know of it.

use super::super::asker::Asking;
use super::super::problem::Answer;
use super::super::state::State;
use crate::decisions::{DecisionMemory, organisation};
use portcullis_access::{Act, Asker, Scope, SignIn, ThingKind};
use portcullis_store::{NewsPlace, StoreError, Visible};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// Memories held at once. Who may know of which decisions follows from labels, of which there are few.
const HELD: usize = 8;

const READ: &[(Act, ThingKind)] = &[(Act::Read, ThingKind::Decision)];

/// Decisions, read and put in order, for as long as nothing happens that could change them.
#[derive(Debug, Default)]
pub(crate) struct Memories(Mutex<VecDeque<Held>>);

#[derive(Debug)]
struct Held {
    visible: Visible,
    /// Where the history of the organisation ended when they were read: each change of a decision, and
    /// of its label, is an event.
    place: NewsPlace,
    memory: DecisionMemory,
}

/// What is remembered of whom the asker screens. A token need not be for reading decisions: what was
/// decided and still stands is not raised again, whoever screens (THREATS T-31). What the person behind
/// it may not know of is not remembered either.
pub(super) async fn memory(state: &Arc<State>, asking: &Asking) -> Answer<DecisionMemory> {
    let (shared, asking) = (Arc::clone(state), Asking(Arc::new(reading(&asking.0))));
    let read = move |store: &mut portcullis_store::Database| {
        let records = &shared.records;
        let visible =
            records.sight.of(&shared.policies, shared.clock.now(), &asking, READ, store)?;
        store.view(&visible, |view| {
            let place = view.news_from_now()?;
            if let Some(memory) = records.memories.at(&visible, place) {
                return Ok(memory);
            }
            let memory = DecisionMemory::of(view.every_decision(&organisation())?);
            records.memories.keep(visible.clone(), place, memory.clone());
            Ok::<_, StoreError>(memory)
        })
    };
    Ok(state.store.with(read).await??)
}

/// The same asker, whose token is for reading decisions, too.
fn reading(asker: &Asker) -> Asker {
    let mut asker = asker.clone();
    if let Asker::Person(person) = &mut asker
        && let SignIn::Token { scopes, .. } = &mut person.sign_in
    {
        scopes.insert(Scope::DecisionsRead);
    }
    asker
}

impl Memories {
    fn at(&self, visible: &Visible, place: NewsPlace) -> Option<DecisionMemory> {
        let all = self.lock();
        let found = all.iter().find(|held| held.visible == *visible && held.place == place);
        found.map(|held| held.memory.clone())
    }

    fn keep(&self, visible: Visible, place: NewsPlace, memory: DecisionMemory) {
        let mut all = self.lock();
        all.retain(|held| held.visible != visible);
        all.push_back(Held { visible, place, memory });
        if all.len() > HELD {
            all.pop_front();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Held>> {
        // What is held is whole whatever happened while somebody held it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
