//! Who asks: nobody known, or somebody recognised by a session or a token.
//!
//! A handler takes an [`Asking`] as an argument and hands its [`Asker`] to the policies. Where the
//! request carries neither a session nor a token, that is a stranger; where it carries one that holds, a
//! person; where it carries one that doesn't, the handler is not called and the answer is 401, the same
//! whatever is wrong with it.
//!
//! Sessions and tokens are told by whoever implements [`Recognise`], which `serve/sign_in` does; `State`
//! is made with it. Recognising is trusted: whoever can change it is whoever he likes.

use super::problem::{Answer, Problem};
use super::state::State;
use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use jiff::Timestamp;
use portcullis_access::{Asker, OpenMatching, Person};
use portcullis_store::{Database, StoreError};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The cookie that holds a session: secure and of this host alone, as its prefix has browsers see to.
pub(crate) const SESSION_COOKIE: &str = "__Host-portcullis";

/// The same where there is no TLS, on this machine alone.
pub(crate) const PLAIN_SESSION_COOKIE: &str = "portcullis";

/// Longest session or token looked up, in bytes.
const MAX_CREDENTIAL_BYTES: usize = 512;

/// Who asks, in a form that handlers may share with the threads that work for them.
#[derive(Debug, Clone)]
pub(crate) struct Asking(pub(crate) Arc<Asker>);

/// What somebody shows to be recognised. Has no `Debug` output: whoever has it is recognised.
pub(crate) enum Credential {
    /// From the session cookie.
    Session(Zeroizing<String>),
    /// From `Authorization: Bearer` or `Authorization: ApiKey`.
    Token(Zeroizing<String>),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Session(_) => "Session(..)",
            Self::Token(_) => "Token(..)",
        })
    }
}

/// Tells who shows this.
pub(crate) trait Recognise: fmt::Debug + Send + Sync {
    /// Who it is; `None` when it is not known, has ended, or was never good. Called on a thread that
    /// may wait for the store. What it reads it compares in constant time.
    fn recognise(
        &self,
        store: &mut Database,
        now: Timestamp,
        credential: &Credential,
    ) -> Result<Option<Person>, StoreError>;
}

impl Asking {
    /// The person, or the problem that nobody is signed in.
    pub(crate) fn person(&self) -> Answer<&Person> {
        self.0.person().ok_or_else(Problem::unknown_asker)
    }
}

impl FromRequestParts<Arc<State>> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Answer<Self> {
        let Some(credential) = credential(&parts.headers)? else {
            let open =
                if state.open_matching { OpenMatching::Offered } else { OpenMatching::Closed };
            return Ok(Self(Arc::new(Asker::Anonymous(open))));
        };
        if matches!(credential, Credential::Session(_)) {
            refuse_forged(&parts.method, &parts.headers)?;
        }
        let now = state.clock.now();
        let recognise = Arc::clone(&state.recognise);
        let person =
            state.store.with(move |store| recognise.recognise(store, now, &credential)).await??;
        Ok(Self(Arc::new(person.ok_or_else(Problem::unknown_asker)?.into())))
    }
}

/// What a request shows. A token goes before a session.
fn credential(headers: &HeaderMap) -> Answer<Option<Credential>> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let value = value.to_str().map_err(|_| Problem::unknown_asker())?;
        let (scheme, token) = value.split_once(' ').ok_or_else(Problem::unknown_asker)?;
        let is_ours =
            scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("apikey");
        let token = token.trim();
        if !is_ours || token.is_empty() || token.len() > MAX_CREDENTIAL_BYTES {
            return Err(Problem::unknown_asker());
        }
        return Ok(Some(Credential::Token(Zeroizing::new(token.to_owned()))));
    }
    for cookie in headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()) {
        for (name, value) in cookie.split(';').filter_map(|pair| pair.trim().split_once('=')) {
            let is_session = name == SESSION_COOKIE || name == PLAIN_SESSION_COOKIE;
            if is_session && !value.is_empty() && value.len() <= MAX_CREDENTIAL_BYTES {
                return Ok(Some(Credential::Session(Zeroizing::new(value.to_owned()))));
            }
        }
    }
    Ok(None)
}

/// Refuses a change that a page of somebody else has a browser send with the session's cookie.
fn refuse_forged(method: &Method, headers: &HeaderMap) -> Answer<()> {
    if method == Method::GET || method == Method::HEAD || method == Method::OPTIONS {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_own = match text("sec-fetch-site") {
        Some(site) => site == "same-origin" || site == "none",
        // A browser too old for it sends an origin with every POST.
        None => text(ORIGIN.as_str())
            .and_then(|origin| origin.split_once("://"))
            .is_some_and(|(_, host)| text(HOST.as_str()) == Some(host)),
    };
    if is_own {
        Ok(())
    } else {
        Err(Problem::refused("a change can only be asked for from a page of this node"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), HeaderValue::from_static(v))).collect()
    }

    fn shown(pairs: &[(&'static str, &'static str)]) -> Option<String> {
        credential(&headers(pairs)).unwrap().map(|credential| match credential {
            Credential::Session(text) => format!("session {}", text.as_str()),
            Credential::Token(text) => format!("token {}", text.as_str()),
        })
    }

    #[test]
    fn a_token_and_a_session_are_found_where_they_are_sent() {
        assert_eq!(shown(&[]), None);
        assert_eq!(shown(&[("authorization", "Bearer abc")]).as_deref(), Some("token abc"));
        assert_eq!(shown(&[("authorization", "ApiKey abc")]).as_deref(), Some("token abc"));
        assert_eq!(
            shown(&[("cookie", "a=b; __Host-portcullis=xyz")]).as_deref(),
            Some("session xyz")
        );
        assert_eq!(
            shown(&[("cookie", "portcullis=xyz"), ("authorization", "Bearer t")]).as_deref(),
            Some("token t")
        );
    }

    #[test]
    fn a_header_that_is_no_token_is_refused_and_not_taken_for_nobody() {
        for value in ["Basic abc", "Bearer", "Bearer ", "abc"] {
            let found = credential(&headers(&[("authorization", value)]));
            assert_eq!(found.unwrap_err(), Problem::unknown_asker(), "{value}");
        }
    }

    #[test]
    fn a_page_of_somebody_else_changes_nothing_with_the_cookie() {
        let own = headers(&[("sec-fetch-site", "same-origin")]);
        let other =
            headers(&[("sec-fetch-site", "cross-site"), ("host", "a"), ("origin", "http://a")]);
        let old = headers(&[("host", "node:8443"), ("origin", "https://node:8443")]);
        let old_other = headers(&[("host", "node:8443"), ("origin", "https://evil.example")]);
        assert!(refuse_forged(&Method::POST, &own).is_ok());
        assert!(refuse_forged(&Method::POST, &old).is_ok());
        for refused in [other, old_other, headers(&[])] {
            assert!(refuse_forged(&Method::POST, &refused).is_err());
            assert!(refuse_forged(&Method::GET, &refused).is_ok());
        }
    }
}
