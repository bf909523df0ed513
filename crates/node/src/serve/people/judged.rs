//! Whether the policies let whoever is signed in do something on a page, besides the rules that hold
//! whatever they say.

use super::super::problem::{Answer, Problem};
use super::super::sign_in::{Answered, SignedIn, as_asker, event_time, page_error};
use super::super::state::State;
use super::super::things::thing;
use crate::decisions::organisation;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use portcullis_access::{Act, Asker, ForAsker, Judgement, Remedy, Thing, ThingKind};
use portcullis_decide::people::Proposal;
use portcullis_types::{Label, PersonId};
use std::sync::Arc;

/// Something of whoever is signed in: his account, his token, his link, his passkey.
pub(super) fn own(kind: ThingKind, signed_in: &SignedIn) -> Thing {
    let me = &signed_in.person.person;
    Thing {
        author: Some(me.clone()),
        subject: Some(me.clone()),
        ..Thing::new(kind, organisation())
    }
}

/// A change of roles, who proposes it and whom it is about.
pub(super) fn role_change(author: &PersonId, subject: Option<&PersonId>) -> Thing {
    let like = Thing::new(ThingKind::RoleChange, organisation());
    Thing { author: Some(author.clone()), subject: subject.cloned(), ..like }
}

/// A change of roles that was proposed.
pub(super) fn proposed(proposal: &Proposal) -> Thing {
    let person = |officer: &portcullis_types::OfficerId| PersonId {
        organisation: organisation(),
        officer: officer.clone(),
    };
    let subject = proposal.what().officer().map(person);
    role_change(&person(proposal.by()), subject.as_ref())
}

/// Refuses what the policies don't let him do; sends him to confirm where that is all that is missing,
/// and then back to `next`.
pub(super) async fn judged(
    state: &Arc<State>,
    signed_in: &SignedIn,
    act: Act,
    thing: Thing,
    next: &'static str,
) -> Answered<()> {
    let asker = asker(state, signed_in).await.map_err(IntoResponse::into_response)?;
    match judge(state, &asker, act, thing) {
        Judgement::Allowed(_) => Ok(()),
        Judgement::Denied(denial) => Err(match denial.for_asker() {
            ForAsker::Refused { remedy: Some(Remedy::Confirm), .. } => {
                Redirect::to(&format!("/confirm?next={next}")).into_response()
            }
            told @ ForAsker::Refused { .. } => {
                page_error(StatusCode::FORBIDDEN, "This was not done", &told.to_string(), next)
            }
            ForAsker::Absent => page_error(
                StatusCode::NOT_FOUND,
                "Page not found",
                "There is nothing here that you may see.",
                "/account",
            ),
        }),
    }
}

/// Whoever is signed in, as the policies know him.
pub(super) async fn asker(state: &Arc<State>, signed_in: &SignedIn) -> Answer<Asker> {
    let at = event_time(state)?;
    let (person, session) = (signed_in.person.clone(), signed_in.session.clone());
    let read = move |store: &mut portcullis_store::Database| as_asker(store, at, &person, &session);
    let person = state.store.with(read).await?.map_err(Problem::from)?;
    Ok(person.into())
}

/// What the policies say of a thing of this organisation.
pub(super) fn judge(state: &State, asker: &Asker, act: Act, like: Thing) -> Judgement {
    let party = thing(asker, like.kind, &Label::open()).party;
    state.policies.judge(state.clock.now(), asker, act, &Thing { party, ..like })
}
