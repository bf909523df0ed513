//! Did this request come from one of our own pages?

use crate::site::Site;
use crate::token::Token;

/// What a browser says of where a request came from. Scripts cannot set these headers (Fetch
/// standard, "forbidden request-header").
#[derive(Debug, Clone, Copy, Default)]
pub struct Whence<'a> {
    /// `Origin`.
    pub origin: Option<&'a str>,
    /// `Sec-Fetch-Site`.
    pub fetch_site: Option<&'a str>,
}

/// Why a request that changes something is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForgeryError {
    /// It came from a page of another site, or does not say from where.
    #[error("the request did not come from a page of this site; open the page anew and try again")]
    OtherSite,
    /// The form's token is missing or another's.
    #[error("the form is out of date; open the page anew and try again")]
    OtherForm,
}

impl Whence<'_> {
    /// Checks that a page of this site sent the request.
    ///
    /// # Errors
    ///
    /// [`ForgeryError::OtherSite`] when either header names another place, or neither is there.
    pub fn is_own(&self, site: &Site) -> Result<(), ForgeryError> {
        let origin = self.origin.map(|origin| origin == site.origin());
        let fetched = self.fetch_site.map(|fetched| fetched == "same-origin");
        match (origin, fetched) {
            (Some(false), _) | (_, Some(false)) | (None, None) => Err(ForgeryError::OtherSite),
            (Some(true), _) | (None, Some(true)) => Ok(()),
        }
    }
}

/// The token that a form of this session carries: tied to the session's cookie, and not leading back
/// to it.
pub fn form_token(cookie: &Token) -> Token {
    cookie.derive("portcullis form v1")
}

/// Checks that the form was shown to whoever bears the cookie.
///
/// # Errors
///
/// [`ForgeryError::OtherForm`] when it was not.
pub fn check_form(cookie: &Token, given: &str) -> Result<(), ForgeryError> {
    let given = Token::parse(given).ok_or(ForgeryError::OtherForm)?;
    if given.is(&form_token(cookie)) { Ok(()) } else { Err(ForgeryError::OtherForm) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::SeededRng;

    // THREATS T-33
    #[test]
    fn only_pages_of_the_site_itself_may_change_something() {
        let site = Site::parse("https://portcullis.example.org").unwrap();
        let own = Some("https://portcullis.example.org");
        for (origin, fetch_site, taken) in [
            (own, Some("same-origin"), true),
            (own, None, true),
            (None, Some("same-origin"), true),
            (None, None, false),
            (Some("null"), None, false),
            (Some("https://evil.example"), Some("same-origin"), false),
            (Some("https://portcullis.example.org.evil.example"), None, false),
            (Some("http://portcullis.example.org"), None, false),
            (Some("https://portcullis.example.org:444"), None, false),
            (own, Some("cross-site"), false),
            (own, Some("same-site"), false),
            (None, Some("none"), false),
        ] {
            let whence = Whence { origin, fetch_site };
            assert_eq!(whence.is_own(&site).is_ok(), taken, "{whence:?}");
        }
    }

    // THREATS T-33
    #[test]
    fn a_form_belongs_to_one_session() {
        let mut rng = SeededRng::new(1);
        let (cookie, other) = (Token::draw(&mut rng), Token::draw(&mut rng));
        assert_eq!(check_form(&cookie, &form_token(&cookie).text()), Ok(()));
        for wrong in [form_token(&other).text(), cookie.text(), String::new().into()] {
            assert_eq!(check_form(&cookie, &wrong), Err(ForgeryError::OtherForm));
        }
    }
}
