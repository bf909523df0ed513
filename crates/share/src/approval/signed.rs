//! The signatures on a document, and what exactly is signed.

use super::attestation::is_signed;
use super::{ApprovalError, ReleaseDigest, ReleaseOfficer, ReleaseRole};
use crate::codec::{record, to_bytes};
use portcullis_federation::Moment;
use portcullis_keys::PersonalKeys;

/// What stands before a statement of an officer.
const DOMAIN: &[u8] = b"portcullis-release-signature/v1";

record! {
    /// What an officer says with his signature.
    pub(super) Statement {
        /// As what.
        1 role: ReleaseRole,
        /// About which document.
        2 digest: ReleaseDigest,
        /// When.
        3 at: Moment,
        /// By when another must confirm; where it is released before that.
        4 confirm_by: Option<Moment>,
        /// In which capacity, attested by his organisation.
        5 officer: ReleaseOfficer,
    }
}

record! {
    /// The signature of one officer.
    pub Signed {
        /// Who, attested.
        1 officer: ReleaseOfficer,
        /// When.
        2 at: Moment,
        /// The signature.
        3 signature: [u8; 64],
    }
}

record! {
    /// The signatures on a document.
    pub Signatures {
        /// Of its author.
        1 author: Signed,
        /// Of the second officer; there is none yet where it is proposed or released urgently.
        2 approver: Option<Signed>,
        /// By when the second officer must sign; where it is released before that.
        3 confirm_by: Option<Moment>,
    }
}

impl Signed {
    /// Signs.
    pub(crate) fn new(
        digest: ReleaseDigest,
        role: ReleaseRole,
        at: Moment,
        confirm_by: Option<Moment>,
        officer: &ReleaseOfficer,
        keys: &PersonalKeys,
    ) -> Result<Self, ApprovalError> {
        if keys.signing_public() != *officer.attested.key.as_bytes() {
            return Err(ApprovalError::OtherKey);
        }
        let statement = Statement { role, digest, at, confirm_by, officer: officer.clone() };
        let bytes = [DOMAIN, &to_bytes(&statement)].concat();
        Ok(Self { officer: officer.clone(), at, signature: keys.sign(&bytes) })
    }

    /// Whether the officer said this with it.
    pub(crate) fn says(
        &self,
        digest: ReleaseDigest,
        role: ReleaseRole,
        confirm_by: Option<Moment>,
    ) -> bool {
        let officer = self.officer.clone();
        let statement = Statement { role, digest, at: self.at, confirm_by, officer };
        is_signed(&self.officer.attested.key, DOMAIN, &to_bytes(&statement), &self.signature)
    }
}
