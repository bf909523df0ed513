//! Checks a whole export of a log: every entry, every tile, the root, the signatures.

use crate::bundle::{BundleError, read_bundle};
use crate::digest::{Digest, fold, leaf_hash};
use crate::frontier::Frontier;
use crate::note::{Note, NoteError, SignatureLine};
use crate::policy::{Policy, Satisfied, Unsatisfied};
use crate::tile::{FULL, Tile, TileKind};
use crate::tree::TileSource;

/// What an export was found to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportReport {
    /// The checkpoint and who cosigned it.
    pub satisfied: Satisfied,
    /// How many tiles, of entries and of hashes, were compared.
    pub tiles: u64,
    /// How many signature lines the checkpoint has that are by nobody the policy names. They were
    /// not checked, and show nothing.
    pub unknown_signatures: usize,
}

/// The first thing that is wrong with an export.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Damage<E: std::error::Error + 'static> {
    /// The checkpoint is no signed note.
    #[error("`checkpoint` is damaged")]
    Checkpoint(#[source] NoteError),
    /// The checkpoint is not signed and cosigned as the policy asks.
    #[error("`checkpoint` does not meet the policy")]
    Policy(#[source] Unsatisfied),
    /// A file cannot be read.
    #[error("cannot read `{tile}`")]
    Source {
        /// Which.
        tile: Tile,
        /// Why.
        source: E,
    },
    /// A file is not there.
    #[error("`{tile}` is missing")]
    Missing {
        /// Which.
        tile: Tile,
    },
    /// A bundle of entries does not have the form of one, or not as many entries as it should.
    #[error("`{tile}` is no bundle of {} entries", tile.width())]
    Bundle {
        /// Which.
        tile: Tile,
        /// Why, if it is no bundle at all.
        source: Option<BundleError>,
    },
    /// An entry is not the one that the signed root commits to.
    #[error("entry {index} in `{tile}` was altered")]
    Entry {
        /// The bundle.
        tile: Tile,
        /// Which entry of the log, from 0.
        index: u64,
    },
    /// A tile of hashes is not the one that the entries give.
    #[error("`{tile}` was altered")]
    Tile {
        /// Which.
        tile: Tile,
    },
    /// A tile of hashes is not the one that the tile above it commits to, and neither is what lies
    /// below it: entries and hashes were altered together.
    #[error("`{tile}` and the entries below it were rewritten")]
    Rewritten {
        /// Which.
        tile: Tile,
    },
    /// Entries and hashes agree with each other, and not with the signed root.
    #[error("the entries do not give the root that was signed: the log was rewritten")]
    Root {},
}

/// Checks a whole export: that the checkpoint meets the policy, that every entry belongs to its
/// root, and that every tile of hashes follows from the entries. `checkpoint` is the bytes of the
/// signed note. Each tile must be there with the width that the size of the tree gives.
///
/// # Errors
/// The first damage, going through the checkpoint, the entries from the first on, and the tiles of
/// hashes. Where two files disagree, the one above them decides which of them is damaged.
pub fn verify_export<S: TileSource>(
    source: &S,
    checkpoint: &[u8],
    policy: &Policy,
) -> Result<ExportReport, Damage<S::Error>> {
    let note = Note::parse(checkpoint).map_err(Damage::Checkpoint)?;
    let satisfied = policy.check(&note).map_err(Damage::Policy)?;
    let size = satisfied.checkpoint.size();
    let mut check = Check { source, size, frontier: Frontier::new(), tiles: 0, suspect: None };
    check.everything()?;
    let rooted = check.frontier.root() == satisfied.checkpoint.root();
    match check.suspect {
        // The entries are right, so the tile that disagrees with them is not.
        Some((tile, _)) if rooted => return Err(Damage::Tile { tile }),
        Some((_, below)) => return Err(below),
        None if !rooted => return Err(Damage::Root {}),
        None => {}
    }
    let known = |line: &&SignatureLine| {
        let mut keys = policy.logs().chain(policy.witnesses());
        keys.any(|(key, _)| key.made(line))
    };
    let unknown_signatures = note.signatures().iter().filter(|line| !known(line)).count();
    Ok(ExportReport { satisfied, tiles: check.tiles, unknown_signatures })
}

struct Check<'a, S: TileSource> {
    source: &'a S,
    size: u64,
    /// The tree that the entries read so far give.
    frontier: Frontier,
    tiles: u64,
    /// A tile at the right edge that disagrees with what lies below it, and what is damaged if the
    /// tile is not: only the root can tell.
    suspect: Option<(Tile, Damage<S::Error>)>,
}

impl<S: TileSource> Check<'_, S> {
    fn everything(&mut self) -> Result<(), Damage<S::Error>> {
        let mut finished = Vec::new();
        for index in 0..self.size.div_ceil(u64::from(FULL)) {
            let Some(tile) = Tile::of(TileKind::Entries, index, self.size) else { continue };
            let hashes = self.bundle(tile)?;
            for hash in &hashes {
                self.frontier.append_hash(*hash, &mut finished);
            }
            if let Some(tile) = Tile::of(TileKind::Hashes(0), index, self.size) {
                self.compare(tile, &hashes)?;
            }
            for above in finished.drain(..).filter(|above| above.tile.kind() != LOWEST) {
                self.compare(above.tile, &Digest::split(&above.bytes).unwrap_or_default())?;
            }
        }
        let edge: Vec<_> = self.frontier.partial_tiles().collect();
        for open in edge.into_iter().filter(|open| open.tile.kind() != LOWEST) {
            self.compare(open.tile, &Digest::split(&open.bytes).unwrap_or_default())?;
        }
        Ok(())
    }

    /// The hashes of the entries of a bundle.
    fn bundle(&mut self, tile: Tile) -> Result<Vec<Digest>, Damage<S::Error>> {
        let bytes = self.read(tile)?;
        let entries =
            read_bundle(&bytes).map_err(|source| Damage::Bundle { tile, source: Some(source) })?;
        if entries.len() != usize::from(tile.width()) {
            return Err(Damage::Bundle { tile, source: None });
        }
        self.tiles += 1;
        Ok(entries.into_iter().map(leaf_hash).collect())
    }

    /// Compares a stored tile with the hashes that the entries give.
    fn compare(&mut self, tile: Tile, computed: &[Digest]) -> Result<(), Damage<S::Error>> {
        let stored = self.stored(tile)?;
        self.tiles += 1;
        let Some(place) = stored.iter().zip(computed).position(|(a, b)| a != b) else {
            return Ok(());
        };
        let below = self.below(tile, place);
        let above = self.above(tile);
        if above.is_some() && above == fold(&stored) {
            return Err(below);
        }
        if above.is_some() && above == fold(computed) {
            return Err(Damage::Tile { tile });
        }
        self.suspect.get_or_insert((tile, below));
        Ok(())
    }

    /// What is damaged if a tile is right and what lies below one of its hashes disagrees.
    fn below(&self, tile: Tile, place: usize) -> Damage<S::Error> {
        let index = tile.index() * u64::from(FULL) + place as u64;
        if let TileKind::Hashes(level @ 1..) = tile.kind() {
            let child = Tile::of(TileKind::Hashes(level - 1), index, self.size);
            Damage::Rewritten { tile: child.unwrap_or(tile) }
        } else {
            let bundle = Tile::of(TileKind::Entries, tile.index(), self.size);
            Damage::Entry { tile: bundle.unwrap_or(tile), index }
        }
    }

    /// What the tile above says the hash over a tile is; `None` at the right edge, or where the
    /// tile above cannot be had.
    fn above(&self, tile: Tile) -> Option<Digest> {
        let TileKind::Hashes(level) = tile.kind() else { return None };
        let width = u64::from(FULL);
        let parent = Tile::of(TileKind::Hashes(level + 1), tile.index() / width, self.size)?;
        let hashes = self.stored(parent).ok()?;
        hashes.get(usize::try_from(tile.index() % width).ok()?).copied()
    }

    fn stored(&self, tile: Tile) -> Result<Vec<Digest>, Damage<S::Error>> {
        let hashes = Digest::split(&self.read(tile)?).unwrap_or_default();
        if hashes.len() == usize::from(tile.width()) {
            Ok(hashes)
        } else {
            Err(Damage::Tile { tile })
        }
    }

    fn read(&self, tile: Tile) -> Result<Vec<u8>, Damage<S::Error>> {
        let bytes = self.source.read(tile).map_err(|source| Damage::Source { tile, source })?;
        bytes.ok_or(Damage::Missing { tile })
    }
}

/// The tiles of hashes that are compared as the entries are read.
const LOWEST: TileKind = TileKind::Hashes(0);
