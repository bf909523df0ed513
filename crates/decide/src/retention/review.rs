//! Keeping a record longer than was said when it was opened.

use super::{HeldRecord, Retention, day_of};
use crate::decision::kind;
use crate::{Change, NotAPersonError, StatedReason, check_person};
use jiff::ToSpan;
use jiff::civil::Date;
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventTime, OfficerId, Rng,
};

/// The furthest that one decision puts a review date off, in years from the day of the decision. Our
/// choice, so that somebody looks again before long: the Public Accounts Committee criticised that
/// renewals of vetting were put off again and again.
const MAX_YEARS_AHEAD: i8 = 2;

/// That an officer has put the review date of a record off. It belongs in that record and goes with
/// it, because the reason may name the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The record as it is now.
    pub record: HeldRecord,
    /// When (UTC).
    pub at: EventTime,
    /// Who.
    pub officer: OfficerId,
    /// Why.
    pub reason: StatedReason,
}

/// Why a review date can't be put off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeepError {
    /// The new date has come already.
    #[error("a record is kept until a later day than today, and `{until}` is not")]
    NotLaterThanToday {
        /// The date.
        until: Date,
    },
    /// The record is kept as long already. A date drawn nearer would have it erased unseen.
    #[error("the record is kept until {review_on} already; give a later day")]
    NotLaterThanNow {
        /// Its review date.
        review_on: Date,
    },
    /// The new date is too far off.
    #[error(
        "one decision keeps a record for at most {MAX_YEARS_AHEAD} more years, here until {latest}; look at it again then"
    )]
    TooFar {
        /// The furthest date there is today.
        latest: Date,
    },
    /// The officer is no person.
    #[error(transparent)]
    Officer(#[from] NotAPersonError),
    /// The event can't be made.
    #[error("the review cannot be written as an event")]
    Event(#[from] EventError),
}

/// Keeps a record until a later day. That is a decision of its own, with an officer, a reason and a
/// number that counts up, and never an edited date. `account` is as for
/// [`record()`](crate::record()).
///
/// # Errors
///
/// [`KeepError::NotLaterThanToday`], [`KeepError::NotLaterThanNow`] and [`KeepError::TooFar`] for a date
/// that can't be; [`KeepError::Officer`] when the officer is an account of a machine;
/// [`KeepError::Event`] when the clock stands outside 1970 to 9999 or the account is too long.
pub fn keep_until(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    officer: OfficerId,
    reason: StatedReason,
    record: HeldRecord,
    until: Date,
    account: Option<&str>,
) -> Result<Change<Review>, KeepError> {
    check_person(&officer)?;
    let at = EventTime::rounded_down(clock.now())?;
    let (today, before) = (day_of(at), record.retention.review_on);
    let latest = today.checked_add(MAX_YEARS_AHEAD.years()).unwrap_or(Date::MAX);
    if until <= today {
        return Err(KeepError::NotLaterThanToday { until });
    }
    if until <= before {
        return Err(KeepError::NotLaterThanNow { review_on: before });
    }
    if until > latest {
        return Err(KeepError::TooFar { latest });
    }
    let extensions = record.extensions.saturating_add(1);
    let mut details = Details::new();
    details.insert("record", record.number.value())?;
    details.insert("until-before", before.to_string().as_str())?;
    details.insert("until", until.to_string().as_str())?;
    details.insert("extensions", u64::from(extensions))?;
    details.insert("reason", Detail::Text(reason.text().clone()))?;
    if let Some(account) = account {
        details.insert("account", account)?;
    }
    let event = Event {
        id: EventId::random(rng),
        kind: kind("retention.kept"),
        at,
        organisation: record.organisation.clone(),
        actor: Actor::Officer(officer.clone()),
        purpose: record.retention.purpose,
        gateway: None,
        details,
    };
    let record_kind = record.retention.kind;
    let retention = Retention { review_on: until, ..record.retention };
    let record = HeldRecord { retention, extensions, ..record };
    Ok(Change::new(Review { record, at, officer, reason }, event, record_kind))
}

#[cfg(test)]
mod tests;
