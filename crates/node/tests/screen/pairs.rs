//! `portcullis match`.

use crate::common::Desk;

const PAIRS: &str = r#"{"query":{"id":"a","schema":"Person","properties":{"name":["Orsolya Testwick"]}},"candidate":{"id":"b","schema":"Person","properties":{"name":["Orsolya Testwick"]}},"match":true}
{"query":{"id":"a"},"candidate":
{"query":{"id":"a","schema":"Person","properties":{"name":["Orsolya Testwick"]}},"candidate":{"id":"b","schema":"Person","properties":{"name":["Hester Mockridge"]}}}
{"query":{"id":"a","schema":"Person","properties":{"name":["Orsolya Testwick"]}},"candidate":{"id":"b","schema":"Vessel","properties":{"name":["Orsolya Testwick"]}}}
"#;

#[test]
fn every_line_is_answered_in_its_place_even_a_bad_one() {
    let desk = Desk::new();
    desk.write("pairs.jsonl", PAIRS);
    let run = desk.run("match --pairs pairs.jsonl");
    assert_eq!(run.status, 3);
    let lines = run.json();
    assert_eq!(lines.len(), 4);
    assert!(lines[0]["score"].as_f64().unwrap() > lines[2]["score"].as_f64().unwrap());
    assert!(lines[0]["reasons"][0]["sentence"].is_string());
    assert!(lines[1]["error"].as_str().unwrap().starts_with("line 2: "));
    assert_eq!(lines[3]["score"], 0.0);
    assert!(lines[3]["note"].is_string());
}

#[test]
fn an_error_does_not_repeat_the_line() {
    let desk = Desk::new();
    desk.write("pairs.jsonl", r#"{"query":{"id":"a","properties":{"name":["Orsolya"]}}}"#);
    let run = desk.run("match --pairs pairs.jsonl");
    assert!(!run.out.contains("Orsolya"), "{}", run.out);
}

#[test]
fn many_pairs_keep_their_order_on_many_threads() {
    let desk = Desk::new();
    let good = PAIRS.lines().next().unwrap();
    let text: String = (0..5_000)
        .map(|n| if n % 3 == 0 { "bad\n".to_owned() } else { format!("{good}\n") })
        .collect();
    desk.write("pairs.jsonl", text);
    let run = desk.run("match --pairs pairs.jsonl --jobs 4");
    for (n, line) in run.json().iter().enumerate() {
        assert_eq!(line["error"].is_string(), n % 3 == 0, "line {}", n + 1);
    }
}

#[test]
fn all_lines_compared_end_in_0_and_a_missing_file_in_2() {
    let desk = Desk::new();
    desk.write("pairs.jsonl", PAIRS.lines().next().unwrap());
    assert_eq!(desk.run("match --pairs pairs.jsonl").status, 0);
    assert_eq!(desk.run("match --pairs nothing.jsonl").status, 2);
}
