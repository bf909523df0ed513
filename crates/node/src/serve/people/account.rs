//! My account: passkeys, keys, sessions.

use super::super::problem::{Answer, Problem};
use super::super::sign_in::{
    AddingOne, Answered, Form, Frame, Made, SignedIn, credential, credentials_of, end, event_time,
    handle, label, locked, page, passkeys, passkeys_of, refused, sent, without_cookie, wrap,
    wrapped,
};
use super::super::state::State;
use super::judged::{asker, judge, judged, own};
use super::{NotDone, id, shown, told};
use crate::decisions::organisation;
use crate::environment::SystemRng;
use askama::Template;
use axum::Json;
use axum::extract::{Request, State as Shared};
use axum::response::{IntoResponse, Redirect, Response};
use portcullis_access::{Act, ForAsker, Judgement, ThingKind};
use portcullis_decide::people::{
    CredentialKind, KeyWay, LONGEST, add_credential, add_wrapped_keys, remove_credential,
};
use portcullis_keys::KeyLock;
use portcullis_signin::{AnswerError, Cookie, StoredPasskey, Token, prf_output};
use portcullis_store::TransactionName;
use portcullis_types::EventTime;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use zeroize::Zeroizing;

struct PasskeyRow {
    id: String,
    label: String,
    made_at: String,
    used_at: String,
}

#[derive(Template)]
#[template(path = "pages/account.html")]
#[expect(clippy::struct_excessive_bools, reason = "each stands for a part of the page")]
struct AccountPage {
    frame: Frame,
    account: String,
    name: String,
    roles: String,
    ends_at: String,
    confirmed_at: String,
    unlocked: bool,
    has_passphrase: bool,
    provider: bool,
    tied: bool,
    passkeys: Vec<PasskeyRow>,
}

/// My account.
pub(super) async fn account(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
) -> Answered<Response> {
    let fail = |problem: Problem| problem.into_response();
    let at = event_time(&state).map_err(fail)?;
    judged(&state, &signed_in, Act::Read, own(ThingKind::Account, &signed_in), "/sign-in").await?;
    let credentials = credentials_of(&state, &signed_in).await.map_err(fail)?;
    let provider = state.sign_in.ready().map_err(fail)?.has_provider();
    let tied = credentials.iter().any(|one| one.kind == CredentialKind::Oidc);
    let passkeys = passkeys(credentials);
    let wrapped = wrapped(&state, &signed_in.person).await.map_err(fail)?;
    let roles: Vec<&str> = signed_in.person.roles(at).iter().map(|role| role.code()).collect();
    let ends_at = signed_in.session.began_at.timestamp().saturating_add(LONGEST);
    let ends_at = ends_at.ok().and_then(|end| EventTime::rounded_down(end).ok());
    page(&AccountPage {
        frame: signed_in.frame(at),
        account: signed_in.person.person.officer.to_string(),
        name: signed_in.person.name.reveal().to_owned(),
        roles: roles.join(", "),
        ends_at: ends_at.map_or_else(String::new, shown),
        confirmed_at: signed_in.session.confirmed_at.map_or_else(|| "Not yet".into(), shown),
        unlocked: state.sign_in.own_keys.of(&signed_in.cookie.digest()).is_some(),
        provider,
        tied,
        has_passphrase: wrapped.iter().any(|one| one.way == KeyWay::Passphrase),
        passkeys: passkeys
            .iter()
            .map(|(credential, _)| PasskeyRow {
                id: credential.id.to_string(),
                label: credential.label.reveal().to_owned(),
                made_at: shown(credential.made_at),
                used_at: credential.used_at.map_or_else(|| "Not yet".into(), shown),
            })
            .collect(),
    })
}

#[derive(Deserialize)]
struct BeginForm {
    form: Zeroizing<String>,
}

/// Whether the policies let whoever is signed in add a way to sign in.
pub(in crate::serve) async fn may_add(state: &Arc<State>, signed_in: &SignedIn) -> Answer<()> {
    let asker = asker(state, signed_in).await?;
    match judge(state, &asker, Act::Make, own(ThingKind::WayIn, signed_in)) {
        Judgement::Allowed(_) => Ok(()),
        Judgement::Denied(denial) => Err(match denial.for_asker() {
            told @ ForAsker::Refused { .. } => Problem::refused(told.to_string()),
            ForAsker::Absent => Problem::absent(),
        }),
    }
}

/// Begins to add a passkey.
pub(super) async fn begin(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    request: Request,
) -> Answered<Response> {
    let sent: BeginForm = sent(request, &state).await?;
    signed_in.check_text(&sent.form)?;
    let begun = begun(&state, &signed_in).await;
    begun.map(IntoResponse::into_response).map_err(IntoResponse::into_response)
}

fn not_confirmed() -> Problem {
    Problem::refused(
        "confirm with your passkey first, and unlock your keys: a new passkey must open them, too",
    )
}

async fn begun(state: &Arc<State>, signed_in: &SignedIn) -> Answer<Json<Value>> {
    let at = event_time(state)?;
    let unlocked = state.sign_in.own_keys.of(&signed_in.cookie.digest()).is_some();
    if !signed_in.session.is_confirmed(at) || !unlocked {
        return Err(not_confirmed());
    }
    may_add(state, signed_in).await?;
    let ready = state.sign_in.ready()?;
    let existing: Vec<StoredPasskey> =
        passkeys_of(state, signed_in).await?.into_iter().map(|(_, passkey)| passkey).collect();
    let account = signed_in.person.person.officer.as_str();
    let handle = handle(&signed_in.person);
    let (options, begun) =
        ready.passkeys.begin_enrolment(handle, account, &existing).map_err(refused)?;
    let one = AddingOne { begun, session: signed_in.session.id };
    let token =
        locked(&ready.adding).keep(state.clock.now(), &mut SystemRng, &signed_in.visit.sender, one);
    Ok(Json(json!({ "ceremony": *token.text(), "options": options })))
}

/// Finishes it. A passkey that gives no secret can be signed in with; the passphrase opens the keys.
pub(super) async fn finish(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    request: Request,
) -> Answered<Response> {
    let made: Made = sent(request, &state).await?;
    signed_in.check_text(&made.form)?;
    added(&state, signed_in, made).await.map_err(IntoResponse::into_response)
}

async fn added(state: &Arc<State>, signed_in: SignedIn, made: Made) -> Answer<Response> {
    let ready = state.sign_in.ready()?;
    let label = label(&made.label)?;
    let at = event_time(state)?;
    let keys = state.sign_in.own_keys.of(&signed_in.cookie.digest()).ok_or_else(not_confirmed)?;
    if !signed_in.session.is_confirmed(at) {
        return Err(not_confirmed());
    }
    may_add(state, &signed_in).await?;
    let one = Token::parse(&made.ceremony)
        .and_then(|token| locked(&ready.adding).take(state.clock.now(), &token))
        .filter(|one| one.session == signed_in.session.id)
        .ok_or_else(|| refused(AnswerError::Refused))?;
    let answer = made.answer.to_string();
    let passkey =
        ready.passkeys.finish_enrolment(&one.begun, answer.as_bytes()).map_err(refused)?;
    let output = made.prf.as_deref().and_then(|text| prf_output(text));
    let whose = &signed_in.person.person;
    let one = credential(at, whose, &passkey, label)?;
    let wrapped = output.map(|output| {
        let lock = KeyLock::Prf { credential: passkey.id(), output: &output };
        wrap(at, whose, &keys, &lock, one.id)
    });
    let shared = Arc::clone(state);
    state
        .store
        .with(move |store| {
            let own = organisation();
            store.write(TransactionName("people.add-passkey"), |writer| {
                // Here and not before: a reset or a suspension in between would leave a way in behind.
                let session = writer.session(&own, &signed_in.session.digest)?;
                let session = session.ok_or_else(not_confirmed)?;
                let officer = &session.person.officer;
                let person = writer.person(&own, officer)?.ok_or_else(not_confirmed)?;
                let at = event_time(&shared)?;
                let holds = at >= session.began_at && session.holds(at, &person).is_ok();
                if !holds || !session.is_confirmed(at) {
                    return Err(not_confirmed());
                }
                if writer.credential(&own, CredentialKind::Passkey, &one.lookup)?.is_some() {
                    return Err(refused(AnswerError::Refused));
                }
                let (clock, rng) = (&*shared.clock, &mut SystemRng);
                let change = add_credential(clock, rng, &person, one.clone());
                writer.put_credential(&change.map_err(|_| Problem::internal())?)?;
                if let Some(wrapped) = &wrapped {
                    let change = add_wrapped_keys(clock, rng, &person, wrapped.clone());
                    writer.put_wrapped_keys(&change.map_err(|_| Problem::internal())?)?;
                }
                Ok(())
            })
        })
        .await??;
    Ok(Json(json!({ "next": "/account" })).into_response())
}

/// Takes a passkey away, but never the last, and never the last that opens the keys.
pub(super) async fn remove(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    signed_in.must_be_confirmed(at, "/account")?;
    judged(&state, &signed_in, Act::Revoke, own(ThingKind::WayIn, &signed_in), "/account").await?;
    let id = id(form.text("id"));
    let shared = Arc::clone(&state);
    let result = state
        .store
        .with(move |store| {
            let own = organisation();
            store.write(TransactionName("people.remove-passkey"), |writer| {
                let officer = &signed_in.person.person.officer;
                let person = writer.person(&own, officer)?.ok_or_else(Problem::unknown_asker)?;
                let credentials = writer.credentials(&own, officer)?;
                let passkeys =
                    credentials.iter().filter(|one| one.kind == CredentialKind::Passkey).count();
                let Some(one) = credentials.iter().find(|one| Some(one.id) == id) else {
                    return Err(NotDone::Refused("There is no such passkey.".into()));
                };
                let wrapped = writer.wrapped_keys(&own, officer)?;
                let opens_otherwise = wrapped.iter().any(|way| way.credential != Some(one.id));
                if passkeys < 2 || !opens_otherwise {
                    return Err(NotDone::Refused(
                        "It is the only one that you sign in with or that opens your keys. Add another one first.".into(),
                    ));
                }
                let change = remove_credential(&*shared.clock, &mut SystemRng, &person, one.id);
                writer.remove_credential(&change.map_err(|_| Problem::internal())?)?;
                Ok(())
            })
        })
        .await;
    told(result, "/account")?;
    Ok(Redirect::to("/account").into_response())
}

/// Ends every session of whoever is signed in.
pub(super) async fn end_sessions(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let fail = |problem: Problem| problem.into_response();
    let ready = state.sign_in.ready().map_err(fail)?;
    let (shared, whose) = (Arc::clone(&state), signed_in.person.person.clone());
    let write = move |store: &mut portcullis_store::Database| {
        store.write(TransactionName("sign-in.out-everywhere"), |writer| {
            end(writer, &*shared.clock, &signed_in.person, None)
        })
    };
    let ended = state.store.with(write).await;
    // Once they are ended, so that none unlocks them again; and where they could not be, as well.
    state.sign_in.own_keys.forget_all_of(&whose);
    ended.and_then(|result| result).map_err(fail)?;
    without_cookie(Redirect::to("/sign-in").into_response(), ready, Cookie::Session).map_err(fail)
}
