//! What is written where, and what is never written over.

use crate::common::{DONORS, Desk, LIST};

/// The donors with one row more, which names nobody.
fn with_a_bad_row(desk: &Desk) {
    desk.write("donors.csv", format!("{DONORS},,01/02/2024,£1.00\n"));
}

#[cfg(unix)]
#[test]
fn a_pipe_given_as_out_is_written_to_and_stays_a_pipe() {
    use std::os::unix::fs::FileTypeExt;
    let desk = Desk::new();
    let made = std::process::Command::new("mkfifo").arg(desk.path("pipe")).status().unwrap();
    assert!(made.success());
    let path = desk.path("pipe");
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(std::fs::read_to_string(path).unwrap()));
    assert_eq!(desk.screen("--format jsonl --out pipe").status, 1);
    assert!(desk.path("pipe").metadata().unwrap().file_type().is_fifo());
    let read = receiver.recv_timeout(std::time::Duration::from_secs(20)).unwrap();
    assert_eq!(read.lines().count(), 3);
}

#[cfg(unix)]
#[test]
fn a_device_given_as_out_stays_a_device() {
    use std::os::unix::fs::FileTypeExt;
    // A link stands for the device, so that a failure of this test harms nothing.
    let desk = Desk::new();
    std::os::unix::fs::symlink("/dev/null", desk.path("null")).unwrap();
    assert_eq!(desk.screen("--format csv --out null").status, 1);
    assert!(desk.path("null").metadata().unwrap().file_type().is_char_device());
}

#[cfg(target_os = "linux")]
#[test]
fn dev_stdout_is_standard_output() {
    let run = Desk::new().screen("--format jsonl --out /dev/stdout");
    assert_eq!((run.status, run.out.lines().count()), (1, 3), "{}", run.err);
}

#[test]
fn a_dash_is_no_file_to_write_to() {
    let desk = Desk::new();
    let run = desk.screen("--out -");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("leave out `--out`"), "{}", run.err);
    assert!(!desk.path("-").exists());
}

#[cfg(unix)]
#[test]
fn what_is_read_is_not_written_over_by_any_of_its_names() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("folder")).unwrap();
    desk.write("folder/list.jsonl", LIST);
    std::fs::hard_link(desk.path("donors.csv"), desk.path("hard.csv")).unwrap();
    std::fs::hard_link(desk.path("folder/list.jsonl"), desk.path("hard.jsonl")).unwrap();
    std::os::unix::fs::symlink(desk.path("donors.csv"), desk.path("soft.csv")).unwrap();
    for option in [
        "--out hard.csv",
        "--out soft.csv",
        "--out folder/list.jsonl",
        "--out hard.jsonl",
        "--set-aside folder/list.jsonl",
        "--set-aside hard.csv",
    ] {
        let run = desk.screen(&format!("--list folder {option}"));
        assert_eq!(run.status, 2, "{option}");
        assert!(run.err.contains("would write over"), "{option}: {}", run.err);
    }
    assert_eq!(desk.text("donors.csv"), DONORS);
    assert_eq!(desk.text("folder/list.jsonl"), LIST);
}

#[test]
fn results_and_rows_set_aside_do_not_share_a_file() {
    let desk = Desk::new();
    with_a_bad_row(&desk);
    for options in ["--out donors.csv.set-aside.csv", "--out a.csv --set-aside ./a.csv"] {
        let run = desk.screen(options);
        assert_eq!(run.status, 2, "{options}");
        assert!(run.err.contains("give each a file of its own"), "{}", run.err);
    }
    desk.write("donors.csv.set-aside.csv", "mended by hand");
    let run = desk.screen("--out donors.csv.set-aside-2.csv");
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(desk.text("donors.csv.set-aside-3.csv").contains("names nobody"));
    assert!(desk.text("donors.csv.set-aside-2.csv").contains("reference,alert,row"));
}

#[test]
fn a_list_that_happens_to_be_the_side_file_is_not_written_over() {
    let desk = Desk::new();
    with_a_bad_row(&desk);
    desk.write("donors.csv.set-aside.csv", LIST);
    let run = desk.run(
        "screen donors.csv --class donor --list donors.csv.set-aside.csv --list-format followthemoney --format jsonl",
    );
    assert_eq!(run.status, 2, "{}", run.err);
    assert_eq!(desk.text("donors.csv.set-aside.csv"), LIST);
}

#[test]
fn nothing_is_written_where_lists_and_decisions_are_kept() {
    let desk = Desk::new();
    desk.run("lists add mine --file list.jsonl");
    let run = desk.screen("--out data/portcullis.sqlite");
    assert_eq!(run.status, 2);
    assert!(run.err.contains("keeps lists and decisions"), "{}", run.err);
}

#[test]
fn a_side_file_somebody_may_have_worked_in_is_never_written_over() {
    let desk = Desk::new();
    with_a_bad_row(&desk);
    let first = desk.screen("");
    assert!(first.err.contains("donors.csv.set-aside.csv"), "{}", first.err);
    desk.write("donors.csv.set-aside.csv", "mended by hand");
    let second = desk.screen("");
    assert!(second.err.contains("donors.csv.set-aside-2.csv"), "{}", second.err);
    assert_eq!(desk.text("donors.csv.set-aside.csv"), "mended by hand");
    assert!(desk.text("donors.csv.set-aside-2.csv").contains("names nobody"));
    desk.write("kept.csv", "mine");
    let named = desk.screen("--set-aside kept.csv");
    assert!(named.err.contains("kept-2.csv"), "{}", named.err);
    assert_eq!(desk.text("kept.csv"), "mine");
}

#[test]
fn an_old_side_file_is_told_from_one_of_this_run() {
    let desk = Desk::new();
    with_a_bad_row(&desk);
    desk.screen("");
    desk.write("donors.csv", DONORS);
    let run = desk.screen("");
    assert!(run.err.contains("is of an earlier run"), "{}", run.err);
}
