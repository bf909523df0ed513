//! What waits for a second administrator, and proposing something.

use super::super::problem::Problem;
use super::super::sign_in::{
    Answered, Form, Frame, OwnKeys, SignedIn, event_time, new_code, page, page_error,
};
use super::super::state::State;
use super::judged::{asker, judge, judged, proposed, role_change};
use super::{NotDone, card, id, shown, told};
use crate::decisions::organisation;
use crate::environment::SystemRng;
use crate::label::Scheme;
use askama::Template;
use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use portcullis_access::{Act, Thing, ThingKind};
use portcullis_decide::StatedReason;
use portcullis_decide::people::{
    Grants, PROPOSAL_DAYS, Person, Proof, Proposal, Proposed, Second, Signature, Term, approve,
    draft, refuse,
};
use portcullis_keys::{CodeKind, SecretCode};
use portcullis_store::{StoreError, TransactionName};
use portcullis_types::{EventId, EventTime, Level, OfficerId, PersonId, Protected, Role};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longest term that a form takes: a hundred years.
const MOST_DAYS: i64 = 36_500;

struct ProposalCard {
    id: String,
    /// By which the page knows again, when it is approved, what it showed.
    seen: String,
    title: String,
    rows: Vec<(&'static str, String)>,
    own: bool,
}

#[derive(Template)]
#[template(path = "pages/approvals.html")]
struct ApprovalsPage<'a> {
    frame: Frame,
    /// What was just done.
    done: Option<String>,
    code: Option<&'a str>,
    code_title: String,
    proposals: Vec<ProposalCard>,
    roles: Vec<(&'static str, String)>,
}

/// What waits for approval.
pub(super) async fn approvals(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
) -> Answered<Response> {
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    signed_in.must_be(Role::Administrator, at)?;
    let any = Thing::new(ThingKind::RoleChange, organisation());
    judged(&state, &signed_in, Act::Read, any, "/account").await?;
    show(&state, &signed_in, None).await
}

/// What was just done, and the half of an invitation that it takes.
struct Done {
    text: String,
    half: Option<(String, SecretCode)>,
}

impl Done {
    fn new(done: &str, what: &Proposed, half: Option<SecretCode>) -> Self {
        let whom = what.officer().map(|officer| format!(" for {officer}")).unwrap_or_default();
        let title = format!("Your half of the invitation{whom}");
        Self {
            text: format!("{done}: {}{whom}.", title_of(what)),
            half: half.map(|half| (title, half)),
        }
    }
}

async fn show(state: &Arc<State>, signed_in: &SignedIn, done: Option<Done>) -> Answered<Response> {
    // After what was just done, or it would not be there yet.
    let at = event_time(state).map_err(IntoResponse::into_response)?;
    let read = move |store: &mut portcullis_store::Database| {
        store.read(|reader| {
            let own = organisation();
            Ok::<_, StoreError>((reader.proposals(&own)?, reader.office(&own)?))
        })
    };
    let found = state.store.with(read).await.map_err(IntoResponse::into_response)?;
    let (proposals, office) = found.map_err(|error| Problem::from(error).into_response())?;
    let me = &signed_in.person.person.officer;
    let asker = asker(state, signed_in).await.map_err(IntoResponse::into_response)?;
    let may_read =
        |proposal: &&Proposal| judge(state, &asker, Act::Read, proposed(proposal)).is_allowed();
    let cards = proposals
        .iter()
        .filter(|proposal| proposal.is_open(at))
        .filter(may_read)
        .map(|proposal| {
            let before = proposal.what().officer().and_then(|officer| office.person(officer));
            card(proposal, before, me, &state.scheme)
        })
        .collect();
    let (done, half) = done.map_or((None, None), |done| (Some(done.text), done.half));
    let (code_title, code) = half.unzip();
    let grouped = code.map(|code| code.grouped());
    page(&ApprovalsPage {
        frame: signed_in.frame(at),
        done,
        code: grouped.as_ref().map(|code| code.as_str()),
        code_title: code_title.unwrap_or_default(),
        proposals: cards,
        roles: Role::ALL.iter().map(|role| (role.code(), capital(role.code()))).collect(),
    })
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn title_of(what: &Proposed) -> &'static str {
    match what {
        Proposed::MakeOfficer { .. } => "Make an officer",
        Proposed::ChangeGrants { .. } => "Change what an officer may do",
        Proposed::Reinstate { .. } => "Lift a suspension",
        Proposed::ResetSignIn { .. } => "Let somebody enrol again",
        Proposed::RecoveryCodes => "Print new recovery codes",
        Proposed::OutsideAdministrator { .. } => {
            "Let an administrator of another organisation approve here"
        }
    }
}

/// What changes, who proposed it and why, and until when it waits.
fn card(
    proposal: &Proposal,
    before: Option<&Person>,
    me: &OfficerId,
    scheme: &Scheme,
) -> ProposalCard {
    let mut rows = card::rows(proposal.what(), before, |level| scheme.level_words(level));
    rows.push(("Reason", proposal.reason().text().reveal().to_owned()));
    rows.push(("Proposed by", proposal.by().to_string()));
    rows.push(("Proposed on", shown(proposal.at())));
    rows.push((
        "Waits until",
        in_days(proposal.at(), PROPOSAL_DAYS).map_or_else(String::new, shown),
    ));
    rows.push(("Digest", seen(proposal)));
    ProposalCard {
        id: proposal.id().to_string(),
        seen: seen(proposal),
        title: title_of(proposal.what()).to_owned(),
        rows,
        own: proposal.by() == me,
    }
}

/// What a form says of the proposal that it was shown with. Somebody who can write to the store could
/// put another in its place meanwhile; nobody signs what he was not shown.
fn seen(proposal: &Proposal) -> String {
    proposal.draft().digest().to_string()
}

/// A time so many days later; none where that is no number of days that somebody's term lasts.
fn in_days(at: EventTime, days: i64) -> Option<EventTime> {
    if !(1..=MOST_DAYS).contains(&days) {
        return None;
    }
    let later = at.timestamp().checked_add(SignedDuration::from_hours(24 * days)).ok()?;
    EventTime::rounded_down(later).ok()
}

/// Who acts, with a key unlocked and a fresh confirmation.
#[expect(clippy::result_large_err, reason = "what is given instead is an answer, made once")]
fn keys(state: &State, signed_in: &SignedIn, at: EventTime) -> Answered<OwnKeys> {
    signed_in.must_be(Role::Administrator, at)?;
    signed_in.must_be_confirmed(at, "/approvals")?;
    state.sign_in.own_keys.of(&signed_in.cookie.digest()).ok_or_else(|| {
        page_error(
            StatusCode::FORBIDDEN,
            "Your keys are locked",
            "What you propose or approve is signed with your own key. Unlock your keys first.",
            "/unlock",
        )
    })
}

/// Proposes a new officer.
pub(super) async fn propose_officer(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    let bad = |text: &str| {
        page_error(StatusCode::UNPROCESSABLE_ENTITY, "This was not done", text, "/approvals")
    };
    let officer = OfficerId::new(form.text("account"))
        .map_err(|error| super::not_done(&error, "/approvals"))?;
    let until = match form.text("days") {
        "" => None,
        text => {
            let days: i64 = text.parse().map_err(|_| bad("Say in days when it ends, like 90."))?;
            Some(in_days(at, days).ok_or_else(|| bad("Say in days when it ends, like 90."))?)
        }
    };
    let name = form.text("name");
    if name.is_empty() || name.chars().count() > 200 {
        return Err(bad("A name has 1 to 200 characters."));
    }
    let term = Term { from: at, until };
    let roles = form.chosen("role-").into_iter().filter_map(Role::from_code);
    let what = Proposed::MakeOfficer {
        officer,
        name: Protected::new(name),
        grants: Grants {
            roles: roles.map(|role| (role, term)).collect(),
            clearance: Level::default(),
            compartments: BTreeSet::new(),
            party: None,
            term,
        },
    };
    propose(&state, signed_in, at, what, form.text("reason")).await
}

/// Proposes that somebody enrols again.
pub(super) async fn propose_reset(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    let officer = OfficerId::new(form.text("account"))
        .map_err(|error| super::not_done(&error, "/approvals"))?;
    propose(&state, signed_in, at, Proposed::ResetSignIn { officer }, form.text("reason")).await
}

async fn propose(
    state: &Arc<State>,
    signed_in: SignedIn,
    at: EventTime,
    what: Proposed,
    reason: &str,
) -> Answered<Response> {
    let keys = keys(state, &signed_in, at)?;
    let me = &signed_in.person.person;
    let about = what.officer().map(|officer| PersonId { officer: officer.clone(), ..me.clone() });
    judged(state, &signed_in, Act::Propose, role_change(me, about.as_ref()), "/approvals").await?;
    let reason =
        StatedReason::new(reason).map_err(|error| super::not_done(&error, "/approvals"))?;
    let (code, digest) = new_code(CodeKind::Invitation);
    let (shared, by) = (Arc::clone(state), signed_in.person.person.officer.clone());
    let proposed = what.clone();
    let result = state
        .store
        .with(move |store| {
            store.write(TransactionName("people.propose"), |writer| {
                let office = writer.office(&organisation())?;
                let invitation = what.invites().then_some(digest);
                let (clock, rng) = (&*shared.clock, &mut SystemRng);
                let (what, reason) = (what.clone(), reason.clone());
                let draft = draft(clock, rng, &office, by.clone(), what, reason, invitation)
                    .map_err(|error| NotDone::by_rule(&error))?;
                let signature = Signature::from_bytes(keys.sign(&draft.statement()));
                let change = draft
                    .propose(&office, Proof::Signature(signature))
                    .map_err(|error| NotDone::by_rule(&error))?;
                writer.put_proposal(&change)?;
                Ok(invitation.is_some())
            })
        })
        .await;
    let invites = told(result, "/approvals")?;
    let done = Done::new("Proposed", &proposed, invites.then_some(code));
    show(state, &signed_in, Some(done)).await
}

/// Approves what another administrator proposed.
pub(super) async fn approve_one(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    let keys = keys(&state, &signed_in, at)?;
    let (id, was_seen) = (id(form.text("id")), form.text("seen").to_owned());
    may(&state, &signed_in, Act::Approve, id).await?;
    let (code, digest) = new_code(CodeKind::Invitation);
    let (shared, officer) = (Arc::clone(&state), signed_in.person.person.officer.clone());
    let result = state
        .store
        .with(move |store| {
            let own = organisation();
            store.write(TransactionName("people.approve"), |writer| {
                let office = writer.office(&own)?;
                let proposal = match id {
                    Some(id) => writer.proposal(&own, id)?,
                    None => None,
                };
                let Some(proposal) = proposal else {
                    return Err(NotDone::Refused("There is no such proposal.".into()));
                };
                if seen(&proposal) != was_seen {
                    return Err(NotDone::Refused(
                        "What is proposed is not what you were shown. Look at it again.".into(),
                    ));
                }
                let statement = proposal.approval_statement();
                let signature = Signature::from_bytes(keys.sign(&statement));
                let second = Second::Administrator { officer: officer.clone(), signature };
                let invitation = proposal.what().invites().then_some(digest);
                let what = proposal.what().clone();
                let (clock, rng) = (&*shared.clock, &mut SystemRng);
                let change = approve(clock, rng, &office, proposal, second, invitation)
                    .map_err(|error| NotDone::by_rule(&error))?;
                writer.put_approval(&change)?;
                Ok(what)
            })
        })
        .await;
    let what = told(result, "/approvals")?;
    let done = Done::new("Approved", &what, what.invites().then_some(code));
    show(&state, &signed_in, Some(done)).await
}

/// Whether the policies let him do this to a proposal. One that is not there is found out later.
async fn may(
    state: &Arc<State>,
    signed_in: &SignedIn,
    act: Act,
    id: Option<EventId>,
) -> Answered<()> {
    let Some(id) = id else { return Ok(()) };
    let read = move |store: &mut portcullis_store::Database| {
        store.read(|reader| reader.proposal(&organisation(), id))
    };
    let found = state.store.with(read).await.map_err(IntoResponse::into_response)?;
    match found.map_err(|error| Problem::from(error).into_response())? {
        Some(proposal) => judged(state, signed_in, act, proposed(&proposal), "/approvals").await,
        None => Ok(()),
    }
}

/// Refuses a proposal, or withdraws one's own.
pub(super) async fn refuse_one(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let at = event_time(&state).map_err(IntoResponse::into_response)?;
    signed_in.must_be(Role::Administrator, at)?;
    let id = id(form.text("id"));
    may(&state, &signed_in, Act::Revoke, id).await?;
    let shared = Arc::clone(&state);
    let by = signed_in.person.person.officer.clone();
    let result = state
        .store
        .with(move |store| {
            let own = organisation();
            store.write(TransactionName("people.refuse"), |writer| {
                let office = writer.office(&own)?;
                let proposal = match id {
                    Some(id) => writer.proposal(&own, id)?,
                    None => None,
                };
                let Some(proposal) = proposal else {
                    return Err(NotDone::Refused("There is no such proposal.".into()));
                };
                let change = refuse(&*shared.clock, &mut SystemRng, &office, proposal, by.clone())
                    .map_err(|error| NotDone::by_rule(&error))?;
                writer.put_proposal(&change)?;
                Ok(())
            })
        })
        .await;
    told(result, "/approvals")?;
    Ok(Redirect::to("/approvals").into_response())
}
