//! Text about a person, which must not leak by accident.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Protected text: a name, a birth date, a reason, an address.
///
/// It has no `Display`, and its `Debug` hides it, so it cannot reach a log line, an error message
/// or a metric by mistake (THREATS T-01). [`Protected::reveal`] is the one way to the text, and is
/// easy to search for.
///
/// ```
/// use portcullis_types::Protected;
/// let name = Protected::new("Ada Invented");
/// assert_eq!(format!("{name:?}"), "Protected(…)");
/// assert_eq!(name.reveal(), "Ada Invented");
/// ```
///
/// ```compile_fail,E0277
/// let name = portcullis_types::Protected::new("Ada Invented");
/// println!("{name}"); // Protected has no Display
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Protected(Box<str>);

impl Protected {
    /// Takes text into protection.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for matching it, storing it or showing it to somebody entitled to see it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Protected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Protected(…)")
    }
}

impl From<&str> for Protected {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Protected {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
