//! Moments that lie apart from others.

use jiff::{SignedDuration, Timestamp};
use portcullis_types::EventTime;

/// The moment this long after another; where the calendar ends, that one.
pub(super) fn later(at: EventTime, by: SignedDuration) -> EventTime {
    let moved = at.timestamp().checked_add(by).ok();
    moved.and_then(|moved: Timestamp| EventTime::rounded_down(moved).ok()).unwrap_or(at)
}
