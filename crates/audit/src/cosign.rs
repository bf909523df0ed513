//! Cosignatures (C2SP tlog-cosignature, the Ed25519 kind): what a witness says of a checkpoint.

use crate::checkpoint::Checkpoint;
use crate::key::{KeyError, KeyKind, KeyName, NamedKey, VerifierKey};
use crate::note::{Note, SignatureLine};
use std::fmt;
use zeroize::Zeroizing;

/// The latest time that a cosignature may carry.
const LATEST: u64 = i64::MAX as u64;

/// Why a signature line is no cosignature of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CosignatureError {
    /// The line says that it is by the key, and is not.
    #[error("the cosignature of `{name}` is not valid; the checkpoint was altered or it is forged")]
    Invalid {
        /// The name of the key.
        name: KeyName,
    },
    /// The key is no cosigning key.
    #[error("`{name}` is not a cosigning key")]
    Kind {
        /// The name of the key.
        name: KeyName,
    },
}

/// A valid cosignature: the cosigner saw that the log had only grown, up to this checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The name of the cosigner's key.
    pub name: KeyName,
    /// When it was made, in seconds since 1970 as the cosigner's clock had it; 0 when it does not
    /// say.
    pub time_s: u64,
}

impl Cosignature {
    /// The cosignature of a key on a note; `None` when the key has not cosigned it.
    ///
    /// # Errors
    /// When a line that says it is by the key is not valid, or the key is of another kind.
    pub fn find(note: &Note, key: &VerifierKey) -> Result<Option<Self>, CosignatureError> {
        let name = key.name().clone();
        if key.kind() != KeyKind::Cosigner {
            return Err(CosignatureError::Kind { name });
        }
        let mut found = None;
        for line in note.signatures().iter().filter(|line| key.made(line)) {
            let time_s = verified_time(note, key, line);
            let time_s = time_s.ok_or_else(|| CosignatureError::Invalid { name: name.clone() })?;
            found = found.max(Some(time_s));
        }
        Ok(found.map(|time_s| Self { name, time_s }))
    }
}

fn verified_time(note: &Note, key: &VerifierKey, line: &SignatureLine) -> Option<u64> {
    let (time, signature) = line.signature().split_first_chunk()?;
    let time_s = u64::from_be_bytes(*time);
    let signature: &[u8; 64] = signature.try_into().ok()?;
    let valid =
        time_s <= LATEST && key.verifies(message(time_s, note.text()).as_bytes(), signature);
    valid.then_some(time_s)
}

/// What is signed.
fn message(time_s: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time_s}\n{text}")
}

/// The key of a witness.
///
/// It is trusted: whoever has it can vouch for a history that the witness never saw. It signs
/// nothing but checkpoints, and is never the key of a log.
#[derive(Clone)]
pub struct Cosigner(NamedKey);

impl Cosigner {
    /// The key that follows from a secret seed.
    pub fn new(name: KeyName, seed: &[u8; 32]) -> Self {
        Self(NamedKey::new(name, KeyKind::Cosigner, seed))
    }

    /// Reads the text form `PRIVATE+KEY+<name>+<key id>+<base64>`.
    ///
    /// # Errors
    /// When it is none, or the key of a log.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        NamedKey::from_text(text, KeyKind::Cosigner).map(Self)
    }

    /// The text form, which is secret.
    pub fn to_text(&self) -> Zeroizing<String> {
        self.0.to_text()
    }

    /// The public key.
    pub fn verifier(&self) -> VerifierKey {
        self.0.verifier()
    }

    /// The name of the key.
    pub const fn name(&self) -> &KeyName {
        self.0.name()
    }

    /// Cosigns a checkpoint at a time, in seconds since 1970. Who calls this has seen that the log
    /// only grew; [`crate::Witness`] is the way to be sure of it.
    pub fn cosign(&self, time_s: u64, checkpoint: &Checkpoint) -> SignatureLine {
        let time_s = time_s.min(LATEST);
        let signature = self.0.sign(message(time_s, &checkpoint.to_string()).as_bytes());
        let timestamped = [time_s.to_be_bytes().as_slice(), &signature].concat();
        SignatureLine::new(self.0.name().clone(), self.0.id(), timestamped)
    }
}

impl fmt::Debug for Cosigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cosigner({}, ..)", self.0.name())
    }
}
