//! How far the store has got, noted beside it.
//!
//! `SQLite` takes a write-ahead log that was cut short, or whose middle is damaged, for one that
//! ended there, and says nothing. The note tells: it is written after a transaction was kept, so it
//! is never ahead of a sound store. It is not forced to disk, which would double the cost of a
//! transaction; after a power cut it may be behind, and then finds less.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The note beside a store.
#[derive(Debug)]
pub(super) struct Mark {
    path: PathBuf,
    file: Option<File>,
}

impl Mark {
    /// The note beside the store in this file: `<file>-mark`.
    pub(super) fn beside(store: &Path) -> Self {
        let mut name = store.file_name().unwrap_or_default().to_os_string();
        name.push("-mark");
        Self { path: store.with_file_name(name), file: None }
    }

    /// Notes a position. Whoever cannot write it goes without: the store itself is kept.
    pub(super) fn put(&mut self, position: u64) {
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            self.file = options.open(&self.path).ok();
        }
        // The position and its complement: a note half written counts as none.
        let mut bytes = [0; 16];
        let (number, complement) = bytes.split_at_mut(8);
        number.copy_from_slice(&position.to_be_bytes());
        complement.copy_from_slice(&(!position).to_be_bytes());
        if let Some(file) = &mut self.file {
            let written = file.seek(SeekFrom::Start(0)).and_then(|_| file.write_all(&bytes));
            if written.is_err() {
                self.file = None;
            }
        }
    }

    /// What was noted.
    pub(super) fn read(&self) -> Option<u64> {
        let mut bytes = [0; 16];
        File::open(&self.path).ok()?.read_exact(&mut bytes).ok()?;
        let (number, complement) = bytes.split_first_chunk::<8>()?;
        let (number, complement) =
            (u64::from_be_bytes(*number), u64::from_be_bytes(complement.try_into().ok()?));
        (number == !complement).then_some(number)
    }
}
