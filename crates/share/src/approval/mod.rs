//! Who answers for what an organisation releases: two officers, each with a key of his own, on the
//! same digest (THREATS T-43).
//!
//! A document begins as a [`Draft`], which has no fault. Its author signs it, which makes it
//! [`Proposed`]; another officer signs the same digest, which makes it [`Approved`]. Nothing else does:
//! who reads one back from a store or from the wire has [`Released`], which is only a claim, and checks
//! it anew.

mod attestation;
mod refused;
mod released;
mod signed;
mod states;
mod urgent;

pub use attestation::{Attested, OrganisationSigner, ReleaseOfficer, ReleaseRole};
pub(crate) use attestation::{is_key_of, is_signed};
pub use refused::{ApprovalError, RefusedRelease};
pub use released::{Released, Verified};
pub use signed::{Signatures, Signed};
pub use states::{Approved, Draft, Proposed};
pub use urgent::{Confirmation, Urgent};

use crate::codec::Field;
use crate::faults::{Fault, Faults};
use crate::provision::ProvisionRegister;
use portcullis_federation::{MemberList, Moment};
use portcullis_types::{Body, OrganisationId};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// How far clocks may differ, in seconds.
pub(crate) const SKEW_S: u64 = 600;

pub(crate) mod sealed {
    /// Only what this crate knows is released.
    pub trait Sealed {}
}

/// What a document is judged with.
#[derive(Debug, Clone, Copy)]
pub struct Checks<'a> {
    /// When.
    pub at: Moment,
    /// Who is a member, with which keys.
    pub members: &'a MemberList,
    /// Which provisions are approved.
    pub register: &'a ProvisionRegister,
}

/// What two officers release.
pub trait Approvable: Field + sealed::Sealed {
    /// What kind of document; two that say the same stand for one, told in full and in brief.
    const KIND: &'static str;

    /// Whose officers release it.
    fn originator(&self) -> &OrganisationId;

    /// The bytes that stand for it.
    fn release_bytes(&self) -> Vec<u8>;

    /// From when it is taken no more.
    fn expires(&self) -> Option<Moment> {
        None
    }

    /// Whether it may be signed.
    ///
    /// # Errors
    /// Every fault at once.
    fn check(&self, checks: &Checks<'_>) -> Result<(), Faults>;

    /// What officers sign.
    fn digest(&self) -> ReleaseDigest {
        let digest = Sha256::new_with_prefix(b"portcullis-release/v1")
            .chain_update([u8::try_from(Self::KIND.len()).unwrap_or(u8::MAX)])
            .chain_update(Self::KIND)
            .chain_update(self.release_bytes());
        ReleaseDigest(digest.finalize().into())
    }
}

/// The digest that two officers sign.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseDigest([u8; 32]);

impl ReleaseDigest {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ReleaseDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ReleaseDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReleaseDigest({self})")
    }
}

impl Field for ReleaseDigest {
    fn write(&self, e: &mut minicbor::Encoder<Vec<u8>>) -> crate::codec::Written {
        self.0.write(e)
    }

    fn read(d: &mut minicbor::Decoder<'_>) -> Result<Self, crate::codec::Stop> {
        Field::read(d).map(Self)
    }
}

impl Faults {
    /// Whether it is a service that speaks: it alone has a gateway outwards.
    pub(crate) fn service(
        &mut self,
        checks: &Checks<'_>,
        field: &'static str,
        organisation: &OrganisationId,
    ) {
        let member = checks.members.member(organisation);
        if member.is_none_or(|member| member.body != Body::Service) {
            self.add(Fault::new(field, "only a service of the federation says this"));
        }
    }
}
