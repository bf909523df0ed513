//! Tokens that stand for something: drawn at random, kept only as a digest.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use portcullis_types::Rng;
use sha2::{Digest as _, Sha256};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

/// Length of a token in bytes: 256 bits, four times what OWASP ASVS 5.0, 7.2.3 asks for at least.
const LENGTH_BYTES: usize = 32;

/// A secret that whoever bears it is known by: of a session, of a ceremony that has begun.
///
/// It has no `Debug` output of its own and is overwritten when it is dropped.
pub struct Token(Zeroizing<[u8; LENGTH_BYTES]>);

impl Token {
    /// Draws a new one.
    pub fn draw(rng: &mut dyn Rng) -> Self {
        let mut bytes = Zeroizing::new([0; LENGTH_BYTES]);
        rng.fill(bytes.as_mut_slice());
        Self(bytes)
    }

    /// Reads one from its text; none if the text cannot be one.
    pub fn parse(text: &str) -> Option<Self> {
        // Checked first, so that nothing of unbounded length is decoded.
        if text.len() != TEXT_LENGTH {
            return None;
        }
        let decoded = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).ok()?);
        let mut bytes = Zeroizing::new([0; LENGTH_BYTES]);
        (decoded.len() == LENGTH_BYTES).then(|| bytes.copy_from_slice(&decoded))?;
        Some(Self(bytes))
    }

    /// The text that its bearer keeps: 43 characters that stand in cookies and addresses as they are.
    pub fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0.as_slice()))
    }

    /// What is kept of it. A token has 256 random bits, so a plain SHA-256 cannot be guessed back.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest(Sha256::digest(self.0.as_slice()).into())
    }

    /// The secret itself.
    pub(crate) fn into_bytes(self) -> Zeroizing<[u8; LENGTH_BYTES]> {
        self.0
    }

    /// A second secret that whoever bears this one can be shown, and that does not lead back to it.
    pub(crate) fn derive(&self, purpose: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(purpose.as_bytes());
        hash.update([0]);
        hash.update(self.0.as_slice());
        let mut derived: [u8; LENGTH_BYTES] = hash.finalize().into();
        let token = Self(Zeroizing::new(derived));
        derived.zeroize();
        token
    }

    /// Whether both are the same, in a time that tells nothing.
    pub fn is(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

/// Length of the text of a token: 32 bytes in base64 without padding (RFC 4648, section 5).
const TEXT_LENGTH: usize = 43;

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The SHA-256 of a token: what is kept, and what finds it again.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest as bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A digest that was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenDigest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_testkit::SeededRng;
    use portcullis_types::Rng;
    use proptest::prelude::*;

    #[derive(Debug)]
    struct Bytes(u8);
    impl Rng for Bytes {
        fn fill(&mut self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn text_and_digest_are_those_of_the_standards() {
        // base64url of 32 zero bytes by RFC 4648; SHA-256 of the same by `sha256sum`.
        let token = Token::draw(&mut Bytes(0));
        assert_eq!(*token.text(), "A".repeat(43));
        assert_eq!(
            token.digest().as_bytes()[..8],
            [0x66, 0x68, 0x7a, 0xad, 0xf8, 0x62, 0xbd, 0x77]
        );
    }

    #[test]
    fn what_is_derived_differs_by_its_purpose_and_from_the_token() {
        let token = Token::draw(&mut SeededRng::new(1));
        assert!(!token.derive("a").is(&token));
        assert!(!token.derive("a").is(&token.derive("b")));
        assert!(token.derive("a").is(&token.derive("a")));
    }

    // THREATS T-33
    #[test]
    fn nothing_prints_a_token() {
        let token = Token::draw(&mut SeededRng::new(1));
        assert_eq!(format!("{token:?} {:?}", token.digest()), "Token(…) TokenDigest(…)");
    }

    proptest! {
        #[test]
        fn a_token_is_read_back_from_its_text(seed in any::<u64>()) {
            let token = Token::draw(&mut SeededRng::new(seed));
            prop_assert!(Token::parse(&token.text()).unwrap().is(&token));
        }

        #[test]
        fn no_text_makes_reading_panic(text in ".{0,60}") {
            if let Some(token) = Token::parse(&text) {
                prop_assert_eq!(&*token.text(), &text);
            }
        }
    }
}
