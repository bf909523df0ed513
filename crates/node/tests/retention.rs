//! `portcullis retention`: what is due, what goes by itself, and what a person does.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod kept;
mod upkeep;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan};
use portcullis_decide::Schedule;
use portcullis_types::Clock;
use serde_json::Value;
use std::fs;
use upkeep::{Node, days_ago, decide, own, show};

/// Seven years ago: a decision on a donor was due a year ago.
const SEVEN_YEARS: i64 = 7 * 365 + 2;

/// A node with three pairs that are due since ten days, and a decision that waits for a person.
fn overdue() -> Node {
    let node = Node::new();
    let mut store = node.store();
    let names = ["Orsolya Testwick", "Barnaby Nobodyson", "Quillon Examplesson"];
    show(&mut store, 100, names.into_iter().map(str::to_owned));
    decide(&mut store, SEVEN_YEARS, "Orsolya Testwick");
    node
}

fn today() -> Date {
    days_ago(0).now().to_zoned(TimeZone::UTC).date()
}

/// The row of a kind in the report.
fn reported(node: &Node, status: i32, kind: &str) -> Value {
    let report: Value =
        serde_json::from_str(&node.ends(status, &["retention", "report", "--format", "json"]))
            .unwrap();
    let rows = report["rows"].as_array().unwrap();
    rows.iter().find(|row| row["kind"] == kind).cloned().unwrap_or_default()
}

fn listed(node: &Node, args: &[&str]) -> Vec<Value> {
    let args = [&["retention", "list", "--format", "jsonl"], args].concat();
    node.ok(&args).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The number of the decision that is due.
fn decision(node: &Node) -> String {
    let rows = listed(node, &["--due", "--kind", "decision"]);
    assert_eq!(rows.len(), 1);
    rows[0]["record"].to_string()
}

/// THREATS T-20
#[test]
fn a_run_erases_what_is_due_and_needs_no_person_and_only_once() {
    let node = overdue();
    let before = reported(&node, 1, "raised-pair");
    assert_eq!((&before["held"], &before["overdue"]), (&3.into(), &3.into()));
    let dry = node.ends(1, &["retention", "run", "--dry-run"]);
    assert!(dry.contains("3 records would be erased"), "{dry}");
    assert_eq!(reported(&node, 1, "raised-pair")["held"], 3);
    let done = node.ends(1, &["retention", "run"]);
    assert!(done.contains("3 records erased; 1 waits for a person"), "{done}");
    let again = node.ends(1, &["retention", "run"]);
    assert!(again.contains("0 records erased"), "{again}");
    let after = reported(&node, 1, "raised-pair");
    assert_eq!((&after["held"], &after["erased"]), (&0.into(), &3.into()));
    // One proof, of three, by the job; and the decision is there.
    assert_eq!(reported(&node, 1, "disposal")["held"], 1);
    assert_eq!(reported(&node, 1, "decision")["due"], 1);
    let events = node.store().read(|r| r.events(&own())).unwrap();
    let proofs: Vec<_> =
        events.iter().filter(|event| event.kind.as_str() == "retention.erased").collect();
    assert_eq!(proofs.len(), 1);
    assert_eq!(proofs[0].details.text("basis").unwrap().reveal(), "due");
}

#[test]
fn a_person_keeps_a_record_and_nothing_waits_any_more() {
    let node = overdue();
    node.ends(1, &["retention", "run"]);
    let number = decision(&node);
    let shown = node.ok(&["retention", "show", &number]);
    assert!(shown.contains("screening.decision.recorded") && shown.contains(", due"), "{shown}");
    let keep = |until: &str, officer: &str| {
        let args = ["retention", "keep", &number, "--until", until, "--officer", officer];
        node.run(&[&args[..], &["--reason", "donates every year"]].concat())
    };
    let later = today().checked_add(1.year()).unwrap().to_string();
    // Names of jobs are no persons, and three years are too many.
    assert_eq!(keep(&later, "cron").status.code(), Some(2));
    let too_far = keep(&today().checked_add(3.years()).unwrap().to_string(), "q.examplesson");
    assert!(upkeep::text(&too_far.stderr).contains("at most 2 more years"));
    assert_eq!(keep(&later, "q.examplesson").status.code(), Some(0));
    assert!(listed(&node, &["--due"]).is_empty());
    assert_eq!(reported(&node, 0, "decision")["kept_longer"], 1);
    node.ok(&["retention", "run"]);
    // Whoever is asked why finds it in the record.
    let shown = node.ok(&["retention", "show", &number]);
    assert!(shown.contains("donates every year"), "{shown}");
}

#[test]
fn a_person_erases_what_was_reviewed_once() {
    let node = overdue();
    let number = decision(&node);
    let erase =
        ["retention", "erase", &number, "--basis", "reviewed", "--officer", "q.examplesson"];
    assert!(node.ok(&erase).contains("1 record erased by q.examplesson"));
    assert_eq!(node.ok(&["decisions", "list", "--all"]).trim(), "0 decisions");
    assert!(node.refused(&erase).contains("or it was erased"));
    assert!(node.refused(&["retention", "show", &number]).contains("there is no record"));
}

#[test]
fn before_its_date_a_record_goes_for_a_duty_alone_which_names_a_case() {
    let node = Node::new();
    decide(&mut node.store(), 1, "Orsolya Testwick");
    let rows = listed(&node, &["--kind", "decision"]);
    let number = rows[0]["record"].to_string();
    let erase = |basis: &str, case: &[&str]| {
        let args = ["retention", "erase", &number, "--officer", "q.examplesson", "--basis", basis];
        node.run(&[&args[..], case].concat())
    };
    let said = |output: std::process::Output| {
        assert_eq!(output.status.code(), Some(2));
        upkeep::text(&output.stderr)
    };
    assert!(said(erase("reviewed", &[])).contains("is kept until"));
    assert!(said(erase("objection", &[])).contains("--case sar-2026-014"));
    // A bare name is no case.
    assert!(said(erase("objection", &["--case", "testwick"])).contains("digit"));
    assert!(said(erase("because", &[])).contains("consent-withdrawn"));
    assert!(erase("objection", &["--case", "sar-2026-014"]).status.success());
    // The proof itself stays.
    let proof = listed(&node, &["--kind", "disposal"])[0]["record"].to_string();
    let args = ["retention", "erase", &proof, "--officer", "q.examplesson"];
    let said = node.refused(&[&args[..], &["--basis", "unlawful", "--case", "c-1"]].concat());
    assert!(said.contains("is a proof"), "{said}");
}

#[test]
fn the_history_of_a_list_in_use_is_not_erased() {
    let node = Node::new();
    let number = listed(&node, &["--kind", "list-history"])[0]["record"].to_string();
    let erase = ["retention", "erase", &number, "--officer", "q.examplesson"];
    let erase = [&erase[..], &["--basis", "not-needed", "--case", "c-1"]].concat();
    assert!(node.refused(&erase).contains("the list is still in use"));
    node.ok(&["lists", "remove", "invented", "--yes"]);
    node.ok(&erase);
}

#[test]
fn the_report_is_a_table_with_a_picture_a_csv_and_a_look_ahead() {
    let node = overdue();
    let table = node.ends(1, &["retention", "report"]);
    assert!(table.contains("raised-pair    screen-donor     erase"), "{table}");
    assert!(table.contains('\u{2588}'), "{table}");
    assert!(table.contains("portcullis retention list --due"), "{table}");
    let csv = node.ends(1, &["retention", "report", "--format", "csv"]);
    assert!(csv.starts_with("kind,purpose,then,held,due,overdue,kept_longer,erased,next\n"));
    assert!(csv.contains("raised-pair,screen-donor,erase,3,3,3,0,0,\n"), "{csv}");
    // The day on which they were shown, nothing was due.
    let then = (days_ago(100).now() + SignedDuration::ZERO).to_zoned(TimeZone::UTC).date();
    let csv = node.ends(1, &["retention", "report", "--format", "csv", "--on", &then.to_string()]);
    assert!(csv.contains("raised-pair,screen-donor,erase,3,0,0,0,0,"), "{csv}");
}

#[test]
fn an_organisations_own_schedule_holds_from_then_on() {
    let node = Node::new();
    let own = Schedule::DEFAULT_TEXT.replace("keep = \"90 days\"", "keep = \"10 days\"");
    let file = node.write("mine.toml", &own);
    assert!(node.ok(&["retention", "schedule", "check", &file]).contains("is a schedule"));
    assert_eq!(node.ok(&["retention", "schedule", "show", "--text"]), Schedule::DEFAULT_TEXT);
    fs::copy(&file, node.path("data").join("retention.toml")).unwrap();
    assert_eq!(node.ok(&["retention", "schedule", "show", "--text"]), own);
    assert!(
        node.ok(&["retention", "schedule"]).contains("raised-pair    all others       10 days")
    );
    let before = today();
    let people = node.write("donors.csv", "Name,Date of birth\nQuillon Examplesson,1958-03-21\n");
    node.ends(1, &["screen", &people, "--class", "donor", "--list", "invented"]);
    let review_on = listed(&node, &["--kind", "raised-pair"])[0]["review_on"].clone();
    let expected = [before, today()].map(|day| day.checked_add(10.days()).unwrap().to_string());
    assert!(expected.iter().any(|day| review_on == **day), "{review_on}");
}

#[test]
fn a_schedule_that_is_named_comes_before_the_one_in_the_data_folder_and_must_be_there() {
    let node = Node::new();
    let named = Schedule::DEFAULT_TEXT.replace("keep = \"90 days\"", "keep = \"11 days\"");
    let file = node.write("named.toml", &named);
    fs::write(node.path("data").join("retention.toml"), Schedule::DEFAULT_TEXT).unwrap();
    let shown = node.ok(&["retention", "schedule", "show", "--text", "--schedule", &file]);
    assert_eq!(shown, named);
    let mut status = node.command(&["lists", "status"]);
    let missing = status.env("PORTCULLIS_SCHEDULE", node.path("elsewhere.toml")).output().unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(upkeep::text(&missing.stderr).contains("cannot read the retention schedule"));
}

#[test]
fn a_schedule_with_a_fault_is_refused_with_its_line_before_anything_is_kept() {
    let node = Node::new();
    let broken = Schedule::DEFAULT_TEXT.replacen("then = \"review\"", "then = \"erase\"", 1);
    let file = node.write("mine.toml", &broken);
    let said = node.refused(&["retention", "schedule", "check", &file]);
    let line = broken.lines().position(|line| line == "then = \"erase\"").unwrap() + 1;
    assert!(said.contains(&format!("line {line}, column 8")), "{said}");
    assert!(said.contains("without the decision the pair is raised again"), "{said}");
    fs::copy(&file, node.path("data").join("retention.toml")).unwrap();
    assert!(node.refused(&["retention", "run"]).contains("cannot use the retention schedule"));
    assert!(node.refused(&["lists", "status"]).contains("cannot use the retention schedule"));
}

#[test]
fn without_a_store_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["retention", "report"])
        .env("PORTCULLIS_DATA", &data)
        .env("PORTCULLIS_KEY_FILE", folder.path().join("key"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!data.exists());
}
