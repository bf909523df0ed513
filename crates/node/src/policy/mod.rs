//! `portcullis policy`: who may see or do what, and why.

mod check;
mod copy;
mod explain;
mod folder;
mod show;
mod test;

pub(crate) use folder::{PoliciesFrom, in_force, missing};

use crate::environment::Environment;
use crate::exit::Outcome;
use clap::Subcommand;

/// Who may see or do what, and why: show, explain, copy, check, test
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

const AFTER: &str = "\
To make the policies your own, begin with those of the program, change them, and try them:
    portcullis policy copy policies
    portcullis policy check policies
    portcullis policy test --policies policies --mutate policies/cases/*.toml
    portcullis serve --policies policies
Needs no node, no key and no data.";

#[derive(Debug, Subcommand)]
enum Verb {
    Show(show::Args),
    Explain(explain::Args),
    Copy(copy::Args),
    Check(check::Args),
    Test(test::Args),
}

/// Runs the command.
pub(crate) fn run(args: &Args, environment: &Environment) -> anyhow::Result<Outcome> {
    match &args.verb {
        Verb::Show(args) => show::run(args),
        Verb::Explain(args) => explain::run(args, environment.clock.now()),
        Verb::Copy(args) => copy::run(args),
        Verb::Check(args) => check::run(args),
        Verb::Test(args) => test::run(args),
    }
}
