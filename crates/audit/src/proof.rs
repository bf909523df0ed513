//! Checks proofs that an entry is in a tree and that a tree only grew (RFC 9162 section 2.1.3.2 and
//! 2.1.4.2, for the trees of RFC 6962).

use crate::digest::{Digest, empty_root, node_hash};

/// Hashes in a proof, at most: one for each bit of a size.
pub(crate) const LONGEST: usize = 63;

/// Why a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The index or the older size lies outside of the tree.
    #[error("`{place}` lies outside of a tree of {size} entries")]
    Outside {
        /// The index, or the size of the older tree.
        place: u64,
        /// The size of the tree.
        size: u64,
    },
    /// The proof has too few or too many hashes.
    #[error("the proof has {hashes} hashes, which is not right for these sizes")]
    Length {
        /// How many it has.
        hashes: usize,
    },
    /// The hashes lead to another root.
    #[error("the proof leads to another root than the one that was signed")]
    Root {},
}

/// Checks that the leaf with this hash stands at `index` of the tree with `size` and `root`.
///
/// # Errors
/// When it does not follow from the proof.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::Outside { place: index, size });
    }
    let wrong = ProofError::Length { hashes: proof.len() };
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(wrong);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // Levels at which the node has no sibling have no hash in the proof.
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::Root {}) }
}

/// Checks that the tree with `new_size` and `new_root` begins with the entries of the tree with
/// `old_size` and `old_root`.
///
/// # Errors
/// When it does not follow from the proof. For an old size of 0 and for equal sizes the proof must
/// be empty.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), ProofError> {
    if old_size > new_size {
        return Err(ProofError::Outside { place: old_size, size: new_size });
    }
    let wrong = ProofError::Length { hashes: proof.len() };
    let agree = |matched| if matched { Ok(()) } else { Err(ProofError::Root {}) };
    if old_size == new_size || old_size == 0 {
        if !proof.is_empty() {
            return Err(wrong);
        }
        let known = if old_size == 0 { empty_root() } else { *old_root };
        agree(*old_root == known)?;
        return agree(old_size != new_size || old_root == new_root);
    }
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    // A complete older tree is itself the first node and is left out of the proof.
    let (first, rest) = if old_size.is_power_of_two() {
        (*old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(wrong)?;
        (*first, rest)
    };
    let (mut old, mut new) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(wrong);
        }
        if node & 1 == 1 || node == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong);
    }
    agree(old == *old_root && new == *new_root)
}
