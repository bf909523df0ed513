//! Links a new log to the one before it, when a node was restored from a backup.
//!
//! A restored node can't let the old log grow: others may have seen entries that the backup has
//! not. It opens a log with a new origin, and says in a signed note what was known of the old one.

use crate::digest::Digest;
use crate::encoding::{decimal, take_line};
use crate::key::{KeyName, VerifierKey};
use crate::note::{Note, NoteError, SignatureError};
use std::fmt;
use std::str::FromStr;

/// The first line. No checkpoint has it as its origin, because line 2 of a checkpoint is a size.
const HEADER: &str = "portcullis-log-link/v1";

/// A state of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// How many entries it had.
    pub size: u64,
    /// The root.
    pub root: Digest,
}

/// Why a new log was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonCode {
    /// The node was restored from a backup.
    Restored,
    /// The key of the old log was replaced.
    KeyReplaced,
    /// The node moved, and the old log was closed in good order.
    Moved,
}

impl ReasonCode {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::KeyReplaced => "key-replaced",
            Self::Moved => "moved",
        }
    }
}

impl FromStr for ReasonCode {
    type Err = LinkError;

    fn from_str(text: &str) -> Result<Self, LinkError> {
        let all = [Self::Restored, Self::KeyReplaced, Self::Moved];
        all.into_iter().find(|code| code.as_str() == text).ok_or(LinkError::Line { line: 7 })
    }
}

/// What ties a new log to an old one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLink {
    /// The origin of the old log.
    pub old: KeyName,
    /// The last checkpoint of the old log that a witness is known to have cosigned, if any.
    pub witnessed: Option<Point>,
    /// The old log as the backup has it. Entries between this and what was witnessed are lost, and
    /// what was lost is known by its number.
    pub restored: Point,
    /// The origin of the new log.
    pub new: KeyName,
    /// When, in seconds since 1970 as the node's clock had it.
    pub time_s: u64,
    /// Why.
    pub reason: ReasonCode,
}

/// Who has signed a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attested {
    /// The keys of both logs: whoever opened the new log had the key of the old one.
    ByBoth,
    /// The key of the new log alone: anybody could have opened it. Ask a person.
    ByNewAlone,
}

/// Why a note is no link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// It is no note.
    #[error("the link is no signed note")]
    Note(#[from] NoteError),
    /// A line is missing or malformed.
    #[error("line {line} of the link is malformed")]
    Line {
        /// Which, from 1.
        line: usize,
    },
    /// It is not signed by the new log, or a signature is not valid.
    #[error("the link is not validly signed")]
    Signature(#[from] SignatureError),
    /// The keys that it is to be checked with are of other logs.
    #[error("the link is between other logs than the keys at hand")]
    OtherLog {},
}

impl LogLink {
    /// As a note, yet to be signed with the key of the old log, where it is at hand, and of the new.
    ///
    /// # Errors
    /// When it is longer than a note may be, which no link is.
    pub fn note(&self) -> Result<Note, NoteError> {
        Note::new(self.to_string())
    }

    /// Reads a link from a signed note and checks who has signed it.
    ///
    /// # Errors
    /// When it is none, is between other logs, or the new log has not signed it.
    pub fn open(
        note: &Note,
        old: &VerifierKey,
        new: &VerifierKey,
    ) -> Result<(Self, Attested), LinkError> {
        let link: Self = note.text().parse()?;
        if link.old != *old.name() || link.new != *new.name() {
            return Err(LinkError::OtherLog {});
        }
        let signers = note.verify([old, new])?;
        if !signers.contains(&new) {
            return Err(SignatureError::Unknown {}.into());
        }
        let attested = if signers.contains(&old) { Attested::ByBoth } else { Attested::ByNewAlone };
        Ok((link, attested))
    }

    /// How many entries of the old log were witnessed and are not in the backup.
    pub fn lost(&self) -> u64 {
        self.witnessed.map_or(0, |witnessed| witnessed.size.saturating_sub(self.restored.size))
    }
}

impl fmt::Display for LogLink {
    /// The text of the note, with its last newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEADER}\nold {}", self.old)?;
        match &self.witnessed {
            Some(point) => writeln!(f, "witnessed {} {}", point.size, point.root)?,
            None => f.write_str("witnessed none\n")?,
        }
        let Self { restored, new, time_s, reason, .. } = self;
        writeln!(f, "restored {} {}\nnew {new}\ntime {time_s}", restored.size, restored.root)?;
        writeln!(f, "reason {}", reason.as_str())
    }
}

impl FromStr for LogLink {
    type Err = LinkError;

    /// Reads the text of a note. Only the form in which `Display` writes it is taken.
    fn from_str(text: &str) -> Result<Self, LinkError> {
        let mut rest = text;
        let mut line = 0;
        let mut next = |prefix: &str| {
            line += 1;
            let malformed = LinkError::Line { line };
            let text = take_line(&mut rest).and_then(|line| line.strip_prefix(prefix));
            text.ok_or_else(|| malformed.clone()).map(|text| (text, malformed))
        };
        let (after, malformed) = next(HEADER)?;
        if !after.is_empty() {
            return Err(malformed);
        }
        let (text, malformed) = next("old ")?;
        let old = text.parse().map_err(|_| malformed)?;
        let (text, malformed) = next("witnessed ")?;
        let witnessed = match text {
            "none" => None,
            text => Some(point(text).ok_or(malformed)?),
        };
        let (text, malformed) = next("restored ")?;
        let restored = point(text).ok_or(malformed)?;
        let (text, malformed) = next("new ")?;
        let new = text.parse().map_err(|_| malformed)?;
        let (text, malformed) = next("time ")?;
        let time_s = decimal(text).ok_or(malformed)?;
        let (text, _) = next("reason ")?;
        let reason = text.parse()?;
        if !rest.is_empty() {
            return Err(LinkError::Line { line: 8 });
        }
        Ok(Self { old, witnessed, restored, new, time_s, reason })
    }
}

fn point(text: &str) -> Option<Point> {
    let (size, root) = text.split_once(' ')?;
    Some(Point { size: decimal(size)?, root: Digest::from_base64(root)? })
}
