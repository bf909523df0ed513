//! Dates as publishers write them, to [`PartialDate`]s that keep precision and doubt.

use portcullis_types::{DateError, PartialDate};

/// Which of two numbers comes first in "03/04/1958".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    DayFirst,
    MonthFirst,
}

/// Reads a date in any of the forms of the published lists:
/// `14/03/1958`, `00/00/1980`, `dd/mm/1962`, `dd/08/1970`, `1958-03-14T00:00:00`, `1958-03`,
/// `14.3.1958`, `14 Mar 1958`, `24-Feb-2025`, `Mar 1958`, `1958`, `circa 1960`,
/// `1958 to 1960`, `circa 1959-1962`.
pub(crate) fn read(text: &str, order: Order) -> Option<PartialDate> {
    let text = text.trim().trim_end_matches(['.', ',', ';']).trim();
    if text.is_empty() || text.len() > 64 || !text.is_ascii() {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    for mark in [
        "circa ",
        "circa-",
        "c. ",
        "approximately ",
        "approx. ",
        "approx ",
        "about ",
        "around ",
        "ca. ",
    ] {
        if let Some(rest) = lower.strip_prefix(mark) {
            return read(rest, order).map(PartialDate::circa);
        }
    }
    for between in [" to ", " - ", " and "] {
        if let Some((from, to)) = lower.split_once(between) {
            let from = from.strip_prefix("between ").unwrap_or(from);
            return span(one(from, order)?, one(to, order)?).ok();
        }
    }
    one(&lower, order).or_else(|| {
        let (from, to) = lower.split_once('-')?;
        let whole_years = [from, to].iter().all(|y| y.len() == 4);
        if whole_years { span(one(from, order)?, one(to, order)?).ok() } else { None }
    })
}

/// As [`read`], for a birth date: 1 January is marked as one that may stand for "unknown".
pub(crate) fn read_birth(text: &str, order: Order) -> Option<PartialDate> {
    read(text, order).map(crate::ftm::doubted_default)
}

/// From year, month and day in columns of their own; what is no number counts as unknown.
pub(crate) fn from_parts(year: &str, month: &str, day: &str) -> Option<PartialDate> {
    build(year.trim().parse().ok()?, unknown_or(month), unknown_or(day))
}

/// Some time between two dates; one date when both are the same.
pub(crate) fn span(from: PartialDate, to: PartialDate) -> Result<PartialDate, DateError> {
    if from == to { Ok(from) } else { PartialDate::span(from, to) }
}

/// 0 where a part of the date is unknown: "dd", "00", "".
fn unknown_or(part: &str) -> i8 {
    part.trim().parse().unwrap_or(0)
}

fn build(year: i16, month: i8, day: i8) -> Option<PartialDate> {
    if !(1000..=9999).contains(&year) {
        return None;
    }
    match (month, day) {
        (0, _) => PartialDate::year(year),
        (m, 0) => PartialDate::month(year, m),
        (m, d) => PartialDate::day(year, m, d),
    }
    .ok()
}

fn one(text: &str, order: Order) -> Option<PartialDate> {
    let text = text.trim();
    let text = match text.as_bytes().get(10) {
        // "2015-07-01-04:00": the offset of a time zone.
        Some(b'-' | b'+' | b'z') if text.as_bytes().get(7) == Some(&b'-') => {
            text.get(..10).unwrap_or(text)
        }
        // "1958-03-14T00:00:00", "12/31/1999 00:00:00"
        Some(b't' | b' ') if text.as_bytes().first()?.is_ascii_digit() => {
            text.get(..10).filter(|day| !day.contains(' ')).unwrap_or(text)
        }
        _ => text,
    };
    let parts: Vec<&str> =
        text.split(['/', '-', '.', ' ', ',']).filter(|part| !part.is_empty()).collect();
    let known = |part: &str| {
        part.bytes().all(|b| b.is_ascii_digit()) || part.bytes().all(|b| matches!(b, b'd' | b'm'))
    };
    match *parts.as_slice() {
        [year] if year.len() == 4 => build(year.parse().ok()?, 0, 0),
        [a, b] if b.len() == 4 => build(b.parse().ok()?, month(a)?, 0),
        [a, b] if a.len() == 4 => build(a.parse().ok()?, month(b)?, 0),
        [a, b, c] if a.len() == 4 && known(b) && known(c) => {
            build(a.parse().ok()?, unknown_or(b), unknown_or(c))
        }
        [a, b, c] if c.len() == 4 && known(a) && known(b) && a.len() <= 2 && b.len() <= 2 => {
            let (day, month) = if order == Order::DayFirst { (a, b) } else { (b, a) };
            build(c.parse().ok()?, unknown_or(month), unknown_or(day))
        }
        [day, name, year] if year.len() == 4 && known(day) && day.len() <= 2 => {
            build(year.parse().ok()?, month_name(name)?, unknown_or(day))
        }
        [name, day, year] if year.len() == 4 && known(day) && day.len() <= 2 => {
            build(year.parse().ok()?, month_name(name)?, unknown_or(day))
        }
        _ => None,
    }
}

fn month(text: &str) -> Option<i8> {
    match text.parse() {
        Ok(number) if text.len() <= 2 => Some(number),
        _ if text == "mm" => Some(0),
        _ => month_name(text),
    }
}

/// The number of a month that is written as a word or its beginning, in small letters.
pub(crate) fn month_name(text: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    if text.len() < 3 {
        return None;
    }
    let position = NAMES
        .iter()
        .position(|name| name.starts_with(text) || text == "sept" && *name == "september")?;
    i8::try_from(position + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_published_form_keeps_precision_and_doubt() {
        for (text, expected) in [
            ("14/03/1958", "1958-03-14"),
            ("00/00/1980", "1980"),
            ("dd/mm/1962", "1962"),
            ("dd/08/1970", "1970-08"),
            ("00/08/1970", "1970-08"),
            ("1958-03-14T00:00:00", "1958-03-14"),
            ("1958-03-14", "1958-03-14"),
            ("1958-03-14-04:00", "1958-03-14"),
            ("1958-03", "1958-03"),
            ("14.3.1958", "1958-03-14"),
            ("14 Mar 1958", "1958-03-14"),
            ("24-Feb-2025", "2025-02-24"),
            ("Mar 1958", "1958-03"),
            ("1958", "1958"),
            ("circa 1960", "1960~"),
            ("circa 14 Mar 1958", "1958-03-14~"),
            ("1958 to 1960", "1958/1960"),
            ("01 Jan 1958 to 31 Dec 1960", "1958/1960"),
            ("circa 1959-1962", "1959~/1962~"),
            ("Mar 1958 to Apr 1958", "1958-03-01/1958-04-30"),
        ] {
            let found = read(text, Order::DayFirst).map(|d| d.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        let american = read("03/14/1958", Order::MonthFirst).map(|d| d.to_string());
        assert_eq!(american.as_deref(), Some("1958-03-14"));
    }

    #[test]
    fn a_first_of_january_is_doubted_as_a_birth_date() {
        let date = read_birth("01/01/1958", Order::DayFirst).unwrap();
        assert_eq!(date.to_string(), "1958-01-01?");
    }

    #[test]
    fn what_is_no_date_is_not_guessed() {
        for text in [
            "",
            "unknown",
            "31/02/1958",
            "14/13/1958",
            "58",
            "14/03/58",
            "1958 or 1959",
            "0000",
            "approximately",
        ] {
            assert_eq!(read(text, Order::DayFirst), None, "{text}");
        }
    }

    #[test]
    fn parts_in_columns_of_their_own_make_a_date() {
        let text = |y, m, d| from_parts(y, m, d).map(|date| date.to_string());
        assert_eq!(text("1967", "01", "01").as_deref(), Some("1967-01-01"));
        assert_eq!(text("1968", "", "").as_deref(), Some("1968"));
        assert_eq!(text("1968", "04", "").as_deref(), Some("1968-04"));
        assert_eq!(text("", "04", "02"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}") {
            let _ = read(&text, Order::DayFirst);
        }

        #[test]
        fn nearly_a_date_makes_no_panic(text in "[0-9/ .dmtcircaJMar-]{0,24}") {
            let _ = read(&text, Order::MonthFirst);
        }
    }
}
