//! `portcullis audit events`.

use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use portcullis_store::{LogView, Whereabouts};
use std::io::{self, Write};

/// List events by id, kind and time, and where each is in the log
///
/// Names nobody: what an event says is shown by what it is about, like `decisions list`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only those of this kind, like `screening.decision.recorded`
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    Place::new(environment).needed_store()?.read_logs(&organisation(), |view| list(args, view))?;
    Ok(Outcome::Clear)
}

fn list(args: &Args, view: &LogView<'_, '_>) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    let mut next = Some(0);
    while let Some(position) = next {
        let (page, further) = view.events_after(position)?;
        for stored in page {
            let event = &stored.event;
            if args.kind.as_ref().is_some_and(|kind| kind != event.kind.as_str()) {
                continue;
            }
            let place = match view.whereabouts(event.id)? {
                Whereabouts::InLog { index, .. } => format!("entry {index}"),
                Whereabouts::Waiting { .. } | Whereabouts::Unknown => "waits".to_owned(),
            };
            let at = event.at.timestamp();
            writeln!(out, "{}  {at:.0}  {}  {place}", event.id, event.kind)?;
        }
        next = further;
    }
    Ok(())
}
