//! `portcullis decisions`: what named officers decided on alerts.

mod memory;

pub(crate) use memory::{DecisionMemory, Raised, record_raised, reference};

use crate::environment::Environment;
use crate::exit::Outcome;

/// Arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs the command.
pub(crate) fn run(_args: Args, _environment: &mut Environment) -> anyhow::Result<Outcome> {
    anyhow::bail!("not built yet")
}
