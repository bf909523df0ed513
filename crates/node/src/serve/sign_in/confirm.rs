//! Confirming with a passkey that it is still the same person. What gives others more asks for it.

use super::super::problem::{Answer, Problem};
use super::super::state::State;
use super::passkey::{Given, refused};
use super::unlock::Opener;
use super::{
    Answered, ConfirmingOne, Frame, SignedIn, event_time, in_time_of_failure, locked, page, sent,
    sessions, unlock, with_cookie,
};
use crate::decisions::organisation;
use crate::environment::SystemRng;
use askama::Template;
use axum::Json;
use axum::extract::{Query, Request, State as Shared};
use axum::response::{IntoResponse, Response};
use portcullis_decide::people::{Credential, CredentialKind};
use portcullis_signin::{Answer as Sent, AnswerError, Confirming, Cookie, StoredPasskey, Token};
use portcullis_store::{Database, StoreError, TransactionName};
use portcullis_types::EventId;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// Where somebody may go on to from a confirmation: nowhere else, whatever an address says.
const NEXT: [&str; 4] = ["/account", "/approvals", "/tokens", "/links"];

pub(super) fn next(asked: &str) -> &'static str {
    NEXT.into_iter().find(|known| *known == asked).unwrap_or("/account")
}

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    next: String,
}

#[derive(Template)]
#[template(path = "pages/confirm.html")]
struct ConfirmPage {
    frame: Frame,
    next: &'static str,
}

/// The page to confirm on.
pub(super) async fn confirm_page(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    Query(asked): Query<Asked>,
) -> Answered<Response> {
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    page(&ConfirmPage { frame: signed_in.frame(at), next: next(&asked.next) })
}

#[derive(Deserialize)]
struct BeginForm {
    form: Zeroizing<String>,
}

/// Begins a confirmation.
pub(super) async fn begin(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    request: Request,
) -> Answered<Response> {
    let sent: BeginForm = sent(request, &state).await?;
    signed_in.check_text(&sent.form)?;
    begun(&state, &signed_in)
        .await
        .map(IntoResponse::into_response)
        .map_err(IntoResponse::into_response)
}

async fn begun(state: &Arc<State>, signed_in: &SignedIn) -> Answer<Json<Value>> {
    let ready = state.sign_in.ready()?;
    let now = state.clock.now();
    ready.may_try_as(now, &signed_in.person.person.officer)?;
    let passkeys: Vec<StoredPasskey> =
        passkeys_of(state, signed_in).await?.into_iter().map(|(_, passkey)| passkey).collect();
    let (options, begun) = ready.passkeys.begin_confirmation(&passkeys).map_err(refused)?;
    let one = ConfirmingOne { begun, session: signed_in.session.id };
    let token = locked(&ready.confirming).keep(now, &mut SystemRng, &signed_in.visit.sender, one);
    Ok(Json(json!({ "ceremony": *token.text(), "options": options })))
}

/// The passkeys of whoever is signed in.
pub(in crate::serve) async fn passkeys_of(
    state: &Arc<State>,
    signed_in: &SignedIn,
) -> Answer<Vec<(Credential, StoredPasskey)>> {
    Ok(passkeys(credentials_of(state, signed_in).await?))
}

/// All that whoever is signed in signs in with.
pub(in crate::serve) async fn credentials_of(
    state: &Arc<State>,
    signed_in: &SignedIn,
) -> Answer<Vec<Credential>> {
    let officer = signed_in.person.person.officer.clone();
    let read = move |store: &mut Database| {
        store.read(|reader| reader.credentials(&organisation(), &officer))
    };
    let found: Result<Vec<Credential>, StoreError> = state.store.with(read).await?;
    Ok(found?)
}

/// Those of them that are passkeys.
pub(in crate::serve) fn passkeys(credentials: Vec<Credential>) -> Vec<(Credential, StoredPasskey)> {
    let passkeys = credentials.into_iter().filter(|one| one.kind == CredentialKind::Passkey);
    passkeys
        .filter_map(|one| StoredPasskey::from_bytes(&one.data).ok().map(|passkey| (one, passkey)))
        .collect()
}

/// Finishes it: the session goes on under another token, and ends when it would have ended.
pub(super) async fn finish(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    request: Request,
) -> Answered<Response> {
    let came = Instant::now();
    let given: Given = sent(request, &state).await?;
    signed_in.check_text(&given.form)?;
    let result = confirmed(&state, signed_in, given).await;
    if result.is_err() {
        in_time_of_failure(came).await;
    }
    result.map_err(IntoResponse::into_response)
}

async fn confirmed(state: &Arc<State>, signed_in: SignedIn, given: Given) -> Answer<Response> {
    let ready = state.sign_in.ready()?;
    let (now, officer) = (state.clock.now(), signed_in.person.person.officer.clone());
    ready.may_try_as(now, &officer)?;
    let begun = Token::parse(&given.ceremony)
        .and_then(|token| locked(&ready.confirming).take(now, &token))
        // What began in one session is not finished in another.
        .filter(|one| one.session == signed_in.session.id);
    let answer = Sent::read(given.answer.to_string().as_bytes());
    let (Some(one), Ok(answer)) = (begun, answer) else {
        ready.failed_as(now, &officer);
        return Err(refused(AnswerError::Refused));
    };
    let output = given.secret();
    let after = Token::draw(&mut SystemRng);
    let shared = Arc::clone(state);
    let (after, signed_in, passkey, credential) = {
        let done = state
            .store
            .with(move |store| {
                let done = in_store(&shared, store, &one.begun, &answer, &signed_in, &after);
                (after, signed_in, answer.id().to_vec(), done)
            })
            .await?;
        let (after, signed_in, passkey, done) = done;
        match done {
            Ok(credential) => (after, signed_in, passkey, credential),
            Err(problem) => {
                ready.failed_as(now, &officer);
                return Err(problem);
            }
        }
    };
    ready.succeeded(&officer, signed_in.visit.sender);
    state.sign_in.own_keys.hand_over(&signed_in.cookie.digest(), after.digest());
    if !unlock::stands(state, after.digest()).await? {
        // It was ended meanwhile.
        state.sign_in.own_keys.forget(&after.digest());
        return Err(Problem::unknown_asker());
    }
    if let Some(output) = output {
        let opener = Opener { credential, passkey, output };
        unlock::with_passkey(state, &signed_in.person, after.digest(), opener).await?;
    }
    let response = Json(json!({ "next": next(&given.next) })).into_response();
    with_cookie(response, ready, Cookie::Session, &after)
}

fn in_store(
    state: &State,
    store: &mut Database,
    begun: &Confirming,
    answer: &Sent,
    signed_in: &SignedIn,
    after: &Token,
) -> Answer<EventId> {
    let (own, clock) = (organisation(), &*state.clock);
    let ready = state.sign_in.ready()?;
    let at = event_time(state)?;
    store.write(TransactionName("sign-in.confirm"), |writer| {
        let officer = &signed_in.person.person.officer;
        let person = writer.person(&own, officer)?.ok_or_else(Problem::unknown_asker)?;
        let session = writer
            .session(&own, &signed_in.session.digest)?
            .filter(|session| session.holds(at, &person).is_ok())
            .ok_or_else(Problem::unknown_asker)?;
        let kept = passkeys(writer.credentials(&own, officer)?);
        let keys: Vec<StoredPasskey> = kept.iter().map(|(_, passkey)| passkey.clone()).collect();
        let proof = ready.passkeys.finish_confirmation(begun, answer, &keys).map_err(refused)?;
        let credential = kept
            .iter()
            .find(|(_, passkey)| passkey.id() == proof.passkey().id())
            .map(|(credential, _)| credential)
            .ok_or_else(|| refused(AnswerError::Refused))?;
        let data = proof.to_keep().map(StoredPasskey::to_bytes).transpose();
        sessions::used(writer, at, credential, data.map_err(|_| Problem::internal())?)?;
        sessions::confirm(writer, clock, &person, session, after)?;
        Ok(credential.id)
    })
}
