//! People's own keys, unlocked: in memory, while their sessions last.

use jiff::Timestamp;
use portcullis_decide::people::{IDLE, LONGEST};
use portcullis_signin::TokenDigest;
use portcullis_types::PersonId;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Keys of one person. They are overwritten when the last that holds them lets go.
pub(in crate::serve) type OwnKeys = Arc<portcullis_keys::PersonalKeys>;

/// The keys of everybody who is signed in and has unlocked them, by the digest of his session's token.
///
/// They are trusted to memory alone: whoever can read the memory of the node while somebody is signed
/// in has his keys. They are never written anywhere.
#[derive(Default)]
pub(in crate::serve) struct Unlocked(Mutex<BTreeMap<TokenDigest, Held>>);

struct Held {
    person: PersonId,
    keys: OwnKeys,
    unlocked_at: Timestamp,
    seen_at: Timestamp,
}

impl fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unlocked(…)")
    }
}

impl Unlocked {
    /// Keeps keys for as long as a session lasts. Whoever calls it makes sure afterwards that the session
    /// still holds, and forgets them where it doesn't: it may have ended meanwhile.
    pub(super) fn keep(
        &self,
        now: Timestamp,
        person: &PersonId,
        session: TokenDigest,
        keys: OwnKeys,
    ) {
        let held = Held { person: person.clone(), keys, unlocked_at: now, seen_at: now };
        self.held().insert(session, held);
    }

    /// Forgets the keys of every session of somebody. His sessions are ended first, so that none unlocks
    /// them again.
    pub(in crate::serve) fn forget_all_of(&self, person: &PersonId) {
        self.held().retain(|_, held| held.person != *person);
    }

    /// The keys of a session, where they are unlocked.
    pub(in crate::serve) fn of(&self, session: &TokenDigest) -> Option<OwnKeys> {
        self.held().get(session).map(|held| Arc::clone(&held.keys))
    }

    /// Hands them over to the session that takes the place of another.
    pub(super) fn hand_over(&self, before: &TokenDigest, after: TokenDigest) {
        let mut held = self.held();
        if let Some(keys) = held.remove(before) {
            held.insert(after, keys);
        }
    }

    /// Forgets the keys of a session.
    pub(in crate::serve) fn forget(&self, session: &TokenDigest) {
        self.held().remove(session);
    }

    /// Notes that a session was used.
    pub(super) fn seen(&self, now: Timestamp, session: &TokenDigest) {
        if let Some(held) = self.held().get_mut(session) {
            held.seen_at = held.seen_at.max(now);
        }
    }

    /// Forgets the keys of sessions that must be over by the clock. Whether others are, the store knows.
    pub(super) fn sweep(&self, now: Timestamp) {
        self.held().retain(|_, held| {
            now.duration_since(held.seen_at) < IDLE
                && now.duration_since(held.unlocked_at) < LONGEST
                && now >= held.unlocked_at
        });
    }

    /// Which sessions have keys unlocked.
    pub(super) fn all(&self) -> Vec<TokenDigest> {
        self.held().keys().copied().collect()
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<TokenDigest, Held>> {
        // A map is whole whatever happened while somebody held it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
