//! Who says so: signatures of organisations, and whether the member list lets them count.

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use portcullis_federation::{FederationName, MemberList, Moment, SigningPublic};
use portcullis_types::OrganisationId;
use std::fmt;

/// How far the clock of another may be ahead, in seconds.
pub(crate) const MOST_AHEAD_S: u64 = 600;

/// The key that an organisation signs envelopes and frames with: its signing key.
///
/// It is trusted: whoever has it speaks for the organisation.
pub struct ExchangeSigner(SigningKey);

impl ExchangeSigner {
    /// The key that follows from a secret seed.
    pub fn new(seed: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    pub(crate) fn is(&self, public: &SigningPublic) -> bool {
        self.0.verifying_key().as_bytes() == public.as_bytes()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl fmt::Debug for ExchangeSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExchangeSigner(…)")
    }
}

pub(crate) fn is_signed(key: &SigningPublic, message: &[u8], signature: &[u8; 64]) -> bool {
    VerifyingKey::from_bytes(key.as_bytes())
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

/// The beginning of everything that is signed here: what it is, and in which federation.
pub(crate) fn signed_before(context: &[u8], federation: &FederationName) -> Vec<u8> {
    let federation = federation.as_str();
    let mut message = context.to_vec();
    message.extend_from_slice(&(federation.len() as u64).to_be_bytes());
    message.extend_from_slice(federation.as_bytes());
    message
}

/// Why an organisation is not heard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedSender {
    /// The list does not name it.
    #[error("`{sender}` is not in the member list")]
    Unknown {
        /// Who is said to have sent it.
        sender: OrganisationId,
    },
    /// The list says that it is a member no more.
    #[error("`{sender}` is revoked")]
    Revoked {
        /// Who sent it.
        sender: OrganisationId,
    },
    /// Its membership has not begun or has run out.
    #[error("`{sender}` is not a member at this time")]
    NotAMember {
        /// Who sent it.
        sender: OrganisationId,
    },
    /// The key that it signed with may be in wrong hands.
    #[error("the key that `{sender}` signed with is lost; it must send again with its new one")]
    KeyLost {
        /// Who sent it.
        sender: OrganisationId,
    },
    /// It had no signing key at the time that it states.
    #[error("`{sender}` had no signing key in use when it says that it signed; compare clocks")]
    NoKey {
        /// Who sent it.
        sender: OrganisationId,
    },
}

impl RefusedSender {
    /// The code used in vectors and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "unknown-sender",
            Self::Revoked { .. } => "revoked",
            Self::NotAMember { .. } => "not-a-member",
            Self::KeyLost { .. } => "key-lost",
            Self::NoKey { .. } => "no-key",
        }
    }
}

/// The key that counts for what this organisation signed at a time, if it is heard now.
pub(crate) fn key_of<'l>(
    list: &'l MemberList,
    sender: &OrganisationId,
    signed: Moment,
    now: Moment,
) -> Result<&'l SigningPublic, RefusedSender> {
    let sender = || sender.clone();
    let member =
        list.member(&sender()).ok_or_else(|| RefusedSender::Unknown { sender: sender() })?;
    if member.revoked.is_some() {
        return Err(RefusedSender::Revoked { sender: sender() });
    }
    if !member.takes_part(now) {
        return Err(RefusedSender::NotAMember { sender: sender() });
    }
    let of_then = member
        .keys
        .signing
        .iter()
        .rev()
        .find(|dated| dated.from <= signed && dated.until.is_none_or(|until| signed < until));
    let dated = of_then.ok_or_else(|| RefusedSender::NoKey { sender: sender() })?;
    // Whoever found a lost key can state any time, so no time helps.
    if dated.lost.is_some() {
        return Err(RefusedSender::KeyLost { sender: sender() });
    }
    Ok(&dated.key)
}
