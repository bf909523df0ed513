//! How far the store has got, noted beside it.
//!
//! `SQLite` takes a write-ahead log that was cut short, or whose end is damaged, for one that ended
//! there, and says nothing. The note tells: it is written after a transaction was kept, so it is
//! never ahead of a sound store. It is not forced to disk, which would double the cost of a
//! transaction; after a power cut it may be behind, and then finds less.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes of a number and its complement: a number half written counts as none.
const NUMBER_BYTES: usize = 16;

/// What is noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Noted {
    /// The position of the last event.
    Position,
    /// How many transactions were kept. Some have no event.
    Transactions,
}

impl Noted {
    /// Where it stands.
    fn offset(self) -> u64 {
        match self {
            Self::Position => 0,
            Self::Transactions => NUMBER_BYTES as u64,
        }
    }
}

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

    /// Notes a number, unless another process has noted a higher one. Whoever cannot write it goes
    /// without: the store itself is kept.
    pub(super) fn put(&mut self, what: Noted, number: u64) {
        if self.file.is_none() {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(false);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            self.file = options.open(&self.path).ok();
        }
        if let Some(file) = &mut self.file
            && put(file, what, number).is_err()
        {
            self.file = None;
        }
    }

    /// What was noted.
    pub(super) fn read(&self, what: Noted) -> Option<u64> {
        read(&mut File::open(&self.path).ok()?, what)
    }
}

fn put(file: &mut File, what: Noted, number: u64) -> std::io::Result<()> {
    // The transaction before may be noted later than this one, by a process that was slower.
    file.lock()?;
    let written = if read(file, what).is_none_or(|noted| noted < number) {
        let mut bytes = [0; NUMBER_BYTES];
        let (plain, complement) = bytes.split_at_mut(NUMBER_BYTES / 2);
        plain.copy_from_slice(&number.to_be_bytes());
        complement.copy_from_slice(&(!number).to_be_bytes());
        file.seek(SeekFrom::Start(what.offset())).and_then(|_| file.write_all(&bytes))
    } else {
        Ok(())
    };
    file.unlock()?;
    written
}

fn read(file: &mut File, what: Noted) -> Option<u64> {
    let mut bytes = [0; NUMBER_BYTES];
    file.seek(SeekFrom::Start(what.offset())).ok()?;
    file.read_exact(&mut bytes).ok()?;
    let (number, complement) = bytes.split_first_chunk::<8>()?;
    let (number, complement) =
        (u64::from_be_bytes(*number), u64::from_be_bytes(complement.try_into().ok()?));
    (number == !complement).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_highest_number_that_anybody_noted_stays() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        let (mut one, mut other) = (Mark::beside(&store), Mark::beside(&store));
        assert_eq!(one.read(Noted::Position), None);
        one.put(Noted::Transactions, 8);
        other.put(Noted::Transactions, 7);
        other.put(Noted::Position, 3);
        for mark in [one, other] {
            assert_eq!(mark.read(Noted::Transactions), Some(8));
            assert_eq!(mark.read(Noted::Position), Some(3));
        }
    }

    #[test]
    fn a_note_that_is_damaged_or_half_written_counts_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        let mut mark = Mark::beside(&store);
        mark.put(Noted::Position, 3);
        mark.put(Noted::Transactions, 8);
        let whole = fs::read(&mark.path).unwrap();
        for place in 16..32 {
            let mut damaged = whole.clone();
            damaged[place] ^= 16;
            fs::write(&mark.path, &damaged).unwrap();
            assert_eq!(mark.read(Noted::Transactions), None, "{place}");
            fs::write(&mark.path, &whole[..place]).unwrap();
            assert_eq!(mark.read(Noted::Transactions), None, "{place}");
            assert_eq!(mark.read(Noted::Position), Some(3));
        }
    }
}
