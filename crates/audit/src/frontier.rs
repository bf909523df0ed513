//! The right edge of a tree: all that is needed to let it grow.

use crate::digest::{Digest, empty_root, fold, leaf_hash};
use crate::tile::{FULL, LEVELS, Tile, TileKind};
use crate::tree::{TileSource, Tree, TreeError};

/// The size of a tree and, for each level, the hashes that do not fill a tile yet.
///
/// Takes a new entry with two hashes on average, and holds at most 255 hashes a level.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    /// INVARIANT: level `l` holds `floor(size / 256^l) mod 256` hashes.
    levels: [Vec<Digest>; LEVELS as usize],
}

/// A tile of hashes as it is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedTile {
    /// Which.
    pub tile: Tile,
    /// Its hashes one after another; 8,192 bytes for a full tile.
    pub bytes: Vec<u8>,
}

impl Frontier {
    /// That of a tree without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// That of a tree of `size` entries, from its stored tiles: reads one tile a level. Hold
    /// [`root`](Self::root) against the signed checkpoint before building on it.
    ///
    /// # Errors
    /// When a tile is missing or malformed, or the source fails.
    pub fn restore<S: TileSource>(size: u64, source: &S) -> Result<Self, TreeError<S::Error>> {
        let mut tree = Tree::new(source, size);
        let mut frontier = Self { size, ..Self::default() };
        for (level, hashes) in (0..LEVELS).zip(&mut frontier.levels) {
            let index = (size >> (8 * level)) / u64::from(FULL);
            // A level that ends with a full tile has nothing open.
            if let Some(tile) = Tile::of(TileKind::Hashes(level), index, size) {
                *hashes = tree.hashes(tile)?.to_vec();
            }
        }
        Ok(frontier)
    }

    /// How many entries the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends an entry and adds the tiles that this fills to `finished`, lowest level first.
    pub fn append(&mut self, entry: &[u8], finished: &mut Vec<FinishedTile>) {
        self.append_hash(leaf_hash(entry), finished);
    }

    /// Appends an entry of which only the leaf hash is at hand.
    pub fn append_hash(&mut self, leaf: Digest, finished: &mut Vec<FinishedTile>) {
        // The tree of 2^64 entries cannot be: at a million entries a second it takes 584,542 years.
        self.size = self.size.saturating_add(1);
        let mut hash = leaf;
        for (level, hashes) in (0..LEVELS).zip(&mut self.levels) {
            hashes.push(hash);
            if hashes.len() < usize::from(FULL) {
                return;
            }
            let index = (self.size >> (8 * level)).saturating_sub(1) / u64::from(FULL);
            if let Some(tile) = Tile::full(TileKind::Hashes(level), index) {
                finished.push(FinishedTile { tile, bytes: Digest::join(hashes) });
            }
            let Some(over) = fold(hashes) else { return };
            hash = over;
            hashes.clear();
        }
    }

    /// The root of the tree.
    pub fn root(&self) -> Digest {
        let mut right = None;
        for hashes in &self.levels {
            // What lies to the right of a level's last complete subtree is smaller than it, and
            // so comes last in the fold.
            let all: Vec<Digest> = hashes.iter().copied().chain(right).collect();
            right = fold(&all);
        }
        right.unwrap_or_else(empty_root)
    }

    /// The tiles at the right edge that are not full, as a checkpoint of this size needs them.
    pub fn partial_tiles(&self) -> impl Iterator<Item = FinishedTile> {
        (0..LEVELS).zip(&self.levels).filter_map(|(level, hashes)| {
            let index = (self.size >> (8 * level)) / u64::from(FULL);
            let tile = Tile::of(TileKind::Hashes(level), index, self.size)?;
            Some(FinishedTile { tile, bytes: Digest::join(hashes) })
        })
    }
}
