//! The leaks that are known from `OpenCTI`, one by one, and some more (THREATS T-38, T-39).

use super::node::{Node, STEP, for_people, label, officer, own, person, reader};
use super::script::{Deed, Sort, Step, What, decision_id, list_name, reference, take};
use super::talk::{Heard, ask, get, post};
use portcullis_access::Person;
use portcullis_decide::Verdict;
use portcullis_types::{Label, Role};
use std::time::Duration;

fn step(at: i64, sort: Sort, deed: Deed) -> Step {
    Step { at, number: at.unsigned_abs(), sort, deed }
}

fn seen(at: i64, deed: Deed) -> Step {
    step(at, Sort::Seen, deed)
}

fn hidden(at: i64, deed: Deed) -> Step {
    step(at, Sort::Hidden, deed)
}

fn show(who: u8, list: u8, label: Label) -> Deed {
    Deed::Show { people: vec![who], list, label }
}

fn keep(list: u8, label: Label) -> Deed {
    Deed::Keep { list, issue: 1, label }
}

fn an_officer() -> Person {
    reader(&[Role::Officer, Role::Auditor], 1, &["river"])
}

fn node(steps: &[Step]) -> Node {
    let node = Node::new(&an_officer());
    for step in steps {
        take(&node, &an_officer(), step);
    }
    node.at(3_600);
    node
}

async fn hear(node: &Node, path: &str) -> Heard {
    ask(node, &get(path)).await
}

/// A pair that the officer sees, and one decided on and relabelled above him.
fn mixed() -> Vec<Step> {
    vec![
        seen(1, keep(0, Label::open())),
        seen(2, show(1, 0, Label::open())),
        hidden(3, keep(10, label(2, &[]))),
        hidden(4, show(50, 10, label(2, &[]))),
        hidden(5, show(1, 0, label(2, &[]))),
        hidden(6, Deed::Decide { who: 1, list: 0, verdict: Verdict::Same, label: label(2, &[]) }),
        hidden(7, Deed::Decide { who: 50, list: 10, verdict: Verdict::Same, label: Label::open() }),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_view_shows_no_relation_to_what_is_hidden() {
    let node = node(&mixed());
    let path = format!("/api/v1/alerts/{}", reference(1, 0));
    let shown = hear(&node, &path).await.json();
    assert_eq!(shown["showings"].as_array().unwrap().len(), 1);
    assert_eq!(shown["showings"][0]["label"]["level"], 0);
    assert_eq!(shown["showings"][0]["last_raised_at"], "2025-03-01T12:00:02Z");
    let all = hear(&node, "/api/v1/decisions").await;
    assert_eq!(all.json()["items"].as_array().unwrap().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn history_shows_no_restricted_name() {
    let named = for_people(&[person("r.reader"), person("s.strangersson")]);
    let mut steps = mixed();
    steps.push(seen(8, Deed::Relabel { what: What::Pair { who: 1, list: 0 }, label: named }));
    steps.push(seen(
        9,
        Deed::Decide { who: 1, list: 0, verdict: Verdict::Unsure, label: Label::open() },
    ));
    steps.push(hidden(10, Deed::Undo { step: 9 }));
    let node = node(&steps);
    let mut all = String::new();
    for path in [
        format!("/api/v1/history/alerts/{}", reference(1, 0)),
        format!("/api/v1/history/decisions/{}", decision_id(9)),
        format!("/api/v1/history/lists/{}", list_name(0)),
        format!("/api/v1/alerts/{}", reference(1, 0)),
        "/api/v1/decisions".to_owned(),
        "/api/v1/lists".to_owned(),
    ] {
        let heard = hear(&node, &path).await;
        assert_eq!(heard.status, 200, "{path}");
        all.push_str(&heard.body);
    }
    // Somebody who may read it, too, and what hidden steps speak of. Who took back a decision that the
    // reader sees is no secret.
    for name in ["strangersson", "Hiddensson", "list-10", "step 6", "step 7"] {
        assert!(!all.contains(name), "{name}: {all}");
    }
    assert!(all.contains("\"named_people_only\":true"), "{all}");
}

#[tokio::test(start_paused = true)]
async fn nothing_hidden_is_counted() {
    let (with, without) = (node(&mixed()), node(&mixed()[..2]));
    for path in ["/api/v1/counts", "/api/v1/alerts?limit=1", "/api/v1/lists"] {
        assert_eq!(hear(&with, path).await, hear(&without, path).await, "{path}");
    }
    let counts = hear(&with, "/api/v1/counts").await.json();
    assert_eq!((&counts["alerts"], &counts["lists"]), (&1.into(), &1.into()));
}

#[tokio::test(start_paused = true)]
async fn an_error_tells_nothing_of_what_is_there() {
    let node = node(&mixed());
    let (there, never) = (reference(50, 10).to_string(), reference(51, 10).to_string());
    let [taken, invented] = [7, 777].map(|step| decision_id(step).to_string());
    let decide = |reference: &str| {
        let body = format!(
            r#"{{"reference":"{reference}","verdict":"same","reason":"the same","purpose":"screen-donor"}}"#
        );
        post("/api/v1/decisions", body)
    };
    let undo = |id: &str| {
        post(format!("/api/v1/decisions/{id}/undo"), r#"{"reason":"no","purpose":"screen-donor"}"#)
    };
    for (guessed, made_up) in [
        (get(format!("/api/v1/alerts/{there}")), get(format!("/api/v1/alerts/{never}"))),
        (get(format!("/api/v1/alerts/{there}")), get("/api/v1/alerts/no-reference")),
        (
            get(format!("/api/v1/history/alerts/{there}")),
            get(format!("/api/v1/history/alerts/{never}")),
        ),
        (get(format!("/api/v1/decisions/{taken}")), get(format!("/api/v1/decisions/{invented}"))),
        (get(format!("/api/v1/history/decisions/{taken}")), get("/api/v1/history/decisions/1")),
        (get("/api/v1/lists/list-10"), get("/api/v1/lists/list-99")),
        (get("/api/v1/history/lists/list-10"), get("/api/v1/history/lists/!")),
        (decide(&there), decide(&never)),
        (undo(&taken), undo(&invented)),
    ] {
        let (guessed, made_up) = (ask(&node, &guessed).await, ask(&node, &made_up).await);
        assert_eq!(guessed.status, 404);
        assert_eq!(guessed, made_up);
    }
}

#[tokio::test(start_paused = true)]
async fn every_marking_is_inherited_and_not_only_the_first() {
    // The list is in a compartment that the officer is in, the people are of a level that he isn't
    // cleared for; and the other way round.
    let steps = [
        seen(1, keep(0, label(0, &["river"]))),
        hidden(2, show(1, 0, label(2, &[]))),
        hidden(3, keep(10, label(0, &["wood"]))),
        hidden(4, show(2, 10, label(0, &["river"]))),
        hidden(5, Deed::Decide { who: 1, list: 0, verdict: Verdict::Same, label: Label::open() }),
        hidden(6, Deed::Decide { who: 2, list: 10, verdict: Verdict::Same, label: Label::open() }),
    ];
    let node = node(&steps);
    for path in ["/api/v1/alerts", "/api/v1/decisions"] {
        assert_eq!(hear(&node, path).await.json()["items"], serde_json::json!([]), "{path}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_officer_decides_on_what_he_sees_and_learns_nothing_of_the_rest() {
    let node = node(&mixed());
    let body = format!(
        r#"{{"reference":"{}","verdict":"not-same","reason":"another","purpose":"screen-staff"}}"#,
        reference(1, 0)
    );
    let decided = ask(&node, &post("/api/v1/decisions", body)).await;
    assert_eq!(decided.status, 201, "{}", decided.body);
    let decided = decided.json();
    assert_eq!((&decided["officer"], &decided["label"]["level"]), (&"r.reader".into(), &0.into()));
    let undo = format!("/api/v1/decisions/{}/undo", decided["id"].as_str().unwrap());
    let first =
        ask(&node, &post(&undo, r#"{"reason":"wrong row","purpose":"screen-staff"}"#)).await;
    let second =
        ask(&node, &post(&undo, r#"{"reason":"wrong row","purpose":"screen-staff"}"#)).await;
    assert_eq!((first.status, second.status), (200, 409));
    assert_eq!(first.json()["undone"]["reason"], "wrong row");
    assert!(node.with(|store| store.read(|r| r.decisions(&own()))).unwrap().len() == 3);
    assert_eq!(officer("r.reader"), an_officer().id.officer);
}

// THREATS T-39
#[tokio::test(start_paused = true)]
async fn answers_leave_on_the_clock() {
    let node = node(&mixed());
    for path in ["/api/v1/alerts", "/api/v1/lists/list-10", "/api/v1/counts?x", "/api/v1/stream"] {
        let heard = tokio::time::timeout(Duration::from_secs(2), hear_head(&node, path)).await;
        assert_eq!(heard.unwrap(), STEP, "{path}");
    }
}

/// At which steps answers leave at the soonest, by a real clock.
async fn steps(node: &Node) -> Vec<u128> {
    let mut all = Vec::new();
    for path in ["/api/v1/alerts", "/api/v1/decisions", "/api/v1/counts", "/api/v1/alerts/x"] {
        let mut soonest = Duration::MAX;
        for _ in 0..8 {
            soonest = soonest.min(hear_head(node, path).await);
        }
        all.push(soonest.as_nanos() / STEP.as_nanos());
    }
    all
}

/// Two hundred pairs that the reader doesn't see. That it is no more work in the store however many
/// there are, the store's own tests count.
fn many_hidden(node: &Node) {
    for at in 0..10 {
        let people = (0..20_u8).map(|who| who + 20 * u8::try_from(at).unwrap()).collect();
        let deed = Deed::Show { people, list: 10, label: label(2, &[]) };
        take(node, &an_officer(), &hidden(at, deed));
    }
}

// THREATS T-39
#[tokio::test]
async fn by_a_real_clock_too_nothing_shows_how_much_is_hidden() {
    let (with, without) = (Node::new(&an_officer()), Node::new(&an_officer()));
    many_hidden(&with);
    assert_eq!(steps(&with).await, steps(&without).await);
}

#[tokio::test]
async fn a_store_that_takes_long_over_what_is_hidden_is_noticed() {
    let with = Node::slow(&an_officer(), STEP + STEP / 2);
    let without = Node::slow(&an_officer(), STEP + STEP / 2);
    take(&with, &an_officer(), &hidden(1, show(50, 10, label(2, &[]))));
    for (with, without) in steps(&with).await.iter().zip(steps(&without).await) {
        assert!(*with > without);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_raised_above_him_is_not_decided_on_and_says_no_label() {
    let mut steps = vec![seen(1, keep(0, Label::open())), seen(2, show(1, 0, Label::open()))];
    // Its list is forgotten, and kept anew above him.
    steps.push(hidden(3, Deed::Forget { list: 0 }));
    steps.push(hidden(4, keep(0, label(2, &["wood"]))));
    let node = node(&steps);
    let [body, never] = [1, 2].map(|who| {
        format!(
            r#"{{"reference":"{}","verdict":"not-same","reason":"another","purpose":"screen-staff"}}"#,
            reference(who, 0)
        )
    });
    let heard = ask(&node, &post("/api/v1/decisions", body)).await;
    assert_eq!((heard.status, heard.body.contains("wood")), (404, false));
    assert_eq!(heard, ask(&node, &post("/api/v1/decisions", never)).await);
    assert!(node.with(|store| store.read(|r| r.decisions(&own()))).unwrap().is_empty());
}

/// How long somebody waits until an answer begins.
async fn hear_head(node: &Node, path: &str) -> Duration {
    super::talk::head(node, &get(path)).await
}
