//! Names and keys, in the text forms of C2SP signed-note.

use crate::encoding;
use crate::note::{Note, SignatureLine};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// Bytes of a key name, at most. Ours: the specification sets none.
const LONGEST_NAME: usize = 255;
/// What the text form of a signing key begins with (golang.org/x/mod/sumdb/note).
const PRIVATE: &str = "PRIVATE+KEY+";

/// Why a text is no key or no name of one. Never holds the text, which may be a signing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The name is empty or too long, or has a space, a plus sign or a control character.
    #[error(
        "the key name must have 1 to 255 bytes without spaces, plus signs and control characters"
    )]
    Name {},
    /// It does not have the form of a key.
    #[error("the key does not have the form `<name>+<key id>+<base64>`")]
    Form {},
    /// The key id is not the one of this name and key.
    #[error("the key id does not belong to this name and key; copy the key anew")]
    Id {},
    /// The type of key is another than the ones used here.
    #[error("the key has type `{kind}`, where 1 (Ed25519) or 4 (Ed25519 cosignature) is needed")]
    Kind {
        /// The type that the text names.
        kind: u8,
    },
    /// The bytes are no public key, or one for which anybody can make signatures.
    #[error("the key is not a usable Ed25519 key")]
    Unusable {},
}

/// The name of a key; for the key of a log it is the log's origin.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '+';
        if text.is_empty() || text.len() > LONGEST_NAME || !text.chars().all(allowed) {
            return Err(KeyError::Name {});
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a key signs: the checkpoints of a log, or those that a witness saw grow. One key never does
/// both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Ed25519 over the text of the note (type 0x01).
    Log,
    /// Ed25519 over the text with a time (type 0x04, C2SP tlog-cosignature).
    Cosigner,
}

impl KeyKind {
    const fn byte(self) -> u8 {
        match self {
            Self::Log => 1,
            Self::Cosigner => 4,
        }
    }

    const fn from_byte(kind: u8) -> Result<Self, KeyError> {
        match kind {
            1 => Ok(Self::Log),
            4 => Ok(Self::Cosigner),
            kind => Err(KeyError::Kind { kind }),
        }
    }
}

/// A public key with its name: what others need to check a signature.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: KeyName,
    kind: KeyKind,
    key: VerifyingKey,
    id: u32,
}

impl VerifierKey {
    /// The key with this name and these bytes.
    ///
    /// # Errors
    /// When the bytes are no Ed25519 key that can be trusted.
    pub fn new(name: KeyName, kind: KeyKind, public: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(public).map_err(|_| KeyError::Unusable {})?;
        if key.is_weak() {
            return Err(KeyError::Unusable {});
        }
        let id = key_id(&name, kind, public);
        Ok(Self { name, kind, key, id })
    }

    /// Its name.
    pub const fn name(&self) -> &KeyName {
        &self.name
    }

    /// What it signs.
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The four bytes by which a signature says which key made it.
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// The bytes of the key.
    pub fn public(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Whether a signature line says that it is by this key.
    pub(crate) fn made(&self, line: &SignatureLine) -> bool {
        line.id() == self.id && *line.name() == self.name
    }

    /// Whether the signature is this key's over the message.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

fn key_id(name: &KeyName, kind: KeyKind, public: &[u8; 32]) -> u32 {
    let hash = Sha256::new_with_prefix(name.as_str().as_bytes())
        .chain_update([b'\n', kind.byte()])
        .chain_update(public)
        .finalize();
    let [a, b, c, d, ..] = <[u8; 32]>::from(hash);
    u32::from_be_bytes([a, b, c, d])
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    /// Reads `<name>+<key id>+<base64>`.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let Parts { name, id, kind, bytes } = take_apart(text)?;
        let key = Self::new(name, kind, &bytes)?;
        if key.id == id { Ok(key) } else { Err(KeyError::Id {}) }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&put_together(&self.name, self.id, self.kind, self.public()))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({self})")
    }
}

/// A key in text form, taken apart.
struct Parts {
    name: KeyName,
    id: u32,
    kind: KeyKind,
    bytes: Zeroizing<[u8; 32]>,
}

fn take_apart(text: &str) -> Result<Parts, KeyError> {
    let form = KeyError::Form {};
    let (name, rest) = text.split_once('+').ok_or(form)?;
    let (id, key) = rest.split_once('+').ok_or(form)?;
    let name = name.parse()?;
    if id.len() != 8 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(form);
    }
    let id = u32::from_str_radix(id, 16).map_err(|_| form)?;
    if key.len() > 2 * LONGEST_NAME {
        return Err(form);
    }
    let bytes = Zeroizing::new(encoding::decode(key).ok_or(form)?);
    let (kind, bytes) = bytes.split_first().ok_or(form)?;
    let kind = KeyKind::from_byte(*kind)?;
    let bytes = Zeroizing::new(<[u8; 32]>::try_from(bytes).map_err(|_| form)?);
    Ok(Parts { name, id, kind, bytes })
}

fn put_together(name: &KeyName, id: u32, kind: KeyKind, key: &[u8; 32]) -> String {
    let mut bytes = Zeroizing::new([0; 33]);
    if let Some((first, rest)) = bytes.split_first_mut() {
        *first = kind.byte();
        rest.copy_from_slice(key);
    }
    format!("{name}+{id:08x}+{}", encoding::encode(&*bytes))
}

/// A signing key with its name. Forgotten when it is dropped.
#[derive(Clone)]
pub(crate) struct NamedKey {
    name: KeyName,
    kind: KeyKind,
    id: u32,
    key: SigningKey,
}

impl NamedKey {
    pub(crate) fn new(name: KeyName, kind: KeyKind, seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let id = key_id(&name, kind, key.verifying_key().as_bytes());
        Self { name, kind, id, key }
    }

    pub(crate) fn from_text(text: &str, wanted: KeyKind) -> Result<Self, KeyError> {
        let text = text.strip_prefix(PRIVATE).ok_or(KeyError::Form {})?;
        let Parts { name, id, kind, bytes } = take_apart(text)?;
        if kind != wanted {
            return Err(KeyError::Kind { kind: kind.byte() });
        }
        let key = Self::new(name, kind, &bytes);
        if key.id == id { Ok(key) } else { Err(KeyError::Id {}) }
    }

    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        let text =
            Zeroizing::new(put_together(&self.name, self.id, self.kind, self.key.as_bytes()));
        Zeroizing::new(format!("{PRIVATE}{}", *text))
    }

    pub(crate) fn verifier(&self) -> VerifierKey {
        VerifierKey {
            name: self.name.clone(),
            kind: self.kind,
            key: self.key.verifying_key(),
            id: self.id,
        }
    }

    pub(crate) const fn name(&self) -> &KeyName {
        &self.name
    }

    pub(crate) const fn id(&self) -> u32 {
        self.id
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// The key that signs the checkpoints of a log.
///
/// It is trusted: whoever has it can sign another history, which witnesses notice and refuse.
#[derive(Clone)]
pub struct LogSigner(NamedKey);

impl LogSigner {
    /// The key that follows from a secret seed; its name is the origin of the log.
    pub fn new(origin: KeyName, seed: &[u8; 32]) -> Self {
        Self(NamedKey::new(origin, KeyKind::Log, seed))
    }

    /// The key of one of the logs whose keys follow from one secret: its seed is
    /// `HMAC-SHA-256(secret, "portcullis-log-signing/v1" || 0x00 || origin)`.
    ///
    /// Each log has a key of its own, so that one policy can name two of them (C2SP tlog-policy
    /// allows no public key twice), and what two of them signed was signed by two keys.
    #[expect(
        clippy::missing_panics_doc,
        reason = "HMAC takes a key of any length, so it never panics"
    )]
    pub fn of_origin(origin: KeyName, secret: &[u8; 32]) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret)
            .expect("HMAC takes a key of any length (RFC 2104 section 2)");
        mac.update(b"portcullis-log-signing/v1\0");
        mac.update(origin.as_str().as_bytes());
        let seed = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
        Self::new(origin, &seed)
    }

    /// Reads the text form `PRIVATE+KEY+<name>+<key id>+<base64>`.
    ///
    /// # Errors
    /// When it is none, or a cosigning key.
    pub fn from_text(text: &str) -> Result<Self, KeyError> {
        NamedKey::from_text(text, KeyKind::Log).map(Self)
    }

    /// The text form, which is secret.
    pub fn to_text(&self) -> Zeroizing<String> {
        self.0.to_text()
    }

    /// The public key.
    pub fn verifier(&self) -> VerifierKey {
        self.0.verifier()
    }

    /// The name of the key, which is the origin of the log.
    pub const fn origin(&self) -> &KeyName {
        self.0.name()
    }

    /// Signs the text of a note.
    pub fn sign(&self, note: &mut Note) {
        let signature = self.0.sign(note.text().as_bytes());
        note.add(SignatureLine::new(self.0.name().clone(), self.0.id(), signature.to_vec()));
    }
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({}, ..)", self.0.name())
    }
}
