//! The parts of an event that carry a rule of their own.
//!
//! Each type here can only hold what the specification allows, so an [`Event`](super::Event) made
//! of them always has canonical bytes, and never more than 65,536 of them.

use super::EventError;
use crate::Protected;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;

/// Longest word of an event (kind, job, name of a detail), in bytes. `docs/spec/event.md` section 2.
const MAX_WORD_BYTES: usize = 64;

/// Most bytes that the details take when encoded. Whatever else an event holds stays below 1,536,
/// so both together stay within the 65,536 bytes of an event.
pub(super) const MAX_DETAILS_BYTES: usize = 64_000;

fn word(text: &str) -> Result<Arc<str>, EventError> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    if text.is_empty() || text.len() > MAX_WORD_BYTES || !text.bytes().all(allowed) {
        return Err(EventError::NotAWord);
    }
    Ok(Arc::from(text))
}

macro_rules! event_word {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a text of 1 to 64 bytes of `a-z`, `0-9`, `-` and `.`.
            ///
            /// # Errors
            ///
            /// [`EventError::NotAWord`] when it is empty, too long, or holds another character.
            pub fn new(text: &str) -> Result<Self, EventError> {
                word(text).map(Self)
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

event_word! {
    /// What kind of thing happened: words in lower case with dots between, like
    /// `screening.decision.recorded`.
    EventKind
}
event_word! {
    /// A job of the node that acted by itself, like `lists.refresh`.
    JobName
}

/// When something happened: UTC, whole microseconds, not before 1970.
///
/// ```
/// use portcullis_types::{EventError, EventTime};
/// let fine = "2026-03-04T05:06:07.123456789Z".parse()?;
/// assert_eq!(EventTime::new(fine), Err(EventError::FinerThanMicroseconds));
/// assert_eq!(EventTime::rounded_down(fine)?.to_string(), "2026-03-04T05:06:07.123456Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct EventTime(Timestamp);

impl EventTime {
    /// Takes a time that an event can state exactly.
    ///
    /// # Errors
    ///
    /// [`EventError::OutOfRange`], or [`EventError::FinerThanMicroseconds`]: which part to give up
    /// is the caller's choice, see [`EventTime::rounded_down`].
    pub fn new(at: Timestamp) -> Result<Self, EventError> {
        let rounded = Self::rounded_down(at)?;
        if rounded.0 == at { Ok(rounded) } else { Err(EventError::FinerThanMicroseconds) }
    }

    /// Takes a time and gives up what is finer than a microsecond, as a clock's reading needs.
    ///
    /// # Errors
    ///
    /// [`EventError::OutOfRange`] when it lies before 1970 or after 9999.
    pub fn rounded_down(at: Timestamp) -> Result<Self, EventError> {
        if at < Timestamp::UNIX_EPOCH {
            return Err(EventError::OutOfRange);
        }
        Timestamp::from_microsecond(at.as_microsecond())
            .map(Self)
            .map_err(|_| EventError::OutOfRange)
    }

    /// The time.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    pub(super) fn microseconds(self) -> u64 {
        self.0.as_microsecond().unsigned_abs()
    }
}

/// Microseconds since 1970.
impl TryFrom<i64> for EventTime {
    type Error = EventError;
    fn try_from(microseconds: i64) -> Result<Self, EventError> {
        let at = Timestamp::from_microsecond(microseconds).map_err(|_| EventError::OutOfRange)?;
        Self::new(at)
    }
}

/// Microseconds since 1970.
impl From<EventTime> for i64 {
    fn from(at: EventTime) -> Self {
        at.0.as_microsecond()
    }
}

impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A value among the details of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// Text. Protected, because a detail may be a name or a reason.
    Text(Protected),
    /// A whole number of at least 0.
    Number(u64),
    /// Bytes: a digest, a key, a signature.
    Bytes(Vec<u8>),
}

impl Detail {
    fn encoded_bytes(&self) -> usize {
        match self {
            Self::Text(text) => string_bytes(text.reveal().len()),
            Self::Number(number) => head_bytes(*number),
            Self::Bytes(bytes) => string_bytes(bytes.len()),
        }
    }
}

impl From<&str> for Detail {
    fn from(text: &str) -> Self {
        Self::Text(Protected::new(text))
    }
}

impl From<u64> for Detail {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

/// What else there is to know of an event, by name. Takes at most 64,000 bytes when encoded.
///
/// ```
/// use portcullis_types::{Detail, Details};
/// let mut details = Details::new();
/// details.insert("list-entries", 24_743)?;
/// assert_eq!(details.get("list-entries"), Some(&Detail::Number(24_743)));
/// # Ok::<(), portcullis_types::EventError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    // INVARIANT: `encoded_bytes` plus the head of the map is at most MAX_DETAILS_BYTES.
    by_name: BTreeMap<Arc<str>, Detail>,
    encoded_bytes: usize,
}

impl Details {
    /// No details.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a detail. Its name has 1 to 64 bytes of `a-z`, `0-9`, `-` and `.`.
    ///
    /// # Errors
    ///
    /// [`EventError`] when the name is not such a word or is taken, or when the details would grow
    /// beyond 64,000 bytes; they stay as they were.
    pub fn insert(&mut self, name: &str, detail: impl Into<Detail>) -> Result<(), EventError> {
        let (name, detail) = (word(name)?, detail.into());
        let grown = self
            .encoded_bytes
            .saturating_add(string_bytes(name.len()))
            .saturating_add(detail.encoded_bytes());
        if grown.saturating_add(MAX_HEAD_BYTES) > MAX_DETAILS_BYTES {
            return Err(EventError::TooLong);
        }
        match self.by_name.entry(name) {
            Entry::Occupied(_) => return Err(EventError::NameTaken),
            Entry::Vacant(vacant) => vacant.insert(detail),
        };
        self.encoded_bytes = grown;
        Ok(())
    }

    /// The detail of this name.
    pub fn get(&self, name: &str) -> Option<&Detail> {
        self.by_name.get(name)
    }

    /// The text of this name, when there is such a detail and it is text. Protected text.
    pub fn text(&self, name: &str) -> Option<&Protected> {
        match self.get(name) {
            Some(Detail::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// All details, by name in alphabetical order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Detail)> {
        self.by_name.iter().map(|(name, detail)| (name.as_ref(), detail))
    }
}

/// Longest head of a CBOR item (RFC 8949 section 3): one byte and a 64-bit argument.
const MAX_HEAD_BYTES: usize = 9;

/// Length of the head of a CBOR item with this argument in its shortest form.
fn head_bytes(argument: u64) -> usize {
    match argument {
        0..=23 => 1,
        24..=0xff => 2,
        0x100..=0xffff => 3,
        0x1_0000..=0xffff_ffff => 5,
        _ => MAX_HEAD_BYTES,
    }
}

fn string_bytes(length: usize) -> usize {
    head_bytes(length as u64).saturating_add(length)
}
