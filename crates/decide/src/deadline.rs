//! By when a gift must be returned or kept.

use jiff::ToSpan;
use jiff::civil::Date;
use portcullis_types::{Doubt, PartialDate, Precision};

/// "30 days beginning with the date when the donation is received" (Political Parties, Elections
/// and Referendums Act 2000 s.56(2)): the day of receipt is the first of the 30, so 29 more follow.
const DAYS_AFTER_RECEIPT: i32 = 29;

/// How sure the deadline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sureness {
    /// The day of receipt is known.
    Exact,
    /// The day of receipt is known only within a span, or may stand for "unknown": this is the
    /// earliest that the deadline can be.
    Earliest,
}

/// The last day on which a gift can be returned. Keeping it beyond that day is accepting it
/// (Political Parties, Elections and Referendums Act 2000 s.56(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deadline {
    /// The last day.
    pub last_day: Date,
    /// How sure it is.
    pub sureness: Sureness,
}

/// By when to decide on a gift, from the day it was received.
///
/// A receipt known only to the month or year gives the earliest deadline it can have, marked so. A
/// receipt of "about" some date gives none, because it has no earliest day.
///
/// ```
/// use portcullis_decide::{Sureness, decide_by};
/// let deadline = decide_by("2025-03-01".parse()?).ok_or("no deadline")?;
/// assert_eq!(deadline.last_day.to_string(), "2025-03-30");
/// assert_eq!(deadline.sureness, Sureness::Exact);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decide_by(received: PartialDate) -> Option<Deadline> {
    let sureness = match (received.precision(), received.doubt()) {
        (_, Doubt::Circa) => return None,
        (Precision::Day, Doubt::None) => Sureness::Exact,
        _ => Sureness::Earliest,
    };
    let last_day = received.earliest().checked_add(DAYS_AFTER_RECEIPT.days()).ok()?;
    Some(Deadline { last_day, sureness })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_day(received: &str) -> Option<(String, Sureness)> {
        let deadline = decide_by(received.parse().unwrap())?;
        Some((deadline.last_day.to_string(), deadline.sureness))
    }

    #[test]
    fn the_day_of_receipt_is_the_first_of_thirty() {
        // PPERA 2000 s.56(2), rows `return_or_accept` of the project's table of deadlines: an
        // ordinary month, a leap February within, a leap February at the end.
        for (received, expected) in [
            ("2025-03-01", "2025-03-30"),
            ("2024-02-01", "2024-03-01"),
            ("2024-01-31", "2024-02-29"),
        ] {
            assert_eq!(last_day(received), Some((expected.to_owned(), Sureness::Exact)));
        }
    }

    #[test]
    fn a_common_year_has_a_shorter_february() {
        // Counted on the calendar: 1 February 2023 is day 1, 28 February day 28, 2 March day 30.
        assert_eq!(last_day("2023-02-01"), Some(("2023-03-02".to_owned(), Sureness::Exact)));
    }

    #[test]
    fn a_receipt_known_to_the_month_gives_the_earliest_deadline_and_says_so() {
        // A gift received some day in March 2025 was received on the 1st at the earliest.
        assert_eq!(last_day("2025-03"), Some(("2025-03-30".to_owned(), Sureness::Earliest)));
        assert_eq!(last_day("2025"), Some(("2025-01-30".to_owned(), Sureness::Earliest)));
        assert_eq!(last_day("2025-01-01?"), Some(("2025-01-30".to_owned(), Sureness::Earliest)));
    }

    #[test]
    fn about_some_day_gives_no_deadline() {
        assert_eq!(last_day("2025-03-01~"), None);
    }

    #[test]
    fn the_end_of_the_calendar_gives_no_deadline() {
        assert_eq!(last_day("9999-12-31"), None);
    }
}
