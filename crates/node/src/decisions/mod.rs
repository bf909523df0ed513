//! `portcullis decisions`: what named officers decided on alerts.

mod memory;

pub(crate) use memory::{DecisionMemory, Raised, record_raised, reference};

use crate::environment::Environment;
use crate::exit::Outcome;
use portcullis_types::OrganisationId;

/// Arguments.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {}

/// Runs the command.
pub(crate) fn run(_args: Args, _environment: &mut Environment) -> anyhow::Result<Outcome> {
    anyhow::bail!("not built yet")
}

/// The organisation that this node works for.
pub(crate) fn organisation() -> OrganisationId {
    OrganisationId::new("own").expect("a constant that is an id")
}
