//! `portcullis keys status`.

use crate::environment::Environment;
use crate::exit::Outcome;
use crate::key_file::{KeySource, on_the_disk_of_the_keyring};
use crate::lists::Place;
use crate::report::words::several;
use std::io::{self, Write};
use std::path::Path;

/// Show where the keys are, how they are locked, and what is amiss
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let state = store.keyring_state();
    let mut out = io::stdout().lock();
    writeln!(out, "keyring      {}", state.path.display())?;
    match &environment.key {
        KeySource::File(path) => writeln!(out, "locked with  the key file {}", path.display())?,
        KeySource::PassphraseFile(_) => writeln!(out, "locked with  a passphrase")?,
    }
    writeln!(out, "revision     {}", state.revision)?;
    writeln!(out, "erased       {}", several(state.erased, "record", "records"))?;
    if let Some((current, older)) = state.generations.split_last() {
        writeln!(out, "generation   {current}, in use")?;
        for generation in older {
            let cells = store.sealed_under(*generation)?;
            let what = if cells == 0 {
                "only backups from before the last rotation need it".to_owned()
            } else {
                let cells = several(cells, "cell is", "cells are");
                format!("{cells} still sealed under it; `portcullis keys rotate` goes on")
            };
            writeln!(out, "generation   {generation}, {what}")?;
        }
    }
    for warning in warnings(environment, &state.path) {
        writeln!(out, "warning      {warning}")?;
    }
    Ok(Outcome::Clear)
}

fn warnings(environment: &Environment, keyring: &Path) -> Vec<String> {
    let mut warnings = Vec::new();
    let data = environment.data.canonicalize().unwrap_or_else(|_| environment.data.clone());
    let (KeySource::File(key) | KeySource::PassphraseFile(key)) = &environment.key;
    if key.canonicalize().is_ok_and(|key| key.starts_with(&data)) {
        warnings.push(format!(
            "`{}` is in the data folder: whoever takes that folder can read everything; move it away, and name it with --key-file",
            key.display()
        ));
    }
    if on_the_disk_of_the_keyring(&environment.key, keyring) {
        warnings.push(format!(
            "`{}` is on the same disk as the keyring: a thief of the disk has both; keep it on a removable medium, or use a passphrase (`portcullis keys change`)",
            key.display()
        ));
    }
    for path in [keyring, key.as_path()] {
        if open_to_others(path) {
            warnings.push(format!(
                "others on this machine may read `{}`; close it with `chmod 600`",
                path.display()
            ));
        }
    }
    warnings
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|data| data.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn open_to_others(_path: &Path) -> bool {
    false
}
