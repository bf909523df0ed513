//! `portcullis policy check`: whether policies can be used.

use super::folder::{files, missing};
use crate::exit::Outcome;
use crate::report::words::plain;
use portcullis_access::{Effect, Fault, Policies};
use std::collections::BTreeMap;
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

/// Faults told of each file.
const TOLD: usize = 5;

const AFTER: &str = "\
Exit status:
  0  they can be used, and forbid all that the program's own forbid by name
  1  they can't be used, and it says where and why; or they can, and one of the program's own that
     forbid is missing from them
  2  could not be looked at

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
            faults(&mut out, error.faults())?;
            return Ok(Outcome::Unsound);
        }
    };
    let number = policies.rules().count();
    writeln!(out, "`{}`: {number} policies, version {}", folder.display(), policies.version())?;
    let mut outcome = Outcome::Clear;
    for (effect, what) in [
        (Effect::Forbid, "MISSING: the program forbids this, and no policy of this name is here:"),
        (Effect::Permit, "The program allows this, and no policy of this name is here:"),
    ] {
        let gone = missing(&policies, effect);
        if gone.is_empty() {
            continue;
        }
        writeln!(out, "{what}")?;
        for rule in gone {
            writeln!(out, "  {}: {}", rule.id(), rule.says())?;
        }
        if effect == Effect::Forbid {
            outcome = Outcome::Unsound;
        }
    }
    Ok(outcome)
}

/// The first faults of each file: a word that is wrong is wrong in many places.
fn faults(out: &mut impl Write, faults: &[Fault]) -> io::Result<()> {
    let mut by_file: BTreeMap<&str, Vec<&Fault>> = BTreeMap::new();
    for fault in faults {
        by_file.entry(&fault.file).or_default().push(fault);
    }
    for (file, faults) in by_file {
        for fault in faults.iter().take(TOLD) {
            writeln!(out, "  {}", plain(&fault.to_string()))?;
        }
        if let Some(more) = faults.len().checked_sub(TOLD).filter(|more| *more > 0) {
            writeln!(out, "  `{}`: and {more} more", plain(file))?;
        }
    }
    Ok(())
}
