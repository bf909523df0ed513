//! What is around the store: who may read its files, where the key lies, how much room is left.

use crate::environment::Environment;
use crate::key_file::{KeySource, on_the_disk_of_the_keyring};
use crate::lists::Place;
use crate::report::words;
use portcullis_store::Finding;
use std::fs;
use std::path::Path;

/// Looks at them.
pub(super) fn examine(place: &Place, environment: &Environment) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.push(who_may_read(place, &environment.key));
    findings.push(apart(place, &environment.key));
    findings.extend(room(place));
    findings
}

/// Files of which nobody but their owner may read anything.
fn who_may_read(place: &Place, key: &KeySource) -> Finding {
    let key = match key {
        KeySource::File(path) | KeySource::PassphraseFile(path) => path.clone(),
    };
    let store = place.store_path();
    let beside = ["-wal", "-shm", "-mark"].map(|ending| super::install::beside(&store, ending));
    let files = [place.folder().to_owned(), place.keyring_path(), key, store.clone()];
    let open: Vec<String> = files
        .into_iter()
        .chain(beside)
        .filter(|path| others_may_read(path))
        .map(|path| format!("`{}`", path.display()))
        .collect();
    if open.is_empty() {
        Finding::sound("permissions", "nobody but the owner may read the files")
    } else {
        Finding::look(
            "permissions",
            format!("others may read {}", open.join(", ")),
            "take the right to read from all but the owner: chmod go= FILE",
        )
    }
}

#[cfg(unix)]
fn others_may_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_may_read(_: &Path) -> bool {
    false
}

/// Whoever takes the data folder must not get the key with it.
fn apart(place: &Place, key: &KeySource) -> Finding {
    let (KeySource::File(path) | KeySource::PassphraseFile(path)) = key;
    let real = |path: &Path| fs::canonicalize(path).ok();
    let within =
        real(path).zip(real(place.folder())).is_some_and(|(key, data)| key.starts_with(data));
    if within {
        Finding::look(
            "key",
            "what unlocks the keyring lies in the data folder, so a thief of the one has the other",
            "move it out of the data folder, and name it with --key-file or --passphrase-file",
        )
    } else if on_the_disk_of_the_keyring(key, &place.keyring_path()) {
        Finding::look(
            "key",
            "the key file is on the same disk as the keyring, so a thief of the disk has both",
            "keep the key file on a removable medium and name it with --key-file, or use a passphrase",
        )
    } else {
        Finding::sound("key", "what unlocks the keyring lies apart from the data")
    }
}

/// Room for as much again as there is, and for a little more.
fn room(place: &Place) -> Option<Finding> {
    const LITTLE: u64 = 200 * 1024 * 1024;
    let free = free_bytes(place.folder())?;
    let store = place.store_path();
    let log = super::install::beside(&store, "-wal");
    let size = |path: &Path| fs::metadata(path).map_or(0, |data| data.len());
    let used = size(&store).saturating_add(size(&log));
    let says = format!("{} MB are free", words::count(free / 1_000_000));
    Some(if free < LITTLE.saturating_add(used) {
        Finding::look("room", says, "make room: without it nothing can be kept")
    } else {
        Finding::sound("room", says)
    })
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}
