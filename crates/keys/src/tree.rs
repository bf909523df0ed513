//! The tree of keys of one generation, and what is left of it after shredding.

use crate::number::RecordNumber;
use crate::ranges::Ranges;
use crate::secret::Secret;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Steps from the root to a leaf. Two to this is how many record numbers there are.
pub(crate) const DEPTH: u8 = 40;

/// The seeds that are left of a tree: each covers the leaves below it, and none of them is above
/// a punctured leaf.
///
/// INVARIANT: the nodes are the greatest subtrees without a punctured leaf, so where they stand
/// follows from what is punctured, and from nothing else.
#[derive(Clone)]
pub(crate) struct Tree(BTreeMap<u64, Node>);

/// A seed with the first leaf below it as its key in the map.
#[derive(Clone)]
pub(crate) struct Node {
    /// Steps from the root.
    pub(crate) depth: u8,
    pub(crate) seed: Secret,
}

/// The bit that says which way down from a node at `depth` leads to the leaf `number`.
pub(crate) fn goes_right(number: u64, depth: u8) -> bool {
    let shift = DEPTH.saturating_sub(depth).saturating_sub(1);
    (number >> shift) & 1 == 1
}

/// How many leaves are below a node at `depth`.
fn leaves(depth: u8) -> u64 {
    1 << DEPTH.saturating_sub(depth)
}

fn last_leaf(first: u64, depth: u8) -> u64 {
    first.saturating_add(leaves(depth)).saturating_sub(1)
}

/// Where the nodes of a tree stand when `punctured` is, as first leaf and depth, in order.
pub(crate) fn places(punctured: &Ranges) -> impl Iterator<Item = (u64, u8)> + '_ {
    punctured.gaps().flat_map(|gap| {
        let (mut next, last) = (*gap.start(), *gap.end());
        std::iter::from_fn(move || {
            let depth = (0..=DEPTH).find(|depth| {
                next.is_multiple_of(leaves(*depth)) && last_leaf(next, *depth) <= last
            });
            let place = (next, depth.filter(|_| next <= last)?);
            next = next.saturating_add(leaves(place.1));
            Some(place)
        })
    })
}

impl Tree {
    /// A whole tree from its root.
    pub(crate) fn grown(root: Secret) -> Self {
        Self(BTreeMap::from([(0, Node { depth: 0, seed: root })]))
    }

    /// What is left of a tree, from seeds in the order of [`places`].
    pub(crate) fn from_nodes(nodes: impl Iterator<Item = (u64, u8, Secret)>) -> Self {
        Self(nodes.map(|(first, depth, seed)| (first, Node { depth, seed })).collect())
    }

    /// The seeds in order, as they are kept.
    pub(crate) fn seeds(&self) -> impl Iterator<Item = &Secret> {
        self.0.values().map(|node| &node.seed)
    }

    /// How many seeds there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The node above the leaf `number`, unless that is punctured.
    pub(crate) fn above(&self, number: u64) -> Option<&Node> {
        let (first, node) = self.0.range(..=number).next_back()?;
        (number <= last_leaf(*first, node.depth)).then_some(node)
    }

    /// Makes the leaves of a range underivable.
    pub(crate) fn puncture(&mut self, range: &RangeInclusive<u64>) {
        let (first, last) = (*range.start(), (*range.end()).min(RecordNumber::MAX.value()));
        if first > last {
            return;
        }
        let before = self.0.range(..first).next_back();
        let reaches_in = before.filter(|(start, node)| first <= last_leaf(**start, node.depth));
        let touched: Vec<u64> =
            reaches_in.into_iter().chain(self.0.range(first..=last)).map(|(key, _)| *key).collect();
        for start in touched {
            if let Some(node) = self.0.remove(&start) {
                self.keep_outside(start, &node, first, last);
            }
        }
    }

    /// Puts the seeds back that are below a node and not above any leaf of the range.
    fn keep_outside(&mut self, start: u64, node: &Node, first: u64, last: u64) {
        if first <= start && last_leaf(start, node.depth) <= last {
            return;
        }
        let depth = node.depth.saturating_add(1);
        for right in [false, true] {
            let start = if right { start.saturating_add(leaves(depth)) } else { start };
            let end = last_leaf(start, depth);
            if first <= start && end <= last {
                continue;
            }
            let child = Node { depth, seed: node.seed.child(right) };
            if end < first || last < start {
                self.0.insert(start, child);
            } else {
                self.keep_outside(start, &child, first, last);
            }
        }
    }
}
