//! Wrapped keys: a header, the sealed seeds, a tag.

use crate::cell::{NONCE_BYTES, TAG_BYTES};
use crate::secret::{SECRET_BYTES, Secret};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, Tag, XChaCha20Poly1305, XNonce};
use std::fmt;
use zeroize::Zeroizing;

/// What wrapped keys begin with.
const MAGIC: &[u8; 24] = b"portcullis-personal-keys";

/// The version of their form.
const VERSION: u8 = 1;

const SALT_BYTES: usize = 16;

/// Two seeds.
const SEEDS_BYTES: usize = 2 * SECRET_BYTES;

/// The magic, version, way, three costs, salt and nonce.
const HEADER_BYTES: usize = MAGIC.len() + 2 + 12 + SALT_BYTES + NONCE_BYTES;

/// All of it.
const WHOLE_BYTES: usize = HEADER_BYTES + SEEDS_BYTES + TAG_BYTES;

/// What the key is for, so that one made of the same PRF output for something else is another
/// (`info` of RFC 5869).
const INFO: &[u8] = b"portcullis/personal-keys/1";

/// The second recommended choice of RFC 9106, section 4: three passes over 64 MiB in four lanes.
const COST: [u32; 3] = [64 << 10, 3, 4];

/// The most that wrapped keys may ask for (KiB, passes, lanes), so that hostile ones can't take the
/// machine down.
const MOST: [u32; 3] = [256 << 10, 8, 16];

/// Fewest characters of a passphrase.
const PASSPHRASE_CHARACTERS: usize = 12;

/// Longest passphrase, in bytes.
const PASSPHRASE_BYTES: usize = 1024;

/// Fewest different characters of a passphrase.
const DIFFERENT_CHARACTERS: usize = 6;

/// Whose keys they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyOwner<'a> {
    /// The organisation.
    pub organisation: &'a str,
    /// His account there.
    pub account: &'a str,
}

/// A passphrase that is good enough. Overwritten on drop.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

/// Why a passphrase is not good enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// It is too short.
    #[error(
        "a passphrase has at least {PASSPHRASE_CHARACTERS} characters, better four or five words drawn at random: whoever gets hold of the database can try one after the other, as fast as his machines allow"
    )]
    Short,
    /// It is no passphrase but a book.
    #[error("a passphrase has at most {PASSPHRASE_BYTES} bytes")]
    Long,
    /// It is the same few characters again and again.
    #[error(
        "a passphrase has at least {DIFFERENT_CHARACTERS} different characters: one that repeats itself is among the first to be tried"
    )]
    Monotonous,
}

impl Passphrase {
    /// Takes a passphrase as typed; white space around it is cut off.
    ///
    /// # Errors
    /// [`PassphraseError`] when it is too short, too long or repeats itself.
    pub fn new(text: &str) -> Result<Self, PassphraseError> {
        let text = text.trim();
        if text.len() > PASSPHRASE_BYTES {
            return Err(PassphraseError::Long);
        }
        if text.chars().count() < PASSPHRASE_CHARACTERS {
            return Err(PassphraseError::Short);
        }
        let mut seen: Vec<char> = Vec::new();
        for character in text.chars() {
            if !seen.contains(&character) {
                seen.push(character);
            }
            if seen.len() >= DIFFERENT_CHARACTERS {
                return Ok(Self(Zeroizing::new(text.to_owned())));
            }
        }
        Err(PassphraseError::Monotonous)
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(…)")
    }
}

/// What locks somebody's keys.
pub enum KeyLock<'a> {
    /// What his passkey gives by its PRF extension (W3C Web Authentication Level 3, section 10.1.4).
    Prf {
        /// The passkey's id.
        credential: &'a [u8],
        /// The output: 32 secret bytes.
        output: &'a [u8; 32],
    },
    /// A passphrase.
    Passphrase(&'a Passphrase),
}

impl fmt::Debug for KeyLock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLock(…)")
    }
}

/// Why wrapped keys did not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnwrapError {
    /// They are no wrapped keys.
    #[error("these are no wrapped keys of a person")]
    NotWrappedKeys,
    /// They have a form that this program does not know.
    #[error("the keys are wrapped in version `{version}`, which this program does not know")]
    UnknownVersion {
        /// The version that they state.
        version: u8,
    },
    /// They ask for what this program never asks for.
    #[error("the keys ask for a passphrase cost that is out of bounds; they are not ours")]
    Cost,
    /// They are opened by the other way.
    #[error("these keys are wrapped in another way than with this")]
    OtherWay,
    /// The passphrase or passkey is another, or they are another person's, or were changed.
    #[error(
        "this does not open the keys: it is another passphrase or passkey than they were wrapped with"
    )]
    WrongLock,
}

impl KeyLock<'_> {
    fn code(&self) -> u8 {
        match self {
            Self::Prf { .. } => 0,
            Self::Passphrase(_) => 1,
        }
    }

    fn cost(&self) -> [u32; 3] {
        match self {
            Self::Prf { .. } => [0; 3],
            Self::Passphrase(_) => COST,
        }
    }

    /// Whether wrapped keys may state this cost. Argon2 itself asks for 8 KiB in each lane.
    fn allows(&self, [memory, passes, lanes]: [u32; 3]) -> bool {
        let [most_memory, most_passes, most_lanes] = MOST;
        match self {
            Self::Prf { .. } => [memory, passes, lanes] == [0; 3],
            Self::Passphrase(_) => {
                (1..=most_lanes).contains(&lanes)
                    && (1..=most_passes).contains(&passes)
                    && (lanes.saturating_mul(8)..=most_memory).contains(&memory)
            }
        }
    }

    fn key(&self, salt: &[u8; SALT_BYTES], [memory, passes, lanes]: [u32; 3]) -> Option<Secret> {
        match self {
            Self::Prf { output, .. } => hkdf(salt, *output, INFO),
            Self::Passphrase(Passphrase(passphrase)) => {
                let params = Params::new(memory, passes, lanes, None).ok()?;
                let blocks = params.block_count();
                let mut memory = Zeroizing::new(vec![argon2::Block::default(); blocks]);
                let mut key = Zeroizing::new([0; SECRET_BYTES]);
                Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                    .hash_password_into_with_memory(
                        passphrase.as_bytes(),
                        salt,
                        key.as_mut_slice(),
                        memory.as_mut_slice(),
                    )
                    .ok()?;
                Secret::from_slice(key.as_slice())
            }
        }
    }

    /// What the seeds are bound to: the header, the owner, the passkey; each with its length in front.
    fn bound_to(&self, header: &[u8], owner: &KeyOwner<'_>) -> Vec<u8> {
        let credential: &[u8] = match self {
            Self::Prf { credential, .. } => credential,
            Self::Passphrase(_) => b"",
        };
        let mut bytes = Vec::new();
        for part in [header, owner.organisation.as_bytes(), owner.account.as_bytes(), credential] {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// HKDF with SHA-256 (RFC 5869) for one block of output.
fn hkdf(salt: &[u8], input: &[u8], info: &[u8]) -> Option<Secret> {
    // A salt shorter than a key of HMAC is filled up with zeros, which HMAC does itself.
    let mut padded = [0; SECRET_BYTES];
    padded.iter_mut().zip(salt).for_each(|(to, from)| *to = *from);
    let extracted = Zeroizing::new(Secret::from_slice(&padded)?.hmac(&[input]));
    let expanded = Zeroizing::new(Secret::from_slice(extracted.as_slice())?.hmac(&[info, &[1]]));
    Secret::from_slice(expanded.as_slice())
}

pub(super) fn wrap(
    random: &mut dyn FnMut(&mut [u8]),
    owner: &KeyOwner<'_>,
    lock: &KeyLock<'_>,
    mut seeds: Zeroizing<Vec<u8>>,
) -> Vec<u8> {
    let mut salt = [0; SALT_BYTES];
    random(&mut salt);
    let mut nonce = [0; NONCE_BYTES];
    random(&mut nonce);
    let cost = lock.cost();
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&[VERSION, lock.code()]);
    for number in cost {
        bytes.extend_from_slice(&number.to_be_bytes());
    }
    bytes.extend_from_slice(&salt);
    bytes.extend_from_slice(&nonce);
    let key = lock.key(&salt, cost).expect("our own cost is one that Argon2 takes");
    let bound_to = lock.bound_to(&bytes, owner);
    let tag = XChaCha20Poly1305::new(key.bytes().into())
        .encrypt_inout_detached(&XNonce::from(nonce), &bound_to, seeds.as_mut_slice().into())
        .expect("the cipher takes 256 GiB, and two seeds are less");
    bytes.extend_from_slice(&seeds);
    bytes.extend_from_slice(&tag);
    bytes
}

pub(super) fn unwrap(
    wrapped: &[u8],
    owner: &KeyOwner<'_>,
    lock: &KeyLock<'_>,
) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
    let rest = wrapped.strip_prefix(MAGIC).ok_or(UnwrapError::NotWrappedKeys)?;
    match rest.first() {
        Some(&VERSION) => {}
        Some(&version) => return Err(UnwrapError::UnknownVersion { version }),
        None => return Err(UnwrapError::NotWrappedKeys),
    }
    let parts = Parts::of(wrapped).ok_or(UnwrapError::NotWrappedKeys)?;
    if parts.way != lock.code() {
        return Err(UnwrapError::OtherWay);
    }
    if !lock.allows(parts.cost) {
        return Err(UnwrapError::Cost);
    }
    let key = lock.key(parts.salt, parts.cost).ok_or(UnwrapError::Cost)?;
    let mut seeds = Zeroizing::new(parts.text.to_vec());
    XChaCha20Poly1305::new(key.bytes().into())
        .decrypt_inout_detached(
            &XNonce::from(*parts.nonce),
            &lock.bound_to(parts.header, owner),
            seeds.as_mut_slice().into(),
            &Tag::from(*parts.tag),
        )
        .map_err(|_| UnwrapError::WrongLock)?;
    Ok(seeds)
}

struct Parts<'a> {
    header: &'a [u8; HEADER_BYTES],
    way: u8,
    cost: [u32; 3],
    salt: &'a [u8; SALT_BYTES],
    nonce: &'a [u8; NONCE_BYTES],
    text: &'a [u8; SEEDS_BYTES],
    tag: &'a [u8; TAG_BYTES],
}

impl<'a> Parts<'a> {
    fn of(wrapped: &'a [u8]) -> Option<Self> {
        let whole: &[u8; WHOLE_BYTES] = wrapped.try_into().ok()?;
        let (header, rest) = whole.split_first_chunk()?;
        let (text, rest) = rest.split_first_chunk()?;
        let tag = rest.first_chunk()?;
        let (way, fields) = header.get(MAGIC.len().saturating_add(1)..)?.split_first()?;
        let (memory, fields) = fields.split_first_chunk()?;
        let (passes, fields) = fields.split_first_chunk()?;
        let (lanes, fields) = fields.split_first_chunk()?;
        let (salt, fields) = fields.split_first_chunk()?;
        let nonce = fields.first_chunk()?;
        let cost = [memory, passes, lanes].map(|number| u32::from_be_bytes(*number));
        Some(Self { header, way: *way, cost, salt, nonce, text, tag })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digit = |d: u8| u8::try_from(char::from(d).to_digit(16).unwrap()).unwrap();
        text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
    }

    /// RFC 5869, appendices A.1 and A.3: the first 32 bytes of their output.
    #[test]
    fn keys_are_derived_as_the_standard_says() {
        for (salt, info, output) in [
            (
                "000102030405060708090a0b0c",
                "f0f1f2f3f4f5f6f7f8f9",
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
            ),
            ("", "", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"),
        ] {
            let derived = hkdf(&hex(salt), &[0x0b; 22], &hex(info)).unwrap();
            assert_eq!(derived.bytes().as_slice(), hex(output));
        }
    }
}
