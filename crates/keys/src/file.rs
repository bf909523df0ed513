//! The file that a keyring is kept in: a header, the sealed contents, a checksum.

use crate::cell::{NONCE_BYTES, TAG_BYTES};
use crate::secret::{SECRET_BYTES, Secret};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, Tag, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// What a keyring file begins with.
const MAGIC: &[u8; 18] = b"portcullis-keyring";

/// The version of the form of keyring files.
const VERSION: u8 = 1;

const SALT_BYTES: usize = 16;
const CHECKSUM_BYTES: usize = 32;

/// The magic, the version, the method, its three costs, the salt and the nonce.
const HEADER_BYTES: usize = MAGIC.len() + 2 + 12 + SALT_BYTES + NONCE_BYTES;

/// What the key file is bound to before it opens a keyring.
const KEY_FILE: &[u8] = b"portcullis-keyring/v1";

/// The second recommended choice of RFC 9106, section 4: three passes over 64 MiB in four lanes.
const COST: Cost = Cost { memory_kib: 64 << 10, passes: 3, lanes: 4 };

/// The most that a file may ask for, so that a hostile one cannot take the machine down.
const MOST: Cost = Cost { memory_kib: 256 << 10, passes: 8, lanes: 16 };

/// What opens a keyring file.
pub enum Unlock {
    /// The thirty-two random bytes of a key file.
    KeyFile(Zeroizing<[u8; SECRET_BYTES]>),
    /// A passphrase, as typed: its UTF-8 bytes are taken as they are.
    Passphrase(Zeroizing<String>),
}

/// The means by which a keyring file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnlockKind {
    /// A key file.
    KeyFile,
    /// A passphrase.
    Passphrase,
}

/// Why a keyring file was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockError {
    /// It does not begin like a keyring file.
    #[error("this is no keyring file")]
    NotAKeyring,
    /// It has a form that this program does not know.
    #[error(
        "the keyring file has version `{version}`, which this program does not know; \
         use a newer one"
    )]
    UnknownVersion {
        /// The version that it states.
        version: u8,
    },
    /// Its checksum does not fit.
    #[error("the keyring file is damaged or cut off; use another copy of it")]
    Damaged,
    /// It states a method that this program does not know.
    #[error("the keyring file is locked by method `{method}`, which this program does not know")]
    UnknownMethod {
        /// The method that it states.
        method: u8,
    },
    /// It asks for more memory or time than any keyring file that was made by this program, or
    /// for what is no cost at all.
    #[error(
        "the keyring file asks for a passphrase cost that is out of bounds \
         (`{memory_kib}` KiB, `{passes}` passes, `{lanes}` lanes); it was not made by this program"
    )]
    Cost {
        /// The memory that it asks for, in KiB.
        memory_kib: u32,
        /// The passes over it.
        passes: u32,
        /// The lanes.
        lanes: u32,
    },
    /// It is opened by the other means.
    #[error("the keyring file is opened by {needs}")]
    OtherMeans {
        /// What opens it.
        needs: UnlockKind,
    },
    /// The key or the passphrase is another, or the file was altered on purpose.
    #[error(
        "the key or passphrase does not open the keyring file: it is the wrong one, or somebody \
         altered the file and its checksum"
    )]
    WrongKey,
    /// It opened, and what is in it is not as specified.
    #[error("the keyring file was made by a program that does not hold to its specification")]
    Malformed,
}

/// What making a key out of a passphrase costs.
#[derive(Clone, Copy)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// A keyring file taken apart.
struct Parts<'a> {
    header: &'a [u8; HEADER_BYTES],
    kind: UnlockKind,
    cost: Cost,
    salt: &'a [u8; SALT_BYTES],
    nonce: &'a [u8; NONCE_BYTES],
    text: &'a [u8],
    tag: &'a [u8; TAG_BYTES],
}

impl Unlock {
    /// By which means it opens a keyring.
    pub fn kind(&self) -> UnlockKind {
        match self {
            Self::KeyFile(_) => UnlockKind::KeyFile,
            Self::Passphrase(_) => UnlockKind::Passphrase,
        }
    }

    /// The key that the contents are sealed under.
    fn key(&self, salt: &[u8; SALT_BYTES], cost: Cost) -> Option<Secret> {
        match self {
            Self::KeyFile(key) => {
                let key = Secret::from_slice(key.as_slice())?;
                Secret::from_slice(&*Zeroizing::new(key.hmac(&[KEY_FILE, salt])))
            }
            Self::Passphrase(passphrase) => {
                let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).ok()?;
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
}

impl UnlockKind {
    /// By which means a keyring file is opened, so that a passphrase is asked for only where one
    /// is needed.
    ///
    /// # Errors
    /// As [`crate::Keyring::unlock`], as far as it can be told without a key.
    pub fn of(file: &[u8]) -> Result<Self, UnlockError> {
        Ok(Parts::parse(file)?.kind)
    }

    fn method(self) -> u8 {
        match self {
            Self::KeyFile => 0,
            Self::Passphrase => 1,
        }
    }
}

impl Cost {
    const NONE: Self = Self { memory_kib: 0, passes: 0, lanes: 0 };

    fn of(kind: UnlockKind) -> Self {
        match kind {
            UnlockKind::KeyFile => Self::NONE,
            UnlockKind::Passphrase => COST,
        }
    }

    /// Whether a file may state it. Argon2 itself asks for 8 KiB in each lane.
    fn is_allowed(self, kind: UnlockKind) -> bool {
        let Self { memory_kib, passes, lanes } = self;
        match kind {
            UnlockKind::KeyFile => [memory_kib, passes, lanes] == [0; 3],
            UnlockKind::Passphrase => {
                (1..=MOST.lanes).contains(&lanes)
                    && (1..=MOST.passes).contains(&passes)
                    && (lanes.saturating_mul(8)..=MOST.memory_kib).contains(&memory_kib)
            }
        }
    }
}

impl<'a> Parts<'a> {
    fn parse(file: &'a [u8]) -> Result<Self, UnlockError> {
        let rest = file.strip_prefix(MAGIC).ok_or(UnlockError::NotAKeyring)?;
        match rest.first() {
            Some(&VERSION) => {}
            Some(&version) => return Err(UnlockError::UnknownVersion { version }),
            None => return Err(UnlockError::Damaged),
        }
        let (checked, checksum) =
            file.split_last_chunk::<CHECKSUM_BYTES>().ok_or(UnlockError::Damaged)?;
        if Sha256::digest(checked).as_slice() != checksum {
            return Err(UnlockError::Damaged);
        }
        Self::of_whole(checked).ok_or(UnlockError::Damaged)?
    }

    /// The parts of a file whose checksum fits; nothing if it is too short for them.
    fn of_whole(file: &'a [u8]) -> Option<Result<Self, UnlockError>> {
        let (header, sealed) = file.split_first_chunk::<HEADER_BYTES>()?;
        let (text, tag) = sealed.split_last_chunk()?;
        let (method, rest) = header.get(MAGIC.len().saturating_add(1)..)?.split_first()?;
        let (memory, rest) = rest.split_first_chunk()?;
        let (passes, rest) = rest.split_first_chunk()?;
        let (lanes, rest) = rest.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let nonce = rest.first_chunk()?;
        let [memory_kib, passes, lanes] = [memory, passes, lanes].map(|n| u32::from_be_bytes(*n));
        let cost = Cost { memory_kib, passes, lanes };
        let kinds = [UnlockKind::KeyFile, UnlockKind::Passphrase];
        let Some(kind) = kinds.into_iter().find(|kind| kind.method() == *method) else {
            return Some(Err(UnlockError::UnknownMethod { method: *method }));
        };
        if !cost.is_allowed(kind) {
            return Some(Err(UnlockError::Cost { memory_kib, passes, lanes }));
        }
        Some(Ok(Self { header, kind, cost, salt, nonce, text, tag }))
    }
}

/// The file of contents.
pub(crate) fn lock(
    random: &mut dyn FnMut(&mut [u8]),
    with: &Unlock,
    mut contents: Zeroizing<Vec<u8>>,
) -> Vec<u8> {
    let mut salt = [0; SALT_BYTES];
    random(&mut salt);
    let mut nonce = [0; NONCE_BYTES];
    random(&mut nonce);
    let cost = Cost::of(with.kind());
    let mut file = MAGIC.to_vec();
    file.extend_from_slice(&[VERSION, with.kind().method()]);
    for number in [cost.memory_kib, cost.passes, cost.lanes] {
        file.extend_from_slice(&number.to_be_bytes());
    }
    file.extend_from_slice(&salt);
    file.extend_from_slice(&nonce);
    let key = with.key(&salt, cost).expect("our own cost is one that Argon2 takes");
    let tag = XChaCha20Poly1305::new(key.bytes().into())
        .encrypt_inout_detached(&XNonce::from(nonce), &file, contents.as_mut_slice().into())
        .expect("the cipher takes 256 GiB, and memory holds less");
    file.extend_from_slice(&contents);
    file.extend_from_slice(&tag);
    let checksum = Sha256::digest(&file);
    file.extend_from_slice(&checksum);
    file
}

/// The contents of a file.
pub(crate) fn unlock(file: &[u8], with: &Unlock) -> Result<Zeroizing<Vec<u8>>, UnlockError> {
    let parts = Parts::parse(file)?;
    if parts.kind != with.kind() {
        return Err(UnlockError::OtherMeans { needs: parts.kind });
    }
    let key = with.key(parts.salt, parts.cost).ok_or(UnlockError::WrongKey)?;
    let mut contents = Zeroizing::new(parts.text.to_vec());
    XChaCha20Poly1305::new(key.bytes().into())
        .decrypt_inout_detached(
            &XNonce::from(*parts.nonce),
            parts.header,
            contents.as_mut_slice().into(),
            &Tag::from(*parts.tag),
        )
        .map_err(|_| UnlockError::WrongKey)?;
    Ok(contents)
}

impl fmt::Debug for Unlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyFile(_) => "KeyFile(…)",
            Self::Passphrase(_) => "Passphrase(…)",
        })
    }
}

impl fmt::Display for UnlockKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeyFile => "a key file",
            Self::Passphrase => "a passphrase",
        })
    }
}
