//! The cookie that carries a session, and nothing else.

use crate::site::Site;
use crate::token::Token;
use zeroize::Zeroizing;

/// What a cookie carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// The session of somebody who signed in. Sent on no request that another site began.
    Session,
    /// A sign-in at another provider that has begun: sent when that provider sends the browser back.
    Begun,
    /// A form for somebody without an account.
    Form,
}

impl Cookie {
    /// The name. With the prefix `__Host-` a browser takes the cookie only over TLS, for this host
    /// alone and every path (RFC 6265bis, section 4.1.3.2); over plain HTTP on this machine it would
    /// take none with it.
    pub fn name(self, site: &Site) -> &'static str {
        match (self, site.is_encrypted()) {
            (Self::Session, true) => "__Host-portcullis",
            (Self::Session, false) => "portcullis",
            (Self::Begun, true) => "__Host-portcullis-begun",
            (Self::Begun, false) => "portcullis-begun",
            (Self::Form, true) => "__Host-portcullis-form",
            (Self::Form, false) => "portcullis-form",
        }
    }

    /// The value of `Set-Cookie` that hands out a token.
    pub fn set(self, site: &Site, token: &Token) -> Zeroizing<String> {
        Zeroizing::new(format!("{}={}; {}", self.name(site), *token.text(), self.attributes(site)))
    }

    /// The value of `Set-Cookie` that takes the token back.
    pub fn clear(self, site: &Site) -> String {
        format!("{}=; {}; Max-Age=0", self.name(site), self.attributes(site))
    }

    /// Finds the token in the value of a `Cookie` header. None where it is missing, is no token, or
    /// stands there twice: then somebody else put one of them there.
    pub fn find(self, site: &Site, header: &str) -> Option<Token> {
        let name = self.name(site);
        let mut found = header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value);
        let first = found.next()?;
        if found.next().is_some() {
            return None;
        }
        Token::parse(first)
    }

    fn attributes(self, site: &Site) -> String {
        let same_site = match self {
            Self::Session => "Strict",
            // The way back from a provider, or out of a letter with a link, begins at another site;
            // `Strict` would lose the cookie.
            Self::Begun | Self::Form => "Lax",
        };
        let secure = if site.is_encrypted() { "; Secure" } else { "" };
        format!("Path=/; HttpOnly; SameSite={same_site}{secure}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::SeededRng;
    use proptest::prelude::*;

    fn site() -> Site {
        Site::parse("https://portcullis.example.org").unwrap()
    }

    // THREATS T-33
    #[test]
    fn the_cookie_of_a_session_is_for_this_host_alone_and_out_of_reach_of_scripts() {
        let token = Token::draw(&mut SeededRng::new(1));
        assert_eq!(
            *Cookie::Session.set(&site(), &token),
            format!(
                "__Host-portcullis={}; Path=/; HttpOnly; SameSite=Strict; Secure",
                *token.text()
            )
        );
        let local = Site::parse("http://localhost:8080").unwrap();
        assert_eq!(
            *Cookie::Session.set(&local, &token),
            format!("portcullis={}; Path=/; HttpOnly; SameSite=Strict", *token.text())
        );
        assert_eq!(
            Cookie::Session.clear(&site()),
            "__Host-portcullis=; Path=/; HttpOnly; SameSite=Strict; Secure; Max-Age=0"
        );
    }

    // THREATS T-33
    #[test]
    fn a_cookie_that_stands_there_twice_is_none() {
        let token = Token::draw(&mut SeededRng::new(1));
        let text = token.text();
        let name = Cookie::Session.name(&site());
        let once = format!("a=b; {name}={}; c=d", *text);
        assert!(Cookie::Session.find(&site(), &once).unwrap().is(&token));
        let twice = format!("{name}={}; {name}={}", *text, "B".repeat(43));
        assert!(Cookie::Session.find(&site(), &twice).is_none());
        assert!(Cookie::Session.find(&site(), &format!("portcullis={}", *text)).is_none());
    }

    proptest! {
        #[test]
        fn no_header_makes_reading_panic(header in ".{0,200}") {
            let _ = Cookie::Session.find(&site(), &header);
        }
    }
}
