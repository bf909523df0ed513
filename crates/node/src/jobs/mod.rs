//! What the node does by itself.

use crate::environment::Environment;
use crate::exit::Outcome;

/// See to the jobs of the node.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Does it.
pub(crate) fn run(_args: Args, _environment: &mut Environment) -> anyhow::Result<Outcome> {
    anyhow::bail!("not there yet")
}
