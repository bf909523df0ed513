//! Who was heard last, and what was refused.

use portcullis_federation::Moment;
use portcullis_types::OrganisationId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How often a refusal of one kind is kept in the store: what strangers send writes no more than that.
const KEPT_EVERY: Duration = Duration::from_secs(1);

/// Who was heard last. It only ever refuses what the store would refuse as well.
#[derive(Debug, Default)]
pub(super) struct Heard {
    last: Mutex<BTreeMap<OrganisationId, Moment>>,
    answered_now: Mutex<BTreeSet<OrganisationId>>,
    refused: Mutex<BTreeMap<&'static str, Instant>>,
}

/// That somebody's request is being answered; over when dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    who: OrganisationId,
    all: &'a Mutex<BTreeSet<OrganisationId>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(self.all).remove(&self.who);
    }
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is one step, so that it is whole whatever happened while somebody held it.
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Heard {
    /// When the last request of somebody was made that was taken since the start.
    pub(super) fn last(&self, sender: &OrganisationId) -> Option<Moment> {
        lock(&self.last).get(sender).copied()
    }

    /// Notes that a request was taken. Only members get so far.
    pub(super) fn note(&self, sender: OrganisationId, made: Moment) {
        lock(&self.last).insert(sender, made);
    }

    /// Somebody's turn; none while a request of his is being answered.
    pub(super) fn turn_of(&self, sender: &OrganisationId) -> Option<Turn<'_>> {
        let began = lock(&self.answered_now).insert(sender.clone());
        began.then(|| Turn { who: sender.clone(), all: &self.answered_now })
    }

    /// Whether a refusal of this kind is kept in the store, too.
    pub(super) fn keeps_refusal(&self, code: &'static str, now: Instant) -> bool {
        let mut refused = lock(&self.refused);
        if refused.get(code).is_some_and(|last| now < *last + KEPT_EVERY) {
            return false;
        }
        refused.insert(code, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_one_turn_at_a_time() {
        let heard = Heard::default();
        let [one, other] = ["party-a", "service-x"].map(|id| OrganisationId::new(id).unwrap());
        let turn = heard.turn_of(&one);
        assert!(turn.is_some() && heard.turn_of(&one).is_none() && heard.turn_of(&other).is_some());
        drop(turn);
        assert!(heard.turn_of(&one).is_some());
    }

    // THREATS T-41
    #[test]
    fn what_strangers_send_writes_once_a_second_for_each_reason() {
        let (heard, now) = (Heard::default(), Instant::now());
        assert!(heard.keeps_refusal("other", now));
        assert!(!heard.keeps_refusal("other", now + Duration::from_millis(999)));
        assert!(heard.keeps_refusal("malformed", now));
        assert!(heard.keeps_refusal("other", now + Duration::from_secs(1)));
    }
}
