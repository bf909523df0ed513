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
use super::sign_in::{cookie_of, refuse_forged};
use super::state::State;
use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use jiff::Timestamp;
use portcullis_access::{Asker, OpenMatching, Person};
use portcullis_signin::{Cookie, Site, Token};
use portcullis_store::{Database, StoreError};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Longest token looked up, in bytes.
const MAX_TOKEN_BYTES: usize = 512;

/// Who asks, in a form that handlers may share with the threads that work for them.
#[derive(Debug, Clone)]
pub(crate) struct Asking(pub(crate) Arc<Asker>);

/// Somebody whose answer goes on and on, recognised again for each part of it.
#[derive(Debug, Clone)]
pub(crate) struct Following {
    /// Who it was when he began.
    pub(crate) asking: Asking,
    shown: Arc<Credential>,
}

/// What somebody shows to be recognised. Has no `Debug` output: whoever has it is recognised.
pub(crate) enum Credential {
    /// From the session cookie.
    Session(Token),
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

/// Why somebody is recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Occasion {
    /// He asks for something: his session is in use.
    Request,
    /// He is still sent something: a session that is otherwise idle ends all the same.
    Following,
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
        occasion: Occasion,
    ) -> Result<Option<Person>, StoreError>;
}

impl Asking {
    /// The person, or the problem that nobody is signed in.
    pub(crate) fn person(&self) -> Answer<&Person> {
        self.0.person().ok_or_else(Problem::unknown_asker)
    }

    async fn by(state: &State, shown: Arc<Credential>, occasion: Occasion) -> Answer<Self> {
        let now = state.clock.now();
        let recognise = Arc::clone(&state.recognise);
        let told = state.store.with(move |store| recognise.recognise(store, now, &shown, occasion));
        Ok(Self(Arc::new(told.await??.ok_or_else(Problem::unknown_asker)?.into())))
    }
}

impl Following {
    /// Who it is now, or that he is nobody any more: signed out, suspended, his token revoked.
    pub(crate) async fn again(&self, state: &State) -> Answer<Asking> {
        Asking::by(state, Arc::clone(&self.shown), Occasion::Following).await
    }
}

impl FromRequestParts<Arc<State>> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Answer<Self> {
        if let Some(shown) = shown(state, &parts.method, &parts.headers)? {
            return Self::by(state, Arc::new(shown), Occasion::Request).await;
        }
        let open = if state.open_matching { OpenMatching::Offered } else { OpenMatching::Closed };
        Ok(Self(Arc::new(Asker::Anonymous(open))))
    }
}

impl FromRequestParts<Arc<State>> for Following {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &Arc<State>) -> Answer<Self> {
        let shown = shown(state, &parts.method, &parts.headers)?;
        let shown = Arc::new(shown.ok_or_else(Problem::unknown_asker)?);
        let asking = Asking::by(state, Arc::clone(&shown), Occasion::Request).await?;
        Ok(Self { asking, shown })
    }
}

/// What a request shows, where it may be taken for what it says.
fn shown(state: &State, method: &Method, headers: &HeaderMap) -> Answer<Option<Credential>> {
    let site = state.sign_in.ready().ok().map(|ready| &ready.site);
    let found = credential(site, headers)?;
    if let (Some(Credential::Session(_)), Some(site)) = (&found, site) {
        refuse_forged(site, method, headers)?;
    }
    Ok(found)
}

/// What a request shows. A token goes before a session; where nobody can sign in, there is none.
fn credential(site: Option<&Site>, headers: &HeaderMap) -> Answer<Option<Credential>> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let value = value.to_str().map_err(|_| Problem::unknown_asker())?;
        let (scheme, token) = value.split_once(' ').ok_or_else(Problem::unknown_asker)?;
        let is_ours =
            scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("apikey");
        let token = token.trim();
        if !is_ours || token.is_empty() || token.len() > MAX_TOKEN_BYTES {
            return Err(Problem::unknown_asker());
        }
        return Ok(Some(Credential::Token(Zeroizing::new(token.to_owned()))));
    }
    let session = site.and_then(|site| cookie_of(headers, site, Cookie::Session));
    Ok(session.map(Credential::Session))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use portcullis_testkit::SeededRng;

    fn site() -> Site {
        Site::parse("https://portcullis.example.org").unwrap()
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).unwrap();
        pairs.iter().map(|(name, text)| (name.parse().unwrap(), value(text))).collect()
    }

    fn shown(pairs: &[(&'static str, &str)]) -> Option<String> {
        let found = credential(Some(&site()), &headers(pairs)).unwrap();
        found.map(|credential| match credential {
            Credential::Session(token) => format!("session {}", *token.text()),
            Credential::Token(text) => format!("token {}", text.as_str()),
        })
    }

    #[test]
    fn a_token_and_a_session_are_found_where_they_are_sent() {
        let session = Token::draw(&mut SeededRng::new(1)).text();
        let cookie = format!("a=b; __Host-portcullis={}", *session);
        assert_eq!(shown(&[]), None);
        assert_eq!(shown(&[("authorization", "Bearer abc")]).as_deref(), Some("token abc"));
        assert_eq!(shown(&[("authorization", "ApiKey abc")]).as_deref(), Some("token abc"));
        assert_eq!(shown(&[("cookie", &cookie)]), Some(format!("session {}", *session)));
        let both = [("cookie", cookie.as_str()), ("authorization", "Bearer t")];
        assert_eq!(shown(&both).as_deref(), Some("token t"));
    }

    // THREATS T-33
    #[test]
    fn a_cookie_that_another_host_may_have_planted_is_no_session() {
        let [own, planted] = [1, 2].map(|seed| Token::draw(&mut SeededRng::new(seed)).text());
        let plain = format!("portcullis={}", *planted);
        let own = format!("__Host-portcullis={}", *own);
        assert_eq!(shown(&[("cookie", &plain)]), None, "without the prefix any sibling sets it");
        let both = format!("{plain}; {own}");
        assert_eq!(shown(&[("cookie", &both)]), shown(&[("cookie", &own)]));
        let twice = format!("__Host-portcullis={}; {own}", *planted);
        assert_eq!(shown(&[("cookie", &twice)]), None);
        let sent_apart = [("cookie", own.as_str()), ("cookie", &own)];
        let mut apart = HeaderMap::new();
        for (_, cookie) in sent_apart {
            apart.append("cookie", HeaderValue::from_str(cookie).unwrap());
        }
        assert!(credential(Some(&site()), &apart).unwrap().is_none());
    }

    #[test]
    fn where_nobody_can_sign_in_there_is_no_session() {
        let token = Token::draw(&mut SeededRng::new(1)).text();
        for name in ["portcullis", "__Host-portcullis"] {
            let cookie = format!("{name}={}", *token);
            assert!(credential(None, &headers(&[("cookie", &cookie)])).unwrap().is_none());
        }
    }

    #[test]
    fn a_header_that_is_no_token_is_refused_and_not_taken_for_nobody() {
        for value in ["Basic abc", "Bearer", "Bearer ", "abc"] {
            let found = credential(Some(&site()), &headers(&[("authorization", value)]));
            assert_eq!(found.unwrap_err(), Problem::unknown_asker(), "{value}");
        }
    }

    // THREATS T-33
    #[test]
    fn a_page_of_somebody_else_changes_nothing_with_the_cookie() {
        let own = headers(&[("sec-fetch-site", "same-origin")]);
        let old = headers(&[("origin", "https://portcullis.example.org")]);
        assert!(refuse_forged(&site(), &Method::POST, &own).is_ok());
        assert!(refuse_forged(&site(), &Method::POST, &old).is_ok());
        for refused in [
            headers(&[("sec-fetch-site", "cross-site")]),
            headers(&[("sec-fetch-site", "none")]),
            headers(&[("origin", "https://evil.example")]),
            // Its name is what the request says, not what the node is called.
            headers(&[("host", "evil.example"), ("origin", "https://evil.example")]),
            headers(&[]),
        ] {
            assert!(refuse_forged(&site(), &Method::POST, &refused).is_err());
            assert!(refuse_forged(&site(), &Method::GET, &refused).is_ok());
        }
    }
}
