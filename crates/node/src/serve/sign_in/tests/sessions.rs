//! How long a session lasts, how it begins and how it ends.

use super::browser::{Browser, Node};
use crate::environment::SystemRng;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use portcullis_decide::people::end_session;
use portcullis_signin::Token;
use portcullis_store::{Database, TransactionName};
use portcullis_types::OfficerId;
use serde_json::json;

const COOKIE: &str = "__Host-portcullis";

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn the_cookie_is_for_this_host_and_no_script() {
    let node = Node::new();
    let [(mut browser, mut passkey), _] = node.office().await;
    let page = browser.sign_in(&mut passkey).await;
    let cookie = page.headers[SET_COOKIE].to_str().unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-portcullis=") && pair.len() == COOKIE.len() + 1 + 43);
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict; Secure");
}

#[tokio::test(start_paused = true)]
async fn the_front_door_leads_to_ones_own_page_and_there_to_signing_in() {
    let node = Node::new();
    let [(mut browser, _), _] = node.office().await;
    assert_eq!(browser.get("/").await.leads_to(), "/account");
    let mut stranger = Browser::of(&node);
    assert_eq!(stranger.get("/").await.leads_to(), "/account");
    assert_eq!(stranger.get("/account").await.leads_to(), "/sign-in");
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn a_session_ends_half_an_hour_after_the_last_request() {
    let node = Node::new();
    let [(mut browser, _), _] = node.office().await;
    for _ in 0..3 {
        node.minutes(29);
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    }
    node.minutes(30);
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in");
    super::super::sweep(&node.state).await;
    assert!(node.state.sign_in.own_keys.all().is_empty(), "keys are forgotten with it");
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn a_session_ends_after_twelve_hours_however_busy() {
    let node = Node::new();
    let [(mut browser, _), _] = node.office().await;
    for _ in 0..47 {
        node.minutes(15);
        assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    }
    node.minutes(15);
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in");
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn confirming_makes_no_session_last_longer_than_twelve_hours() {
    let node = Node::new();
    let [(mut browser, mut passkey), _] = node.office().await;
    for _ in 0..35 {
        node.minutes(20);
        assert_eq!(browser.confirm(&mut passkey).await.status, StatusCode::OK);
    }
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    node.minutes(20);
    assert_eq!(browser.get("/account").await.leads_to(), "/sign-in");
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn keys_are_forgotten_when_somebody_else_ends_the_session_in_the_store() {
    let node = Node::new();
    let [(one, _), (mut other, _)] = node.office().await;
    super::super::sweep(&node.state).await;
    assert_eq!(node.state.sign_in.own_keys.all().len(), 2, "both sessions hold");
    // As another program does that works on the same store: the server is told nothing.
    let own = crate::decisions::organisation();
    node.store(|store| {
        store.write::<_, portcullis_store::StoreError>(TransactionName("test.end"), |writer| {
            let officer = OfficerId::new("o.testwick").unwrap();
            let person = writer.person(&own, &officer)?.unwrap();
            let change = end_session(&*node.clock, &mut SystemRng, &person, None).unwrap();
            writer.end_session(&change)
        })
    })
    .unwrap();
    super::super::sweep(&node.state).await;
    let ended = Token::parse(&one.cookies[COOKIE]).unwrap();
    assert!(node.state.sign_in.own_keys.of(&ended.digest()).is_none());
    assert_eq!(node.state.sign_in.own_keys.all().len(), 1);
    assert!(other.get("/account").await.body.contains("Your keys are unlocked"));
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn a_session_that_ended_meanwhile_is_handed_no_keys() {
    let node = Node::new();
    let [(mut one, _), _] = node.office().await;
    let digest = Token::parse(&one.cookies[COOKIE]).unwrap().digest();
    let keys = node.state.sign_in.own_keys.of(&digest).unwrap();
    one.form("/sign-out", &[]).await;
    let person = node
        .store(|store| {
            let officer = OfficerId::new("o.testwick").unwrap();
            store.read::<_, portcullis_store::StoreError>(|reader| {
                reader.person(&crate::decisions::organisation(), &officer)
            })
        })
        .unwrap()
        .unwrap();
    let kept = super::super::unlock::keep(&node.state, &person, digest, keys).await;
    assert!(!kept.unwrap());
    assert!(node.state.sign_in.own_keys.of(&digest).is_none());
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn every_sign_in_and_confirmation_has_a_token_of_its_own_and_ends_the_one_before() {
    let node = Node::new();
    let [(mut browser, mut passkey), _] = node.office().await;
    let mut seen = vec![browser.cookies[COOKIE].clone()];
    browser.sign_in(&mut passkey).await;
    seen.push(browser.cookies[COOKIE].clone());
    browser.confirm(&mut passkey).await;
    seen.push(browser.cookies[COOKIE].clone());
    assert_eq!(seen.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    assert!(browser.get("/account").await.body.contains("Your keys are unlocked"));
    for old in &seen[..2] {
        let mut thief = Browser::of(&node);
        thief.cookies.insert(COOKIE.into(), old.clone());
        assert_eq!(thief.get("/account").await.leads_to(), "/sign-in");
    }
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn a_token_that_somebody_else_planted_becomes_no_session() {
    let node = Node::new();
    let [(_, mut passkey), _] = node.office().await;
    let planted = "P".repeat(42) + "A";
    let mut victim = Browser::of(&node);
    victim.cookies.insert(COOKIE.into(), planted.clone());
    assert_eq!(victim.sign_in(&mut passkey).await.status, StatusCode::OK);
    assert_ne!(victim.cookies[COOKIE], planted);
    let mut thief = Browser::of(&node);
    thief.cookies.insert(COOKIE.into(), planted);
    assert_eq!(thief.get("/account").await.leads_to(), "/sign-in");
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn signing_out_everywhere_ends_every_session_and_forgets_every_key() {
    let node = Node::new();
    let [(mut one, mut passkey), (mut other, _)] = node.office().await;
    let mut elsewhere = Browser::of(&node);
    elsewhere.sign_in(&mut passkey).await;
    one.form("/account/sessions/end", &[]).await;
    assert_eq!(elsewhere.get("/account").await.leads_to(), "/sign-in");
    assert_eq!(one.get("/account").await.leads_to(), "/sign-in");
    assert_eq!(other.get("/account").await.status, StatusCode::OK);
    assert_eq!(node.state.sign_in.own_keys.all().len(), 1);
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn no_token_and_no_secret_stands_in_the_store() {
    let node = Node::new();
    let [(mut browser, mut passkey), _] = node.office().await;
    let begun = browser.json("/sign-in/passkey/begin", &json!({})).await.json();
    let given = passkey.get(&begun["options"], super::browser::ORIGIN_OF_PAGES);
    let sent = super::browser::sent(&begun["ceremony"], &given);
    browser.json("/sign-in/passkey/finish", &sent).await;
    let token = browser.cookies[COOKIE].clone();
    let raw = given.prf.unwrap();
    node.store(|_: &mut Database| ());
    let mut looked = 0;
    for entry in std::fs::read_dir(node.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        looked += bytes.len();
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|part| part == needle);
        assert!(!holds(token.as_bytes()), "{}", path.display());
        assert!(!holds(&raw), "{}", path.display());
        assert!(!holds(b"Planted-o.testwick"), "{}", path.display());
    }
    assert!(looked > 10_000);
}
