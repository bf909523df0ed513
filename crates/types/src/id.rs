//! One type for each kind of id.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// The text is empty or only white space.
    #[error("an id must not be empty")]
    Empty,
    /// The text is longer than 512 bytes.
    #[error("an id is at most {MAX_BYTES} bytes long, this one has {length_bytes}")]
    TooLong {
        /// How long it is.
        length_bytes: usize,
    },
    /// The text holds a control character.
    #[error("an id must not hold control characters")]
    Control,
}

/// Longest id taken, in bytes.
pub(crate) const MAX_BYTES: usize = 512;

fn checked(text: &str) -> Result<Arc<str>, IdError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(IdError::Empty);
    }
    if text.len() > MAX_BYTES {
        return Err(IdError::TooLong { length_bytes: text.len() });
    }
    if text.chars().any(char::is_control) {
        return Err(IdError::Control);
    }
    Ok(Arc::from(text))
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes a text as an id; white space around it is cut off.
            ///
            /// # Errors
            ///
            /// [`IdError`] when it is empty, longer than 512 bytes, or holds control characters.
            pub fn new(text: &str) -> Result<Self, IdError> {
                checked(text).map(Self)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.as_ref().to_owned()
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }
    };
}

text_id! {
    /// An organisation that runs a node or publishes a list.
    OrganisationId
}
text_id! {
    /// A person who acts for an organisation. An account name, not protected text.
    OfficerId
}
text_id! {
    /// A source of statements: a published list, a register, somebody's table (`uk-sanctions-list`).
    SourceId
}
text_id! {
    /// One issue of a source: its publication date where it has one, else the first 16 hexadecimal
    /// digits of the SHA-256 of its bytes.
    ListVersion
}
text_id! {
    /// The publisher's own id of a record within a source (`13349`, `QDe.004`).
    RecordId
}
text_id! {
    /// A dossier. For FollowTheMoney sources the entity's id; for others `<source>:<record>`.
    DossierId
}

/// The id of an [`Event`](crate::Event): 128 random bits, so that it tells nothing of order or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(uuid::Uuid);

impl EventId {
    /// Draws a new id.
    pub fn random(rng: &mut dyn crate::Rng) -> Self {
        let mut bytes = [0; 16];
        rng.fill(&mut bytes);
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Reads an id from its 16 bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Uuid::from_bytes(bytes))
    }

    /// The 16 bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::str::FromStr for EventId {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_trimmed_and_never_empty() {
        assert_eq!(RecordId::new(" 13349 ").unwrap().as_str(), "13349");
        assert_eq!(RecordId::new("  "), Err(IdError::Empty));
        assert_eq!(RecordId::new("a\u{0}b"), Err(IdError::Control));
        assert_eq!(RecordId::new(&"x".repeat(513)), Err(IdError::TooLong { length_bytes: 513 }));
    }

    #[test]
    fn reading_json_checks_an_id_too() {
        assert!(serde_json::from_str::<SourceId>("\"\"").is_err());
        assert_eq!(serde_json::from_str::<SourceId>("\"a\"").unwrap(), SourceId::new("a").unwrap());
    }
}
