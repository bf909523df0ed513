//! `portcullis exchange dead`.

use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words::plain;
use jiff::Timestamp;
use portcullis_store::{StoreError, StoredEvent};
use portcullis_types::Detail;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Show the messages that waited too long and were given up
///
/// What they said is gone, and their recipient is told that something did not come. Whoever wrote one
/// writes it anew: nothing is sent late by itself.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// For programs: one object a line
    #[arg(long)]
    json: bool,
}

/// The kind of the event that tells of one.
const GIVEN_UP: &str = "exchange.given-up";

#[derive(Debug, Serialize)]
struct Row {
    at: Timestamp,
    to: String,
    message: String,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let rows = store.read(|r| {
        let mut rows = Vec::new();
        let mut after = 0;
        loop {
            let (events, next) = r.events_after(&organisation(), after)?;
            rows.extend(events.iter().filter(|e| e.event.kind.as_str() == GIVEN_UP).map(row));
            match next {
                Some(next) => after = next,
                None => return Ok::<_, StoreError>(rows),
            }
        }
    })?;
    let mut out = io::stdout().lock();
    if rows.is_empty() && !args.json {
        writeln!(out, "no message was given up")?;
    }
    for row in &rows {
        if args.json {
            serde_json::to_writer(&mut out, row)?;
            writeln!(out)?;
        } else {
            writeln!(out, "{}  to {}  message {}", row.at, plain(&row.to), row.message)?;
        }
    }
    Ok(Outcome::Clear)
}

fn row(stored: &StoredEvent) -> Row {
    let details = &stored.event.details;
    let to = match details.get("organisation") {
        Some(Detail::Text(to)) => to.reveal().to_owned(),
        _ => String::new(),
    };
    let mut message = String::new();
    if let Some(Detail::Bytes(bytes)) = details.get("message") {
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(message, "{byte:02x}");
        }
    }
    Row { at: stored.event.at.timestamp(), to, message }
}
