//! Memory: a file is never held whole.

use crate::common::Desk;
use std::io::{BufWriter, Write};

/// Peak resident memory of a run, in kilobytes, where the system tells it.
#[cfg(target_os = "linux")]
#[test]
fn a_file_of_many_rows_takes_no_more_memory_than_a_short_one() {
    let desk = Desk::new();
    let file = std::fs::File::create(desk.path("donors.csv")).unwrap();
    let mut file = BufWriter::new(file);
    file.write_all(b"Name,Remarks\n").unwrap();
    let remark = "x".repeat(400);
    for _ in 0..60_000 {
        writeln!(file, "Hester Mockridge,{remark}").unwrap();
    }
    file.flush().unwrap();
    // 24 MB of rows; a program that held them, or their results, would need several times that.
    let script = format!(
        "ulimit -v 1500000; {} screen donors.csv --class donor --list list.jsonl --out a.html >/dev/null 2>err & \
         pid=$!; peak=0; while kill -0 $pid 2>/dev/null; do \
         now=$(grep VmHWM /proc/$pid/status 2>/dev/null | tr -dc 0-9); [ -n \"$now\" ] && peak=$now; sleep 0.05; done; \
         wait $pid; echo $? $peak",
        env!("CARGO_BIN_EXE_portcullis")
    );
    let output = std::process::Command::new("sh")
        .arg("-c")
        .arg(script)
        .current_dir(desk.path("."))
        .env("PORTCULLIS_DATA", desk.path("data"))
        .env("PORTCULLIS_KEY_FILE", desk.path("key"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut numbers = text.split_whitespace().map(|n| n.parse::<u64>().unwrap());
    assert_eq!(numbers.next(), Some(0), "{}", desk.text("err"));
    let peak_kilobytes = numbers.next().unwrap();
    assert!(peak_kilobytes > 0 && peak_kilobytes < 120_000, "{peak_kilobytes}");
}
