//! Texts with limits. What is written about people is protected: it has no `Display`, and its
//! `Debug` hides it.

use crate::codec::{Field, Stop, Written};
use minicbor::{Decoder, Encoder};
use portcullis_types::Protected;
use std::fmt;
use std::str::FromStr;

/// Bytes of a line, at most.
const MOST_LINE_BYTES: usize = 500;

/// Bytes of prose, at most.
const MOST_PROSE_BYTES: usize = 20_000;

/// Bytes of an office, at most.
const MOST_OFFICE_BYTES: usize = 120;

/// Bytes of a word, at most.
const MOST_WORD_BYTES: usize = 64;

/// Why a text was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// It is empty.
    #[error("write something here")]
    Empty,
    /// It is too long.
    #[error("shorten this to {most} bytes, it has {length_bytes}")]
    TooLong {
        /// How long it may be.
        most: usize,
        /// How long it is.
        length_bytes: usize,
    },
    /// It has white space at an end.
    #[error("take away the white space at the beginning and at the end")]
    Untrimmed,
    /// It holds characters that do not show, or that change how the others read.
    #[error("type this anew instead of copying it: it holds characters that do not show")]
    Hidden,
    /// It is no word.
    #[error("use 1 to {MOST_WORD_BYTES} characters of a-z, 0-9, `-` and `.`")]
    NotAWord,
}

/// One protected line: a name, an address, a telephone number. Never empty.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line(Protected);

/// Protected text of any number of lines. It may be empty while somebody is writing; whether it may
/// stay so, the thing that it is part of says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prose(Protected);

/// An office that somebody holds, and in which he acts: "head of compliance". It is no person's name, and
/// so it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Office(Box<str>);

/// A short name for a machine: the scheme of an identifier, the id of a provision.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(Box<str>);

impl Line {
    /// Takes a line.
    ///
    /// # Errors
    /// [`TextError`] when it is empty, longer than 500 bytes, has white space at an end, or holds
    /// characters that do not show.
    pub fn new(text: &str) -> Result<Self, TextError> {
        one_line(text, MOST_LINE_BYTES)?;
        Ok(Self(text.into()))
    }

    /// The text, for somebody entitled to see it.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

impl Prose {
    /// Takes a text.
    ///
    /// # Errors
    /// [`TextError`] when it is longer than 20,000 bytes, has white space at an end, or holds
    /// characters that do not show.
    pub fn new(text: &str) -> Result<Self, TextError> {
        checked(text, MOST_PROSE_BYTES, |c| c == '\n')?;
        Ok(Self(text.into()))
    }

    /// The text, for somebody entitled to see it.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    /// Whether nothing is written yet.
    pub fn is_empty(&self) -> bool {
        self.reveal().is_empty()
    }
}

impl Office {
    /// Takes an office.
    ///
    /// # Errors
    /// [`TextError`] when it is empty, longer than 120 bytes, has white space at an end, or holds
    /// characters that do not show.
    pub fn new(text: &str) -> Result<Self, TextError> {
        one_line(text, MOST_OFFICE_BYTES)?;
        Ok(Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Word {
    /// Takes a word.
    ///
    /// # Errors
    /// [`TextError::NotAWord`] when it is none.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
        if (1..=MOST_WORD_BYTES).contains(&text.len()) && text.bytes().all(allowed) {
            return Ok(Self(text.into()));
        }
        Err(TextError::NotAWord)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn one_line(text: &str, most: usize) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    checked(text, most, |_| false)
}

fn checked(text: &str, most: usize, may_stand: impl Fn(char) -> bool) -> Result<(), TextError> {
    if text.len() > most {
        return Err(TextError::TooLong { most, length_bytes: text.len() });
    }
    if text.trim() != text {
        return Err(TextError::Untrimmed);
    }
    if text.chars().any(|c| is_hidden(c) && !may_stand(c)) {
        return Err(TextError::Hidden);
    }
    Ok(())
}

/// Control characters, those that turn the direction of writing, and those without width, but for
/// the two joiners that Persian and Indian names are written with.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line(…)")
    }
}

impl fmt::Debug for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "Prose()" } else { "Prose(…)" })
    }
}

impl fmt::Display for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! text {
    ($($name:ident, $most:literal, $show:ident;)*) => {$(
        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::new(text)
            }
        }

        impl Field for $name {
            const MOST: usize = $most;

            fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
                e.str(self.$show()).map(drop)
            }

            fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
                Self::new(d.str()?).map_err(|_| Stop::NotAllowed)
            }
        }
    )*};
}

text! {
    Line, 100, reveal;
    Prose, 100, reveal;
    Office, 100, as_str;
    Word, 100, as_str;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_line_without_what_does_not_show() {
        for good in ["Orsolya Testwick", "علی\u{200c}رضا", "Œuvre", "a"] {
            assert!(Line::new(good).is_ok(), "{good}");
        }
        assert_eq!(Line::new(""), Err(TextError::Empty));
        assert_eq!(Line::new(" a"), Err(TextError::Untrimmed));
        for bad in ["a\nb", "a\u{202e}b", "a\u{200b}b", "a\u{2066}b", "a\u{feff}b", "a\0b"] {
            assert_eq!(Line::new(bad), Err(TextError::Hidden), "{bad:?}");
        }
        let long = "a".repeat(501);
        assert_eq!(Line::new(&long), Err(TextError::TooLong { most: 500, length_bytes: 501 }));
        assert!(Line::new(&long[1..]).is_ok());
    }

    #[test]
    fn prose_has_lines_and_may_be_empty() {
        assert!(Prose::new("first\nsecond").is_ok());
        assert!(Prose::new("").unwrap().is_empty());
        assert_eq!(Prose::new("a\rb"), Err(TextError::Hidden));
        assert!(Prose::new(&"a".repeat(20_000)).is_ok());
        assert!(Prose::new(&"a".repeat(20_001)).is_err());
    }

    #[test]
    fn what_is_protected_does_not_show() {
        let shown = format!("{:?} {:?}", Line::new("Testwick").unwrap(), Prose::new("x").unwrap());
        assert_eq!(shown, "Line(…) Prose(…)");
    }

    #[test]
    fn a_word_has_the_letters_of_the_specification() {
        assert!(Word::new("companies-house").is_ok());
        for bad in ["", "A", "a b", "ä", "a_b", &"a".repeat(65)] {
            assert_eq!(Word::new(bad), Err(TextError::NotAWord), "{bad}");
        }
    }
}
