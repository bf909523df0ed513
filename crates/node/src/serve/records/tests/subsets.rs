//! What a reader gets who wants only some of the lists that he may use.

use super::matching::{hide, keep};
use super::node::{Node, reader};
use super::talk::{ask, get, post};
use portcullis_types::Role;
use serde_json::Value;

const QUERY: &str = r#"{"queries":{"a":{"schema":"Person","properties":{"name":["Orsolya Testwick"],"birthDate":["1958"]}}}}"#;

/// A list of one, and one on which many are called so.
async fn node() -> Node {
    let node = Node::new(&reader(&[Role::Officer], 1, &[]));
    let mut environment = node.environment();
    keep(&mut environment, "small", &["Orsolya Testwick".to_owned()]);
    let many: Vec<_> = (0..300).map(|_| "Orsolya Testwick".to_owned()).collect();
    keep(&mut environment, "large", &many);
    node.look_at_lists().await;
    node
}

async fn results(node: &Node, path: &str) -> Vec<Value> {
    let heard = ask(node, &post(path, QUERY)).await;
    assert_eq!(heard.status, 200, "{}", heard.body);
    heard.json()["responses"]["a"]["results"].as_array().unwrap().clone()
}

fn of_list<'a>(results: &'a [Value], list: &str) -> Vec<&'a Value> {
    results.iter().filter(|one| one["datasets"][0] == list).collect()
}

#[tokio::test(start_paused = true)]
async fn records_of_other_lists_take_nobody_s_place() {
    let node = node().await;
    // Three hundred others are as like; of all lists only so many are compared.
    for path in [
        "/match/small?threshold=0&limit=50",
        "/match/default?include_dataset=small&threshold=0&limit=50",
        "/match/default?exclude_dataset=large&threshold=0&limit=50",
    ] {
        let found = results(&node, path).await;
        assert_eq!((found.len(), of_list(&found, "small").len()), (1, 1), "{path}");
    }
    let heard = ask(&node, &get("/search/small?q=Orsolya+Testwick")).await.json();
    assert_eq!(heard["total"]["value"], 1, "{heard}");
    let heard = ask(&node, &get("/reconcile/small/suggest/entity?prefix=orsolya")).await.json();
    assert_eq!(heard["result"].as_array().unwrap().len(), 1, "{heard}");
}

#[tokio::test(start_paused = true)]
async fn leaving_a_list_out_changes_no_score() {
    let node = node().await;
    let all = results(&node, "/match/default?threshold=0&limit=500").await;
    let only = results(&node, "/match/large?threshold=0&limit=500").await;
    assert!(!only.is_empty());
    assert_eq!(of_list(&all, "large")[0]["score"], only[0]["score"]);
}

// THREATS T-36
#[tokio::test(start_paused = true)]
async fn nobody_has_indexes_built_by_choosing() {
    let node = node().await;
    for path in [
        "/match/default",
        "/match/small",
        "/match/large",
        "/match/default?include_dataset=small",
        "/match/default?exclude_dataset=small",
        "/match/default?changed_since=2000-01-01",
    ] {
        results(&node, path).await;
    }
    ask(&node, &get("/search/small?q=Orsolya")).await;
    ask(&node, &get("/reconcile/large/suggest/entity?prefix=ors")).await;
    assert_eq!(node.state.indexes.count().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_hidden_list_cannot_be_chosen() {
    let node = node().await;
    hide(&node, "large");
    node.look_at_lists().await;
    assert_eq!(ask(&node, &post("/match/large", QUERY)).await.status, 404);
    let chosen = ask(&node, &post("/match/default?include_dataset=large", QUERY)).await;
    assert_eq!(chosen.status, 404);
}

// THREATS T-38
#[tokio::test(start_paused = true)]
async fn a_list_is_screened_against_by_what_it_bears_now() {
    let node = node().await;
    let people = r#"{"people":[{"id":"1","schema":"Person","properties":{"name":["Orsolya Testwick"],"birthDate":["1958"]}}]}"#;
    let (large, all) = ("/screen?class=donor&list=large", "/screen?class=donor");
    let before = ask(&node, &post(large, people)).await;
    assert!(before.status == 200 && before.body.contains("large"), "{}", before.body);
    // Raised above the officer; the node has not looked since.
    hide(&node, "large");
    assert_eq!(ask(&node, &post(large, people)).await.status, 404);
    let after = ask(&node, &post(all, people)).await;
    assert!(after.status == 200 && !after.body.contains("large"), "{}", after.body);
    assert!(after.body.contains("small"), "{}", after.body);
}

// THREATS T-38
#[tokio::test(start_paused = true)]
async fn lists_that_were_read_some_time_ago_are_not_used() {
    let node = node().await;
    let asked = [get("/catalog"), get("/search/small?q=Orsolya"), post("/match/default", QUERY)];
    node.at(10);
    for one in &asked {
        assert_eq!(ask(&node, one).await.status, 200, "{one:?}");
    }
    // Nobody knows what they bear now, and silence is no all-clear.
    node.at(11);
    for one in &asked {
        assert_eq!(ask(&node, one).await.status, 503, "{one:?}");
    }
    assert_eq!(ask(&node, &get("/readyz")).await.status, 503);
    node.look_at_lists().await;
    for one in &asked {
        assert_eq!(ask(&node, one).await.status, 200, "{one:?}");
    }
}
