//! `portcullis audit`: what happened, so that others can check it.
//!
//! What only the node can do (`open`, `sequence`, `export`, `prove`, `events`, and as a witness
//! `cosign`) opens the store. `verify` and what a witness is sent need no node, no key and no data.

mod events;
mod export;
mod folder;
mod open;
mod prove;
mod sequence;
mod trust;
mod verify;
mod witness;

use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::Context;
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use portcullis_store::{Log, LogView};

/// Let others check what happened: open, sequence, verify, prove, export, witness
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Open(open::Args),
    Sequence(sequence::Args),
    Events(events::Args),
    Export(export::Args),
    Prove(prove::Args),
    Verify(verify::Args),
    Witness(witness::Args),
}

/// Runs the command.
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Open(args) => open::run(&args, environment),
        Verb::Sequence(args) => sequence::run(&args, environment),
        Verb::Events(args) => events::run(&args, environment),
        Verb::Export(args) => export::run(&args, environment),
        Verb::Prove(args) => prove::run(&args, environment),
        Verb::Verify(args) => verify::run(&args),
        Verb::Witness(args) => witness::run(args, environment),
    }
}

/// The log of this origin, else the one that is open.
fn log(view: &LogView<'_, '_>, origin: Option<&str>) -> anyhow::Result<Log> {
    match origin {
        None => {
            view.current()?.context("there is no log yet; open one with `portcullis audit open`")
        }
        Some(origin) => view
            .logs()?
            .into_iter()
            .find(|log| log.origin == origin)
            .with_context(|| format!("there is no log `{origin}` here")),
    }
}

/// Microseconds since 1970 as a time for people.
fn time(at_us: u64) -> String {
    i64::try_from(at_us)
        .ok()
        .and_then(|at_us| Timestamp::from_microsecond(at_us).ok())
        .map_or_else(|| "a time out of range".to_owned(), |at| format!("{at:.0}"))
}

/// Now, in microseconds since 1970.
pub(crate) fn now_us(environment: &Environment) -> u64 {
    u64::try_from(environment.clock.now().as_microsecond()).unwrap_or_default()
}

/// A bar on standard error, where that is a terminal.
fn bar(what: &'static str, length: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:30} {pos} of {len}, about {eta} left");
    let bar = ProgressBar::new(length)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(what);
    bar.set_draw_target(indicatif::ProgressDrawTarget::stderr());
    bar
}
