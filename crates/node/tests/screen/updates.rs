//! `--since`, and decisions, from one screening to the next.

use crate::common::{Desk, LIST};
use crate::kept;
use portcullis_store::StoreError;
use portcullis_types::OrganisationId;
use serde_json::Value;

/// A desk whose stored list had a first issue and now has a second with one more record.
fn updated() -> (Desk, String) {
    let desk = Desk::new();
    let added = desk.run("lists add mine --file list.jsonl");
    assert_eq!(added.status, 0, "{}", added.err);
    let first = issue(&desk);
    desk.write(
        "list.jsonl",
        format!(
            "{LIST}{}\n",
            r#"{"id":"inv-3","schema":"Person","properties":{"name":["Hester Mockridge"]}}"#
        ),
    );
    let updated = desk.run("lists update");
    assert_eq!(updated.status, 0, "{}", updated.err);
    (desk, first)
}

fn issue(desk: &Desk) -> String {
    let status: Value = serde_json::from_str(&desk.run("lists status --format json").out).unwrap();
    status[0]["version"].as_str().unwrap().to_owned()
}

#[test]
fn since_tells_what_the_update_brought_and_nothing_else() {
    let (desk, first) = updated();
    let full = desk.run("screen donors.csv --class donor --format jsonl");
    let hits = |lines: &[Value]| -> Vec<usize> {
        lines.iter().map(|line| line["hits"].as_array().unwrap().len()).collect()
    };
    assert_eq!(hits(&full.json()), [1, 1, 0]);
    let since =
        desk.run(&format!("screen donors.csv --class donor --format jsonl --since {first}"));
    assert_eq!(since.status, 1);
    assert_eq!(hits(&since.json()), [1, 0, 0]);
    assert_eq!(since.json()[0]["hits"][0]["since"], "new");
    assert_eq!(since.json()[0]["hits"][0]["score"], full.json()[0]["hits"][0]["score"]);
}

#[test]
fn since_the_issue_in_use_tells_nothing() {
    let (desk, _) = updated();
    let run = desk.run(&format!("screen donors.csv --class donor --since {}", issue(&desk)));
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{}", run.err);
}

#[test]
fn since_today_does_not_hide_the_update_of_today() {
    let (desk, _) = updated();
    let status: Value = serde_json::from_str(&desk.run("lists status --format json").out).unwrap();
    let fetched = status[0]["fetched_at"].as_str().unwrap();
    // Both issues are of today: none was in use when the day began, and that is said.
    let today = fetched.split('T').next().unwrap();
    let run = desk.run(&format!("screen donors.csv --class donor --since {today}"));
    assert_eq!(run.status, 2);
    assert!(run.err.contains("screen in full"), "{}", run.err);
    let run = desk.run(&format!("screen donors.csv --class donor --since {fetched}"));
    assert_eq!((run.status, run.out.as_str()), (0, ""), "{}", run.err);
}

#[test]
fn a_list_given_twice_counts_once() {
    let desk = Desk::new();
    desk.run("lists add list --file list.jsonl");
    std::fs::copy(desk.path("list.jsonl"), desk.path("copy.jsonl")).unwrap();
    let once = desk.screen("--format jsonl").json()[1]["hits"][0].clone();
    for more in ["--list ./list.jsonl", "--list list", "--list copy.jsonl"] {
        let hits = desk.run(&format!(
            "screen donors.csv --class donor --list list.jsonl --format jsonl {more}"
        ));
        let hit = &hits.json()[1]["hits"][0];
        assert_eq!(hit["ids"], once["ids"], "{more}");
    }
    let twice = desk.screen("--list ./list.jsonl --format jsonl");
    assert_eq!(twice.json()[1]["hits"][0]["score"], once["score"]);
    assert!(twice.err.contains("against 1 list in"), "{}", twice.err);
}

#[test]
fn a_record_that_a_list_repeats_counts_once() {
    let desk = Desk::new();
    let once = desk.screen("--format jsonl").json()[1]["hits"][0].clone();
    desk.write("list.jsonl", format!("{LIST}{LIST}"));
    let twice = desk.screen("--format jsonl").json()[1]["hits"][0].clone();
    assert_eq!((&twice["ids"], &twice["score"]), (&once["ids"], &once["score"]));
}

#[test]
fn an_issue_that_came_back_is_known_to_have_been_in_use_before() {
    let (desk, _) = updated();
    let second = desk.text("list.jsonl");
    for list in [LIST, &second] {
        desk.write("list.jsonl", list);
        let updated = desk.run("lists update");
        assert_eq!(updated.status, 0, "{}", updated.err);
    }
    // Each issue was in use twice and is kept once. When it was so first, the events know.
    let mut store = kept::store(&desk.path("data"), &desk.path("key"));
    let organisation = OrganisationId::new("own").unwrap();
    let events = store.read::<_, StoreError>(|r| r.events(&organisation)).unwrap();
    let times: Vec<_> = events
        .iter()
        .filter(|event| event.kind.as_str().starts_with("lists."))
        .map(|event| event.at.timestamp())
        .collect();
    let hits = times.iter().map(|time| {
        let run =
            desk.run(&format!("screen donors.csv --class donor --format jsonl --since {time}"));
        assert!(matches!(run.status, 0 | 1), "{}", run.err);
        run.json()[0]["hits"].as_array().unwrap().len()
    });
    // The second issue, in use now, has one record more, which raises one more alert.
    assert_eq!(hits.collect::<Vec<_>>(), [1, 0, 1, 0]);
}

#[test]
fn since_an_issue_that_never_was_is_refused() {
    let (desk, _) = updated();
    let run = desk.run("screen donors.csv --class donor --since 1066-10-14");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("screen in full"), "{}", run.err);
    assert_eq!(desk.run("screen donors.csv --class donor --since nonsense").status, 2);
}

#[test]
fn a_pair_decided_not_to_be_the_same_is_not_raised_again_but_told() {
    let desk = Desk::new();
    let reference = |run: &crate::common::Run| {
        run.json()[1]["hits"][0]["reference"].as_str().unwrap().to_owned()
    };
    let shown = reference(&desk.screen("--format jsonl"));
    let decided = desk.run(&format!(
        "decisions add {shown} --verdict not-same --officer a.officer --reason another-person"
    ));
    assert_eq!(decided.status, 0, "{}", decided.err);
    let again = desk.screen("--format jsonl");
    assert_eq!(again.status, 0);
    assert_eq!(again.json()[1]["hits"], serde_json::json!([]));
    assert_eq!(again.json()[1]["decided"][0]["by"], "a.officer");
    assert!(again.err.contains("1 alert not raised"), "{}", again.err);
    let page = desk.screen("--out report.html");
    assert_eq!(page.status, 0);
    assert!(desk.text("report.html").contains("another-person"));
}

#[test]
fn a_decision_lapses_when_a_birth_date_changes_and_says_why() {
    let desk = Desk::new();
    let shown = desk.screen("--format jsonl").json()[1]["hits"][0]["reference"].clone();
    desk.run(&format!(
        "decisions add {} --verdict not-same --officer a.officer --reason another-person",
        shown.as_str().unwrap()
    ));
    desk.write("list.jsonl", LIST.replace("1958-03-21", "1958-03"));
    let again = desk.screen("");
    assert_eq!(again.status, 1);
    assert!(again.out.contains("birth date on the list"), "{}", again.out);
    assert!(again.err.contains("raised again although decided before"), "{}", again.err);
}

#[test]
fn a_pair_found_to_be_the_same_stays_raised_and_says_so() {
    let desk = Desk::new();
    let shown = desk.screen("--format jsonl").json()[1]["hits"][0]["reference"].clone();
    desk.run(&format!(
        "decisions add {} --verdict same --officer a.officer --reason passport-seen",
        shown.as_str().unwrap()
    ));
    let again = desk.screen("");
    assert_eq!(again.status, 1);
    assert!(again.out.contains("decided: a.officer found it the same"), "{}", again.out);
    assert!(!again.err.contains("raised again"), "{}", again.err);
}

#[test]
fn a_record_decided_leaves_the_others_of_its_alert_raised() {
    let desk = Desk::new();
    desk.write(
        "more.jsonl",
        r#"{"id":"inv-9","schema":"Person","properties":{"name":["Orsolya Testvik"],"birthDate":["1958-03-21"]}}"#,
    );
    let first = desk.screen("--list more.jsonl --format jsonl").json()[1]["hits"][0].clone();
    assert_eq!(first["ids"].as_array().unwrap().len(), 2);
    let reference = first["records"][0]["reference"].as_str().unwrap();
    desk.run(&format!(
        "decisions add {reference} --verdict not-same --officer a.officer --reason another-person"
    ));
    let again = desk.screen("--list more.jsonl --format jsonl");
    let hit = &again.json()[1]["hits"][0];
    assert_eq!(hit["ids"].as_array().unwrap().len(), 1);
    let standing = hit["standing"].as_str().unwrap();
    assert!(standing.contains("1 other record of it"), "{hit}");
    // What it is undone by.
    assert!(standing.ends_with(&format!("(reference {reference})")), "{hit}");
}
