//! `portcullis jobs`: what the node does by itself, and what it could not do.

mod deal;
mod kinds;
mod list;
mod run;
mod worker;

use crate::environment::Environment;
use crate::exit::Outcome;
use clap::Subcommand;
use portcullis_decide::GivenUpJob;
use portcullis_store::StoredJob;

/// What the node does by itself: run, list, retry, discard
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::Args),
    List(list::Args),
    /// Have a job that was given up tried again, from the beginning
    #[command(after_help = deal::AFTER)]
    Retry(deal::Args),
    /// Say of a job that was given up that it is never done
    #[command(after_help = deal::AFTER)]
    Discard(deal::Args),
}

/// Runs the command.
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Run(args) => run::run(&args, environment),
        Verb::List(args) => list::run(&args, environment),
        Verb::Retry(args) => deal::run(&args, deal::Way::Retry, environment),
        Verb::Discard(args) => deal::run(&args, deal::Way::Discard, environment),
    }
}

/// What a job that was given up is called: its own id, or where that was erased the id of the event
/// that told of it.
fn id_of(given_up: &GivenUpJob, jobs: &[StoredJob]) -> String {
    let job = jobs.iter().find(|job| job.record == given_up.job.record);
    job.map_or_else(|| given_up.id.to_string().replace('-', ""), |job| job.id.to_string())
}

/// The beginning of an id, which people type.
fn short(id: &str) -> &str {
    id.get(..8).unwrap_or(id)
}
