//! `portcullis audit verify`.

mod against;
mod export;
mod single;

use super::trust::TrustArgs;
use crate::exit::Outcome;
use crate::report::words::plain;
use anyhow::Context;
use portcullis_audit::{Checkpoint, Satisfied};
use std::io::{self, Write};
use std::path::PathBuf;

/// Check an export, a receipt or an opening
///
/// Needs no node, no key of one and no data folder. Without --policy or --key an export is checked
/// against the key that came with it, which shows that it is whole, not whose it is.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// A folder with an export; a receipt (.tlog-proof); an opening; a checkpoint; evidence of a split
    #[arg(value_name = "PATH")]
    path: PathBuf,

    #[command(flatten)]
    trust: TrustArgs,

    /// What others hold of the same log: exports, receipts or checkpoints. Finds out whether the log
    /// showed them another history
    #[arg(long, value_name = "PATH", num_args = 1..)]
    against: Vec<PathBuf>,

    /// Of an opening: show what the event says, names included
    #[arg(long)]
    show: bool,
}

const AFTER: &str = "\
Exit status:
  0  sound      1  not sound, and it says what      2  could not be looked at

Example:
  portcullis audit verify log-of-march --key KEY --against checkpoint-from-witness";

/// What came of looking.
enum Finding {
    /// It is as it should be.
    Sound,
    /// It isn't, and this is why.
    Unsound(anyhow::Error),
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let metadata = args.path.metadata();
    let metadata = metadata.with_context(|| format!("cannot look at `{}`", args.path.display()))?;
    let policy = args.trust.policy()?;
    let finding = if metadata.is_dir() {
        export::look(&args.path, policy.clone())?
    } else {
        single::look(&args.path, policy.as_ref(), args.show)?
    };
    let finding = match finding {
        Finding::Sound if !args.against.is_empty() => {
            against::look(&args.path, &args.against, policy)?
        }
        finding => finding,
    };
    let mut out = io::stdout().lock();
    match finding {
        Finding::Sound => {
            writeln!(out, "sound")?;
            Ok(Outcome::Clear)
        }
        Finding::Unsound(error) => {
            writeln!(out, "NOT SOUND: {}", plain(&error.to_string()))?;
            for cause in error.chain().skip(1) {
                writeln!(out, "  because: {}", plain(&cause.to_string()))?;
            }
            Ok(Outcome::Unsound)
        }
    }
}

/// Says what a checkpoint is and who stands for it.
fn say_head(satisfied: &Satisfied) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let head: &Checkpoint = &satisfied.checkpoint;
    writeln!(out, "log        {}", plain(head.origin()))?;
    writeln!(out, "leaves     {}", head.size())?;
    writeln!(out, "root       {}", head.root())?;
    for cosignature in &satisfied.cosigners {
        let at = super::time(cosignature.time_s.saturating_mul(1_000_000));
        writeln!(out, "witnessed  by {} at {at}", plain(cosignature.name.as_str()))?;
    }
    if satisfied.cosigners.is_empty() {
        writeln!(out, "witnessed  by nobody that the policy names")?;
    }
    Ok(())
}
