//! What processes said that they did.

use crate::op::{Kind, Op};
use std::collections::BTreeMap;

/// What became of a change, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nobody was told. It is there or it is not.
    Open,
    /// Its writer was told that it was kept, or it was found to be there: it must be there.
    Kept,
    /// Its writer was told that it was not kept, or it was not found: it must not be there.
    NotKept,
}

/// A change, and what became of it.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) op: Op,
    /// Of the bytes of its event, where it has one.
    pub(crate) digest: Option<String>,
    pub(crate) fate: Fate,
}

/// All that was said about one store.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    entries: BTreeMap<u64, Entry>,
    /// Checkpoints that somebody has seen, by size: their notes.
    pub(crate) seen: BTreeMap<u64, String>,
    /// What should not be.
    pub(crate) trouble: Vec<String>,
    pub(crate) latest_us: i64,
    pub(crate) acknowledged: u64,
    pub(crate) refused: u64,
}

impl Ledger {
    pub(crate) fn beginning(at_us: i64) -> Self {
        Self { latest_us: at_us, ..Self::default() }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.values()
    }

    pub(crate) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Entry> {
        self.entries().filter(move |entry| entry.op.kind == kind)
    }

    pub(crate) fn get(&self, seed: u64) -> Option<&Entry> {
        self.entries.get(&seed)
    }

    /// Takes in what one process said, in its order.
    pub(crate) fn take(&mut self, lines: &[String]) {
        for line in lines {
            let Some(said) = line.strip_prefix("@ ") else { continue };
            let Some((word, rest)) = said.split_once(' ') else { continue };
            match word {
                "try" => {
                    let (op, digest) = split_op(rest);
                    self.tries(op, (digest != "-").then(|| digest.to_owned()));
                }
                "ack" => self.ends(split_op(rest).0, Fate::Kept),
                "refused" | "late" => self.ends(split_op(rest).0, Fate::NotKept),
                "unsure" => self.ends(split_op(rest).0, Fate::Open),
                "seen" => {
                    let (size, note) = rest.split_once(' ').expect("two words");
                    let size = size.parse().unwrap();
                    let before = self.seen.insert(size, note.to_owned());
                    if before.is_some_and(|before| before != note) {
                        self.trouble.push(format!("two checkpoints of size {size} were seen"));
                    }
                }
                _ => {}
            }
            if matches!(word, "trouble" | "unopened" | "refused" | "unsure") {
                self.trouble.push(said.to_owned());
            }
        }
    }

    pub(crate) fn tries(&mut self, op: Op, digest: Option<String>) {
        self.latest_us = self.latest_us.max(op.at_us);
        let before = self.entries.insert(op.seed, Entry { op, digest, fate: Fate::Open });
        assert!(before.is_none(), "no two changes have one seed");
    }

    pub(crate) fn ends(&mut self, op: Op, fate: Fate) {
        match fate {
            Fate::Kept => self.acknowledged += 1,
            Fate::NotKept => self.refused += 1,
            Fate::Open => {}
        }
        self.entries.get_mut(&op.seed).expect("it was tried before").fate = fate;
    }

    /// Whatever was open is settled by what was found.
    pub(crate) fn settle(&mut self, found: impl Fn(&Entry) -> bool) {
        for entry in self.entries.values_mut().filter(|entry| entry.fate == Fate::Open) {
            entry.fate = if found(entry) { Fate::Kept } else { Fate::NotKept };
        }
    }
}

/// A change, and what stands after it.
fn split_op(text: &str) -> (Op, &str) {
    let end = text.match_indices(' ').nth(3).map_or(text.len(), |(end, _)| end);
    let (op, rest) = text.split_at(end);
    (op.parse().expect("a change"), rest.trim_start())
}
