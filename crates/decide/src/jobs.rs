//! What a node does by itself: when, how often again after a failure, and who deals with what was
//! given up.
//!
//! A job decides nothing about a person. What it is given may name people, so it is protected text,
//! sealed under the record of the job and erased with it.

mod back_off;
mod cadence;
mod given_up;

pub use back_off::{BackOff, BackOffError, Failure, Next};
pub use cadence::{Cadence, CadenceError};
pub use given_up::{
    DealError, DealtWith, Deed, FAILURE_MAX_CHARACTERS, FailedJob, GivenUpJob, discard, give_up,
    retry,
};

use jiff::Timestamp;
use portcullis_types::JobName;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What makes a job the same as another: of two with one name and one key, only one is done. Made of
/// what the job is about, such as the moment it was scheduled for or the digest of a file; never of
/// anybody's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobKey(Arc<str>);

/// Longest key, in bytes: the longest word of an event.
const MAX_KEY_BYTES: usize = 64;

/// Why a text is not the key of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key of a job has 1 to {MAX_KEY_BYTES} of a-z, 0-9, `-` and `.`")]
pub struct JobKeyError;

impl FromStr for JobKey {
    type Err = JobKeyError;

    fn from_str(text: &str) -> Result<Self, JobKeyError> {
        // The same words as in an event, where the key is told.
        JobName::new(text).map(|word| Self(Arc::from(word.as_str()))).map_err(|_| JobKeyError)
    }
}

impl JobKey {
    /// The key of a job that is due at a moment: two processes that find it due make one job of it.
    ///
    /// ```
    /// # use portcullis_decide::JobKey;
    /// let key = JobKey::of_moment("2026-03-29T02:30:00Z".parse()?);
    /// assert_eq!(key.as_str(), "2026-03-29t02.30.00z");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of_moment(moment: Timestamp) -> Self {
        // Digits, `-`, `.`, `t` and `z`: a word.
        Self(Arc::from(moment.to_string().to_lowercase().replace(':', ".")))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests;
