//! Checkpoints (C2SP tlog-checkpoint): the head of a log as the text of a note.

use crate::digest::Digest;
use crate::encoding::{decimal, is_line, take_line};
use crate::key::LogSigner;
use crate::note::Note;
use std::fmt;
use std::str::FromStr;

/// Bytes of the text of a checkpoint, at most. Ours: the specification sets none.
const LONGEST: usize = 65_536;

/// Why a text is no checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The origin is empty or has a control character.
    #[error("line 1 of the checkpoint is no origin")]
    Origin {},
    /// The size is no decimal.
    #[error("line 2 of the checkpoint is no size")]
    Size {},
    /// The root is no base64 of 32 bytes.
    #[error("line 3 of the checkpoint is no root hash")]
    Root {},
    /// An extension line is empty, has a control character or has no end.
    #[error("line {line} of the checkpoint is no extension line")]
    Extension {
        /// Which, from 1.
        line: usize,
    },
    /// It is longer than a checkpoint may be.
    #[error("the checkpoint has more than 65536 bytes")]
    TooLong {},
}

/// The head of a log: its origin, size and root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Digest,
    extensions: Vec<String>,
}

impl Checkpoint {
    /// A checkpoint without extension lines.
    ///
    /// # Errors
    /// When the origin is empty, too long or has a control character.
    pub fn new(origin: &str, size: u64, root: Digest) -> Result<Self, CheckpointError> {
        if !is_line(origin) || origin.len() > LONGEST / 2 {
            return Err(CheckpointError::Origin {});
        }
        Ok(Self { origin: origin.to_owned(), size, root, extensions: Vec::new() })
    }

    /// The log that it is of.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// How many entries the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub const fn root(&self) -> Digest {
        self.root
    }

    /// Further lines, which the log signed and nobody else vouches for.
    pub fn extensions(&self) -> &[String] {
        &self.extensions
    }

    /// As a note that is yet to be signed.
    pub(crate) fn note(&self) -> Note {
        Note::new(self.to_string()).expect("a checkpoint is lines without control characters")
    }

    /// As a note with the signature of the log.
    pub fn sign(&self, signer: &LogSigner) -> Note {
        let mut note = self.note();
        signer.sign(&mut note);
        note
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    /// Reads the text of a note, with its last newline.
    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        if text.len() > LONGEST {
            return Err(CheckpointError::TooLong {});
        }
        let mut rest = text;
        let origin = take_line(&mut rest).ok_or(CheckpointError::Origin {})?;
        let size = take_line(&mut rest).and_then(decimal).ok_or(CheckpointError::Size {})?;
        let root = take_line(&mut rest).and_then(Digest::from_base64);
        let mut checkpoint = Self::new(origin, size, root.ok_or(CheckpointError::Root {})?)?;
        while !rest.is_empty() {
            let line = 4 + checkpoint.extensions.len();
            let extension = take_line(&mut rest).filter(|text| is_line(text));
            let extension = extension.ok_or(CheckpointError::Extension { line })?;
            checkpoint.extensions.push(extension.to_owned());
        }
        Ok(checkpoint)
    }
}

impl fmt::Display for Checkpoint {
    /// The text of the note, with its last newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        for line in &self.extensions {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}
