//! How many attempts somebody has before he must wait.

use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::fmt;

/// How many subjects are remembered. What is more pushes out whoever failed longest ago.
const MOST: usize = 10_000;

/// After so many seconds without a failure, half of those counted are forgotten, and so on: what somebody
/// fumbled long ago does not make him wait today.
const HALVED_SECONDS: i64 = 900;

/// Counts failures by subject (an account, an address) and makes it wait longer each time.
///
/// The first few failures are free; from then on the wait doubles. NIST SP 800-63B-4, section
/// 3.2.2, asks that consecutive failures be limited, and that nobody be locked out for good by others.
pub struct Throttle<K> {
    failures: BTreeMap<K, Failures>,
    free: u32,
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
    wait: SignedDuration,
}

impl Failures {
    /// How many of them still count.
    fn left(&self, now: Timestamp) -> u32 {
        let halvings = now.duration_since(self.last).as_secs().max(0) / HALVED_SECONDS;
        u32::try_from(halvings).ok().and_then(|by| self.count.checked_shr(by)).unwrap_or(0)
    }
}

/// Longest wait, in seconds: a quarter of an hour. Longer would let others lock somebody out.
const LONGEST_WAIT_SECONDS: i64 = 900;

/// Somebody must wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts: wait {seconds} seconds, then try again")]
pub struct MustWait {
    /// How long, in seconds; at least one.
    pub seconds: u32,
}

impl<K> fmt::Debug for Throttle<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Throttle").field("subjects", &self.failures.len()).finish_non_exhaustive()
    }
}

impl<K: Ord + Clone> Throttle<K> {
    /// Nobody has failed yet. `free` failures cost nothing.
    pub fn after(free: u32) -> Self {
        Self { failures: BTreeMap::new(), free }
    }

    /// Whether the subject may try now.
    ///
    /// # Errors
    ///
    /// [`MustWait`] where it failed too often, too recently.
    pub fn may_try(&self, now: Timestamp, subject: &K) -> Result<(), MustWait> {
        let Some(failures) = self.failures.get(subject) else { return Ok(()) };
        let left = failures.last.saturating_add(failures.wait).unwrap_or(now).duration_since(now);
        if !left.is_positive() {
            return Ok(());
        }
        let seconds = left.as_secs().saturating_add(i64::from(left.subsec_nanos() > 0));
        Err(MustWait { seconds: u32::try_from(seconds.max(1)).unwrap_or(u32::MAX) })
    }

    /// Counts a failure.
    pub fn failed(&mut self, now: Timestamp, subject: &K) {
        self.forget_old(now);
        let before = self.failures.get(subject).map_or(0, |failures| failures.left(now));
        let count = before.saturating_add(1);
        let beyond = count.saturating_sub(self.free).min(10);
        let seconds = if beyond == 0 { 0 } else { (1_i64 << beyond).min(LONGEST_WAIT_SECONDS) };
        let wait = SignedDuration::from_secs(seconds);
        self.failures.insert(subject.clone(), Failures { count, last: now, wait });
    }

    /// Forgets the failures of somebody who got it right.
    pub fn succeeded(&mut self, subject: &K) {
        self.failures.remove(subject);
    }

    /// Forgets half the failures of a subject that others share, when one of them got it right, and
    /// makes it wait no more.
    pub fn eased(&mut self, subject: &K) {
        if let Some(failures) = self.failures.get_mut(subject) {
            failures.count /= 2;
            failures.wait = SignedDuration::ZERO;
        }
    }

    fn forget_old(&mut self, now: Timestamp) {
        if self.failures.len() < MOST {
            return;
        }
        self.failures.retain(|_, failures| failures.left(now) > 0);
        if self.failures.len() >= MOST {
            let oldest = self.failures.iter().min_by_key(|(_, failures)| failures.last);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.failures.remove(&oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    // THREATS T-34
    #[test]
    fn the_wait_doubles_after_the_free_failures_and_ends() {
        let mut throttle = Throttle::after(2);
        for _ in 0..2 {
            throttle.failed(at(0), &"a");
        }
        assert_eq!(throttle.may_try(at(0), &"a"), Ok(()));
        throttle.failed(at(0), &"a");
        assert_eq!(throttle.may_try(at(0), &"a"), Err(MustWait { seconds: 2 }));
        assert_eq!(throttle.may_try(at(2), &"a"), Ok(()));
        throttle.failed(at(2), &"a");
        assert_eq!(throttle.may_try(at(2), &"a"), Err(MustWait { seconds: 4 }));
        for _ in 0..40 {
            throttle.failed(at(10), &"a");
        }
        assert_eq!(throttle.may_try(at(10), &"a"), Err(MustWait { seconds: 900 }));
    }

    // THREATS T-34
    #[test]
    fn half_of_what_is_counted_is_forgotten_each_quarter_of_an_hour() {
        let mut throttle = Throttle::after(2);
        for _ in 0..8 {
            throttle.failed(at(0), &"a");
        }
        // Eight less half, and half again, leave two: one more is the third, and waits two seconds.
        throttle.failed(at(1800), &"a");
        assert_eq!(throttle.may_try(at(1800), &"a"), Err(MustWait { seconds: 2 }));
        // Three are one after a quarter of an hour: one more is the second, and free.
        throttle.failed(at(2700), &"a");
        assert_eq!(throttle.may_try(at(2700), &"a"), Ok(()));
    }

    // THREATS T-34
    #[test]
    fn a_success_of_one_eases_what_many_share() {
        let mut throttle = Throttle::after(2);
        for _ in 0..6 {
            throttle.failed(at(0), &"a");
        }
        assert_eq!(throttle.may_try(at(0), &"a"), Err(MustWait { seconds: 16 }));
        throttle.eased(&"a");
        assert_eq!(throttle.may_try(at(0), &"a"), Ok(()));
        // Three are left, so the next is the fourth.
        throttle.failed(at(0), &"a");
        assert_eq!(throttle.may_try(at(0), &"a"), Err(MustWait { seconds: 4 }));
    }

    #[test]
    fn one_subject_does_not_make_another_wait_and_success_forgets() {
        let mut throttle = Throttle::after(0);
        throttle.failed(at(0), &"a");
        assert_eq!(throttle.may_try(at(0), &"b"), Ok(()));
        throttle.succeeded(&"a");
        assert_eq!(throttle.may_try(at(0), &"a"), Ok(()));
    }

    #[test]
    fn no_flood_of_subjects_takes_memory_without_bound() {
        let mut throttle = Throttle::after(0);
        for subject in 0..MOST + 100 {
            throttle.failed(at(0), &subject);
        }
        assert_eq!(throttle.failures.len(), MOST);
    }
}
