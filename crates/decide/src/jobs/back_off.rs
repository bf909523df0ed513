//! When a job that failed is tried again.

use jiff::{SignedDuration, Timestamp};
use portcullis_types::Rng;
use std::num::NonZeroU32;

/// Longest wait between two attempts.
const MAX_CAP: SignedDuration = SignedDuration::from_hours(24);

/// Most attempts at one job.
const MAX_ATTEMPTS: u32 = 1_000;

/// How attempts at a failing job are spread: before each the wait is drawn at random between nothing
/// and a ceiling, which doubles from attempt to attempt up to a cap. Drawing all of it ("full
/// jitter") keeps jobs that failed together from coming back together (Brooker, *Exponential Backoff
/// And Jitter*, AWS Architecture Blog, 2015).
///
/// ```
/// use jiff::SignedDuration;
/// use portcullis_decide::BackOff;
/// use std::num::NonZeroU32;
/// let (one, three) = (NonZeroU32::MIN, NonZeroU32::new(3).ok_or("0")?);
/// let back_off = BackOff::default();
/// assert_eq!(back_off.ceiling_after(one), SignedDuration::from_secs(10));
/// assert_eq!(back_off.ceiling_after(three), SignedDuration::from_secs(40));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackOff {
    // INVARIANT: 1 ms <= first <= cap <= 24 h; 1 <= attempts <= 1,000.
    first: SignedDuration,
    cap: SignedDuration,
    attempts: NonZeroU32,
}

/// Why attempts can't be spread so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BackOffError {
    /// The first ceiling is shorter than a millisecond or longer than the cap.
    #[error("the first wait is at least a millisecond and at most the longest one")]
    First,
    /// The cap is longer than a day.
    #[error("the longest wait is at most a day")]
    Cap,
    /// There are more attempts than anybody means.
    #[error("a job is tried at most {MAX_ATTEMPTS} times")]
    Attempts,
}

/// Why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Failure {
    /// It may go well another time: the network, another process, a full disk.
    Passing,
    /// It would fail the same way again: what it was given cannot be worked with.
    Lasting,
}

impl Failure {
    /// Every kind of failure.
    pub const ALL: [Self; 2] = [Self::Passing, Self::Lasting];

    /// The code used in files and events.
    pub fn code(self) -> &'static str {
        match self {
            Self::Passing => "passing",
            Self::Lasting => "lasting",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.code() == code)
    }
}

/// What becomes of a job whose attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is tried again, not before this time (UTC).
    RetryAt(Timestamp),
    /// It is given up, for a person to see.
    GiveUp,
}

impl BackOff {
    /// Waits that begin below `first`, never exceed `cap`, and end after so many attempts in all.
    ///
    /// # Errors
    ///
    /// [`BackOffError`] unless 1 ms ≤ `first` ≤ `cap` ≤ 24 hours and there are at most 1,000 attempts.
    pub fn new(
        first: SignedDuration,
        cap: SignedDuration,
        attempts: NonZeroU32,
    ) -> Result<Self, BackOffError> {
        if cap > MAX_CAP {
            return Err(BackOffError::Cap);
        }
        if first < SignedDuration::from_millis(1) || first > cap {
            return Err(BackOffError::First);
        }
        if attempts.get() > MAX_ATTEMPTS {
            return Err(BackOffError::Attempts);
        }
        Ok(Self { first, cap, attempts })
    }

    /// The longest wait after so many failed attempts.
    pub fn ceiling_after(&self, attempts: NonZeroU32) -> SignedDuration {
        let doublings = attempts.get().saturating_sub(1);
        let factor = 1_i32.checked_shl(doublings).filter(|factor| *factor > 0);
        factor
            .and_then(|factor| self.first.checked_mul(factor))
            .map_or(self.cap, |wait| wait.min(self.cap))
    }

    /// What becomes of a job of which so many attempts have failed, the last of them now.
    pub fn after_failure(
        &self,
        now: Timestamp,
        rng: &mut dyn Rng,
        attempts: NonZeroU32,
        failure: Failure,
    ) -> Next {
        if failure == Failure::Lasting || attempts >= self.attempts {
            return Next::GiveUp;
        }
        let ceiling_ms =
            u64::try_from(self.ceiling_after(attempts).as_millis()).unwrap_or_default();
        let wait_ms = i64::try_from(up_to(rng, ceiling_ms)).unwrap_or_default();
        // A clock at the end of the calendar leaves no later moment: then the job is tried at once.
        let at = now.checked_add(SignedDuration::from_millis(wait_ms)).unwrap_or(now);
        Next::RetryAt(at)
    }
}

impl Default for BackOff {
    /// Ten seconds at first, an hour at most, twelve attempts: a job is given up after three and a
    /// half hours at most, and half that on average. Our choice: long enough for a network to come
    /// back, short enough for somebody to hear of it the same day.
    fn default() -> Self {
        Self {
            first: SignedDuration::from_secs(10),
            cap: SignedDuration::from_hours(1),
            attempts: NonZeroU32::MIN.saturating_add(11),
        }
    }
}

/// A number from 0 to `most`, all as likely but for one part in 2^64 / `most`, which no wait shows.
fn up_to(rng: &mut dyn Rng, most: u64) -> u64 {
    let mut bytes = [0; 8];
    rng.fill(&mut bytes);
    let product = u128::from(u64::from_le_bytes(bytes)) * (u128::from(most) + 1);
    u64::try_from(product >> 64).unwrap_or(most)
}
