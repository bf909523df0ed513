//! A set of numbers, kept as ranges.

use crate::number::RecordNumber;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A set of record numbers, from first to last of each range.
///
/// INVARIANT: ranges neither overlap nor touch, so that a set has one form; none ends after
/// `RecordNumber::MAX`.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Ranges(BTreeMap<u64, u64>);

impl Ranges {
    pub(crate) fn contains(&self, number: u64) -> bool {
        self.0.range(..=number).next_back().is_some_and(|(_, last)| number <= *last)
    }

    /// Adds numbers, those above the greatest record number left out. Whether any was new.
    pub(crate) fn insert(&mut self, range: &RangeInclusive<u64>) -> bool {
        let (mut first, mut last) = (*range.start(), (*range.end()).min(RecordNumber::MAX.value()));
        if first > last || self.0.range(..=first).next_back().is_some_and(|(_, end)| last <= *end) {
            return false;
        }
        // What touches the new range becomes part of it.
        while let Some((&start, &end)) = self.0.range(..=last.saturating_add(1)).next_back() {
            if end.saturating_add(1) < first {
                break;
            }
            self.0.remove(&start);
            first = first.min(start);
            last = last.max(end);
        }
        self.0.insert(first, last);
        true
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = RangeInclusive<u64>> + '_ {
        self.0.iter().map(|(first, last)| *first..=*last)
    }

    /// How many ranges there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is not in the set, as ranges.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = RangeInclusive<u64>> + '_ {
        let ends = RecordNumber::MAX.value().saturating_add(1);
        let starts = std::iter::once(0).chain(self.0.values().map(|last| last.saturating_add(1)));
        let ends = self.0.keys().copied().chain(std::iter::once(ends));
        starts
            .zip(ends)
            .filter(|(start, end)| start < end)
            .map(|(start, end)| start..=end.saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn sets() -> impl Strategy<Value = Vec<RangeInclusive<u64>>> {
        proptest::collection::vec((0..60_u64, 0..8_u64), 0..20)
            .prop_map(|pairs| pairs.into_iter().map(|(first, more)| first..=first + more).collect())
    }

    proptest! {
        #[test]
        fn a_set_of_ranges_is_a_set(inserted in sets()) {
            let (mut ranges, mut model) = (Ranges::default(), BTreeSet::new());
            for range in inserted {
                let before = model.len();
                model.extend(range.clone());
                prop_assert_eq!(ranges.insert(&range), model.len() > before);
            }
            for number in 0..80 {
                prop_assert_eq!(ranges.contains(number), model.contains(&number));
            }
            prop_assert_eq!(ranges.iter().flatten().collect::<BTreeSet<_>>(), model);
            prop_assert_eq!(ranges.iter().count(), ranges.len());
            let ends: Vec<u64> = ranges.iter().flat_map(|r| [*r.start(), *r.end() + 1]).collect();
            prop_assert!(ends.is_sorted_by(|one, next| one < next), "ranges touch: {ends:?}");
        }

        #[test]
        fn gaps_are_what_is_left(inserted in sets()) {
            let mut all = Ranges::default();
            for range in &inserted {
                all.insert(range);
            }
            for gap in all.clone().gaps() {
                prop_assert!(!gap.is_empty());
                prop_assert!(!all.contains(*gap.start()) && !all.contains(*gap.end()));
                all.insert(&gap);
            }
            let whole = 0..=RecordNumber::MAX.value();
            prop_assert_eq!(all.iter().collect::<Vec<_>>(), vec![whole]);
        }
    }

    #[test]
    fn numbers_above_the_greatest_record_are_left_out() {
        let greatest = RecordNumber::MAX.value();
        let mut ranges = Ranges::default();
        assert!(!ranges.insert(&(greatest + 1..=u64::MAX)));
        assert!(ranges.insert(&(greatest..=u64::MAX)));
        assert_eq!(ranges.iter().collect::<Vec<_>>(), [greatest..=greatest]);
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "it is what is tested")]
    fn a_range_backwards_adds_nothing() {
        let mut ranges = Ranges::default();
        assert!(!ranges.insert(&(9..=5)));
        assert_eq!(ranges.len(), 0);
    }
}
