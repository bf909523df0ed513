//! The keyring in its file: outside the database and its backups.
//!
//! It is written anew as a whole beside the old one and takes its place in one step, under a lock, so
//! that a crash leaves the old or the new one and two processes never lose each other's change.

use crate::KeyringError;
use crate::settings::Seen;
use portcullis_keys::{Keyring, Unlock};
use std::cmp::Ordering;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Where the keyring is, and what unlocks it.
pub struct KeyringPlace {
    path: PathBuf,
    unlock: Unlock,
}

impl KeyringPlace {
    /// The keyring in this file, which this unlocks. The file need not exist yet.
    pub fn new(path: PathBuf, unlock: Unlock) -> Self {
        Self { path, unlock }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl fmt::Debug for KeyringPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyringPlace").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The keyring as last read, and its file.
pub(crate) struct Vault {
    place: KeyringPlace,
    keyring: Keyring,
    /// What the keyring holds, in brief.
    state: [u8; 32],
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

type Random<'a> = &'a mut dyn FnMut(&mut [u8]);

impl Vault {
    /// Reads the keyring.
    pub(crate) fn open(place: KeyringPlace) -> Result<Self, KeyringError> {
        let keyring =
            read(&place)?.ok_or_else(|| KeyringError::Missing { path: place.path.clone() })?;
        Ok(Self::holding(place, keyring))
    }

    /// Reads the keyring; makes it where there is none.
    pub(crate) fn open_or_make(
        place: KeyringPlace,
        random: Random<'_>,
    ) -> Result<Self, KeyringError> {
        let _lock = lock(&place)?;
        let keyring = if let Some(keyring) = read(&place)? {
            keyring
        } else {
            let keyring = Keyring::new(random);
            write(&place, &place.unlock, &keyring, random)?;
            keyring
        };
        Ok(Self::holding(place, keyring))
    }

    fn holding(place: KeyringPlace, keyring: Keyring) -> Self {
        let state = keyring.state();
        Self { place, keyring, state }
    }

    /// Whether this keyring is older than what the store has seen of it, the same, or newer.
    pub(crate) fn compare(&self, seen: &Seen) -> Result<Ordering, KeyringError> {
        let order = self.keyring.revision().cmp(&seen.revision);
        if order == Ordering::Equal && self.state != seen.state {
            return Err(KeyringError::Diverged { path: self.place.path.clone() });
        }
        Ok(order)
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    pub(crate) fn path(&self) -> &Path {
        &self.place.path
    }

    /// Reads the keyring again: another process changed it.
    pub(crate) fn reload(&mut self) -> Result<(), KeyringError> {
        self.keyring = read(&self.place)?
            .ok_or_else(|| KeyringError::Missing { path: self.place.path.clone() })?;
        self.state = self.keyring.state();
        Ok(())
    }

    /// Changes the keyring as it is now in its file, and keeps it there.
    pub(crate) fn change<T>(
        &mut self,
        random: Random<'_>,
        change: impl FnOnce(&mut Keyring) -> T,
    ) -> Result<T, KeyringError> {
        let _lock = lock(&self.place)?;
        self.reload()?;
        // Nothing is done with a key that isn't in the file yet: what it seals would be lost with it.
        let mut changed = self.keyring.clone();
        let value = change(&mut changed);
        if changed.revision() != self.keyring.revision() {
            write(&self.place, &self.place.unlock, &changed, random)?;
            self.keyring = changed;
            self.state = self.keyring.state();
        }
        Ok(value)
    }

    /// Locks the keyring with something else from now on.
    pub(crate) fn lock_with(
        &mut self,
        random: Random<'_>,
        unlock: Unlock,
    ) -> Result<(), KeyringError> {
        let _lock = lock(&self.place)?;
        self.reload()?;
        write(&self.place, &unlock, &self.keyring, random)?;
        self.place.unlock = unlock;
        Ok(())
    }
}

fn failed(place: &KeyringPlace, doing: &'static str) -> impl Fn(io::Error) -> KeyringError {
    let path = place.path.clone();
    move |source| KeyringError::File { doing, path: path.clone(), source }
}

fn read(place: &KeyringPlace) -> Result<Option<Keyring>, KeyringError> {
    let bytes = match fs::read(&place.path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(place, "read")(error)),
    };
    Keyring::unlock(&bytes, &place.unlock)
        .map(Some)
        .map_err(|source| KeyringError::Locked { path: place.path.clone(), source })
}

/// Held while the keyring is changed; let go when dropped.
fn lock(place: &KeyringPlace) -> Result<File, KeyringError> {
    let refused = failed(place, "lock");
    let file = private().create(true).open(beside(&place.path, "lock")).map_err(&refused)?;
    file.lock().map_err(&refused)?;
    Ok(file)
}

fn write(
    place: &KeyringPlace,
    unlock: &Unlock,
    keyring: &Keyring,
    random: Random<'_>,
) -> Result<(), KeyringError> {
    let refused = failed(place, "write");
    let bytes = keyring.lock(random, unlock);
    let new = beside(&place.path, "new");
    let mut file = private().create(true).truncate(true).open(&new).map_err(&refused)?;
    file.write_all(&bytes).and_then(|()| file.sync_all()).map_err(&refused)?;
    drop(file);
    fs::rename(&new, &place.path).map_err(&refused)?;
    // The step itself survives a power cut only once the folder is written, too.
    if cfg!(unix) {
        let folder = place.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))
            .and_then(|folder| folder.sync_all())
            .map_err(&refused)?;
    }
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(suffix);
    path.with_file_name(name)
}

/// Readable for its owner alone.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
