//! Tokens for programs that act for an officer.

use super::codes::vocabulary;
use super::credential::own;
use super::{Person, approval::in_days};
use crate::{Change, Digest, RecordKind};
use portcullis_types::{
    Clock, Detail, Details, EventError, EventId, EventTime, PersonId, Protected, Rng, Role,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The longest that a token may hold, in days.
pub const TOKEN_LONGEST_DAYS: u16 = 365;

/// Longest note of a token or a link, in characters.
pub(super) const NOTE_CHARACTERS: usize = 200;

vocabulary! {
    /// What a token may be used for.
    Scope {
        /// To match people against lists.
        Match = "match",
        /// To screen people, which stores what is shown.
        Screen = "screen",
        /// To read which lists there are.
        ListsRead = "lists.read",
        /// To read decisions and pairs that were shown.
        DecisionsRead = "decisions.read",
        /// To read what was done and how often.
        HistoryRead = "history.read",
    }
}

impl Scope {
    /// Whoever has one of these roles may use a token for it.
    pub fn roles(self) -> &'static [Role] {
        match self {
            Self::Match | Self::Screen | Self::DecisionsRead => &[Role::Officer],
            Self::ListsRead => &[Role::Officer, Role::Operator, Role::Auditor],
            Self::HistoryRead => &[Role::Officer, Role::Auditor],
        }
    }
}

/// A token: a program may do with it what its officer may, and no more than its scopes say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApiToken {
    /// Its id, the event that made it.
    pub id: EventId,
    /// Digest of the token, which was shown once.
    pub digest: Digest,
    /// Whose.
    pub person: PersonId,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// What it is for, in the officer's words.
    pub note: Protected,
    /// When it was made.
    pub made_at: EventTime,
    /// Until when it holds.
    pub until: EventTime,
    /// When it was revoked.
    pub revoked_at: Option<EventTime>,
}

impl ApiToken {
    /// What it may be used for at this time, in the hands of its officer as he now is; nothing when
    /// it has lapsed, was revoked, or he may act no longer.
    pub fn scopes(&self, at: EventTime, person: &Person) -> BTreeSet<Scope> {
        if self.person != person.person || self.revoked_at.is_some() || at >= self.until {
            return BTreeSet::new();
        }
        let roles = person.roles(at);
        let may = |scope: &&Scope| scope.roles().iter().any(|role| roles.contains(role));
        self.scopes.iter().filter(may).copied().collect()
    }
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// He may do nothing.
    #[error("`{officer}` may not act now")]
    MayNot {
        /// Who.
        officer: portcullis_types::OfficerId,
    },
    /// It would be for more than he may.
    #[error("the roles of its officer do not cover `{scope}`")]
    Scope {
        /// What for.
        scope: Scope,
    },
    /// It would be for nothing.
    #[error("a token is for something; name a scope at least")]
    NoScope,
    /// It would hold too long, or not at all.
    #[error("a token holds for 1 to {TOKEN_LONGEST_DAYS} days")]
    Days,
    /// The note is missing or long.
    #[error("say in 1 to {NOTE_CHARACTERS} characters what it is for")]
    Note,
    /// It was revoked before.
    #[error("the token was revoked before")]
    Revoked,
    /// The event can't be made.
    #[error("the token cannot be written as an event")]
    Event(#[from] EventError),
}

/// Makes a token of this digest for the officer himself, for so many days.
///
/// # Errors
///
/// [`TokenError`]; above all [`TokenError::Scope`] when it would be for more than he may.
pub fn make_token(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    person: &Person,
    digest: Digest,
    scopes: BTreeSet<Scope>,
    days: u16,
    note: Protected,
) -> Result<Change<ApiToken>, TokenError> {
    let at = EventTime::rounded_down(clock.now())?;
    if !person.stands(at) || person.keys.is_none() {
        return Err(TokenError::MayNot { officer: person.person.officer.clone() });
    }
    if scopes.is_empty() {
        return Err(TokenError::NoScope);
    }
    if !(1..=TOKEN_LONGEST_DAYS).contains(&days) {
        return Err(TokenError::Days);
    }
    if !is_note(&note) {
        return Err(TokenError::Note);
    }
    let roles = person.roles(at);
    let beyond = |scope: &&Scope| !scope.roles().iter().any(|role| roles.contains(role));
    if let Some(scope) = scopes.iter().find(beyond) {
        return Err(TokenError::Scope { scope: *scope });
    }
    let codes: Vec<&str> = scopes.iter().map(|scope| scope.code()).collect();
    let mut details = Details::new();
    details.insert("scopes", codes.join(" ").as_str())?;
    details.insert("days", u64::from(days))?;
    let telling = own(clock, rng, person, "people.token-made", details)?;
    let token = ApiToken {
        id: telling.id,
        digest,
        person: person.person.clone(),
        scopes,
        note,
        made_at: at,
        until: in_days(at, i64::from(days)),
        revoked_at: None,
    };
    Ok(telling.of(token, RecordKind::Person))
}

pub(super) fn is_note(note: &Protected) -> bool {
    let note = note.reveal();
    !note.trim().is_empty() && note.chars().count() <= NOTE_CHARACTERS
}

/// Revokes a token. Its officer does it, or an administrator.
///
/// # Errors
///
/// [`TokenError::Revoked`], [`TokenError::MayNot`].
pub fn revoke_token(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    by: &Person,
    token: ApiToken,
) -> Result<Change<ApiToken>, TokenError> {
    let at = EventTime::rounded_down(clock.now())?;
    if by.person != token.person && !by.has_role(Role::Administrator, at) {
        return Err(TokenError::MayNot { officer: by.person.officer.clone() });
    }
    if token.revoked_at.is_some() {
        return Err(TokenError::Revoked);
    }
    let mut details = Details::new();
    details.insert("token", Detail::Bytes(token.id.as_bytes().to_vec()))?;
    let telling = own(clock, rng, by, "people.token-revoked", details)?;
    Ok(telling.of(ApiToken { revoked_at: Some(at), ..token }, RecordKind::Person))
}
