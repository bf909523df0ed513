//! `portcullis exchange export` and `portcullis exchange import`.

use super::driver::{count_refusal, export_file, import_file, tidy};
use super::standing::Standing;
use super::{Failed, tell_refused};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::private_file;
use crate::report::words::several;
use anyhow::Context as _;
use portcullis_exchange::MOST_FRAME_BYTES;
use portcullis_store::Database;
use portcullis_types::OrganisationId;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

/// Write all that waits for a member to a file, to be carried there
///
/// The file holds 4, 16, 64, 256 or 1024 envelopes, whatever waits, and nobody but its recipient can
/// tell which of them say something. It is never enough to have written it: until the recipient says,
/// in a file or a poll, that it has it, the same goes into later files again.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// For whom
    #[arg(value_name = "PEER")]
    peer: OrganisationId,

    /// Where it goes
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn export(args: &ExportArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let clock = environment.clock.as_ref();
    let mut store = Place::new(environment).needed_store()?;
    let standing = store.read(Standing::read)?;
    tidy(&mut store, clock)?;
    let frame = export_file(&mut store, clock, &standing, &args.peer)?;
    private_file::put(&args.file, &frame.to_bytes()).with_context(|| {
        format!(
            "cannot write `{}`; what was to be in it goes into a later file",
            args.file.display()
        )
    })?;
    let count = several(frame.size().count() as u64, "envelope", "envelopes");
    writeln!(io::stdout(), "wrote {count} for `{}` to `{}`", args.peer, args.file.display())?;
    Ok(Outcome::Clear)
}

/// Take files that were carried here; the same one may be taken again, and in any order
///
/// Who sent a file is what its signature says, wherever it comes from.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct ImportArgs {
    /// Files that other members wrote for this one
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

const AFTER: &str = "\
Exit status: 0  all was taken    1  something was refused, and it was said what and by which name";

pub(super) fn import(args: &ImportArgs, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let standing = store.read(Standing::read)?;
    let mut is_whole = true;
    for path in &args.files {
        is_whole &= take(&mut store, environment, &standing, path)?;
    }
    tidy(&mut store, environment.clock.as_ref())?;
    Ok(if is_whole { Outcome::Clear } else { Outcome::Unsound })
}

/// Takes a file, and says whether all of it was.
fn take(
    store: &mut Database,
    environment: &Environment,
    standing: &Standing,
    path: &Path,
) -> anyhow::Result<bool> {
    let (clock, shown) = (environment.clock.as_ref(), path.display());
    let bytes = read(path).with_context(|| format!("cannot read `{shown}`"))?;
    let mut out = io::stdout().lock();
    match import_file(store, clock, standing, &bytes) {
        Ok((peer, brought)) => {
            let refused = brought.received.refused.len();
            let taken = several(brought.received.taken.len() as u64, "envelope", "envelopes");
            writeln!(out, "`{shown}` of `{peer}`: {taken} taken, {refused} refused")?;
            tell_refused(&peer, &brought);
            Ok(refused == 0)
        }
        Err(failed) if failed.refusal().is_some() => {
            count_refusal(store, clock, &failed)?;
            writeln!(out, "`{shown}` is refused ({}): {failed}", failed.code())?;
            Ok(false)
        }
        Err(failed) => Err(Failed::into(failed)),
    }
}

/// Reads so much that whatever is longer is seen to be.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = (MOST_FRAME_BYTES as u64).saturating_add(1);
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}
