//! Signatures by people's own keys.

use ed25519_dalek::VerifyingKey;
use serde::{Deserialize, Serialize};

/// A signature by somebody's own key (Ed25519, RFC 8032).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Signature(#[serde(with = "super::bytes")] [u8; 64]);

impl Signature {
    /// Takes 64 bytes as a signature; whether it is one of something, verifying tells.
    pub fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// The 64 bytes.
    pub fn as_bytes(&self) -> &[u8; 64] {
        &self.0
    }

    /// Whether whoever has the key signed this statement.
    pub(super) fn is_of(&self, statement: &[u8], key: &[u8; 32]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&self.0);
        VerifyingKey::from_bytes(key)
            .is_ok_and(|key| key.verify_strict(statement, &signature).is_ok())
    }
}
