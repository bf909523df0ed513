//! Rows that cannot be read, and files that name their columns in their own way.

use crate::common::Desk;

#[test]
fn a_row_that_names_nobody_is_kept_whole_with_its_line_and_the_reason() {
    let desk = Desk::new();
    desk.write("donors.csv", "Name,Town\nHester Mockridge,Sampleton\n,Nowhere\n");
    let run = desk.screen("");
    assert!(run.err.contains("1 row could not be read"), "{}", run.err);
    assert!(run.err.contains("donors.csv.set-aside.csv"), "{}", run.err);
    let text = desk.text("donors.csv.set-aside.csv");
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    assert_eq!(reader.headers().unwrap(), vec!["line", "column", "reason", "raw"]);
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(&rows[0][0], "3");
    assert!(!rows[0][2].is_empty());
    assert!(rows[0][3].contains("Nowhere"));
}

#[test]
fn the_side_file_cannot_run_anything_in_a_spreadsheet() {
    let desk = Desk::new();
    desk.write("donors.csv", "Town,Name\n=1+1,\n");
    desk.screen("--set-aside aside.csv");
    let text = desk.text("aside.csv");
    let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert!(rows[0][3].starts_with('\''), "{text}");
}

#[test]
fn without_a_bad_row_there_is_no_side_file() {
    let desk = Desk::new();
    desk.screen("");
    assert!(!desk.path("donors.csv.set-aside.csv").exists());
}

#[test]
fn a_column_of_any_name_can_be_mapped() {
    let desk = Desk::new();
    desk.write("donors.csv", "Geber,Eingang\nOrsolya Testwick,01/02/2024\n");
    let plain = desk.screen("");
    assert_eq!(plain.status, 2);
    assert!(plain.err.contains("--map"), "{}", plain.err);
    let run = desk.screen("--map name=Geber --map received-date=Eingang --format jsonl");
    assert_eq!(run.json()[0]["decide_by"], "2024-03-01");
}

#[test]
fn a_couple_in_one_row_is_two_people_of_that_row() {
    let desk = Desk::new();
    desk.write("donors.csv", "Name\nMr & Mrs Q Testwick\n");
    let rows: Vec<_> =
        desk.screen("--format jsonl").json().iter().map(|line| line["row"].clone()).collect();
    assert_eq!(rows, [2, 2]);
}

#[test]
fn standard_input_is_read_like_a_file() {
    use std::io::Write;
    use std::process::Stdio;
    let desk = Desk::new();
    let mut child = desk
        .command()
        .args(["screen", "-", "--class", "donor", "--list", "list.jsonl", "--format", "jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"Name\nOrsolya Testwick\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
}

#[test]
fn a_list_packed_with_zstd_is_read() {
    let desk = Desk::new();
    let packed = zstd::encode_all(crate::common::LIST.as_bytes(), 3).unwrap();
    desk.write("list.jsonl.zst", packed);
    let run = desk.run("screen donors.csv --class donor --list list.jsonl.zst --format jsonl");
    assert_eq!(run.status, 1, "{}", run.err);
    assert_eq!(run.json()[1]["hits"][0]["list"], "list");
}

#[test]
fn rows_of_a_list_that_cannot_be_read_are_told() {
    let desk = Desk::new();
    desk.write("list.jsonl", format!("{}nonsense\n", crate::common::LIST));
    let run = desk.screen("");
    assert!(run.err.contains("1 row of it could not be read"), "{}", run.err);
}

#[test]
fn a_packed_file_that_is_cut_short_is_named_and_said_to_be() {
    let desk = Desk::new();
    // Remarks that do not pack well, so that the cut lies behind the first rows.
    let remark = |n: u32| n.wrapping_mul(2_654_435_761).to_string();
    let rows: Vec<_> = (0..20_000).map(|n| ["Hester Mockridge", &remark(n)].join(",")).collect();
    let text = format!("Name,Remarks\n{}\n", rows.join("\n"));
    let packed = zstd::encode_all(text.as_bytes(), 3).unwrap();
    for length in [packed.len() / 2, 20] {
        desk.write("donors.csv.zst", &packed[..length]);
        let run = desk.run("screen donors.csv.zst --class donor --list list.jsonl --out a.html");
        assert_eq!(run.status, 2);
        assert!(run.err.contains("`donors.csv.zst`"), "{}", run.err);
        assert!(run.err.contains("cut short"), "{}", run.err);
        assert!(!desk.path("a.html").exists());
    }
}

#[test]
fn a_wrong_map_does_not_repeat_the_first_person_of_a_file_without_header() {
    let desk = Desk::new();
    for row in
        ["Orsolya Testwick,21/03/1958,Sampleton", "orsolya,testwick", "Testwick,Orsolya,Party"]
    {
        desk.write("donors.csv", format!("{row}\nHester Mockridge,,\n"));
        let run = desk.screen("--map name=Donor");
        assert_eq!(run.status, 2);
        assert!(!run.err.to_lowercase().contains("testwick"), "{}", run.err);
        assert!(run.err.contains("columns") && run.err.contains("--map name=#1"), "{}", run.err);
    }
    desk.write("donors.csv", "Donor name,Date of birth,Town\nHester Mockridge,,\n");
    let run = desk.screen("--map name=Giver");
    assert!(run.err.contains("it has `Donor name`"), "{}", run.err);
}
