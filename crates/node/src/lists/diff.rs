//! `portcullis lists diff`.

use super::{Changes, ListStore};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::report::spreadsheet::guarded;
use crate::report::words::{plain, several};
use anyhow::Context;
use clap::ValueEnum;
use portcullis_decide::{FactKind, KeptIssue, KeptList, ListName};
use portcullis_types::{Dossier, RecordId};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Show what changed between two kept issues of a list
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The list
    name: ListName,

    /// The older issue: its version, the first digits of its digest, `previous` or `current`
    #[arg(default_value = "previous")]
    older: String,

    /// The newer issue
    #[arg(default_value = "current")]
    newer: String,

    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Table,
    /// For a spreadsheet
    Csv,
    /// For programs: one object a line
    Jsonl,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    change: &'static str,
    record: &'a str,
    name: &'a str,
    facts: Vec<&'static str>,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let store = ListStore::open(environment)?;
    let list = store.named(args.name.as_str())?;
    let (older, newer) = (issue(list, &args.older)?, issue(list, &args.newer)?);
    let before = store.dossiers(&list.name, older)?;
    let after = store.dossiers(&list.name, newer)?;
    let changes = Changes::between(&before, &after);
    let names = names(before.iter().chain(&after));
    let rows = rows(&changes, &names);
    let mut out = io::stdout().lock();
    match args.format {
        Form::Csv => csv(&mut out, &rows)?,
        Form::Jsonl => {
            for row in &rows {
                serde_json::to_writer(&mut out, row)?;
                writeln!(out)?;
            }
        }
        Form::Table => {
            for row in &rows {
                let facts = if row.change == "changed" && row.facts.is_empty() {
                    "other details".to_owned()
                } else {
                    row.facts.join(", ")
                };
                let (record, name) = (plain(row.record), plain(row.name));
                writeln!(out, "{:<8} {record:<16} {name:<40} {facts}", row.change)?;
            }
            writeln!(
                out,
                "From issue {} to issue {}: {} added, {} removed, {} changed.",
                older.version,
                newer.version,
                several(changes.added.len() as u64, "record", "records"),
                changes.removed.len(),
                changes.changed.len()
            )?;
        }
    }
    Ok(Outcome::Clear)
}

/// The issue of a list that a user means by its version, by the first digits of its digest, or by
/// `current` or `previous`.
fn issue<'a>(list: &'a KeptList, which: &str) -> anyhow::Result<&'a KeptIssue> {
    let is_digits = which.len() >= 4 && which.bytes().all(|b| b.is_ascii_hexdigit());
    let digits = which.to_ascii_lowercase();
    let found = match which {
        "current" => Some(&list.current),
        "previous" => list.earlier.first(),
        which => list.issues().find(|issue| issue.version.as_str() == which).or_else(|| {
            list.issues().find(|issue| is_digits && issue.digest.to_string().starts_with(&digits))
        }),
    };
    found.with_context(|| {
        let kept: Vec<_> = list.issues().map(|issue| issue.version.as_str()).collect();
        format!("no issue `{which}` of `{}` is kept; kept are: {}", list.name, kept.join(", "))
    })
}

fn rows<'a>(changes: &'a Changes, names: &BTreeMap<&'a RecordId, &'a str>) -> Vec<Row<'a>> {
    let told = |change, record: &'a RecordId, kinds: &[FactKind]| Row {
        change,
        record: record.as_str(),
        name: names.get(record).copied().unwrap_or_default(),
        facts: kinds.iter().map(|kind| kind.code()).collect(),
    };
    let came = changes.added.iter().map(|record| told("added", record, &[]));
    let went = changes.removed.iter().map(|record| told("removed", record, &[]));
    let differ = changes.changed.iter().map(|(record, kinds)| told("changed", record, kinds));
    came.chain(went).chain(differ).collect()
}

/// The name of each record; of two issues the later one's.
fn names<'a>(dossiers: impl Iterator<Item = &'a Dossier>) -> BTreeMap<&'a RecordId, &'a str> {
    dossiers.map(|dossier| (&dossier.record, dossier.main_name().unwrap_or_default())).collect()
}

fn csv(out: &mut impl Write, rows: &[Row<'_>]) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["change", "record", "name", "facts"])?;
    for row in rows {
        csv.write_record([
            row.change,
            &guarded(row.record),
            &guarded(row.name),
            &row.facts.join(" "),
        ])?;
    }
    Ok(csv.flush()?)
}
