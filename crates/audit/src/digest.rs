//! The hashes of the tree, as RFC 6962 section 2.1 has them.

use crate::encoding;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A SHA-256 hash: of a leaf, of a node, or the root of a tree. It is public, never a secret.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Bytes of one hash.
    pub const LENGTH: usize = 32;

    /// The hash with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads the base64 form that checkpoints and proofs use; `None` for anything else.
    pub fn from_base64(text: &str) -> Option<Self> {
        encoding::decode_exactly(text).map(Self)
    }

    /// Takes bytes apart into hashes; `None` when they are no whole number of hashes.
    pub(crate) fn split(bytes: &[u8]) -> Option<Vec<Self>> {
        let (hashes, rest) = bytes.as_chunks::<{ Self::LENGTH }>();
        rest.is_empty().then(|| hashes.iter().copied().map(Self).collect())
    }

    /// Puts hashes one after another.
    pub(crate) fn join(hashes: &[Self]) -> Vec<u8> {
        hashes.iter().flat_map(|hash| hash.0).collect()
    }
}

impl fmt::Display for Digest {
    /// In base64, as in a checkpoint.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&encoding::encode(&self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

/// The hash of one entry: `SHA-256(0x00 || entry)`.
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest(Sha256::new_with_prefix([0]).chain_update(entry).finalize().into())
}

/// The hash over two subtrees: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    // One buffer of exactly what is hashed: this is where appending a million leaves spends its
    // time.
    let mut bytes = [1; 1 + 2 * Digest::LENGTH];
    let (head, tail) = bytes.split_at_mut(1 + Digest::LENGTH);
    if let Some(place) = head.get_mut(1..) {
        place.copy_from_slice(&left.0);
    }
    tail.copy_from_slice(&right.0);
    Digest(Sha256::digest(bytes).into())
}

/// The root of a tree without entries: `SHA-256()`.
pub fn empty_root() -> Digest {
    Digest(Sha256::digest([]).into())
}

/// The root over hashes of complete subtrees of one size, the last of which may be smaller.
pub(crate) fn fold(hashes: &[Digest]) -> Option<Digest> {
    match hashes {
        [] => None,
        [one] => Some(*one),
        several => {
            let middle = several.len().next_power_of_two() / 2;
            let (left, right) = several.split_at(middle);
            Some(node_hash(&fold(left)?, &fold(right)?))
        }
    }
}
