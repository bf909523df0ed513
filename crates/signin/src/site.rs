//! Where the pages are served, and what follows for passkeys and cookies.

use openidconnect::url::{Host, Url};

/// The one address under which people reach the pages.
///
/// A passkey is bound to its host: changing it makes every passkey useless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    origin: Url,
    host: Box<str>,
    secure: Secure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Secure {
    /// Over TLS.
    Yes,
    /// Over plain HTTP on this machine, for trying it out.
    ThisMachine,
}

/// Why an address cannot be that of the pages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SiteError {
    /// It is no address.
    #[error("`{address}` is not an address like `https://portcullis.example.org`")]
    NoAddress {
        /// What was given.
        address: String,
    },
    /// It names no host by name.
    #[error(
        "passkeys need a host by name: use `http://localhost:PORT` or a domain, not `{address}`"
    )]
    NoName {
        /// What was given.
        address: String,
    },
    /// It is not encrypted, and not on this machine.
    #[error("sign-in needs TLS: `{address}` begins with neither `https://` nor `http://localhost`")]
    NotSecure {
        /// What was given.
        address: String,
    },
    /// It holds more than scheme, host and port.
    #[error("`{address}` holds more than scheme, host and port")]
    TooMuch {
        /// What was given.
        address: String,
    },
}

impl Site {
    /// Reads the address of the pages, like `https://portcullis.example.org`.
    ///
    /// # Errors
    ///
    /// [`SiteError`] when it is not one that browsers offer passkeys on (WebAuthn Level 3,
    /// section 5.1.2: a secure context and a domain).
    pub fn parse(address: &str) -> Result<Self, SiteError> {
        let given = || address.to_owned();
        let origin = Url::parse(address).map_err(|_| SiteError::NoAddress { address: given() })?;
        let Some(Host::Domain(host)) = origin.host() else {
            return Err(SiteError::NoName { address: given() });
        };
        let host: Box<str> = host.into();
        let bare = origin.path() == "/"
            && origin.query().is_none()
            && origin.fragment().is_none()
            && origin.username().is_empty()
            && origin.password().is_none();
        if !bare {
            return Err(SiteError::TooMuch { address: given() });
        }
        let local = &*host == "localhost" || host.ends_with(".localhost");
        let secure = match origin.scheme() {
            "https" => Secure::Yes,
            "http" if local => Secure::ThisMachine,
            _ => return Err(SiteError::NotSecure { address: given() }),
        };
        Ok(Self { origin, host, secure })
    }

    /// The address as browsers state it in `Origin`: scheme, host and port.
    pub fn origin(&self) -> String {
        self.origin.origin().ascii_serialization()
    }

    /// An address on the site. `path` begins with `/`.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// The host, which passkeys are bound to.
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(crate) fn url(&self) -> &Url {
        &self.origin
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        self.secure == Secure::Yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encrypted_domain_and_this_machine_are_taken() {
        let site = Site::parse("https://portcullis.example.org").unwrap();
        assert_eq!(site.origin(), "https://portcullis.example.org");
        assert_eq!(site.host(), "portcullis.example.org");
        assert_eq!(
            Site::parse("http://localhost:8080/").unwrap().origin(),
            "http://localhost:8080"
        );
    }

    #[test]
    fn what_browsers_offer_no_passkeys_on_is_refused() {
        for (address, wanted) in [
            ("http://portcullis.example.org", "sign-in needs TLS"),
            ("https://192.0.2.1", "a host by name"),
            ("http://127.0.0.1:8080", "a host by name"),
            ("http://[::1]:8080", "a host by name"),
            ("https://portcullis.example.org/x", "more than scheme"),
            ("https://a@portcullis.example.org", "more than scheme"),
            ("portcullis", "is not an address"),
            ("", "is not an address"),
        ] {
            let error = Site::parse(address).unwrap_err().to_string();
            assert!(error.contains(wanted), "{address}: {error}");
        }
    }
}
