//! What stands in the log: a commitment that tells nothing, and what opens it.

use crate::digest::{Digest, leaf_hash};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Sets commitments of this version apart from every other use of SHA-256.
const DOMAIN: &[u8] = b"portcullis-leaf/v1\0";

/// 32 secret bytes, drawn at random for each event, that keep its commitment from being guessed.
/// Shown only as part of an opening.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Salt([u8; 32]);

impl Salt {
    /// The salt with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be stored sealed.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}

/// An entry of the log: the commitment to an event, or to nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commitment([u8; 32]);

impl Commitment {
    /// The commitment that an entry of the log is; `None` when it has not 32 bytes.
    pub fn from_entry(entry: &[u8]) -> Option<Self> {
        entry.try_into().ok().map(Self)
    }

    /// The entry of the log.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Its hash as a leaf of the tree.
    pub fn leaf_hash(&self) -> Digest {
        leaf_hash(&self.0)
    }
}

impl fmt::Debug for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Commitment({})", crate::encoding::encode(&self.0))
    }
}

/// The key that decoys of a log are made with. Whoever has it can tell decoys from events.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DecoyKey([u8; 32]);

impl DecoyKey {
    /// The key with these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for DecoyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecoyKey(..)")
    }
}

/// Commits to a payload: `SHA-256("portcullis-leaf/v1" || 0x00 || salt || payload)`.
///
/// The payload of a real leaf is the canonical bytes of an event, which are never empty; the
/// commitment to the empty payload is a decoy.
pub fn commit(salt: &Salt, payload: &[u8]) -> Commitment {
    let hash = Sha256::new_with_prefix(DOMAIN).chain_update(salt.0).chain_update(payload);
    Commitment(hash.finalize().into())
}

/// The salt of the decoy at an index of a log:
/// `HMAC-SHA-256(decoy key, origin || 0x00 || index as 8 bytes, big end first)`.
#[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length, so it never panics")]
pub fn decoy_salt(key: &DecoyKey, origin: &str, index: u64) -> Salt {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key.0)
        .expect("HMAC takes a key of any length (RFC 2104 section 2)");
    mac.update(origin.as_bytes());
    mac.update(&[0]);
    mac.update(&index.to_be_bytes());
    Salt(mac.finalize().into_bytes().into())
}

/// The entry that stands as a decoy at an index of a log.
pub fn decoy_commitment(key: &DecoyKey, origin: &str, index: u64) -> Commitment {
    commit(&decoy_salt(key, origin, index), &[])
}

/// What shows an overseer what a commitment stands for.
#[derive(Clone)]
pub struct Opening {
    /// The salt.
    pub salt: Salt,
    /// The bytes of the event; empty for a decoy.
    pub payload: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opening(..)")
    }
}

/// What an opening shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// The commitment is to this payload.
    Real,
    /// The commitment is to nothing: the leaf is a decoy, and can't be said to be anything else.
    Decoy,
    /// The opening does not belong to this commitment.
    Mismatch,
}

impl Opening {
    /// Holds the opening against a commitment, in a time that does not depend on where they differ.
    pub fn verify(&self, commitment: &Commitment) -> Opened {
        let same = commit(&self.salt, &self.payload).0.ct_eq(&commitment.0);
        match (bool::from(same), self.payload.is_empty()) {
            (false, _) => Opened::Mismatch,
            (true, true) => Opened::Decoy,
            (true, false) => Opened::Real,
        }
    }
}
