//! What is kept for how long, and what is erased.

use crate::environment::Environment;
use crate::exit::Outcome;

/// Review and erase what is kept.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Does it.
pub(crate) fn run(_args: Args, _environment: &mut Environment) -> anyhow::Result<Outcome> {
    anyhow::bail!("not there yet")
}
