//! A list of any length is read in bounded memory, or refused: never read into the ground.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use portcullis_ingest::{Item, ListFile, ListFormat, ReadContext, ReadError, Reading, read_list};
use std::io::{self, Read};

/// Gives a head, then a record as often as asked, each with a number of its own, then a tail.
struct Endless {
    ready: Vec<u8>,
    at: usize,
    record: fn(u64) -> String,
    next: u64,
    records: u64,
    tail: &'static str,
}

impl Endless {
    fn new(head: &str, record: fn(u64) -> String, tail: &'static str, records: u64) -> Self {
        Self { ready: head.as_bytes().to_vec(), at: 0, record, next: 0, records, tail }
    }
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.ready.len() {
            self.at = 0;
            self.ready.clear();
            if self.next < self.records {
                self.ready.extend_from_slice((self.record)(self.next).as_bytes());
                self.next += 1;
            } else {
                self.ready.extend_from_slice(std::mem::take(&mut self.tail).as_bytes());
            }
        }
        let count = self.ready.get(self.at..).unwrap().read(into)?;
        self.at += count;
        Ok(count)
    }
}

fn read(format: ListFormat, list: Endless) -> Result<Reading, ReadError> {
    let context = ReadContext {
        source: "endless".parse().unwrap(),
        version: "1".parse().unwrap(),
        recorded_at: "2026-11-22T12:00:00Z".parse().unwrap(),
        controller: "tests".parse().unwrap(),
    };
    let files = vec![ListFile { name: "endless".to_owned(), bytes: Box::new(list) }];
    read_list(format, files, &context, &mut |item| drop::<Item>(item))
}

/// Most memory this process ever held, in bytes; `None` where the system does not tell.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1024)
}

fn entity(n: u64) -> String {
    format!(
        "{{\"id\":\"x{n}\",\"schema\":\"Person\",\"properties\":{{\"name\":[\"Orsolya Testwick {n}\"],\
         \"birthDate\":[\"1958-03-21\"]}}}}\n"
    )
}

fn target(n: u64) -> String {
    format!("x{n},Person,Orsolya Testwick {n},\"Orsi;\"\"Testwick; O\"\"\",1958\n")
}

fn individual(n: u64) -> String {
    format!(
        "<INDIVIDUAL><REFERENCE_NUMBER>X{n}</REFERENCE_NUMBER><FIRST_NAME>ORSOLYA {n}</FIRST_NAME>\
         </INDIVIDUAL>\n"
    )
}

/// A row of one of ten subjects: the list is long because it repeats itself.
fn repeated(n: u64) -> String {
    format!("X{},TESTWICK,Primary Name,Individual\n", n % 10)
}

/// How a list of any length looks.
struct Shape {
    format: ListFormat,
    head: &'static str,
    record: fn(u64) -> String,
    tail: &'static str,
}

const LISTS: &[Shape] = &[
    Shape { format: ListFormat::FollowTheMoney, head: "", record: entity, tail: "" },
    Shape {
        format: ListFormat::OpenSanctionsSimpleCsv,
        head: "id,schema,name,aliases,birth_date\n",
        record: target,
        tail: "",
    },
    Shape {
        format: ListFormat::UnXml,
        head: "<CONSOLIDATED_LIST>\n",
        record: individual,
        tail: "</CONSOLIDATED_LIST>",
    },
    Shape {
        format: ListFormat::UkSanctionsListCsv,
        head: "Unique ID,Name 6,Name type,Designation Type\n",
        record: repeated,
        tail: "",
    },
];

/// Reads four lists of so many bytes each, and holds the memory taken against the limit.
fn stream(bytes: u64, limit: u64) {
    let before = peak_bytes().unwrap_or_default();
    for list in LISTS {
        let Shape { format, head, record, tail } = *list;
        let records = bytes / record(1_000_000).len() as u64;
        let reading = read(format, Endless::new(head, record, tail, records)).unwrap();
        assert_eq!(reading.tally.rows_read, records, "{format}");
        let subjects = if format == ListFormat::UkSanctionsListCsv { 10 } else { records };
        assert_eq!(reading.tally.dossiers_made, subjects, "{format}");
    }
    match peak_bytes() {
        Some(peak) => {
            let growth = peak.saturating_sub(before);
            eprintln!("{} MB more for 4 × {} MB", growth / 1_000_000, bytes / 1_000_000);
            assert!(growth < limit, "took {growth} bytes more");
        }
        None => eprintln!("skipped: this system does not tell its peak memory"),
    }
}

#[test]
fn lists_stream_in_bounded_memory() {
    stream(4_000_000, 12_000_000);
}

#[test]
#[ignore = "takes minutes: cargo test --release -p portcullis-ingest --test lists_streaming -- --ignored"]
fn five_gigabytes_stream_in_bounded_memory() {
    // The digests of four million ids, to notice those that repeat, are most of it.
    stream(5_000_000_000, 200_000_000);
}

#[test]
#[ignore = "takes a minute: cargo test --release -p portcullis-ingest --test lists_streaming -- --ignored"]
fn a_list_that_must_be_joined_and_does_not_fit_is_refused() {
    fn subject(n: u64) -> String {
        format!("X{n},{},Primary Name,Individual\n", "TESTWICK ".repeat(100))
    }
    let head = "Unique ID,Name 6,Name type,Designation Type\n";
    let refused = read(ListFormat::UkSanctionsListCsv, Endless::new(head, subject, "", 10_000_000));
    assert!(matches!(refused, Err(ReadError::TooLarge { .. })));
    assert!(peak_bytes().is_none_or(|peak| peak < 500_000_000));
}
