//! Receipts (C2SP tlog-proof): that an entry is in a log, to be checked without asking anybody.

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::digest::{Digest, leaf_hash};
use crate::encoding::{self, decimal, take_line};
use crate::note::{self, Note, NoteError};
use crate::policy::{Policy, Satisfied, Unsatisfied};
use crate::proof::{LONGEST, ProofError, verify_inclusion};
use std::fmt;

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";
/// Bytes of the extra data in base64, at most. Ours: the specification sets none.
const LONGEST_EXTRA: usize = 100_000;
/// Bytes of a receipt, at most.
const LONGEST_RECEIPT: usize = note::LONGEST + LONGEST_EXTRA + 4096;

/// A receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// What the application adds. Nobody has signed it.
    pub extra: Option<Vec<u8>>,
    /// Where the entry stands, from 0.
    pub index: u64,
    /// The hashes from the leaf's sibling up.
    pub path: Vec<Digest>,
    /// The signed checkpoint of a tree that has the entry.
    pub checkpoint: Note,
}

/// Why bytes are no receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptFormatError {
    /// It is longer than a receipt may be, or not UTF-8.
    #[error("the receipt is too long or not text")]
    Text {},
    /// A line is missing or malformed.
    #[error("line {line} of the receipt is malformed")]
    Line {
        /// Which, from 1.
        line: usize,
    },
    /// What follows the first empty line is no signed note.
    #[error("the receipt has no signed checkpoint")]
    Note(#[source] NoteError),
}

/// Why a receipt does not show that the entry is in the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// The checkpoint is none, or not signed as the policy asks.
    #[error("the checkpoint of the receipt does not meet the policy")]
    Policy(#[from] Unsatisfied),
    /// The entry does not belong to the checkpoint.
    #[error("the entry is not shown to be in the tree of the checkpoint")]
    Proof(#[from] ProofError),
}

impl Receipt {
    /// Reads a receipt. Only the form in which [`Display`](fmt::Display) writes it is taken.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptFormatError> {
        if bytes.len() > LONGEST_RECEIPT {
            return Err(ReceiptFormatError::Text {});
        }
        let mut rest = std::str::from_utf8(bytes).map_err(|_| ReceiptFormatError::Text {})?;
        let mut line = 0;
        let mut next = || {
            line += 1;
            let malformed = ReceiptFormatError::Line { line };
            (take_line(&mut rest).ok_or(malformed), malformed)
        };
        let (header, malformed) = next();
        if header? != HEADER {
            return Err(malformed);
        }
        let (text, malformed) = next();
        let (extra, (text, malformed)) = match text?.strip_prefix("extra ") {
            Some(extra) if extra.len() <= LONGEST_EXTRA => {
                (Some(encoding::decode(extra).ok_or(malformed)?), next())
            }
            Some(_) => return Err(malformed),
            None => (None, (text, malformed)),
        };
        let index = text?.strip_prefix("index ").and_then(decimal).ok_or(malformed)?;
        let mut path = Vec::new();
        loop {
            let (text, malformed) = next();
            let text = text?;
            if text.is_empty() {
                break;
            }
            let hash = Digest::from_base64(text).filter(|_| path.len() < LONGEST + 1);
            path.push(hash.ok_or(malformed)?);
        }
        let checkpoint = Note::parse(rest.as_bytes()).map_err(ReceiptFormatError::Note)?;
        Ok(Self { extra, index, path, checkpoint })
    }

    /// Checks that an entry is in the log, and that the checkpoint is signed and cosigned as the
    /// policy asks.
    ///
    /// # Errors
    /// When one of both is not so.
    pub fn verify(&self, entry: &[u8], policy: &Policy) -> Result<Satisfied, ReceiptError> {
        let satisfied = policy.check(&self.checkpoint)?;
        let head = &satisfied.checkpoint;
        let (size, root) = (head.size(), head.root());
        verify_inclusion(&leaf_hash(entry), self.index, size, &self.path, &root)?;
        Ok(satisfied)
    }

    /// The checkpoint, not yet believed.
    ///
    /// # Errors
    /// When the note is no checkpoint.
    pub fn head(&self) -> Result<Checkpoint, CheckpointError> {
        self.checkpoint.text().parse()
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", encoding::encode(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{hash}")?;
        }
        write!(f, "\n{}", self.checkpoint)
    }
}
