//! Codes that are shown once: recovery codes, invitations, tokens, links. Only their digests are kept.

use crate::bech32m;
use sha2::{Digest as _, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CodeKind {
    /// It stands in for a second administrator, once. Printed, and typed in.
    Recovery,
    /// Half of the right to enrol. Told, and typed in.
    Invitation,
    /// It lets a program act for an officer.
    Token,
    /// It lets whoever has it hand something in.
    Link,
}

impl CodeKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Recovery, Self::Invitation, Self::Token, Self::Link];

    /// What a code begins with; the separator `1` of Bech32m follows. Programs that look for secrets
    /// in what is published find a token by it.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Recovery => "portcullis-recovery-",
            Self::Invitation => "portcullis-invitation-",
            Self::Token => "portcullis-token-",
            Self::Link => "portcullis-link-",
        }
    }

    /// How many random bytes it has: those that people type have 128 bits, the others 256.
    fn length_bytes(self) -> usize {
        match self {
            Self::Recovery | Self::Invitation => 16,
            Self::Token | Self::Link => 32,
        }
    }
}

/// A code. Overwritten on drop.
///
/// ```
/// use portcullis_keys::{CodeKind, SecretCode};
/// # let mut random = |bytes: &mut [u8]| bytes.fill(7);
/// let code = SecretCode::random(&mut random, CodeKind::Recovery);
/// let typed = SecretCode::read(CodeKind::Recovery, &code.grouped().to_uppercase())?;
/// assert_eq!(typed.digest(), code.digest());
/// # Ok::<(), portcullis_keys::SecretCodeError>(())
/// ```
///
/// ```compile_fail,E0277
/// fn show(code: portcullis_keys::SecretCode) {
///     println!("{code}"); // SecretCode has no Display
/// }
/// ```
#[derive(Clone)]
pub struct SecretCode {
    kind: CodeKind,
    text: Zeroizing<String>,
}

/// Why a text is no code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no such code: it is another kind of code, or a character was mistyped or left out; look for a slip"
)]
pub struct SecretCodeError;

impl SecretCode {
    /// Draws a code.
    pub fn random(random: &mut dyn FnMut(&mut [u8]), kind: CodeKind) -> Self {
        let mut bytes = Zeroizing::new(vec![0; kind.length_bytes()]);
        random(&mut bytes);
        Self { kind, text: bech32m::encode(kind.prefix(), &bytes) }
    }

    /// Reads a code as people type it: in capital or small letters, in groups, with or without what
    /// it begins with.
    ///
    /// # Errors
    /// [`SecretCodeError`] when a check character doesn't fit; it doesn't say which.
    pub fn read(kind: CodeKind, typed: &str) -> Result<Self, SecretCodeError> {
        // Longer than any code with spaces in it.
        if typed.len() > 256 {
            return Err(SecretCodeError);
        }
        let mut text = Zeroizing::new(String::with_capacity(512));
        let letters =
            || typed.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase());
        let begins_as_it_should = letters().take(kind.prefix().len()).eq(kind.prefix().chars());
        if !begins_as_it_should {
            text.push_str(kind.prefix());
            text.push('1');
        }
        text.extend(letters());
        let bytes = bech32m::decode(kind.prefix(), &text).map_err(|_| SecretCodeError)?;
        if bytes.len() != kind.length_bytes() {
            return Err(SecretCodeError);
        }
        Ok(Self { kind, text })
    }

    /// The code, for showing it once.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// The code in groups of four, for printing it; without what it begins with.
    pub fn grouped(&self) -> Zeroizing<String> {
        let begins = self.kind.prefix().len().saturating_add(1);
        let mut grouped = Zeroizing::new(String::with_capacity(self.text.len().saturating_mul(2)));
        for (place, character) in self.text.chars().skip(begins).enumerate() {
            if place > 0 && place.is_multiple_of(4) {
                grouped.push(' ');
            }
            grouped.push(character);
        }
        grouped
    }

    /// Its digest, which is what is kept: SHA-256 of its text. It has too many bits to be guessed, so
    /// that no slow digest is needed.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }
}

impl fmt::Debug for SecretCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretCode(…)")
    }
}
