//! The published lists, where the shared data is present: counts as its index states them.
//!
//! Expected numbers are those of `data/INDEX.md`. Nothing of the data is printed.

#![expect(clippy::unwrap_used, reason = "a test stops where what it was given is not readable")]

use portcullis_ingest::{Item, ListFile, ListFormat, ReadContext, Tally, read_list};
use portcullis_types::{Dossier, Precision, Property, Schema};
use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

#[path = "../examples/shared/lists.rs"]
mod lists;

fn path(file: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")).join(file)
}

fn open(file: &str) -> Box<dyn Read> {
    let opened = File::open(path(file)).unwrap();
    if path(file).extension().is_some_and(|end| end == "zst") {
        Box::new(zstd::Decoder::new(opened).unwrap())
    } else {
        Box::new(opened)
    }
}

/// Reads a list; `None`, saying so, when the data is not there.
fn read(format: ListFormat, files: &[&str]) -> Option<(Tally, Vec<Dossier>)> {
    if let Some(missing) = files.iter().find(|file| !path(file).exists()) {
        eprintln!("skipped: shared/data/{missing} is absent");
        return None;
    }
    let context = ReadContext {
        source: "real".parse().unwrap(),
        version: "real".parse().unwrap(),
        recorded_at: "2026-12-31T00:00:00Z".parse().unwrap(),
        controller: "tests".parse().unwrap(),
    };
    let opened =
        files.iter().map(|file| ListFile { name: (*file).to_owned(), bytes: open(file) }).collect();
    let mut dossiers = Vec::new();
    let reading = read_list(format, opened, &context, &mut |item| {
        if let Item::Dossier(dossier) = item {
            dossiers.push(*dossier);
        }
    });
    Some((reading.unwrap().tally, dossiers))
}

fn of_schema(dossiers: &[Dossier], schema: Schema) -> usize {
    dossiers.iter().filter(|d| d.schema == schema).count()
}

fn statements(dossiers: &[Dossier], property: &Property) -> usize {
    dossiers.iter().flat_map(|d| &d.statements).filter(|s| s.property == *property).count()
}

/// First file of each list, and the rows that `INDEX.md` counts over all its files.
const ROWS: &[(&str, u64)] = &[
    ("uk-sanctions-list-2026/subjects.csv", 6_046 + 15_050 + 3_538 + 22_787 + 88_029),
    ("uk-ofsi-conlist/sanctionsconlist.csv.zst", 9_487),
    ("ofac-sdn/listlookup-2022-01/sdn.csv.zst", 9_044 + 12_409 + 13_625),
    ("ofac-sdn/consolidated-nonsdn/cons_prim.csv", 442 + 1_073 + 574),
    ("ofac-sdn/series/sdn_2021-08-18.csv.zst", 9_083),
    ("ofac-sdn/series/sdn_2022-02-28.csv.zst", 9_222),
    ("ofac-sdn/series/sdn_2022-03-07.csv.zst", 9_321),
    ("ofac-sdn/series/sdn_2023-02-09.csv.zst", 11_573),
    ("un-consolidated/UN_consolidated.xml.zst", 1_003),
    ("eu-fsf/EUSanctionsShort.csv", 999),
    ("opensanctions/project-noname.targets.simple.csv.zst", 5_600),
    ("opensanctions/yente-fixtures/parteispenden__entities.ftm.json", 475),
    ("opensanctions/yente-fixtures/t1__entities.ftm.json", 7),
    ("opensanctions/yente-fixtures/zala__entities.ftm.json", 91),
    ("opensanctions/yente-fixtures/t2__20240527194702-wnk__entities.delta.json", 2),
    ("opensanctions/yente-fixtures/t2__20240528014702-pfh__entities.delta.json", 2),
    ("opensanctions/yente-fixtures/t2__20240528074703-npf__entities.delta.json", 1),
    ("opensanctions/yente-fixtures/t2__20240528134729-3iv__entities.delta.json", 1),
    ("matching-benchmarks/nomenklatura/donations.ijson", 474),
    ("fara/FARA_All_Registrants.csv", 6_929),
    ("fara/Active_Registrants_2025-03-26.csv", 537),
    ("fara/Active_Registrants_in_a_Date_Range_2025-03-26.csv", 6_924),
    ("fara/FARA_All_ForeignPrincipals.csv.zst", 17_358),
    ("fara/Active_Foreign_Principals_2025-03-26.csv", 779),
    ("fara/Active_Registrants_by_Country_or_Location_Represented_2025-03-26.csv", 779),
    ("everypolitician-2015/popolo/UK.json.zst", 1_337),
    ("everypolitician-2015/popolo/UK-Commons-2017-wikidata-m17n.json.zst", 652),
    ("derived-multi-list/format-samples/sample_hmt.csv", 23),
    // The index gives no count of these three: that of their opening tags.
    ("derived-multi-list/format-samples/sdn.xml", 8),
    ("derived-multi-list/format-samples/sample_unsc.xml", 7),
    ("derived-multi-list/format-samples/sample_eu.xml", 7),
];

#[test]
fn every_row_of_every_list_is_read_and_accounted_for() {
    for (format, files) in lists::LISTS {
        let expected = ROWS.iter().find(|(first, _)| *first == files[0]);
        let (_, rows) = expected.unwrap_or_else(|| panic!("no count for {}", files[0]));
        let Some((tally, dossiers)) = read(*format, files) else { continue };
        assert_eq!(tally.rows_read, *rows, "{}", files[0]);
        assert!(tally.dossiers_made + tally.rows_set_aside + tally.rows_without_subject <= *rows);
        assert!(dossiers.iter().all(|d| d.main_name().is_some()), "{}", files[0]);
    }
    assert_eq!(ROWS.len(), lists::LISTS.len());
}

#[test]
fn every_file_is_recognised() {
    for (format, files) in lists::LISTS {
        for file in files.iter().filter(|file| path(file).exists()) {
            let mut head = Vec::new();
            open(file).take(4096).read_to_end(&mut head).unwrap();
            let name = file.rsplit('/').next().unwrap();
            let tables = *format == ListFormat::UkSanctionsListTables;
            let detected = ListFormat::detect(name, &head);
            assert!(
                detected == Some(*format) || (tables && detected.is_some()),
                "{file}: {detected:?}"
            );
        }
    }
}

#[test]
fn the_uk_tables_give_their_subjects_names_and_dates() {
    let (_, files) = lists::LISTS[0];
    let Some((tally, dossiers)) = read(ListFormat::UkSanctionsListTables, files) else { return };
    assert_eq!((tally.dossiers_made, tally.rows_set_aside), (6_046, 0));
    assert_eq!(of_schema(&dossiers, Schema::Person), 3_883);
    assert_eq!(of_schema(&dossiers, Schema::Organization), 1_531);
    assert_eq!(of_schema(&dossiers, Schema::Vessel), 632);
    let births: Vec<_> = dossiers.iter().flat_map(Dossier::birth_dates).collect();
    let of = |p: Precision| births.iter().filter(|d| d.precision() == p).count();
    // 3,538 rows, some of them twice for one subject; exact, year only, month and year.
    assert!(of(Precision::Day) <= 2_616 && of(Precision::Day) > 2_500);
    assert!(of(Precision::Year) <= 790 && of(Precision::Year) > 750);
    assert!(of(Precision::Month) <= 132 && of(Precision::Month) > 120);
    assert!(statements(&dossiers, &Property::WeakAlias) > 0);
    let unread = Property::from_name("birthDateAsPublished");
    assert_eq!(statements(&dossiers, &unread), 0);
}

#[test]
fn the_retired_uk_list_gives_one_dossier_for_each_group() {
    let Some((tally, dossiers)) =
        read(ListFormat::OfsiConsolidatedCsv, &["uk-ofsi-conlist/sanctionsconlist.csv.zst"])
    else {
        return;
    };
    assert_eq!((tally.dossiers_made, tally.rows_set_aside), (2_106, 0));
    assert_eq!(dossiers[0].origin.version.as_str(), "2018-04-13");
    assert_eq!(statements(&dossiers, &Property::from_name("birthDateAsPublished")), 0);
}

#[test]
fn the_un_list_keeps_original_scripts_and_weak_aliases() {
    let Some((tally, dossiers)) =
        read(ListFormat::UnXml, &["un-consolidated/UN_consolidated.xml.zst"])
    else {
        return;
    };
    assert_eq!(tally.dossiers_made, 1_003);
    assert_eq!(of_schema(&dossiers, Schema::Person), 730);
    assert_eq!(of_schema(&dossiers, Schema::Organization), 273);
    assert!(statements(&dossiers, &Property::WeakAlias) > 0);
    let names = dossiers.iter().flat_map(|d| &d.statements).filter(|s| s.property.is_name());
    let other_scripts = names.filter(|s| s.value.reveal().chars().any(|c| c > '\u{36F}')).count();
    assert!(other_scripts >= 370, "378 names in their original script, some of them the same");
    assert_eq!(dossiers[0].origin.version.as_str(), "2026-02-27");
}

#[test]
fn the_damaged_rows_of_the_fara_register_are_set_aside() {
    let Some((tally, _)) =
        read(ListFormat::FaraForeignPrincipals, &["fara/FARA_All_ForeignPrincipals.csv.zst"])
    else {
        return;
    };
    assert_eq!(tally.rows_set_aside, 15);
}

#[test]
fn aliases_and_addresses_find_their_entries() {
    let folder = "ofac-sdn/listlookup-2022-01/";
    let files = ["sdn.csv.zst", "alt.csv", "add.csv"].map(|file| format!("{folder}{file}"));
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let Some((tally, dossiers)) = read(ListFormat::OfacCsv, &files) else { return };
    // One number stands twice in the main file, and one alias hangs on a number that is not there.
    assert_eq!((tally.dossiers_made, tally.rows_set_aside), (9_043, 2));
    let births = statements(&dossiers, &Property::BirthDate);
    let unread = statements(&dossiers, &Property::from_name("birthDateAsPublished"));
    assert!(births > 4_000 && unread == 0, "{births} dates, {unread} not read");
}
