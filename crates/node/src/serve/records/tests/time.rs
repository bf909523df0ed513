//! What somebody sees follows the policies at every moment, and not at the one when it was judged first.

use super::node::{Node, label, reader};
use super::script::{Deed, Sort, Step, list_name, take};
use super::talk::{Follower, ask, get};
use portcullis_types::{Label, Role};

/// Everything begins at 12:00 on 1 March 2025.
const RULE: &str = r#"
@id("embargo") @says("What is more sensitive is closed from the first minute on, and opens after an hour.")
@source("An operator's own.")
forbid (principal is Person, action, resource) when {
    resource.level > 0
        && context.now >= datetime("2025-03-01T12:01:00Z")
        && context.now < datetime("2025-03-01T13:00:00Z")
};"#;

async fn lists(node: &Node) -> Vec<String> {
    let heard = ask(node, &get("/api/v1/lists")).await.json();
    let lists = heard["items"].as_array().unwrap().iter();
    lists.map(|list| list["name"].as_str().unwrap().to_owned()).collect()
}

fn keeping(number: u8, label: Label) -> Step {
    let deed = Deed::Keep { list: number, issue: 1, label };
    Step { at: i64::from(number) + 1, number: u64::from(number) + 1, sort: Sort::Seen, deed }
}

// THREATS T-38
#[tokio::test(start_paused = true)]
async fn a_policy_on_time_and_label_holds_from_its_moment_on() {
    let who = reader(&[Role::Officer, Role::Auditor], 2, &[]);
    let node = Node::under(&who, RULE);
    take(&node, &who, &keeping(0, Label::open()));
    take(&node, &who, &keeping(1, label(2, &[])));
    node.at(50);
    assert_eq!(lists(&node).await, [list_name(0), list_name(1)]);
    let counted = || async { ask(&node, &get("/api/v1/counts")).await.json()["lists"].clone() };
    assert_eq!(counted().await, 2);
    let mut follower = Follower::begin(&node, &get("/api/v1/stream")).await;
    follower.next().await;
    // Ten seconds later, which is the same session, the same labels and the same minute.
    node.at(60);
    assert_eq!(lists(&node).await, [list_name(0)]);
    assert_eq!(counted().await, 1);
    let raised = Deed::Show { people: vec![1], list: 1, label: label(2, &[]) };
    take(&node, &who, &Step { at: 61, number: 9, sort: Sort::Hidden, deed: raised });
    let (bytes, _) = follower.next().await;
    assert!(!String::from_utf8_lossy(&bytes).contains("data:"));
    // What was refused for a time is not refused for ever.
    node.at(3_601);
    assert_eq!(lists(&node).await, [list_name(0), list_name(1)]);
}
