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
