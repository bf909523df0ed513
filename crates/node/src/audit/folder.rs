//! An export of a log in a folder: what `export` writes and `verify` reads.
//!
//! ```text
//! checkpoint                   the signed head
//! tile/<level>/<place>         digests, as C2SP tlog-tiles has them
//! tile/entries/<place>         the leaves
//! vkeys                        the keys of this log and those before it, oldest first, this one last
//! links/<n>                    the signed note that ties log n (from 1) of these to the one before it
//! ```

use crate::private_file::{folder_of, sync_folder};
use anyhow::Context;
use portcullis_audit::{Checkpoint, Note, Tile, TileKind, TileSource, VerifierKey};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// The most that is read of a file: a bundle of 256 entries of 65,535 bytes each, and their lengths.
const MOST_BYTES: u64 = 256 * 65_537;

/// Bytes of a digest.
const DIGEST_BYTES: usize = 32;

/// A folder with an export.
#[derive(Debug, Clone)]
pub(super) struct ExportFolder {
    path: PathBuf,
    /// Leaves that its checkpoint says it has.
    size: u64,
}

/// Reads a file, at most as long as any of an export is; none where it isn't there.
pub(super) fn read(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(MOST_BYTES.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Writes a file as a whole: a crash or a power cut leaves the old one or the new one. Others may read
/// it, as far as the account allows: an export is for them.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    fs::create_dir_all(folder)?;
    let mut new = tempfile::Builder::new();
    #[cfg(unix)]
    new.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut new = new.tempfile_in(folder)?;
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    new.persist(path).map_err(|error| error.error)?;
    sync_folder(folder)
}

impl ExportFolder {
    pub(super) fn new(path: &Path) -> Self {
        let mut folder = Self { path: path.to_owned(), size: 0 };
        let note = folder.read("checkpoint").ok().flatten();
        let head = note.and_then(|bytes| Note::parse(&bytes).ok());
        let head = head.and_then(|note| note.text().parse::<Checkpoint>().ok());
        folder.size = head.map_or(0, |head| head.size());
        folder
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(super) fn tile(&self, tile: Tile) -> PathBuf {
        self.path.join(tile.to_string())
    }

    /// Leaves that its checkpoint says it has, believed or not; 0 without one.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// A file of it; none where it isn't there.
    pub(super) fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        read(&self.path(name))
    }

    /// The keys that the export brings along, oldest first. Whoever made the export chose them.
    pub(super) fn keys(&self) -> anyhow::Result<Option<Vec<VerifierKey>>> {
        let Some(bytes) = self.read("vkeys").context("cannot read `vkeys`")? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes).context("`vkeys` is damaged")?;
        let text = text.strip_suffix('\n').context("`vkeys` is damaged")?;
        let keys = text.split('\n').map(str::parse).collect::<Result<_, _>>();
        keys.map(Some).context("`vkeys` is damaged")
    }
}

impl TileSource for ExportFolder {
    type Error = io::Error;

    fn read(&self, tile: Tile) -> io::Result<Option<Vec<u8>>> {
        if let Some(bytes) = read(&self.tile(tile))? {
            return Ok(Some(bytes));
        }
        // The tree has grown since: what is asked for is the beginning of what is there.
        let wider = match tile.kind() {
            TileKind::Entries => None,
            TileKind::Hashes(_) => Tile::of(tile.kind(), tile.index(), self.size),
        };
        let Some(wider) = wider.filter(|wider| wider.width() > tile.width()) else {
            return Ok(None);
        };
        let bytes = read(&self.tile(wider))?;
        let wanted = usize::from(tile.width()).saturating_mul(DIGEST_BYTES);
        Ok(bytes.and_then(|bytes| bytes.get(..wanted).map(<[u8]>::to_vec)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_written_takes_the_place_of_the_old_and_others_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tile/0/000");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::write(folder.path().join("plain"), "").unwrap();
        for text in ["old", "new"] {
            write(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(mode(&path), mode(&folder.path().join("plain")));
        let beside = fs::read_dir(folder.path().join("tile/0")).unwrap().count();
        assert_eq!(beside, 1, "nothing is left beside it");
    }

    #[test]
    fn a_folder_in_the_way_of_the_name_beside_stops_nobody() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("checkpoint.new")).unwrap();
        write(&folder.path().join("checkpoint"), b"whole").unwrap();
        assert_eq!(fs::read(folder.path().join("checkpoint")).unwrap(), b"whole");
    }
}
