//! The text form of evidence of a split view.

use super::{Prefix, Split};
use crate::checkpoint::CheckpointError;
use crate::digest::Digest;
use crate::encoding::{decimal, take_line};
use crate::note::{self, Note, SignatureError};
use crate::proof::LONGEST;
use std::fmt;

/// The first line.
const HEADER: &str = "portcullis-log-split/v1";
/// Bytes of it, at most.
const LONGEST_TEXT: usize = 2 * note::LONGEST + 8192;

/// Why something is no evidence of a split view.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// A note is no checkpoint.
    #[error("the note is no checkpoint")]
    Checkpoint(#[from] CheckpointError),
    /// A checkpoint is not signed by the log.
    #[error("the checkpoint is not signed by the log")]
    Signature(#[from] SignatureError),
    /// A checkpoint is of another log.
    #[error("the checkpoint is of another log")]
    OtherLog {},
    /// Both checkpoints can be true.
    #[error("the checkpoints do not contradict each other")]
    NoContradiction {},
    /// The text does not have the form of evidence.
    #[error("line {line} is not as evidence of a split view has it")]
    Form {
        /// Which, from 1 as far as lines are counted: those within the notes are not.
        line: usize,
    },
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (older, newer) = (self.older.to_string(), self.newer.to_string());
        write!(f, "{HEADER}\nolder {}\n{older}newer {}\n{newer}", older.len(), newer.len())?;
        writeln!(f, "root {}", self.prefix.root)?;
        for hash in &self.prefix.proof {
            writeln!(f, "{hash}")?;
        }
        Ok(())
    }
}

impl Split {
    /// Reads the text form. It is not believed before it is [checked](Self::verify).
    ///
    /// # Errors
    /// When it does not have the form.
    pub fn parse(bytes: &[u8]) -> Result<Self, SplitError> {
        let form = |line| SplitError::Form { line };
        let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST_TEXT);
        let mut rest = text.ok_or(form(1))?;
        if take_line(&mut rest) != Some(HEADER) {
            return Err(form(1));
        }
        let older = take_note(&mut rest, "older ").ok_or(form(2))?;
        let newer = take_note(&mut rest, "newer ").ok_or(form(3))?;
        let root = take_line(&mut rest).and_then(|line| line.strip_prefix("root "));
        let root = root.and_then(Digest::from_base64).ok_or(form(4))?;
        let mut proof = Vec::new();
        while !rest.is_empty() {
            let line = 5 + proof.len();
            let hash = take_line(&mut rest).and_then(Digest::from_base64);
            proof.push(hash.filter(|_| proof.len() < LONGEST).ok_or(form(line))?);
        }
        Ok(Self { older, newer, prefix: Prefix { root, proof } })
    }
}

fn take_note(rest: &mut &str, prefix: &str) -> Option<Note> {
    let length = decimal(take_line(rest)?.strip_prefix(prefix)?)?;
    let (note, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Note::parse(note.as_bytes()).ok()
}
