//! Thirty-two secret bytes: a key or a seed.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Bytes of a key or a seed.
pub(crate) const SECRET_BYTES: usize = 32;

/// What stands before a seed to make the one below it; the bit stands between. With the bit and
/// the seed it fits into one block of SHA-256, and every such message has the same length.
const CHILD: &[u8] = b"portcullis-node/v1";

/// What stands before the seed of a leaf to make the key of its record.
const RECORD: &[u8] = b"portcullis-record/v1";

/// Thirty-two secret bytes. They stay where they were put until they are overwritten on drop: a
/// map that moves its entries around moves a pointer and leaves no copy behind.
#[derive(Clone)]
pub(crate) struct Secret(Box<Zeroizing<[u8; SECRET_BYTES]>>);

impl Secret {
    pub(crate) fn random(random: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut secret = Self::zero();
        random(&mut **secret.0);
        secret
    }

    /// Takes secret bytes; nothing if they are not thirty-two.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        let mut secret = Self::zero();
        (bytes.len() == SECRET_BYTES).then(|| secret.0.copy_from_slice(bytes))?;
        Some(secret)
    }

    pub(crate) fn from_bytes(bytes: &[u8; SECRET_BYTES]) -> Self {
        let mut secret = Self::zero();
        secret.0.copy_from_slice(bytes);
        secret
    }

    fn zero() -> Self {
        Self(Box::new(Zeroizing::new([0; SECRET_BYTES])))
    }

    pub(crate) fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    /// The seed below this one, on the left for `false` and on the right for `true`.
    pub(crate) fn child(&self, right: bool) -> Self {
        let digest = Sha256::new().chain_update(CHILD).chain_update([u8::from(right)]);
        Self::digest(digest, &self.0)
    }

    /// The key of the record whose leaf this seed is.
    pub(crate) fn record_key(&self) -> Self {
        Self::digest(Sha256::new().chain_update(RECORD), &self.0)
    }

    fn digest(digest: Sha256, seed: &Zeroizing<[u8; SECRET_BYTES]>) -> Self {
        let mut secret = Self::zero();
        let digest = digest.chain_update(seed.as_slice());
        digest.finalize_into((&mut **secret.0).into());
        secret
    }

    /// HMAC-SHA256 of the parts, one after the other, under this secret.
    pub(crate) fn hmac(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(parts).finalize().into_bytes().into()
    }

    /// Whether `tag` is the HMAC of the parts, in constant time.
    pub(crate) fn is_hmac(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.mac(parts).verify_slice(tag).is_ok()
    }

    fn mac(&self, parts: &[&[u8]]) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice());
        let mut mac = mac.expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(part);
        }
        mac
    }
}
