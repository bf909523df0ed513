//! Reads a stored tree and makes proofs from it.

use crate::digest::{Digest, empty_root, fold, node_hash};
use crate::tile::{FULL, Tile, TileKind};
use std::collections::BTreeMap;

/// Tiles kept at hand, at most: a proof needs one or two a level.
const KEPT: usize = 64;

/// Where stored tiles come from: a folder, a table, a server.
///
/// It is not trusted: whoever can change it can make proofs fail, and none that is checked against a
/// signed root hold wrongly.
pub trait TileSource {
    /// Why it cannot be read.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The bytes of a tile, for [`TileKind::Entries`] those of the entry bundle; `None` when it is
    /// not there. A tile that is not full may be answered with `None` when the full one is there,
    /// which is then asked for.
    ///
    /// # Errors
    /// When the source cannot be read.
    fn read(&self, tile: Tile) -> Result<Option<Vec<u8>>, Self::Error>;
}

impl<S: TileSource> TileSource for &S {
    type Error = S::Error;

    fn read(&self, tile: Tile) -> Result<Option<Vec<u8>>, Self::Error> {
        (**self).read(tile)
    }
}

/// Why a stored tree cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError<E: std::error::Error + 'static> {
    /// The source failed.
    #[error("cannot read `{tile}`")]
    Source {
        /// Which tile.
        tile: Tile,
        /// Why.
        source: E,
    },
    /// A tile is not there.
    #[error("`{tile}` is missing")]
    Missing {
        /// Which.
        tile: Tile,
    },
    /// A tile is too short or too long.
    #[error("`{tile}` has {length_bytes} bytes, which is not right for its width")]
    Malformed {
        /// Which.
        tile: Tile,
        /// How many it has.
        length_bytes: usize,
    },
    /// An index or size lies outside of the tree.
    #[error("`{place}` lies outside of a tree of {size} entries")]
    Outside {
        /// The index or size asked for.
        place: u64,
        /// The size of the tree.
        size: u64,
    },
}

/// A stored tree of a given size. What it says is as true as its source; whoever hands a proof on
/// first checks it against a signed root.
#[derive(Debug)]
pub struct Tree<'a, S> {
    source: &'a S,
    size: u64,
    kept: BTreeMap<Tile, Vec<Digest>>,
}

impl<'a, S: TileSource> Tree<'a, S> {
    /// The first `size` entries of what the source holds.
    pub const fn new(source: &'a S, size: u64) -> Self {
        Self { source, size, kept: BTreeMap::new() }
    }

    /// How many entries it has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Its root.
    ///
    /// # Errors
    /// When a tile cannot be had.
    pub fn root(&mut self) -> Result<Digest, TreeError<S::Error>> {
        if self.size == 0 { Ok(empty_root()) } else { self.range(0, self.size) }
    }

    /// The root that the tree had when it had `size` entries.
    ///
    /// # Errors
    /// When a tile cannot be had, or the tree never was so large.
    pub fn root_at(&mut self, size: u64) -> Result<Digest, TreeError<S::Error>> {
        match size {
            0 => Ok(empty_root()),
            size if size <= self.size => self.range(0, size),
            place => Err(TreeError::Outside { place, size: self.size }),
        }
    }

    /// The hash of the leaf at an index.
    ///
    /// # Errors
    /// When the tile cannot be had, or the tree ends before it.
    pub fn leaf(&mut self, index: u64) -> Result<Digest, TreeError<S::Error>> {
        if index >= self.size {
            return Err(TreeError::Outside { place: index, size: self.size });
        }
        self.range(index, index + 1)
    }

    /// The proof that the leaf at an index is in the tree (RFC 6962 section 2.1.1).
    ///
    /// # Errors
    /// When a tile cannot be had, or the tree ends before the index.
    pub fn inclusion(&mut self, index: u64) -> Result<Vec<Digest>, TreeError<S::Error>> {
        if index >= self.size {
            return Err(TreeError::Outside { place: index, size: self.size });
        }
        let (mut low, mut high) = (0, self.size);
        let mut proof = Vec::new();
        while high - low > 1 {
            let middle = low + split(high - low);
            if index < middle {
                proof.push(self.range(middle, high)?);
                high = middle;
            } else {
                proof.push(self.range(low, middle)?);
                low = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// The proof that the tree begins with the first `old` of its entries (RFC 6962 section 2.1.2);
    /// empty for 0 and for its own size.
    ///
    /// # Errors
    /// When a tile cannot be had, or `old` is more than its size.
    pub fn consistency(&mut self, old: u64) -> Result<Vec<Digest>, TreeError<S::Error>> {
        if old > self.size {
            return Err(TreeError::Outside { place: old, size: self.size });
        }
        if old == 0 || old == self.size {
            return Ok(Vec::new());
        }
        let (mut low, mut high) = (0, self.size);
        let mut proof = Vec::new();
        while old != high {
            let middle = low + split(high - low);
            if old <= middle {
                proof.push(self.range(middle, high)?);
                high = middle;
            } else {
                proof.push(self.range(low, middle)?);
                low = middle;
            }
        }
        // The older tree itself, where it is complete, is known to whoever checks.
        if low != 0 {
            proof.push(self.range(low, high)?);
        }
        proof.reverse();
        Ok(proof)
    }

    /// The hash over the leaves from `low` to before `high`, one of the ranges that the recursion
    /// of RFC 6962 gives: `low` is a multiple of a power of two that is not less than its length.
    fn range(&mut self, low: u64, high: u64) -> Result<Digest, TreeError<S::Error>> {
        let length = high - low;
        if length.is_power_of_two() {
            return self.node(length.trailing_zeros(), low);
        }
        let middle = low + split(length);
        let left = self.range(low, middle)?;
        let right = self.range(middle, high)?;
        Ok(node_hash(&left, &right))
    }

    /// The hash of the complete subtree of 2^height leaves that begins at `low`.
    fn node(&mut self, height: u32, low: u64) -> Result<Digest, TreeError<S::Error>> {
        let size = self.size;
        let outside = TreeError::Outside { place: low, size };
        let level = u8::try_from(height / 8).unwrap_or(u8::MAX);
        let first = low >> (8 * u32::from(level));
        let index = first / u64::from(FULL);
        let Some(tile) = Tile::of(TileKind::Hashes(level), index, size) else {
            return Err(outside);
        };
        let from = usize::try_from(first % u64::from(FULL)).unwrap_or(usize::MAX);
        let count = 1_usize << (height % 8);
        let hashes = self.hashes(tile)?;
        hashes.get(from..from.saturating_add(count)).and_then(fold).ok_or(outside)
    }

    /// The hashes of a tile, read once.
    pub(crate) fn hashes(&mut self, tile: Tile) -> Result<&[Digest], TreeError<S::Error>> {
        if !self.kept.contains_key(&tile) {
            let hashes = read_hashes(self.source, tile)?;
            if self.kept.len() >= KEPT {
                self.kept.clear();
            }
            self.kept.insert(tile, hashes);
        }
        Ok(self.kept.get(&tile).map_or(&[], Vec::as_slice))
    }
}

/// Reads a tile of hashes, from the full one where the partial one is gone.
fn read_hashes<S: TileSource>(source: &S, tile: Tile) -> Result<Vec<Digest>, TreeError<S::Error>> {
    let read = |tile| source.read(tile).map_err(|source| TreeError::Source { tile, source });
    let (found, expected) = match read(tile)? {
        Some(bytes) => (bytes, tile),
        None if tile.width() < FULL => match read(tile.widened())? {
            Some(bytes) => (bytes, tile.widened()),
            None => return Err(TreeError::Missing { tile }),
        },
        None => return Err(TreeError::Missing { tile }),
    };
    let malformed = TreeError::Malformed { tile: expected, length_bytes: found.len() };
    if found.len() != expected.bytes() {
        return Err(malformed);
    }
    let mut hashes = Digest::split(&found).ok_or(malformed)?;
    hashes.truncate(usize::from(tile.width()));
    Ok(hashes)
}

/// The largest power of two that is less than `length`, which is at least 2.
const fn split(length: u64) -> u64 {
    1 << (u64::BITS - 1 - (length - 1).leading_zeros())
}
