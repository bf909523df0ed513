//! Finding names among what is sealed: who was decided on or shown, under a name like this?
//!
//! The database holds no name in the clear, so it cannot be asked. The names are opened into memory
//! once, folded, and brought up to date with what has happened since. What was erased leaves the index
//! when it is next brought up to date. It is as secret as the names: it is overwritten on drop, shows
//! nothing of itself, and is never written anywhere.

use crate::StoreError;
use crate::cells::{Cells, integer};
use crate::database::{Database, Open};
use crate::tables::{alerts, events};
use portcullis_decide::Reference;
use portcullis_keys::RecordNumber;
use portcullis_types::{EventId, OrganisationId};
use std::collections::BTreeMap;
use std::fmt;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use zeroize::Zeroizing;

/// Rows read at a time.
const PAGE: i64 = 5_000;

/// So far back from the last position it is looked for events that were committed late.
const LATE: u64 = 200_000;

/// What a name stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    /// A decision.
    Decision(EventId),
    /// A pair that was shown, under its reference.
    Raised(Reference),
}

/// The names of one organisation's decisions and of the pairs that were shown, in memory.
pub struct NameIndex {
    organisation: OrganisationId,
    /// By the table and the id of the row.
    names: BTreeMap<(Table, Vec<u8>), Entry>,
    /// The last event that it knows of.
    position: u64,
    /// Positions up to there at which no event was: on `PostgreSQL` a transaction draws its positions
    /// before it commits, so that a later one may be seen first. First and last of each gap.
    missing: Vec<(u64, u64)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Table {
    Decision,
    Raised,
}

struct Entry {
    named: Named,
    record: RecordNumber,
    /// The name asked about and the name on the list, folded.
    folded: [Zeroizing<String>; 2],
}

impl fmt::Debug for NameIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NameIndex").field("names", &self.names.len()).finish_non_exhaustive()
    }
}

impl NameIndex {
    /// An index that holds nothing yet.
    pub fn new(organisation: OrganisationId) -> Self {
        Self { organisation, names: BTreeMap::new(), position: 0, missing: Vec::new() }
    }

    /// Takes in what has happened since, and gives up what was erased.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the names cannot be read; the index is then to be thrown away.
    pub fn refresh(&mut self, database: &mut Database) -> Result<(), StoreError> {
        database.look(|open| {
            let last = events::last_position(open)?;
            self.names.retain(|_, entry| !open.keyring().is_shredded(entry.record));
            let before = self.missing.first().map_or(self.position, |(first, _)| first - 1);
            let still = gaps(open, before.max(last.saturating_sub(LATE)))?;
            for (first, last) in without(&std::mem::take(&mut self.missing), &still) {
                self.take_decisions(open, first - 1, last)?;
                self.take_raised(open, first - 1, last)?;
            }
            self.take_decisions(open, self.position, last)?;
            if self.position == 0 {
                self.take_all_raised(open)?;
            } else {
                self.take_raised(open, self.position, last)?;
            }
            (self.position, self.missing) = (last, still);
            Ok(())
        })
    }

    /// How many decisions and pairs it holds.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// What has every word of this text in one of its names, whatever their case and accents: decisions
    /// first. A text without a letter or digit finds nothing.
    pub fn find(&self, text: &str) -> Vec<Named> {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let has = |name: &Zeroizing<String>| words.iter().all(|word| name.contains(word));
        let found = self.names.values().filter(|entry| entry.folded.iter().any(has));
        found.map(|entry| entry.named).collect()
    }

    /// The decisions after a position, up to another.
    fn take_decisions(
        &mut self,
        open: &Open<'_>,
        mut after: u64,
        last: u64,
    ) -> Result<(), StoreError> {
        loop {
            let rows = open.query(
                "SELECT e.position AS position, d.id AS id, d.record_number AS record_number,
                     d.query_name AS query_name, d.record_name AS record_name
                 FROM event e JOIN decision d ON d.id = e.id
                 WHERE e.organisation = $1 AND e.position > $2 AND e.position <= $3
                 ORDER BY e.position LIMIT $4",
                &[
                    self.organisation.as_str().into(),
                    integer(after).into(),
                    integer(last).into(),
                    PAGE.into(),
                ],
            )?;
            for row in &rows {
                let cells = Cells::new(open, "decision", "id", row);
                after = cells.count("position")?;
                let record = cells.record_number("record_number")?;
                let id: [u8; 16] = cells.bytes("id")?;
                let (Some(query), Some(listed)) = (
                    cells.sealed_text(record, "query_name")?,
                    cells.sealed_text(record, "record_name")?,
                ) else {
                    continue;
                };
                let folded = [fold(query.reveal()), fold(listed.reveal())];
                let named = Named::Decision(EventId::from_bytes(id));
                self.names.insert((Table::Decision, id.to_vec()), Entry { named, record, folded });
            }
            if rows.len() < page() {
                return Ok(());
            }
        }
    }

    /// All pairs, in the order of the table: for an index that holds nothing yet.
    fn take_all_raised(&mut self, open: &Open<'_>) -> Result<(), StoreError> {
        let mut after = Vec::new();
        loop {
            let rows = open.query(
                "SELECT * FROM raised WHERE organisation = $1 AND pair > $2 ORDER BY pair LIMIT $3",
                &[self.organisation.as_str().into(), (&after).into(), PAGE.into()],
            )?;
            for row in &rows {
                after = self.take_pair(&Cells::new(open, "raised", "pair", row))?;
            }
            if rows.len() < page() {
                return Ok(());
            }
        }
    }

    /// The pairs shown after a position, up to another.
    fn take_raised(&mut self, open: &Open<'_>, mut at: u64, last: u64) -> Result<(), StoreError> {
        let mut after = Vec::from([u8::MAX; 33]);
        loop {
            let rows = open.query(
                "SELECT e.position AS position, r.*
                 FROM event e JOIN raised r ON r.raised_event = e.id
                 WHERE e.organisation = $1
                     AND (e.position > $2 OR (e.position = $2 AND r.pair > $3))
                     AND e.position <= $4
                 ORDER BY e.position, r.pair LIMIT $5",
                &[
                    self.organisation.as_str().into(),
                    integer(at).into(),
                    (&after).into(),
                    integer(last).into(),
                    PAGE.into(),
                ],
            )?;
            for row in &rows {
                let cells = Cells::new(open, "raised", "pair", row);
                at = cells.count("position")?;
                after = self.take_pair(&cells)?;
            }
            if rows.len() < page() {
                return Ok(());
            }
        }
    }

    /// Takes a pair in, unless it was erased; gives its id.
    fn take_pair(&mut self, cells: &Cells<'_>) -> Result<Vec<u8>, StoreError> {
        let id: Vec<u8> = cells.raw("pair")?;
        if let Some(pair) = alerts::made(cells, &self.organisation)? {
            let entry = Entry {
                named: Named::Raised(pair.reference()),
                record: cells.record_number("record_number")?,
                folded: [fold(pair.query_name.reveal()), fold(pair.record_name.reveal())],
            };
            self.names.insert((Table::Raised, id.clone()), entry);
        }
        Ok(id)
    }
}

/// The positions after one that no event has, of whichever organisation: first and last of each gap,
/// in order.
fn gaps(open: &Open<'_>, after: u64) -> Result<Vec<(u64, u64)>, StoreError> {
    let rows = open.query(
        "SELECT previous, position FROM (
             SELECT position,
                 coalesce(lag(position) OVER (ORDER BY position), $1) AS previous
             FROM event WHERE position > $1) AS seen
         WHERE position > previous + 1 ORDER BY position",
        &[integer(after).into()],
    )?;
    rows.iter()
        .map(|row| {
            let cells = Cells::new(open, "event", "position", row);
            Ok((cells.count("previous")?.saturating_add(1), cells.count("position")? - 1))
        })
        .collect()
}

/// What is in these ranges and not in those, all of them in order.
fn without(these: &[(u64, u64)], taken: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut left = Vec::new();
    let mut cut = taken.iter().copied().peekable();
    for &(mut first, last) in these {
        while let Some((from, to)) = cut.peek().copied().filter(|(from, _)| *from <= last) {
            if first < from {
                left.push((first, from - 1));
            }
            first = first.max(to.saturating_add(1));
            if to > last {
                break;
            }
            cut.next();
        }
        if first <= last {
            left.push((first, last));
        }
    }
    left
}

fn page() -> usize {
    usize::try_from(PAGE).unwrap_or(usize::MAX)
}

/// Letters without their marks and in lower case, and digits; whatever stands between them is one
/// space.
fn fold(text: &str) -> Zeroizing<String> {
    let mut folded = Zeroizing::new(String::with_capacity(text.len()));
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase) {
        match c {
            // Letters that Unicode does not take apart.
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            'þ' => folded.push_str("th"),
            // Within a name: O'Neill is found as oneill.
            '\'' | '\u{2019}' | '\u{02BC}' => {}
            c if c.is_alphanumeric() => folded.push(c),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::{fold, without};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn case_accents_and_signs_do_not_matter() {
        for (text, expected) in [
            ("Żółć  ŁUKASZ", "zolc lukasz"),
            ("O\u{2019}Neill-Straße", "oneill strasse"),
            ("Ærø, Þór", "aero thor"),
            ("e\u{301}té", "ete"),
            ("ﬁnd me", "find me"),
            ("Иван", "иван"),
            (" ...", ""),
        ] {
            assert_eq!(fold(text).as_str(), expected, "{text}");
        }
    }

    /// Ranges in order that do not touch, from the numbers in them.
    fn ranges(numbers: &BTreeSet<u64>) -> Vec<(u64, u64)> {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for number in numbers {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == *number => *last = *number,
                _ => ranges.push((*number, *number)),
            }
        }
        ranges
    }

    proptest! {
        #[test]
        fn what_is_left_of_ranges_is_what_is_left_of_their_numbers(
            these in prop::collection::btree_set(1_u64..40, 0..30),
            those in prop::collection::btree_set(1_u64..40, 0..30),
        ) {
            let left = without(&ranges(&these), &ranges(&those));
            let numbers: BTreeSet<u64> = left.iter().flat_map(|(a, b)| *a..=*b).collect();
            prop_assert_eq!(numbers, &these - &those);
        }

        #[test]
        fn what_is_folded_stays_as_it_is(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
