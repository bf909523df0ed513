//! `portcullis policy show`: what the policies say.

use super::folder::{PoliciesFrom, in_force, whose};
use crate::exit::Outcome;
use crate::report::words::plain;
use portcullis_access::Effect;
use std::io::{self, Write};

/// Say in plain English what the policies allow and forbid
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    from: PoliciesFrom,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let policies = in_force(&args.from)?;
    let mut out = io::stdout().lock();
    let whose = whose(&args.from);
    writeln!(out, "The policies in force are {whose}, version {}.", policies.version())?;
    for (effect, heading) in [
        (Effect::Forbid, "Forbidden, whatever is allowed below:"),
        (Effect::Permit, "Allowed; what nothing here allows is refused:"),
    ] {
        writeln!(out, "\n{heading}")?;
        for rule in policies.rules().filter(|rule| rule.effect() == effect) {
            writeln!(out, "  {}", plain(rule.id()))?;
            writeln!(out, "      {}", plain(rule.says()))?;
            if let Some(source) = rule.source() {
                writeln!(out, "      Why: {}", plain(source))?;
            }
        }
    }
    Ok(Outcome::Clear)
}
