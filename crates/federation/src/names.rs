//! Names that a list holds, each with the form that the specification gives.

use std::fmt;
use std::str::FromStr;

/// Why a text is not a name or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not the name of a federation.
    #[error("the name of a federation has 1 to 64 bytes of a-z, 0-9, `-` and `.`")]
    Federation,
    /// Not the name of a member.
    #[error("the name of an organisation has 1 to 200 bytes without control characters")]
    Member,
    /// Not an address.
    #[error("an address is `https://` and at most 504 printable ASCII characters without spaces")]
    Endpoint,
}

/// What the federation is called. Signatures bind it, so that none counts in another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FederationName(String);

/// What an organisation is called, for people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberName(String);

/// Where the node of a member is reached.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint(String);

macro_rules! name {
    ($name:ident, $error:ident, $is_one:ident) => {
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                if $is_one(text) { Ok(Self(text.to_owned())) } else { Err(NameError::$error) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(FederationName, Federation, is_federation);
name!(MemberName, Member, is_member);
name!(Endpoint, Endpoint, is_endpoint);

fn is_federation(text: &str) -> bool {
    let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.');
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_member(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.trim() == text && !text.chars().any(is_hidden)
}

/// Control characters, and those that turn the direction of what follows: a name that reads another
/// way than it is written would pass for somebody else.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn is_endpoint(text: &str) -> bool {
    let rest = text.strip_prefix("https://");
    rest.is_some_and(|rest| {
        (1..=504).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_graphic())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_form_that_the_specification_gives() {
        for good in ["a", "federation.example", "x-1", &"a".repeat(64)] {
            assert!(good.parse::<FederationName>().is_ok(), "{good}");
        }
        for bad in ["", "A", "a b", "ä", &"a".repeat(65)] {
            assert_eq!(bad.parse::<FederationName>(), Err(NameError::Federation), "{bad}");
        }
        assert!("Party of Tests – Österreich".parse::<MemberName>().is_ok());
        for bad in ["", " x", "x ", "a\nb", "a\u{202e}b", "a\u{200b}b", &"a".repeat(201)] {
            assert_eq!(bad.parse::<MemberName>(), Err(NameError::Member), "{bad:?}");
        }
        assert!("https://node.party.example:8443/x".parse::<Endpoint>().is_ok());
        for bad in ["", "https://", "http://a", "https://a b", "https://ä"] {
            assert_eq!(bad.parse::<Endpoint>(), Err(NameError::Endpoint), "{bad}");
        }
    }
}
