//! `portcullis restore`.

use crate::environment::Environment;
use crate::exit::Outcome;

/// Sees to copies of what the node keeps.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Does it.
pub(crate) fn run(_args: Args, _environment: &mut Environment) -> anyhow::Result<Outcome> {
    anyhow::bail!("not there yet")
}
