//! Signing in with a passkey, and signing out.

use super::super::problem::{Answer, Problem};
use super::super::state::State;
use super::unlock::Opener;
use super::{
    Answered, Form, SignedIn, Visit, event_time, handle, in_time_of_failure, locked, page, sent,
    sessions, unlock, with_cookie, without_cookie,
};
use crate::decisions::organisation;
use crate::environment::SystemRng;
use askama::Template;
use axum::Json;
use axum::extract::{Request, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use portcullis_decide::Digest;
use portcullis_decide::people::{CredentialKind, Person};
use portcullis_signin::{
    Answer as Sent, AnswerError, Cookie, SigningIn, StoredPasskey, Token, TokenDigest, prf_output,
};
use portcullis_store::{Database, TransactionName};
use portcullis_types::{EventId, OfficerId};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::Arc;
use tokio::time::Instant;
use zeroize::Zeroizing;

#[derive(Template)]
#[template(path = "pages/sign_in.html")]
struct SignInPage {
    passkeys: bool,
    provider: bool,
}

/// The page to sign in on.
pub(super) async fn sign_in_page(
    Shared(state): Shared<Arc<State>>,
    _: Visit,
) -> Answered<Response> {
    let ready = state.sign_in.ready().map_err(IntoResponse::into_response)?;
    page(&SignInPage { passkeys: true, provider: ready.settings.is_some() })
}

/// What a page's script sends when a passkey has answered.
#[derive(Deserialize)]
pub(super) struct Given {
    /// By which what began is known.
    pub(super) ceremony: Zeroizing<String>,
    /// The answer, as the browser gave it.
    pub(super) answer: Value,
    /// What the PRF extension gave, in base64.
    pub(super) prf: Option<Zeroizing<String>>,
    /// The token of the form, where there is a session.
    #[serde(default)]
    pub(super) form: String,
    /// Where to go next.
    #[serde(default)]
    pub(super) next: String,
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Given(…)")
    }
}

impl Given {
    /// The secret output of the passkey, where it gave one.
    pub(super) fn secret(&self) -> Option<Zeroizing<[u8; 32]>> {
        prf_output(self.prf.as_ref()?)
    }
}

/// Begins a sign-in of whoever is there.
pub(super) async fn begin(Shared(state): Shared<Arc<State>>, visit: Visit) -> Answer<Json<Value>> {
    let ready = state.sign_in.ready()?;
    let now = state.clock.now();
    let (options, begun) = ready.passkeys.begin_sign_in().map_err(|_| Problem::internal())?;
    let token = locked(&ready.signing_in).keep(now, &mut SystemRng, &visit.sender, begun);
    Ok(Json(json!({ "ceremony": *token.text(), "options": options })))
}

/// Finishes it.
pub(super) async fn finish(
    Shared(state): Shared<Arc<State>>,
    visit: Visit,
    request: Request,
) -> Answered<Response> {
    let came = Instant::now();
    let given: Given = sent(request, &state).await?;
    let result = signed_in(&state, &visit, given).await;
    if result.is_err() {
        in_time_of_failure(came).await;
    }
    result.map_err(IntoResponse::into_response)
}

async fn signed_in(state: &Arc<State>, visit: &Visit, given: Given) -> Answer<Response> {
    let ready = state.sign_in.ready()?;
    let now = state.clock.now();
    let ceremony = Token::parse(&given.ceremony);
    let begun = ceremony.and_then(|token| locked(&ready.signing_in).take(now, &token));
    let answer = Sent::read(given.answer.to_string().as_bytes());
    let (Some(begun), Ok(answer)) = (begun, answer) else {
        return Err(refused(AnswerError::Refused));
    };
    let before = visit.cookie(ready, Cookie::Session);
    let token = Token::draw(&mut SystemRng);
    let (shared, output) = (Arc::clone(state), given.secret());
    let (token, passkey, outcome) = state
        .store
        .with(move |store| {
            let outcome = in_store(&shared, store, begun, &answer, &token, before.as_ref());
            (token, answer.id().to_vec(), outcome)
        })
        .await?;
    match outcome? {
        Ok((person, credential)) => {
            ready.succeeded(&person.person.officer, visit.sender);
            let unlocked = match output {
                Some(output) => {
                    let opener = Opener { credential, passkey, output };
                    unlock::with_passkey(state, &person, token.digest(), opener).await?
                }
                None => false,
            };
            let next = if unlocked { "/account" } else { "/unlock" };
            let response = Json(json!({ "next": next })).into_response();
            with_cookie(response, ready, Cookie::Session, &token)
        }
        Err(claimed) => {
            if let Some(claimed) = &claimed {
                ready.failed_as(now, claimed);
            }
            Err(refused(AnswerError::Refused))
        }
    }
}

/// Checks the answer against what is kept, and begins a session, in one transaction: two answers with
/// one counter cannot both get through. Gives whose account it claims to be where it fails.
fn in_store(
    state: &State,
    store: &mut Database,
    begun: SigningIn,
    answer: &Sent,
    token: &Token,
    before: Option<&Token>,
) -> Answer<Result<(Person, EventId), Option<OfficerId>>> {
    let (own, clock) = (organisation(), &*state.clock);
    let ready = state.sign_in.ready()?;
    let at = event_time(state)?;
    let last = before.map(Token::digest);
    let before = sessions::before(store, at, before)?;
    let lookup = lookup(answer.id());
    let mut begun = Some(begun);
    let done = store.write(TransactionName("sign-in.passkey"), |writer| {
        let Some(credential) = writer.credential(&own, CredentialKind::Passkey, &lookup)? else {
            return Ok(Err(None));
        };
        let officer = credential.person.officer.clone();
        let Some(person) = writer.person(&own, &officer)? else { return Ok(Err(None)) };
        ready.may_try_as(state.clock.now(), &officer)?;
        let Ok(kept) = StoredPasskey::from_bytes(&credential.data) else {
            return Err(Problem::internal());
        };
        // Whoever comes second to what both want to write begins anew.
        let Some(begun) = begun.take() else { return Err(Problem::busy()) };
        let proof = ready.passkeys.finish_sign_in(begun, answer, &kept, handle(&person));
        let Ok(proof) = proof else { return Ok(Err(Some(officer))) };
        if !person.stands(at) {
            return Ok(Err(Some(officer)));
        }
        let data = proof.to_keep().map(StoredPasskey::to_bytes).transpose();
        let data = data.map_err(|_| Problem::internal())?;
        sessions::used(writer, at, &credential, data)?;
        if let Some((whose, session)) = &before {
            sessions::end(writer, clock, whose, Some(session.id))?;
        }
        sessions::begin(writer, clock, &person, token, CredentialKind::Passkey)?;
        Ok(Ok((person, credential.id)))
    });
    forget(state, last);
    done
}

/// Forgets the keys of the session that a browser had until now.
pub(super) fn forget(state: &State, last: Option<TokenDigest>) {
    if let Some(last) = last {
        state.sign_in.own_keys.forget(&last);
    }
}

/// What a passkey is found by.
pub(super) fn lookup(id: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(id).into())
}

/// What somebody is told whose passkey was not accepted: nothing more.
pub(in crate::serve) fn refused(error: AnswerError) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, error.to_string())
}

/// Ends the session.
pub(super) async fn sign_out(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let ready = state.sign_in.ready().map_err(IntoResponse::into_response)?;
    let (shared, keys) = (Arc::clone(&state), signed_in.cookie.digest());
    let ended = state
        .store
        .with(move |store| {
            store.write(TransactionName("sign-in.out"), |writer| {
                sessions::end(writer, &*shared.clock, &signed_in.person, Some(signed_in.session.id))
            })
        })
        .await;
    // Once the session is ended, so that nothing unlocks them again; and where it could not be, as well.
    state.sign_in.own_keys.forget(&keys);
    ended.and_then(|result| result).map_err(IntoResponse::into_response)?;
    without_cookie(Redirect::to("/sign-in").into_response(), ready, Cookie::Session)
        .map_err(IntoResponse::into_response)
}
