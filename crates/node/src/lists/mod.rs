//! `portcullis lists`: copies of open lists, kept up to date, and the index compiled from them.

mod shelf;

pub(crate) use shelf::{Age, Changes, Compiled, ListStore};

use crate::environment::Environment;
use crate::exit::Outcome;

/// Arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs the command.
pub(crate) fn run(_args: Args, _environment: &mut Environment) -> anyhow::Result<Outcome> {
    anyhow::bail!("not built yet")
}
