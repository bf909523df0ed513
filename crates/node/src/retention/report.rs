//! `portcullis retention report`.

use super::today;
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words::{count, several};
use clap::ValueEnum;
use jiff::civil::Date;
use portcullis_decide::Disposal;
use portcullis_store::RecordCount;
use serde::Serialize;
use std::io::{self, Write};

/// Columns of a bar.
const BAR_COLUMNS: u64 = 40;

/// Show what is kept, what is due and what was erased, by kind and purpose
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// How it would stand on this day (YYYY-MM-DD), if nothing were erased until then
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,

    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

const AFTER: &str = "\
Examples:
  What falls due by the end of next March?
    portcullis retention report --on 2027-03-31
  For the file of whoever answers for data protection:
    portcullis retention report --format csv

A record is due from its review date on, and overdue from the day after. What is due and marked
`erase` is erased by `portcullis retention run`; what is marked `review` waits for a person.

Exit status: 0  nothing waits for a person    1  records that are due wait for a person";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people, with a picture
    #[default]
    Table,
    /// For a spreadsheet
    Csv,
    /// For programs
    Json,
}

#[derive(Debug, Serialize)]
struct Row {
    kind: &'static str,
    purpose: &'static str,
    then: &'static str,
    held: u64,
    due: u64,
    overdue: u64,
    kept_longer: u64,
    erased: u64,
    next: Option<Date>,
}

impl From<&RecordCount> for Row {
    fn from(count: &RecordCount) -> Self {
        Self {
            kind: count.kind.code(),
            purpose: count.purpose.code(),
            then: count.disposal.code(),
            held: count.held,
            due: count.due,
            overdue: count.overdue,
            kept_longer: count.kept_longer,
            erased: count.erased,
            next: count.next,
        }
    }
}

#[derive(Debug, Serialize)]
struct Report {
    on: Date,
    rows: Vec<Row>,
    waits_for_a_person: u64,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let on = args.on.unwrap_or_else(|| today(environment.clock.as_ref()));
    let counts =
        Place::new(environment).needed_store()?.read(|r| r.record_counts(&organisation(), on))?;
    let waits_for_a_person = counts
        .iter()
        .filter(|count| count.disposal == Disposal::Review)
        .map(|count| count.due)
        .fold(0, u64::saturating_add);
    let report = Report { on, rows: counts.iter().map(Row::from).collect(), waits_for_a_person };
    let mut out = io::stdout().lock();
    match args.format {
        Form::Json => {
            serde_json::to_writer_pretty(&mut out, &report)?;
            writeln!(out)?;
        }
        Form::Csv => {
            let mut csv = csv::Writer::from_writer(&mut out);
            report.rows.iter().try_for_each(|row| csv.serialize(row))?;
            csv.flush()?;
        }
        Form::Table => table(&mut out, &report)?,
    }
    Ok(if report.waits_for_a_person == 0 { Outcome::Clear } else { Outcome::Alerts })
}

fn table(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let Report { on, rows, waits_for_a_person } = report;
    writeln!(out, "What is kept on {on}, and until when\n")?;
    writeln!(
        out,
        "{:<14} {:<16} {:<7} {:>8} {:>8} {:>8} {:>8} {:>8}  {:<10}",
        "KIND", "PURPOSE", "THEN", "HELD", "DUE", "OVERDUE", "LONGER", "ERASED", "NEXT"
    )?;
    for row in rows {
        let next = row.next.map_or_else(|| "\u{2013}".to_owned(), |day| day.to_string());
        writeln!(
            out,
            "{:<14} {:<16} {:<7} {:>8} {:>8} {:>8} {:>8} {:>8}  {next:<10}",
            row.kind,
            row.purpose,
            row.then,
            count(row.held),
            count(row.due),
            count(row.overdue),
            count(row.kept_longer),
            count(row.erased),
        )?;
    }
    picture(out, rows)?;
    let words = |number| several(number, "record is", "records are");
    let sum = |of: fn(&Row) -> u64| rows.iter().map(of).fold(0, u64::saturating_add);
    writeln!(out, "\n{} held, {} due.", words(sum(|row| row.held)), count(sum(|row| row.due)))?;
    if *waits_for_a_person > 0 {
        writeln!(
            out,
            "{} due and waits for a person: portcullis retention list --due",
            words(*waits_for_a_person)
        )?;
    }
    Ok(())
}

/// A bar for each row, as long as what it holds; the longest fills the columns.
fn picture(out: &mut impl Write, rows: &[Row]) -> io::Result<()> {
    let longest = rows.iter().map(|row| row.held).max().unwrap_or_default();
    if longest == 0 {
        return Ok(());
    }
    writeln!(out, "\n\u{2588} overdue  \u{2592} due  \u{2591} not due yet")?;
    for row in rows.iter().filter(|row| row.held > 0) {
        let bar = bar(row, longest);
        writeln!(out, "{:<14} {:<16} {bar} {}", row.kind, row.purpose, count(row.held))?;
    }
    Ok(())
}

fn bar(row: &Row, longest: u64) -> String {
    // What is there at all is seen, however little.
    let columns = |number: u64| match number {
        0 => 0,
        _ => (number.saturating_mul(BAR_COLUMNS) / longest.max(1)).max(1),
    };
    let parts = [
        ('\u{2588}', row.overdue),
        ('\u{2592}', row.due.saturating_sub(row.overdue)),
        ('\u{2591}', row.held.saturating_sub(row.due)),
    ];
    parts
        .into_iter()
        .flat_map(|(mark, number)| {
            std::iter::repeat_n(mark, usize::try_from(columns(number)).unwrap_or_default())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(held: u64, due: u64, overdue: u64) -> Row {
        let (kind, purpose, then) = ("decision", "screen-donor", "review");
        Row { kind, purpose, then, held, due, overdue, kept_longer: 0, erased: 0, next: None }
    }

    #[test]
    fn a_bar_shows_what_is_overdue_due_and_neither() {
        // Of 100: 25 overdue, 25 due today, 50 later; forty columns.
        let whole = bar(&row(100, 50, 25), 100);
        let number = |mark| whole.chars().filter(|c| *c == mark).count();
        assert_eq!((number('\u{2588}'), number('\u{2592}'), number('\u{2591}')), (10, 10, 20));
    }

    #[test]
    fn a_single_overdue_record_is_seen_among_a_million() {
        assert!(bar(&row(1_000_000, 1, 1), 1_000_000).starts_with('\u{2588}'));
        assert_eq!(bar(&row(0, 0, 0), 1), "");
    }
}
