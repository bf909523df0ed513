//! Signing in: with a passkey, or through the organisation's provider; enrolling; confirming.
//!
//! The pages are plain HTML and work without JavaScript, but for the passkeys themselves, which browsers
//! offer to scripts alone. No title and no address holds protected text (THREATS T-01). Whoever fails is
//! told the same, in the same class of time, whether the account is unknown, the passkey another's or the
//! signature wrong (THREATS T-34).

mod args;
mod confirm;
mod enrol;
mod own_keys;
mod pages;
mod passkey;
mod provider;
mod recognise;
mod secrets;
mod sessions;
#[cfg(test)]
mod tests;
mod unlock;
mod visit;

pub(super) use args::SignInArgs;
pub(in crate::serve) use confirm::{credentials_of, passkeys, passkeys_of};
pub(in crate::serve) use enrol::{Made, credential, label, wrap};
pub(in crate::serve) use own_keys::{OwnKeys, Unlocked};
pub(in crate::serve) use pages::{Answered, page, page_error, page_with};
pub(in crate::serve) use passkey::refused;
pub(super) use recognise::Sessions;
pub(in crate::serve) use recognise::as_asker;
pub(in crate::serve) use secrets::{digest_of, new_code};
pub(in crate::serve) use sessions::end;
pub(in crate::serve) use unlock::wrapped;
pub(in crate::serve) use visit::{Form, Frame, SignedIn, Visit, cookie_of, refuse_forged, sent};

use super::args::Args;
use super::late;
use super::problem::{Answer, Problem};
use super::state::State;
use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use portcullis_decide::people::Person;
use portcullis_signin::openid::{Begun, PROVIDER_MINUTES, Settings};
use portcullis_signin::{
    CEREMONY_SECONDS, Confirming, Cookie, Enrolling, Passkeys, Pending, SigningIn, Site, Throttle,
    Token,
};
use portcullis_types::{EventTime, OfficerId};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use utoipa_axum::router::OpenApiRouter;

/// A sign-in that fails is answered so long after it came: longer than any of the checks takes, so that
/// how far it got does not show.
const FAILED_AFTER: Duration = Duration::from_millis(400);

/// Failures of one account, and of one address, that cost nothing. Many share an address.
const FREE_OF_ACCOUNT: u32 = 5;
const FREE_OF_ADDRESS: u32 = 30;

/// Whom a request is from, where that shows.
type Sender = Option<IpAddr>;

/// What signing in shares among its requests.
#[derive(Debug)]
pub(crate) struct SignIn {
    ready: Option<Ready>,
    /// Keys that people have unlocked.
    pub(in crate::serve) own_keys: Unlocked,
}

/// What there is where people can sign in.
#[derive(Debug)]
pub(in crate::serve) struct Ready {
    /// Where the pages are.
    pub(in crate::serve) site: Site,
    pub(in crate::serve) passkeys: Passkeys,
    settings: Option<Settings>,
    provider: provider::Known,
    signing_in: Mutex<Pending<Sender, SigningIn>>,
    enrolling: Mutex<Pending<Sender, EnrollingOne>>,
    pub(in crate::serve) adding: Mutex<Pending<Sender, AddingOne>>,
    confirming: Mutex<Pending<Sender, ConfirmingOne>>,
    at_provider: Mutex<Pending<Sender, AtProvider>>,
    accounts: Mutex<Throttle<OfficerId>>,
    /// By which link somebody hands something in, kept out of addresses.
    pub(in crate::serve) handing_in: Mutex<Pending<Sender, portcullis_decide::Digest>>,
    addresses: Mutex<Throttle<Sender>>,
    /// Apart from `addresses`: whoever tries links keeps nobody from signing in.
    pub(in crate::serve) links: Mutex<Throttle<Sender>>,
    /// Turns at trying a passphrase, each of which takes much memory.
    passphrases: Semaphore,
}

/// Somebody who enrols.
#[derive(Debug)]
struct EnrollingOne {
    begun: Enrolling,
    officer: OfficerId,
    halves: [portcullis_decide::Digest; 2],
}

/// Somebody who is signed in and adds a passkey.
#[derive(Debug)]
pub(in crate::serve) struct AddingOne {
    pub(in crate::serve) begun: Enrolling,
    pub(in crate::serve) session: portcullis_types::EventId,
}

/// Somebody who is at the provider.
#[derive(Debug)]
struct AtProvider {
    begun: Begun,
    /// The session of whoever ties his account there to his account here; none where he signs in.
    tying: Option<portcullis_decide::Digest>,
}

/// Somebody who is signed in and confirms it.
#[derive(Debug)]
struct ConfirmingOne {
    begun: Confirming,
    session: portcullis_types::EventId,
}

impl SignIn {
    /// What the node was asked.
    pub(super) fn of(args: &Args, is_private: bool) -> anyhow::Result<Self> {
        let settings = args.sign_in.provider()?;
        let site = args.sign_in.site(args.listen, is_private)?;
        let ready = site.map(|site| Ready::of(site, settings)).transpose()?;
        Ok(Self { ready, own_keys: Unlocked::default() })
    }

    /// What there is, or that nobody can sign in here.
    pub(in crate::serve) fn ready(&self) -> Answer<&Ready> {
        self.ready.as_ref().ok_or_else(Problem::absent)
    }
}

/// The time of an event that happens now.
pub(in crate::serve) fn event_time(state: &State) -> Answer<EventTime> {
    EventTime::rounded_down(state.clock.now()).map_err(|_| Problem::internal())
}

impl Ready {
    fn of(site: Site, settings: Option<Settings>) -> anyhow::Result<Self> {
        let ceremony = SignedDuration::from_secs(i64::from(CEREMONY_SECONDS));
        Ok(Self {
            passkeys: Passkeys::of(&site, "Portcullis")?,
            site,
            settings,
            provider: provider::Known::default(),
            signing_in: Mutex::new(Pending::lasting(ceremony)),
            enrolling: Mutex::new(Pending::lasting(ceremony)),
            adding: Mutex::new(Pending::lasting(ceremony)),
            confirming: Mutex::new(Pending::lasting(ceremony)),
            at_provider: Mutex::new(Pending::lasting(SignedDuration::from_mins(PROVIDER_MINUTES))),
            handing_in: Mutex::new(Pending::lasting(SignedDuration::from_hours(1))),
            accounts: Mutex::new(Throttle::after(FREE_OF_ACCOUNT)),
            addresses: Mutex::new(Throttle::after(FREE_OF_ADDRESS)),
            links: Mutex::new(Throttle::after(FREE_OF_ADDRESS)),
            passphrases: Semaphore::new(2),
        })
    }

    /// Whether the organisation has a provider.
    pub(in crate::serve) fn has_provider(&self) -> bool {
        self.settings.is_some()
    }

    /// Whether somebody at this address may try what could be guessed. An answer of a passkey cannot:
    /// whoever has one signs in, whatever others at his address got wrong.
    fn may_try(&self, now: Timestamp, address: Sender) -> Answer<()> {
        locked(&self.addresses).may_try(now, &address).map_err(must_wait)
    }

    /// Whether somebody may try to be this account.
    fn may_try_as(&self, now: Timestamp, officer: &OfficerId) -> Answer<()> {
        locked(&self.accounts).may_try(now, officer).map_err(must_wait)
    }

    /// Counts a failure of an address. Never for what a page of another site can have a browser ask
    /// (`GET`): it would keep everybody at that address out.
    fn failed(&self, now: Timestamp, address: Sender) {
        locked(&self.addresses).failed(now, &address);
    }

    /// Counts a failure of an account.
    fn failed_as(&self, now: Timestamp, officer: &OfficerId) {
        locked(&self.accounts).failed(now, officer);
    }

    /// Forgets the failures of an account that got it right, and some of those of its address.
    fn succeeded(&self, officer: &OfficerId, address: Sender) {
        locked(&self.accounts).succeeded(officer);
        locked(&self.addresses).eased(&address);
    }
}

pub(in crate::serve) fn must_wait(wait: portcullis_signin::MustWait) -> Problem {
    Problem::new(axum::http::StatusCode::TOO_MANY_REQUESTS, wait.to_string())
        .retry_after(wait.seconds)
}

pub(in crate::serve) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change of what is within is whole by itself.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Has a failure answered when it may be.
pub(in crate::serve) async fn in_time_of_failure(came: Instant) {
    late::not_before(came + FAILED_AFTER).await;
}

/// Hands out the cookie of a session.
pub(in crate::serve) fn with_cookie(
    mut response: Response,
    ready: &Ready,
    cookie: Cookie,
    token: &Token,
) -> Answer<Response> {
    let value =
        HeaderValue::from_str(&cookie.set(&ready.site, token)).map_err(|_| Problem::internal())?;
    response.headers_mut().append(SET_COOKIE, value);
    Ok(response)
}

/// Takes a cookie back.
pub(in crate::serve) fn without_cookie(
    mut response: Response,
    ready: &Ready,
    cookie: Cookie,
) -> Answer<Response> {
    let value =
        HeaderValue::from_str(&cookie.clear(&ready.site)).map_err(|_| Problem::internal())?;
    response.headers_mut().append(SET_COOKIE, value);
    Ok(response)
}

/// The number by which an authenticator knows somebody: the random id that he was made under.
pub(in crate::serve) fn handle(person: &Person) -> portcullis_signin::UserHandle {
    portcullis_signin::UserHandle::from_bytes(*person.id.as_bytes())
}

/// Forgets the keys of sessions that are over: by the clock, and by what the store says of each, for
/// others write to it as well. Where the store cannot be asked, none are kept.
pub(super) async fn sweep(state: &Arc<State>) {
    let keys = &state.sign_in.own_keys;
    keys.sweep(state.clock.now());
    for digest in keys.all() {
        if !matches!(unlock::stands(state, digest).await, Ok(true)) {
            keys.forget(&digest);
        }
    }
}

/// Sweeps each minute, until the node stops.
pub(super) fn keep_sweeping(state: &Arc<State>) {
    let state = Arc::clone(state);
    tokio::spawn(async move {
        let mut stopping = state.stopping.subscribe();
        loop {
            tokio::select! {
                () = tokio::time::sleep(Duration::from_mins(1)) => {
                    sweep(&state).await;
                }
                _ = stopping.changed() => return,
            }
        }
    });
}

/// The pages and what their scripts ask. They are no part of the described API.
pub(super) fn routes() -> OpenApiRouter<Arc<State>> {
    Router::new()
        .route("/", get(pages::front_door))
        .route("/assets/pages.css", get(pages::style))
        .route("/assets/icon.svg", get(pages::icon))
        .route("/assets/passkeys.js", get(pages::script))
        .route("/sign-in", get(passkey::sign_in_page))
        .route("/sign-in/passkey/begin", post(passkey::begin))
        .route("/sign-in/passkey/finish", post(passkey::finish))
        .route("/sign-in/provider", post(provider::begin))
        .route("/account/provider", post(provider::tie))
        .route("/sign-in/provider/return", get(provider::finish))
        .route("/sign-out", post(passkey::sign_out))
        .route("/enrol", get(enrol::enrol_page))
        .route("/enrol/begin", post(enrol::begin))
        .route("/enrol/finish", post(enrol::finish))
        .route("/confirm", get(confirm::confirm_page))
        .route("/confirm/begin", post(confirm::begin))
        .route("/confirm/finish", post(confirm::finish))
        .route("/unlock", get(unlock::unlock_page).post(unlock::unlock))
        .into()
}
