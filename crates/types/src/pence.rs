//! Money as whole pence.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An amount of money in pence sterling. Never a float.
///
/// Parses what registers print: `£1,234.50`, `1234.5`, `50,000`, `1947.2800`, `-£3.00`. Prints as
/// `£1,234.50`.
///
/// ```
/// use portcullis_types::Pence;
/// let value: Pence = "£11,180.01".parse()?;
/// assert_eq!(value, Pence::new(1_118_001));
/// assert_eq!(value.to_string(), "£11,180.01");
/// # Ok::<(), portcullis_types::PenceError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pence(i64);

/// Why a text is not an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PenceError {
    /// It is not digits with optional `£`, commas and a decimal point.
    #[error("not an amount in pounds; write it like £1,234.50")]
    NotAnAmount,
    /// It has a fraction of a penny.
    #[error("an amount must be in whole pence")]
    FractionOfAPenny,
    /// It is too large to hold.
    #[error("the amount is too large")]
    TooLarge,
}

impl Pence {
    /// An amount of so many pence.
    pub const fn new(pence: i64) -> Self {
        Self(pence)
    }

    /// The number of pence.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The sum, or `None` when it is too large.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

impl FromStr for Pence {
    type Err = PenceError;

    fn from_str(text: &str) -> Result<Self, PenceError> {
        let mut rest = text.trim();
        let mut negative = false;
        if let Some(inner) = rest.strip_prefix('-') {
            negative = true;
            rest = inner.trim_start();
        }
        rest = rest.strip_prefix('£').unwrap_or(rest).trim_start();
        let (pounds, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        if pounds.is_empty()
            || pounds.starts_with(',')
            || !pounds.bytes().all(|b| b.is_ascii_digit() || b == b',')
            || !fraction.bytes().all(|b| b.is_ascii_digit())
            || !commas_group_thousands(pounds)
        {
            return Err(PenceError::NotAnAmount);
        }
        if fraction.bytes().skip(2).any(|b| b != b'0') {
            return Err(PenceError::FractionOfAPenny);
        }
        let digits = pounds
            .chars()
            .filter(|c| *c != ',')
            .chain(fraction.chars().chain("00".chars()).take(2))
            .filter_map(|c| c.to_digit(10));
        let mut pence: i64 = 0;
        for digit in digits {
            // A negative amount is summed downwards, so that nothing has to be negated.
            let digit = i64::from(digit);
            pence = pence
                .checked_mul(10)
                .and_then(|p| if negative { p.checked_sub(digit) } else { p.checked_add(digit) })
                .ok_or(PenceError::TooLarge)?;
        }
        Ok(Self(pence))
    }
}

fn commas_group_thousands(pounds: &str) -> bool {
    let mut groups = pounds.split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    rest.is_empty() || (first.len() <= 3 && rest.iter().all(|g| g.len() == 3))
}

impl fmt::Display for Pence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let pence = self.0.unsigned_abs();
        let pounds = (pence / 100).to_string();
        write!(f, "{sign}£")?;
        for (left, digit) in (1..=pounds.len()).rev().zip(pounds.chars()) {
            if left < pounds.len() && left.is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ".{:02}", pence % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_as_registers_print_them() {
        // Forms from the Electoral Commission's exports (donations 2001-2012, loans 2010-2015).
        for (text, pence) in [
            ("£50,000.00", 5_000_000),
            ("£0.00", 0),
            ("1947.2800", 194_728),
            ("50,000", 5_000_000),
            (" £7 ", 700),
            ("2230.5", 223_050),
            ("-£3.01", -301),
        ] {
            assert_eq!(text.parse(), Ok(Pence::new(pence)), "{text}");
        }
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in ["", "£", "abc", "1,23", "12,34.00", ",5", "1e3", "5,0000", "£1.0x", "٣"] {
            assert_eq!(text.parse::<Pence>(), Err(PenceError::NotAnAmount), "{text}");
        }
        assert_eq!("1.234".parse::<Pence>(), Err(PenceError::FractionOfAPenny));
        assert_eq!("999999999999999999999".parse::<Pence>(), Err(PenceError::TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(pence in -1_000_000_000_000_i64..1_000_000_000_000) {
            prop_assert_eq!(Pence::new(pence).to_string().parse(), Ok(Pence::new(pence)));
        }
    }
}
