//! Signing in through the organisation's OpenID provider.

use super::super::people::may_add;
use super::super::problem::{Answer, Problem};
use super::super::state::State;
use super::passkey::forget;
use super::{
    Answered, AtProvider, Form, SignedIn, Visit, event_time, in_time_of_failure, locked,
    page_error, pages, sessions, with_cookie,
};
use super::{Ready, without_cookie};
use crate::decisions::organisation;
use crate::environment::SystemRng;
use askama::Template;
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use portcullis_decide::Digest;
use portcullis_decide::people::{Credential, CredentialKind, add_credential};
use portcullis_signin::openid::{OpenIdError, Provider, Returned, Settings, Subject, http};
use portcullis_signin::{Cookie, Token};
use portcullis_store::{Database, TransactionName};
use portcullis_types::{EventId, Protected};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

/// What a provider says of itself is asked for anew after so long, in minutes.
const KNOWN_MINUTES: i64 = 10;

/// What a provider said of itself serves for so long, in minutes, while it is asked anew.
const USABLE_MINUTES: i64 = 60;

/// A provider that did not answer is not asked again for so long, in seconds.
const FAILURE_KEPT_SECONDS: i64 = 30;

/// How long a provider may take to answer.
const ANSWER_TIME: Duration = Duration::from_secs(10);

/// Longest answer of a provider that is read, in bytes.
const LONGEST_BYTES: u64 = 1 << 20;

/// Why a provider could not be asked. It says nothing of what was sent.
#[derive(Debug, thiserror::Error)]
#[error("the provider cannot be reached")]
struct Unreachable;

/// Sends one request to the provider. Follows no redirect: what is asked is where it says it is.
fn ask(request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, Unreachable> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(ANSWER_TIME))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .build()
        .into();
    let response = agent.run(request).map_err(|_| Unreachable)?;
    let (parts, mut body) = response.into_parts();
    let bytes = body.with_config().limit(LONGEST_BYTES).read_to_vec().map_err(|_| Unreachable)?;
    Ok(http::Response::from_parts(parts, bytes))
}

/// What is known of the provider.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The last answer, kept whole whatever becomes of whoever holds it.
    last: Arc<Mutex<Option<LastAnswer>>>,
    /// Held by whoever asks.
    asking: Arc<tokio::sync::Mutex<()>>,
}

/// When the provider was asked, and the provider as it described itself then; none where it did not
/// answer.
type LastAnswer = (Timestamp, Option<Arc<Provider>>);

impl Known {
    /// The last answer, and how long ago it was.
    fn last(&self, now: Timestamp) -> Option<(SignedDuration, Option<Arc<Provider>>)> {
        let (asked_at, found) = locked(&self.last).clone()?;
        // A clock that was set back makes nothing newer.
        Some((now.duration_since(asked_at).abs(), found))
    }

    /// What of the last answer need not be asked again.
    fn kept(&self, now: Timestamp) -> Option<Answer<Arc<Provider>>> {
        match self.last(now)? {
            (age, Some(found)) => {
                (age < SignedDuration::from_mins(KNOWN_MINUTES)).then_some(Ok(found))
            }
            (age, None) => {
                let is_kept = age < SignedDuration::from_secs(FAILURE_KEPT_SECONDS);
                is_kept.then(|| Err(told(&OpenIdError::Unavailable)))
            }
        }
    }

    /// The provider as it was known before, while somebody asks for it anew.
    fn before(&self, now: Timestamp) -> Answer<Arc<Provider>> {
        let usable = |age| age < SignedDuration::from_mins(USABLE_MINUTES);
        let last = self.last(now).filter(|(age, _)| usable(*age));
        last.and_then(|(_, found)| found).ok_or_else(|| told(&OpenIdError::Unavailable))
    }
}

/// The provider as it describes itself, asked for anew from time to time.
async fn provider(state: &Arc<State>, settings: &Settings) -> Answer<Arc<Provider>> {
    let ready = state.sign_in.ready()?;
    let (now, known) = (state.clock.now(), &ready.provider);
    if let Some(kept) = known.kept(now) {
        return kept;
    }
    // One asks at a time, and nobody waits for him: whoever comes meanwhile is given what was known before,
    // so that a provider that is slow takes no place of anybody else.
    let Ok(turn) = Arc::clone(&known.asking).try_lock_owned() else {
        return known.before(now);
    };
    // Somebody else may have asked just before.
    if let Some(kept) = known.kept(now) {
        return kept;
    }
    let (settings, site, last) = (settings.clone(), ready.site.clone(), Arc::clone(&known.last));
    // It goes on when whoever asked goes away: the next one finds what came of it.
    let task = tokio::task::spawn_blocking(move || {
        let found = Provider::discover(&settings, &site, &ask).map(Arc::new);
        *locked(&last) = Some((now, found.as_ref().ok().cloned()));
        drop(turn);
        found
    });
    let found = task.await.map_err(|_| Problem::internal())?;
    found.map_err(|error| told(&error))
}

fn told(error: &OpenIdError) -> Problem {
    let status = match error {
        OpenIdError::Refused => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_GATEWAY,
    };
    Problem::new(status, error.to_string())
}

fn shown(problem: &Problem) -> Response {
    page_error(problem.status(), "You are not signed in", problem.detail(), "/sign-in")
}

/// Sends the browser to the provider.
pub(super) async fn begin(Shared(state): Shared<Arc<State>>, visit: Visit) -> Answered<Response> {
    begun(&state, &visit, None).await.map_err(|problem| shown(&problem))
}

/// Sends the browser of somebody who is signed in to the provider, to tie his account there to his
/// account here: from then on he can sign in with it. A new way in takes a fresh confirmation.
pub(super) async fn tie(
    Shared(state): Shared<Arc<State>>,
    signed_in: SignedIn,
    form: Form,
) -> Answered<Response> {
    signed_in.check(&form)?;
    let at = event_time(&state).map_err(|problem| shown(&problem))?;
    signed_in.must_be_confirmed(at, "/account")?;
    may_add(&state, &signed_in).await.map_err(|problem| shown(&problem))?;
    let session = Some(signed_in.session.digest);
    begun(&state, &signed_in.visit, session).await.map_err(|problem| shown(&problem))
}

async fn begun(state: &Arc<State>, visit: &Visit, tying: Option<Digest>) -> Answer<Response> {
    let ready = state.sign_in.ready()?;
    let settings = ready.settings.as_ref().ok_or_else(Problem::absent)?;
    let now = state.clock.now();
    let provider = provider(state, settings).await?;
    let (address, begun) = provider.begin(&mut SystemRng);
    let one = AtProvider { begun, tying };
    let token = locked(&ready.at_provider).keep(now, &mut SystemRng, &visit.sender, one);
    with_cookie(pages::leave(&address)?, ready, Cookie::Begun, &token)
}

/// What the provider has the browser bring back.
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    iss: Option<String>,
}

impl fmt::Debug for Back {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Back(…)")
    }
}

#[derive(Template)]
#[template(path = "pages/returned.html")]
struct ReturnedPage;

/// Takes the browser back.
pub(super) async fn finish(
    Shared(state): Shared<Arc<State>>,
    visit: Visit,
    Query(back): Query<Back>,
) -> Answered<Response> {
    let came = Instant::now();
    match signed_in(&state, &visit, back).await {
        Ok(response) => Ok(response),
        Err(problem) => {
            in_time_of_failure(came).await;
            Err(shown(&problem))
        }
    }
}

async fn signed_in(state: &Arc<State>, visit: &Visit, back: Back) -> Answer<Response> {
    let ready = state.sign_in.ready()?;
    let settings = ready.settings.as_ref().ok_or_else(Problem::absent)?;
    let now = state.clock.now();
    // First of all: while it doesn't answer, the browser may come back again.
    let provider = provider(state, settings).await?;
    let begun = visit
        .cookie(ready, Cookie::Begun)
        .and_then(|token| locked(&ready.at_provider).take(now, &token));
    let Some(AtProvider { begun, tying }) = begun else {
        return Err(told(&OpenIdError::Refused));
    };
    let subject = tokio::task::spawn_blocking(move || {
        let returned =
            Returned { code: &back.code, state: &back.state, issuer: back.iss.as_deref() };
        provider.finish(now, begun, returned, &ask)
    })
    .await
    .map_err(|_| Problem::internal())?;
    let subject = subject.map_err(|error| told(&error))?;
    let shared = Arc::clone(state);
    if let Some(session) = tying {
        let tied = move |store: &mut Database| tied(&shared, store, &session, &subject);
        state.store.with(tied).await??;
        let response = pages::page(&ReturnedPage).map_err(|_| Problem::internal())?;
        return without_cookie(response, ready, Cookie::Begun);
    }
    let token = Token::draw(&mut SystemRng);
    let before = visit.cookie(ready, Cookie::Session);
    let (token, done) = state
        .store
        .with(move |store| {
            let done = in_store(&shared, store, &subject, &token, before.as_ref());
            (token, done)
        })
        .await?;
    if !done? {
        return Err(told(&OpenIdError::Refused));
    }
    answered(ready, &token)
}

/// A page, and not a redirect: the browser came from another site, and would not send the cookie of the
/// session on to where it is sent from there.
fn answered(ready: &Ready, token: &Token) -> Answer<Response> {
    let response = pages::page(&ReturnedPage).map_err(|_| Problem::internal())?;
    let response = with_cookie(response, ready, Cookie::Session, token)?;
    without_cookie(response, ready, Cookie::Begun)
}

/// What somebody is found by who signs in through a provider.
pub(super) fn lookup(subject: &Subject) -> Digest {
    let mut hash = Sha256::new();
    for text in [&*subject.issuer, subject.subject.reveal()] {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    Digest::from_bytes(hash.finalize().into())
}

/// Ties an account at the provider to the person whose session this is, if it still holds and is still
/// freshly confirmed.
fn tied(state: &State, store: &mut Database, session: &Digest, subject: &Subject) -> Answer<()> {
    let own = organisation();
    let at = event_time(state)?;
    let refused = || told(&OpenIdError::Refused);
    // All in one transaction: a reset or a suspension in between would leave a way in behind.
    store.write(TransactionName("people.tie-provider"), |writer| {
        let session = writer.session(&own, session)?.ok_or_else(refused)?;
        let person = writer.person(&own, &session.person.officer)?.ok_or_else(refused)?;
        let holds = at >= session.began_at && session.holds(at, &person).is_ok();
        if !holds || !session.is_confirmed(at) {
            return Err(refused());
        }
        let credential = Credential {
            id: EventId::random(&mut SystemRng),
            person: person.person.clone(),
            kind: CredentialKind::Oidc,
            lookup: lookup(subject),
            label: Protected::new("organisation's account"),
            data: Vec::new(),
            made_at: at,
            used_at: None,
        };
        if writer.credential(&own, CredentialKind::Oidc, &credential.lookup)?.is_some() {
            return Err(refused());
        }
        let change = add_credential(&*state.clock, &mut SystemRng, &person, credential)
            .map_err(|_| Problem::internal())?;
        writer.put_credential(&change)?;
        Ok(())
    })
}

/// Begins a session for whoever this is here. Says whether there is anybody: nobody comes into being.
fn in_store(
    state: &State,
    store: &mut Database,
    subject: &Subject,
    token: &Token,
    before: Option<&Token>,
) -> Answer<bool> {
    let (own, clock) = (organisation(), &*state.clock);
    let at = event_time(state)?;
    let last = before.map(Token::digest);
    let before = sessions::before(store, at, before)?;
    let lookup = lookup(subject);
    let done = store.write(TransactionName("sign-in.provider"), |writer| {
        let Some(credential) = writer.credential(&own, CredentialKind::Oidc, &lookup)? else {
            return Ok(false);
        };
        let Some(person) = writer.person(&own, &credential.person.officer)? else {
            return Ok(false);
        };
        if !person.stands(at) {
            return Ok(false);
        }
        sessions::used(writer, at, &credential, None)?;
        if let Some((whose, session)) = &before {
            sessions::end(writer, clock, whose, Some(session.id))?;
        }
        sessions::begin(writer, clock, &person, token, CredentialKind::Oidc)?;
        Ok(true)
    });
    forget(state, last);
    done
}
