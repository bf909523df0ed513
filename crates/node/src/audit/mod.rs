//! What happened, so that others can check it.

use crate::environment::Environment;
use crate::exit::Outcome;

/// Verify, prove, export and witness the log.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Does it.
pub(crate) fn run(_args: Args, _environment: &mut Environment) -> anyhow::Result<Outcome> {
    anyhow::bail!("not there yet")
}
