//! `portcullis exchange`: what goes to other organisations and comes from them, over the network and by
//! files. What it says is no matter of this module.
//!
//! A handler of messages reads what came with [`portcullis_store::Exchange::arrivals`], and queues what
//! it has to say with [`portcullis_store::ExchangeWriter::queue_message`], in its own transaction. Who
//! this node is in the federation, and with whom it exchanges, [`standing`] says.

mod call;
mod dead;
mod driver;
mod failed;
mod files;
mod poll;
mod polling;
mod standing;
mod status;
mod terms;

pub(crate) use call::{FRAME_TYPE, POLL_PATH};
pub(crate) use driver::{believe_request, count_refusal, take_request, tidy};
pub(crate) use failed::Failed;
pub(crate) use polling::{Polled, Polling};
pub(crate) use standing::Standings;
pub(crate) use terms::{Terms, TermsArgs};

use crate::environment::Environment;
use crate::exit::Outcome;
use crate::report::words::plain;
use clap::Subcommand;
use portcullis_store::Brought;
use portcullis_types::OrganisationId;
use std::fmt;
use std::io::Write;

/// What goes to other organisations and comes from them: status, poll, export, import, dead
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Status(status::Args),
    Poll(poll::Args),
    Export(files::ExportArgs),
    Import(files::ImportArgs),
    Dead(dead::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match &args.verb {
        Verb::Status(args) => status::run(args, environment),
        Verb::Poll(args) => poll::run(args, environment),
        Verb::Export(args) => files::export(args, environment),
        Verb::Import(args) => files::import(args, environment),
        Verb::Dead(args) => dead::run(args, environment),
    }
}

/// Says something on stderr, beside the result.
fn say(message: fmt::Arguments<'_>) {
    let mut stderr = anstream::stderr().lock();
    // Nobody listening is no reason to stop.
    let _ = writeln!(stderr, "{}", plain(&message.to_string()));
}

/// Says what was refused of what somebody sent, and what was given up by the way.
fn tell_refused(peer: &OrganisationId, brought: &Brought) {
    for (place, reason) in &brought.received.refused {
        let place = place.saturating_add(1);
        say(format_args!("envelope {place} of `{peer}` is refused ({}): {reason}", reason.code()));
    }
    for _ in &brought.given_up {
        say(format_args!("a message to `{peer}` waited too long and is given up"));
    }
}
