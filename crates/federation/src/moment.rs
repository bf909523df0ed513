//! A time in whole seconds.

use jiff::Timestamp;
use std::fmt;

/// A time in whole seconds since 1970 (UTC), up to the end of 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

/// The last second that an event can state, which is what a list is compared with.
const LAST: u64 = 253_402_207_200;

impl Moment {
    /// The last one.
    pub const END: Self = Self(LAST);

    /// The moment so many seconds after the beginning of 1970; none after 9999.
    pub fn new(seconds: u64) -> Option<Self> {
        (seconds <= LAST).then_some(Self(seconds))
    }

    /// The moment that a time lies in; none before 1970 or after 9999.
    pub fn of(at: Timestamp) -> Option<Self> {
        u64::try_from(at.as_second()).ok().and_then(Self::new)
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// The moment so many seconds later, at most the last one.
    #[must_use]
    pub fn later(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds).min(LAST))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match i64::try_from(self.0).ok().and_then(|at| Timestamp::from_second(at).ok()) {
            Some(at) => at.fmt(f),
            None => self.0.fmt(f),
        }
    }
}
