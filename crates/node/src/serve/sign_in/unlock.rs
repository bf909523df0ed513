//! Unlocking somebody's own keys: with what his passkey gives, or with a passphrase.

use super::super::problem::{Answer, Problem};
use super::super::state::State;
use super::pages::page_with;
use super::{Answered, Form, Frame, OwnKeys, SignedIn, event_time, page, sessions};
use crate::decisions::organisation;
use askama::Template;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use portcullis_decide::Digest;
use portcullis_decide::people::{KeyWay, Person, PublicKeys, WrappedKeys};
use portcullis_keys::{KeyLock, KeyOwner, Passphrase, PersonalKeys};
use portcullis_signin::TokenDigest;
use portcullis_store::StoreError;
use portcullis_types::{EventId, PersonId};
use std::sync::Arc;
use zeroize::Zeroizing;

/// A passkey that has just proved itself, with what it gave.
pub(super) struct Opener {
    /// Its id here.
    pub(super) credential: EventId,
    /// Its id at its authenticator.
    pub(super) passkey: Vec<u8>,
    /// What it gave.
    pub(super) output: Zeroizing<[u8; 32]>,
}

/// Whose keys they are.
pub(super) fn owner(whose: &PersonId) -> KeyOwner<'_> {
    KeyOwner { organisation: whose.organisation.as_str(), account: whose.officer.as_str() }
}

/// Unlocks somebody's keys for his session with what his passkey gave. Says whether they are.
pub(super) async fn with_passkey(
    state: &Arc<State>,
    person: &Person,
    session: TokenDigest,
    opener: Opener,
) -> Answer<bool> {
    let wrapped = wrapped(state, person).await?;
    let mut mine = wrapped
        .iter()
        .filter(|one| one.way == KeyWay::Prf && one.credential == Some(opener.credential));
    let lock = KeyLock::Prf { credential: &opener.passkey, output: &opener.output };
    let found = mine.find_map(|one| opened(person, one, &lock));
    match found {
        Some(keys) => keep(state, person, session, keys).await,
        None => Ok(false),
    }
}

/// Keeps keys for a session that holds, and says whether it does. It is asked about when they are there
/// already: whoever ends sessions ends them first and forgets keys then, so one of the two sees the other.
pub(super) async fn keep(
    state: &Arc<State>,
    person: &Person,
    session: TokenDigest,
    keys: OwnKeys,
) -> Answer<bool> {
    state.sign_in.own_keys.keep(state.clock.now(), &person.person, session, keys);
    let stands = stands(state, session).await;
    if !matches!(stands, Ok(true)) {
        state.sign_in.own_keys.forget(&session);
    }
    stands
}

/// Whether a session holds, by the store.
pub(super) async fn stands(state: &Arc<State>, session: TokenDigest) -> Answer<bool> {
    let (at, digest) = (event_time(state)?, Digest::from_bytes(*session.as_bytes()));
    let found = state.store.with(move |store| sessions::standing(store, at, &digest)).await??;
    Ok(found.is_some())
}

/// The keys, where this lock opens them and both are those that others know him by: what he signs with,
/// and what is sealed to him.
fn opened(person: &Person, wrapped: &WrappedKeys, lock: &KeyLock<'_>) -> Option<OwnKeys> {
    let keys = PersonalKeys::unwrap(&wrapped.bytes, &owner(&person.person), lock).ok()?;
    let known = person.keys.as_ref().is_some_and(|known| are_known(known, &keys));
    known.then(|| Arc::new(keys))
}

fn are_known(known: &PublicKeys, keys: &PersonalKeys) -> bool {
    known.signing == keys.signing_public() && known.sealing == keys.sealing_public().as_bytes()
}

/// The ways to unlock somebody's keys.
pub(in crate::serve) async fn wrapped(
    state: &Arc<State>,
    person: &Person,
) -> Answer<Vec<WrappedKeys>> {
    let officer = person.person.officer.clone();
    let read = move |store: &mut portcullis_store::Database| {
        store.read(|reader| reader.wrapped_keys(&organisation(), &officer))
    };
    let found: Result<Vec<WrappedKeys>, StoreError> = state.store.with(read).await?;
    Ok(found?)
}

#[derive(Template)]
#[template(path = "pages/unlock.html")]
struct UnlockPage {
    frame: Frame,
    wrong: bool,
}

/// The page to unlock keys with a passphrase. Whoever has none, or has unlocked them, goes on.
pub(super) async fn unlock_page(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
) -> Answered<Response> {
    let has_passphrase = wrapped(&state, &signed_in.person)
        .await
        .map_err(IntoResponse::into_response)?
        .iter()
        .any(|one| one.way == KeyWay::Passphrase);
    if !has_passphrase || state.sign_in.own_keys.of(&signed_in.cookie.digest()).is_some() {
        return Ok(Redirect::to("/account").into_response());
    }
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    page(&UnlockPage { frame: signed_in.frame(at), wrong: false })
}

/// Unlocks keys with a passphrase.
pub(super) async fn unlock(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let fail = |problem: Problem| problem.into_response();
    let ready = state.sign_in.ready().map_err(fail)?;
    let (now, officer) = (state.clock.now(), signed_in.person.person.officer.clone());
    ready.may_try_as(now, &officer).map_err(fail)?;
    let wrapped = wrapped(&state, &signed_in.person).await.map_err(fail)?;
    let found = match Passphrase::new(form.text("passphrase")) {
        Ok(passphrase) => {
            // Each takes 64 MiB for a while.
            let _turn = ready.passphrases.acquire().await.map_err(|_| fail(Problem::busy()))?;
            let person = signed_in.person.clone();
            let tried = tokio::task::spawn_blocking(move || {
                let lock = KeyLock::Passphrase(&passphrase);
                let mut all = wrapped.iter().filter(|one| one.way == KeyWay::Passphrase);
                all.find_map(|one| opened(&person, one, &lock))
            });
            tried.await.map_err(|_| fail(Problem::internal()))?
        }
        Err(_) => None,
    };
    let Some(keys) = found else {
        ready.failed_as(now, &officer);
        let at = event_time(&state).map_err(fail)?;
        let shown = UnlockPage { frame: signed_in.frame(at), wrong: true };
        return page_with(StatusCode::FORBIDDEN, &shown);
    };
    ready.succeeded(&officer, signed_in.visit.sender);
    let session = signed_in.cookie.digest();
    if !keep(&state, &signed_in.person, session, keys).await.map_err(fail)? {
        return Err(fail(Problem::unknown_asker()));
    }
    Ok(Redirect::to("/account").into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::SystemRng;
    use portcullis_types::Rng as _;

    // THREATS T-33
    #[test]
    fn keys_that_others_know_half_of_open_nothing() {
        let random = &mut |bytes: &mut [u8]| SystemRng.fill(bytes);
        let (keys, others) = (PersonalKeys::random(random), PersonalKeys::random(random));
        let public = |signing: &PersonalKeys, sealing: &PersonalKeys| PublicKeys {
            signing: signing.signing_public(),
            sealing: sealing.sealing_public().as_bytes().to_vec(),
        };
        let [own, other_sealing, other_signing] =
            [public(&keys, &keys), public(&keys, &others), public(&others, &keys)];
        assert!(are_known(&own, &keys));
        assert!(!are_known(&other_sealing, &keys));
        assert!(!are_known(&other_signing, &keys));
    }
}
