//! Copies of what the node keeps, getting it back from them, and looking whether it is sound.

#[expect(clippy::module_inception, reason = "each command is in a module of its name")]
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
    let (first, _) = digest.split_first_chunk().unwrap_or((&[0; 8], &[]));
    format!("{:016x}", u64::from_be_bytes(*first))
}
