//! Who follows what is new hears it only for as long as he is recognised.

use super::browser::{Browser, Node};
use crate::decisions::organisation;
use crate::environment::SystemRng;
use crate::serve::sign_in::new_code;
use axum::body::{Body, Bytes};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderName, Request};
use hyper::body::Body as _;
use portcullis_decide::StatedReason;
use portcullis_decide::people::{
    ApiToken, Deed, Ending, Scope, Signature, make_token, revoke_token, suspend,
};
use portcullis_keys::CodeKind;
use portcullis_signin::Token;
use portcullis_store::{StoreError, TransactionName};
use portcullis_types::OfficerId;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;
use tower::ServiceExt as _;

type Shown = (HeaderName, String);

fn session(browser: &Browser<'_>) -> Shown {
    (COOKIE, format!("__Host-portcullis={}", browser.cookies["__Host-portcullis"]))
}

/// A token of an administrator who is an officer, too.
fn token(node: &Node, account: &str) -> (Shown, ApiToken) {
    let (code, digest) = new_code(CodeKind::Token);
    let officer = OfficerId::new(account).unwrap();
    let made = node.store(|store| {
        store.write::<_, StoreError>(TransactionName("test.token"), |writer| {
            let person = writer.person(&organisation(), &officer)?.unwrap();
            let scopes =
                BTreeSet::from([Scope::ListsRead, Scope::DecisionsRead, Scope::HistoryRead]);
            let (clock, rng) = (&*node.clock, &mut SystemRng);
            let what_for = "a reader of news".into();
            let change = make_token(clock, rng, &person, digest, scopes, 30, what_for).unwrap();
            writer.put_api_token(&change)?;
            Ok(change.state().clone())
        })
    });
    ((AUTHORIZATION, format!("Bearer {}", code.reveal())), made.unwrap())
}

struct Following(Body);

async fn follow(node: &Node, shown: &Shown) -> Result<Following, u16> {
    let request = Request::builder().uri("/api/v1/stream").header(&shown.0, &shown.1);
    let response = node.app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    if status == 200 { Ok(Following(response.into_body())) } else { Err(status) }
}

impl Following {
    /// What comes next; none when it has ended.
    async fn next(&mut self) -> Option<Bytes> {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut self.0).poll_frame(cx));
        let frame = tokio::time::timeout(Duration::from_mins(1), frame).await.unwrap();
        frame.map(|frame| frame.unwrap().into_data().unwrap())
    }
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn who_signs_out_hears_no_more() {
    let node = Node::new();
    let [(mut first, _), (second, _)] = node.office().await;
    let mut own = follow(&node, &session(&first)).await.unwrap();
    let mut other = follow(&node, &session(&second)).await.unwrap();
    assert!(own.next().await.is_some() && other.next().await.is_some());
    first.form("/sign-out", &[]).await;
    assert!(own.next().await.is_none());
    assert!(other.next().await.is_some(), "others hear on");
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn following_keeps_no_session_from_lapsing() {
    let node = Node::new();
    let [(first, _), _] = node.office().await;
    let mut own = follow(&node, &session(&first)).await.unwrap();
    for _ in 0..29 {
        node.minutes(1);
        assert!(own.next().await.is_some());
    }
    node.minutes(1);
    assert!(own.next().await.is_none());
    assert_eq!(follow(&node, &session(&first)).await.err(), Some(401));
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn a_revoked_token_hears_no_more() {
    let node = Node::new();
    let _office = node.office().await;
    let (shown, token) = token(&node, "q.examplesson");
    let mut own = follow(&node, &shown).await.unwrap();
    assert!(own.next().await.is_some());
    node.store(|store| {
        store.write::<_, StoreError>(TransactionName("test.revoke"), |writer| {
            let person = writer.person(&organisation(), &token.person.officer)?.unwrap();
            let change = revoke_token(&*node.clock, &mut SystemRng, &person, token.clone());
            writer.put_api_token(&change.unwrap())
        })
    })
    .unwrap();
    assert!(own.next().await.is_none());
}

// THREATS T-33
#[tokio::test(start_paused = true)]
async fn who_is_suspended_hears_no_more_by_session_or_token() {
    let node = Node::new();
    let [(first, _), (second, _)] = node.office().await;
    let (shown, _) = token(&node, "q.examplesson");
    let mut by_session = follow(&node, &session(&second)).await.unwrap();
    let mut by_token = follow(&node, &shown).await.unwrap();
    assert!(by_session.next().await.is_some() && by_token.next().await.is_some());
    let cookie = Token::parse(&first.cookies["__Host-portcullis"]).unwrap();
    let keys = node.state.sign_in.own_keys.of(&cookie.digest()).unwrap();
    node.store(|store| {
        store.write::<_, StoreError>(TransactionName("test.suspend"), |writer| {
            let office = writer.office(&organisation())?;
            let ending = Ending {
                deed: Deed::Suspend,
                officer: OfficerId::new("q.examplesson").unwrap(),
                by: OfficerId::new("o.testwick").unwrap(),
                reason: StatedReason::new("on leave").unwrap(),
            };
            let signature = Signature::from_bytes(keys.sign(&ending.statement(&office)));
            let change = suspend(&*node.clock, &mut SystemRng, &office, ending, signature);
            writer.put_person(&change.unwrap())
        })
    })
    .unwrap();
    assert!(by_session.next().await.is_none());
    assert!(by_token.next().await.is_none());
}

// THREATS T-36
#[tokio::test(start_paused = true)]
async fn one_person_follows_a_few_times_at_once() {
    let node = Node::new();
    let [(first, _), (second, _)] = node.office().await;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(follow(&node, &session(&first)).await.unwrap());
    }
    assert_eq!(follow(&node, &session(&first)).await.err(), Some(429));
    assert!(follow(&node, &session(&second)).await.is_ok());
    held.pop();
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(follow(&node, &session(&first)).await.is_ok());
}
