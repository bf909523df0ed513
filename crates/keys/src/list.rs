//! The list of what is shredded, as text that is held outside the keyring and the backups.

use crate::number::RecordNumber;
use crate::ranges::Ranges;
use crate::secret::Secret;
use sha2::{Digest as _, Sha256};
use std::fmt::{self, Write as _};
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The first line.
const TITLE: &str = "portcullis-shredded 1";

/// What stands before the text when it is sealed.
const SEAL: &[u8] = b"portcullis-shredded/v1";

/// What is shredded, as of one revision of one keyring.
///
/// As text it is held elsewhere, and replayed after a restore with an older copy of the keyring.
/// It holds numbers only. Its digest finds damage without a key; its seal shows the keyring that
/// nobody else wrote it, since whoever could write one could have any record destroyed.
///
/// ```
/// use portcullis_keys::{Keyring, RecordNumber, ShreddedList};
/// # let mut random = |bytes: &mut [u8]| bytes.fill(7);
/// let mut keyring = Keyring::new(&mut random);
/// let older = keyring.clone();
/// let record = RecordNumber::new(17).ok_or("too great")?;
/// keyring.shred(record);
/// let held_elsewhere = keyring.shredded_list().to_text();
///
/// let mut restored = older;
/// restored.replay(&held_elsewhere.parse()?)?;
/// assert!(restored.is_shredded(record));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ShreddedList {
    keyring: [u8; 16],
    revision: u64,
    ranges: Ranges,
    seal: [u8; 32],
}

/// Why a text is no list of what is shredded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ShreddedListError {
    /// It does not begin like one.
    #[error("this is no list of what is shredded: its first line is not `{TITLE}`")]
    NotAList,
    /// Its digest does not fit.
    #[error("the list is damaged or cut off: its digest does not fit; use another copy of it")]
    Digest,
    /// A line is not as specified.
    #[error("line `{line}` of the list is not as specified; it was not made by this program")]
    Line {
        /// The line, counted from 1.
        line: usize,
    },
}

/// Why a list was not replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// It is of another keyring.
    #[error("the list is of another keyring; replaying it would destroy the wrong records")]
    OtherKeyring,
    /// Its seal was not made by this keyring.
    #[error("the seal of the list does not fit: somebody else wrote it; use another copy of it")]
    Seal,
}

impl ShreddedList {
    pub(crate) fn new(keyring: [u8; 16], revision: u64, ranges: Ranges, key: &Secret) -> Self {
        let mut list = Self { keyring, revision, ranges, seal: [0; 32] };
        list.seal = key.hmac(&[SEAL, list.body().as_bytes()]);
        list
    }

    /// The revision of the keyring that gave it out.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What is shredded, as ranges in order that do not touch.
    pub fn ranges(&self) -> impl Iterator<Item = RangeInclusive<u64>> {
        self.ranges.iter()
    }

    /// The list as text.
    pub fn to_text(&self) -> String {
        let mut text = self.body();
        push_hex(&mut text, "seal", &self.seal);
        let digest = Sha256::digest(text.as_bytes());
        push_hex(&mut text, "digest", &digest);
        text
    }

    /// Reads a list.
    ///
    /// # Errors
    /// Says so when the text is no list, was damaged, or is not as specified.
    pub fn parse(text: &str) -> Result<Self, ShreddedListError> {
        if text.lines().next() != Some(TITLE) {
            return Err(ShreddedListError::NotAList);
        }
        let at = text.rfind("digest ").ok_or(ShreddedListError::Digest)?;
        let (before, digest) = text.split_at(at);
        let mut expected = String::new();
        push_hex(&mut expected, "digest", &Sha256::digest(before.as_bytes()));
        if digest != expected {
            return Err(ShreddedListError::Digest);
        }
        let mut reader = Reader { lines: before.lines(), number: 1 };
        reader.lines.next();
        let list = reader.read();
        let line = reader.number;
        list.filter(|list| list.to_text() == text).ok_or(ShreddedListError::Line { line })
    }

    pub(crate) fn check(&self, keyring: &[u8; 16], key: &Secret) -> Result<(), ReplayError> {
        if self.keyring != *keyring {
            return Err(ReplayError::OtherKeyring);
        }
        let is_ours = key.is_hmac(&[SEAL, self.body().as_bytes()], &self.seal);
        is_ours.then_some(()).ok_or(ReplayError::Seal)
    }

    /// The text without its seal and its digest.
    fn body(&self) -> String {
        let mut text = format!("{TITLE}\n");
        push_hex(&mut text, "keyring", &self.keyring);
        push(&mut text, format_args!("revision {}\n", self.revision));
        for range in self.ranges.iter() {
            if range.start() == range.end() {
                push(&mut text, format_args!("{}\n", range.start()));
            } else {
                push(&mut text, format_args!("{}-{}\n", range.start(), range.end()));
            }
        }
        text
    }
}

fn push(text: &mut String, line: fmt::Arguments<'_>) {
    text.write_fmt(line).expect("writing to a string does not fail");
}

fn push_hex(text: &mut String, name: &str, bytes: &[u8]) {
    push(text, format_args!("{name} "));
    for byte in bytes {
        push(text, format_args!("{byte:02x}"));
    }
    text.push('\n');
}

/// Goes through the lines and counts them.
struct Reader<'a> {
    lines: std::str::Lines<'a>,
    number: usize,
}

impl<'a> Reader<'a> {
    /// The list, its form not yet compared with what is written for it.
    fn read(&mut self) -> Option<ShreddedList> {
        let keyring = hex(self.next()?.strip_prefix("keyring ")?)?;
        let revision = self.next()?.strip_prefix("revision ")?.parse().ok()?;
        let mut ranges = Ranges::default();
        loop {
            let line = self.next()?;
            if let Some(seal) = line.strip_prefix("seal ") {
                return Some(ShreddedList { keyring, revision, ranges, seal: hex(seal)? });
            }
            let (first, last) = line.split_once('-').unwrap_or((line, line));
            let range = first.parse().ok()?..=last.parse().ok()?;
            let is_new = *range.end() <= RecordNumber::MAX.value() && ranges.insert(&range);
            is_new.then_some(())?;
        }
    }

    fn next(&mut self) -> Option<&'a str> {
        self.number = self.number.saturating_add(1);
        self.lines.next()
    }
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    (pairs.len() == N && rest.is_empty()).then_some(())?;
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

impl FromStr for ShreddedList {
    type Err = ShreddedListError;

    fn from_str(text: &str) -> Result<Self, ShreddedListError> {
        Self::parse(text)
    }
}

impl fmt::Debug for ShreddedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShreddedList").field("revision", &self.revision).finish_non_exhaustive()
    }
}
