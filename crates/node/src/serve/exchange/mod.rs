//! The route by which other nodes bring what they send and take what waits for them, and the asking of
//! others while the node serves.
//!
//! Nobody signs in here: what is brought is signed itself, by an organisation of the member list, and
//! is believed or refused for that alone. Whoever is refused learns nothing but that: all refusals are
//! one answer, at one of the same moments (THREATS T-41). Polls have places and room of their own, and
//! wait behind none of the other requests.

mod figures;
mod heard;

pub(crate) use figures::Figures;

use super::LOG;
use super::args::Args;
use super::bodies::Bodies;
use super::late;
use super::problem::Problem;
use super::state::State;
use crate::exchange::{
    FRAME_TYPE, Failed, POLL_PATH, Polled, Polling, Standings, Terms, TermsArgs, believe_request,
    count_refusal, take_request, tidy,
};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{self, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use heard::Heard;
use portcullis_exchange::{BelievedFrame, ENVELOPE_BYTES, FrameError};
use portcullis_store::Brought;
use portcullis_types::OrganisationId;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

/// Answers leave at a multiple of this after their requests: keeping parts is other work than dropping
/// decoys.
const STEP: Duration = Duration::from_millis(500);

/// Bytes of the longest request: of 64 envelopes (`docs/spec/exchange.md`, section 4).
const REQUEST_BYTES: usize = 64 * (ENVELOPE_BYTES + 32) + 2_048;

/// Requests of which the signature is checked at once, and those that wait for it.
const CHECKED: usize = 2;
const CHECK_TIME: Duration = Duration::from_secs(5);

/// How often what waited too long is given up, and how soon after the start.
const FIRST_TIDY: Duration = Duration::from_mins(1);
const TIDY: Duration = Duration::from_hours(1);

/// How this node exchanges, if it does.
#[derive(Debug, clap::Args)]
pub(crate) struct ExchangeArgs {
    #[command(flatten)]
    terms: TermsArgs,

    /// Neither ask other nodes for what they have to say, nor take what they bring
    #[arg(long, help_heading = "Exchange with other nodes")]
    no_exchange: bool,
}

/// What the handlers of this area share.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// None for a node that exchanges nothing.
    terms: Option<Terms>,
    standings: Arc<Standings>,
    heard: Heard,
    checking: Arc<Semaphore>,
    /// What is held of what is brought.
    pub(super) bodies: Bodies,
    /// What is counted.
    pub(super) figures: Figures,
}

impl Exchange {
    pub(super) fn of(args: &Args) -> Self {
        Self {
            terms: (!args.exchange.no_exchange).then(|| Terms::from(&args.exchange.terms)),
            standings: Arc::default(),
            heard: Heard::default(),
            checking: Arc::new(Semaphore::new(CHECKED)),
            bodies: Bodies::new(REQUEST_BYTES),
            figures: Figures::default(),
        }
    }
}

/// Whether a request brings what another node sends.
pub(super) fn is_poll(request: &Request) -> bool {
    request.uri().path() == POLL_PATH
}

/// Not in the description of the API: nodes speak it, and `docs/spec/exchange.md` says how.
pub(super) fn routes() -> Router<Arc<State>> {
    Router::new().route(POLL_PATH, post(poll))
}

/// Why there is no answer.
enum Unanswered {
    /// It is refused, whatever for.
    Refused,
    /// The fault is on this side.
    Busy,
}

async fn poll(
    extract::State(state): extract::State<Arc<State>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let began = Instant::now();
    let answered = answer(&state, &headers, body).await;
    late::not_before(step_after(began, Instant::now())).await;
    match answered {
        Ok(answer) => ([(CONTENT_TYPE, FRAME_TYPE)], answer).into_response(),
        Err(Unanswered::Busy) => Problem::busy().into_response(),
        Err(Unanswered::Refused) => {
            Problem::new(StatusCode::FORBIDDEN, "this is not taken here").into_response()
        }
    }
}

/// The first of the moments at which answers leave.
fn step_after(began: Instant, now: Instant) -> Instant {
    let steps = (now - began).as_millis() / STEP.as_millis();
    let steps = u32::try_from(steps).unwrap_or(u32::MAX - 1);
    began + STEP * (steps + 1)
}

async fn answer(
    state: &Arc<State>,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Vec<u8>, Unanswered> {
    let exchange = &state.exchange;
    if exchange.terms.is_none() {
        return Err(Unanswered::Refused);
    }
    if headers.get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes() != FRAME_TYPE.as_bytes()) {
        return Err(not_taken(state, FrameError::Other.into()).await);
    }
    let request = match believed(state, body).await {
        Ok(request) => request,
        Err(failed) => return Err(not_taken(state, failed).await),
    };
    let sender = request.frame().sender().clone();
    // One after another: nobody holds more than one of the places at the store.
    let Some(_turn) = exchange.heard.turn_of(&sender) else { return Err(Unanswered::Busy) };
    let made = request.frame().made();
    let standing = exchange.standings.current(&state.store).await;
    let standing = match standing {
        Ok(standing) => standing,
        Err(failed) => return Err(not_taken(state, failed).await),
    };
    let clock = Arc::clone(&state.clock);
    let taken = state
        .store
        .with(move |store| take_request(store, clock.as_ref(), &standing, &request))
        .await;
    match taken {
        Err(_) => Err(Unanswered::Busy),
        Ok(Err(failed)) => Err(not_taken(state, failed).await),
        Ok(Ok((brought, answer))) => {
            exchange.heard.note(sender.clone(), made);
            exchange.figures.taken();
            told(state, &sender, &brought);
            Ok(answer)
        }
    }
}

/// Believes a request, on a thread that may compute. Strangers get so far, and no further.
async fn believed(state: &Arc<State>, body: Bytes) -> Result<BelievedFrame, Failed> {
    let exchange = &state.exchange;
    let standing = exchange.standings.current(&state.store).await?;
    let place = timeout(CHECK_TIME, Arc::clone(&exchange.checking).acquire_owned()).await;
    let place = place.ok().and_then(Result::ok).ok_or(Failed::NoStore)?;
    let (clock, shared) = (Arc::clone(&state.clock), Arc::clone(state));
    let checked = tokio::task::spawn_blocking(move || {
        let _place = place;
        let last = |sender: &OrganisationId| shared.exchange.heard.last(sender);
        believe_request(clock.as_ref(), &standing, &body, last)
    });
    checked.await.map_err(|_| Failed::NoStore)?
}

/// Counts why a request is not taken.
async fn not_taken(state: &Arc<State>, failed: Failed) -> Unanswered {
    let code = failed.code();
    let Some(refusal) = failed.refusal() else {
        // A node that is in no federation takes nothing from anybody, and need not say why.
        let is_nobody = matches!(failed, Failed::NotMade | Failed::NotJoined);
        tracing::warn!(target: LOG, code, "a poll could not be answered");
        return if is_nobody { Unanswered::Refused } else { Unanswered::Busy };
    };
    let sender = refusal.sender.map(ToString::to_string);
    tracing::warn!(target: LOG, code, sender, "a poll was refused");
    state.exchange.figures.refused(code);
    if state.exchange.heard.keeps_refusal(code, Instant::now()) {
        let clock = Arc::clone(&state.clock);
        let kept = state.store.with(move |store| count_refusal(store, clock.as_ref(), &failed));
        if let Ok(Err(error)) = kept.await {
            tracing::error!(target: LOG, error = %error, "a refusal could not be kept");
        }
    }
    Unanswered::Refused
}

/// Logs and counts what was in what came.
fn told(state: &State, peer: &OrganisationId, brought: &Brought) {
    for (_, reason) in &brought.received.refused {
        let (code, peer) = (reason.code(), peer.as_str());
        tracing::warn!(target: LOG, code, peer, "an envelope was refused");
        state.exchange.figures.refused(code);
    }
    for _ in &brought.given_up {
        tracing::warn!(target: LOG, peer = peer.as_str(), "a message waited too long and is given up");
    }
}

/// Asks the other nodes while this one serves.
pub(super) fn begin(state: &Arc<State>) -> Option<tokio::task::JoinHandle<()>> {
    let terms = state.exchange.terms.clone()?;
    let shared = Arc::clone(state);
    let tell = move |peer: &OrganisationId, polled: &Polled| match polled {
        Polled::Answered(brought) => {
            shared.exchange.figures.polled("answered");
            told(&shared, peer, brought);
        }
        Polled::AskedElsewhere => {}
        Polled::Failed(error) => {
            let (code, peer) = (error.code(), peer.as_str());
            tracing::warn!(target: LOG, code, peer, "another node was asked in vain");
            shared.exchange.figures.polled(code);
        }
    };
    let (store, clock) = (state.store.clone(), Arc::clone(&state.clock));
    let standings = Arc::clone(&state.exchange.standings);
    let polling = Arc::new(Polling::new(store, clock, terms, standings, Box::new(tell)));
    let shared = Arc::clone(state);
    Some(tokio::spawn(async move {
        tokio::join!(polling.go_on(), keep_tidy(&shared));
    }))
}

async fn keep_tidy(state: &Arc<State>) {
    let mut hours = tokio::time::interval_at(Instant::now() + FIRST_TIDY, TIDY);
    loop {
        hours.tick().await;
        let clock = Arc::clone(&state.clock);
        let tidied = state.store.with(move |store| tidy(store, clock.as_ref())).await;
        if let Ok(Err(error)) = tidied {
            tracing::error!(target: LOG, error = %error, "what waited too long could not be given up");
        }
    }
}
