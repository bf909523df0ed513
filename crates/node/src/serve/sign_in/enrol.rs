//! Enrolling: whoever was invited makes his first passkey, and his own keys.

use super::super::problem::{Answer, Problem};
use super::super::state::State;
use super::passkey::{lookup, refused};
use super::{
    Answered, EnrollingOne, Visit, digest_of, event_time, handle, in_time_of_failure, locked, page,
    sent, sessions, unlock, with_cookie,
};
use crate::decisions::organisation;
use crate::environment::SystemRng;
use askama::Template;
use axum::Json;
use axum::extract::{Request, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use portcullis_decide::people::{
    Credential, CredentialKind, KeyWay, Person, PublicKeys, WrappedKeys, enrol,
};
use portcullis_keys::{CodeKind, KeyLock, Passphrase, PersonalKeys};
use portcullis_signin::{AnswerError, Cookie, StoredPasskey, Token, prf_output};
use portcullis_store::{Database, StoreError, TransactionName};
use portcullis_types::{EventId, EventTime, OfficerId, PersonId, Protected, Rng as _};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use tokio::time::Instant;
use zeroize::Zeroizing;

/// Shortest passphrase, in characters, as `Passphrase` has it.
const LEAST: u8 = 12;

#[derive(Template)]
#[template(path = "pages/enrol.html")]
struct EnrolPage {
    least: u8,
}

/// The page to enrol on.
pub(super) async fn enrol_page(_: Visit) -> Answered<Response> {
    page(&EnrolPage { least: LEAST })
}

#[derive(Deserialize)]
struct Invited {
    account: String,
    one: Zeroizing<String>,
    other: Zeroizing<String>,
}

/// Begins to enrol whoever has both halves of an invitation.
pub(super) async fn begin(
    Shared(state): Shared<Arc<State>>,
    visit: Visit,
    request: Request,
) -> Answered<Response> {
    let came = Instant::now();
    let invited: Invited = sent(request, &state).await?;
    let result = begun(&state, &visit, &invited).await;
    if result.is_err() {
        in_time_of_failure(came).await;
    }
    result.map(IntoResponse::into_response).map_err(IntoResponse::into_response)
}

fn not_invited() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        "there is no such invitation, or it was used or has lapsed; it takes your account and both halves",
    )
}

async fn begun(state: &Arc<State>, visit: &Visit, invited: &Invited) -> Answer<Json<Value>> {
    let ready = state.sign_in.ready()?;
    let now = state.clock.now();
    ready.may_try(now, visit.sender)?;
    let at = event_time(state)?;
    let officer = OfficerId::new(&invited.account).ok();
    let halves = [&invited.one, &invited.other].map(|half| digest_of(CodeKind::Invitation, half));
    if halves.iter().any(Option::is_none) {
        // A code has check characters: that one is no code says nothing of which there are.
        ready.failed(now, visit.sender);
        return Err(Problem::new(
            StatusCode::FORBIDDEN,
            "a character of the invitation is mistyped or missing; compare both halves with what you were given",
        ));
    }
    let found = match (officer, halves) {
        (Some(officer), [Some(one), Some(other)]) => {
            let read = move |store: &mut Database| {
                store.read(|reader| {
                    let person = reader.person(&organisation(), &officer)?;
                    Ok::<_, StoreError>(person.filter(|person| person.invites(at, [&one, &other])))
                })
            };
            state.store.with(read).await??.map(|person| (person, [one, other]))
        }
        _ => None,
    };
    let Some((person, halves)) = found else {
        ready.failed(now, visit.sender);
        return Err(not_invited());
    };
    let officer = person.person.officer.clone();
    let (options, begun) =
        ready.passkeys.begin_enrolment(handle(&person), officer.as_str(), &[]).map_err(refused)?;
    let one = EnrollingOne { begun, officer, halves };
    let token = locked(&ready.enrolling).keep(now, &mut SystemRng, &visit.sender, one);
    Ok(Json(json!({ "ceremony": *token.text(), "options": options })))
}

/// What a page's script sends when a passkey was made.
#[derive(Deserialize)]
pub(in crate::serve) struct Made {
    pub(in crate::serve) ceremony: Zeroizing<String>,
    pub(in crate::serve) answer: Value,
    pub(in crate::serve) prf: Option<Zeroizing<String>>,
    #[serde(default)]
    pub(in crate::serve) passphrase: Zeroizing<String>,
    pub(in crate::serve) label: String,
    #[serde(default)]
    pub(in crate::serve) form: String,
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Made(…)")
    }
}

/// Longest name of a passkey, in characters.
const LABEL_CHARACTERS: usize = 100;

/// What its owner calls a passkey.
pub(in crate::serve) fn label(text: &str) -> Answer<Protected> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LABEL_CHARACTERS {
        return Err(Problem::impossible(format!(
            "give your passkey a name of 1 to {LABEL_CHARACTERS} characters"
        )));
    }
    Ok(Protected::new(text))
}

/// Finishes enrolling.
pub(super) async fn finish(
    Shared(state): Shared<Arc<State>>,
    visit: Visit,
    request: Request,
) -> Answered<Response> {
    let came = Instant::now();
    let made: Made = sent(request, &state).await?;
    let result = enrolled(&state, &visit, made).await;
    if result.is_err() {
        in_time_of_failure(came).await;
    }
    result.map_err(IntoResponse::into_response)
}

async fn enrolled(state: &Arc<State>, visit: &Visit, made: Made) -> Answer<Response> {
    let ready = state.sign_in.ready()?;
    let now = state.clock.now();
    ready.may_try(now, visit.sender)?;
    let label = label(&made.label)?;
    let passphrase = match &made.prf {
        Some(_) => None,
        None => Some(
            Passphrase::new(&made.passphrase)
                .map_err(|error| Problem::impossible(error.to_string()))?,
        ),
    };
    let one = Token::parse(&made.ceremony)
        .and_then(|token| locked(&ready.enrolling).take(now, &token))
        .ok_or_else(|| refused(AnswerError::Refused))?;
    let passkey = ready
        .passkeys
        .finish_enrolment(&one.begun, made.answer.to_string().as_bytes())
        .map_err(|error| {
        ready.failed(now, visit.sender);
        refused(error)
    })?;
    let output = made.prf.as_deref().and_then(|text| prf_output(text));
    if made.prf.is_some() && output.is_none() {
        return Err(refused(AnswerError::Unreadable));
    }
    let whose = PersonId { organisation: organisation(), officer: one.officer.clone() };
    let credential = credential(event_time(state)?, &whose, &passkey, label)?;
    // Wrapping takes long where it is a passphrase: before the store is asked, so that nobody else who
    // wants to write waits for it.
    let turn = ready.passphrases.acquire().await.map_err(|_| Problem::busy())?;
    let wrapped = tokio::task::spawn_blocking(move || {
        let lock = match (&output, &passphrase) {
            (Some(output), _) => KeyLock::Prf { credential: passkey.id(), output },
            (None, Some(passphrase)) => KeyLock::Passphrase(passphrase),
            (None, None) => return None,
        };
        let keys = PersonalKeys::random(&mut |bytes| SystemRng.fill(bytes));
        let wrapped = wrap(credential.made_at, &whose, &keys, &lock, credential.id);
        Some(NewWay { credential, keys, wrapped })
    });
    let new = wrapped.await.ok().flatten().ok_or_else(Problem::internal)?;
    drop(turn);
    let token = Token::draw(&mut SystemRng);
    let shared = Arc::clone(state);
    let (token, keys, done) = state
        .store
        .with(move |store| {
            let done = in_store(&shared, store, &one, &new, &token);
            (token, new.keys, done)
        })
        .await?;
    let person = done?;
    ready.succeeded(&person.person.officer, visit.sender);
    unlock::keep(state, &person, token.digest(), Arc::new(keys)).await?;
    let response = Json(json!({ "next": "/account" })).into_response();
    with_cookie(response, ready, Cookie::Session, &token)
}

/// A passkey as it is kept for somebody.
pub(in crate::serve) fn credential(
    at: EventTime,
    whose: &PersonId,
    passkey: &StoredPasskey,
    label: Protected,
) -> Answer<Credential> {
    Ok(Credential {
        id: EventId::random(&mut SystemRng),
        person: whose.clone(),
        kind: CredentialKind::Passkey,
        lookup: lookup(passkey.id()),
        label,
        data: passkey.to_bytes().map_err(|_| Problem::internal())?,
        made_at: at,
        used_at: None,
    })
}

/// Somebody's keys, wrapped under a lock.
pub(in crate::serve) fn wrap(
    at: EventTime,
    whose: &PersonId,
    keys: &PersonalKeys,
    lock: &KeyLock<'_>,
    credential: EventId,
) -> WrappedKeys {
    let random = &mut |bytes: &mut [u8]| SystemRng.fill(bytes);
    let (way, credential) = match lock {
        KeyLock::Prf { .. } => (KeyWay::Prf, Some(credential)),
        KeyLock::Passphrase(_) => (KeyWay::Passphrase, None),
    };
    WrappedKeys {
        id: EventId::random(&mut SystemRng),
        person: whose.clone(),
        way,
        credential,
        bytes: keys.wrap(random, &unlock::owner(whose), lock),
        made_at: at,
    }
}

/// What somebody who enrols has from then on.
struct NewWay {
    credential: Credential,
    keys: PersonalKeys,
    wrapped: WrappedKeys,
}

fn in_store(
    state: &State,
    store: &mut Database,
    one: &EnrollingOne,
    new: &NewWay,
    token: &Token,
) -> Answer<Person> {
    let (own, clock) = (organisation(), &*state.clock);
    let public = PublicKeys {
        signing: new.keys.signing_public(),
        sealing: new.keys.sealing_public().as_bytes().to_vec(),
    };
    store.write(TransactionName("people.enrol"), |writer| {
        let person = writer.person(&own, &one.officer)?.ok_or_else(not_invited)?;
        let credential = &new.credential;
        if writer.credential(&own, CredentialKind::Passkey, &credential.lookup)?.is_some() {
            return Err(refused(AnswerError::Refused));
        }
        let change = enrol(
            clock,
            &mut SystemRng,
            person,
            [&one.halves[0], &one.halves[1]],
            public.clone(),
            Some(credential.clone()),
            vec![new.wrapped.clone()],
        )
        .map_err(|_| not_invited())?;
        writer.enrol(&change)?;
        let person = &change.state().person;
        sessions::begin(writer, clock, person, token, CredentialKind::Passkey)?;
        Ok(person.clone())
    })
}
