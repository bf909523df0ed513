//! Exit statuses, refusals, and help.

use crate::common::Desk;

#[test]
fn an_alert_ends_in_1() {
    assert_eq!(Desk::new().screen("").status, 1);
}

#[test]
fn no_alert_ends_in_0() {
    let desk = Desk::new();
    desk.write("donors.csv", "Name\nHester Mockridge\n");
    let run = desk.screen("");
    assert_eq!((run.status, run.out.as_str()), (0, ""));
}

#[test]
fn no_alert_but_rows_that_could_not_be_read_end_in_3() {
    let desk = Desk::new();
    desk.write("donors.csv", "Name,Town\nHester Mockridge,Sampleton\n,Nowhere\n");
    assert_eq!(desk.screen("").status, 3);
}

#[test]
fn an_alert_outweighs_rows_that_could_not_be_read() {
    let desk = Desk::new();
    desk.write("donors.csv", "Name,Town\nOrsolya Testwick,Sampleton\n,Nowhere\n");
    assert_eq!(desk.screen("").status, 1);
}

#[test]
fn a_file_that_is_not_there_ends_in_2_and_says_which() {
    let run = Desk::new().run("screen nobody.csv --class donor --list list.jsonl");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("cannot read `nobody.csv`"), "{}", run.err);
}

#[test]
fn a_binary_file_ends_in_2_with_advice() {
    let desk = Desk::new();
    desk.write("donors.csv", b"%PDF-1.7\n");
    let run = desk.screen("");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("a PDF document"), "{}", run.err);
}

#[test]
fn without_a_class_the_error_explains_the_four() {
    let run = Desk::new().run("screen donors.csv --list list.jsonl");
    assert_eq!(run.status, 2);
    for class in ["donor", "candidate", "staff", "associate"] {
        assert!(run.err.contains(&format!("--class {class}")), "{}", run.err);
    }
}

#[test]
fn a_class_that_does_not_exist_is_refused() {
    let run = Desk::new().run("screen donors.csv --class voter --list list.jsonl");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("donor, candidate, staff and associate"), "{}", run.err);
}

#[test]
fn without_any_list_the_error_says_how_to_get_one() {
    let run = Desk::new().run("screen donors.csv --class donor");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("portcullis lists add"), "{}", run.err);
}

#[test]
fn a_list_of_an_unknown_format_asks_for_its_format() {
    let desk = Desk::new();
    desk.write("list.txt", "just some words\n");
    let run = desk.run("screen donors.csv --class donor --list list.txt");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("--list-format"), "{}", run.err);
    assert!(run.err.contains("uk-sanctions-list-csv"), "{}", run.err);
}

#[test]
fn a_threshold_or_prior_that_cannot_be_is_refused() {
    for option in ["--threshold 1.5", "--threshold half", "--prior 0", "--prior 1", "--prior 1/0"] {
        assert_eq!(Desk::new().screen(option).status, 2, "{option}");
    }
}

#[test]
fn an_error_never_repeats_what_stands_in_a_row() {
    let desk = Desk::new();
    desk.write("donors.csv", "Orsolya Testwick,21/03/1958\n");
    let run = desk.screen("");
    assert_eq!(run.status, 2);
    assert!(!run.err.contains("Orsolya"), "{}", run.err);
}

#[test]
fn since_needs_stored_lists() {
    let run = Desk::new().screen("--since 2026-01-01");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("stored lists"), "{}", run.err);
}

#[test]
fn help_teaches_with_examples_and_exit_statuses() {
    for command in ["", "screen", "match", "demo"] {
        let run = Desk::new().run(&format!("{command} --help"));
        assert_eq!(run.status, 0);
        for heading in ["Example", "Exit status"] {
            assert!(run.out.contains(heading), "{command}: {}", run.out);
        }
    }
}

#[test]
fn the_default_prior_in_the_help_is_the_one_used() {
    let desk = Desk::new();
    let help = desk.run("screen --help").out;
    assert!(help.contains("[default: 1/4096]"));
    assert!(desk.screen("").err.contains("prior 1 in 4,096, threshold 0.5"));
}

#[test]
fn a_reader_who_stops_early_is_no_failure_worth_a_word() {
    let desk = Desk::new();
    desk.write("donors.csv", format!("Name\n{}", "Orsolya Testwick\n".repeat(5_000)));
    for format in ["jsonl", "csv", "table"] {
        let mut child = desk
            .command()
            .args(["screen", "donors.csv", "--class", "donor", "--list", "list.jsonl"])
            .args(["--format", format])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{format}");
    }
}

#[test]
fn a_known_list_that_is_not_stored_is_not_fetched_unasked() {
    let run = Desk::new().run("screen donors.csv --class donor --list uk-sanctions-list");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("portcullis lists add uk-sanctions-list"), "{}", run.err);
}

#[test]
fn what_is_read_is_never_written_over() {
    let desk = Desk::new();
    for option in ["--out donors.csv", "--out ./list.jsonl", "--set-aside donors.csv"] {
        let run = desk.screen(option);
        assert_eq!(run.status, 2, "{option}");
        assert!(run.err.contains("would write over"), "{}", run.err);
    }
    assert_eq!(desk.text("donors.csv"), crate::common::DONORS);
    assert_eq!(desk.text("list.jsonl"), crate::common::LIST);
}

#[test]
fn more_threads_than_can_be_meant_are_refused_in_words() {
    let desk = Desk::new();
    for command in ["screen donors.csv --class donor", "match --pairs list.jsonl"] {
        let run = desk.run(&format!("{command} --jobs 100000"));
        assert_eq!(run.status, 2);
        assert!(run.err.contains("from 1 to 256"), "{}", run.err);
    }
    assert_eq!(desk.screen("--jobs 256").status, 1);
}

#[test]
fn a_file_that_names_nobody_ends_in_3_and_says_so() {
    let desk = Desk::new();
    // A file of column names alone, and one whose other rows are blank or a total.
    for (text, rows) in [("Name,Town\n", 0), ("Name,Value\nTotal,£5.00\n,\n", 2)] {
        desk.write("donors.csv", text);
        for option in ["", "--format jsonl", "--format csv", "--out a.html", "--out a.xlsx"] {
            let run = desk.screen(option);
            assert_eq!(run.status, 3, "{option} {text:?}: {}", run.err);
            assert!(run.err.contains("nobody was screened"), "{}", run.err);
            assert_eq!(
                run.err.contains(&format!("{rows} rows name nobody")),
                rows > 0,
                "{}",
                run.err
            );
        }
        let page = desk.text("a.html");
        assert!(page.contains("Nobody was screened"));
        assert_eq!(page.contains("2 rows name nobody"), rows > 0);
    }
}

#[test]
fn rows_that_name_nobody_are_told_beside_people() {
    let desk = Desk::new();
    desk.write("donors.csv", "Name,Value\nHester Mockridge,£5.00\nTotal,£5.00\n");
    let run = desk.screen("");
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.err.contains("1 row names nobody"), "{}", run.err);
}

#[test]
fn each_line_of_a_trial_is_answered_in_its_place() {
    let desk = Desk::new();
    let entity = |id: &str| {
        format!(r#"{{"id":"{id}","schema":"Person","properties":{{"name":["Orsolya Testwick"]}}}}"#)
    };
    let good = format!(r#"{{"query":{},"expected":[]}}"#, entity("q-1"));
    let bad = r#"{"query":{"id":"q-3","schema":"Wizard","properties":{}},"expected":[]}"#;
    let last = format!(r#"{{"query":{},"expected":[]}}"#, entity("q-5"));
    desk.write("trial.jsonl", format!("{good}\nOrsolya nonsense\n{bad}\n\n{last}\n"));
    let run = desk.run("screen trial.jsonl --list list.jsonl --format jsonl");
    let lines = run.json();
    let rows: Vec<_> = lines.iter().map(|line| line["row"].clone()).collect();
    assert_eq!(rows, [1, 2, 3, 5]);
    assert_eq!(lines[1]["query_id"], serde_json::Value::Null);
    assert_eq!(lines[2]["query_id"], "q-3");
    for line in &lines[1..3] {
        assert_eq!(line["hits"], serde_json::json!([]));
        assert_eq!(line["candidates"], serde_json::json!([]));
        let error = line["error"].as_str().unwrap();
        assert!(!error.is_empty() && !error.contains("Orsolya"), "{error}");
    }
    assert_eq!(lines[3]["query_id"], "q-5");
}
