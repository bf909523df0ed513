//! A list that somebody may not use changes nothing of what matching finds for him: no score, no order,
//! no rarity of a name.

use super::node::{Node, label, officer, own, reader};
use super::talk::{Ask, Heard, ask, get, post};
use crate::environment::Environment;
use crate::lists;
use clap::Parser;
use portcullis_decide::{StatedReason, relabel};
use portcullis_store::{Labelled, TransactionName};
use portcullis_testkit::SeededRng;
use portcullis_types::{Label, Role};
use std::fmt::Write as _;
use std::fs;

const PEOPLE: &str = r#"{"people": [
    {"id": "1", "schema": "Person", "properties": {"name": ["Orsolya Testwick"]}},
    {"id": "2", "schema": "Person", "properties": {"name": ["Given7 Testwick"]}}]}"#;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: lists::Args,
}

/// Keeps a list of these people.
pub(super) fn keep(environment: &mut Environment, list: &str, names: &[String]) {
    let file = environment.data.join(format!("{list}.jsonl"));
    let lines = (0..).zip(names).fold(String::new(), |mut lines, (number, name)| {
        let _ = writeln!(
            lines,
            r#"{{"id": "{list}-{number}", "schema": "Person", "caption": "{name}", "properties": {{"name": ["{name}"], "birthDate": ["1958"], "topics": ["role.pep"]}}}}"#
        );
        lines
    });
    fs::write(&file, lines).unwrap();
    let file = file.to_str().unwrap();
    let line = Line::parse_from(["lists", "add", list, "--file", file, "--officer", "o.operator"]);
    lists::run(line.args, environment).unwrap();
}

pub(super) fn hide(node: &Node, list: &str) {
    let (clock, mut rng) = (node.clock.as_ref(), SeededRng::new(77));
    let thing = Labelled::List(list.parse().unwrap());
    node.with(|store| {
        let record = store.read(|r| r.records_of(&own(), &thing)).unwrap()[0];
        let record = store.read(|r| r.record(&own(), record)).unwrap().unwrap();
        let (why, by) = (StatedReason::new("from a source").unwrap(), officer("h.hiddensson"));
        let secret = label(2, &[]);
        let change = relabel(clock, &mut rng, &record, &Label::open(), &secret, by, &why).unwrap();
        store.write(TransactionName("tests"), |w| w.relabel(&change)).unwrap();
    });
}

/// Whether the other list is there, and whether it is hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    Absent,
    Hidden,
    Open,
}

async fn heard(other: Other) -> Vec<Heard> {
    let node = Node::new(&reader(&[Role::Officer], 1, &[]));
    let mut environment = node.environment();
    let names = ["Orsolya Testwick", "Orsolia Testwicke", "Barnaby Nobodyson"].map(str::to_owned);
    keep(&mut environment, "known", &names);
    if other != Other::Absent {
        // The rarest name of the one list is the most common of both.
        let mut names: Vec<_> = (0..40).map(|n| format!("Given{n} Testwick")).collect();
        names.push("Orsolya Testwick".to_owned());
        keep(&mut environment, "secret", &names);
    }
    if other == Other::Hidden {
        hide(&node, "secret");
    }
    node.look_at_lists().await;
    let queries = r#"{"queries":{
        "a":{"schema":"Person","properties":{"name":["Orsolya Testwick"],"birthDate":["1958"]}},
        "b":{"schema":"Person","properties":{"name":["Given7 Testwick"]}}}}"#;
    let mut all = Vec::new();
    for one in [
        post("/match/default?threshold=0&cutoff=0&limit=50", queries),
        post("/match/known?threshold=0&cutoff=0&limit=50", queries),
        post("/match/secret", queries),
        get("/search/default?q=Testwick&limit=50"),
        get("/entities/secret-1"),
        get("/entities/known-0"),
        get("/search/default?q=Orsolya"),
        get("/catalog"),
        get("/reconcile/default"),
        get("/readyz"),
        get("/api/v1/lists"),
        post("/screen?class=donor&threshold=0", PEOPLE),
        get("/api/v1/alerts"),
        get("/api/v1/counts"),
    ] {
        all.push(ask(&node, &one).await);
    }
    all
}

// THREATS T-38
#[tokio::test]
async fn a_hidden_list_changes_no_score() {
    let (without, with) = (heard(Other::Absent).await, heard(Other::Hidden).await);
    assert_eq!(without[0].status, 200, "{}", without[0].body);
    assert!(without[0].body.contains("known-0"));
    for (without, with) in without.iter().zip(&with) {
        assert_eq!((without.status, &without.body), (with.status, &with.body));
    }
    // Were it not hidden, it would show.
    let open = heard(Other::Open).await;
    assert_ne!(without[0].body, open[0].body);
    assert_ne!(without[1].status, 404);
    assert_eq!((without[2].status, open[2].status), (404, 200));
}

/// What a stranger hears of a node without lists, or whose only list is hidden.
async fn heard_by_a_stranger(other: Other) -> Vec<(u16, String)> {
    let node = Node::new(&reader(&[Role::Officer], 2, &[]));
    let mut environment = node.environment();
    if other != Other::Absent {
        keep(&mut environment, "secret", &["Orsolya Testwick".to_owned()]);
    }
    if other == Other::Hidden {
        hide(&node, "secret");
    }
    node.look_at_lists().await;
    let of_stranger = [
        get("/catalog"),
        get("/manifest"),
        get("/search/default?q=x"),
        get("/search/secret?q=x"),
        get("/entities/secret-0"),
        get("/reconcile/default"),
        get("/readyz"),
    ];
    let mut all = Vec::new();
    // The second time, somebody has used it.
    for _ in 0..2 {
        for one in of_stranger.clone().map(Ask::by_a_stranger) {
            let heard = ask(&node, &one).await;
            all.push((heard.status, heard.body));
        }
        let used = ask(&node, &get("/search/default?q=Orsolya&purpose=screen-donor")).await;
        assert_eq!(used.status == 200, other != Other::Absent, "{}", used.body);
    }
    all
}

// THREATS T-38
#[tokio::test]
async fn a_stranger_does_not_learn_that_there_are_hidden_lists() {
    let (without, with) =
        (heard_by_a_stranger(Other::Absent).await, heard_by_a_stranger(Other::Hidden).await);
    assert_eq!(without, with);
    let status: Vec<u16> = without.iter().take(7).map(|(status, _)| *status).collect();
    assert_eq!(status, [200, 200, 404, 404, 404, 404, 200]);
    // Were it not hidden, it would show.
    let open = heard_by_a_stranger(Other::Open).await;
    assert!(open[0].1.contains("secret") && open[4].0 == 200);
}
