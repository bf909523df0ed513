//! `portcullis retention show`: what is in a record, before somebody decides on it.

use super::{number, today};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words::plain;
use anyhow::Context;
use portcullis_decide::RecordNumber;
use portcullis_types::{Actor, Detail, Event};
use std::io::{self, Write};

/// Show a record: how long it is kept, and what happened to it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Number of the record, as `retention list` shows it
    #[arg(value_name = "RECORD", value_parser = number)]
    record: RecordNumber,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let today = today(environment.clock.as_ref());
    let (record, events) = Place::new(environment).needed_store()?.read(|r| {
        let record = r.record(&organisation(), args.record)?;
        let events = r.record_events(&organisation(), args.record)?;
        anyhow::Ok((record, events))
    })?;
    let record = record.with_context(|| format!("there is no record `{}`", args.record))?;
    let retention = record.retention;
    let mut out = io::stdout().lock();
    writeln!(out, "record {}", record.number)?;
    writeln!(out, "  kind         {}", retention.kind.code())?;
    writeln!(out, "  purpose      {}", retention.purpose.code())?;
    let due = if retention.is_due(today) { ", due" } else { "" };
    writeln!(out, "  review on    {}{due}", retention.review_on)?;
    writeln!(out, "  then         {}", retention.disposal.code())?;
    writeln!(out, "  kept longer  {} times", record.extensions)?;
    for event in &events {
        show(&mut out, event)?;
    }
    Ok(Outcome::Clear)
}

fn show(out: &mut impl Write, event: &Event) -> io::Result<()> {
    let by = match &event.actor {
        Actor::Officer(officer) => plain(officer.as_str()),
        Actor::Job(job) => job.as_str().to_owned(),
    };
    writeln!(out, "\n{:.0}  {}  by {by}", event.at.timestamp(), event.kind.as_str())?;
    for (name, detail) in event.details.iter() {
        let shown = match detail {
            Detail::Text(text) => plain(text.reveal()),
            Detail::Number(number) => number.to_string(),
            Detail::Bytes(bytes) => format!("{} bytes", bytes.len()),
        };
        writeln!(out, "  {name:<20} {shown}")?;
    }
    Ok(())
}
