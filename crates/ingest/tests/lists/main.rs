//! Each published format, on invented people.

#![expect(clippy::unwrap_used, reason = "a test stops where what it was given is not readable")]

mod eu;
mod hostile;
mod others;
mod refusals;
mod uk;
mod un;
mod us;

use portcullis_ingest::{
    Item, ListFile, ListFormat, ReadContext, ReadError, Reading, SetAside, Warning, read_list,
};
use portcullis_types::{Dossier, Property, Protected};

/// Everything a list gave.
struct Found {
    dossiers: Vec<Dossier>,
    asides: Vec<SetAside>,
    warnings: Vec<Warning>,
    reading: Reading,
}

impl Found {
    fn dossier(&self, record: &str) -> &Dossier {
        self.dossiers.iter().find(|d| d.record.as_str() == record).expect("the record is there")
    }
}

fn try_read(format: ListFormat, files: &[&[u8]]) -> Result<Found, ReadError> {
    let context = ReadContext {
        source: "invented".parse().unwrap(),
        version: "before".parse().unwrap(),
        recorded_at: "2026-11-22T12:00:00Z".parse().unwrap(),
        controller: "tests".parse().unwrap(),
    };
    let files = files
        .iter()
        .map(|bytes| ListFile { name: "list".to_owned(), bytes: Box::new(*bytes) })
        .collect();
    let (mut dossiers, mut asides, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
    let reading = read_list(format, files, &context, &mut |item| match item {
        Item::Dossier(dossier) => dossiers.push(*dossier),
        Item::SetAside(aside) => asides.push(aside),
        Item::Warning(warning) => warnings.push(warning),
    })?;
    // What is counted is what came out.
    assert_eq!(reading.tally.dossiers_made, dossiers.len() as u64);
    assert_eq!(reading.tally.rows_set_aside, asides.len() as u64);
    Ok(Found { dossiers, asides, warnings, reading })
}

fn read(format: ListFormat, files: &[&str]) -> Found {
    let bytes: Vec<&[u8]> = files.iter().map(|text| text.as_bytes()).collect();
    try_read(format, &bytes).unwrap()
}

/// The values of a property, by its name.
fn values<'a>(dossier: &'a Dossier, property: &str) -> Vec<&'a str> {
    let property = Property::from_name(property);
    let found = dossier.statements.iter().filter(|s| s.property == property);
    found.map(|s| s.value.reveal()).collect()
}

/// The value of a property as it was published.
fn original<'a>(dossier: &'a Dossier, property: &str) -> Option<&'a str> {
    let property = Property::from_name(property);
    let found = dossier.statements.iter().find(|s| s.property == property)?;
    found.original.as_ref().map(Protected::reveal)
}
