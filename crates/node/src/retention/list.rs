//! `portcullis retention list`.

use super::today;
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use clap::ValueEnum;
use jiff::civil::Date;
use portcullis_decide::{HeldRecord, RecordKind};
use serde::Serialize;
use std::io::{self, Write};

/// List records by their numbers, with their review dates
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// Only those whose review date has come
    #[arg(long)]
    due: bool,

    /// Only of this kind, such as decision or raised-pair
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<RecordKind>,

    /// How to write them
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

const AFTER: &str = "\
What to do with a record that waits for a person:
    portcullis retention show 4711
    portcullis retention keep 4711 --until 2028-11-22 --officer q.examplesson \\
      --reason \"donates every year\"
    portcullis retention erase 4711 --basis reviewed --officer q.examplesson";

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

fn kind(code: &str) -> Result<RecordKind, String> {
    RecordKind::from_code(code).ok_or_else(|| {
        format!("the kinds of record are {}", RecordKind::ALL.map(RecordKind::code).join(", "))
    })
}

#[derive(Debug, Serialize)]
struct Row {
    record: u64,
    kind: &'static str,
    purpose: &'static str,
    review_on: Date,
    then: &'static str,
    kept_longer: u32,
    due: bool,
}

fn row(record: &HeldRecord, today: Date) -> Row {
    Row {
        record: record.number.value(),
        kind: record.retention.kind.code(),
        purpose: record.retention.purpose.code(),
        review_on: record.retention.review_on,
        then: record.retention.disposal.code(),
        kept_longer: record.extensions,
        due: record.retention.is_due(today),
    }
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let today = today(environment.clock.as_ref());
    let until = if args.due { today } else { Date::MAX };
    let mut store = Place::new(environment).needed_store()?;
    let mut listed = Listing::new(io::stdout().lock(), args.format)?;
    let mut after = None;
    loop {
        let (page, more) = store.read(|r| r.due_records(&organisation(), until, after))?;
        for record in &page {
            if args.kind.is_none_or(|kind| kind == record.retention.kind) {
                listed.put(&row(record, today))?;
            }
        }
        let Some(last) = more else { break };
        after = Some(last);
    }
    listed.end()?;
    Ok(Outcome::Clear)
}

/// Rows as they are written, page by page: there may be millions.
enum Listing<W: Write> {
    Table(W),
    Csv(Box<csv::Writer<W>>),
    Jsonl(W),
}

impl<W: Write> Listing<W> {
    fn new(mut out: W, form: Form) -> io::Result<Self> {
        Ok(match form {
            Form::Csv => Self::Csv(Box::new(csv::Writer::from_writer(out))),
            Form::Jsonl => Self::Jsonl(out),
            Form::Table => {
                writeln!(
                    out,
                    "{:>8}  {:<14} {:<16} {:<10}  {:<7} {:>11}",
                    "RECORD", "KIND", "PURPOSE", "REVIEW ON", "THEN", "KEPT LONGER"
                )?;
                Self::Table(out)
            }
        })
    }

    fn put(&mut self, row: &Row) -> anyhow::Result<()> {
        match self {
            Self::Csv(csv) => csv.serialize(row)?,
            Self::Jsonl(out) => {
                serde_json::to_writer(&mut *out, row)?;
                writeln!(out)?;
            }
            Self::Table(out) => {
                let longer = match row.kept_longer {
                    0 => "\u{2013}".to_owned(),
                    1 => "once".to_owned(),
                    times => format!("{times} times"),
                };
                let due = if row.due { "  due" } else { "" };
                let Row { record, kind, purpose, review_on, then, .. } = row;
                writeln!(
                    out,
                    "{record:>8}  {kind:<14} {purpose:<16} {review_on:<10}  {then:<7} {longer:>11}{due}"
                )?;
            }
        }
        Ok(())
    }

    fn end(self) -> io::Result<()> {
        match self {
            Self::Csv(mut csv) => csv.flush(),
            Self::Table(mut out) | Self::Jsonl(mut out) => out.flush(),
        }
    }
}
