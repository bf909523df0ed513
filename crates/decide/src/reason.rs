//! The reason a person states for a decision.

use portcullis_types::Protected;
use serde::{Deserialize, Serialize};

/// Longest reason taken, in characters: two pages. More belongs in a file of its own, and an event
/// has at most 65,536 bytes (`docs/spec/event.md`).
const MAX_CHARACTERS: usize = 8_000;

/// A reason in the words of the officer who states it. Never empty. Protected text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatedReason(Protected);

/// Why a text is not a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReasonError {
    /// It is empty or only white space.
    #[error("a decision needs a reason; say in a few words why")]
    Empty,
    /// It is too long.
    #[error(
        "a reason has at most {MAX_CHARACTERS} characters; shorten it and name the file that holds the rest"
    )]
    TooLong,
}

impl StatedReason {
    /// Takes a text as a reason; white space around it is cut off.
    ///
    /// # Errors
    ///
    /// [`ReasonError`] when it is empty or longer than 8,000 characters.
    pub fn new(text: &str) -> Result<Self, ReasonError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(ReasonError::Empty);
        }
        if text.chars().count() > MAX_CHARACTERS {
            return Err(ReasonError::TooLong);
        }
        Ok(Self(Protected::new(text)))
    }

    /// The reason, for storing it or showing it to somebody entitled to see it.
    pub fn text(&self) -> &Protected {
        &self.0
    }
}

impl TryFrom<String> for StatedReason {
    type Error = ReasonError;
    fn try_from(text: String) -> Result<Self, ReasonError> {
        Self::new(&text)
    }
}

impl From<StatedReason> for String {
    fn from(reason: StatedReason) -> Self {
        reason.0.reveal().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_never_empty() {
        for text in ["", "  ", "\n\t"] {
            assert_eq!(StatedReason::new(text), Err(ReasonError::Empty));
        }
        assert!(StatedReason::new("born in another year").is_ok());
    }

    #[test]
    fn a_reason_does_not_show_in_a_debug_line() {
        let reason = StatedReason::new("Quillon said so").unwrap();
        assert!(!format!("{reason:?}").contains("Quillon"));
    }

    #[test]
    fn a_reason_of_a_book_is_refused() {
        assert!(StatedReason::new(&"é".repeat(8_000)).is_ok());
        assert_eq!(StatedReason::new(&"é".repeat(8_001)), Err(ReasonError::TooLong));
    }
}
