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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::record_key;
    use proptest::prelude::*;

    const LAST: u64 = RecordNumber::MAX.value();

    fn root() -> Secret {
        Secret::from_slice(&[7; 32]).unwrap()
    }

    /// Crowded where the tree is cut often: at both ends, in the middle, and anywhere.
    fn numbers() -> impl Strategy<Value = u64> {
        prop_oneof![0..32_u64, LAST - 32..=LAST, (LAST / 2) - 16..(LAST / 2) + 16, 0..=LAST,]
    }

    fn cuts() -> impl Strategy<Value = Vec<RangeInclusive<u64>>> {
        let more = prop_oneof![3 => Just(0), 2 => 0..40_u64, 1 => 0..=LAST];
        let cut = (numbers(), more).prop_map(|(first, more)| first..=(first + more).min(LAST));
        proptest::collection::vec(cut, 0..16)
    }

    fn cut(cuts: &[RangeInclusive<u64>]) -> (Tree, Ranges) {
        let (mut tree, mut ranges) = (Tree::grown(root()), Ranges::default());
        for range in cuts {
            tree.puncture(range);
            ranges.insert(range);
        }
        (tree, ranges)
    }

    /// The key of a record straight down from the root, whatever is punctured.
    fn naive_key(number: u64) -> [u8; 32] {
        let leaf = (0..DEPTH).fold(root(), |seed, depth| seed.child(goes_right(number, depth)));
        *leaf.record_key().bytes()
    }

    proptest! {
        // THREATS T-16
        #[test]
        fn no_seed_that_is_left_is_above_a_punctured_leaf(cuts in cuts()) {
            let (tree, ranges) = cut(&cuts);
            for (first, node) in &tree.0 {
                let last = last_leaf(*first, node.depth);
                let overlaps = ranges.iter().any(|range| *range.start() <= last && first <= range.end());
                prop_assert!(!overlaps, "{first} at {} is above a punctured leaf", node.depth);
            }
        }

        #[test]
        fn every_other_leaf_is_below_exactly_one_seed(cuts in cuts()) {
            let (tree, ranges) = cut(&cuts);
            let left: u64 = tree.0.values().map(|node| leaves(node.depth)).sum();
            let gone: u64 = ranges.iter().map(|range| range.end() - range.start() + 1).sum();
            prop_assert_eq!(left + gone, LAST + 1);
            let ends = tree.0.iter().flat_map(|(first, node)| [*first, last_leaf(*first, node.depth)]);
            prop_assert!(ends.is_sorted());
        }

        #[test]
        fn where_seeds_stand_follows_from_what_is_punctured(cuts in cuts()) {
            let (tree, ranges) = cut(&cuts);
            let stand: Vec<_> = tree.0.iter().map(|(first, node)| (*first, node.depth)).collect();
            prop_assert_eq!(places(&ranges).collect::<Vec<_>>(), stand);
        }

        #[test]
        fn the_order_of_puncturing_changes_nothing(cuts in cuts()) {
            let (tree, ranges) = cut(&cuts);
            let (other, _) = cut(&ranges.iter().collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>());
            let seeds = |tree: &Tree| tree.seeds().map(|seed| *seed.bytes()).collect::<Vec<_>>();
            prop_assert_eq!(seeds(&tree), seeds(&other));
        }

        /// With the way to the last leaf remembered, and without.
        #[test]
        fn a_key_is_the_one_from_the_root_or_none(
            cuts in cuts(),
            asked in proptest::collection::vec(numbers(), 1..20),
        ) {
            let (tree, ranges) = cut(&cuts);
            let mut path = None;
            for number in asked {
                let expected = (!ranges.contains(number)).then(|| naive_key(number));
                let remembered = record_key(&mut path, 1, &tree, number).map(|key| *key.bytes());
                let afresh = record_key(&mut None, 1, &tree, number).map(|key| *key.bytes());
                prop_assert_eq!(remembered, expected);
                prop_assert_eq!(afresh, expected);
            }
        }
    }

    #[test]
    fn a_path_of_one_generation_is_no_path_of_another() {
        let other = Tree::grown(Secret::from_slice(&[8; 32]).unwrap());
        let mut path = None;
        let first = record_key(&mut path, 1, &Tree::grown(root()), 5).unwrap();
        let second = record_key(&mut path, 2, &other, 5).unwrap();
        assert_eq!(*first.bytes(), naive_key(5));
        assert_ne!(first.bytes(), second.bytes());
    }

    #[test]
    fn one_leaf_costs_forty_seeds_and_a_run_of_them_no_more_than_twice_that() {
        assert_eq!(cut(&[17..=17]).0.len(), 40);
        assert_eq!(cut(&[0..=0, LAST..=LAST]).0.len(), 78);
        assert!(cut(&[1..=LAST - 1]).0.len() == 2);
        assert!(cut(&[123_457..=223_456]).0.len() <= 80);
        assert_eq!(cut(&[0..=LAST]).0.len(), 0);
    }
}
