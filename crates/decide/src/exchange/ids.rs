//! Ids of what stays within a node, drawn at random so that none tells order or time.

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id has 32 characters of 0-9 and a-f; copy the whole of it")]
pub struct IdTextError;

macro_rules! random_id {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(into = "String", try_from = "String")]
        pub struct $name([u8; 16]);

        impl $name {
            /// Draws a new id.
            pub fn random(rng: &mut dyn portcullis_types::Rng) -> Self {
                let mut bytes = [0; 16];
                rng.fill(&mut bytes);
                Self(bytes)
            }

            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::exchange::ids::IdTextError;
            fn from_str(text: &str) -> Result<Self, $crate::exchange::ids::IdTextError> {
                $crate::exchange::ids::read(text).map(Self).ok_or($crate::exchange::ids::IdTextError)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::exchange::ids::IdTextError;
            fn try_from(text: String) -> Result<Self, $crate::exchange::ids::IdTextError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    )*};
}

random_id! {
    /// What an enquiry, a report or a match led to.
    ReferralId,
}

pub(super) fn read(text: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    (pairs.len() == bytes.len() && rest.is_empty()).then_some(())?;
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let lower = pair.iter().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        lower.then_some(())?;
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
