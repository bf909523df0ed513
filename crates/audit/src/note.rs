//! Signed notes (C2SP signed-note): text, an empty line, signature lines.

use crate::encoding::{self, take_line};
use crate::key::{KeyKind, KeyName, VerifierKey};
use std::fmt;

/// Bytes of a note, at most. 16 post-quantum signatures, which every reader must take, need about
/// 110,000.
pub(crate) const LONGEST: usize = 1_000_000;
/// Signatures on a note, at most (as golang.org/x/mod/sumdb/note has it).
const MOST_SIGNATURES: usize = 100;
/// What a signature line begins with: an em dash and a space.
const DASH: &str = "\u{2014} ";

/// Why bytes are no signed note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoteError {
    /// It is longer than a note may be.
    #[error("the note has more than 1000000 bytes")]
    TooLong {},
    /// It is not UTF-8, or has a control character other than newline.
    #[error("the note is not UTF-8 without control characters")]
    Text {},
    /// No empty line sets the text apart from the signatures, or the text is empty.
    #[error("the note has no text that an empty line sets apart from its signatures")]
    Form {},
    /// A signature line is malformed, or there are none or too many.
    #[error("signature line {line} of the note is malformed")]
    Signature {
        /// Which, from 1; one more than there are when one is missing.
        line: usize,
    },
}

/// Why a note is not signed as it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// A signature that says it is by a known key is not.
    #[error("the signature of `{name}` is not valid; the note was altered or is forged")]
    Invalid {
        /// The name of the key.
        name: KeyName,
    },
    /// No known key has signed.
    #[error("the note is not signed by any key that is known here")]
    Unknown {},
}

/// One signature line of a note, which says who made it but is not yet believed.
#[derive(Clone, PartialEq, Eq)]
pub struct SignatureLine {
    name: KeyName,
    id: u32,
    signature: Vec<u8>,
}

impl SignatureLine {
    pub(crate) const fn new(name: KeyName, id: u32, signature: Vec<u8>) -> Self {
        Self { name, id, signature }
    }

    /// The name of the key that is said to have made it.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// The id of that key.
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// The signature without the key id.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// Reads one line, without its newline.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = encoding::decode(signature)?;
        let (id, signature) = bytes.split_first_chunk()?;
        if signature.is_empty() {
            return None;
        }
        let name = name.parse().ok()?;
        Some(Self::new(name, u32::from_be_bytes(*id), signature.to_vec()))
    }
}

impl fmt::Display for SignatureLine {
    /// The line without its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.id.to_be_bytes().to_vec();
        bytes.extend(&self.signature);
        write!(f, "{DASH}{} {}", self.name, encoding::encode(&bytes))
    }
}

impl fmt::Debug for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignatureLine({self})")
    }
}

/// A note with its signatures. Its text is not to be believed before it is
/// [verified](Self::verify).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// INVARIANT: ends with a newline and is more than that; no control characters else.
    text: String,
    signatures: Vec<SignatureLine>,
}

impl Note {
    /// A note that is yet to be signed. The text must end with a newline.
    ///
    /// # Errors
    /// When the text cannot be that of a note.
    pub fn new(text: impl Into<String>) -> Result<Self, NoteError> {
        let text = text.into();
        if text.len() > LONGEST {
            return Err(NoteError::TooLong {});
        }
        if !printable(&text) {
            return Err(NoteError::Text {});
        }
        if !text.ends_with('\n') || text == "\n" {
            return Err(NoteError::Form {});
        }
        Ok(Self { text, signatures: Vec::new() })
    }

    /// Reads a note. Only the form in which [`Display`](fmt::Display) writes it is taken.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > LONGEST {
            return Err(NoteError::TooLong {});
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Text {})?;
        let at = whole.rfind("\n\n").ok_or(NoteError::Form {})?;
        let (text, rest) = whole.split_at(at + 1);
        let mut note = Self::new(text)?;
        let mut rest = rest.strip_prefix('\n').unwrap_or(rest);
        while !rest.is_empty() || note.signatures.is_empty() {
            let line = note.signatures.len() + 1;
            let parsed = take_line(&mut rest).and_then(SignatureLine::parse);
            let parsed = parsed.filter(|_| line <= MOST_SIGNATURES);
            note.signatures.push(parsed.ok_or(NoteError::Signature { line })?);
        }
        Ok(note)
    }

    /// The text that is signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Adds a signature line, in the place of one by the same key.
    pub fn add(&mut self, line: SignatureLine) {
        let same = |other: &&mut SignatureLine| other.id == line.id && other.name == line.name;
        match self.signatures.iter_mut().find(same) {
            Some(place) => *place = line,
            None => self.signatures.push(line),
        }
    }

    /// Which of these log keys have signed the text. Cosigning keys are passed over: what they sign
    /// is a checkpoint with a time (see [`crate::Cosignature`]).
    ///
    /// # Errors
    /// When a signature that says it is by one of the keys is not valid, whatever other signatures
    /// there are, or when none of the keys has signed.
    pub fn verify<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Vec<&'k VerifierKey>, SignatureError> {
        let mut found = Vec::new();
        for key in keys.into_iter().filter(|key| key.kind() == KeyKind::Log) {
            let mut lines = self.signatures.iter().filter(|line| key.made(line)).peekable();
            if lines.peek().is_none() {
                continue;
            }
            let valid = |line: &SignatureLine| {
                let signature: Option<&[u8; 64]> = line.signature.as_slice().try_into().ok();
                signature.is_some_and(|signature| key.verifies(self.text.as_bytes(), signature))
            };
            if !lines.all(valid) {
                return Err(SignatureError::Invalid { name: key.name().clone() });
            }
            found.push(key);
        }
        if found.is_empty() { Err(SignatureError::Unknown {}) } else { Ok(found) }
    }
}

impl fmt::Display for Note {
    /// The note as it is stored and sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for line in &self.signatures {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}

/// No control characters below U+0020 but newlines.
fn printable(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || c >= ' ')
}
