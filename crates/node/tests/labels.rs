//! `portcullis label`: what is marked how, and raised by whom.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod kept;
mod upkeep;

use std::fs;
use upkeep::{Node, own, show};

const WHY: [&str; 4] = ["--officer", "q.examplesson", "--reason", "names a source"];

/// A node with an open list of one invented person.
fn with_a_list(marking: &[&str]) -> Node {
    let node = Node::new();
    let line = r#"{"id": "h-1", "schema": "Person", "caption": "Orsolya Testwick", "properties": {"name": ["Orsolya Testwick"]}}"#;
    let file = node.write("held.jsonl", line);
    let add = ["lists", "add", "held", "--file", &file, "--officer", "q.examplesson"];
    node.ok(&[&add, marking].concat());
    node
}

// THREATS T-38
#[test]
fn a_list_is_marked_when_it_is_added_and_only_ever_more_strictly() {
    let node = with_a_list(&["--level", "official", "--compartment", "river"]);
    let show = ["label", "show", "--list", "held"];
    assert_eq!(node.ok(&show), "list `held`: OFFICIAL; compartments river\n");
    let raise = ["label", "raise", "--list", "held", "--level", "SECRET", "--handling", "orcon"];
    let raised = node.ok(&[raise.as_slice(), &WHY].concat());
    assert_eq!(raised, "list `held` is marked: SECRET; compartments river; orcon\n");
    // What is said of it later takes nothing away.
    let lower = ["label", "raise", "--list", "held", "--level", "OFFICIAL"];
    let raised = node.ok(&[lower.as_slice(), &WHY].concat());
    assert_eq!(raised, "list `held` is marked so already: SECRET; compartments river; orcon\n");
    assert_eq!(node.ok(&show), "list `held`: SECRET; compartments river; orcon\n");
    let mut store = node.store();
    let events = store.read(|r| r.events(&own())).unwrap();
    let raised: Vec<_> =
        events.iter().filter(|event| event.kind.as_str() == "records.label.raised").collect();
    assert_eq!(raised.len(), 1);
    // A new issue leaves it as it is.
    node.ok(&["lists", "update", "held", "--again", "--officer", "q.examplesson"]);
    assert_eq!(node.ok(&show), "list `held`: SECRET; compartments river; orcon\n");
}

#[test]
fn a_pair_is_raised_for_named_people() {
    let node = Node::new();
    let mut store = node.store();
    show(&mut store, 1, ["Orsolya Testwick".to_owned()].into_iter());
    let seen = store.read(|r| r.alerts(&own(), None, 5)).unwrap();
    let reference = seen.first().unwrap().reference.to_string();
    drop(store);
    let raise = ["label", "raise", "--alert", &reference, "--only-for", "q.examplesson"];
    let raised = node.ok(&[raise.as_slice(), &WHY].concat());
    assert!(raised.ends_with("OPEN; for these people alone: own/q.examplesson\n"), "{raised}");
}

// THREATS T-24
#[test]
fn a_list_is_the_matter_of_a_party_and_then_of_another_too() {
    let node = with_a_list(&["--matter-of", "party-b"]);
    let show = ["label", "show", "--list", "held"];
    assert_eq!(node.ok(&show), "list `held`: OPEN; matters of party-b\n");
    let raise = ["label", "raise", "--list", "held", "--matter-of", "party-a"];
    let raised = node.ok(&[raise.as_slice(), &WHY].concat());
    // Whoever holds office in either is refused from now on.
    assert_eq!(raised, "list `held` is marked: OPEN; matters of party-a, party-b\n");
}

#[test]
fn what_is_not_there_or_said_wrongly_is_refused_and_nothing_is_marked() {
    let node = with_a_list(&[]);
    let refused = |args: &[&str], why: &str| {
        let said = node.refused(&[&["label", "raise"], args, &WHY].concat());
        assert!(said.contains(why), "{said}");
    };
    refused(&["--list", "other", "--level", "SECRET"], "there is no list `other`");
    refused(&["--list", "held", "--level", "COSMIC"], "there are: OPEN, OFFICIAL");
    refused(&["--list", "held", "--handling", "eyes"], "there are: orcon");
    refused(&["--list", "held"], "say how it is to be marked");
    let scheme = node.ok(&["label", "scheme", "--text"]);
    let own = scheme.replace("# compartments", "compartments");
    fs::write(node.path("data").join("marking.toml"), own).unwrap();
    refused(&["--list", "held", "--compartment", "rivre"], "no such compartment");
    assert_eq!(node.ok(&["label", "show", "--list", "held"]), "list `held`: OPEN\n");
    fs::write(node.path("data").join("marking.toml"), "version = 1").unwrap();
    refused(&["--list", "held", "--compartment", "river"], "cannot use the marking scheme");
}
