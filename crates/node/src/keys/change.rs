//! `portcullis keys change`.

use super::OfficerArgs;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::key_file::{self, KeySource};
use crate::lists::Place;
use anyhow::Context;
use portcullis_decide::KeyDeed;
use std::io::{self, Write};
use std::path::PathBuf;

/// Lock the keyring with another key file or passphrase
///
/// The keys in it stay the same. Copies of the keyring from before are still opened by what locked
/// them.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("to").required(true))]
pub(super) struct Args {
    /// A file whose first line is the passphrase
    #[arg(long, value_name = "FILE", group = "to")]
    to_passphrase_file: Option<PathBuf>,

    /// A key file; made where there is none
    #[arg(long, value_name = "FILE", group = "to")]
    to_key_file: Option<PathBuf>,

    #[command(flatten)]
    officer: OfficerArgs,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let (unlock, how) = match (&args.to_passphrase_file, &args.to_key_file) {
        (Some(path), _) => {
            let source = KeySource::PassphraseFile(path.clone());
            let place = Place::new(environment);
            let (keyring, kept) = (place.keyring_path(), place.store_path());
            let how = format!("--passphrase-file {}", path.display());
            (key_file::unlock(&source, &keyring, &kept)?, how)
        }
        (None, path) => {
            let path = path.as_ref().context("say what is to lock the keyring")?;
            (key_file::open_or_make(path)?, format!("--key-file {}", path.display()))
        }
    };
    let generation = store.keyring_state().generations.last().copied().unwrap_or_default();
    let change = args.officer.change(environment, KeyDeed::LockedAnew, generation)?;
    store.lock_keyring_with(&change, unlock)?;
    writeln!(
        io::stdout(),
        "the keyring is locked anew. From now on it is opened with\n  {how}\nPrograms that are running go on until something changes the keyring; start them again with it. What locked it before still opens copies from before: keep or destroy both together."
    )?;
    Ok(Outcome::Clear)
}
