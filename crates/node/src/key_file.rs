//! What unlocks the keyring: a key file, or a passphrase in a file.
//!
//! The key file is kept away from the data, in the folder for configuration: who takes the data folder
//! or a backup of it has the locked keyring and not the key.

use crate::environment::SystemRng;
use crate::private_file;
use anyhow::Context;
use portcullis_keys::{KeyFileText, Unlock};
use portcullis_types::Rng;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where to find what unlocks the keyring.
#[derive(Debug, Clone)]
pub(crate) enum KeySource {
    /// A key file; made when there is neither it nor a keyring.
    File(PathBuf),
    /// A file whose first line is the passphrase.
    PassphraseFile(PathBuf),
}

/// Reads what unlocks the keyring; makes a key file where there is neither one nor a keyring.
pub(crate) fn unlock(source: &KeySource, keyring: &Path) -> anyhow::Result<Unlock> {
    match source {
        KeySource::PassphraseFile(path) => {
            let text =
                Zeroizing::new(fs::read_to_string(path).with_context(|| {
                    format!("cannot read the passphrase in `{}`", path.display())
                })?);
            let line = text.lines().next().unwrap_or_default();
            anyhow::ensure!(!line.is_empty(), "`{}` holds no passphrase", path.display());
            Ok(Unlock::Passphrase(Zeroizing::new(line.to_owned())))
        }
        KeySource::File(path) => match fs::read_to_string(path).map(Zeroizing::new) {
            Ok(text) => {
                let key: KeyFileText = text
                    .parse()
                    .with_context(|| format!("cannot use the key file `{}`", path.display()))?;
                Ok(key.unlock())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                anyhow::ensure!(
                    !keyring.exists(),
                    "the key file `{}` is missing, and the keyring `{}` can't be opened without it; name it with `--key-file FILE`, or put a copy of it there",
                    path.display(),
                    keyring.display()
                );
                make(path)
            }
            Err(error) => {
                Err(error).with_context(|| format!("cannot read the key file `{}`", path.display()))
            }
        },
    }
}

const HEADING: &str = "\
# The key of this node. Whoever has it, and a copy of the keyring, can read all that the node keeps.
# Keep a copy of it on paper, in a safe, apart from the data.
";

/// Reads this key file; makes it where there is none.
pub(crate) fn open_or_make(path: &Path) -> anyhow::Result<Unlock> {
    if path.exists() { unlock(&KeySource::File(path.to_owned()), path) } else { make(path) }
}

fn make(path: &Path) -> anyhow::Result<Unlock> {
    let key = KeyFileText::make(&mut |bytes| SystemRng.fill(bytes));
    let refused = || format!("cannot make the key file `{}`", path.display());
    if let Some(folder) = path.parent() {
        private_file::create_folder(folder).with_context(refused)?;
    }
    let mut file = match private_file::create_new(path) {
        Ok(file) => file,
        // Another process makes it at this moment: its key is the one.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return read_when_whole(path).with_context(refused);
        }
        Err(error) => return Err(error).with_context(refused),
    };
    let text = Zeroizing::new(format!("{HEADING}{}\n", key.reveal()));
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).with_context(refused)?;
    Ok(key.unlock())
}

/// Reads a key file that another process may still be writing.
#[expect(clippy::disallowed_methods, reason = "waits for another process")]
fn read_when_whole(path: &Path) -> anyhow::Result<Unlock> {
    const TRIES: u32 = 100;
    let mut tried = 0;
    loop {
        let text = Zeroizing::new(fs::read_to_string(path)?);
        match text.parse::<KeyFileText>() {
            Ok(key) => return Ok(key.unlock()),
            Err(error) if tried == TRIES => return Err(error.into()),
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
        tried += 1;
    }
}
