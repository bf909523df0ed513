//! The files of a store, whether it opens or not.

use super::{Finding, RESTORE};
use crate::engine::sqlite::wal::{self, WalReport};
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// How every database of `SQLite` begins (file format, section 1.3.1).
const BEGINNING: &[u8; 16] = b"SQLite format 3\0";

/// Looks at the files of a store of `SQLite` without opening it: do so first, for `SQLite` drops what
/// follows a damaged place of its log as soon as the last process that uses it closes it.
pub fn examine_files(store: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(database(store));
    match wal::look(&wal::beside(store)) {
        Ok(None) => findings.push(Finding::sound("write-ahead log", "there is none to bring in")),
        Ok(Some(WalReport { damage: Some(damage), .. })) => findings.push(Finding::broken(
            "write-ahead log",
            damage.to_string(),
            "copy all files of the store before anything else opens them, then restore the latest backup with `portcullis restore --replace`",
        )),
        Ok(Some(WalReport { frames, bytes, .. })) => findings.push(Finding::sound(
            "write-ahead log",
            format!("{frames} sound frames, {bytes} bytes"),
        )),
        Err(error) => findings.push(Finding::failed("write-ahead log", &error, RESTORE)),
    }
    findings
}

fn database(store: &Path) -> Option<Finding> {
    let mut begins = [0; BEGINNING.len()];
    let read = File::open(store).and_then(|mut file| file.read_exact(&mut begins));
    match read {
        Ok(()) if begins == *BEGINNING => None,
        Ok(()) => Some(Finding::broken("database file", "its first bytes are damaged", RESTORE)),
        // All of it may still be in the log.
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => None,
        Err(error) => Some(Finding::failed("database file", &error, RESTORE)),
    }
}
