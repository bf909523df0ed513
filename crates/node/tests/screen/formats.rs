//! What each form of the results holds.

use crate::common::Desk;
use serde_json::json;

#[test]
fn a_trial_needs_no_class_and_answers_each_query_in_order() {
    let desk = Desk::new();
    desk.write(
        "q.jsonl",
        r#"{"query":{"id":"q-1","schema":"Person","properties":{"name":["Hester Mockridge"]}},"expected":[]}
{"query":{"id":"q-2","schema":"Person","properties":{"name":["Orsolya Testwick"],"birthDate":["1958"]}},"expected":["inv-1"]}
"#,
    );
    let run = desk.run("screen q.jsonl --list list.jsonl --format jsonl");
    assert_eq!(run.status, 1);
    let lines = run.json();
    assert_eq!(lines[0]["query_id"], "q-1");
    assert_eq!(lines[0]["hits"], json!([]));
    assert_eq!(lines[1]["query_id"], "q-2");
    assert_eq!(lines[1]["candidates"], json!(["inv-1"]));
    let hit = &lines[1]["hits"][0];
    assert_eq!((&hit["id"], &hit["ids"]), (&json!("inv-1"), &json!(["inv-1"])));
    assert!(hit["score"].as_f64().unwrap() >= 0.5);
    // Nothing can be decided on a trial, so there is nothing to refer to.
    assert_eq!((&lines[1]["class"], &hit["reference"]), (&json!(null), &json!(null)));
}

#[test]
fn a_trial_in_any_other_form_needs_a_class() {
    let desk = Desk::new();
    desk.write("q.jsonl", r#"{"query":{"id":"q","caption":"Hester Mockridge"},"expected":[]}"#);
    assert_eq!(desk.run("screen q.jsonl --list list.jsonl --format csv").status, 2);
    assert_eq!(desk.run("screen q.jsonl --list list.jsonl --format csv --class donor").status, 0);
}

#[test]
fn a_line_for_programs_holds_what_an_alert_must() {
    let desk = Desk::new();
    let run = desk.screen("--format jsonl --explain");
    let lines = run.json();
    assert_eq!(lines.len(), 3);
    let person = &lines[1];
    assert_eq!(person["row"], 3);
    assert_eq!(person["name"], "Orsolya Testwick");
    assert_eq!(person["class"], "donor");
    assert_eq!(person["received"], "2024-02-01");
    // PPERA 2000 s.56: 30 days that begin with the day of receipt; 2024 is a leap year.
    assert_eq!(person["decide_by"], "2024-03-01");
    let hit = &person["hits"][0];
    for key in ["reference", "list", "list_version", "normaliser", "model", "name"] {
        assert!(hit[key].is_string(), "{key}: {hit}");
    }
    let reasons = hit["reasons"].as_array().unwrap();
    assert!(reasons.iter().all(|reason| reason["sentence"].as_str().unwrap().len() > 3));
    let bits: f64 = reasons.iter().map(|reason| reason["bits"].as_f64().unwrap()).sum();
    assert!((bits - hit["strength"].as_f64().unwrap()).abs() < 1e-6);
}

#[test]
fn one_person_named_by_several_records_makes_one_alert() {
    let desk = Desk::new();
    desk.write(
        "more.jsonl",
        r#"{"id":"inv-9","schema":"Person","properties":{"name":["Orsolya Testvik"],"birthDate":["1958-03-21"]}}"#,
    );
    let run = desk.screen("--list more.jsonl --format jsonl");
    let hits = run.json()[1]["hits"].as_array().unwrap().clone();
    assert_eq!(hits.len(), 1);
    let mut ids: Vec<_> = hits[0]["ids"].as_array().unwrap().clone();
    ids.sort_by_key(ToString::to_string);
    assert_eq!(ids, [json!("inv-1"), json!("inv-9")]);
}

#[test]
fn the_table_names_both_and_never_accuses() {
    let run = Desk::new().screen("--explain");
    assert!(run.out.contains("Orsolya Testwick  may be the same as"), "{}", run.out);
    assert!(run.out.contains("decide by 2024-03-01"));
    assert!(run.out.contains("Starting point"), "{}", run.out);
    assert!(run.err.contains("a named person must decide"), "{}", run.err);
    let all = format!("{}{}", run.out, run.err).to_lowercase();
    for word in ["suspect", "guilty", "offender", "criminal"] {
        assert!(!all.contains(word), "{word}");
    }
}

#[test]
fn without_a_terminal_there_are_no_colours() {
    let run = Desk::new().screen("--explain");
    assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'));
}

#[test]
fn a_name_cannot_send_commands_to_the_terminal() {
    let desk = Desk::new();
    desk.write("donors.csv", "Name\n\"Orsolya \u{1b}[31mTestwick\"\n");
    let run = desk.screen("");
    assert!(!run.out.contains('\u{1b}'), "{:?}", run.out);
}

#[test]
fn csv_opens_in_a_spreadsheet_without_running_anything() {
    let desk = Desk::new();
    desk.write(
        "list.jsonl",
        r#"{"id":"=1+1","schema":"Person","properties":{"name":["=cmd|' /C calc'!A0 Orsolya Testwick"]}}"#,
    );
    desk.write(
        "donors.csv",
        "Name\n\"=HYPERLINK(\"\"x\"\") Orsolya Testwick\"\n+Orsolya Testwick\n",
    );
    let run = desk.screen("--format csv --explain --threshold 0");
    assert!(run.out.starts_with('\u{feff}'), "Excel needs a byte-order mark");
    let text = run.out.trim_start_matches('\u{feff}').to_owned();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut cells = 0;
    for record in reader.records() {
        for cell in &record.unwrap() {
            let is_number = cell.parse::<f64>().is_ok();
            assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            cells += 1;
        }
    }
    assert!(cells > 0);
    assert!(text.contains("'=HYPERLINK"), "{text}");
}

#[test]
fn csv_has_a_row_for_each_record_of_an_alert() {
    let desk = Desk::new();
    desk.write(
        "more.jsonl",
        r#"{"id":"inv-9","schema":"Person","properties":{"name":["Orsolya Testvik"],"birthDate":["1958-03-21"]}}"#,
    );
    let run = desk.screen("--list more.jsonl --format csv");
    let text = run.out.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    for row in &rows {
        assert_eq!(&row[at("name_given")], "Orsolya Testwick");
        assert_eq!(&row[at("decide_by")], "2024-03-01");
        assert_eq!(&row[at("records_in_alert")], "2");
        assert_eq!(&row[at("prior")], "0.000244140625"); // 1/4096
        assert_eq!(&row[at("threshold")], "0.5");
    }
    let lists: Vec<_> = rows.iter().map(|row| &row[at("list")]).collect();
    assert!(lists.contains(&"list") && lists.contains(&"more"), "{lists:?}");
}

#[test]
fn a_workbook_has_its_sheets_and_dates_as_dates() {
    use calamine::{Data, Reader, Xlsx, open_workbook};
    let desk = Desk::new();
    let run = desk.screen("--out alerts.xlsx");
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    let mut book: Xlsx<_> = open_workbook(desk.path("alerts.xlsx")).unwrap();
    assert_eq!(book.sheet_names(), ["Alerts", "Reasons", "Lists", "Set aside", "About"]);
    let alerts = book.worksheet_range("Alerts").unwrap();
    let header: Vec<String> =
        alerts.rows().next().unwrap().iter().map(ToString::to_string).collect();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let row = alerts.rows().nth(1).unwrap();
    assert_eq!(row[at("Name as given")].to_string(), "Orsolya Testwick");
    assert!(matches!(row[at("Decide by")], Data::DateTime(_)), "{:?}", row[at("Decide by")]);
    let about = book.worksheet_range("About").unwrap();
    let cells: Vec<String> = about.rows().flatten().map(ToString::to_string).collect();
    let text = cells.join("\n");
    for part in ["1 in 4,096", "Threshold", "Normaliser", "portcullis decisions add"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn the_ending_of_the_file_chooses_the_form() {
    let desk = Desk::new();
    desk.screen("--out a.csv");
    desk.screen("--out a.jsonl");
    desk.screen("--out a.html");
    assert!(desk.text("a.csv").contains("reference,alert,row"));
    assert!(desk.text("a.jsonl").starts_with("{\"query_id\""));
    assert!(desk.text("a.html").starts_with("<!doctype html>"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_what_was_written() {
    let desk = Desk::new();
    desk.write("donors.csv", "Name,Town\nOrsolya Testwick,\n,Nowhere\n");
    for name in ["a.csv", "a.html", "a.xlsx", "a.jsonl", "a.txt"] {
        desk.screen(&format!("--out {name}"));
        assert_eq!(crate::common::mode(&desk.path(name)), 0o600, "{name}");
    }
    assert_eq!(crate::common::mode(&desk.path("donors.csv.set-aside.csv")), 0o600);
}

#[test]
fn a_screening_that_fails_leaves_the_old_file_as_it_was() {
    let desk = Desk::new();
    desk.write("a.csv", "what was here");
    desk.write("donors.csv", b"Name\nOrsolya Testwick\nHester\0Mockridge\n");
    assert_eq!(desk.screen("--out a.csv").status, 2);
    assert_eq!(desk.text("a.csv"), "what was here");
}

#[test]
fn the_same_people_in_any_number_of_threads_give_the_same_lines() {
    let desk = Desk::new();
    let rows: String = (0..3_000)
        .map(|n| if n % 7 == 0 { "Orsolya Testwick\n" } else { "Hester Mockridge\n" })
        .collect();
    desk.write("donors.csv", format!("Name\n{rows}"));
    let one = desk.screen("--format jsonl --jobs 1").out;
    let four = desk.screen("--format jsonl --jobs 4").out;
    assert_eq!(one.lines().count(), 3_000);
    assert!(one == four);
}
