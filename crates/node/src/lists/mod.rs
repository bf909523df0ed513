//! `portcullis lists`: copies of open lists, kept up to date, and the index compiled from them.
//!
//! A new issue is fetched to a place of its own, checked, read from end to end and compiled before
//! the store is told, in one transaction with the event, that it is now the current one. Whatever
//! fails before that leaves the old issue in use.

mod add;
mod compiled;
mod diff;
mod history;
pub(crate) mod http;
mod intake;
mod place;
mod progress;
mod remove;
mod shelf;
mod sources;
mod status;
mod take;
mod unpack;
mod update;

pub(crate) use place::Place;
pub(crate) use shelf::{Age, Changes, Compiled, ListStore};

use crate::environment::Environment;
use crate::exit::Outcome;
use anyhow::Context;
use clap::Subcommand;
use portcullis_types::OfficerId;
use std::env;
use std::io::Write;

/// Copies of open lists.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Add(add::Args),
    Update(update::Args),
    Status(status::Args),
    Diff(diff::Args),
    Remove(remove::Args),
}

/// Runs the command.
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Add(args) => add::run(args, environment),
        Verb::Update(args) => update::run(&args, environment),
        Verb::Status(args) => status::run(&args, environment),
        Verb::Diff(args) => diff::run(&args, environment),
        Verb::Remove(args) => remove::run(&args, environment),
    }
}

/// Who changes a list: the officer named, else whoever is signed in to this machine.
#[derive(Debug, Clone, clap::Args)]
struct OfficerArgs {
    /// Your account name, for the record [default: the user signed in]
    #[arg(long, value_name = "NAME", visible_alias = "by")]
    officer: Option<OfficerId>,
}

impl OfficerArgs {
    fn officer(&self) -> anyhow::Result<OfficerId> {
        if let Some(officer) = &self.officer {
            return Ok(officer.clone());
        }
        ["USER", "LOGNAME", "USERNAME"]
            .into_iter()
            .find_map(|name| OfficerId::new(&env::var(name).ok()?).ok())
            // A scheduled task has no such variables, but it runs as somebody.
            .or_else(|| OfficerId::new(&whoami::username().ok()?).ok())
            .context("cannot tell who you are; give your name with --officer")
    }
}

/// Says something on stderr, beside the result.
fn say(message: &str) {
    let mut stderr = anstream::stderr().lock();
    // Nobody listening is no reason to stop.
    let _ = writeln!(stderr, "{}", crate::report::words::plain(message));
}
