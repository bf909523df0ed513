//! `portcullis policy check`: whether policies can be used.

use super::folder::files;
use crate::exit::Outcome;
use crate::report::words::plain;
use portcullis_access::{Effect, Policies, Rule};
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::PathBuf;

/// Look whether the policies in a folder can be used
///
/// Every file must parse and hold to the schema, strictly and without a warning, and every policy must
/// have a name (`@id`) and say what it does (`@says`).
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// The folder; without it, the program's own policies
    #[arg(env = "PORTCULLIS_POLICIES", value_name = "DIR", hide_env_values = true)]
    folder: Option<PathBuf>,
}

const AFTER: &str = "\
Exit status:
  0  they can be used      1  they can't, and it says where and why      2  could not be looked at

That they can be used doesn't say that they are right: portcullis policy test --help";

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut out = io::stdout().lock();
    let shipped = Policies::shipped();
    let Some(folder) = &args.folder else {
        let number = shipped.rules().count();
        writeln!(out, "the program's own: {number} policies, version {}", shipped.version())?;
        return Ok(Outcome::Clear);
    };
    let policies = match Policies::read(files(folder)?) {
        Ok(policies) => policies,
        Err(error) => {
            writeln!(out, "NOT USABLE: `{}`", folder.display())?;
            if error.faults().is_empty() {
                writeln!(out, "  {}", plain(&error.to_string()))?;
            }
            for fault in error.faults() {
                writeln!(out, "  {}", plain(&fault.to_string()))?;
            }
            return Ok(Outcome::Unsound);
        }
    };
    let number = policies.rules().count();
    writeln!(out, "`{}`: {number} policies, version {}", folder.display(), policies.version())?;
    let own: BTreeSet<&str> = policies.rules().map(Rule::id).collect();
    let gone: Vec<&Rule> = shipped.rules().filter(|rule| !own.contains(rule.id())).collect();
    for (effect, what) in [
        (Effect::Forbid, "The program forbids this, and no policy of this name is here:"),
        (Effect::Permit, "The program allows this, and no policy of this name is here:"),
    ] {
        let mut gone = gone.iter().filter(|rule| rule.effect() == effect).peekable();
        if gone.peek().is_some() {
            writeln!(out, "{what}")?;
        }
        for rule in gone {
            writeln!(out, "  {}: {}", rule.id(), rule.says())?;
        }
    }
    Ok(Outcome::Clear)
}
