//! Finding a pair without a reference: a row of a file, and a record of a stored list.

use super::organisation;
use crate::environment::Environment;
use crate::lists::ListStore;
use anyhow::{Context, bail};
use portcullis_decide::{KeptList, RaisedPair};
use portcullis_ingest::ReadContext;
use portcullis_ingest::people::{ColumnMap, DateOrder, PeopleOptions, PersonItem, read_people};
use portcullis_types::{Dossier, PopulationClass, Score};
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// The pair of the person in a row and the record `SOURCE:ID`.
pub(super) fn find(
    file: &Path,
    row: u64,
    record: &str,
    class: PopulationClass,
    map: &[String],
    environment: &Environment,
) -> anyhow::Result<RaisedPair> {
    let query = person(file, row, class, map, environment)
        .with_context(|| format!("cannot find row {row} of `{}`", file.display()))?;
    let record = listed(record, environment)?;
    // No screening gave it a score; the officer compared the two.
    Ok(RaisedPair::of(organisation(), class.into(), &query, &record, Score(0.0)))
}

fn person(
    file: &Path,
    row: u64,
    class: PopulationClass,
    map: &[String],
    environment: &Environment,
) -> anyhow::Result<Dossier> {
    let options = PeopleOptions {
        class,
        map: ColumnMap::parse(map)?,
        context: ReadContext {
            source: "people".parse()?,
            version: "1".parse()?,
            recorded_at: environment.clock.now(),
            controller: organisation(),
        },
        format: None,
        date_order: DateOrder::DayMonthYear,
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut found = Vec::new();
    read_people(&name, BufReader::new(File::open(file)?), &options, &mut |item| {
        if let PersonItem::Person(person) = item
            && person.row == row
        {
            found.push(person.dossier);
        }
    })?;
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(dossier), None) => Ok(dossier),
        (Some(_), Some(_)) => {
            bail!("the row names several people; decide by the references that `screen` shows")
        }
        (None, _) => bail!("no person could be read from it"),
    }
}

fn listed(record: &str, environment: &Environment) -> anyhow::Result<Dossier> {
    let (source, id) = record
        .split_once(':')
        .with_context(|| format!("write the record as SOURCE:ID, not `{record}`"))?;
    let store = ListStore::open(environment)?;
    let lists: Vec<&KeptList> =
        store.lists().iter().filter(|list| list.source.as_str() == source).collect();
    let Some(list) = lists.first() else {
        let sources: Vec<_> = store.lists().iter().map(|list| list.source.as_str()).collect();
        bail!("no stored list has the source `{source}`; there are: {}", sources.join(", "));
    };
    let compiled = store.compiled(std::slice::from_ref(&list.name))?;
    let found = compiled.index.dossiers().iter().find(|dossier| dossier.record.as_str() == id);
    found.cloned().with_context(|| format!("the list `{}` has no record `{id}`", list.name))
}
