//! The way from a node down to a leaf, remembered for the next leaf beside it.

use crate::secret::Secret;
use crate::tree::{DEPTH, Tree, goes_right};

/// The seeds on the way down to the leaf that was asked for last. Records are made and read in
/// order more often than not, and the way to the next leaf is mostly the same.
///
/// INVARIANT: every seed in it is below a node of the tree, so it must be forgotten whenever
/// anything is punctured.
pub(crate) struct Path {
    generation: u32,
    number: u64,
    /// The depth of the first seed; each further one is a step below.
    top: u8,
    seeds: Vec<Secret>,
}

/// The key of a record, unless its leaf is punctured.
pub(crate) fn record_key(
    path: &mut Option<Path>,
    generation: u32,
    tree: &Tree,
    number: u64,
) -> Option<Secret> {
    let kept = path.take().and_then(|path| path.shared_with(generation, number));
    let started = match kept {
        Some(path) => path,
        None => Path::from_node(generation, tree, number)?,
    };
    path.insert(started.down_to(number)).seeds.last().map(Secret::record_key)
}

impl Path {
    fn from_node(generation: u32, tree: &Tree, number: u64) -> Option<Self> {
        let node = tree.above(number)?;
        // Room for a whole way, so that growing it leaves no copies behind.
        let mut seeds = Vec::with_capacity(usize::from(DEPTH).saturating_add(1));
        seeds.push(node.seed.clone());
        Some(Self { generation, number, top: node.depth, seeds })
    }

    /// The part of the way that another leaf has in common with this one, if there is any.
    fn shared_with(mut self, generation: u32, number: u64) -> Option<Self> {
        let unused_bits = u64::BITS.saturating_sub(u32::from(DEPTH));
        let shared = (self.number ^ number).leading_zeros().saturating_sub(unused_bits);
        let steps = usize::try_from(shared.checked_sub(u32::from(self.top))?).ok()?;
        self.seeds.truncate(steps.saturating_add(1));
        (self.generation == generation).then_some(self)
    }

    fn down_to(mut self, number: u64) -> Self {
        let here = u8::try_from(self.seeds.len()).unwrap_or(DEPTH).saturating_sub(1);
        for depth in self.top.saturating_add(here)..DEPTH {
            let child = self.seeds.last().map(|seed| seed.child(goes_right(number, depth)));
            self.seeds.extend(child);
        }
        self.number = number;
        self
    }
}
