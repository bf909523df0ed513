//! Sessions in the store: those that hold, those that begin, those that end.

use super::super::problem::Problem;
use crate::decisions::organisation;
use crate::environment::SystemRng;
use jiff::SignedDuration;
use portcullis_decide::Digest;
use portcullis_decide::people::{
    Credential, CredentialKind, Person, Session, begin_session, confirm_session, end_session,
};
use portcullis_signin::Token;
use portcullis_store::{Database, StoreError, TransactionName, Writer};
use portcullis_types::{Clock, EventId, EventTime};

/// A use is noted when the one noted before is so long ago: not each time, for each is a write.
const NOTED_SECONDS: i64 = 60;

/// The session of this digest and whose it is, where it holds. Notes nothing, so that being looked at
/// keeps it from lapsing no longer.
pub(super) fn standing(
    store: &mut Database,
    at: EventTime,
    digest: &Digest,
) -> Result<Option<(Person, Session)>, StoreError> {
    let own = organisation();
    let found = store.read(|reader| {
        let Some(session) = reader.session(&own, digest)? else { return Ok(None) };
        let person = reader.person(&own, &session.person.officer)?;
        Ok::<_, StoreError>(person.map(|person| (person, session)))
    })?;
    // A clock that was set back lets nothing last longer.
    let holds = |session: &Session, person: &Person| {
        at >= session.began_at && session.holds(at, person).is_ok()
    };
    Ok(found.filter(|(person, session)| holds(session, person)))
}

/// The same. Notes that it was used.
pub(in crate::serve) fn holding(
    store: &mut Database,
    at: EventTime,
    digest: &Digest,
) -> Result<Option<(Person, Session)>, StoreError> {
    let Some((person, session)) = standing(store, at, digest)? else { return Ok(None) };
    let since = at.timestamp().duration_since(session.seen_at.timestamp());
    if since >= SignedDuration::from_secs(NOTED_SECONDS) {
        store.write(TransactionName("sign-in.touch"), |writer| {
            writer.touch_session(&organisation(), session.id, at)
        })?;
    }
    Ok(Some((person, session)))
}

/// The session that a browser still has and whose it is, where it holds. The next begins under another
/// token, and this one is ended (session fixation).
pub(super) fn before(
    store: &mut Database,
    at: EventTime,
    token: Option<&Token>,
) -> Result<Option<(Person, Session)>, StoreError> {
    let Some(token) = token else { return Ok(None) };
    holding(store, at, &Digest::from_bytes(*token.digest().as_bytes()))
}

/// Begins a session.
pub(super) fn begin(
    writer: &mut dyn Writer,
    clock: &dyn Clock,
    person: &Person,
    token: &Token,
    by: CredentialKind,
) -> Result<(), Problem> {
    let digest = Digest::from_bytes(*token.digest().as_bytes());
    let change = begin_session(clock, &mut SystemRng, person, digest, by)
        .map_err(|_| Problem::internal())?;
    writer.put_session(&change)?;
    Ok(())
}

/// Has a session that was confirmed go on under another token: the one before is never taken again. It
/// still ends when it would have ended.
pub(super) fn confirm(
    writer: &mut dyn Writer,
    clock: &dyn Clock,
    person: &Person,
    session: Session,
    token: &Token,
) -> Result<(), Problem> {
    let digest = Digest::from_bytes(*token.digest().as_bytes());
    let change = confirm_session(clock, &mut SystemRng, person, session, digest)
        .map_err(|_| Problem::internal())?;
    writer.put_session(&change)?;
    Ok(())
}

/// Ends a session of somebody, or all of them.
pub(in crate::serve) fn end(
    writer: &mut dyn Writer,
    clock: &dyn Clock,
    person: &Person,
    id: Option<EventId>,
) -> Result<(), Problem> {
    let change = end_session(clock, &mut SystemRng, person, id).map_err(|_| Problem::internal())?;
    writer.end_session(&change)?;
    Ok(())
}

/// Notes what using a credential changed in it.
pub(super) fn used(
    writer: &mut dyn Writer,
    at: EventTime,
    credential: &Credential,
    data: Option<Vec<u8>>,
) -> Result<(), StoreError> {
    let data = data.unwrap_or_else(|| credential.data.clone());
    writer.renew_credential(&Credential { data, used_at: Some(at), ..credential.clone() })
}
