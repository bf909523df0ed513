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
use std::io;
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

/// Reads what unlocks the keyring; makes a key file where there is neither one nor a keyring nor a
/// store.
pub(crate) fn unlock(source: &KeySource, keyring: &Path, store: &Path) -> anyhow::Result<Unlock> {
    // Before the key is looked for: who makes a store makes its key first.
    let kept = keyring.exists() || fs::metadata(store).is_ok_and(|store| store.len() > 0);
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
        KeySource::File(path) => {
            if let Some(unlock) = read(path)? {
                return Ok(unlock);
            }
            anyhow::ensure!(
                !kept,
                "the key file `{}` is missing or empty, and the keyring `{}` can't be opened without it; name it with `--key-file FILE`, or put a copy of it there",
                path.display(),
                keyring.display()
            );
            make(path)
        }
    }
}

const HEADING: &str = "\
# The key of this node. Whoever has it, and a copy of the keyring, can read all that the node keeps.
# Keep a copy of it on paper, in a safe, apart from the data.
";

/// Reads this key file; makes it where there is none.
pub(crate) fn open_or_make(path: &Path) -> anyhow::Result<Unlock> {
    read(path)?.map_or_else(|| make(path), Ok)
}

/// Reads a key file; nothing where there is none, or one that a crash left empty.
fn read(path: &Path) -> anyhow::Result<Option<Unlock>> {
    let text = match fs::read_to_string(path).map(Zeroizing::new) {
        Ok(text) if text.is_empty() => return Ok(None),
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error)
                .with_context(|| format!("cannot read the key file `{}`", path.display()));
        }
    };
    let key: KeyFileText =
        text.parse().with_context(|| format!("cannot use the key file `{}`", path.display()))?;
    Ok(Some(key.unlock()))
}

/// Makes a key file, whole and kept before anything is locked with it.
fn make(path: &Path) -> anyhow::Result<Unlock> {
    let key = KeyFileText::make(&mut |bytes| SystemRng.fill(bytes));
    let refused = || format!("cannot make the key file `{}`", path.display());
    private_file::create_folder(private_file::folder_of(path)).with_context(refused)?;
    let text = Zeroizing::new(format!("{HEADING}{}\n", key.reveal()));
    match private_file::put_new(path, text.as_bytes()) {
        Ok(()) => return Ok(key.unlock()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(refused),
    }
    // Another process made one at this moment, and its key is the one; or an empty one is in the way.
    // Of those who find it empty, the lock on it lets one after the other look again.
    let there = fs::File::open(path).with_context(refused)?;
    there.lock().with_context(refused)?;
    if let Some(unlock) = read(path)? {
        return Ok(unlock);
    }
    private_file::put(path, text.as_bytes()).with_context(refused)?;
    Ok(key.unlock())
}

/// Whether a thief of the disk with the keyring has what unlocks it, too.
pub(crate) fn on_the_disk_of_the_keyring(key: &KeySource, keyring: &Path) -> bool {
    let KeySource::File(key) = key else { return false };
    let disk = |path: &Path| path.ancestors().find_map(device);
    disk(key).is_some_and(|disk_of_key| disk(keyring) == Some(disk_of_key))
}

/// The file system that a file is on.
#[cfg(unix)]
fn device(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|data| std::os::unix::fs::MetadataExt::dev(&data))
}

#[cfg(not(unix))]
fn device(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens(unlock: &Unlock, with: &Unlock) -> bool {
        let keyring = portcullis_keys::Keyring::new(&mut |bytes| SystemRng.fill(bytes));
        let locked = keyring.lock(&mut |bytes| SystemRng.fill(bytes), unlock);
        portcullis_keys::Keyring::unlock(&locked, with).is_ok()
    }

    #[test]
    fn an_empty_key_file_is_filled_where_nothing_is_locked_yet_and_never_after() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let source = KeySource::File(path("key"));
        let unlock = || unlock(&source, &path("keyring"), &path("portcullis.db"));
        fs::write(path("key"), "").unwrap();
        fs::write(path("portcullis.db"), "").unwrap();
        let made = unlock().unwrap();
        assert!(opens(&made, &unlock().unwrap()), "the key that was made is the one that was kept");
        fs::write(path("keyring"), "locked").unwrap();
        fs::write(path("key"), "").unwrap();
        assert!(unlock().is_err());
        assert_eq!(fs::read(path("key")).unwrap(), b"");
    }

    #[test]
    fn no_key_is_made_for_a_store_that_is_there_without_its_keyring() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("portcullis.db"), "SQLite format 3").unwrap();
        let source = KeySource::File(path("key"));
        assert!(unlock(&source, &path("keyring"), &path("portcullis.db")).is_err());
        assert!(!path("key").exists());
    }

    #[test]
    fn of_many_who_make_a_key_at_once_all_get_the_same() {
        let folder = tempfile::tempdir().unwrap();
        for begins_empty in [false, true] {
            let path = folder.path().join(format!("key-{begins_empty}"));
            if begins_empty {
                fs::write(&path, "").unwrap();
            }
            let made: Vec<Unlock> = std::thread::scope(|scope| {
                let threads: Vec<_> =
                    (0..8).map(|_| scope.spawn(|| open_or_make(&path).unwrap())).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            let kept = read(&path).unwrap().unwrap();
            assert!(made.iter().all(|one| opens(one, &kept)));
        }
    }
}
