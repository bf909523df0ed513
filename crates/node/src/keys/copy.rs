//! `portcullis keys copy`.

use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::private_file;
use anyhow::Context;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

/// Copy the keyring, locked as it is, to a file to be kept in a safe place
///
/// Without the keyring nothing that is kept can be read, and no backup holds it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The file; never over one that is there
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    // Opened first: what can't be opened is no copy worth keeping.
    let store = Place::new(environment).needed_store()?;
    let state = store.keyring_state();
    let bytes = fs::read(&state.path)
        .with_context(|| format!("cannot read the keyring `{}`", state.path.display()))?;
    private_file::create_new(&args.file)
        .and_then(|mut file| {
            file.write_all(&bytes)?;
            file.sync_all()
        })
        .with_context(|| format!("cannot write `{}`", args.file.display()))?;
    writeln!(
        io::stdout(),
        "copied the keyring at revision {} to `{}`.\nIt is opened by what opens the keyring now: keep that elsewhere. It opens every record that is kept now, those erased later included, to whoever has both: after an erasure or a rotation, make a new copy and destroy this one.",
        state.revision,
        args.file.display()
    )?;
    Ok(Outcome::Clear)
}
