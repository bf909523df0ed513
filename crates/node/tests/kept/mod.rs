//! Opens what a node kept, beside the program.

use portcullis_keys::KeyFileText;
use portcullis_store::{Database, KeyringPlace};
use portcullis_testkit::SeededRng;
use std::fs;
use std::path::Path;

/// The store in this data folder, whose key is in this file.
pub(crate) fn store(data: &Path, key: &Path) -> Database {
    let key: KeyFileText = fs::read_to_string(key).unwrap().parse().unwrap();
    let keyring = KeyringPlace::new(data.join("keyring"), key.unlock());
    Database::open_sqlite(&data.join("portcullis.db"), keyring, Box::new(SeededRng::new(1)))
        .unwrap()
}
