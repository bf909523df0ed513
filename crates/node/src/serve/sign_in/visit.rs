//! A request to a page: from where it came, with which cookie, and by whom.

use super::super::problem::{Answer, Problem};
use super::super::state::State;
use super::{Answered, Ready, event_time, page_error};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{CONTENT_TYPE, COOKIE, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use portcullis_decide::Digest;
use portcullis_decide::people::{Person, Session};
use portcullis_signin::{Cookie, Site, Token, Whence, check_form, form_token};
use portcullis_types::{EventTime, Role};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What every request to a page shows.
#[derive(Debug)]
pub(in crate::serve) struct Visit {
    headers: HeaderMap,
    /// Whom it is from, as limits tell them apart.
    pub(in crate::serve) sender: Option<IpAddr>,
}

impl Visit {
    /// The token in a cookie.
    pub(in crate::serve) fn cookie(&self, ready: &Ready, cookie: Cookie) -> Option<Token> {
        cookie_of(&self.headers, &ready.site, cookie)
    }
}

/// The token that a request has in this cookie of the site.
pub(in crate::serve) fn cookie_of(
    headers: &HeaderMap,
    site: &Site,
    cookie: Cookie,
) -> Option<Token> {
    let values = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let joined = values.collect::<Vec<_>>().join("; ");
    cookie.find(site, &Zeroizing::new(joined))
}

/// Refuses a change that a page of somebody else has a browser send with the site's cookies.
pub(in crate::serve) fn refuse_forged(
    site: &Site,
    method: &Method,
    headers: &HeaderMap,
) -> Answer<()> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let whence = Whence { origin: text(ORIGIN.as_str()), fetch_site: text("sec-fetch-site") };
    whence.is_own(site).map_err(|error| Problem::refused(error.to_string()))
}

impl FromRequestParts<Arc<State>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Response> {
        let ready = state.sign_in.ready().map_err(IntoResponse::into_response)?;
        refuse_forged(&ready.site, &parts.method, &parts.headers)
            .map_err(IntoResponse::into_response)?;
        let sender = state.limits.sender_of(&parts.headers, &parts.extensions);
        Ok(Self { headers: parts.headers.clone(), sender })
    }
}

/// Somebody who is signed in, on a page. Without a session that holds, a page leads to signing in, and
/// anything else is refused.
pub(in crate::serve) struct SignedIn {
    pub(in crate::serve) person: Person,
    pub(in crate::serve) session: Session,
    pub(in crate::serve) cookie: Token,
    pub(in crate::serve) visit: Visit,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedIn").finish_non_exhaustive()
    }
}

/// What every page of somebody who is signed in shows.
#[derive(Debug)]
pub(in crate::serve) struct Frame {
    /// The token of its forms.
    pub(in crate::serve) form: String,
    pub(in crate::serve) administers: bool,
    pub(in crate::serve) screens: bool,
}

impl SignedIn {
    /// What his pages show.
    pub(in crate::serve) fn frame(&self, at: EventTime) -> Frame {
        Frame {
            form: form_token(&self.cookie).text().to_string(),
            administers: self.person.has_role(Role::Administrator, at),
            screens: self.person.has_role(Role::Officer, at),
        }
    }

    /// Checks that what came was sent from a form that he was shown.
    #[expect(clippy::result_large_err, reason = "what is given instead is an answer, made once")]
    pub(in crate::serve) fn check(&self, form: &Form) -> Result<(), Response> {
        self.check_text(form.text("form"))
    }

    /// As [`SignedIn::check`], for what a script sends.
    #[expect(clippy::result_large_err, reason = "what is given instead is an answer, made once")]
    pub(in crate::serve) fn check_text(&self, form: &str) -> Result<(), Response> {
        check_form(&self.cookie, form).map_err(|error| {
            page_error(
                StatusCode::FORBIDDEN,
                "The form is out of date",
                &error.to_string(),
                "/account",
            )
        })
    }

    /// Refuses what needs a role that he hasn't.
    #[expect(clippy::result_large_err, reason = "what is given instead is an answer, made once")]
    pub(in crate::serve) fn must_be(&self, role: Role, at: EventTime) -> Result<(), Response> {
        if self.person.has_role(role, at) {
            return Ok(());
        }
        Err(page_error(
            StatusCode::NOT_FOUND,
            "Page not found",
            "There is nothing here that you may see.",
            "/account",
        ))
    }

    /// Sends him to confirm with a passkey where that was too long ago, and then back to `next`.
    #[expect(clippy::result_large_err, reason = "what is given instead is an answer, made once")]
    pub(in crate::serve) fn must_be_confirmed(
        &self,
        at: EventTime,
        next: &'static str,
    ) -> Result<(), Response> {
        if self.session.is_confirmed(at) {
            return Ok(());
        }
        Err(Redirect::to(&format!("/confirm?next={next}")).into_response())
    }
}

impl FromRequestParts<Arc<State>> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Result<Self, Response> {
        let visit = Visit::from_request_parts(parts, state).await?;
        let ready = state.sign_in.ready().map_err(IntoResponse::into_response)?;
        let is_page = parts.method == Method::GET;
        let nobody = || {
            if is_page {
                Redirect::to("/sign-in").into_response()
            } else {
                Problem::unknown_asker().into_response()
            }
        };
        let cookie = visit.cookie(ready, Cookie::Session).ok_or_else(nobody)?;
        let digest = Digest::from_bytes(*cookie.digest().as_bytes());
        let at = event_time(state).map_err(IntoResponse::into_response)?;
        let found = state
            .store
            .with(move |store| super::sessions::holding(store, at, &digest))
            .await
            .map_err(IntoResponse::into_response)?
            .map_err(|error| Problem::from(error).into_response())?;
        let Some((person, session)) = found else {
            state.sign_in.own_keys.forget(&cookie.digest());
            return Err(nobody());
        };
        state.sign_in.own_keys.seen(state.clock.now(), &cookie.digest());
        Ok(Self { person, session, cookie, visit })
    }
}

/// The fields of a form, or of the JSON that a page's script sends in its place.
pub(in crate::serve) struct Form(BTreeMap<String, Zeroizing<String>>);

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Form(…)")
    }
}

impl Form {
    /// A field; empty where it is missing.
    pub(in crate::serve) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// The names of the fields that begin so and say yes, without that beginning.
    pub(in crate::serve) fn chosen(&self, beginning: &str) -> Vec<&str> {
        let fields = self.0.iter().filter(|(_, value)| value.as_str() == "yes");
        fields.filter_map(|(name, _)| name.strip_prefix(beginning)).collect()
    }
}

impl FromRequest<Arc<State>> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Self, Response> {
        let axum::Form(fields) =
            axum::Form::<BTreeMap<String, String>>::from_request(request, state)
                .await
                .map_err(|_| Problem::malformed("the form cannot be read").into_response())?;
        Ok(Self(fields.into_iter().map(|(k, v)| (k, Zeroizing::new(v))).collect()))
    }
}

/// JSON from a page's script.
pub(in crate::serve) async fn sent<T: DeserializeOwned>(
    request: Request,
    state: &Arc<State>,
) -> Answered<T> {
    // A page of another site can send no such type without being asked first (CORS).
    let is_json = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"));
    if !is_json {
        return Err(Problem::malformed("send JSON").into_response());
    }
    let bytes = Bytes::from_request(request, state).await.map_err(IntoResponse::into_response)?;
    serde_json::from_slice(&bytes)
        .map_err(|_| Problem::malformed("what was sent cannot be read").into_response())
}
