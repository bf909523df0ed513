//! Sealing to somebody: what is sealed to a public key opens with the secret beside it, and with
//! nothing else.
//!
//! HPKE (RFC 9180) in base mode with X-Wing, which stays secret as long as either X25519 or
//! ML-KEM-768 does: what is recorded today is not read by a quantum computer later. The bytes are
//! specified in `docs/spec/keyring.md`, section 8.
//!
//! Sealing says nothing about who sealed: anybody with the public key can. Whoever needs to know
//! signs inside the seal. It does not hide the length of the text either.

use crate::cell::Opened;
use crate::secret::{SECRET_BYTES, Secret};
use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::XWing;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{Deserializable as _, Kem as _, OpModeR, OpModeS, Serializable as _};
use std::convert::Infallible;
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of a public key: 1184 of ML-KEM-768 and 32 of X25519.
pub const SEALING_PUBLIC_BYTES: usize = 1216;

/// The suite: X-Wing (0x647a), HKDF-SHA256 (0x0001), ChaCha20-Poly1305 (0x0003).
const SUITE: u8 = 1;

/// Bytes of the encapsulated key: 1088 of ML-KEM-768 and 32 of X25519.
const ENCAPSULATED_BYTES: usize = 1120;

/// How many bytes longer the sealed bytes are than the text: suite, encapsulated key, tag.
pub const SEALING_ADDS_BYTES: usize = 1 + ENCAPSULATED_BYTES + crate::cell::TAG_BYTES;

/// The secret that opens what is sealed to its public key. It is a seed of 32 bytes, the
/// decapsulation key of X-Wing, overwritten on drop.
///
/// ```
/// use portcullis_keys::SealingKey;
/// # let mut count = 0_u8;
/// # let mut random = |bytes: &mut [u8]| bytes.iter_mut().for_each(|byte| {
/// #     count = count.wrapping_add(1);
/// #     *byte = count;
/// # });
/// let key = SealingKey::random(&mut random);
/// let sealed = key.public().seal(&mut random, b"notice", b"17", b"tonight");
/// assert_eq!(&*key.open(b"notice", b"17", &sealed)?, b"tonight");
/// assert!(key.open(b"notice", b"18", &sealed).is_err());
/// # Ok::<(), portcullis_keys::UnsealError>(())
/// ```
///
/// ```compile_fail,E0277
/// fn show(key: portcullis_keys::SealingKey) {
///     println!("{key}"); // SealingKey has no Display
/// }
/// ```
#[derive(Clone)]
pub struct SealingKey(Secret);

/// The public key that something is sealed to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SealingPublic(Box<[u8; SEALING_PUBLIC_BYTES]>);

/// Bytes that are no public key for sealing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these `{length_bytes}` bytes are no public key for sealing; ask its owner for it again")]
pub struct SealingPublicError {
    /// How many bytes there were.
    pub length_bytes: usize,
}

/// Why something that was sealed did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsealError {
    /// It is sealed with a suite that this program does not know.
    #[error(
        "this was sealed with suite `{suite}`, which this program does not know; use a newer one"
    )]
    UnknownSuite {
        /// The number of the suite.
        suite: u8,
    },
    /// It was sealed to another key, for another use or place, or was changed.
    #[error("this was sealed to another key, for something else, or was changed since")]
    NotForThis,
}

impl SealingKey {
    /// Draws a new key.
    pub fn random(random: &mut dyn FnMut(&mut [u8])) -> Self {
        Self(Secret::random(random))
    }

    /// The key with this seed.
    pub fn from_seed(seed: &[u8; SECRET_BYTES]) -> Self {
        Self(Secret::from_bytes(seed))
    }

    /// The seed, for keeping it wrapped.
    pub fn seed(&self) -> Zeroizing<[u8; SECRET_BYTES]> {
        Zeroizing::new(*self.0.bytes())
    }

    /// The public key to seal to.
    pub fn public(&self) -> SealingPublic {
        let mut bytes = Box::new([0; SEALING_PUBLIC_BYTES]);
        XWing::sk_to_pk(&self.private()).write_exact(bytes.as_mut_slice());
        SealingPublic(bytes)
    }

    /// Opens what was sealed to this key, for this use (`info`) and this place (`bound_to`).
    ///
    /// # Errors
    /// Says so when the suite is unknown. Everything else looks alike: another key, another use or
    /// place, bytes that were changed or cut off.
    pub fn open(&self, info: &[u8], bound_to: &[u8], sealed: &[u8]) -> Result<Opened, UnsealError> {
        let (suite, rest) = sealed.split_first().ok_or(UnsealError::NotForThis)?;
        if *suite != SUITE {
            return Err(UnsealError::UnknownSuite { suite: *suite });
        }
        let (encapsulated, text) =
            rest.split_at_checked(ENCAPSULATED_BYTES).ok_or(UnsealError::NotForThis)?;
        let encapsulated = <XWing as hpke::Kem>::EncappedKey::from_bytes(encapsulated);
        let encapsulated = encapsulated.map_err(|_| UnsealError::NotForThis)?;
        let text = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, XWing>(
            &OpModeR::Base,
            &self.private(),
            &encapsulated,
            info,
            text,
            bound_to,
        );
        text.map(Opened::new).map_err(|_| UnsealError::NotForThis)
    }

    fn private(&self) -> <XWing as hpke::Kem>::PrivateKey {
        let key = <XWing as hpke::Kem>::PrivateKey::from_bytes(self.0.bytes());
        key.expect("a private key of X-Wing is any 32 bytes")
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

impl SealingPublic {
    /// Takes the bytes of a public key.
    ///
    /// # Errors
    /// Says so when they are none: not 1216 of them, or numbers that ML-KEM does not have.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SealingPublicError> {
        let none = SealingPublicError { length_bytes: bytes.len() };
        let key: [u8; SEALING_PUBLIC_BYTES] = bytes.try_into().map_err(|_| none)?;
        parsed(&key).ok_or(none)?;
        Ok(Self(Box::new(key)))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; SEALING_PUBLIC_BYTES] {
        &self.0
    }

    /// Seals a text to this key. It opens with the same `info`, which says what the text is for,
    /// and the same `bound_to`, which says where it belongs; neither is in the sealed bytes.
    #[expect(clippy::missing_panics_doc, reason = "the key was checked, and no text is too long")]
    pub fn seal(
        &self,
        random: &mut dyn FnMut(&mut [u8]),
        info: &[u8],
        bound_to: &[u8],
        text: &[u8],
    ) -> Vec<u8> {
        let to = parsed(&self.0).expect("the bytes were checked when they were taken");
        let (encapsulated, text) = hpke::single_shot_seal_with_rng::<
            ChaCha20Poly1305,
            HkdfSha256,
            XWing,
        >(
            &OpModeS::Base, &to, info, text, bound_to, &mut Random(random)
        )
        .expect("a checked key takes any text below 256 GiB");
        let mut sealed = Vec::with_capacity(text.len().saturating_add(1 + ENCAPSULATED_BYTES));
        sealed.push(SUITE);
        sealed.extend_from_slice(&encapsulated.to_bytes());
        sealed.extend_from_slice(&text);
        sealed
    }
}

impl fmt::Debug for SealingPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingPublic(")?;
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

fn parsed(bytes: &[u8; SEALING_PUBLIC_BYTES]) -> Option<<XWing as hpke::Kem>::PublicKey> {
    <XWing as hpke::Kem>::PublicKey::from_bytes(bytes).ok()
}

/// The bytes at random that were handed in, in the form that HPKE asks for them.
struct Random<'a>(&'a mut dyn FnMut(&mut [u8]));

impl TryRng for Random<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        (self.0)(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Random<'_> {}

#[cfg(test)]
mod tests;
