//! Finds split views: a log that showed different histories to different people.

mod evidence;

pub use evidence::SplitError;

use crate::checkpoint::Checkpoint;
use crate::digest::Digest;
use crate::key::VerifierKey;
use crate::note::{Note, SignatureError};
use crate::proof::verify_consistency;
use crate::tree::{TileSource, Tree, TreeError};

/// A checkpoint that somebody holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// Who.
    pub holder: String,
    /// The checkpoint with its signatures.
    pub note: Note,
}

/// What a tree with a signed root had as its root when it was smaller, and the proof of that. It
/// comes from whoever has the tiles of the larger tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix {
    /// The root of the smaller tree.
    pub root: Digest,
    /// That the larger tree begins with it.
    pub proof: Vec<Digest>,
}

impl<S: TileSource> Tree<'_, S> {
    /// What this tree was when it had `size` entries.
    ///
    /// # Errors
    /// When a tile cannot be had, or the tree never was so large.
    pub fn prefix(&mut self, size: u64) -> Result<Prefix, TreeError<S::Error>> {
        Ok(Prefix { root: self.root_at(size)?, proof: self.consistency(size)? })
    }
}

/// Two checkpoints that one log has signed and that cannot both be true of a log that only grows.
/// It is evidence: anybody who has the log's key can [check](Self::verify) it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The checkpoint of the smaller tree, or one of two of the same size.
    pub older: Note,
    /// The checkpoint of the larger tree, or the other one.
    pub newer: Note,
    /// For different sizes: what the larger tree had in the place of the smaller one. Empty proof
    /// and the root of the newer one for equal sizes.
    pub prefix: Prefix,
}

/// What came of holding checkpoints against each other.
#[derive(Debug, Clone, Default)]
pub struct Splits {
    /// Proven: the log has split its view.
    pub found: Vec<Split>,
    /// Pairs of holders for which nobody showed that the one tree grew into the other. Not
    /// evidence; a log that can't show it is to be asked.
    pub not_shown: Vec<(String, String)>,
    /// Holders whose note is no checkpoint of this log signed by its keys, and why.
    pub refused: Vec<(String, SplitError)>,
}

/// Holds checkpoints of one log against each other. `prefix` is asked what the tree of the second
/// checkpoint was at the size of the first, and is not trusted; `None` where nobody can say.
pub fn find_splits(
    origin: &str,
    keys: &[VerifierKey],
    held: &[Held],
    mut prefix: impl FnMut(&Checkpoint, &Checkpoint) -> Option<Prefix>,
) -> Splits {
    let mut splits = Splits::default();
    let mut heads = Vec::new();
    for held in held {
        match head(&held.note, keys, origin) {
            Ok(checkpoint) => heads.push((checkpoint, held)),
            Err(error) => splits.refused.push((held.holder.clone(), error)),
        }
    }
    heads.sort_by_key(|(checkpoint, _)| (checkpoint.size(), checkpoint.root()));
    // Growing is transitive: if each grew into the next one, all did.
    let neighbours = heads.iter().zip(heads.iter().skip(1));
    for ((older, older_held), (newer, newer_held)) in neighbours {
        if older.size() == newer.size() && older.root() == newer.root() {
            continue;
        }
        let prefix = if older.size() == newer.size() {
            Some(Prefix { root: newer.root(), proof: Vec::new() })
        } else if older.size() == 0 {
            Some(Prefix { root: crate::digest::empty_root(), proof: Vec::new() })
        } else {
            prefix(older, newer)
        };
        let prefix = prefix.filter(|prefix| leads_to(prefix, older.size(), newer));
        match prefix {
            None => {
                splits.not_shown.push((older_held.holder.clone(), newer_held.holder.clone()));
            }
            Some(prefix) if prefix.root != older.root() => splits.found.push(Split {
                older: older_held.note.clone(),
                newer: newer_held.note.clone(),
                prefix,
            }),
            Some(_) => {}
        }
    }
    splits
}

impl Split {
    /// Checks that both notes are signed by one of the keys, and contradict each other.
    ///
    /// # Errors
    /// When it is no evidence of a split view.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<(), SplitError> {
        let older: Checkpoint = self.older.text().parse()?;
        let newer = head(&self.newer, keys, older.origin())?;
        let older = head(&self.older, keys, older.origin())?;
        let shown = older.size() <= newer.size() && leads_to(&self.prefix, older.size(), &newer);
        if shown && self.prefix.root != older.root() {
            Ok(())
        } else {
            Err(SplitError::NoContradiction {})
        }
    }
}

fn head(note: &Note, keys: &[VerifierKey], origin: &str) -> Result<Checkpoint, SplitError> {
    let checkpoint: Checkpoint = note.text().parse()?;
    if checkpoint.origin() != origin {
        return Err(SplitError::OtherLog {});
    }
    note.verify(keys).map_err(|error: SignatureError| SplitError::Signature(error))?;
    Ok(checkpoint)
}

/// Whether the larger tree is shown to begin with the one that the prefix names.
fn leads_to(prefix: &Prefix, size: u64, newer: &Checkpoint) -> bool {
    verify_consistency(size, &prefix.root, newer.size(), &newer.root(), &prefix.proof).is_ok()
}
