//! Signing in through a provider that runs beside the test, on this machine.

use super::super::event_time;
use super::super::provider::lookup;
use super::browser::{Browser, Node};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use portcullis_decide::people::{Credential, CredentialKind, add_credential};
use portcullis_signin::openid::Subject;
use portcullis_store::{StoreError, TransactionName};
use portcullis_types::{EventId, OfficerId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

/// Answers as a provider does, with the claims it was told.
struct Mock {
    issuer: String,
    claims: Arc<Mutex<Value>>,
    mood: Arc<Mutex<Mood>>,
}

/// How it answers who asks what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    /// Not until it is well again.
    Slow,
    Gone,
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Mock {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
        let claims = Arc::new(Mutex::new(Value::Null));
        let (shared, name) = (Arc::clone(&claims), issuer.clone());
        let mood = Arc::new(Mutex::new(Mood::Well));
        let own_mood = Arc::clone(&mood);
        thread::spawn(move || {
            let key = SigningKey::from_slice(&[1; 32]).unwrap();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut bytes = Vec::new();
                let mut part = [0; 4096];
                // All that a client sends comes at once, or after its head.
                loop {
                    let read = stream.read(&mut part).unwrap_or(0);
                    bytes.extend_from_slice(&part[..read]);
                    let text = String::from_utf8_lossy(&bytes).to_lowercase();
                    let Some(head) = text.find("\r\n\r\n") else { continue };
                    let length = text
                        .split("content-length: ")
                        .nth(1)
                        .and_then(|rest| rest.split("\r\n").next()?.parse().ok())
                        .unwrap_or(0);
                    if bytes.len() >= head + 4 + length || read == 0 {
                        break;
                    }
                }
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                if path.starts_with("/.well-known") {
                    while *own_mood.lock().unwrap() == Mood::Slow {
                        thread::yield_now();
                    }
                    if *own_mood.lock().unwrap() == Mood::Gone {
                        continue;
                    }
                }
                let body = reply(&path, &name, &key, &shared.lock().unwrap()).to_string();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes());
                let _ = stream.write_all(body.as_bytes());
            }
        });
        Self { issuer, claims, mood }
    }

    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
}

fn reply(path: &str, issuer: &str, key: &SigningKey, claims: &Value) -> Value {
    match path {
        "/.well-known/openid-configuration" => json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }),
        "/keys" => {
            let point = key.verifying_key().to_sec1_point(false);
            let (x, y) = point.as_bytes()[1..].split_at(32);
            json!({ "keys": [{
                "kty": "EC", "crv": "P-256", "kid": "k", "use": "sig", "alg": "ES256",
                "x": encoded(x), "y": encoded(y),
            }] })
        }
        _ => {
            let header = json!({ "alg": "ES256", "kid": "k" });
            let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
            let signature: Signature = key.sign(signed.as_bytes());
            let token = format!("{signed}.{}", encoded(signature.to_bytes()));
            json!({ "access_token": "a", "token_type": "Bearer", "id_token": token })
        }
    }
}

fn known(node: &Node, issuer: &str) {
    let own = crate::decisions::organisation();
    node.store(|store| {
        store.write::<_, StoreError>(TransactionName("test.oidc"), |writer| {
            let officer = OfficerId::new("o.testwick").unwrap();
            let person = writer.person(&own, &officer)?.unwrap();
            let subject = Subject { issuer: issuer.into(), subject: "planted-subject".into() };
            let at = event_time(&node.state).unwrap();
            let rng = &mut crate::environment::SystemRng;
            let credential = Credential {
                id: EventId::random(rng),
                person: person.person.clone(),
                kind: CredentialKind::Oidc,
                lookup: lookup(&subject),
                label: "work account".into(),
                data: Vec::new(),
                made_at: at,
                used_at: None,
            };
            let change = add_credential(&*node.clock, rng, &person, credential).unwrap();
            writer.put_credential(&change)
        })
    })
    .unwrap();
}

/// Sends a browser to the provider, which then says these claims; gives what came of coming back.
async fn run(
    node: &Node,
    mock: &Mock,
    browser: &mut Browser<'_>,
    change: impl FnOnce(&mut Value),
) -> super::browser::Page {
    let left = browser.bare_form("/sign-in/provider", &[]).await;
    back(node, mock, browser, &left, change).await
}

/// Comes back from the provider, which then says these claims.
async fn back(
    node: &Node,
    mock: &Mock,
    browser: &mut Browser<'_>,
    left: &super::browser::Page,
    change: impl FnOnce(&mut Value),
) -> super::browser::Page {
    assert_eq!(left.status, StatusCode::OK, "{}", left.body);
    let at = left.body.find("url=").unwrap() + 4;
    let address = left.body[at..].split('"').next().unwrap().replace("&#38;", "&");
    let query: BTreeMap<String, String> = address
        .split_once('?')
        .unwrap()
        .1
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let now = node.state.clock.now().as_second();
    let mut claims = json!({
        "iss": mock.issuer, "sub": "planted-subject", "aud": "portcullis", "exp": now + 300,
        "iat": now, "nonce": query["nonce"],
    });
    change(&mut claims);
    *mock.claims.lock().unwrap() = claims;
    browser.get(&format!("/sign-in/provider/return?code=c&state={}", query["state"])).await
}

fn node(mock: &Mock) -> Node {
    Node::with(&["--provider", &mock.issuer, "--provider-client", "portcullis"])
}

// THREATS T-32
#[tokio::test]
async fn a_known_person_comes_in_and_confirms_nothing_by_it() {
    let mock = Mock::start();
    let node = node(&mock);
    let _office = node.office().await;
    let mut browser = Browser::of(&node);
    // Nobody comes into being.
    let unknown = run(&node, &mock, &mut browser, |_| {}).await;
    assert_eq!(unknown.status, StatusCode::FORBIDDEN);
    assert!(!browser.cookies.contains_key("__Host-portcullis"));

    known(&node, &mock.issuer);
    let page = run(&node, &mock, &mut browser, |_| {}).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert_eq!(browser.cookies.len(), 1, "what had begun is over");
    let account = browser.get("/account").await;
    assert!(account.body.contains("Not yet") && account.body.contains("Your keys are locked"));
    let tried = browser.form("/approvals/reset", &[("account", "x"), ("reason", "y")]).await;
    assert_eq!(tried.leads_to(), "/confirm?next=/approvals");
    assert!(!page.body.contains("planted-subject"));
}

// THREATS T-32
#[tokio::test]
async fn somebody_ties_his_account_at_the_provider_while_he_is_freshly_confirmed() {
    let mock = Mock::start();
    let node = node(&mock);
    let [(mut browser, mut passkey), _] = node.office().await;
    node.minutes(6);
    let stale = browser.form("/account/provider", &[]).await;
    assert_eq!(stale.leads_to(), "/confirm?next=/account");
    browser.confirm(&mut passkey).await;
    let left = browser.form("/account/provider", &[]).await;
    let tied = back(&node, &mock, &mut browser, &left, |_| {}).await;
    assert_eq!(tied.status, StatusCode::OK, "{}", tied.body);
    assert!(browser.get("/account").await.body.contains("You can sign in with"));
    let mut elsewhere = Browser::of(&node);
    let page = run(&node, &mock, &mut elsewhere, |_| {}).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(elsewhere.get("/account").await.body.contains("o.testwick"));
}

// THREATS T-32
#[tokio::test]
async fn another_browser_a_second_use_and_another_nonce_are_refused() {
    let mock = Mock::start();
    let node = node(&mock);
    let _office = node.office().await;
    known(&node, &mock.issuer);
    let mut browser = Browser::of(&node);
    let wrong = run(&node, &mock, &mut browser, |claims| claims["nonce"] = "n".into()).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    // Whoever has the address but not the cookie (login CSRF), and whoever comes a second time.
    let mut other = Browser::of(&node);
    for browser in [&mut other, &mut browser] {
        let back = browser.get("/sign-in/provider/return?code=c&state=AAAA").await;
        assert_eq!(back.status, StatusCode::FORBIDDEN);
    }
}

// THREATS T-34
#[tokio::test]
async fn a_provider_that_did_not_answer_is_not_asked_again_for_a_while() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    let node = Node::with(&["--provider", &issuer, "--provider-client", "portcullis"]);
    let asked = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            *counted.lock().unwrap() += 1;
            drop(stream);
        }
    });
    let mut browser = Browser::of(&node);
    let failed = browser.bare_form("/sign-in/provider", &[]).await;
    assert_eq!(failed.status, StatusCode::BAD_GATEWAY, "{}", failed.body);
    let first = *asked.lock().unwrap();
    assert!(first > 0);
    for _ in 0..20 {
        let again = browser.bare_form("/sign-in/provider", &[]).await;
        assert_eq!(again.status, StatusCode::BAD_GATEWAY);
    }
    assert_eq!(*asked.lock().unwrap(), first);
    node.minutes(1);
    browser.bare_form("/sign-in/provider", &[]).await;
    assert!(*asked.lock().unwrap() > first, "after a while it is asked again");
}

// THREATS T-34
#[tokio::test]
async fn who_comes_while_the_provider_is_asked_anew_is_sent_there_all_the_same() {
    let mock = Mock::start();
    let node = node(&mock);
    let mut first = Browser::of(&node);
    let began = first.bare_form("/sign-in/provider", &[]).await;
    assert_eq!(began.status, StatusCode::OK, "{}", began.body);
    node.minutes(11);
    mock.is(Mood::Slow);
    let mut second = Browser::of(&node);
    let asks = first.bare_form("/sign-in/provider", &[]);
    let meanwhile = async {
        // Whoever came first is asking by now.
        tokio::task::yield_now().await;
        let page = second.bare_form("/sign-in/provider", &[]).await;
        mock.is(Mood::Well);
        page
    };
    let (asked, page) = tokio::join!(asks, meanwhile);
    assert_eq!((asked.status, page.status), (StatusCode::OK, StatusCode::OK), "{}", page.body);
    // What was known an hour ago is not used in its place.
    node.minutes(61);
    mock.is(Mood::Slow);
    let asks = first.bare_form("/sign-in/provider", &[]);
    let meanwhile = async {
        tokio::task::yield_now().await;
        let page = second.bare_form("/sign-in/provider", &[]).await;
        mock.is(Mood::Well);
        page
    };
    let (_, page) = tokio::join!(asks, meanwhile);
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
}

// THREATS T-34
#[tokio::test]
async fn who_comes_back_while_the_provider_is_gone_comes_back_again() {
    let mock = Mock::start();
    let node = node(&mock);
    let _office = node.office().await;
    known(&node, &mock.issuer);
    let mut browser = Browser::of(&node);
    browser.bare_form("/sign-in/provider", &[]).await;
    node.minutes(6);
    let left = browser.bare_form("/sign-in/provider", &[]).await;
    node.minutes(5);
    mock.is(Mood::Gone);
    let page = back(&node, &mock, &mut browser, &left, |_| {}).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", page.body);
    mock.is(Mood::Well);
    node.minutes(1);
    let page = back(&node, &mock, &mut browser, &left, |_| {}).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
}
