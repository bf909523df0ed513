//! Copies of what the node keeps, getting it back from them, and looking whether it is sound.

pub(crate) mod backup;
pub(crate) mod doctor;
mod install;
mod progress;
pub(crate) mod restore;
mod surroundings;

use crate::key_file::KeySource;
use crate::report::words;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Says something as the result of a command.
fn say(message: &str) -> io::Result<()> {
    writeln!(anstream::stdout().lock(), "{}", words::plain(message))
}

/// Makes the names in a folder survive a power cut. Windows has no such call and needs none.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

/// What unlocks the keyring, for people.
fn key_words(key: &KeySource) -> String {
    match key {
        KeySource::File(path) => format!("the key file `{}`", path.display()),
        KeySource::PassphraseFile(_) => "the passphrase".to_owned(),
    }
}

/// The first half of a digest, by which people tell backups apart.
fn short(digest: [u8; 32]) -> String {
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
