//! Which provisions are approved for disclosing something by which employment or office is decided
//! (Security Service Act 1989 s.2(3)); THREATS T-44.
//!
//! The register is a signed file that a node's operator takes in, as he takes in the keys that may
//! sign it. Who signs is trusted: he decides under which provisions a notice may go.

use crate::approval::OrganisationSigner;
use crate::codec::{FormError, from_bytes, record, to_bytes};
use crate::notice::{Heading, ReleasePurpose};
use crate::{Office, Word};
use portcullis_federation::{Moment, SigningPublic};
use portcullis_types::{Gateway, OrganisationId};
use std::collections::BTreeSet;

/// What stands before a register that is signed.
const DOMAIN: &[u8] = b"portcullis-provision-register/v1";

record! {
    /// One approved provision.
    pub Provision: 500 {
        /// Its id.
        1 id: Word,
        /// What it is called.
        2 title: Office,
        /// For which purposes.
        3 purposes: BTreeSet<ReleasePurpose>,
        /// For which services.
        4 services: BTreeSet<OrganisationId>,
        /// Through which gateways.
        5 gateways: BTreeSet<Gateway>,
        /// From when.
        6 from: Moment,
        /// Until when.
        7 until: Moment,
        /// In which office it was approved.
        8 approved_by: Office,
    }
}

record! {
    /// A register as it is written.
    pub RegisterText {
        /// When it was issued.
        1 issued: Moment,
        /// The provisions, in the order of their ids.
        2 provisions: Vec<Provision>,
    }
}

record! {
    /// A register with its signature, which nobody has checked yet.
    SignedRegister {
        /// What it says.
        1 text: RegisterText,
        /// With which key it is signed; none where it is not.
        2 key: Option<SigningPublic>,
        /// The signature.
        3 signature: Option<[u8; 64]>,
    }
}

/// A register that was verified. There is none otherwise but the empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvisionRegister(RegisterText);

/// Why a register was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// It is not in the form of the specification.
    #[error(transparent)]
    Form(#[from] FormError),
    /// Nobody signed it.
    #[error("the register is not signed; ask for one that is")]
    Unsigned,
    /// It is signed with a key that is not trusted for it.
    #[error("the register is signed with a key that is not trusted for it; compare the key first")]
    Untrusted,
    /// Its signature does not fit.
    #[error("the signature of the register does not fit: it was changed; ask for it again")]
    Signature,
    /// It was issued in the future.
    #[error("the register was issued in the future, at `{issued}`; check the clock")]
    Future {
        /// When it says it was.
        issued: Moment,
    },
    /// Two provisions have one id, or they are not in order.
    #[error("provision `{id}` stands twice, or not in order; ask for a register that is in order")]
    Order {
        /// Which.
        id: Word,
    },
}

impl RegisterError {
    /// Its name in vectors, events and counts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Form(error) => error.code(),
            Self::Unsigned => "unsigned",
            Self::Untrusted => "untrusted",
            Self::Signature => "signature",
            Self::Future { .. } => "future",
            Self::Order { .. } => "order",
        }
    }
}

/// Why a provision does not cover a notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCovered {
    /// There is none with this id.
    #[error("unknown: {}", self.remedy())]
    Unknown,
    /// It does not hold yet.
    #[error("not yet: {}", self.remedy())]
    NotYet,
    /// It holds no more.
    #[error("expired: {}", self.remedy())]
    Expired,
    /// It is for other purposes, services or gateways.
    #[error("out of scope: {}", self.remedy())]
    OutOfScope,
}

impl NotCovered {
    /// What to do.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Unknown => "name a provision of the register: it has none with this id",
            Self::NotYet => "name a provision that holds already",
            Self::Expired => "name a provision that still holds: this one expired",
            Self::OutOfScope => {
                "name a provision for this purpose, service and gateway: this one is for others"
            }
        }
    }

    /// Its name in vectors, events and counts.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotYet => "not-yet",
            Self::Expired => "expired",
            Self::OutOfScope => "out-of-scope",
        }
    }
}

impl ProvisionRegister {
    /// A register without a provision: nothing is disclosed for deciding on employment or office.
    pub fn empty() -> Self {
        Self(RegisterText { issued: Moment::END, provisions: Vec::new() })
    }

    /// Signs a register.
    pub fn sign(text: RegisterText, signer: &OrganisationSigner) -> Vec<u8> {
        let signature = signer.sign(DOMAIN, &to_bytes(&text));
        to_bytes(&SignedRegister { text, key: Some(signer.public()), signature: Some(signature) })
    }

    /// Reads and verifies a register: it must be signed with one of the keys that the node's operator
    /// trusts for it.
    ///
    /// # Errors
    /// [`RegisterError`] with what is wrong.
    pub fn verify(
        bytes: &[u8],
        trusted: &[SigningPublic],
        at: Moment,
    ) -> Result<Self, RegisterError> {
        let SignedRegister { text, key, signature } = from_bytes(bytes)?;
        let (Some(key), Some(signature)) = (key, signature) else {
            return Err(RegisterError::Unsigned);
        };
        if !trusted.contains(&key) {
            return Err(RegisterError::Untrusted);
        }
        if !crate::approval::is_signed(&key, DOMAIN, &to_bytes(&text), &signature) {
            return Err(RegisterError::Signature);
        }
        if text.issued > at.later(crate::approval::SKEW_S) {
            return Err(RegisterError::Future { issued: text.issued });
        }
        if let Some([_, second]) = text.provisions.array_windows().find(|[a, b]| a.id >= b.id) {
            return Err(RegisterError::Order { id: second.id.clone() });
        }
        Ok(Self(text))
    }

    /// When it was issued. A node keeps the latest it took.
    pub fn issued(&self) -> Moment {
        self.0.issued
    }

    /// Every provision.
    pub fn provisions(&self) -> &[Provision] {
        &self.0.provisions
    }

    /// The provision with this id, if it covers a notice with this heading at that moment.
    ///
    /// # Errors
    /// [`NotCovered`] with the reason.
    pub fn cite(&self, id: &Word, heading: &Heading, at: Moment) -> Result<&Provision, NotCovered> {
        let found = self.0.provisions.iter().find(|provision| provision.id == *id);
        let provision = found.ok_or(NotCovered::Unknown)?;
        if at < provision.from {
            return Err(NotCovered::NotYet);
        }
        if provision.until <= at {
            return Err(NotCovered::Expired);
        }
        let covers = provision.purposes.contains(&heading.purpose)
            && provision.services.contains(&heading.originator)
            && provision.gateways.contains(&heading.gateway);
        if covers { Ok(provision) } else { Err(NotCovered::OutOfScope) }
    }
}
