//! When an answer leaves.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use portcullis_federation::Moment;

/// The hour (UTC) at which answers leave, all of them.
pub const ANSWER_HOUR: u64 = 12;

/// How many days after it was asked an answer leaves at the latest: a fortnight, in which an officer
/// finds the time. Half of the thirty days of PPERA 2000 s.56(2) are left then.
pub const LONGEST_DAYS: i8 = 14;

/// How many days before the last one on which it is of use an answer leaves at the latest, so that a
/// gift can still be returned: the three banking days of a cheque or a transfer.
pub const MARGIN_DAYS: i8 = 3;

/// How long after it was asked an answer leaves at the soonest, in seconds: a day and a night.
const SHORTEST_SECONDS: u64 = 24 * 60 * 60;

/// The moment at which the answer to an enquiry leaves: at noon (UTC) on the day that lies
/// [`LONGEST_DAYS`] after the day on which it was asked, or [`MARGIN_DAYS`] before the last day on which
/// it is of use if that is sooner; on the Friday before if that day is a Saturday or Sunday. Never
/// sooner than the first noon that lies a whole day after it was asked.
///
/// It follows from two fields of the enquiry and from nothing else (THREATS T-48): both ends find the
/// same, the party can see that the service kept to it, and no workload, no holding and no decision
/// moves it. That is why there is nothing to set here, and why bank holidays, which differ between the
/// parts of the country and from year to year, are days like any other.
///
/// ```
/// use portcullis_decide::exchange::enquiries::release_at;
/// use portcullis_federation::Moment;
/// let at = |text: &str| Moment::of(text.parse().unwrap()).unwrap();
/// // Asked on Thursday about a gift that must be returned by Sunday of the week after.
/// let due = release_at(at("2025-03-20T09:00:00Z"), "2025-03-30".parse()?);
/// assert_eq!(due, at("2025-03-27T12:00:00Z"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn release_at(asked: Moment, decide_by: Date) -> Moment {
    let latest = moved(day_of(asked), LONGEST_DAYS.days());
    let useful = moved(decide_by, -MARGIN_DAYS.days());
    let wanted = noon(working_day(latest.min(useful)));
    wanted.max(first_noon_from(asked.later(SHORTEST_SECONDS)))
}

/// Whether an answer can be of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Use {
    /// It leaves on the last day of use or before.
    InTime,
    /// It would leave after that day.
    TooLate,
}

/// Whether the answer to an enquiry would leave while it is of use.
pub fn is_of_use(asked: Moment, decide_by: Date) -> Use {
    if day_of(release_at(asked, decide_by)) <= decide_by { Use::InTime } else { Use::TooLate }
}

/// The day (UTC) that a moment lies in.
pub(super) fn day_of(at: Moment) -> Date {
    let at = i64::try_from(at.seconds()).ok().and_then(|at| Timestamp::from_second(at).ok());
    at.unwrap_or_default().to_zoned(TimeZone::UTC).date()
}

fn moved(day: Date, by: Span) -> Date {
    day.saturating_add(by)
}

/// The day itself, or the Friday before.
fn working_day(day: Date) -> Date {
    match day.weekday() {
        Weekday::Saturday => moved(day, -1.days()),
        Weekday::Sunday => moved(day, -2.days()),
        _ => day,
    }
}

/// Noon of a day; of one before 1970 the first moment there is, of one after 9999 the last.
/// Noon of a day; of one before 1970 the first moment there is, of one after 9999 the last.
fn noon(day: Date) -> Moment {
    let days = day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
    let seconds = u64::try_from(days).map_or(0, |days| {
        days.saturating_mul(24).saturating_add(ANSWER_HOUR).saturating_mul(60 * 60)
    });
    Moment::new(seconds).unwrap_or(Moment::END)
}

fn first_noon_from(at: Moment) -> Moment {
    let today = day_of(at);
    if noon(today) >= at { noon(today) } else { noon(moved(today, 1.days())) }
}
