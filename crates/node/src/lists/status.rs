//! `portcullis lists status`.

use super::{ListStore, say, sources};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::report::words::count;
use clap::ValueEnum;
use jiff::Timestamp;
use portcullis_decide::{Address, KeptList};
use portcullis_ingest::known_sources;
use serde::Serialize;
use std::io::{self, Write};

/// Show each list: format, issue, age, records
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How to write it
    #[arg(long, value_enum, default_value_t)]
    format: Form,

    /// Show the lists that can be added by name instead
    #[arg(long)]
    known: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Table,
    /// For programs
    Json,
}

#[derive(Debug, Serialize)]
struct Row<'a> {
    name: &'a str,
    source: &'a str,
    format: &'a str,
    version: &'a str,
    published: Option<String>,
    age_days: u32,
    age: String,
    rhythm_days: Option<u32>,
    overdue: bool,
    unchecked_days: u32,
    unchecked: bool,
    retired_since: Option<&'static str>,
    #[serde(skip)]
    from_file: bool,
    entries: u64,
    set_aside: u64,
    fetched_at: Timestamp,
    checked_at: Timestamp,
    addresses: Vec<&'a str>,
    issues_kept: Vec<&'a str>,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    if args.known {
        return known(args.format);
    }
    let store = ListStore::open(environment)?;
    let rows: Vec<Row<'_>> = store.lists().iter().map(|list| row(&store, list)).collect();
    let mut out = io::stdout().lock();
    match args.format {
        Form::Json => {
            serde_json::to_writer_pretty(&mut out, &rows)?;
            writeln!(out)?;
        }
        Form::Table if rows.is_empty() => {
            writeln!(out, "There is no list yet. Add one with `portcullis lists add NAME`.")?;
        }
        Form::Table => table(&mut out, &rows)?,
    }
    rows.iter().for_each(warn);
    Ok(Outcome::Clear)
}

#[derive(Debug, Serialize)]
struct KnownRow {
    name: &'static str,
    title: &'static str,
    publisher: &'static str,
    page: &'static str,
    licence: &'static str,
    format: &'static str,
    retired_since: Option<&'static str>,
}

fn known(form: Form) -> anyhow::Result<Outcome> {
    let rows: Vec<_> = known_sources()
        .iter()
        .map(|known| KnownRow {
            name: known.name,
            title: known.title,
            publisher: known.publisher,
            page: known.page,
            licence: known.licence,
            format: known.format.code(),
            retired_since: sources::retired_since(known.name),
        })
        .collect();
    let mut out = io::stdout().lock();
    if form == Form::Json {
        serde_json::to_writer_pretty(&mut out, &rows)?;
        writeln!(out)?;
        return Ok(Outcome::Clear);
    }
    for row in rows {
        writeln!(out, "{}", row.name)?;
        writeln!(out, "  list          {}", row.title)?;
        writeln!(out, "  publisher     {}", row.publisher)?;
        writeln!(out, "  licence       {}", row.licence)?;
        writeln!(out, "  page          {}", row.page)?;
        if let Some(since) = row.retired_since {
            writeln!(out, "  retired       since {since}")?;
        }
    }
    Ok(Outcome::Clear)
}

/// Says what makes a list unfit to rely on, and what to do.
fn warn(row: &Row<'_>) {
    let name = row.name;
    if let Some(since) = row.retired_since {
        say(&format!(
            "warning: `{name}` has not been kept up to date by its publisher since {since}; do not use it alone"
        ));
    } else if row.overdue {
        say(&format!(
            "warning: `{name}` is {}, and a newer issue is to be expected after {} days; {}",
            row.age,
            row.rhythm_days.unwrap_or_default(),
            if row.from_file {
                "replace its file by the newest and update it, or add it by its address".to_owned()
            } else {
                format!("run `portcullis lists update {name}`")
            }
        ));
    } else if row.unchecked {
        say(&format!(
            "warning: nobody has looked for a newer issue of `{name}` for {} days; run `portcullis lists update {name}`",
            row.unchecked_days
        ));
    }
}

fn row<'a>(store: &ListStore, list: &'a KeptList) -> Row<'a> {
    let age = store.age(list);
    Row {
        name: list.name.as_str(),
        source: list.source.as_str(),
        format: &list.format,
        version: list.current.version.as_str(),
        published: list.current.published.map(|day| day.to_string()),
        age_days: age.days,
        age: age.to_string(),
        rhythm_days: list.rhythm_days,
        overdue: age.is_overdue(),
        unchecked_days: age.unchecked_days,
        unchecked: age.is_unchecked(),
        retired_since: sources::retired_since(list.source.as_str()),
        from_file: !age.is_from_web,
        entries: list.current.entries,
        set_aside: list.current.set_aside,
        fetched_at: list.current.recorded_at,
        checked_at: list.checked_at,
        addresses: list.addresses.iter().map(Address::as_str).collect(),
        issues_kept: list.issues().map(|issue| issue.version.as_str()).collect(),
    }
}

fn table(out: &mut impl Write, rows: &[Row<'_>]) -> io::Result<()> {
    for row in rows {
        writeln!(out, "{}", row.name)?;
        let published = row.published.as_deref().unwrap_or("not stated by its publisher");
        writeln!(out, "  format        {}", row.format)?;
        writeln!(out, "  issue         {}", row.version)?;
        writeln!(out, "  published     {published}")?;
        let overdue = if row.overdue { ", overdue" } else { "" };
        writeln!(out, "  age           {}{overdue}", row.age)?;
        writeln!(out, "  records       {}", count(row.entries))?;
        writeln!(out, "  set aside     {}", count(row.set_aside))?;
        writeln!(out, "  last checked  {:.0}", row.checked_at)?;
        writeln!(out, "  kept issues   {}", row.issues_kept.join(", "))?;
        for address in &row.addresses {
            writeln!(out, "  from          {}", address.split('?').next().unwrap_or_default())?;
        }
    }
    Ok(())
}
