//! The text of a key file.

use crate::bech32m::{self, Bech32mError};
use crate::file::Unlock;
use crate::secret::SECRET_BYTES;
use std::fmt;
use zeroize::Zeroizing;

/// What the line of a key begins with; the separator `1` of Bech32m follows.
const PREFIX: &str = "portcullis-key-";

/// Thirty-two bytes in characters of five bits, and the checksum.
const LINE_CHARACTERS: usize = PREFIX.len() + 1 + 52 + 6;

/// A key file: the key that opens a keyring, as a line of text with a checksum.
///
/// ```
/// use portcullis_keys::KeyFileText;
/// # let mut random = |bytes: &mut [u8]| bytes.fill(7);
/// let made = KeyFileText::make(&mut random);
/// assert!(made.reveal().starts_with("portcullis-key-1"));
/// let read: KeyFileText = made.reveal().parse()?;
/// assert_eq!(read.key(), made.key());
/// assert_eq!(format!("{made:?}"), "KeyFileText(…)");
/// # Ok::<(), portcullis_keys::KeyFileError>(())
/// ```
///
/// ```compile_fail,E0277
/// fn show(text: portcullis_keys::KeyFileText) {
///     println!("{text}"); // KeyFileText has no Display
/// }
/// ```
#[derive(Clone)]
pub struct KeyFileText {
    key: Zeroizing<[u8; SECRET_BYTES]>,
    line: Zeroizing<String>,
}

/// Why a text is no key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// No line of it is a key.
    #[error("this is no key file: no line of it begins with `portcullis-key-1`")]
    NotAKey,
    /// More than one line is a key, or something else.
    #[error("a key file has one line, and lines that begin with `#`; line `{line}` is one more")]
    MoreLines {
        /// The line, counted from 1.
        line: usize,
    },
    /// A character occurs in no key.
    #[error("the character in place `{position}` of the key occurs in no key; look for a slip")]
    Character {
        /// Its place in the line, counted from 1.
        position: usize,
    },
    /// It is too long or too short.
    #[error("a key has `{expected}` characters, and this one has `{found}`; look for a slip")]
    Length {
        /// How many it has.
        found: usize,
        /// How many it must have.
        expected: usize,
    },
    /// Its checksum does not fit.
    #[error("the checksum of the key does not fit: a character was mistyped; look for a slip")]
    Checksum,
}

impl KeyFileText {
    /// A key file with a new key.
    pub fn make(random: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut key = Zeroizing::new([0; SECRET_BYTES]);
        random(key.as_mut_slice());
        let line = bech32m::encode(PREFIX, key.as_slice());
        Self { key, line }
    }

    /// The line of the key, for writing it to the file or showing it to whoever makes it.
    pub fn reveal(&self) -> &str {
        &self.line
    }

    /// The key itself.
    pub fn key(&self) -> Zeroizing<[u8; SECRET_BYTES]> {
        self.key.clone()
    }

    /// What opens a keyring with this key.
    pub fn unlock(&self) -> Unlock {
        Unlock::KeyFile(self.key())
    }
}

impl std::str::FromStr for KeyFileText {
    type Err = KeyFileError;

    /// Reads a key file. White space around lines, empty lines and lines that begin with `#` are
    /// passed over.
    fn from_str(text: &str) -> Result<Self, KeyFileError> {
        let mut lines = (1..).zip(text.lines().map(str::trim));
        let mut lines = lines.by_ref().filter(|(_, l)| !l.is_empty() && !l.starts_with('#'));
        let (_, line) = lines.next().ok_or(KeyFileError::NotAKey)?;
        if let Some((line, _)) = lines.next() {
            return Err(KeyFileError::MoreLines { line });
        }
        let bytes = bech32m::decode(PREFIX, line);
        let found = line.chars().count();
        let length = KeyFileError::Length { found, expected: LINE_CHARACTERS };
        let bytes = bytes.map_err(|error| match error {
            Bech32mError::Prefix => KeyFileError::NotAKey,
            Bech32mError::Character { position } => KeyFileError::Character { position },
            _ if found != LINE_CHARACTERS => length,
            Bech32mError::Checksum | Bech32mError::Padding => KeyFileError::Checksum,
        })?;
        let mut key = Zeroizing::new([0; SECRET_BYTES]);
        if bytes.len() != SECRET_BYTES {
            return Err(length);
        }
        key.copy_from_slice(&bytes);
        Ok(Self { key, line: Zeroizing::new(line.to_owned()) })
    }
}

impl fmt::Debug for KeyFileText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyFileText(…)")
    }
}
