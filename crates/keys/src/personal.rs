//! The keys of one person: a seed to sign with and a seed that opens what is sealed to him.
//!
//! They exist in two forms. Unlocked ([`PersonalKeys`]) they are in memory while he is signed in.
//! Wrapped they are bytes that open with what only he has: the output of his passkey's PRF extension,
//! or a passphrase ([`KeyLock`]). The keyring does not open them: whoever has database, backups,
//! keyring and its key has the wrapped bytes and not the keys (THREATS T-30). The bytes are specified
//! in `docs/spec/personal-keys.md`.
//!
//! What he has is trusted: whoever has his passkey or his passphrase, and the wrapped bytes, is he.
//! A passphrase is as good as it is long: whoever has the wrapped bytes can try one after the other.

mod code;
mod wrapped;

pub use code::{CodeKind, SecretCode, SecretCodeError};
pub use wrapped::{KeyLock, KeyOwner, Passphrase, PassphraseError, UnwrapError};

use crate::sealing::{SealingKey, SealingPublic};
use crate::secret::{SECRET_BYTES, Secret};
use ed25519_dalek::Signer as _;
use std::fmt;
use zeroize::Zeroizing;

/// Somebody's own keys, unlocked. Overwritten on drop.
///
/// ```
/// use portcullis_keys::{KeyLock, KeyOwner, PersonalKeys};
/// # let mut random = |bytes: &mut [u8]| bytes.fill(7);
/// let keys = PersonalKeys::random(&mut random);
/// let owner = KeyOwner { organisation: "party-of-tests", account: "o.testwick" };
/// let prf = [9; 32];
/// let lock = KeyLock::Prf { credential: b"blue key", output: &prf };
/// let wrapped = keys.wrap(&mut random, &owner, &lock);
/// let unlocked = PersonalKeys::unwrap(&wrapped, &owner, &lock)?;
/// assert_eq!(unlocked.signing_public(), keys.signing_public());
/// # Ok::<(), portcullis_keys::UnwrapError>(())
/// ```
///
/// ```compile_fail,E0277
/// fn show(keys: portcullis_keys::PersonalKeys) {
///     println!("{keys}"); // PersonalKeys has no Display
/// }
/// ```
#[derive(Clone)]
pub struct PersonalKeys {
    signing: Secret,
    sealing: Secret,
}

impl PersonalKeys {
    /// Draws new keys.
    pub fn random(random: &mut dyn FnMut(&mut [u8])) -> Self {
        Self { signing: Secret::random(random), sealing: Secret::random(random) }
    }

    /// Both seeds, one after the other.
    fn seeds(&self) -> Zeroizing<Vec<u8>> {
        let mut seeds = Zeroizing::new(Vec::with_capacity(2 * SECRET_BYTES));
        seeds.extend_from_slice(self.signing.bytes());
        seeds.extend_from_slice(self.sealing.bytes());
        seeds
    }

    fn from_seeds(seeds: &[u8]) -> Option<Self> {
        let (signing, sealing) = seeds.split_at_checked(SECRET_BYTES)?;
        Some(Self { signing: Secret::from_slice(signing)?, sealing: Secret::from_slice(sealing)? })
    }

    fn signer(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(self.signing.bytes())
    }

    /// The public key that verifies what he signs (Ed25519).
    pub fn signing_public(&self) -> [u8; 32] {
        self.signer().verifying_key().to_bytes()
    }

    /// Signs a statement (RFC 8032). Whoever makes statements begins each kind of them in its own way,
    /// so that none is taken for another.
    pub fn sign(&self, statement: &[u8]) -> [u8; 64] {
        self.signer().sign(statement).to_bytes()
    }

    /// The key that opens what is sealed to him.
    pub fn sealing(&self) -> SealingKey {
        SealingKey::from_seed(self.sealing.bytes())
    }

    /// The public key that is sealed to (X-Wing).
    pub fn sealing_public(&self) -> SealingPublic {
        self.sealing().public()
    }

    /// Wraps them, so that only this lock opens them, and only as this person's. Several locks may
    /// each open the same keys.
    pub fn wrap(
        &self,
        random: &mut dyn FnMut(&mut [u8]),
        owner: &KeyOwner<'_>,
        lock: &KeyLock<'_>,
    ) -> Vec<u8> {
        wrapped::wrap(random, owner, lock, self.seeds())
    }

    /// Unwraps them.
    ///
    /// # Errors
    /// [`UnwrapError`]; another lock, another person and bytes that were changed look alike.
    pub fn unwrap(
        wrapped: &[u8],
        owner: &KeyOwner<'_>,
        lock: &KeyLock<'_>,
    ) -> Result<Self, UnwrapError> {
        let seeds = wrapped::unwrap(wrapped, owner, lock)?;
        Self::from_seeds(&seeds).ok_or(UnwrapError::NotWrappedKeys)
    }
}

impl fmt::Debug for PersonalKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonalKeys(…)")
    }
}
