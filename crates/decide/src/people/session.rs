//! Sessions: somebody is signed in, for a while.

use super::credential::own;
use super::{CredentialKind, Person};
use crate::{Change, Digest, RecordKind};
use jiff::SignedDuration;
use portcullis_types::{Clock, Details, EventError, EventId, EventTime, PersonId, Rng};
use serde::{Deserialize, Serialize};

/// After so long without a request a session is over.
pub const IDLE: SignedDuration = SignedDuration::from_mins(30);

/// After so long a session is over, whatever happens in it.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// So long somebody counts as just confirmed, for what takes that.
pub const STEP_UP: SignedDuration = SignedDuration::from_mins(5);

/// A session. What opens it is a token of 256 random bits, of which only the digest is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Its id, the event that began it.
    pub id: EventId,
    /// Digest of its token.
    pub digest: Digest,
    /// Whose.
    pub person: PersonId,
    /// The count of changes to what he may do when it began.
    pub authority: u64,
    /// What he signed in with.
    pub by: CredentialKind,
    /// When it began.
    pub began_at: EventTime,
    /// When he last confirmed with a passkey that it is he.
    pub confirmed_at: Option<EventTime>,
    /// When it was last used.
    pub seen_at: EventTime,
}

/// A session that is ended before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedSession {
    /// Whose.
    pub person: PersonId,
    /// Which; none for all of his.
    pub id: Option<EventId>,
}

/// Why a session holds no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SessionOver {
    /// It was not used for too long, or is too old.
    #[error("the session is over; sign in again")]
    TimedOut,
    /// What he may do has changed, or he may do nothing any more.
    #[error("the session is over, because what you may do has changed; sign in again")]
    Changed,
}

impl Session {
    /// Whether it holds at this time for this person as he now is.
    ///
    /// # Errors
    ///
    /// [`SessionOver`].
    pub fn holds(&self, at: EventTime, person: &Person) -> Result<(), SessionOver> {
        let since = |then: EventTime| at.timestamp().duration_since(then.timestamp());
        if since(self.began_at) >= LONGEST || since(self.seen_at) >= IDLE {
            return Err(SessionOver::TimedOut);
        }
        let same = self.person == person.person && self.authority == person.authority;
        if same && person.stands(at) { Ok(()) } else { Err(SessionOver::Changed) }
    }

    /// Whether he confirmed lately enough for what takes it.
    pub fn is_confirmed(&self, at: EventTime) -> bool {
        self.confirmed_at.is_some_and(|then| {
            let since = at.timestamp().duration_since(then.timestamp());
            since >= SignedDuration::ZERO && since < STEP_UP
        })
    }
}

/// Begins a session of somebody who has just proven who he is; with a passkey, that confirms it, too.
///
/// # Errors
///
/// [`EventError`] when the clock stands outside 1970 to 9999.
pub fn begin_session(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    person: &Person,
    digest: Digest,
    by: CredentialKind,
) -> Result<Change<Session>, EventError> {
    let mut details = Details::new();
    details.insert("by", by.code())?;
    let telling = own(clock, rng, person, "people.signed-in", details)?;
    let at = telling.at;
    let session = Session {
        id: telling.id,
        digest,
        person: person.person.clone(),
        authority: person.authority,
        by,
        began_at: at,
        confirmed_at: (by == CredentialKind::Passkey).then_some(at),
        seen_at: at,
    };
    Ok(telling.of(session, RecordKind::SignIn))
}

/// Notes that whoever has the session has just confirmed with a passkey that it is he. It goes on under
/// another token, of which `digest` is the digest, and ends when it would have ended.
///
/// # Errors
///
/// As [`begin_session`].
pub fn confirm_session(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    person: &Person,
    session: Session,
    digest: Digest,
) -> Result<Change<Session>, EventError> {
    let telling = own(clock, rng, person, "people.confirmed", Details::new())?;
    let at = telling.at;
    let session = Session { digest, confirmed_at: Some(at), seen_at: at, ..session };
    Ok(telling.of(session, RecordKind::SignIn))
}

/// Ends a session of somebody, or all of them.
///
/// # Errors
///
/// As [`begin_session`].
pub fn end_session(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    person: &Person,
    id: Option<EventId>,
) -> Result<Change<EndedSession>, EventError> {
    let mut details = Details::new();
    details.insert("which", if id.is_some() { "one" } else { "all" })?;
    let telling = own(clock, rng, person, "people.signed-out", details)?;
    Ok(telling.of(EndedSession { person: person.person.clone(), id }, RecordKind::SignIn))
}
