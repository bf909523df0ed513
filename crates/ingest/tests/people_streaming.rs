//! A file of any length is read in the memory of its longest line.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use portcullis_ingest::ReadContext;
use portcullis_ingest::people::{
    ColumnMap, DateOrder, PeopleOptions, PeopleReading, PersonItem, read_people,
};
use portcullis_types::PopulationClass;
use std::io::{self, Read};

/// Gives a head once and a line again and again, until so many bytes are given.
struct Endless {
    head: &'static [u8],
    line: &'static [u8],
    left: u64,
    at: usize,
}

impl Endless {
    fn new(head: &'static [u8], line: &'static [u8], bytes: u64) -> Self {
        Self { head, line, left: bytes / line.len() as u64 * line.len() as u64, at: 0 }
    }
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if !self.head.is_empty() {
            return self.head.read(into);
        }
        let mut count = 0;
        while count < into.len() && self.left > 0 {
            let rest = self.line.get(self.at..).unwrap_or_default();
            let step = rest.len().min(into.len() - count);
            into.get_mut(count..count + step).unwrap().copy_from_slice(rest.get(..step).unwrap());
            count += step;
            self.left -= step as u64;
            self.at = (self.at + step) % self.line.len();
        }
        Ok(count)
    }
}

fn read(name: &str, input: Endless) -> PeopleReading {
    let options = PeopleOptions {
        class: PopulationClass::Donor,
        map: ColumnMap::default(),
        context: ReadContext {
            source: "gifts".parse().unwrap(),
            version: "1".parse().unwrap(),
            recorded_at: "2026-11-22T12:00:00Z".parse().unwrap(),
            controller: "invented-party".parse().unwrap(),
        },
        format: None,
        date_order: DateOrder::DayMonthYear,
    };
    let mut seen = 0_u64;
    let reading = read_people(name, input, &options, &mut |item| {
        seen += u64::from(matches!(item, PersonItem::Person(_)));
    })
    .unwrap();
    assert_eq!(reading.tally.dossiers_made, seen);
    reading
}

/// Most memory this process ever held, in bytes; `None` where the system does not tell.
fn peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1024)
}

const HEAD: &[u8] = b"Donor name,DOB,Value,Received date,Postcode\n";
const LINE: &[u8] = b"\"Testwick, Orsolya\",21/03/1958,\"7,500.00\",01/11/2026,ZZ1 1ZZ\n";
const ENTITY: &[u8] = b"{\"id\":\"q\",\"schema\":\"Person\",\"properties\":{\"name\":[\"Orsolya Testwick\"],\"birthDate\":[\"1958-03-21\"]}}\n";

/// Reads so much of a table and of entities, and holds the memory taken against the limit.
fn stream(bytes: u64) {
    let before = peak_bytes().unwrap_or_default();
    let table = read("gifts.csv", Endless::new(HEAD, LINE, bytes));
    assert_eq!(table.tally.rows_read, bytes / LINE.len() as u64);
    assert_eq!(table.tally.dossiers_made, table.tally.rows_read);
    let entities = read("q.jsonl", Endless::new(b"", ENTITY, bytes));
    assert_eq!(entities.tally.dossiers_made, bytes / ENTITY.len() as u64);
    match peak_bytes() {
        Some(peak) => {
            let growth = peak.saturating_sub(before);
            eprintln!("{} MB more for twice {} MB", growth / 1_000_000, bytes / 1_000_000);
            assert!(growth < 5_000_000, "took {growth} bytes more");
        }
        None => eprintln!("skipped: this system does not tell its peak memory"),
    }
}

#[test]
fn a_table_and_entities_stream_in_constant_memory() {
    stream(6_000_000);
}

#[test]
#[ignore = "takes minutes: cargo test --release -p portcullis-ingest --test people_streaming -- --ignored"]
fn five_gigabytes_stream_in_constant_memory() {
    stream(5_000_000_000);
}
