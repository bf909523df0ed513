//! When a node polls: at moments that follow from the clock alone, whatever waits.

use portcullis_federation::Moment;
use portcullis_types::OrganisationId;
use sha2::{Digest as _, Sha256};
use std::num::{NonZeroU32, NonZeroU64};

/// What stands before the two organisations in the digest that says when one polls the other.
const DOMAIN: &[u8] = b"portcullis-exchange-offset/v1";

/// The moments at which one organisation polls another: one in each interval, always as long after
/// its beginning. Intervals are counted from 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    interval_s: NonZeroU64,
    offset_s: u64,
}

impl Pace {
    /// The pace of one organisation at another. How long after the beginning of an interval it polls
    /// follows from the ids of the two, so that not everybody polls in the same second.
    pub fn between(
        asker: &OrganisationId,
        holder: &OrganisationId,
        interval_s: NonZeroU32,
    ) -> Self {
        let mut digest = Sha256::new_with_prefix(DOMAIN);
        for id in [asker, holder] {
            digest.update((id.as_str().len() as u64).to_be_bytes());
            digest.update(id.as_str());
        }
        let first = digest.finalize().into_iter().take(8);
        let number = first.fold(0, |number, byte| (number << 8) | u64::from(byte));
        let interval_s = NonZeroU64::from(interval_s);
        Self { interval_s, offset_s: number % interval_s }
    }

    /// How long after the beginning of an interval it polls, in seconds.
    pub fn offset_s(&self) -> u64 {
        self.offset_s
    }

    /// Which poll was the last one due at this moment, counted from 1970; none before the first. A
    /// node polls when this is another number than that of its last poll. What it missed is not made
    /// up for: one that was down would be seen to have something to say.
    pub fn tick_at(&self, now: Moment) -> Option<u64> {
        let since = now.seconds().checked_sub(self.offset_s)?;
        Some(since / self.interval_s)
    }

    /// When the poll of this number is due; none after 9999.
    pub fn moment_of(&self, tick: u64) -> Option<Moment> {
        let begins = tick.checked_mul(self.interval_s.get())?;
        Moment::new(begins.checked_add(self.offset_s)?)
    }

    /// When the first poll after this moment is due; none after 9999.
    pub fn next_after(&self, now: Moment) -> Option<Moment> {
        self.moment_of(self.tick_at(now).map_or(0, |tick| tick.saturating_add(1)))
    }
}
