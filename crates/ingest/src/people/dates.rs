//! Dates as people type them.

use super::DateOrder;
use crate::dates::month_name;
use jiff::civil::Date;
use portcullis_types::{DateError, PartialDate};

/// What a date is of; it decides which years are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateOf {
    /// Birth: not after the day of reading, and at most 130 years before it.
    Birth,
    /// Receipt: not after the day of reading, and not before 1900.
    Receipt,
}

/// Why a cell is not a usable date. Holds nothing of the cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DateProblem {
    #[error("this is not a date; write it like 21/03/1958, 1958-03 or 1958")]
    NotADate,
    #[error("there is no such day in the calendar; check whether day and month are swapped")]
    NoSuchDay,
    #[error("the date lies in the future")]
    Future,
    #[error("the date lies too far back")]
    TooOld,
}

impl From<DateError> for DateProblem {
    fn from(error: DateError) -> Self {
        match error {
            DateError::NoSuchDay => Self::NoSuchDay,
            _ => Self::NotADate,
        }
    }
}

/// Oldest age that a birth date may give, in years. The oldest age ever verified is 122.
const OLDEST_YEARS: i16 = 130;
/// The day that a spreadsheet counts from, chosen so that 1 March 1900 is day 61 as in Excel.
const EXCEL_EPOCH: Date = jiff::civil::date(1899, 12, 30);

/// Reads a date as people type it.
///
/// Two-digit years: of births, the year falls in the hundred years that end ten years before the
/// day of reading (read in 2026: 1917 to 2016); of receipts, in the hundred years that end with the
/// year of reading (1927 to 2026).
pub(crate) fn read_date(
    text: &str,
    of: DateOf,
    order: DateOrder,
    today: Date,
) -> Result<PartialDate, DateProblem> {
    let text = text.trim().trim_matches(['"', '\'']).trim().to_lowercase();
    let (text, circa) = strip_circa(&text);
    let reader = Reader { of, order, today };
    let date = Reader::span(text).unwrap_or_else(|| reader.one(text))?;
    let date = if circa { date.circa() } else { date };
    reader.possible(date)
}

/// "c. 1958", "circa 1958", "about 1958", "~1958", "1958 (approx)".
fn strip_circa(text: &str) -> (&str, bool) {
    const BEFORE: &[&str] = &[
        "circa",
        "approximately",
        "approx.",
        "approx",
        "about",
        "around",
        "ca.",
        "ca",
        "c.",
        "c",
        "~",
    ];
    const AFTER: &[&str] = &["(approximately)", "(approx.)", "(approx)", "(circa)", "approx", "~"];
    for mark in BEFORE {
        if let Some(rest) = text.strip_prefix(mark) {
            let rest = rest.trim_start();
            if rest.starts_with(|c: char| c.is_ascii_digit())
                || *mark == "circa"
                || *mark == "about"
            {
                return (rest, true);
            }
        }
    }
    for mark in AFTER {
        if let Some(rest) = text.strip_suffix(mark) {
            return (rest.trim_end(), true);
        }
    }
    (text, false)
}

struct Reader {
    of: DateOf,
    order: DateOrder,
    today: Date,
}

type Found = Result<PartialDate, DateProblem>;

impl Reader {
    /// "1956-1958", "1956 to 1958", "between 1956 and 1958", "1956/1958".
    fn span(text: &str) -> Option<Found> {
        let body = text.strip_prefix("between ").unwrap_or(text);
        for mark in [" to ", " and ", "–", "-", "/"] {
            if let Some((from, to)) = body.split_once(mark) {
                let (from, to) = (four_digits(from.trim())?, four_digits(to.trim())?);
                let span = PartialDate::year(from)
                    .and_then(|from| PartialDate::span(from, PartialDate::year(to)?));
                return Some(span.map_err(Into::into));
            }
        }
        None
    }

    fn one(&self, text: &str) -> Found {
        if let Some(millis) = text.strip_prefix("/date(").and_then(|t| t.strip_suffix(")/")) {
            return from_millis(millis);
        }
        let text = cut_time(text);
        // What our own notation means stays what it means: 1958, 1958-03, 1958-03-21, 1958-01-01?
        if let Ok(date) = text.parse() {
            return Ok(date);
        }
        if text.bytes().all(|b| b.is_ascii_digit()) {
            return self.digits(text);
        }
        let parts: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || matches!(c, '/' | '-' | '.' | ',' | '–'))
            .filter(|p| !p.is_empty() && *p != "of")
            .collect();
        match *parts.as_slice() {
            [a, b, c] => self.three(a, b, c),
            [a, b] => self.two(a, b),
            [a] => self.glued(a),
            _ => Err(DateProblem::NotADate),
        }
    }

    fn three(&self, a: &str, b: &str, c: &str) -> Found {
        if let Some(month) = month_name(a) {
            return Self::day(day_number(b), Some(month), self.year(c));
        }
        if let Some(month) = month_name(b) {
            return match four_digits(a) {
                Some(year) => Self::day(day_number(c), Some(month), Some(year)),
                None => Self::day(day_number(a), Some(month), self.year(c)),
            };
        }
        if let Some(year) = four_digits(a) {
            return Self::day(small(c), small(b), Some(year));
        }
        match self.order {
            DateOrder::DayMonthYear => Self::day(small(a), small(b), self.year(c)),
            DateOrder::MonthDayYear => Self::day(small(b), small(a), self.year(c)),
        }
    }

    fn two(&self, a: &str, b: &str) -> Found {
        let month_and_year = match (month_name(a), month_name(b)) {
            (Some(month), _) => Some((month, self.year(b))),
            (None, Some(month)) => Some((month, four_digits(a))),
            (None, None) => match (four_digits(a), four_digits(b)) {
                (Some(year), None) => small(b).map(|month| (month, Some(year))),
                (None, Some(year)) => small(a).map(|month| (month, Some(year))),
                _ => None,
            },
        };
        match month_and_year {
            Some((month, Some(year))) => Ok(PartialDate::month(year, month)?),
            _ => Err(DateProblem::NotADate),
        }
    }

    /// "12mar1958", "mar58".
    fn glued(&self, text: &str) -> Found {
        let start = text.find(|c: char| c.is_ascii_alphabetic()).ok_or(DateProblem::NotADate)?;
        let (day, rest) = text.split_at(start);
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).ok_or(DateProblem::NotADate)?;
        let (month, year) = rest.split_at(end);
        if day.is_empty() { self.two(month, year) } else { self.three(day, month, year) }
    }

    /// Digits alone: a year, 19580321, 21031958, or a spreadsheet's count of days.
    fn digits(&self, text: &str) -> Found {
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        match text.len() {
            5 => serial(text.parse().map_err(|_| DateProblem::NotADate)?),
            8 => {
                let iso = self.three(part(0, 4), part(4, 6), part(6, 8));
                let plausible = |d: &PartialDate| self.possible(*d).is_ok();
                match iso {
                    Ok(date) if plausible(&date) => Ok(date),
                    _ => self.three(part(0, 2), part(2, 4), part(4, 8)),
                }
            }
            _ => Err(DateProblem::NotADate),
        }
    }

    fn day(day: Option<i8>, month: Option<i8>, year: Option<i16>) -> Found {
        let (Some(day), Some(month), Some(year)) = (day, month, year) else {
            return Err(DateProblem::NotADate);
        };
        // Registers write zeros for the parts they do not know.
        Ok(match (day, month) {
            (0, 0) => PartialDate::year(year)?,
            (0, month) => PartialDate::month(year, month)?,
            (day, month) => PartialDate::day(year, month, day)?,
        })
    }

    fn year(&self, text: &str) -> Option<i16> {
        let text = text.strip_prefix('\'').unwrap_or(text);
        if text.len() == 4 {
            return four_digits(text);
        }
        if text.len() != 2 {
            return None;
        }
        let last = match self.of {
            DateOf::Birth => self.today.year() - 10,
            DateOf::Receipt => self.today.year(),
        };
        let year = i16::from(small(text)?) + last - last % 100;
        Some(if year > last { year - 100 } else { year })
    }

    fn possible(&self, date: PartialDate) -> Found {
        let oldest = match self.of {
            DateOf::Birth => self.today.year() - OLDEST_YEARS,
            DateOf::Receipt => 1900,
        };
        if date.earliest() > self.today {
            Err(DateProblem::Future)
        } else if date.latest().year() < oldest {
            Err(DateProblem::TooOld)
        } else {
            Ok(date)
        }
    }
}

fn cut_time(text: &str) -> &str {
    let time = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit()) && rest.contains(':');
    for mark in ['t', ' '] {
        if let Some((day, rest)) = text.split_once(mark)
            && time(rest)
        {
            return day;
        }
    }
    text
}

/// A spreadsheet's count of days, from 1 January 1900.
fn serial(days: i32) -> Found {
    let day =
        EXCEL_EPOCH.checked_add(jiff::Span::new().days(days)).map_err(|_| DateProblem::NotADate)?;
    Ok(PartialDate::day(day.year(), day.month(), day.day())?)
}

fn from_millis(text: &str) -> Found {
    let millis = text.split(['+', ')']).next().unwrap_or_default();
    let stamp = millis
        .parse()
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .ok_or(DateProblem::NotADate)?;
    // The service counts from midnight in London, which in summer is 23:00 UTC of the day before.
    let day = stamp
        .checked_add(jiff::SignedDuration::from_hours(1))
        .map_err(|_| DateProblem::NotADate)?
        .to_zoned(jiff::tz::TimeZone::UTC)
        .date();
    Ok(PartialDate::day(day.year(), day.month(), day.day())?)
}

fn four_digits(text: &str) -> Option<i16> {
    (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn small(text: &str) -> Option<i8> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

/// "21", "21st".
fn day_number(text: &str) -> Option<i8> {
    let bare = ["st", "nd", "rd", "th"].iter().find_map(|end| text.strip_suffix(end));
    small(bare.unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn born(text: &str) -> Result<String, DateProblem> {
        let today = jiff::civil::date(2026, 11, 22);
        read_date(text, DateOf::Birth, DateOrder::DayMonthYear, today).map(|d| d.to_string())
    }

    #[test]
    fn dates_are_read_in_the_forms_people_use() {
        for (text, iso) in [
            ("21/03/1958", "1958-03-21"),
            ("21.3.58", "1958-03-21"),
            ("21-03-1958", "1958-03-21"),
            ("1958-03-21", "1958-03-21"),
            ("1958/03/21", "1958-03-21"),
            ("1958-03-21T00:00:00", "1958-03-21"),
            ("21/03/1958 00:00:00", "1958-03-21"),
            ("12 March 1958", "1958-03-12"),
            ("12th of March, 1958", "1958-03-12"),
            ("March 12, 1958", "1958-03-12"),
            ("12-Mar-58", "1958-03-12"),
            ("12Mar1958", "1958-03-12"),
            ("Mar 1958", "1958-03"),
            ("Mar-58", "1958-03"),
            ("03/1958", "1958-03"),
            ("1958-03", "1958-03"),
            ("1958", "1958"),
            ("00/00/1980", "1980"),
            ("00/07/1980", "1980-07"),
            ("c. 1958", "1958~"),
            ("circa 12 March 1958", "1958-03-12~"),
            ("c1958", "1958~"),
            ("1956-1958", "1956/1958"),
            ("between 1956 and 1958", "1956/1958"),
            ("19580321", "1958-03-21"),
            ("21031958", "1958-03-21"),
            ("29 Feb 1960", "1960-02-29"),
            // Day 21,265 counted from 1 January 1900 with Excel's 29 February 1900.
            ("21265", "1958-03-21"),
        ] {
            assert_eq!(born(text).as_deref(), Ok(iso), "{text}");
        }
    }

    #[test]
    fn two_digit_years_fall_in_the_stated_hundred_years() {
        assert_eq!(born("1/1/16").as_deref(), Ok("2016-01-01"));
        assert_eq!(born("1/1/17").as_deref(), Ok("1917-01-01"));
        let today = jiff::civil::date(2026, 11, 22);
        let received = |text| {
            read_date(text, DateOf::Receipt, DateOrder::DayMonthYear, today).map(|d| d.to_string())
        };
        assert_eq!(received("1/1/26").as_deref(), Ok("2026-01-01"));
        assert_eq!(received("1/1/27").as_deref(), Ok("1927-01-01"));
        // Midnight of 2 July 2019 in London is 23:00 UTC on 1 July: 1,562,022,000 seconds.
        assert_eq!(received("/Date(1562022000000)/").as_deref(), Ok("2019-07-02"));
    }

    #[test]
    fn the_order_of_day_and_month_is_the_callers() {
        let today = jiff::civil::date(2026, 11, 22);
        let read = |text| read_date(text, DateOf::Birth, DateOrder::MonthDayYear, today);
        assert_eq!(read("03/04/1958").unwrap().to_string(), "1958-03-04");
        assert_eq!(born("03/04/1958").as_deref(), Ok("1958-04-03"));
        assert_eq!(born("03/21/1958"), Err(DateProblem::NoSuchDay));
    }

    #[test]
    fn impossible_dates_are_refused() {
        assert_eq!(born("31/02/1958"), Err(DateProblem::NoSuchDay));
        assert_eq!(born("01/01/2102"), Err(DateProblem::Future));
        assert_eq!(born("2027-01-01"), Err(DateProblem::Future));
        assert_eq!(born("1850"), Err(DateProblem::TooOld));
        for text in ["", "unknown", "1/2/3/4", "21 Brumaire 1958", "٢١/٠٣/١٩٥٨"] {
            assert_eq!(born(text), Err(DateProblem::NotADate), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,30}", digits in "[0-9/.\\- ]{0,14}") {
            drop(born(&text));
            drop(born(&digits));
        }

        #[test]
        fn every_day_reads_back_in_every_form(y in 1930_i16..2010, m in 1_i8..=12, d in 1_i8..=28) {
            let iso = format!("{y:04}-{m:02}-{d:02}");
            for text in [format!("{d}/{m}/{y}"), format!("{d:02}.{m:02}.{:02}", y % 100), iso.clone()] {
                prop_assert_eq!(born(&text), Ok(iso.clone()));
            }
        }
    }
}
