//! Screening by somebody who is signed in, from the table that is sent to the alert that is decided on.

use crate::environment::{Environment, SystemClock, SystemRng};
use crate::key_file::KeySource;
use crate::serve::args::Args;
use crate::serve::asker::{Credential, Occasion, Recognise};
use crate::serve::indexes;
use crate::serve::state::State;
use axum::Router;
use axum::body::Body as Bytes;
use axum::http::Request;
use clap::Parser;
use jiff::Timestamp;
use portcullis_access::{Person, Scope, SignIn};
use portcullis_store::{Database, StoreError};
use portcullis_types::{Body, Clock as _, Level, OfficerId, PersonId, Role};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use tempfile::TempDir;
use tower::ServiceExt as _;

#[derive(Parser)]
struct Serve {
    #[command(flatten)]
    args: Args,
}

#[derive(Parser)]
struct Lists {
    #[command(flatten)]
    args: crate::lists::Args,
}

#[derive(Parser)]
struct Decisions {
    #[command(flatten)]
    args: crate::decisions::Args,
}

/// Takes everybody for this person.
#[derive(Debug)]
struct Cast(Person);

impl Recognise for Cast {
    fn recognise(
        &self,
        _store: &mut Database,
        _now: Timestamp,
        _credential: &Credential,
        _occasion: Occasion,
    ) -> Result<Option<Person>, StoreError> {
        Ok(Some(self.0.clone()))
    }
}

struct Node {
    folder: TempDir,
    app: Router,
}

const LISTED: &str = r#"{"id":"inv-1","schema":"Person","properties":{"name":["Quillon Examplesson"],"birthDate":["1958-03-21"]}}"#;

fn environment(folder: &TempDir) -> Environment {
    Environment {
        data: folder.path().join("data"),
        key: KeySource::File(folder.path().join("key")),
        server: None,
        schedule: None,
        clock: Box::new(SystemClock),
        rng: Box::new(SystemRng),
    }
}

async fn node(roles: &[Role]) -> Node {
    let sign_in = SignIn::Session { signed_in_at: SystemClock.now(), confirmed_at: None };
    node_of(roles, sign_in).await
}

async fn node_of(roles: &[Role], sign_in: SignIn) -> Node {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("invented.jsonl");
    fs::write(&file, LISTED).unwrap();
    let file = file.to_str().unwrap();
    let line = ["lists", "add", "invented", "--officer", "o.officer", "--file", file];
    crate::lists::run(Lists::parse_from(line).args, &mut environment(&folder)).unwrap();
    let line = Serve::parse_from(["serve", "--rate", "0"]);
    let mut state = State::new(&line.args, &environment(&folder)).unwrap();
    state.recognise = Arc::new(Cast(Person {
        id: PersonId {
            organisation: crate::decisions::organisation(),
            officer: OfficerId::new("o.officer").unwrap(),
        },
        body: Body::Party,
        roles: roles.iter().copied().collect(),
        clearance: Level(0),
        compartments: BTreeSet::new(),
        party: None,
        from: None,
        until: None,
        sign_in,
    }));
    let state = Arc::new(state);
    indexes::look(&state).await.unwrap();
    Node { folder, app: crate::serve::app(&state) }
}

impl Node {
    async fn screen(&self, query: &str, kind: &str, body: &str) -> (u16, Value) {
        let request = Request::builder()
            .method("POST")
            .uri(format!("/screen?{query}"))
            .header("authorization", "Bearer o.officer")
            .header("content-type", kind)
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        let response = self.app.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap())
    }
}

const TABLE: &str =
    "Name,Date of birth\nQuillon Examplesson,1958-03-21\nOrsolya Testwick,1971-11-02\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_remembered_and_stays_quiet_once_it_is_decided() {
    let node = node(&[Role::Officer]).await;
    let (status, first) = node.screen("class=donor", "text/csv", TABLE).await;
    assert_eq!(
        (status, &first["people"], &first["alerts"]),
        (200, &2.into(), &1.into()),
        "{first}"
    );
    let hit = &first["results"][0]["hits"][0];
    assert_eq!(hit["id"], "inv-1");
    assert_eq!(first["results"][1]["hits"].as_array().unwrap().len(), 0);
    let reference = hit["reference"].as_str().unwrap();
    let line = [
        "decisions",
        "add",
        reference,
        "--verdict",
        "not-same",
        "--officer",
        "o.officer",
        "--reason",
        "another father",
    ];
    crate::decisions::run(Decisions::parse_from(line).args, &mut environment(&node.folder))
        .unwrap();
    let (_, second) = node.screen("class=donor", "text/csv", TABLE).await;
    assert_eq!(second["alerts"], 0);
    assert_eq!(second["results"][0]["decided"][0]["reference"], reference);
    // What was decided of a donor says nothing of a candidate.
    let (_, third) = node.screen("class=candidate", "text/csv", TABLE).await;
    assert_eq!(third["alerts"], 1);
}

// THREATS T-31
#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_stays_quiet_for_a_token_that_reads_no_decisions() {
    let until = SystemClock.now() + jiff::SignedDuration::from_hours(24);
    let scopes = BTreeSet::from([Scope::Screen]);
    let node = node_of(&[Role::Officer], SignIn::Token { scopes, until }).await;
    let (status, first) = node.screen("class=donor", "text/csv", TABLE).await;
    assert_eq!((status, &first["alerts"]), (200, &1.into()), "{first}");
    let reference = first["results"][0]["hits"][0]["reference"].as_str().unwrap();
    let line = ["decisions", "add", reference, "--verdict", "not-same"];
    let line = line.into_iter().chain(["--officer", "o.officer", "--reason", "another father"]);
    let add = || Decisions::parse_from(line.clone()).args;
    crate::decisions::run(add(), &mut environment(&node.folder)).unwrap();
    // Twice: once as it is read, once as it is remembered.
    for _ in 0..2 {
        let (_, again) = node.screen("class=donor", "text/csv", TABLE).await;
        assert_eq!(again["alerts"], 0, "{again}");
    }
    let line = ["decisions", "undo", reference, "--officer", "o.officer", "--reason", "wrong row"];
    let undo = Decisions::parse_from(line).args;
    crate::decisions::run(undo, &mut environment(&node.folder)).unwrap();
    let (_, undone) = node.screen("class=donor", "text/csv", TABLE).await;
    assert_eq!(undone["alerts"], 1, "what was taken back is not remembered: {undone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_come_as_json_too_and_what_cannot_be_read_is_told() {
    let node = node(&[Role::Officer]).await;
    let people = r#"{"people": [
        {"id": "1", "schema": "Person", "properties": {"name": ["Quillon Examplesson"]}},
        {"id": "2", "schema": "Person", "properties": {}}]}"#;
    let (status, answer) =
        node.screen("class=staff&list=invented", "application/json", people).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!((&answer["people"], &answer["set_aside"][0]["row"]), (&1.into(), &2.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_the_people_are_must_be_said_and_the_list_must_be_there() {
    let node = node(&[Role::Officer]).await;
    for (query, kind, body, expected) in [
        ("", "text/csv", TABLE, 400),
        ("class=friend", "text/csv", TABLE, 422),
        ("class=donor&list=other", "text/csv", TABLE, 404),
        ("class=donor&list=invented&list=other", "text/csv", TABLE, 404),
        ("class=donor", "text/plain", TABLE, 415),
        ("class=donor", "text/csv", "", 400),
        ("class=donor", "application/json", r#"{"people": []}"#, 400),
        ("class=donor&threshold=2", "text/csv", TABLE, 422),
    ] {
        let (status, answer) = node.screen(query, kind, body).await;
        assert_eq!(status, expected, "{query} {answer}");
    }
}

// THREATS T-37
#[tokio::test(flavor = "multi_thread")]
async fn only_officers_screen() {
    for role in [Role::Administrator, Role::Auditor, Role::Operator, Role::Recipient] {
        let node = node(&[role]).await;
        let (status, answer) = node.screen("class=donor", "text/csv", TABLE).await;
        assert_eq!(status, 404, "{role:?} {answer}");
    }
}
