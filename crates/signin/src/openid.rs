//! Signing in through an organisation's own OpenID provider.
//!
//! The code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636), a state and a nonce. What comes of it
//! is a [`Subject`]: who that is here, a table that administrators keep says. Nobody comes into being by
//! signing in.

use crate::site::Site;
use crate::token::Token;
use jiff::{SignedDuration, Timestamp};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthenticationFlow, CoreClaimName, CoreClaimType, CoreClient,
    CoreClientAuthMethod, CoreGrantType, CoreIdTokenVerifier, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
};
use openidconnect::url::{Host, Url};
use openidconnect::{
    AdditionalProviderMetadata, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, OAuth2TokenResponse as _,
    PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, TokenResponse as _,
};
use portcullis_types::{Protected, Rng};
use std::fmt;

pub use openidconnect::http;

/// Where the provider sends the browser back to.
pub const RETURN_PATH: &str = "/sign-in/provider/return";

/// How long somebody has to sign in at the provider, in minutes.
pub const PROVIDER_MINUTES: i64 = 10;

/// How long ago a provider may have signed its word, and how far ahead its clock may be, in seconds.
const ISSUED_AT_MOST_SECONDS: i64 = 600;
const CLOCK_AHEAD_SECONDS: i64 = 60;

/// What the organisation agreed with its provider.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The provider's address, exactly as it names itself (`https://login.example.org`).
    pub issuer: String,
    /// The name that the provider gave this node.
    pub client: String,
    /// The secret that the provider gave this node, where it gave one.
    pub secret: Option<Protected>,
}

/// Why a sign-in through a provider did not work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenIdError {
    /// The settings hold no address.
    #[error("`{issuer}` is not the address of a provider")]
    Issuer {
        /// What was given.
        issuer: String,
    },
    /// The provider would be asked in the clear.
    #[error("the provider `{issuer}` must be reached over `https://`")]
    NotSecure {
        /// What was given.
        issuer: String,
    },
    /// The provider cannot be reached, or says something else than who it is.
    #[error("the sign-in provider does not answer as it should; try again later")]
    Unavailable,
    /// What came back does not belong to a sign-in that began here, or is not good.
    #[error("the sign-in provider's answer was not accepted; begin again")]
    Refused,
}

/// Somebody, as a provider names him. The subject is the provider's own name for a person, unique there
/// and never given to another (OpenID Connect Core 1.0, section 5.7). Both are kept, no e-mail address.
#[derive(Clone, PartialEq, Eq)]
pub struct Subject {
    /// Which provider.
    pub issuer: Box<str>,
    /// Its name for the person.
    pub subject: Protected,
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

/// A provider, as it described itself.
pub struct Provider {
    client: Client,
    issuer: IssuerUrl,
    /// Whether it promises to say who it is when it sends somebody back.
    says_issuer: bool,
}

/// What a provider says of itself beside OpenID Connect Discovery 1.0: RFC 9207, section 3.
#[derive(Debug, Clone, serde::Deserialize, serde::Serialize)]
struct Promises {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for Promises {}

type Metadata = ProviderMetadata<
    Promises,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Whether nobody on the way can read or change what is asked there: it is encrypted, or on this machine.
fn is_secure(address: &Url) -> bool {
    let is_local = match address.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    address.scheme() == "https" || address.scheme() == "http" && is_local
}

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
enum AskError<E: std::error::Error + 'static> {
    #[error("the provider names an address that is not encrypted")]
    NotSecure,
    #[error(transparent)]
    Failed(E),
}

/// Asks, but never in the clear, wherever a provider says that it is to be asked.
fn asked<E: std::error::Error + 'static>(
    ask: &impl Fn(http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, E>,
) -> impl Fn(http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, AskError<E>> {
    move |request| {
        let address = Url::parse(&request.uri().to_string());
        if !address.is_ok_and(|address| is_secure(&address)) {
            return Err(AskError::NotSecure);
        }
        ask(request).map_err(AskError::Failed)
    }
}

impl Settings {
    /// Checks that the provider is reached safely.
    ///
    /// # Errors
    ///
    /// [`OpenIdError::Issuer`] when there is no address, [`OpenIdError::NotSecure`] when it is not
    /// `https` and not on this machine.
    pub fn check(&self) -> Result<(), OpenIdError> {
        let issuer = || self.issuer.clone();
        let address =
            Url::parse(&self.issuer).map_err(|_| OpenIdError::Issuer { issuer: issuer() })?;
        if is_secure(&address) { Ok(()) } else { Err(OpenIdError::NotSecure { issuer: issuer() }) }
    }
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer.as_str()).finish_non_exhaustive()
    }
}

/// A sign-in that has begun at a provider. To be kept on the server, for one browser.
pub struct Begun {
    state: Token,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Begun(…)")
    }
}

/// What the browser brings back from the provider.
#[derive(Clone, Copy)]
pub struct Returned<'a> {
    /// `code`.
    pub code: &'a str,
    /// `state`.
    pub state: &'a str,
    /// `iss` (RFC 9207), where the provider says it.
    pub issuer: Option<&'a str>,
}

impl fmt::Debug for Returned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Returned(…)")
    }
}

impl Provider {
    /// Asks the provider who it is and for its keys. `ask` sends one request and follows no redirect.
    ///
    /// # Errors
    ///
    /// [`OpenIdError`] when it cannot be reached or names itself otherwise than the settings do.
    pub fn discover<E: std::error::Error + 'static>(
        settings: &Settings,
        site: &Site,
        ask: &impl Fn(http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, E>,
    ) -> Result<Self, OpenIdError> {
        settings.check()?;
        let wrong = || OpenIdError::Issuer { issuer: settings.issuer.clone() };
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(|_| wrong())?;
        let metadata =
            Metadata::discover(&issuer, &asked(ask)).map_err(|_| OpenIdError::Unavailable)?;
        // The browser is sent there, and nobody asks for it here.
        if !is_secure(metadata.authorization_endpoint().url()) {
            return Err(OpenIdError::Unavailable);
        }
        let promises = metadata.additional_metadata();
        let says_issuer = promises.authorization_response_iss_parameter_supported;
        let secret = settings.secret.as_ref();
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(settings.client.clone()),
            secret.map(|secret| ClientSecret::new(secret.reveal().to_owned())),
        )
        .set_redirect_uri(
            RedirectUrl::new(site.address(RETURN_PATH)).map_err(|_| OpenIdError::Unavailable)?,
        );
        Ok(Self { client, issuer, says_issuer })
    }

    /// Begins a sign-in. Gives the address to send the browser to, and what to keep for this browser.
    pub fn begin(&self, rng: &mut dyn Rng) -> (String, Begun) {
        let (state, nonce) = (Token::draw(rng), Nonce::new(Token::draw(rng).text().to_string()));
        // RFC 7636, section 4.1: 43 to 128 characters; ours has 43, from 256 random bits.
        let verifier = PkceCodeVerifier::new(Token::draw(rng).text().to_string());
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier);
        let (csrf, asked) = (CsrfToken::new(state.text().to_string()), nonce.clone());
        let (address, _, _) = self
            .client
            .authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || csrf, move || asked)
            .set_pkce_challenge(challenge)
            .url();
        (address.to_string(), Begun { state, nonce, verifier })
    }

    /// Finishes a sign-in with what the browser brought back: fetches the provider's word with the code
    /// and checks signature, issuer, audience, times and nonce.
    ///
    /// # Errors
    ///
    /// [`OpenIdError::Refused`] when anything of it is not right, [`OpenIdError::Unavailable`] when the
    /// provider does not answer.
    pub fn finish<E: std::error::Error + 'static>(
        &self,
        now: Timestamp,
        begun: Begun,
        returned: Returned<'_>,
        ask: &impl Fn(http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, E>,
    ) -> Result<Subject, OpenIdError> {
        let state = Token::parse(returned.state).ok_or(OpenIdError::Refused)?;
        // RFC 9207, section 2.4: from a provider that promises it, an answer without it is another's.
        let same_issuer = match returned.issuer {
            Some(issuer) => issuer == self.issuer.as_str(),
            None => !self.says_issuer,
        };
        if !state.is(&begun.state) || !same_issuer {
            return Err(OpenIdError::Refused);
        }
        let response: CoreTokenResponse = self
            .client
            .exchange_code(AuthorizationCode::new(returned.code.to_owned()))
            .map_err(|_| OpenIdError::Unavailable)?
            .set_pkce_verifier(begun.verifier)
            .request(&asked(ask))
            .map_err(|error| match error {
                openidconnect::RequestTokenError::Request(_) => OpenIdError::Unavailable,
                _ => OpenIdError::Refused,
            })?;
        let _ = response.access_token();
        let token = response.id_token().ok_or(OpenIdError::Refused)?;
        let claims =
            token.claims(&self.verifier(now), &begun.nonce).map_err(|_| OpenIdError::Refused)?;
        // OpenID Connect Core 1.0, section 3.1.3.7, step 5.
        if claims.authorized_party().is_some_and(|party| party != self.client.client_id()) {
            return Err(OpenIdError::Refused);
        }
        Ok(Subject {
            issuer: self.issuer.as_str().into(),
            subject: Protected::new(claims.subject().as_str()),
        })
    }

    fn verifier(&self, now: Timestamp) -> CoreIdTokenVerifier<'_> {
        // Only keys that the provider alone has: none of those that are made of the client's secret.
        let allowed = [
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EcdsaP384Sha384,
            CoreJwsSigningAlgorithm::EdDsa,
        ];
        let second = now.as_second();
        self.client
            .id_token_verifier()
            .set_allowed_algs(allowed)
            .set_time_fn(move || chrono::DateTime::from_timestamp(second, 0).unwrap_or_default())
            .set_issue_time_verifier_fn(move |issued| {
                let age = SignedDuration::from_secs(second.saturating_sub(issued.timestamp()));
                let allowed = SignedDuration::from_secs(-CLOCK_AHEAD_SECONDS)
                    ..=SignedDuration::from_secs(ISSUED_AT_MOST_SECONDS);
                if allowed.contains(&age) { Ok(()) } else { Err("issued at another time".into()) }
            })
    }
}
