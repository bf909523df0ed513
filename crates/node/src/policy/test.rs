//! `portcullis policy test`: whether policies answer as they must.

use super::folder::{PoliciesFrom, in_force, text, whose};
use crate::exit::Outcome;
use crate::report::words::plain;
use portcullis_access::cases::{self, Case};
use portcullis_access::mutants;
use std::io::{self, Write};
use std::path::PathBuf;

/// Try policies on cases: who asks for what, and what must come out
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// Files of cases; without any, those of the program
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Also change every clause of the policies, one at a time, and look whether a case notices
    #[arg(long)]
    mutate: bool,

    #[command(flatten)]
    from: PoliciesFrom,
}

const AFTER: &str = "\
A case is a few lines of TOML:
    [[case]]
    name = \"an officer reads alerts up to her clearance\"
    asker = { like = \"officer\", clearance = 1 }
    act = [\"read\", \"count\"]
    thing = { like = \"alert\", level = 2 }
    refused = [\"clearance\"]
It names exactly the policies that allow (`allowed`) or forbid (`refused`); `refused = []` is what nothing
allows. Whom and what the program's cases speak of stands in `0-people-and-things.toml`, which
`portcullis policy copy` writes: give it along where your cases use its names.

Exit status:
  0  every case holds, and with --mutate every change is noticed
  1  some don't, and it says which      2  could not be tried

Example:
  portcullis policy test --policies policies --mutate policies/cases/*.toml";

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let policies = in_force(&args.from)?;
    let cases = read(&args.files)?;
    let mut out = io::stdout().lock();
    writeln!(out, "policies: {}, version {}", whose(&args.from), policies.version())?;
    let mut failing = 0_usize;
    for case in &cases {
        if let Err(difference) = case.check(&policies) {
            failing += 1;
            let line = format!("{}: {}: {difference}", case.file, case.name);
            writeln!(out, "  FAILS {}", plain(&line))?;
        }
    }
    writeln!(out, "{} cases, {failing} fail", cases.len())?;
    if failing > 0 {
        return Ok(Outcome::Unsound);
    }
    if !args.mutate {
        return Ok(Outcome::Clear);
    }
    let report = mutants::run(&policies, &cases)?;
    for one in &report.unnoticed {
        writeln!(out, "  UNNOTICED {}", plain(&format!("{}: {}", one.policy, one.change)))?;
    }
    writeln!(
        out,
        "{} changes of clauses, {} that no case notices",
        report.changes,
        report.unnoticed.len()
    )?;
    Ok(if report.unnoticed.is_empty() { Outcome::Clear } else { Outcome::Unsound })
}

/// The cases of these files, or of the program where there are none.
fn read(files: &[PathBuf]) -> anyhow::Result<Vec<Case>> {
    if files.is_empty() {
        return Ok(Case::read(cases::SHIPPED.iter().copied())?);
    }
    let mut texts = Vec::new();
    for path in files {
        texts.push((path.display().to_string(), text(path)?));
    }
    Ok(Case::read(texts.iter().map(|(name, text)| (name.as_str(), text.as_str())))?)
}
