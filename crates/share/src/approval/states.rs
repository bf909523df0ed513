//! Draft, proposed, approved: each a type of its own, so that nothing is used as what it isn't yet.

use super::released::verify_signatures;
use super::{Approvable, ApprovalError, Checks, ReleaseDigest, ReleaseOfficer, ReleaseRole};
use super::{Released, Signatures, Signed, Urgent};
use crate::faults::Faults;
use portcullis_federation::Moment;
use portcullis_keys::PersonalKeys;

/// A document without a fault that nobody has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft<T>(T);

/// A document that its author has signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed<T> {
    pub(super) document: T,
    pub(super) author: Signed,
    pub(super) confirm_by: Option<Moment>,
}

/// A document that two officers have signed. Only their signatures make one:
///
/// ```compile_fail,E0451
/// use portcullis_share::{Approved, Signatures, Withdrawal};
/// fn forge(document: Withdrawal, signatures: Signatures) -> Approved<Withdrawal> {
///     Approved { document, signatures } // its fields are private
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved<T> {
    pub(super) document: T,
    pub(super) signatures: Box<Signatures>,
}

impl<T: Approvable> Draft<T> {
    /// Takes a document that has no fault.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn new(document: T, checks: &Checks<'_>) -> Result<Self, Faults> {
        document.check(checks)?;
        Ok(Self(document))
    }

    /// The document.
    pub fn document(&self) -> &T {
        &self.0
    }

    /// Its author signs it.
    ///
    /// # Errors
    /// [`ApprovalError`] when the keys are another's, or the signature would not count.
    pub fn propose(
        self,
        checks: &Checks<'_>,
        officer: &ReleaseOfficer,
        keys: &PersonalKeys,
    ) -> Result<Proposed<T>, ApprovalError> {
        self.signed(checks, None, officer, keys)
    }

    /// Its author signs it so that it can go before a second officer has seen it. Whoever receives it
    /// drops it at `confirm_by`, unless it was confirmed.
    ///
    /// # Errors
    /// [`ApprovalError`] when the keys are another's, or the signature would not count.
    pub fn propose_urgently(
        self,
        checks: &Checks<'_>,
        confirm_by: Moment,
        officer: &ReleaseOfficer,
        keys: &PersonalKeys,
    ) -> Result<Urgent<T>, ApprovalError> {
        self.signed(checks, Some(confirm_by), officer, keys).map(|proposed| Urgent {
            document: proposed.document,
            author: Box::new(proposed.author),
            confirm_by,
        })
    }

    fn signed(
        self,
        checks: &Checks<'_>,
        confirm_by: Option<Moment>,
        officer: &ReleaseOfficer,
        keys: &PersonalKeys,
    ) -> Result<Proposed<T>, ApprovalError> {
        let document = self.0;
        let (role, at) = (ReleaseRole::Author, checks.at);
        let author = Signed::new(document.digest(), role, at, confirm_by, officer, keys)?;
        let signatures = Signatures { author, approver: None, confirm_by };
        verify_signatures(&document, &signatures, checks)?;
        Ok(Proposed { document, author: signatures.author, confirm_by })
    }
}

impl<T: Approvable> Proposed<T> {
    /// The document.
    pub fn document(&self) -> &T {
        &self.document
    }

    /// What was signed.
    pub fn digest(&self) -> ReleaseDigest {
        self.document.digest()
    }

    /// Who proposed it.
    pub fn author(&self) -> &ReleaseOfficer {
        &self.author.officer
    }

    /// As it is kept. Reading it back takes [`Released::verify_proposed`].
    pub fn into_released(self) -> Released<T> {
        let Self { document, author, confirm_by } = self;
        Released { document, signatures: Signatures { author, approver: None, confirm_by } }
    }

    /// A second officer signs it: another person, with another key, on the same digest.
    ///
    /// # Errors
    /// [`ApprovalError`] when the keys are another's, or the signature would not count: it is the
    /// author's own, or of one who may not approve.
    pub fn approve(
        self,
        checks: &Checks<'_>,
        officer: &ReleaseOfficer,
        keys: &PersonalKeys,
    ) -> Result<Approved<T>, ApprovalError> {
        let Self { document, author, confirm_by } = self;
        let (role, at) = (ReleaseRole::Approver, checks.at);
        let approver = Signed::new(document.digest(), role, at, confirm_by, officer, keys)?;
        let signatures = Signatures { author, approver: Some(approver), confirm_by };
        document.check(checks).map_err(super::RefusedRelease::Faults)?;
        verify_signatures(&document, &signatures, checks)?;
        Ok(Approved { document, signatures: Box::new(signatures) })
    }
}

impl<T: Approvable> Approved<T> {
    /// The document.
    pub fn document(&self) -> &T {
        &self.document
    }

    /// Both signatures.
    pub fn signatures(&self) -> &Signatures {
        &self.signatures
    }

    /// What both signed.
    pub fn digest(&self) -> ReleaseDigest {
        self.document.digest()
    }

    /// As it is kept and sent. Reading it back takes [`Released::verify`].
    pub fn into_released(self) -> Released<T> {
        Released { document: self.document, signatures: *self.signatures }
    }
}
