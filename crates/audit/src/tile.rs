//! Tiles and their paths, as C2SP tlog-tiles has them.

use crate::digest::Digest;
use crate::encoding::decimal;
use std::fmt;
use std::str::FromStr;

/// Hashes or entries in a full tile.
pub(crate) const FULL: u16 = 256;

/// Levels that a tree of at most 2^64 - 1 entries can have: 256^8 = 2^64.
pub(crate) const LEVELS: u8 = 8;

/// What a tile holds. The order is the one in which an export is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TileKind {
    /// The entries themselves, each with its length in front.
    Entries,
    /// Hashes at a level: 0 for the hashes of entries, one more for each 256-fold.
    Hashes(u8),
}

/// One tile: up to 256 hashes or entries next to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    kind: TileKind,
    index: u64,
    width: u16,
}

/// Why a path is not one of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TilePathError {
    /// It does not have the form `tile/<level>/<index>[.p/<width>]`.
    #[error("the path is not one of a tile")]
    Malformed {},
}

impl Tile {
    /// The tile at this place in a tree of `size` entries: full, or as wide as the tree goes.
    /// `None` where the tree has nothing.
    pub fn of(kind: TileKind, index: u64, size: u64) -> Option<Self> {
        let items = items(kind, size)?;
        let before = index.checked_mul(u64::from(FULL))?;
        let width = items.checked_sub(before)?.min(u64::from(FULL));
        let width = u16::try_from(width).ok().filter(|width| *width > 0)?;
        Some(Self { kind, index, width })
    }

    /// A full tile; `None` where no tree reaches.
    pub fn full(kind: TileKind, index: u64) -> Option<Self> {
        Self::of(kind, index, u64::MAX).filter(|tile| tile.width == FULL)
    }

    /// All tiles of a tree of `size` entries: first those of entries, then of hashes level by
    /// level, each from the left.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        let kinds = std::iter::once(TileKind::Entries).chain((0..LEVELS).map(TileKind::Hashes));
        kinds.flat_map(move |kind| {
            let count = items(kind, size).unwrap_or(0).div_ceil(u64::from(FULL));
            (0..count).filter_map(move |index| Self::of(kind, index, size))
        })
    }

    /// What it holds.
    pub const fn kind(self) -> TileKind {
        self.kind
    }

    /// Its place within the level, from 0.
    pub const fn index(self) -> u64 {
        self.index
    }

    /// How many hashes or entries it holds, 1 to 256.
    pub const fn width(self) -> u16 {
        self.width
    }

    /// The full tile at the same place.
    #[must_use]
    pub const fn widened(self) -> Self {
        Self { width: FULL, ..self }
    }

    /// Bytes of a tile of hashes of this width.
    pub(crate) fn bytes(self) -> usize {
        usize::from(self.width) * Digest::LENGTH
    }
}

/// How many hashes or entries of a kind a tree has.
fn items(kind: TileKind, size: u64) -> Option<u64> {
    match kind {
        TileKind::Entries => Some(size),
        TileKind::Hashes(level) if level < LEVELS => Some(size >> (8 * level)),
        TileKind::Hashes(_) => None,
    }
}

impl fmt::Display for Tile {
    /// The path under the prefix of the log, such as `tile/0/x001/234.p/5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            TileKind::Entries => f.write_str("tile/entries/")?,
            TileKind::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        let mut groups = Vec::new();
        let mut rest = self.index;
        loop {
            groups.push(rest % 1000);
            rest /= 1000;
            if rest == 0 {
                break;
            }
        }
        let last = groups.first().copied().unwrap_or_default();
        for group in groups.iter().skip(1).rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{last:03}")?;
        if self.width < FULL {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

impl FromStr for Tile {
    type Err = TilePathError;

    /// Reads what `Display` writes and no other form.
    fn from_str(path: &str) -> Result<Self, TilePathError> {
        parse(path)
            // Whatever else could mean the same tile is refused: one tile has one path.
            .filter(|tile| tile.to_string() == path)
            .ok_or(TilePathError::Malformed {})
    }
}

fn parse(path: &str) -> Option<Tile> {
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let kind = match level {
        "entries" => TileKind::Entries,
        level => TileKind::Hashes(u8::try_from(decimal(level)?).ok()?),
    };
    let (rest, width) = match rest.split_once(".p/") {
        Some((rest, width)) => (rest, u16::try_from(decimal(width)?).ok()?),
        None => (rest, FULL),
    };
    let mut index = 0_u64;
    for group in rest.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    let full = Tile::full(kind, index)?;
    (1..=FULL).contains(&width).then_some(Tile { width, ..full })
}
