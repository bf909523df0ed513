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

/// An officer and auditor in one, where it is the scopes that are to refuse; else either alone.
async fn node(scopes: &[Scope], roles: &[Role]) -> Node {
    let sign_in = SignIn::Token {
        scopes: scopes.iter().copied().collect(),
        until: MockClock::default().now() + jiff::SignedDuration::from_hours(24),
    };
    let who = Person { sign_in, ..reader(roles, 2, &[]) };
    let node = Node::new(&who);
    keep(&mut node.environment(), "invented", &["Orsolya Testwick".to_owned()]);
    let deeds = [
        Deed::Show { people: vec![2], list: 0, label: Label::open() },
        Deed::Decide { who: 2, list: 0, verdict: Verdict::Unsure, label: Label::open() },
    ];
    let officer = reader(&[Role::Officer], 2, &[]);
    for (at, deed) in (1..).zip(deeds) {
        let number = u64::try_from(at).unwrap();
        take(&node, &officer, &Step { at, number, sort: Sort::Hidden, deed });
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
        let heard = ask(node, &get(path)).await;
        if heard.status == 403 {
            continue;
        }
        let items = heard.json();
        if !items["items"].as_array().unwrap().is_empty() {
            reached.insert(name);
        }
    }
    let counts = ask(node, &get("/api/v1/counts")).await.json();
    for (name, kind) in [
        ("how many lists", "lists"),
        ("how many alerts", "alerts"),
        ("how many decisions", "decisions"),
    ] {
        // What is not counted is left out: a nought would be taken for an answer.
        if let Some(counted) = counts.get(kind) {
            assert!(*counted != 0 && *counted != serde_json::json!([]), "{counts}");
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
        let heard = reached(&node(scopes, &[Role::Officer, Role::Auditor]).await).await;
        assert_eq!(heard, expected, "{scopes:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn history_is_told_to_an_officer_and_counted_for_an_auditor() {
    use Scope::{DecisionsRead, HistoryRead, ListsRead};
    let all = [ListsRead, DecisionsRead, HistoryRead];
    let officer = node(&all, &[Role::Officer]).await;
    let heard = reached(&officer).await;
    assert!(heard.contains("history of lists") && heard.contains("history of alerts"), "{heard:?}");
    drop(super::talk::Follower::begin(&officer, &get("/api/v1/stream")).await);
    // An auditor reads how often, and no names: of single things, what happened to those that he may
    // read, which are open lists.
    let auditor = node(&all, &[Role::Auditor]).await;
    let counts = ["how many lists", "how many alerts", "how many decisions"];
    let expected: BTreeSet<&str> =
        counts.into_iter().chain(["lists", "list", "history of lists"]).collect();
    assert_eq!(reached(&auditor).await, expected);
}

#[tokio::test(start_paused = true)]
async fn a_token_without_the_scope_is_told_so_and_not_that_there_is_nothing() {
    let node = node(&[Scope::Match], &[Role::Officer, Role::Auditor]).await;
    let alert = reference(2, 0);
    let [shown, unknown] = [alert, reference(1, 1)].map(|alert| format!("/api/v1/alerts/{alert}"));
    for (one, scope) in [
        (get("/api/v1/alerts"), "decisions.read"),
        (get(shown), "decisions.read"),
        // Whether it is there changes nothing.
        (get(unknown), "decisions.read"),
        (get("/api/v1/decisions"), "decisions.read"),
        (get("/api/v1/lists"), "lists.read"),
        (get("/api/v1/lists/no-such-list"), "lists.read"),
        (get(format!("/api/v1/history/alerts/{alert}")), "history.read"),
        (get("/api/v1/stream"), "history.read"),
        (get("/api/v1/counts"), "decisions.read"),
        (post("/screen?class=donor", PEOPLE), "screen"),
    ] {
        let heard = ask(&node, &one).await;
        assert_eq!(heard.status, 403, "{one:?}");
        assert_eq!(heard.json()["detail"], format!("this token lacks `{scope}`"), "{one:?}");
    }
}

// THREATS T-38
#[tokio::test(start_paused = true)]
async fn what_whoever_stands_behind_a_token_may_not_see_stays_absent() {
    let until = MockClock::default().now() + jiff::SignedDuration::from_hours(24);
    let sign_in = SignIn::Token { scopes: BTreeSet::new(), until };
    let node = Node::new(&Person { sign_in, ..reader(&[Role::Operator], 2, &[]) });
    let heard = ask(&node, &get("/api/v1/alerts")).await;
    assert_eq!((heard.status, heard.json()["items"].clone()), (200, serde_json::json!([])));
    let one = get(format!("/api/v1/alerts/{}", reference(2, 0)));
    assert_eq!(ask(&node, &one).await.status, 404);
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
