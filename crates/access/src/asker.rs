//! Who asks.

use crate::codes::codes;
use jiff::Timestamp;
use portcullis_types::{Body, Level, OrganisationId, PersonId, Purpose, Role};
use std::collections::BTreeSet;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asker {
    /// Nobody we know.
    Anonymous(OpenMatching),
    /// Whoever holds a submit-only link.
    LinkHolder(LinkHolder),
    /// Somebody with an account.
    Person(Box<Person>),
}

/// Whether whoever runs the server lets strangers match against open lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OpenMatching {
    /// They may not.
    #[default]
    Closed,
    /// They may: it listens on this machine only, or its operator said so.
    Offered,
}

/// What is known of whoever holds a submit-only link that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkHolder {
    /// Which organisation made the link.
    pub organisation: OrganisationId,
    /// What for.
    pub purpose: Purpose,
    /// Until when it is good.
    pub until: Timestamp,
}

/// Somebody with an account, signed in or represented by a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who, and of which organisation.
    pub id: PersonId,
    /// What that organisation is.
    pub body: Body,
    /// The roles that hold now.
    pub roles: BTreeSet<Role>,
    /// Up to which level the person is cleared.
    pub clearance: Level,
    /// The compartments the person was let into.
    pub compartments: BTreeSet<Box<str>>,
    /// In which party the person holds office, whichever body he or she acts for.
    pub party: Option<OrganisationId>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// No longer from then on.
    pub until: Option<Timestamp>,
    /// How the person got here.
    pub sign_in: SignIn,
}

/// How a person got here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// Signed in.
    Session {
        /// When.
        signed_in_at: Timestamp,
        /// When last confirmed with a passkey, if at all.
        confirmed_at: Option<Timestamp>,
    },
    /// Through a token, made by the person for another program.
    Token {
        /// What the token is for.
        scopes: BTreeSet<Scope>,
        /// No longer from then on.
        until: Timestamp,
    },
}

codes! {
    /// What a token may be made for.
    Scope {
        /// Match against lists, and keep nothing.
        Match = "match",
        /// Screen.
        Screen = "screen",
        /// Read and count lists.
        ListsRead = "lists.read",
        /// Read and count alerts and decisions.
        DecisionsRead = "decisions.read",
        /// Read what was done and figures, and count.
        HistoryRead = "history.read",
    }
}

impl Asker {
    /// Who it is, if it is somebody with an account.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            Self::Anonymous(_) | Self::LinkHolder(_) => None,
        }
    }
}

impl From<Person> for Asker {
    fn from(person: Person) -> Self {
        Self::Person(Box::new(person))
    }
}
