//! `portcullis audit witness`.

use crate::environment::Environment;
use crate::exit::Outcome;

/// Witness
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: Args, _environment: &mut Environment) -> anyhow::Result<Outcome> {
    anyhow::bail!("not there yet")
}
