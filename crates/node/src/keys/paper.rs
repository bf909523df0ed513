//! `portcullis keys paper`.

use crate::environment::Environment;
use crate::exit::Outcome;
use crate::key_file::KeySource;
use crate::lists::Place;
use anyhow::{Context, bail};
use portcullis_keys::KeyFileText;
use std::fs;
use std::io::{self, Write};
use zeroize::Zeroizing;

/// Show the key, to be written down or printed for the safe
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    // Opened first: a key that opens nothing is no key to keep.
    Place::new(environment).needed_store()?;
    let KeySource::File(path) = &environment.key else {
        bail!("the keyring is locked with a passphrase: write that down, and keep it in a safe");
    };
    let refused = || format!("cannot read the key file `{}`", path.display());
    let text = Zeroizing::new(fs::read_to_string(path).with_context(refused)?);
    let key: KeyFileText = text.parse().with_context(refused)?;
    writeln!(
        io::stdout(),
        "The key of this node. Write it down, or print it, and keep it in a safe, apart from the data and\nfrom copies of the keyring. All letters are small; a slip of the pen is noticed.\n\n{}\n\nTo use it, type it into a file as its only line, and name that with --key-file.",
        key.reveal()
    )?;
    Ok(Outcome::Clear)
}
