//! Released by one officer tonight, confirmed by another in time, or gone.

use super::released::verify_signatures;
use super::{Approvable, ApprovalError, Approved, Checks, RefusedRelease, ReleaseDigest};
use super::{ReleaseOfficer, ReleaseRole, Released, Signatures, Signed};
use crate::codec::record;
use portcullis_federation::Moment;
use portcullis_keys::PersonalKeys;

/// A document that one officer released, and that must be confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urgent<T> {
    pub(super) document: T,
    pub(super) author: Box<Signed>,
    pub(super) confirm_by: Moment,
}

record! {
    /// The signature of a second officer on something that was released urgently.
    pub Confirmation {
        /// On what.
        1 digest: ReleaseDigest,
        /// His signature.
        2 approver: Signed,
    }
}

impl<T: Approvable> Urgent<T> {
    /// The document.
    pub fn document(&self) -> &T {
        &self.document
    }

    /// What was signed.
    pub fn digest(&self) -> ReleaseDigest {
        self.document.digest()
    }

    /// By when it must be confirmed. From then on it does not count.
    pub fn confirm_by(&self) -> Moment {
        self.confirm_by
    }

    /// Whether it counts no more.
    pub fn is_lapsed(&self, at: Moment) -> bool {
        self.confirm_by <= at
    }

    /// The signature, as it is kept and sent.
    pub fn signatures(&self) -> Signatures {
        let author = (*self.author).clone();
        Signatures { author, approver: None, confirm_by: Some(self.confirm_by) }
    }

    /// As it is kept and sent. Reading it back takes [`Released::verify`].
    pub fn into_released(self) -> Released<T> {
        let signatures = self.signatures();
        Released { document: self.document, signatures }
    }

    /// A second officer signs it, in time. What he returns goes to everybody who has it.
    ///
    /// # Errors
    /// [`ApprovalError`] when the keys are another's, it has lapsed, or the signature would not count.
    pub fn confirm(
        self,
        checks: &Checks<'_>,
        officer: &ReleaseOfficer,
        keys: &PersonalKeys,
    ) -> Result<(Approved<T>, Confirmation), ApprovalError> {
        let (digest, role) = (self.digest(), ReleaseRole::Approver);
        let approver = Signed::new(digest, role, checks.at, Some(self.confirm_by), officer, keys)?;
        let confirmation = Confirmation { digest, approver };
        self.confirmed(checks, &confirmation).map(|both| (both, confirmation)).map_err(Into::into)
    }

    /// Takes the confirmation of it.
    ///
    /// # Errors
    /// [`RefusedRelease`] when it has lapsed, the confirmation is of something else, or does not count.
    pub fn confirmed(
        self,
        checks: &Checks<'_>,
        confirmation: &Confirmation,
    ) -> Result<Approved<T>, RefusedRelease> {
        if self.is_lapsed(checks.at) {
            return Err(RefusedRelease::Lapsed { by: self.confirm_by });
        }
        if confirmation.digest != self.digest() {
            return Err(RefusedRelease::OtherDocument);
        }
        let Self { document, author, confirm_by } = self;
        let approver = Some(confirmation.approver.clone());
        let signatures = Signatures { author: *author, approver, confirm_by: Some(confirm_by) };
        verify_signatures(&document, &signatures, checks)?;
        document.check(checks).map_err(RefusedRelease::Faults)?;
        Ok(Approved { document, signatures: Box::new(signatures) })
    }
}
