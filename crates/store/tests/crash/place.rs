//! Where the store is that processes share.

use portcullis_keys::Unlock;
use portcullis_store::{Database, KeyringPlace, StoreError};
use portcullis_testkit::SeededRng;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A store and its keyring.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    /// Of a database of `PostgreSQL`; none for `SQLite`.
    pub(crate) address: Option<String>,
}

impl Place {
    pub(crate) fn sqlite(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), address: None }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.folder.join("store.db")
    }

    pub(crate) fn keyring(&self) -> PathBuf {
        self.folder.join("keyring")
    }

    pub(crate) fn unlock() -> Unlock {
        Unlock::KeyFile(Zeroizing::new([7; 32]))
    }

    /// Opens it; no two openings may have the same seed.
    pub(crate) fn try_open(&self, seed: u64) -> Result<Database, StoreError> {
        let keyring = KeyringPlace::new(self.keyring(), Self::unlock());
        let rng = Box::new(SeededRng::new(!seed));
        match &self.address {
            None => Database::open_sqlite(&self.file(), keyring, rng),
            Some(address) => Database::open_postgres(address, keyring, rng),
        }
    }
}
