//! What has begun and waits for its second half: kept by the server, taken once, for a short while.

use crate::token::{Token, TokenDigest};
use jiff::{SignedDuration, Timestamp};
use portcullis_types::Rng;
use std::collections::BTreeMap;
use std::fmt;

/// How many may wait at a time. What is more pushes out what has waited longest.
const MOST: usize = 10_000;

/// Ceremonies that have begun. Each is known by a token, is taken at most once, and lapses.
pub struct Pending<T> {
    waiting: BTreeMap<TokenDigest, (Timestamp, T)>,
    lasts: SignedDuration,
}

impl<T> fmt::Debug for Pending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl<T> Pending<T> {
    /// None yet. Each that is kept lapses after `lasts`.
    pub fn lasting(lasts: SignedDuration) -> Self {
        Self { waiting: BTreeMap::new(), lasts }
    }

    /// Keeps one, and says by which token it is taken again.
    pub fn keep(&mut self, now: Timestamp, rng: &mut dyn Rng, begun: T) -> Token {
        if self.waiting.len() >= MOST {
            self.waiting.retain(|_, (until, _)| *until > now);
        }
        if self.waiting.len() >= MOST {
            let oldest = self.waiting.iter().min_by_key(|(_, (until, _))| *until);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                self.waiting.remove(&oldest);
            }
        }
        let token = Token::draw(rng);
        let until = now.saturating_add(self.lasts).unwrap_or(now);
        self.waiting.insert(token.digest(), (until, begun));
        token
    }

    /// Looks at one and leaves it; none if it is unknown, was taken, or has lapsed.
    pub fn see(&self, now: Timestamp, token: &Token) -> Option<&T> {
        let (until, begun) = self.waiting.get(&token.digest())?;
        (*until > now).then_some(begun)
    }

    /// Takes one out; none if it is unknown, was taken before, or has lapsed.
    pub fn take(&mut self, now: Timestamp, token: &Token) -> Option<T> {
        let (until, begun) = self.waiting.remove(&token.digest())?;
        (until > now).then_some(begun)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::SeededRng;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn pending() -> Pending<u32> {
        Pending::lasting(SignedDuration::from_mins(5))
    }

    // THREATS T-32
    #[test]
    fn what_was_taken_is_gone() {
        let (mut pending, mut rng) = (pending(), SeededRng::new(1));
        let token = pending.keep(at(0), &mut rng, 7);
        assert_eq!(pending.take(at(299), &token), Some(7));
        assert_eq!(pending.take(at(299), &token), None);
    }

    // THREATS T-32
    #[test]
    fn what_has_lapsed_is_gone() {
        let (mut pending, mut rng) = (pending(), SeededRng::new(1));
        let token = pending.keep(at(0), &mut rng, 7);
        assert_eq!(pending.take(at(300), &token), None);
        assert_eq!(pending.take(at(0), &token), None);
    }

    #[test]
    fn no_flood_takes_memory_without_bound() {
        let (mut pending, mut rng) = (pending(), SeededRng::new(1));
        let first = pending.keep(at(0), &mut rng, 0);
        for _ in 0..MOST {
            pending.keep(at(1), &mut rng, 1);
        }
        assert_eq!(pending.waiting.len(), MOST);
        assert_eq!(pending.take(at(1), &first), None);
    }
}
