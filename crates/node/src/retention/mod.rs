//! `portcullis retention`: what is kept for how long, and what is erased.

mod erase;
mod keep;
mod list;
mod report;
mod run;
mod schedule;
mod show;

pub(crate) use run::sweep;
pub(crate) use schedule::in_force;

use crate::environment::Environment;
use crate::exit::Outcome;
use clap::Subcommand;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_decide::RecordNumber;
use portcullis_types::Clock;

/// What is kept for how long: report, run, list, show, keep, erase, schedule
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Report(report::Args),
    Run(run::Args),
    List(list::Args),
    Show(show::Args),
    Keep(keep::Args),
    Erase(erase::Args),
    Schedule(schedule::Args),
}

/// Runs the command.
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Report(args) => report::run(&args, environment),
        Verb::Run(args) => run::run(&args, environment),
        Verb::List(args) => list::run(&args, environment),
        Verb::Show(args) => show::run(&args, environment),
        Verb::Keep(args) => keep::run(&args, environment),
        Verb::Erase(args) => erase::run(&args, environment),
        Verb::Schedule(args) => schedule::run(&args, environment),
    }
}

/// The day it is (UTC): review dates are days of UTC.
fn today(clock: &dyn Clock) -> Date {
    clock.now().to_zoned(TimeZone::UTC).date()
}

/// A number of a record, as `retention list` shows it.
fn number(text: &str) -> Result<RecordNumber, String> {
    let number: u64 = text.parse().map_err(|_| {
        "the number of a record is a whole number, as `portcullis retention list` shows it"
            .to_owned()
    })?;
    RecordNumber::new(number).map_err(|error| error.to_string())
}
