//! `portcullis keys destroy`.

use super::OfficerArgs;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use anyhow::ensure;
use portcullis_decide::KeyDeed;
use std::io::{self, Write};

/// Destroy the keys of an earlier generation, for good
///
/// Backups from before the rotation can't be read any more then, except by whoever has a copy of the
/// keyring from before. Refused while anything in the store still needs them.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The generation, as `keys status` shows it
    #[arg(value_name = "GENERATION")]
    generation: u32,

    /// It is meant: this can't be undone
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    officer: OfficerArgs,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let generation = args.generation;
    ensure!(
        args.yes,
        "this can't be undone: backups from before the rotation will be unreadable; say --yes if it is meant"
    );
    let mut store = Place::new(environment).needed_store()?;
    let change = args.officer.change(environment, KeyDeed::Destroyed, generation)?;
    store.destroy_generation(&change)?;
    writeln!(
        io::stdout(),
        "generation {generation} is destroyed here. Copies of the keyring from before still have it: destroy those, too"
    )?;
    Ok(Outcome::Clear)
}
