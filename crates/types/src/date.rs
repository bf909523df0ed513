//! Dates that know how precise they are.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How finely a date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// To the day.
    Day,
    /// To the month.
    Month,
    /// To the year.
    Year,
    /// Only that it lies between two dates.
    Span,
}

/// Whether a date may be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// The source states it without reserve.
    None,
    /// The source says "circa" or "approximately" (ISO 8601-2 `~`).
    Circa,
    /// It may stand for "unknown", as 1 January often does where only the year is known
    /// (ISO 8601-2 `?`).
    MayBeDefault,
}

/// A date with its precision and doubt, from year 1 to 9999.
///
/// Written in the Extended Date/Time Format of ISO 8601-2:2019, level 1: `1958`, `1958-03`,
/// `1958-03-21`, `1958~` (circa), `1958-01-01?` (uncertain), `1956/1958` (between).
///
/// ```
/// use portcullis_types::{PartialDate, Precision};
/// let date: PartialDate = "1958-03".parse()?;
/// assert_eq!(date.precision(), Precision::Month);
/// assert_eq!(date.earliest().to_string(), "1958-03-01");
/// assert_eq!(date.latest().to_string(), "1958-03-31");
/// assert_eq!(date.to_string(), "1958-03");
/// # Ok::<(), portcullis_types::DateError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PartialDate {
    earliest: Date,
    latest: Date,
    precision: Precision,
    doubt: Doubt,
}

/// Why something is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DateError {
    /// The text is not of the form `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, optionally `~` or `?`, or two of
    /// these with `/` between.
    #[error("not a date; write it like 1958-03-21, 1958-03 or 1958")]
    NotADate,
    /// The calendar has no such day.
    #[error("there is no such day in the calendar")]
    NoSuchDay,
    /// The end of a span lies before its beginning.
    #[error("the span ends before it begins")]
    BackwardSpan,
}

impl PartialDate {
    /// A day.
    ///
    /// # Errors
    ///
    /// [`DateError::NoSuchDay`] when the calendar has no such day.
    pub fn day(year: i16, month: i8, day: i8) -> Result<Self, DateError> {
        let date = Date::new(year, month, day).map_err(|_| DateError::NoSuchDay)?;
        if year < 1 {
            return Err(DateError::NoSuchDay);
        }
        Ok(Self { earliest: date, latest: date, precision: Precision::Day, doubt: Doubt::None })
    }

    /// A month.
    ///
    /// # Errors
    ///
    /// [`DateError::NoSuchDay`] when there is no such month.
    pub fn month(year: i16, month: i8) -> Result<Self, DateError> {
        let first = Self::day(year, month, 1)?.earliest;
        Ok(Self {
            earliest: first,
            latest: first.last_of_month(),
            precision: Precision::Month,
            doubt: Doubt::None,
        })
    }

    /// A year.
    ///
    /// # Errors
    ///
    /// [`DateError::NoSuchDay`] when the year is not from 1 to 9999.
    pub fn year(year: i16) -> Result<Self, DateError> {
        let first = Self::day(year, 1, 1)?.earliest;
        Ok(Self {
            earliest: first,
            latest: first.last_of_year(),
            precision: Precision::Year,
            doubt: Doubt::None,
        })
    }

    /// Some time between two dates, both included.
    ///
    /// # Errors
    ///
    /// [`DateError::BackwardSpan`] when the second lies before the first.
    pub fn span(from: Self, to: Self) -> Result<Self, DateError> {
        if to.latest < from.earliest {
            return Err(DateError::BackwardSpan);
        }
        Ok(Self {
            earliest: from.earliest,
            latest: to.latest,
            precision: Precision::Span,
            doubt: from.doubt.max(to.doubt),
        })
    }

    /// The same date, marked as approximate by its source.
    #[must_use]
    pub fn circa(self) -> Self {
        Self { doubt: Doubt::Circa, ..self }
    }

    /// The same date, marked as one that may stand for "unknown".
    #[must_use]
    pub fn may_be_default(self) -> Self {
        Self { doubt: Doubt::MayBeDefault, ..self }
    }

    /// The first day it can be.
    pub fn earliest(&self) -> Date {
        self.earliest
    }

    /// The last day it can be.
    pub fn latest(&self) -> Date {
        self.latest
    }

    /// How finely it is known.
    pub fn precision(&self) -> Precision {
        self.precision
    }

    /// Whether it may be relied on.
    pub fn doubt(&self) -> Doubt {
        self.doubt
    }

    fn parse_one(text: &str) -> Result<Self, DateError> {
        let (body, doubt) = if let Some(body) = text.strip_suffix('~') {
            (body, Doubt::Circa)
        } else if let Some(body) = text.strip_suffix('?') {
            (body, Doubt::MayBeDefault)
        } else {
            (text, Doubt::None)
        };
        let number = |part: &str, width: usize| -> Result<i16, DateError> {
            if part.len() == width && part.bytes().all(|b| b.is_ascii_digit()) {
                part.parse().map_err(|_| DateError::NotADate)
            } else {
                Err(DateError::NotADate)
            }
        };
        let small = |part: &str| -> Result<i8, DateError> {
            number(part, 2).and_then(|n| i8::try_from(n).map_err(|_| DateError::NotADate))
        };
        let mut parts = body.split('-');
        let year = number(parts.next().unwrap_or_default(), 4)?;
        let date = match (parts.next(), parts.next(), parts.next()) {
            (None, _, _) => Self::year(year)?,
            (Some(month), None, _) => Self::month(year, small(month)?)?,
            (Some(month), Some(day), None) => Self::day(year, small(month)?, small(day)?)?,
            _ => return Err(DateError::NotADate),
        };
        Ok(Self { doubt, ..date })
    }
}

impl FromStr for PartialDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        match text.split_once('/') {
            Some((from, to)) => Self::span(Self::parse_one(from)?, Self::parse_one(to)?),
            None => Self::parse_one(text),
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.doubt {
            Doubt::None => "",
            Doubt::Circa => "~",
            Doubt::MayBeDefault => "?",
        };
        let (a, b) = (self.earliest, self.latest);
        match self.precision {
            Precision::Day => write!(f, "{a}{mark}"),
            Precision::Month => write!(f, "{:04}-{:02}{mark}", a.year(), a.month()),
            Precision::Year => write!(f, "{:04}{mark}", a.year()),
            Precision::Span => {
                let whole_years = a == a.first_of_year() && b == b.last_of_year();
                if whole_years {
                    write!(f, "{:04}{mark}/{:04}{mark}", a.year(), b.year())
                } else {
                    write!(f, "{a}{mark}/{b}{mark}")
                }
            }
        }
    }
}

impl TryFrom<String> for PartialDate {
    type Error = DateError;
    fn try_from(text: String) -> Result<Self, DateError> {
        text.parse()
    }
}

impl From<PartialDate> for String {
    fn from(date: PartialDate) -> Self {
        date.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_of_iso_8601_2_level_1_read_back() {
        // Examples in the notation of ISO 8601-2:2019 section 8 (level 1).
        for text in
            ["1985", "1985-04", "1985-04-12", "1984?", "2004-06~", "1985-04-12?", "1964/2008"]
        {
            assert_eq!(text.parse::<PartialDate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in ["", "58", "1958-3", "1958-03-21-01", "00/00/1980", "١٩٥٨", "1958 ", "~"] {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
        assert_eq!("1958-02-30".parse::<PartialDate>(), Err(DateError::NoSuchDay));
        assert_eq!("0000".parse::<PartialDate>(), Err(DateError::NoSuchDay));
        assert_eq!("1960/1958".parse::<PartialDate>(), Err(DateError::BackwardSpan));
    }

    proptest! {
        #[test]
        fn any_day_reads_back(y in 1_i16..=9999, m in 1_i8..=12, d in 1_i8..=28, c in any::<bool>()) {
            let mut date = PartialDate::day(y, m, d).unwrap();
            if c { date = date.circa(); }
            prop_assert_eq!(date.to_string().parse::<PartialDate>(), Ok(date));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC{0,24}") {
            let _ = text.parse::<PartialDate>();
        }
    }
}
