//! `portcullis demo`.

use crate::common::Desk;

#[test]
fn it_runs_without_a_list_a_file_or_a_data_folder() {
    let desk = Desk::new();
    let run = desk.run("demo");
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.out.contains("may be the same as"));
    assert!(run.out.contains("Nobody here exists."));
    assert!(run.out.contains("portcullis lists add"));
    assert!(!desk.path("data").exists(), "a demonstration stores nothing");
    let page = desk.text("portcullis-demo-report.html");
    assert!(page.contains("DEMONSTRATION: invented people only"));
}

#[test]
fn it_shows_names_of_other_scripts_weak_aliases_and_a_row_set_aside() {
    let run = Desk::new().run("demo");
    for part in ["Орсоля Тествич", "樊样本", "its publisher calls weak", "1 row could not be read"]
    {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
}

#[test]
fn a_namesake_of_another_age_is_not_raised() {
    // John Smith, born 1949, is on the invented list; the John Smith who gives was born in 1988.
    let run = Desk::new().run("demo");
    assert!(!run.out.contains("John Smith  may be"), "{}", run.out);
}

#[test]
fn its_files_can_be_kept_and_screened() {
    let desk = Desk::new();
    assert_eq!(desk.run("demo --files try").status, 0);
    let run = desk.run(
        "screen try/donors.csv --class donor --list try/sanctions.csv --list try/exposed.jsonl --format jsonl",
    );
    assert_eq!(run.status, 1, "{}", run.err);
    // Forty gifts, one of them of a couple, one that names nobody.
    assert_eq!(run.json().len(), 40);
}

#[test]
fn a_demonstration_writes_over_nothing_of_the_users() {
    let desk = Desk::new();
    desk.write("portcullis-demo-report.html", "<!doctype html> my own page");
    let run = desk.run("demo");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("--out"), "{}", run.err);
    assert_eq!(desk.text("portcullis-demo-report.html"), "<!doctype html> my own page");
    let run = desk.run("demo --out fresh.html --files .");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("donors.csv"), "{}", run.err);
    assert_eq!(desk.text("donors.csv"), crate::common::DONORS);
    assert!(!desk.path("sanctions.csv").exists(), "a refusal leaves the folder as it was");
    assert_eq!(desk.run("demo --files new --out new/donors.csv").status, 2);
}

#[test]
fn the_report_of_an_earlier_demonstration_is_replaced() {
    let desk = Desk::new();
    assert_eq!(desk.run("demo").status, 0);
    assert_eq!(desk.run("demo").status, 0);
}
