//! A sign-in through a provider that is made for the test, and every lie that such a one could tell.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use portcullis_signin::Site;
use portcullis_signin::openid::{
    OpenIdError, Provider, RETURN_PATH, Returned, Settings, Subject, http,
};
use portcullis_testkit::SeededRng;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;

const ISSUER: &str = "https://login.example.org";
const NOW: i64 = 1_740_830_400;

fn now() -> Timestamp {
    Timestamp::from_second(NOW).unwrap()
}

fn site() -> Site {
    Site::parse("https://portcullis.example.org").unwrap()
}

fn settings() -> Settings {
    Settings { issuer: ISSUER.into(), client: "portcullis".into(), secret: Some("s3cret".into()) }
}

/// A provider that signs whatever it is told to.
struct Mock {
    key: SigningKey,
    shown: SigningKey,
    header: Value,
    claims: Value,
    /// A token to give out as it is.
    made: Option<String>,
    /// The challenge of the sign-in that began, by RFC 7636.
    challenge: String,
    /// What it says of itself beside the rest.
    promises: Value,
    asked: RefCell<Vec<String>>,
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn reply(status: u16, body: &Value) -> http::Response<Vec<u8>> {
    let builder = http::Response::builder().status(status);
    builder.header("content-type", "application/json").body(body.to_string().into_bytes()).unwrap()
}

impl Mock {
    fn new() -> Self {
        let key = SigningKey::from_slice(&[1; 32]).unwrap();
        Self {
            shown: key.clone(),
            key,
            header: json!({ "alg": "ES256", "kid": "k1" }),
            claims: Value::Null,
            made: None,
            challenge: String::new(),
            promises: json!({}),
            asked: RefCell::default(),
        }
    }

    fn token(&self) -> String {
        if let Some(made) = &self.made {
            return made.clone();
        }
        let signed =
            format!("{}.{}", encoded(self.header.to_string()), encoded(self.claims.to_string()));
        if self.header["alg"] == "none" {
            return format!("{signed}.");
        }
        let signature: Signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", encoded(signature.to_bytes()))
    }

    fn answer(
        &self,
        request: &http::Request<Vec<u8>>,
    ) -> Result<http::Response<Vec<u8>>, io::Error> {
        let path = request.uri().path().to_owned();
        self.asked.borrow_mut().push(path.clone());
        Ok(match path.as_str() {
            "/.well-known/openid-configuration" => {
                let mut said = json!({
                    "issuer": ISSUER,
                    "authorization_endpoint": format!("{ISSUER}/authorize"),
                    "token_endpoint": format!("{ISSUER}/token"),
                    "jwks_uri": format!("{ISSUER}/keys"),
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256"],
                });
                let more = self.promises.as_object().unwrap().clone();
                said.as_object_mut().unwrap().extend(more);
                reply(200, &said)
            }
            "/keys" => {
                let point = self.shown.verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes()[1..].split_at(32);
                reply(
                    200,
                    &json!({ "keys": [{
                    "kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "alg": "ES256",
                    "x": encoded(x), "y": encoded(y),
                }] }),
                )
            }
            "/token" => {
                let form: BTreeMap<String, String> =
                    openidconnect::url::form_urlencoded::parse(request.body())
                        .into_owned()
                        .collect();
                let verifier = form.get("code_verifier").map(String::as_str).unwrap_or_default();
                if form.get("code").map(String::as_str) != Some("good-code")
                    || encoded(Sha256::digest(verifier)) != self.challenge
                {
                    return Ok(reply(400, &json!({ "error": "invalid_grant" })));
                }
                reply(
                    200,
                    &json!({
                        "access_token": "a", "token_type": "Bearer", "id_token": self.token(),
                    }),
                )
            }
            _ => reply(404, &json!({})),
        })
    }
}

/// Runs a sign-in; `lie` changes what the provider says or what comes back.
fn run(lie: impl FnOnce(&mut Mock, &mut Back)) -> Result<Subject, OpenIdError> {
    let mut mock = Mock::new();
    let provider =
        Provider::discover(&settings(), &site(), &|request| mock.answer(&request)).unwrap();
    let (address, begun) = provider.begin(&mut SeededRng::new(1));
    let asked = openidconnect::url::Url::parse(&address).unwrap();
    let query: BTreeMap<String, String> = asked.query_pairs().into_owned().collect();
    mock.challenge.clone_from(&query["code_challenge"]);
    mock.claims = json!({
        "iss": ISSUER, "sub": "248289761001", "aud": "portcullis", "exp": NOW + 300, "iat": NOW,
        "nonce": query["nonce"],
    });
    let mut back = Back {
        code: "good-code".into(),
        state: query["state"].clone(),
        issuer: Some(ISSUER.into()),
    };
    lie(&mut mock, &mut back);
    // The keys are read again, as after a while: a lie about them must reach the check.
    let provider =
        Provider::discover(&settings(), &site(), &|request| mock.answer(&request)).unwrap();
    let returned =
        Returned { code: &back.code, state: &back.state, issuer: back.issuer.as_deref() };
    provider.finish(now(), begun, returned, &|request| mock.answer(&request))
}

struct Back {
    code: String,
    state: String,
    issuer: Option<String>,
}

#[test]
fn whoever_the_provider_names_is_named_by_issuer_and_subject() {
    let subject = run(|_, _| {}).unwrap();
    assert_eq!((&*subject.issuer, subject.subject.reveal()), (ISSUER, "248289761001"));
    assert!(!format!("{subject:?}").contains("248289761001"));
    assert!(run(|_, back| back.issuer = None).is_ok());
}

#[test]
fn the_browser_is_sent_with_state_nonce_and_a_hashed_challenge() {
    let mock = Mock::new();
    let provider =
        Provider::discover(&settings(), &site(), &|request| mock.answer(&request)).unwrap();
    let (address, begun) = provider.begin(&mut SeededRng::new(1));
    let asked = openidconnect::url::Url::parse(&address).unwrap();
    let query: BTreeMap<String, String> = asked.query_pairs().into_owned().collect();
    assert!(address.starts_with("https://login.example.org/authorize?"));
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["scope"], "openid");
    assert_eq!(query["client_id"], "portcullis");
    assert_eq!(query["code_challenge_method"], "S256");
    assert_eq!(query["redirect_uri"], format!("https://portcullis.example.org{RETURN_PATH}"));
    assert!(query["state"].len() == 43 && query["nonce"].len() == 43);
    assert!(!address.contains("s3cret"));
    assert_eq!(format!("{begun:?}"), "Begun(…)");
}

// THREATS T-32
#[test]
fn no_lie_of_a_provider_or_a_browser_gets_through() {
    type Lie = (&'static str, fn(&mut Mock, &mut Back));
    let lies: [Lie; 19] = [
        ("another nonce", |mock, _| mock.claims["nonce"] = "n".into()),
        ("no nonce", |mock, _| drop(mock.claims.as_object_mut().unwrap().remove("nonce"))),
        ("another audience", |mock, _| mock.claims["aud"] = "another".into()),
        ("a second audience", |mock, _| mock.claims["aud"] = json!(["portcullis", "another"])),
        ("no audience", |mock, _| mock.claims["aud"] = json!([])),
        ("another authorised party", |mock, _| mock.claims["azp"] = "another".into()),
        ("another issuer", |mock, _| mock.claims["iss"] = "https://evil.example".into()),
        ("expired", |mock, _| mock.claims["exp"] = NOW.into()),
        ("issued long ago", |mock, _| mock.claims["iat"] = (NOW - 601).into()),
        ("issued in time to come", |mock, _| mock.claims["iat"] = (NOW + 61).into()),
        ("not signed", |mock, _| mock.header = json!({ "alg": "none" })),
        ("said to be signed with the client's secret", |mock, _| {
            mock.header = json!({ "alg": "HS256", "kid": "k1" });
        }),
        ("signed by another key", |mock, _| {
            mock.key = SigningKey::from_slice(&[2; 32]).unwrap();
        }),
        ("a key of an unknown name", |mock, _| mock.header["kid"] = "k2".into()),
        ("another code", |_, back| back.code = "other".into()),
        ("another challenge", |mock, _| mock.challenge = "other".into()),
        ("another state", |_, back| back.state = "A".repeat(43)),
        ("no state", |_, back| back.state.clear()),
        ("back from another issuer", |_, back| back.issuer = Some("https://evil.example".into())),
    ];
    for (name, lie) in lies {
        match run(lie) {
            Err(OpenIdError::Refused) => {}
            other => panic!("{name}: {other:?}"),
        }
    }
}

// THREATS T-32
#[test]
fn a_signature_of_the_shared_secret_is_refused() {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    // The attack of RFC 8725, section 2.1: here the secret is even the right one.
    let result = run(|mock, _| {
        mock.header = json!({ "alg": "HS256" });
        let signed =
            format!("{}.{}", encoded(mock.header.to_string()), encoded(mock.claims.to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(b"s3cret").unwrap();
        mac.update(signed.as_bytes());
        mock.made = Some(format!("{signed}.{}", encoded(mac.finalize().into_bytes())));
    });
    assert!(matches!(result, Err(OpenIdError::Refused)), "{result:?}");
}

// THREATS T-32
#[test]
fn a_provider_that_promises_to_say_who_it_is_must_say_it() {
    let promise = |mock: &mut Mock| {
        mock.promises = json!({ "authorization_response_iss_parameter_supported": true });
    };
    assert!(run(|mock, _| promise(mock)).is_ok());
    let silent = run(|mock, back| {
        promise(mock);
        back.issuer = None;
    });
    assert!(matches!(silent, Err(OpenIdError::Refused)), "{silent:?}");
}

// THREATS T-32
#[test]
fn no_provider_is_asked_in_the_clear() {
    let mock = Mock::new();
    let found = |issuer: &str| {
        let settings = Settings { issuer: issuer.into(), ..settings() };
        Provider::discover(&settings, &site(), &|request| mock.answer(&request))
    };
    for issuer in ["http://login.example.org", "http://192.0.2.1", "http://localhost.example.org"] {
        assert!(matches!(found(issuer), Err(OpenIdError::NotSecure { .. })), "{issuer}");
    }
    assert_eq!(*mock.asked.borrow(), Vec::<String>::new());
    for issuer in ["http://localhost:8081", "http://127.0.0.1:8081", "http://[::1]:8081"] {
        let settings = Settings { issuer: issuer.into(), ..settings() };
        assert!(settings.check().is_ok(), "{issuer}");
    }
}

// THREATS T-32
#[test]
fn no_provider_leads_on_into_the_clear() {
    for endpoint in ["authorization_endpoint", "jwks_uri"] {
        let mut mock = Mock::new();
        mock.promises = json!({ endpoint: "http://login.example.org/keys" });
        let found = Provider::discover(&settings(), &site(), &|request| mock.answer(&request));
        assert!(matches!(found, Err(OpenIdError::Unavailable)), "{endpoint}: {found:?}");
    }
    let token = run(|mock, _| {
        mock.promises = json!({ "token_endpoint": "http://login.example.org/token" });
    });
    assert!(matches!(token, Err(OpenIdError::Unavailable)), "{token:?}");
}

#[test]
fn a_provider_that_calls_itself_something_else_is_not_used() {
    let settings = Settings { issuer: "https://other.example.org".into(), ..settings() };
    let mock = Mock::new();
    let found = Provider::discover(&settings, &site(), &|request| mock.answer(&request));
    assert!(matches!(found, Err(OpenIdError::Unavailable)), "{found:?}");
}

// THREATS T-33
#[test]
fn a_forged_state_reaches_nobody() {
    let mock = Mock::new();
    let provider =
        Provider::discover(&settings(), &site(), &|request| mock.answer(&request)).unwrap();
    let (_, begun) = provider.begin(&mut SeededRng::new(1));
    mock.asked.borrow_mut().clear();
    let returned = Returned { code: "good-code", state: "x", issuer: None };
    assert!(provider.finish(now(), begun, returned, &|request| mock.answer(&request)).is_err());
    assert_eq!(*mock.asked.borrow(), Vec::<String>::new());
}
