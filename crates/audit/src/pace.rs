//! The pace at which a log grows, which tells nothing of what happened.
//!
//! A log that grew with what happened would show when something did. So it grows on a clock: at
//! each boundary between two intervals it has a constant number of entries more, events and decoys,
//! in an order that does not tell them apart.

use sha2::{Digest as _, Sha256};
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use zeroize::Zeroizing;

/// Microseconds in a second.
const SECOND_US: u64 = 1_000_000;

/// When a log grows, and by how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    start_us: u64,
    interval_s: NonZeroU32,
    per_interval: NonZeroU32,
}

/// Why numbers are no pace, or a size does not belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PaceError {
    /// The interval has no length.
    #[error("the interval must be at least one second")]
    NoInterval {},
    /// No leaf is to be added.
    #[error("at least one leaf must be added in an interval")]
    NoLeaves {},
    /// The start is no multiple of the interval.
    #[error("the start of the log must be a multiple of the interval")]
    NotAligned {},
    /// The size is no multiple of the leaves of an interval.
    #[error("a log with this pace never has `{size}` entries; it was not filled as a whole")]
    Ragged {
        /// The size.
        size: u64,
    },
}

/// Intervals that have ended and are not in the log yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    intervals: RangeInclusive<u64>,
}

/// What stands at one position of an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The waiting leaf with this number, from 0.
    Real(usize),
    /// A decoy.
    Decoy,
}

impl Pace {
    /// A log that begins at `start_us`, in microseconds since 1970, and has `per_interval` more
    /// entries after every `interval_s` seconds. A multiple of 256 makes full tiles.
    ///
    /// # Errors
    /// When a number is 0, or the start is no multiple of the interval: logs with the same interval
    /// grow at the same time, whenever they were set up.
    pub fn new(start_us: u64, interval_s: u32, per_interval: u32) -> Result<Self, PaceError> {
        let pace = Self {
            start_us,
            interval_s: NonZeroU32::new(interval_s).ok_or(PaceError::NoInterval {})?,
            per_interval: NonZeroU32::new(per_interval).ok_or(PaceError::NoLeaves {})?,
        };
        if start_us.is_multiple_of(pace.interval_us()) {
            Ok(pace)
        } else {
            Err(PaceError::NotAligned {})
        }
    }

    /// When the log begins, for one that is set up at `now_us`: the last boundary before.
    ///
    /// # Errors
    /// When a number is 0.
    pub fn beginning(now_us: u64, interval_s: u32, per_interval: u32) -> Result<Self, PaceError> {
        let length = u64::from(interval_s) * SECOND_US;
        let past = now_us.checked_rem(length).ok_or(PaceError::NoInterval {})?;
        Self::new(now_us - past, interval_s, per_interval)
    }

    /// When it begins, in microseconds since 1970.
    pub const fn start_us(&self) -> u64 {
        self.start_us
    }

    /// The length of an interval in seconds.
    pub const fn interval_s(&self) -> u32 {
        self.interval_s.get()
    }

    /// How many leaves an interval has.
    pub const fn per_interval(&self) -> u32 {
        self.per_interval.get()
    }

    /// When interval `k` ends, in microseconds since 1970; 0 is the start.
    pub fn boundary(&self, k: u64) -> u64 {
        self.start_us.saturating_add(k.saturating_mul(self.interval_us()))
    }

    /// How many intervals have ended at a time.
    pub fn interval_at(&self, now_us: u64) -> u64 {
        now_us.saturating_sub(self.start_us) / self.interval_us()
    }

    /// How many entries the log has at a time, whatever happened.
    pub fn size_at(&self, now_us: u64) -> u64 {
        self.size_after(self.interval_at(now_us))
    }

    /// How many entries the log has when interval `k` has ended.
    pub fn size_after(&self, k: u64) -> u64 {
        k.saturating_mul(u64::from(self.per_interval()))
    }

    /// Which intervals have ended at a time and are not in a log of this size. A node that was down
    /// has several; one whose clock went back has none.
    ///
    /// # Errors
    /// When the log never has this size, because an interval is always added as a whole.
    pub fn due(&self, now_us: u64, size: u64) -> Result<Due, PaceError> {
        let per_interval = u64::from(self.per_interval());
        if !size.is_multiple_of(per_interval) {
            return Err(PaceError::Ragged { size });
        }
        let done = size / per_interval;
        Ok(Due { intervals: done.saturating_add(1)..=self.interval_at(now_us) })
    }

    /// What stands at each position of an interval: of `waiting` leaves the oldest, as many as have
    /// room, in their order, and decoys between them. Each choice of positions is as likely as any
    /// other. The answer always has [`per_interval`](Self::per_interval) places and takes the same
    /// work, whatever waits. `seed` is 32 random bytes, used once.
    pub fn places(&self, waiting: usize, seed: &[u8; 32]) -> Vec<Place> {
        let count = self.per_interval();
        let mut draw = Draw::new(seed);
        // A shuffle of all positions, whatever waits; the first ones of it are taken.
        let mut positions: Vec<u32> = (0..count).collect();
        for at in 0..count {
            let other = at + draw.below(count - at);
            positions.swap(at as usize, other as usize);
        }
        let mut taken = vec![false; positions.len()];
        for position in positions.iter().take(waiting) {
            if let Some(place) = taken.get_mut(*position as usize) {
                *place = true;
            }
        }
        let mut next = 0..;
        let mut place = |taken| if taken { next.next().map(Place::Real) } else { None };
        taken.into_iter().map(|taken| place(taken).unwrap_or(Place::Decoy)).collect()
    }

    fn interval_us(&self) -> u64 {
        u64::from(self.interval_s()) * SECOND_US
    }
}

impl Due {
    /// The intervals, oldest first.
    pub fn intervals(&self) -> RangeInclusive<u64> {
        self.intervals.clone()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.intervals.is_empty()
    }
}

/// Numbers that follow from a seed: SHA-256 in counter mode, four bytes each.
struct Draw {
    seed: Zeroizing<[u8; 32]>,
    counter: u64,
    block: std::vec::IntoIter<u32>,
}

impl Draw {
    fn new(seed: &[u8; 32]) -> Self {
        Self { seed: Zeroizing::new(*seed), counter: 0, block: Vec::new().into_iter() }
    }

    fn next(&mut self) -> u32 {
        loop {
            if let Some(word) = self.block.next() {
                return word;
            }
            let hash = Sha256::new_with_prefix(b"portcullis-places/v1\0")
                .chain_update(*self.seed)
                .chain_update(self.counter.to_be_bytes())
                .finalize();
            self.counter = self.counter.wrapping_add(1);
            let words = hash.as_chunks().0.iter().map(|word| u32::from_be_bytes(*word));
            self.block = words.collect::<Vec<_>>().into_iter();
        }
    }

    /// A number below a bound that is not 0, each as likely as any other.
    fn below(&mut self, bound: u32) -> u32 {
        let all = u64::from(u32::MAX) + 1;
        // What would make the small numbers likelier is drawn again.
        let fair = all - all.checked_rem(u64::from(bound)).unwrap_or_default();
        loop {
            let drawn = self.next();
            if u64::from(drawn) < fair {
                return drawn.checked_rem(bound).unwrap_or_default();
            }
        }
    }
}
