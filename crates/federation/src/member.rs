//! A member: who, with which keys, from when until when.

use crate::{Endpoint, MemberName, Moment};
use ed25519_dalek::VerifyingKey;
use portcullis_audit::VerifierKey;
use portcullis_keys::SealingPublic;
use portcullis_types::{Body, Level, OrganisationId};
use std::fmt;

/// A public key that an organisation signs with (Ed25519).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SigningPublic([u8; 32]);

impl SigningPublic {
    /// Takes the bytes of a key; none if they are no key, or one for which anybody can sign.
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes).ok()?;
        (!key.is_weak()).then_some(Self(*bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SigningPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningPublic(")?;
        self.0.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))?;
        f.write_str("…)")
    }
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Signs what the organisation says.
    Signing,
    /// Others seal to it.
    Sealing,
    /// Signs the checkpoints of its log.
    Log,
    /// Cosigns the checkpoints of others.
    Cosigning,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signing => "signing",
            Self::Sealing => "sealing",
            Self::Log => "log",
            Self::Cosigning => "cosigning",
        })
    }
}

/// A key and when it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated<K> {
    /// The key.
    pub key: K,
    /// From when it is used.
    pub from: Moment,
    /// Until when, where another follows.
    pub until: Option<Moment>,
    /// Since when it may be in wrong hands, where it was lost: nothing made with it since counts.
    pub lost: Option<Moment>,
}

impl<K> Dated<K> {
    /// A key that is used from now on.
    pub fn from(key: K, from: Moment) -> Self {
        Self { key, from, until: None, lost: None }
    }

    /// Whether it counts no more from this moment on: it ended, or was lost.
    pub fn is_over(&self, at: Moment) -> bool {
        self.until.is_some_and(|until| until <= at) || self.lost.is_some_and(|lost| lost <= at)
    }

    /// Whether it is used at this moment.
    pub fn is_in_use(&self, at: Moment) -> bool {
        self.from <= at
            && self.until.is_none_or(|until| at < until)
            && self.lost.is_none_or(|lost| at < lost)
    }
}

/// The keys of a member, each kind in the order in which they begin. The last of a kind is the one
/// in use, or about to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberKeys {
    /// What it signs with.
    pub signing: Vec<Dated<SigningPublic>>,
    /// What others seal to.
    pub sealing: Vec<Dated<SealingPublic>>,
    /// Of its log, where it has one.
    pub log: Vec<Dated<VerifierKey>>,
    /// With which it cosigns others' logs, where it does.
    pub cosigning: Vec<Dated<VerifierKey>>,
}

impl MemberKeys {
    /// The signing key in use at this moment.
    pub fn signing_at(&self, at: Moment) -> Option<&SigningPublic> {
        self.signing.iter().rev().find(|dated| dated.is_in_use(at)).map(|dated| &dated.key)
    }

    /// The key to seal to at this moment.
    pub fn sealing_at(&self, at: Moment) -> Option<&SealingPublic> {
        self.sealing.iter().rev().find(|dated| dated.is_in_use(at)).map(|dated| &dated.key)
    }
}

/// Why an organisation is a member no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RevocationReason {
    /// It left.
    Left,
    /// It exists no more, or as part of another.
    Dissolved,
    /// Its keys were lost and it has no others yet.
    KeysLost,
    /// It broke the rules of the federation.
    Breach,
}

impl RevocationReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Left, Self::Dissolved, Self::KeysLost, Self::Breach];

    /// The code used in lists.
    pub fn code(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Dissolved => "dissolved",
            Self::KeysLost => "keys-lost",
            Self::Breach => "breach",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Since when an organisation is a member no more, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    /// Since when.
    pub since: Moment,
    /// Why.
    pub reason: RevocationReason,
}

/// A member of the federation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its id.
    pub id: OrganisationId,
    /// What it is called.
    pub name: MemberName,
    /// What it is.
    pub body: Body,
    /// The highest level that may be sent to it.
    pub ceiling: Level,
    /// From when it is a member.
    pub from: Moment,
    /// Until when, unless it is extended.
    pub until: Option<Moment>,
    /// Whether it was revoked.
    pub revoked: Option<Revocation>,
    /// Where its node is reached; without one, it exchanges files.
    pub endpoint: Option<Endpoint>,
    /// Its keys.
    pub keys: MemberKeys,
}

impl Member {
    /// Whether it takes part at this moment: what is meant for it may be sent, what it sends is taken.
    pub fn takes_part(&self, at: Moment) -> bool {
        self.revoked.is_none() && self.from <= at && self.until.is_none_or(|until| at < until)
    }

    /// Whether it is of those whose keys are compared in person.
    pub fn is_pinned_kind(&self) -> bool {
        matches!(self.body, Body::Service | Body::Overseer)
    }
}
