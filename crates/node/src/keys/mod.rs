//! `portcullis keys`: the keys that open what the node keeps.

mod change;
mod copy;
mod destroy;
mod paper;
mod rotate;
mod status;

use crate::decisions::{officer, organisation};
use crate::environment::Environment;
use crate::exit::Outcome;
use clap::Subcommand;
use portcullis_decide::{Change, ChangedKeys, KeyDeed, change_keys};
use portcullis_types::OfficerId;

/// See to the keys that open what is kept: status, rotate, destroy, change, copy, paper
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Status(status::Args),
    Rotate(rotate::Args),
    Destroy(destroy::Args),
    Change(change::Args),
    Copy(copy::Args),
    Paper(paper::Args),
}

/// Runs the command.
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match args.verb {
        Verb::Status(args) => status::run(&args, environment),
        Verb::Rotate(args) => rotate::run(&args, environment),
        Verb::Destroy(args) => destroy::run(&args, environment),
        Verb::Change(args) => change::run(&args, environment),
        Verb::Copy(args) => copy::run(&args, environment),
        Verb::Paper(args) => paper::run(&args, environment),
    }
}

/// Who answers for a change to the keys.
#[derive(Debug, Clone, clap::Args)]
struct OfficerArgs {
    /// Your account name, for the record; names of jobs and shared accounts are refused
    #[arg(long, visible_alias = "by", value_name = "NAME", value_parser = officer)]
    officer: OfficerId,
}

impl OfficerArgs {
    fn change(
        &self,
        environment: &mut Environment,
        deed: KeyDeed,
        generation: u32,
    ) -> anyhow::Result<Change<ChangedKeys>> {
        let changed = ChangedKeys { organisation: organisation(), deed, generation };
        let (clock, rng) = (environment.clock.as_ref(), environment.rng.as_mut());
        Ok(change_keys(clock, rng, self.officer.clone(), changed)?)
    }
}
