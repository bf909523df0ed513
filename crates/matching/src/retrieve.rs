//! Which records are worth comparing.
//!
//! Every different word of the list's names stands once in a vocabulary, found by the coarse
//! consonants of its sound and by those with any one consonant left out. A word of a query finds
//! the words of the vocabulary that are like it, these find their records, and the records are
//! ranked by how much of the query's rarity they answer.

use crate::align::{self, part_likeness};
use crate::model;
use crate::part::{Kind, Part};
use crate::prepared::{Identifier, Prepared};
use crate::rarity::Background;
use crate::script::Script;
use crate::sound;
use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

#[derive(Debug, Default)]
pub(crate) struct Retriever {
    words: Vec<Word>,
    by_text: FxHashMap<(Box<str>, u8), u32>,
    by_skeleton: FxHashMap<u64, Vec<u32>>,
    by_identifier: FxHashMap<Box<str>, Vec<u32>>,
    records: usize,
}

#[derive(Debug)]
struct Word {
    part: Part,
    /// Whether it stands only in names that their dossiers also give in Latin letters.
    doubled: bool,
    /// How rare, as a word of a person's name and as one of a body's.
    rarity: f32,
    /// The records that have it, in order.
    records: Vec<u32>,
}

/// A record worth comparing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) record: u32,
    /// About how many bits it can come to, besides what [`slack`] allows for.
    pub(crate) worth: f32,
}

/// Bits by which a comparison can come to more than retrieval saw: initials, and birth dates and
/// countries in full.
pub(crate) fn slack(query: &Prepared) -> f32 {
    let initials =
        query.names.iter().map(|w| w.name.parts.iter().filter(|p| p.kind == Kind::Initial).count());
    #[expect(clippy::cast_precision_loss, reason = "a name has few parts")]
    let initials = initials.max().unwrap_or(0) as f32 * model::INITIAL_FITS;
    let births = if query.births.is_empty() { 0.0 } else { model::BIRTH_DAY - model::BIRTH_YEAR };
    let acronym = if query.is_person() { 0.0 } else { model::ACRONYM };
    initials + births + acronym + model::BODY_WHOLE + 1.0
}

/// A skeleton as a number: three bits a consonant class, at most twenty of them.
fn key(skeleton: impl Iterator<Item = u8>) -> u64 {
    skeleton.take(16).fold(1, |k, class| {
        k << 4
            | match class {
                b'P' => 1,
                b'T' => 2,
                b'K' => 3,
                b'S' => 4,
                b'N' => 5,
                b'R' => 6,
                digit => 7 + u64::from(digit % 8),
            }
    })
}

/// Shortest skeleton of which one consonant may be left out.
const SHORTEST_TO_CUT: usize = 4;

fn keys(part: &Part) -> Vec<u64> {
    let skeleton = sound::skeleton(&part.sounds);
    let mut keys = vec![if skeleton.is_empty() {
        // Names of vowels only are found by their letters.
        part.sounds.iter().fold(2, |k, s| k << 5 ^ u64::from(*s)) | 1 << 63
    } else {
        key(skeleton.iter().copied())
    }];
    if skeleton.len() >= SHORTEST_TO_CUT {
        // The first consonant is the one least often mistaken.
        for cut in 1..skeleton.len() {
            let rest = skeleton.iter().enumerate().filter(|(i, _)| *i != cut).map(|(_, c)| *c);
            let key = key(rest);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

/// Longest two words that are also looked up as one, in sounds.
const LONGEST_JOINED: usize = 18;

fn joined(parts: &[Part]) -> impl Iterator<Item = Part> + '_ {
    parts.windows(2).filter_map(|pair| match pair {
        [a, b]
            if a.kind == Kind::Word
                && b.kind == Kind::Word
                && a.sounds.len() + b.sounds.len() <= LONGEST_JOINED =>
        {
            Some(a.join(b))
        }
        _ => None,
    })
}

impl Retriever {
    pub(crate) fn build(prepared: &[Prepared], background: &Background) -> Self {
        let mut retriever = Self { records: prepared.len(), ..Self::default() };
        for (record, dossier) in (0_u32..).zip(prepared) {
            let person = dossier.is_person();
            for weighed in &dossier.names {
                let doubled = weighed.doubled;
                for part in weighed.name.parts.iter().filter(|p| p.kind != Kind::Initial) {
                    retriever.add(part, background.rarity(part, person), doubled, record);
                }
                for part in joined(&weighed.name.parts) {
                    retriever.add(&part, background.rarity(&part, person), doubled, record);
                }
            }
            for Identifier { value, .. } in &dossier.identifiers {
                retriever.by_identifier.entry(value.clone()).or_default().push(record);
            }
        }
        for (index, word) in (0_u32..).zip(&retriever.words) {
            for key in keys(&word.part) {
                retriever.by_skeleton.entry(key).or_default().push(index);
            }
        }
        retriever
    }

    fn add(&mut self, part: &Part, rarity: f32, doubled: bool, record: u32) {
        let next = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let index = match self.by_text.entry((part.text.clone(), part.script as u8)) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(free) => {
                free.insert(next);
                self.words.push(Word {
                    part: part.clone(),
                    doubled: true,
                    rarity,
                    records: Vec::new(),
                });
                next
            }
        };
        if let Some(word) = self.words.get_mut(index as usize) {
            word.doubled &= doubled;
            word.rarity = word.rarity.min(rarity);
            if word.records.last() != Some(&record) {
                word.records.push(record);
            }
        }
    }

    /// The wanted records most worth comparing with a query, best first.
    pub(crate) fn find(
        &self,
        query: &Prepared,
        all: &[Prepared],
        most: usize,
        is_wanted: impl Fn(u32) -> bool,
    ) -> Vec<Found> {
        let mut worth = vec![0.0_f32; self.records];
        let mut touched: Vec<u32> = Vec::new();
        let mut best_here = vec![0.0_f32; self.records];
        let mut touched_here: Vec<u32> = Vec::new();
        let mut seen = vec![0_u32; self.words.len()];
        let mut round = 0_u32;
        // Several names of one query are alternatives; each is looked up by itself.
        let mut ranked: FxHashMap<u32, f32> = FxHashMap::default();
        for weighed in &query.names {
            let parts = weighed.name.parts.iter().zip(&weighed.rarities);
            let singles =
                parts.filter(|(p, _)| p.kind != Kind::Initial).map(|(p, r)| (p.clone(), *r));
            let doubles = joined(&weighed.name.parts).map(|p| (p, f32::MAX));
            for (part, rarity) in singles.chain(doubles) {
                round += 1;
                for key in keys(&part) {
                    for index in self.by_skeleton.get(&key).into_iter().flatten() {
                        let Some(stamp) = seen.get_mut(*index as usize) else { continue };
                        if *stamp == round {
                            continue;
                        }
                        *stamp = round;
                        let Some(word) = self.words.get(*index as usize) else { continue };
                        if word.doubled && part.script == Script::Latin {
                            continue;
                        }
                        let bits = worth_of(&part, rarity, word);
                        if bits <= 0.0 {
                            continue;
                        }
                        for record in &word.records {
                            let Some(best) = best_here.get_mut(*record as usize) else { continue };
                            if *best == 0.0 {
                                touched_here.push(*record);
                            }
                            *best = best.max(bits);
                        }
                    }
                }
                for record in touched_here.drain(..) {
                    let (Some(best), Some(sum)) =
                        (best_here.get_mut(record as usize), worth.get_mut(record as usize))
                    else {
                        continue;
                    };
                    if *sum == 0.0 {
                        touched.push(record);
                    }
                    *sum += *best;
                    *best = 0.0;
                }
            }
            for record in touched.drain(..) {
                let Some(sum) = worth.get_mut(record as usize) else { continue };
                let held = ranked.entry(record).or_default();
                *held = held.max(*sum);
                *sum = 0.0;
            }
        }
        for identifier in &query.identifiers {
            for record in self.by_identifier.get(&identifier.value).into_iter().flatten() {
                *ranked.entry(*record).or_default() += model::IDENTIFIER;
            }
        }
        let mut ranked: Vec<(u32, f32)> = ranked.into_iter().collect();
        for (record, worth) in &mut ranked {
            if let Some(record) = all.get(*record as usize) {
                if query.schema.may_be(record.schema) {
                    *worth += beside_names(query, record);
                } else {
                    *worth = f32::MIN;
                }
            }
        }
        ranked.retain(|(record, worth)| *worth > f32::MIN && is_wanted(*record));
        let order = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if ranked.len() > most && most > 0 {
            ranked.select_nth_unstable_by(most - 1, order);
            ranked.truncate(most);
        }
        ranked.sort_unstable_by(order);
        ranked.into_iter().map(|(record, worth)| Found { record, worth }).collect()
    }
}

fn worth_of(part: &Part, rarity: f32, word: &Word) -> f32 {
    let likeness = part_likeness(part, &word.part);
    let meeting = align::meeting(part, &word.part);
    if likeness < model::floor(meeting) {
        return 0.0;
    }
    model::agreement(rarity, word.rarity, likeness, meeting).max(0.5)
}

/// A cheap part of what is known besides names, to tell namesakes apart.
fn beside_names(query: &Prepared, record: &Prepared) -> f32 {
    let mut bits = 0.0;
    if !query.births.is_empty() && !record.births.is_empty() {
        let meet = query.births.iter().any(|a| {
            record.births.iter().any(|b| a.earliest() <= b.latest() && b.earliest() <= a.latest())
        });
        if meet {
            bits += model::BIRTH_YEAR;
        }
    }
    if query.countries.iter().any(|c| record.countries.contains(c)) {
        bits += 1.0;
    }
    bits
}
