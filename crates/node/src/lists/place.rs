//! Where lists are kept in the data folder.
//!
//! ```text
//! portcullis.db                               which issue is the current one, and the events
//! keyring                                     the keys of what the store holds, locked
//! retention.toml                              how long what is kept, where that is not the default
//! lists/.lock                                 held by whoever changes lists
//! lists/.compiled/<digest>.index              compiled indexes; may be deleted at any time
//! lists/<name>/versions/<digest>/<files>      the files of an issue, as fetched
//! ```
//!
//! An issue is moved here whole and never changed. Which one screening uses is said in the store
//! alone, so a process that dies half way leaves the old issue in use and at most a folder that
//! nobody names.

use crate::environment::{Environment, SystemRng};
use crate::key_file::{self, KeySource};
use crate::private_file;
use crate::retention;
use anyhow::Context;
use portcullis_decide::{Digest, KeptList, ListName};
use portcullis_store::{Database, KeyringPlace};
use portcullis_types::Protected;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The data folder, as far as lists and the store go.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    data: PathBuf,
    key: KeySource,
    /// The address of a database of PostgreSQL; none for the file in the data folder.
    server: Option<Protected>,
    /// The retention schedule, where one is named.
    schedule: Option<PathBuf>,
}

/// How the folders of issues on their way in begin.
const INCOMING: &str = ".incoming-";

/// Held while lists are changed; let go when dropped.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Place {
    pub(crate) fn new(environment: &Environment) -> Self {
        let Environment { data, key, server, schedule, .. } = environment;
        let (server, schedule) = (server.clone(), schedule.clone());
        Self { data: data.clone(), key: key.clone(), server, schedule }
    }

    /// Opens the store; makes it where there is none.
    pub(crate) fn store(&self) -> anyhow::Result<Database> {
        private_file::create_folder(&self.data)
            .with_context(|| format!("cannot make the data folder `{}`", self.data.display()))?;
        if self.server.is_none() {
            // SQLite would make it readable by others; its log files take over these permissions.
            reserve(&self.store_path()).context("cannot make the store")?;
        }
        self.open()
    }

    /// Opens the store, which must be there.
    pub(crate) fn needed_store(&self) -> anyhow::Result<Database> {
        self.existing_store()?
            .context("nothing is kept here yet; name the data folder with `--data DIR`")
    }

    /// Opens the store if there is one; makes nothing.
    pub(crate) fn existing_store(&self) -> anyhow::Result<Option<Database>> {
        let there = self.server.is_some() || self.store_path().exists();
        if there { self.open().map(Some) } else { Ok(None) }
    }

    fn open(&self) -> anyhow::Result<Database> {
        let schedule = retention::in_force(&self.data, self.schedule.as_deref())?;
        let keyring = self.keyring()?;
        let database = match &self.server {
            Some(address) => {
                Database::open_postgres(address.reveal(), keyring, Box::new(SystemRng))?
            }
            None => Database::open_sqlite(&self.store_path(), keyring, Box::new(SystemRng))?,
        };
        Ok(database.with_schedule(schedule))
    }

    /// The keyring, and what unlocks it.
    pub(crate) fn keyring(&self) -> anyhow::Result<KeyringPlace> {
        let keyring = self.keyring_path();
        let unlock = key_file::unlock(&self.key, &keyring, &self.store_path())?;
        Ok(KeyringPlace::new(keyring, unlock))
    }

    /// The file of the keyring.
    pub(crate) fn keyring_path(&self) -> PathBuf {
        self.data.join("keyring")
    }

    /// The file of the store.
    pub(crate) fn store_path(&self) -> PathBuf {
        self.data.join("portcullis.db")
    }

    /// The data folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.data
    }

    fn lists(&self) -> PathBuf {
        self.data.join("lists")
    }

    pub(super) fn list(&self, name: &ListName) -> PathBuf {
        self.lists().join(name.as_str())
    }

    pub(super) fn issue(&self, name: &ListName, digest: Digest) -> PathBuf {
        self.list(name).join("versions").join(short(digest))
    }

    pub(super) fn compiled_folder(&self) -> PathBuf {
        self.lists().join(".compiled")
    }

    /// A folder for what is on its way in, on the same file system, gone when dropped.
    pub(super) fn incoming(&self) -> anyhow::Result<TempDir> {
        let lists = self.lists();
        private_file::create_folder(&lists)
            .and_then(|()| {
                let folder = tempfile::Builder::new().prefix(INCOMING).tempdir_in(&lists)?;
                // It becomes the folder of an issue, and is made for all to enter.
                private_file::close_folder(folder.path())?;
                Ok(folder)
            })
            .with_context(|| format!("cannot make a folder in `{}`", lists.display()))
    }

    /// Waits until nobody else changes lists.
    pub(super) fn lock(&self) -> anyhow::Result<Lock> {
        let lists = self.lists();
        let lock = || -> io::Result<File> {
            private_file::create_folder(&lists)?;
            let file = private_file::create(&lists.join(".lock"))?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    super::say("waiting for another process that is changing lists");
                    file.lock()?;
                }
                Err(TryLockError::Error(error)) => return Err(error),
            }
            Ok(file)
        };
        let file = lock().with_context(|| format!("cannot lock `{}`", lists.display()))?;
        // Whatever is on its way in while nobody else holds the lock was left by a process that
        // died.
        sweep(&lists, |name| !name.starts_with(INCOMING));
        Ok(Lock { _file: file })
    }

    /// Deletes the folders of all issues of a list but these. One that cannot be deleted takes room
    /// and is otherwise harmless: nothing names it.
    pub(super) fn keep_only(&self, list: &KeptList) {
        let kept: BTreeSet<String> = list.issues().map(|issue| short(issue.digest)).collect();
        sweep(&self.list(&list.name).join("versions"), |name| kept.contains(name));
    }

    /// Moves a folder whose files are written to where the issue belongs, and makes sure that it
    /// survives a power cut.
    pub(super) fn settle(
        &self,
        folder: TempDir,
        name: &ListName,
        digest: Digest,
    ) -> anyhow::Result<()> {
        let to = self.issue(name, digest);
        let parent = to.parent().context("an issue lies in a folder")?;
        let settle = || -> io::Result<()> {
            private_file::create_folder(parent)?;
            if to.exists() {
                // Left by a process that died before the store knew of it.
                fs::remove_dir_all(&to)?;
            }
            for entry in fs::read_dir(folder.path())? {
                File::open(entry?.path())?.sync_all()?;
            }
            sync_folder(folder.path())?;
            fs::rename(folder.path(), &to)?;
            sync_folder(parent)
        };
        settle().with_context(|| format!("cannot keep the list in `{}`", to.display()))?;
        // Moved away: nothing is left to clean up.
        let _ = folder.keep();
        Ok(())
    }
}

/// Makes a file for its owner alone where there is none, and leaves one that is there untouched:
/// another process may be filling it at this moment.
fn reserve(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Deletes the folders within a folder but those whose names are to be kept.
fn sweep(folder: &Path, keep: impl Fn(&str) -> bool) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if !name.to_str().is_some_and(&keep) && entry.path().is_dir() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The first 16 hexadecimal digits: enough for a name of a folder or a version.
pub(super) fn short(digest: Digest) -> String {
    digest.to_string().chars().take(16).collect()
}

/// Makes the names in a folder survive a power cut. Windows has no such call and needs none.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}
