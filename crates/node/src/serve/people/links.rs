//! Links by which people without an account hand something in.

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
use portcullis_decide::people::{LinkOrder, close_link, make_link};
use portcullis_keys::{CodeKind, SecretCode};
use portcullis_store::TransactionName;
use portcullis_types::{EventTime, PopulationClass, Protected, Role};
use std::sync::Arc;

struct LinkRow {
    id: String,
    note: String,
    class: &'static str,
    used: String,
    until: String,
    open: bool,
}

#[derive(Template)]
#[template(path = "pages/links.html")]
struct LinksPage {
    frame: Frame,
    made: Option<String>,
    links: Vec<LinkRow>,
    classes: Vec<&'static str>,
}

/// The links that whoever is signed in made.
pub(super) async fn links(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
) -> Answered<Response> {
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    signed_in.must_be(Role::Officer, at)?;
    judged(&state, &signed_in, Act::Read, own(ThingKind::Link, &signed_in), "/account").await?;
    show(&state, &signed_in, at, None).await
}

async fn show(
    state: &Arc<State>,
    signed_in: &SignedIn,
    at: EventTime,
    made: Option<SecretCode>,
) -> Answered<Response> {
    let read = |store: &mut portcullis_store::Database| {
        store.read(|reader| reader.submit_links(&organisation()))
    };
    let ready = state.sign_in.ready().map_err(IntoResponse::into_response)?;
    let found = state.store.with(read).await.map_err(IntoResponse::into_response)?;
    let links = found.map_err(|error| Problem::from(error).into_response())?;
    let mine = links.iter().filter(|link| link.made_by == signed_in.person.person);
    page(&LinksPage {
        frame: signed_in.frame(at),
        made: made.map(|code| ready.site.address(&format!("/hand-in/{}", code.reveal()))),
        links: mine
            .map(|link| LinkRow {
                id: link.id.to_string(),
                note: link.note.reveal().to_owned(),
                class: link.class.code(),
                used: format!("{} of {}", link.uses, link.most_uses),
                until: shown(link.until),
                open: link.is_open(at),
            })
            .collect(),
        classes: PopulationClass::ALL.iter().map(|class| class.code()).collect(),
    })
}

/// Makes a link. Others come in by it, so it takes a fresh confirmation.
pub(super) async fn make(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    signed_in.must_be(Role::Officer, at)?;
    signed_in.must_be_confirmed(at, "/links")?;
    judged(&state, &signed_in, Act::Make, own(ThingKind::Link, &signed_in), "/links").await?;
    let class = PopulationClass::from_code(form.text("class"))
        .ok_or_else(|| Problem::malformed("choose what the people are").into_response())?;
    let order = LinkOrder {
        class,
        note: Protected::new(form.text("note")),
        days: form.text("days").parse().unwrap_or(0),
        most_uses: form.text("uses").parse().unwrap_or(0),
    };
    let (code, digest) = new_code(CodeKind::Link);
    let (shared, person) = (Arc::clone(&state), signed_in.person.clone());
    let result = state
        .store
        .with(move |store| {
            store.write(TransactionName("people.make-link"), |writer| {
                let officer = &person.person.officer;
                let person = writer.person(&organisation(), officer)?;
                let person = person.ok_or_else(Problem::unknown_asker)?;
                let (clock, rng) = (&*shared.clock, &mut SystemRng);
                let change = make_link(clock, rng, &person, digest, order.clone())
                    .map_err(|error| NotDone::by_rule(&error))?;
                writer.put_submit_link(&change)?;
                Ok(())
            })
        })
        .await;
    told(result, "/links")?;
    show(&state, &signed_in, at, Some(code)).await
}

/// Closes one.
pub(super) async fn close(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    judged(&state, &signed_in, Act::Revoke, own(ThingKind::Link, &signed_in), "/links").await?;
    let id = id(form.text("id"));
    let shared = Arc::clone(&state);
    let result = state
        .store
        .with(move |store| {
            store.write(TransactionName("people.close-link"), |writer| {
                let found = writer.submit_links(&organisation())?.into_iter();
                let mut mine = found.filter(|link| link.made_by == signed_in.person.person);
                let Some(link) = mine.find(|link| Some(link.id) == id) else {
                    return Err(NotDone::Refused("There is no such link.".into()));
                };
                let (clock, rng) = (&*shared.clock, &mut SystemRng);
                let change = close_link(clock, rng, &signed_in.person, link)
                    .map_err(|error| NotDone::by_rule(&error))?;
                writer.put_submit_link(&change)?;
                Ok(())
            })
        })
        .await;
    told(result, "/links")?;
    Ok(Redirect::to("/links").into_response())
}
