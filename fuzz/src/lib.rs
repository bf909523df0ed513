//! What the fuzz targets share: what must hold for any bytes.

pub mod sharing;

use portcullis_ingest::people::{
    ColumnMap, DateOrder, PeopleFormat, PeopleOptions, PersonItem, read_people,
};
use portcullis_ingest::{Item, ListFile, ListFormat, ReadContext, read_list};
use portcullis_types::{Dossier, PopulationClass};

/// Stands between the files of a list that has several.
const FILE_SEPARATOR: u8 = 0x1e;

fn context() -> ReadContext {
    ReadContext {
        source: "fuzz".parse().expect("a word is an id"),
        version: "1".parse().expect("a digit is an id"),
        recorded_at: "2026-01-01T00:00:00Z".parse().expect("a time"),
        controller: "fuzz".parse().expect("a word is an id"),
    }
}

/// Whatever the bytes, reading ends without a panic, and every row is accounted for (THREATS T-04).
pub fn list(format: ListFormat, bytes: &[u8]) {
    let files = bytes
        .split(|byte| *byte == FILE_SEPARATOR)
        .zip(["sdn.csv", "alt.csv", "add.csv", "more-1.csv", "more-2.csv", "more-3.csv"])
        .map(|(bytes, name)| ListFile { name: name.to_owned(), bytes: Box::new(bytes) })
        .collect();
    let (mut dossiers, mut set_aside) = (0, 0);
    let reading = read_list(format, files, &context(), &mut |item| match item {
        Item::Dossier(dossier) => {
            dossiers += 1;
            has_a_name_and_an_id(&dossier);
        }
        Item::SetAside(_) => set_aside += 1,
        Item::Warning(_) => {}
    });
    if let Ok(reading) = reading {
        assert_eq!(reading.tally.dossiers_made, dossiers);
        assert_eq!(reading.tally.rows_set_aside, set_aside);
    }
    let _ = ListFormat::detect("list.csv", bytes);
}

fn has_a_name_and_an_id(dossier: &Dossier) {
    assert!(!dossier.id.as_str().is_empty());
    assert!(!dossier.main_name().unwrap_or_default().trim().is_empty());
}

/// Whatever the bytes, reading people ends without a panic, and everybody is accounted for.
pub fn people(format: PeopleFormat, bytes: &[u8]) {
    let options = PeopleOptions {
        class: PopulationClass::Donor,
        map: ColumnMap::default(),
        context: context(),
        format: Some(format),
        date_order: DateOrder::DayMonthYear,
    };
    let (mut people, mut set_aside) = (0, 0);
    let reading = read_people("fuzz", bytes, &options, &mut |item| match item {
        PersonItem::Person(row) => {
            people += 1;
            has_a_name_and_an_id(&row.dossier);
        }
        PersonItem::SetAside(_) => set_aside += 1,
        PersonItem::Warning(_) => {}
    });
    if let Ok(reading) = reading {
        assert_eq!(reading.tally.dossiers_made, people);
        assert_eq!(reading.tally.rows_set_aside, set_aside);
    }
}

/// A dossier of a person or a body with these names, one to a line.
pub fn named(id: &str, kind: portcullis_types::Schema, names: &str) -> Dossier {
    use portcullis_types::{Property, Statement};
    let mut dossier = Dossier::new(
        id.parse().expect("a word is an id"),
        id.parse().expect("a word is an id"),
        kind,
        context().origin(),
    );
    for name in names.lines() {
        dossier.state(Statement::new(Property::Name, name, 1));
    }
    dossier
}
