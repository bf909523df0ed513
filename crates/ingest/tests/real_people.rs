//! The files of people and money that the project's public data holds, against the counts of its
//! index. `cargo test -p portcullis-ingest --test real_people -- --nocapture` prints the table of
//! `docs/guide/formats.md`.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests fail as tests do, and the table is printed on purpose"
)]

use portcullis_ingest::people::{
    ColumnMap, DateOrder, Layout, PeopleOptions, PeopleReading, PersonItem, PersonRow, read_people,
};
use portcullis_ingest::{ReadContext, SetAside, Warning};
use portcullis_types::{PopulationClass, Property, Schema};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

fn data() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if path.join("INDEX.md").exists() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/data is absent");
    None
}

/// The rows that the index counts for each path.
fn index(data: &Path) -> BTreeMap<String, u64> {
    let text = std::fs::read_to_string(data.join("INDEX.md")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let path = cells.get(1)?.strip_prefix('`')?.strip_suffix('`')?;
        let rows = cells.get(4)?.replace(',', "").parse().ok()?;
        Some((path.to_owned(), rows))
    };
    text.lines().filter_map(row).collect()
}

struct Found {
    reading: PeopleReading,
    people: Vec<PersonRow>,
    aside: Vec<SetAside>,
    warnings: Vec<Warning>,
}

fn read(path: &Path, class: PopulationClass) -> Found {
    let file = File::open(path).unwrap();
    let input: Box<dyn Read> = if path.extension().is_some_and(|e| e == "zst") {
        Box::new(zstd::Decoder::new(file).unwrap())
    } else {
        Box::new(BufReader::new(file))
    };
    let options = PeopleOptions {
        class,
        map: ColumnMap::default(),
        context: ReadContext {
            source: "register".parse().unwrap(),
            version: "1".parse().unwrap(),
            recorded_at: "2026-11-22T12:00:00Z".parse().unwrap(),
            controller: "test".parse().unwrap(),
        },
        format: None,
        date_order: DateOrder::default(),
    };
    let (mut people, mut aside, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    let name = path.file_name().unwrap().to_str().unwrap();
    let reading = read_people(name, input, &options, &mut |item| match item {
        PersonItem::Person(row) => people.push(*row),
        PersonItem::SetAside(row) => aside.push(row),
        PersonItem::Warning(warning) => warnings.push(warning),
    })
    .unwrap();
    Found { reading, people, aside, warnings }
}

/// Every file of people and money, with the class of its people.
fn files(data: &Path) -> Vec<(String, PopulationClass)> {
    let mut files: Vec<_> = index(data)
        .into_keys()
        .filter(|path| {
            path.starts_with("ec-register/")
                || path.starts_with("donation-whistle/")
                || path.starts_with("parliament-official-regmem/")
                || path.starts_with("mp-interests-2010-15/")
        })
        .map(|path| (path, PopulationClass::Donor))
        .collect();
    files.push(("democracyclub-ge2015/candidates.csv".to_owned(), PopulationClass::Candidate));
    files
}

#[test]
fn every_row_that_the_index_counts_is_read_and_accounted_for() {
    let Some(data) = data() else { return };
    let counts = index(&data);
    println!(
        "| file | layout | rows read | dossiers | name nobody | set aside | why, and warnings |"
    );
    println!("|---|---|---:|---:|---:|---:|---|");
    for (path, class) in files(&data) {
        let got = read(&data.join(&path), class);
        let tally = got.reading.tally;
        let mut why: BTreeMap<&str, usize> = BTreeMap::new();
        for aside in &got.aside {
            *why.entry(&aside.reason).or_default() += 1;
        }
        for warning in &got.warnings {
            *why.entry(&warning.message).or_default() += 1;
        }
        let why: Vec<_> = why.iter().map(|(why, n)| format!("{n} × {why}")).collect();
        println!(
            "| `{path}` | {} | {} | {} | {} | {} | {} |",
            got.reading.layout,
            tally.rows_read,
            tally.dossiers_made,
            tally.rows_without_subject,
            tally.rows_set_aside,
            why.join("; "),
        );
        assert_eq!(Some(&tally.rows_read), counts.get(&path), "{path}");
        assert_ne!(got.reading.layout, Layout::Own, "{path}");
        assert_eq!(tally.dossiers_made, got.people.len() as u64, "{path}");
        assert_eq!(tally.rows_set_aside, got.aside.len() as u64, "{path}");
        let with_people: BTreeSet<u64> = got.people.iter().map(|p| p.row).collect();
        assert_eq!(
            with_people.len() as u64 + tally.rows_set_aside + tally.rows_without_subject,
            tally.rows_read,
            "{path}"
        );
    }
}

fn statements(person: &PersonRow, property: Property) -> Vec<&str> {
    let statements = person.dossier.statements.iter();
    statements.filter(|s| s.property == property).map(|s| s.value.reveal()).collect()
}

#[test]
fn the_donations_of_donation_whistle_sum_to_what_the_index_says() {
    let Some(data) = data() else { return };
    let got =
        read(&data.join("donation-whistle/donations_2001_2023.csv.zst"), PopulationClass::Donor);
    // INDEX: sum 1,101,241,707 GBP; 2001-02-16 to 2023-06-30; issue 2: 6,559 distinct donors.
    let sum: i64 = got.people.iter().map(|p| p.value.unwrap().get()).sum();
    assert_eq!((sum + 50) / 100, 1_101_241_707);
    let received: Vec<_> = got.people.iter().map(|p| p.received.unwrap().to_string()).collect();
    assert_eq!(received.iter().min().unwrap(), "2001-02-16");
    assert_eq!(received.iter().max().unwrap(), "2023-06-30");
    let originals: BTreeSet<_> = got
        .people
        .iter()
        .map(|p| {
            let name = &p.dossier.statements[0];
            name.original.as_ref().unwrap_or(&name.value).reveal()
        })
        .collect();
    assert_eq!(originals.len(), 6_559);
}

#[test]
fn what_the_index_says_of_the_registers_holds() {
    let Some(data) = data() else { return };
    let mut undated = 0;
    for (path, _) in files(&data).iter().filter(|(p, _)| p.starts_with("ec-register/donations")) {
        let got = read(&data.join(path), PopulationClass::Donor);
        for person in &got.people {
            assert!(person.value.is_some(), "every donation has a value");
            assert!(person.recipient.is_some(), "every donation has a recipient");
            let first = person.shared_gift.is_none_or(|shared| shared.person == 1);
            undated += usize::from(first && person.received.is_none());
            for number in statements(person, Property::RegistrationNumber) {
                assert!(!number.contains([':', ' ', ',']), "{path}: numbers are tidied");
                assert!(number.len() >= 5, "{path}: numbers are padded");
            }
            assert!(
                statements(person, Property::Name).iter().all(|n| !n.starts_with("na ")),
                "{path}: the word for a missing title is no part of a name"
            );
        }
    }
    // Counted in the files: 1,440 of 39,154 cells for the date of receipt are empty, and every
    // other one is a date.
    assert_eq!(undated, 1_440);
}

#[test]
fn the_candidates_of_2015_have_the_birth_dates_that_the_index_counts() {
    let Some(data) = data() else { return };
    let path = data.join("democracyclub-ge2015/candidates.csv");
    let got = read(&path, PopulationClass::Candidate);
    let dated = got.people.iter().filter(|p| p.dossier.birth_dates().next().is_some()).count();
    assert_eq!(dated, 1_465);
    assert!(got.people.iter().all(|p| p.dossier.schema == Schema::Person));
}

#[test]
fn private_loans_of_2015_name_their_lenders() {
    let Some(data) = data() else { return };
    let path = data.join("ec-register/pef-loans-2015-02.csv");
    let got = read(&path, PopulationClass::Donor);
    // Counted in the file: 452 lenders are individuals, 182 companies.
    let kind = |schema| got.people.iter().filter(|p| p.dossier.schema == schema).count();
    assert_eq!((kind(Schema::Person), kind(Schema::Company)), (452, 182));
    assert!(got.people.iter().all(|p| p.received.is_none()));
}
