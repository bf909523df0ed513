//! The number of a record.

use std::fmt;

/// The number of a record: what decides which key it is sealed under.
///
/// It is below 2^40, the number of leaves of the tree of keys, and says nothing about the record.
///
/// ```
/// use portcullis_keys::RecordNumber;
/// assert_eq!(RecordNumber::new(7).map(RecordNumber::value), Some(7));
/// assert_eq!(RecordNumber::new(1 << 40), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordNumber(u64);

impl RecordNumber {
    /// The greatest number: 2^40 - 1.
    pub const MAX: Self = Self((1 << 40) - 1);

    /// Takes a number; nothing if it is 2^40 or more.
    pub fn new(number: u64) -> Option<Self> {
        (number <= Self::MAX.0).then_some(Self(number))
    }

    /// The number itself.
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl fmt::Display for RecordNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
