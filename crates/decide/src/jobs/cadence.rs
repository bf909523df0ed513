//! When a job that comes again and again is due.

use jiff::{SignedDuration, Timestamp, civil::Time};
use std::fmt;
use std::str::FromStr;

const MINUTES_A_DAY: i64 = 24 * 60;
const SECONDS_A_MINUTE: i64 = 60;

/// How often a job comes, at moments that the clock alone decides, so that any process of a node
/// names the same ones: `every 15 minutes`, `every 6 hours` (counted from midnight), `daily at 02:30`.
/// All times are UTC: no hour comes twice or not at all.
///
/// ```
/// use portcullis_decide::Cadence;
/// let nightly: Cadence = "daily at 02:30".parse()?;
/// let next = nightly.next_after("2026-03-29T02:30:00Z".parse()?);
/// assert_eq!(next, Some("2026-03-30T02:30:00Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cadence {
    // INVARIANT: 1 <= minutes <= 1,440 and divides 1,440; 0 <= first_minute < minutes.
    minutes: i64,
    first_minute: i64,
}

/// Why a text is not a cadence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CadenceError {
    /// It is of another form.
    #[error(
        "say how often as `every 15 minutes`, `every 6 hours` or `daily at 02:30` (UTC, 00:00 to 23:59)"
    )]
    NotACadence,
    /// The day cannot be divided so.
    #[error(
        "a job comes at the same times each day, so what it comes in must divide a day: 1, 5, 10, 15, 20 or 30 minutes, 1, 2, 3, 4, 6, 8 or 12 hours"
    )]
    Uneven,
}

impl Cadence {
    /// Every so many minutes, counted from midnight UTC.
    ///
    /// # Errors
    ///
    /// [`CadenceError::Uneven`] when a day is not a whole number of them.
    pub fn every_minutes(minutes: u16) -> Result<Self, CadenceError> {
        let minutes = i64::from(minutes);
        if minutes == 0 || MINUTES_A_DAY % minutes != 0 {
            return Err(CadenceError::Uneven);
        }
        Ok(Self { minutes, first_minute: 0 })
    }

    /// Once a day at an hour and minute (UTC); what is finer is given up.
    pub fn daily_at(time: Time) -> Self {
        let first_minute = i64::from(time.hour()) * 60 + i64::from(time.minute());
        Self { minutes: MINUTES_A_DAY, first_minute }
    }

    /// The first moment after `now`. None at the end of the calendar.
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.latest_until(now)?.checked_add(self.period()).ok()
    }

    /// The moment for which the job is due now, if it last ran for `last` or never did. However many
    /// moments were missed, it is the latest of them alone: one run makes up for all.
    pub fn due(&self, last: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        self.latest_until(now).filter(|latest| last.is_none_or(|last| last < *latest))
    }

    /// The latest moment that is not after `now`. None at the beginning of the calendar.
    fn latest_until(&self, now: Timestamp) -> Option<Timestamp> {
        // A day of this count has 86,400 seconds each, so midnight is where they divide.
        let (period, first) =
            (self.minutes * SECONDS_A_MINUTE, self.first_minute * SECONDS_A_MINUTE);
        let second = i64::try_from(now.as_nanosecond().div_euclid(1_000_000_000)).ok()?;
        let since = (second - first).rem_euclid(period);
        Timestamp::from_second(second - since).ok()
    }

    fn period(&self) -> SignedDuration {
        SignedDuration::from_secs(self.minutes * SECONDS_A_MINUTE)
    }
}

impl FromStr for Cadence {
    type Err = CadenceError;

    fn from_str(text: &str) -> Result<Self, CadenceError> {
        let number = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse::<u16>().unwrap_or(u16::MAX))
        };
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            ["every", "minute"] => Self::every_minutes(1),
            ["every", "hour"] => Self::every_minutes(60),
            ["every", count, "minutes"] => {
                Self::every_minutes(number(count).ok_or(CadenceError::NotACadence)?)
            }
            ["every", count, "hours"] => {
                let hours = number(count).ok_or(CadenceError::NotACadence)?;
                Self::every_minutes(hours.saturating_mul(60))
            }
            ["daily", "at", time] => {
                let (hour, minute) = time.split_once(':').ok_or(CadenceError::NotACadence)?;
                let two = |text: &str| number(text).filter(|_| text.len() == 2);
                let time = two(hour).zip(two(minute)).and_then(|(hour, minute)| {
                    Time::new(hour.try_into().ok()?, minute.try_into().ok()?, 0, 0).ok()
                });
                time.map(Self::daily_at).ok_or(CadenceError::NotACadence)
            }
            _ => Err(CadenceError::NotACadence),
        }
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes) = (self.minutes / 60, self.minutes % 60);
        match (hours, minutes) {
            (24, _) => {
                write!(f, "daily at {:02}:{:02}", self.first_minute / 60, self.first_minute % 60)
            }
            (1, 0) => f.write_str("every hour"),
            (_, 0) => write!(f, "every {hours} hours"),
            (0, 1) => f.write_str("every minute"),
            _ => write!(f, "every {} minutes", self.minutes),
        }
    }
}
