//! Tokens for programs that act for whoever is signed in.

use super::super::problem::Problem;
use super::super::sign_in::{Answered, Form, Frame, SignedIn, event_time, new_code, page};
use super::super::state::State;
use super::judged::{judged, own};
use super::{NotDone, id, shown, told};
use crate::decisions::organisation;
use crate::environment::SystemRng;
use askama::Template;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Redirect, Response};
use portcullis_access::{Act, ThingKind};
use portcullis_decide::people::{Scope, make_token, revoke_token};
use portcullis_keys::{CodeKind, SecretCode};
use portcullis_store::TransactionName;
use portcullis_types::{EventTime, Protected};
use std::sync::Arc;

struct TokenRow {
    id: String,
    note: String,
    scopes: String,
    until: String,
    open: bool,
}

#[derive(Template)]
#[template(path = "pages/tokens.html")]
struct TokensPage<'a> {
    frame: Frame,
    made: Option<&'a str>,
    tokens: Vec<TokenRow>,
    scopes: Vec<(String, &'static str)>,
}

/// The tokens of whoever is signed in.
pub(super) async fn tokens(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
) -> Answered<Response> {
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    judged(&state, &signed_in, Act::Read, own(ThingKind::Token, &signed_in), "/account").await?;
    show(&state, &signed_in, at, None).await
}

async fn show(
    state: &Arc<State>,
    signed_in: &SignedIn,
    at: EventTime,
    made: Option<SecretCode>,
) -> Answered<Response> {
    let read = |store: &mut portcullis_store::Database| {
        store.read(|reader| reader.api_tokens(&organisation()))
    };
    let found = state.store.with(read).await.map_err(IntoResponse::into_response)?;
    let tokens = found.map_err(|error| Problem::from(error).into_response())?;
    let person = &signed_in.person;
    let rows = tokens.iter().filter(|token| token.person == person.person).map(|token| {
        let scopes: Vec<&str> = token.scopes.iter().map(|scope| said(*scope)).collect();
        TokenRow {
            id: token.id.to_string(),
            note: token.note.reveal().to_owned(),
            scopes: scopes.join(", "),
            until: shown(token.until),
            open: token.revoked_at.is_none() && at < token.until,
        }
    });
    let roles = person.roles(at);
    let may = Scope::ALL.iter().filter(|scope| scope.roles().iter().any(|r| roles.contains(r)));
    page(&TokensPage {
        frame: signed_in.frame(at),
        made: made.as_ref().map(SecretCode::reveal),
        tokens: rows.collect(),
        scopes: may.map(|scope| (format!("scope-{}", scope.code()), said(*scope))).collect(),
    })
}

fn said(scope: Scope) -> &'static str {
    match scope {
        Scope::Match => "match people against lists",
        Scope::Screen => "screen people",
        Scope::ListsRead => "read which lists there are",
        Scope::DecisionsRead => "read decisions",
        Scope::HistoryRead => "read what was done",
    }
}

/// Makes a token. A program acts with it alone, so it takes a fresh confirmation.
pub(super) async fn make(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    signed_in.must_be_confirmed(at, "/tokens")?;
    judged(&state, &signed_in, Act::Make, own(ThingKind::Token, &signed_in), "/tokens").await?;
    let scopes = form.chosen("scope-").into_iter().filter_map(Scope::from_code).collect();
    let days = form.text("days").parse().unwrap_or(0);
    let note = Protected::new(form.text("note"));
    let (code, digest) = new_code(CodeKind::Token);
    let (shared, person) = (Arc::clone(&state), signed_in.person.clone());
    let result = state
        .store
        .with(move |store| {
            store.write(TransactionName("people.make-token"), |writer| {
                let officer = &person.person.officer;
                let person = writer.person(&organisation(), officer)?;
                let person = person.ok_or_else(Problem::unknown_asker)?;
                let (clock, rng) = (&*shared.clock, &mut SystemRng);
                let scopes = std::collections::BTreeSet::clone(&scopes);
                let change = make_token(clock, rng, &person, digest, scopes, days, note.clone())
                    .map_err(|error| NotDone::by_rule(&error))?;
                writer.put_api_token(&change)?;
                Ok(())
            })
        })
        .await;
    told(result, "/tokens")?;
    show(&state, &signed_in, at, Some(code)).await
}

/// Revokes one.
pub(super) async fn revoke(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    judged(&state, &signed_in, Act::Revoke, own(ThingKind::Token, &signed_in), "/tokens").await?;
    let id = id(form.text("id"));
    let shared = Arc::clone(&state);
    let result = state
        .store
        .with(move |store| {
            store.write(TransactionName("people.revoke-token"), |writer| {
                let found = writer.api_tokens(&organisation())?.into_iter();
                let mut mine = found.filter(|token| token.person == signed_in.person.person);
                let Some(token) = mine.find(|token| Some(token.id) == id) else {
                    return Err(NotDone::Refused("There is no such token.".into()));
                };
                let (clock, rng) = (&*shared.clock, &mut SystemRng);
                let change = revoke_token(clock, rng, &signed_in.person, token)
                    .map_err(|error| NotDone::by_rule(&error))?;
                writer.put_api_token(&change)?;
                Ok(())
            })
        })
        .await;
    told(result, "/tokens")?;
    Ok(Redirect::to("/tokens").into_response())
}
