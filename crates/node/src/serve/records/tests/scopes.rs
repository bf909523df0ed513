//! What a token reaches, by each of its scopes and on each route (THREATS T-31).

use super::matching::{hide, keep};
use super::node::{Node, label, reader};
use super::script::{Deed, Sort, Step, reference, take};
use super::talk::{ask, get, post};
use portcullis_access::{Person, Scope, SignIn};
use portcullis_decide::Verdict;
use portcullis_testkit::MockClock;
use portcullis_types::{Clock, Label, Role};
use std::collections::BTreeSet;

/// An officer and auditor in one, so that it is the scopes which refuse.
async fn node(scopes: &[Scope]) -> Node {
    let sign_in = SignIn::Token {
        scopes: scopes.iter().copied().collect(),
        until: MockClock::default().now() + jiff::SignedDuration::from_hours(24),
    };
    let who = Person { sign_in, ..reader(&[Role::Officer, Role::Auditor], 2, &[]) };
    let node = Node::new(&who);
    keep(&mut node.environment(), "invented", &["Orsolya Testwick".to_owned()]);
    let deeds = [
        Deed::Show { people: vec![2], list: 0, label: Label::open() },
        Deed::Decide { who: 2, list: 0, verdict: Verdict::Unsure, label: Label::open() },
    ];
    for (at, deed) in (1..).zip(deeds) {
        let number = u64::try_from(at).unwrap();
        take(&node, &who, &Step { at, number, sort: Sort::Hidden, deed });
    }
    node.at(3_600);
    node.look_at_lists().await;
    node
}

const QUERY: &str =
    r#"{"queries":{"a":{"schema":"Person","properties":{"name":["Orsolya Testwick"]}}}}"#;

const PEOPLE: &str =
    r#"{"people":[{"id":"1","schema":"Person","properties":{"name":["Tamsin Mockridge"]}}]}"#;

/// The routes on which a token reaches something.
async fn reached(node: &Node) -> BTreeSet<&'static str> {
    let mut reached = BTreeSet::new();
    let alert = reference(2, 0);
    for (name, one) in [
        ("match", post("/match/default", QUERY)),
        ("search", get("/search/default?q=testwick")),
        ("entity", get("/entities/invented-0")),
        ("reconcile", get("/reconcile/default")),
        ("screen", post("/screen?class=donor", PEOPLE)),
        ("alert", get(format!("/api/v1/alerts/{alert}"))),
        ("list", get("/api/v1/lists/invented")),
        ("history of lists", get("/api/v1/history/lists/invented")),
        ("history of alerts", get(format!("/api/v1/history/alerts/{alert}"))),
        (
            "decide",
            post(
                "/api/v1/decisions",
                format!(
                    r#"{{"reference":"{alert}","verdict":"same","reason":"x","purpose":"screen-donor"}}"#
                ),
            ),
        ),
    ] {
        let heard = ask(node, &one).await;
        assert!([200, 403, 404].contains(&heard.status), "{name} {}", heard.body);
        if heard.status == 200 {
            reached.insert(name);
        }
    }
    for (name, path) in [
        ("lists", "/api/v1/lists"),
        ("alerts", "/api/v1/alerts"),
        ("decisions", "/api/v1/decisions"),
    ] {
        let items = ask(node, &get(path)).await.json();
        if !items["items"].as_array().unwrap().is_empty() {
            reached.insert(name);
        }
    }
    let counts = ask(node, &get("/api/v1/counts")).await.json();
    for (name, counted) in [
        ("how many lists", counts["lists"] != 0),
        ("how many alerts", counts["alerts"] != 0),
        ("how many decisions", counts["decisions"] != serde_json::json!([])),
    ] {
        if counted {
            reached.insert(name);
        }
    }
    reached
}

#[tokio::test(start_paused = true)]
async fn a_token_reaches_what_it_was_made_for_and_no_more() {
    use Scope::{DecisionsRead, HistoryRead, ListsRead, Match, Screen};
    let counts = ["how many lists", "how many alerts", "how many decisions"];
    let cases: [(&[Scope], &[&str]); 8] = [
        (&[], &[]),
        (&[Match], &["match", "search", "entity", "reconcile"]),
        (&[Screen], &["screen"]),
        (&[ListsRead], &["lists", "list", "how many lists"]),
        (
            &[DecisionsRead],
            &["alerts", "alert", "decisions", "how many alerts", "how many decisions"],
        ),
        (&[HistoryRead], &counts),
        (&[ListsRead, HistoryRead], &["lists", "list", "history of lists"]),
        (&[DecisionsRead, HistoryRead], &["alerts", "alert", "decisions", "history of alerts"]),
    ];
    for (scopes, expected) in cases {
        let mut expected: BTreeSet<&str> = expected.iter().copied().collect();
        if scopes.contains(&HistoryRead) {
            expected.extend(counts);
        }
        let node = node(scopes).await;
        assert_eq!(reached(&node).await, expected, "{scopes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_not_open_is_looked_in_for_a_purpose_alone() {
    let officer = reader(&[Role::Officer], 2, &[]);
    let node = Node::new(&officer);
    keep(&mut node.environment(), "invented", &["Orsolya Testwick".to_owned()]);
    hide(&node, "invented");
    node.look_at_lists().await;
    assert!(super::node::lets(&label(2, &[]), &officer));
    for (stated, status) in [
        ("", 404),
        ("purpose=oversight", 404),
        ("purpose=curiosity", 422),
        ("purpose=screen-donor", 200),
    ] {
        for one in [
            post(format!("/match/invented?{stated}"), QUERY),
            get(format!("/search/invented?q=testwick&{stated}")),
            get(format!("/reconcile/invented?{stated}")),
        ] {
            assert_eq!(ask(&node, &one).await.status, status, "{one:?}");
        }
    }
}
