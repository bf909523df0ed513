//! Looks through the write-ahead log before `SQLite` does.
//!
//! `SQLite` takes the first frame whose checksum doesn't fit for the end of its log, and drops all
//! that comes after it without a word. That is right where the end was being written when the power
//! went, and wrong where a frame in the middle was damaged. The two differ: each transaction is on
//! the disk before the next begins, so what was torn is the last one. A bad frame with another
//! transaction after its own is damage (`SQLite` file format, section 4).

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

const HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

/// A frame with the smallest page there is.
const SMALLEST_FRAME_BYTES: usize = FRAME_HEADER_BYTES + 512;

/// The first four bytes, where checksums are made of little-endian words; of big-endian ones with the
/// lowest bit set.
const MAGIC: u32 = 0x377f_0682;

/// Larger logs are looked at by `portcullis doctor` only.
const LARGEST_AT_OPENING: u64 = 96 * 1024 * 1024;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WalReport {
    /// Sound frames from the beginning.
    pub(crate) frames: u64,
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// The first damage, if it is damage.
    pub(crate) damage: Option<WalDamageError>,
    salts: [u8; 8],
}

/// A frame in the middle was damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "frame {frame} of the write-ahead log (0 is its header) is damaged, and SQLite would drop it and all after it without a word, {lost} later transactions at least"
)]
pub(crate) struct WalDamageError {
    /// Which frame, from 1; 0 is the header.
    pub(crate) frame: u64,
    /// Transactions that end after it, but for its own.
    pub(crate) lost: u64,
}

/// The log beside a store.
pub(crate) fn beside(store: &Path) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_os_string();
    name.push("-wal");
    store.with_file_name(name)
}

/// Looks before a store is opened, unless the log is large. What cannot be read `SQLite` will say.
pub(crate) fn look_before_opening(store: &Path) -> Result<(), WalDamageError> {
    let path = beside(store);
    let small = path.metadata().is_ok_and(|file| file.len() <= LARGEST_AT_OPENING);
    match if small { look(&path) } else { Ok(None) } {
        Ok(Some(WalReport { damage: Some(damage), .. })) => Err(damage),
        _ => Ok(()),
    }
}

/// Looks through a log; nothing where there is none.
pub(crate) fn look(path: &Path) -> io::Result<Option<WalReport>> {
    let first = read(path)?;
    let Some(WalReport { damage: Some(damage), salts, .. }) = first else { return Ok(first) };
    // Another process may have begun the log anew while it was read.
    let second = read(path)?;
    let same = second.filter(|second| {
        second.salts == salts && second.damage.is_some_and(|again| again.frame == damage.frame)
    });
    Ok(same.or(second.map(|second| WalReport { damage: None, ..second })))
}

fn read(path: &Path) -> io::Result<Option<WalReport>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let bytes = file.metadata()?.len();
    let report = scan(BufReader::with_capacity(1 << 20, file))?;
    Ok(report.map(|report| WalReport { bytes, ..report }))
}

/// Goes through the frames of a log; nothing where it is too short for one.
fn scan(mut from: impl Read) -> io::Result<Option<WalReport>> {
    let mut header = [0; HEADER_BYTES];
    if !whole(from.read_exact(&mut header))? {
        return Ok(None);
    }
    let salts: [u8; 8] = part(&header, 16);
    let page_bytes = u32::from_be_bytes(part(&header, 8));
    let mut report = WalReport { frames: 0, bytes: 0, damage: None, salts };
    let big_endian = u32::from_be_bytes(part(&header, 0)) & 1 == 1;
    let sums = Sums { big_endian };
    let sum = sums.over((0, 0), header.get(..24).unwrap_or_default());
    let header_is_sound = u32::from_be_bytes(part(&header, 0)) & !1 == MAGIC
        && page_bytes.is_power_of_two()
        && (512..=65_536).contains(&page_bytes)
        && sum == pair(&header, 24);
    if !header_is_sound {
        // Its own words are not to be believed, so nothing is known of the frames but that there are
        // some. One that was never written is all zeros.
        let has_frames = whole(from.read_exact(&mut [0; SMALLEST_FRAME_BYTES]))?;
        let written = header != [0; HEADER_BYTES];
        report.damage = (written && has_frames).then_some(WalDamageError { frame: 0, lost: 0 });
        return Ok(Some(report));
    }
    let mut frame = vec![0; FRAME_HEADER_BYTES.saturating_add(page_bytes as usize)];
    let mut before = sum;
    let mut number = 0_u64;
    let mut bad: Option<u64> = None;
    let mut ends = 0_u64;
    while whole(from.read_exact(&mut frame))? {
        number = number.saturating_add(1);
        let stored = pair(&frame, 16);
        let of_this_log = part::<8>(&frame, 8) == salts;
        let ends_transaction = part::<4>(&frame, 4) != [0; 4];
        let sound = of_this_log && sums.over_frame(before, &frame) == stored;
        if bad.is_none() {
            if sound {
                report.frames = number;
            } else {
                bad = Some(number);
                ends = u64::from(of_this_log && ends_transaction);
            }
        } else if sound && ends_transaction {
            ends = ends.saturating_add(1);
        }
        // Of a damaged frame the checksum may still be right: the next one was made from it.
        before = stored;
    }
    if let Some(frame) = bad
        && ends >= 2
    {
        report.damage = Some(WalDamageError { frame, lost: ends.saturating_sub(1) });
    }
    Ok(Some(report))
}

/// Whether all of it was there.
fn whole(read: io::Result<()>) -> io::Result<bool> {
    match read {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; N])
}

fn pair(bytes: &[u8], at: usize) -> (u32, u32) {
    let second = at.saturating_add(4);
    (u32::from_be_bytes(part(bytes, at)), u32::from_be_bytes(part(bytes, second)))
}

/// The checksum of the format (section 4.2): sums over pairs of words, each added to the other.
struct Sums {
    big_endian: bool,
}

impl Sums {
    fn over(&self, before: (u32, u32), bytes: &[u8]) -> (u32, u32) {
        let word = |bytes: [u8; 4]| {
            if self.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
        };
        let (mut one, mut other) = before;
        for [a, b, c, d, e, f, g, h] in bytes.as_chunks().0 {
            one = one.wrapping_add(word([*a, *b, *c, *d])).wrapping_add(other);
            other = other.wrapping_add(word([*e, *f, *g, *h])).wrapping_add(one);
        }
        (one, other)
    }

    /// Over a frame: the first eight bytes of its header, then the page.
    fn over_frame(&self, before: (u32, u32), frame: &[u8]) -> (u32, u32) {
        let sum = self.over(before, frame.get(..8).unwrap_or_default());
        self.over(sum, frame.get(FRAME_HEADER_BYTES..).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;
    use std::fs;

    /// A log that `SQLite` wrote, of this many transactions, and how many bytes a frame has.
    fn written(transactions: usize) -> (Vec<u8>, usize) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;")
            .unwrap();
        connection.execute_batch("CREATE TABLE t (x BLOB)").unwrap();
        for _ in 1..transactions {
            connection.execute("INSERT INTO t VALUES (randomblob(3000))", []).unwrap();
        }
        let page: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
        (fs::read(beside(&path)).unwrap(), page as usize + 24)
    }

    fn scanned(bytes: &[u8]) -> WalReport {
        scan(bytes).unwrap().unwrap()
    }

    #[test]
    fn every_frame_that_sqlite_wrote_is_sound() {
        let (wal, frame) = written(20);
        let report = scanned(&wal);
        assert_eq!(report.frames, u64::try_from((wal.len() - 32) / frame).unwrap());
        assert_eq!(report.damage, None);
    }

    #[test]
    fn a_log_that_was_cut_off_is_taken_for_one_that_ended() {
        let (wal, _) = written(20);
        for cut in (0..wal.len()).step_by(997) {
            let report = scan(&wal[..cut]).unwrap();
            assert!(report.is_none_or(|report| report.damage.is_none()), "{cut}");
        }
    }

    #[test]
    fn a_bit_that_flipped_before_another_transaction_is_named_with_its_frame() {
        let (wal, frame) = written(20);
        let frames = (wal.len() - 32) / frame;
        let mut named = 0;
        for at in (32..wal.len()).step_by(311) {
            let mut damaged = wal.clone();
            damaged[at] ^= 4;
            let number = u64::try_from((at - 32) / frame + 1).unwrap();
            let report = scanned(&damaged);
            assert_eq!(report.frames, number - 1);
            // The last two transactions have two frames each at most: the end may have been torn.
            if number + 4 <= u64::try_from(frames).unwrap() {
                let damage = report.damage.unwrap();
                assert_eq!(damage.frame, number, "{at}");
                assert!(damage.lost > 0);
                named += 1;
            }
        }
        assert!(named > 100, "{named}");
    }

    #[test]
    fn a_damaged_header_is_named() {
        let (wal, _) = written(3);
        for at in 0..32 {
            let mut damaged = wal.clone();
            damaged[at] ^= 1;
            let frame = scanned(&damaged).damage.unwrap().frame;
            assert_eq!(frame, 0, "{at}");
        }
    }

    #[test]
    fn what_a_transaction_left_that_was_undone_is_no_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
                 PRAGMA cache_size = 4; CREATE TABLE t (x BLOB);
                 BEGIN;
                 INSERT INTO t SELECT randomblob(3000) FROM
                     (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
                      SELECT i FROM n);
                 ROLLBACK;
                 INSERT INTO t VALUES (1);",
            )
            .unwrap();
        let wal = fs::read(beside(&path)).unwrap();
        let report = scanned(&wal);
        // More lies there than belongs to it.
        assert!(report.frames < 10 && wal.len() > 100 * 4_096, "{report:?}");
        assert_eq!(report.damage, None);
    }

    #[test]
    fn what_was_left_before_the_log_began_anew_is_no_damage() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
                 CREATE TABLE t (x BLOB);",
            )
            .unwrap();
        for _ in 0..20 {
            connection.execute("INSERT INTO t VALUES (randomblob(3000))", []).unwrap();
        }
        connection
            .query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get::<_, i64>(0))
            .unwrap();
        connection.execute("INSERT INTO t VALUES (1)", []).unwrap();
        let report = scanned(&fs::read(beside(&path)).unwrap());
        assert!((1..6).contains(&report.frames), "{report:?}");
        assert_eq!(report.damage, None);
    }

    #[test]
    fn a_store_with_a_damaged_log_is_not_opened() {
        let (wal, frame) = written(20);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        fs::write(&path, b"").unwrap();
        let mut damaged = wal;
        damaged[32 + 3 * frame + 100] ^= 1;
        fs::write(beside(&path), damaged).unwrap();
        let error = super::super::Sqlite::open(&path).unwrap_err();
        assert!(matches!(error, crate::StoreError::Damaged { .. }), "{error:?}");
    }
}
