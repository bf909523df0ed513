//! Where somebody without an account hands something in. He sees that it was received, and nothing else.
//!
//! The secret of a link comes in its address once, goes into a cookie and out of the address at once, so
//! that no history, log or referrer keeps it. A link that is unknown, closed, used up or has lapsed looks
//! like any other of these (THREATS T-34).

use super::super::extract::Part;
use super::super::problem::{Answer, Problem};
use super::super::sign_in::{
    Answered, Form, Visit, digest_of, event_time, in_time_of_failure, locked, must_wait, page,
    page_with, with_cookie, without_cookie,
};
use super::super::state::State;
use super::super::things::{judged, thing};
use super::sentence;
use crate::decisions::organisation;
use crate::environment::SystemRng;
use askama::Template;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use portcullis_access::{Act, Asker, LinkHolder, ThingKind};
use portcullis_decide::members::OwnOrganisation;
use portcullis_decide::people::{SubmissionError, SubmissionForm, SubmitLink, submit};
use portcullis_decide::{Digest, RecordKind, Schedule};
use portcullis_keys::CodeKind;
use portcullis_signin::{Cookie, check_form, form_token};
use portcullis_store::{Database, StoreError, TransactionName};
use portcullis_types::{Label, PopulationClass, Protected};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::time::Instant;

#[derive(Template)]
#[template(path = "pages/hand_in.html")]
struct HandInPage {
    form: String,
    problem: Option<String>,
    notice: Notice,
}

/// What whoever hands something in is told before: who collects it, what for, and for how long.
struct Notice {
    organisation: String,
    people: &'static str,
    kept: String,
}

impl Notice {
    fn of(link: &SubmitLink, own: Option<OwnOrganisation>, schedule: &Schedule) -> Self {
        let rule = schedule.rule_for(RecordKind::Submission, link.class.into());
        Self {
            organisation: own
                .map_or_else(|| "The organisation".to_owned(), |own| own.name.to_string()),
            people: match link.class {
                PopulationClass::Donor => "donors",
                PopulationClass::Candidate => "candidates",
                PopulationClass::Staff => "staff",
                PopulationClass::Associate => "associates",
            },
            kept: rule.period.to_string(),
        }
    }
}

#[derive(Template)]
#[template(path = "pages/said.html")]
struct SaidPage {
    title: &'static str,
    text: &'static str,
}

/// Takes the secret out of the address.
pub(super) async fn open(
    Shared(state): Shared<Arc<State>>,
    visit: Visit,
    link: Answer<Part<String>>,
) -> Answered<Response> {
    let fail = |problem: Problem| problem.into_response();
    let ready = state.sign_in.ready().map_err(fail)?;
    let now = state.clock.now();
    // What is no link at all, or can't be read, goes the same way.
    let digest = link.ok().and_then(|Part(link)| digest_of(CodeKind::Link, &link));
    let digest = digest.unwrap_or(Digest::from_bytes([0; 32]));
    let token = locked(&ready.handing_in).keep(now, &mut SystemRng, &visit.sender, digest);
    with_cookie(Redirect::to("/hand-in").into_response(), ready, Cookie::Form, &token).map_err(fail)
}

/// The link that a browser came by, and the token of its form.
fn link(state: &State, visit: &Visit) -> Option<(Digest, String)> {
    let ready = state.sign_in.ready().ok()?;
    let token = visit.cookie(ready, Cookie::Form)?;
    let digest = locked(&ready.handing_in).see(state.clock.now(), &token).copied()?;
    Some((digest, form_token(&token).text().to_string()))
}

/// What is said when a form that was sent belongs to no link that is open. Asking for a page counts
/// nothing: any page of another site can have a browser ask for one.
async fn not_taken(state: &State, visit: &Visit, came: Instant) -> Answered<Response> {
    let ready = state.sign_in.ready().map_err(IntoResponse::into_response)?;
    locked(&ready.links).failed(state.clock.now(), &visit.sender);
    closed(came).await
}

/// Whatever is wrong with a link.
async fn closed(came: Instant) -> Answered<Response> {
    in_time_of_failure(came).await;
    let shown = SaidPage {
        title: "This link is not open",
        text: "Ask whoever gave it to you for another one.",
    };
    page_with(StatusCode::NOT_FOUND, &shown)
}

/// The form.
pub(super) async fn form(Shared(state): Shared<Arc<State>>, visit: Visit) -> Answered<Response> {
    let came = Instant::now();
    let Some((digest, form)) = link(&state, &visit) else {
        return closed(came).await;
    };
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    let shared = Arc::clone(&state);
    let read = move |store: &mut Database| {
        let schedule = &shared.schedule;
        store.read(|reader| {
            let Some(link) = reader.submit_link(&organisation(), &digest)? else {
                return Ok(None);
            };
            let made_by = reader.person(&organisation(), &link.made_by.officer)?;
            if !made_by.is_some_and(|made_by| link.takes(at, &made_by)) {
                return Ok(None);
            }
            let own = reader.own_organisation(&organisation())?;
            Ok::<_, StoreError>(Some(Notice::of(&link, own, schedule)))
        })
    };
    let open = state.store.with(read).await.map_err(IntoResponse::into_response)?;
    match open.map_err(|error| Problem::from(error).into_response())? {
        Some(notice) => page(&HandInPage { form, problem: None, notice }),
        None => closed(came).await,
    }
}

/// What came of handing something in.
enum Outcome {
    Received,
    Closed,
    Wrong(String, Notice),
}

/// Whether the policies let whoever holds the link hand something in. To be refused by them looks like a
/// link that is closed.
fn may_submit(state: &State, link: &SubmitLink) -> bool {
    let organisation = link.made_by.organisation.clone();
    let (purpose, until) = (link.class.into(), link.until.timestamp());
    let holder = Asker::LinkHolder(LinkHolder { organisation, purpose, until });
    let submission = thing(&holder, ThingKind::Submission, &Label::open());
    judged(state, &holder, Act::Submit.for_purpose(purpose), &submission).is_ok()
}

/// Takes in what was filled in.
pub(super) async fn hand_in(
    Shared(state): Shared<Arc<State>>,
    visit: Visit,
    form: Form,
) -> Answered<Response> {
    let came = Instant::now();
    let fail = |problem: Problem| problem.into_response();
    let ready = state.sign_in.ready().map_err(fail)?;
    let may_try = locked(&ready.links).may_try(state.clock.now(), &visit.sender);
    may_try.map_err(|wait| fail(must_wait(wait)))?;
    let Some((digest, token)) = link(&state, &visit) else {
        return not_taken(&state, &visit, came).await;
    };
    let cookie = visit.cookie(ready, Cookie::Form);
    if cookie.is_none_or(|cookie| check_form(&cookie, form.text("form")).is_err()) {
        return not_taken(&state, &visit, came).await;
    }
    let field = |name: &str| Some(form.text(name)).filter(|text| !text.is_empty());
    let filled = SubmissionForm {
        name: Protected::new(form.text("name")),
        birth_date: field("birth_date").map(Protected::new),
        address: field("address").map(Protected::new),
        fields: BTreeMap::new(),
    };
    let shared = Arc::clone(&state);
    let write = move |store: &mut Database| {
        store.write(TransactionName("people.hand-in"), |writer| {
            let Some(link) = writer.submit_link(&organisation(), &digest)? else {
                return Ok(Outcome::Closed);
            };
            let Some(made_by) = writer.person(&organisation(), &link.made_by.officer)? else {
                return Ok(Outcome::Closed);
            };
            if !may_submit(&shared, &link) {
                return Ok(Outcome::Closed);
            }
            match submit(&*shared.clock, &mut SystemRng, &link, &made_by, filled.clone()) {
                Ok(change) => match writer.submit(&change) {
                    Ok(()) => Ok(Outcome::Received),
                    Err(StoreError::Overtaken { .. }) => Ok(Outcome::Closed),
                    Err(error) => Err(Problem::from(error)),
                },
                Err(SubmissionError::Closed) => Ok(Outcome::Closed),
                Err(error @ (SubmissionError::NoName | SubmissionError::TooLong)) => {
                    let own = writer.own_organisation(&organisation())?;
                    let notice = Notice::of(&link, own, &shared.schedule);
                    Ok(Outcome::Wrong(sentence(&error), notice))
                }
                Err(SubmissionError::Event(_)) => Err(Problem::internal()),
            }
        })
    };
    let outcome = state.store.with(write).await.and_then(|result| result).map_err(fail)?;
    match outcome {
        Outcome::Received => Ok(Redirect::to("/hand-in/received").into_response()),
        Outcome::Closed => not_taken(&state, &visit, came).await,
        Outcome::Wrong(text, notice) => {
            let shown = HandInPage { form: token, problem: Some(text), notice };
            page_with(StatusCode::UNPROCESSABLE_ENTITY, &shown)
        }
    }
}

/// That it was received.
pub(super) async fn received(Shared(state): Shared<Arc<State>>, _: Visit) -> Answered<Response> {
    let ready = state.sign_in.ready().map_err(IntoResponse::into_response)?;
    let shown = SaidPage {
        title: "Received",
        text: "What you sent was received. You can close this page.",
    };
    without_cookie(page(&shown)?, ready, Cookie::Form).map_err(IntoResponse::into_response)
}
