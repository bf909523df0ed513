//! What has begun and waits for its second half: kept by the server, taken once, for a short while.

use crate::token::{Token, TokenDigest};
use jiff::{SignedDuration, Timestamp};
use portcullis_types::Rng;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// How many may wait at a time, in all. What is more pushes out the oldest of whoever has most waiting.
const MOST: usize = 10_000;

/// How many of one sender may wait at a time. What is more pushes out his own oldest.
const MOST_OF_ONE: usize = 500;

/// Ceremonies that have begun. Each is known by a token, is taken at most once, and lapses.
///
/// Beginning one takes nothing, so anybody can begin many. `K` tells senders apart (an address): whoever
/// floods it pushes out what is his own, and what waits for somebody else stays.
pub struct Pending<K, T> {
    waiting: BTreeMap<TokenDigest, Waiting<K, T>>,
    /// What each sender has waiting, the oldest first.
    by_sender: BTreeMap<K, VecDeque<TokenDigest>>,
    lasts: SignedDuration,
}

struct Waiting<K, T> {
    sender: K,
    until: Timestamp,
    begun: T,
}

impl<K, T> fmt::Debug for Pending<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl<K: Ord + Clone, T> Pending<K, T> {
    /// None yet. Each that is kept lapses after `lasts`.
    pub fn lasting(lasts: SignedDuration) -> Self {
        Self { waiting: BTreeMap::new(), by_sender: BTreeMap::new(), lasts }
    }

    /// Keeps one, and says by which token it is taken again.
    pub fn keep(&mut self, now: Timestamp, rng: &mut dyn Rng, sender: &K, begun: T) -> Token {
        if self.by_sender.get(sender).is_some_and(|own| own.len() >= MOST_OF_ONE) {
            self.push_out(sender);
        }
        if self.waiting.len() >= MOST {
            self.forget_lapsed(now);
        }
        if self.waiting.len() >= MOST {
            let most = self.by_sender.iter().max_by_key(|(_, own)| own.len());
            if let Some(most) = most.map(|(sender, _)| sender.clone()) {
                self.push_out(&most);
            }
        }
        let token = Token::draw(rng);
        let until = now.saturating_add(self.lasts).unwrap_or(now);
        let waiting = Waiting { sender: sender.clone(), until, begun };
        self.waiting.insert(token.digest(), waiting);
        self.by_sender.entry(sender.clone()).or_default().push_back(token.digest());
        token
    }

    fn push_out(&mut self, sender: &K) {
        if let Some(oldest) = self.by_sender.get(sender).and_then(|own| own.front().copied()) {
            self.remove(&oldest);
        }
    }

    fn forget_lapsed(&mut self, now: Timestamp) {
        let lapsed: Vec<TokenDigest> =
            self.waiting.iter().filter(|(_, one)| one.until <= now).map(|(key, _)| *key).collect();
        for key in &lapsed {
            self.remove(key);
        }
    }

    fn remove(&mut self, key: &TokenDigest) -> Option<Waiting<K, T>> {
        let one = self.waiting.remove(key)?;
        if let Some(own) = self.by_sender.get_mut(&one.sender) {
            own.retain(|other| other != key);
            if own.is_empty() {
                self.by_sender.remove(&one.sender);
            }
        }
        Some(one)
    }

    /// Looks at one and leaves it; none if it is unknown, was taken, or has lapsed.
    pub fn see(&self, now: Timestamp, token: &Token) -> Option<&T> {
        let one = self.waiting.get(&token.digest())?;
        (one.until > now).then_some(&one.begun)
    }

    /// Takes one out; none if it is unknown, was taken before, or has lapsed.
    pub fn take(&mut self, now: Timestamp, token: &Token) -> Option<T> {
        let one = self.remove(&token.digest())?;
        (one.until > now).then_some(one.begun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::SeededRng;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn pending() -> Pending<usize, u32> {
        Pending::lasting(SignedDuration::from_mins(5))
    }

    // THREATS T-32
    #[test]
    fn what_was_taken_is_gone() {
        let (mut pending, mut rng) = (pending(), SeededRng::new(1));
        let token = pending.keep(at(0), &mut rng, &0, 7);
        assert_eq!(pending.take(at(299), &token), Some(7));
        assert_eq!(pending.take(at(299), &token), None);
        assert!(pending.by_sender.is_empty());
    }

    // THREATS T-32
    #[test]
    fn what_has_lapsed_is_gone() {
        let (mut pending, mut rng) = (pending(), SeededRng::new(1));
        let token = pending.keep(at(0), &mut rng, &0, 7);
        assert_eq!(pending.take(at(300), &token), None);
        assert_eq!(pending.take(at(0), &token), None);
    }

    // THREATS T-34
    #[test]
    fn whoever_begins_many_pushes_out_his_own() {
        let (mut pending, mut rng) = (pending(), SeededRng::new(1));
        let other = pending.keep(at(0), &mut rng, &1, 1);
        let own = pending.keep(at(0), &mut rng, &2, 2);
        for _ in 0..MOST_OF_ONE {
            pending.keep(at(1), &mut rng, &2, 2);
        }
        assert_eq!(pending.waiting.len(), MOST_OF_ONE + 1);
        assert_eq!(pending.take(at(1), &own), None);
        assert_eq!(pending.take(at(1), &other), Some(1));
    }

    // THREATS T-34
    #[test]
    fn no_number_of_floods_takes_memory_without_bound_or_the_place_of_whoever_has_one() {
        let (mut pending, mut rng) = (pending(), SeededRng::new(1));
        let first = pending.keep(at(0), &mut rng, &0, 0);
        for count in 0..MOST + 1_000 {
            pending.keep(at(1), &mut rng, &(count % 100 + 1), 1);
        }
        assert_eq!(pending.waiting.len(), MOST);
        assert_eq!(pending.by_sender.values().map(VecDeque::len).sum::<usize>(), MOST);
        assert_eq!(pending.take(at(1), &first), Some(0));
    }

    #[test]
    fn what_has_lapsed_makes_way_first() {
        let (mut pending, mut rng) = (pending(), SeededRng::new(1));
        for count in 0..MOST {
            pending.keep(at(0), &mut rng, &(count / 100), 1);
        }
        pending.keep(at(300), &mut rng, &0, 2);
        assert_eq!(pending.waiting.len(), 1);
    }
}
