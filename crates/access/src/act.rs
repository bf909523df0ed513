//! What somebody asks to do.

use crate::codes::codes;
use portcullis_types::Purpose;

codes! {
    /// What may be done to a thing. Each is an action of the policies.
    Act {
        /// See it.
        Read = "read",
        /// Learn how many there are.
        Count = "count",
        /// Take a copy of it out, as a row of a table.
        Copy = "copy",
        /// Compare somebody with a list, and keep nothing.
        Match = "match",
        /// Screen people against a list, and keep what was found.
        Screen = "screen",
        /// Decide on an alert.
        Decide = "decide",
        /// Take a decision back.
        Undo = "undo",
        /// Give it a stricter label.
        Mark = "mark",
        /// Put its review date off.
        Extend = "extend",
        /// Erase it.
        Erase = "erase",
        /// Give it, or a copy of it, to somebody outside.
        Release = "release",
        /// Propose it, so that somebody else may approve it.
        Propose = "propose",
        /// Approve what was proposed.
        Approve = "approve",
        /// Make an account, a token or a link.
        Make = "make",
        /// End the validity of one.
        Revoke = "revoke",
        /// Keep it going: update a list, start a job, make or restore a backup.
        Run = "run",
        /// Hand something in through a link.
        Submit = "submit",
    }
}

impl Act {
    /// This act, done for a purpose.
    pub fn for_purpose(self, purpose: Purpose) -> Deed {
        Deed { purpose: Some(purpose), ..self.into() }
    }

    /// This act, with a recovery code of the organisation that was checked and is used up by it.
    pub fn with_recovery_code(self) -> Deed {
        Deed { recovery: Recovery::CodeGiven, ..self.into() }
    }

    /// Whether whoever asks brings the thing along, so that a refusal can tell nothing about one
    /// that is hidden.
    pub(crate) fn brings_the_thing(self) -> bool {
        matches!(self, Self::Propose | Self::Make | Self::Submit)
    }
}

/// Whether a recovery code stands in for a second person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Recovery {
    /// None was given.
    #[default]
    NoCode,
    /// A code of the organisation was checked, and is used up by this act.
    CodeGiven,
}

/// An act with what was said about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deed {
    /// What is to be done.
    pub act: Act,
    /// What for, where that was said.
    pub purpose: Option<Purpose>,
    /// Whether a recovery code was given.
    pub recovery: Recovery,
}

impl From<Act> for Deed {
    fn from(act: Act) -> Self {
        Self { act, purpose: None, recovery: Recovery::NoCode }
    }
}
