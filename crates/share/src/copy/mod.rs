//! Copies of a notice: each has a number and a recipient, in its bytes, and holds what is for him.
//!
//! A copy for a person is sealed to that person's own key: his organisation sees the heading, and the
//! tearline where all of it may read that (THREATS T-46). A copy is made only from what was cleared
//! for its recipient ([`Cleared`], THREATS T-45).

mod cleared;
mod open;
mod sealed;

pub use cleared::{Cleared, NotCleared};
pub use open::{Arrival, OpenCopyError, OpenedPart, Received};
pub use sealed::SealedPart;

use crate::approval::{Released, Signatures};
use crate::codec::record;
use crate::notice::{NoticeHead, Part, Substance, Tearline};
use crate::onward::OnwardDecision;
use portcullis_types::OrganisationId;

record! {
    /// What a copy holds.
    pub(crate) CopyText {
        /// The heading and the commitments to the parts.
        1 head: NoticeHead,
        /// Who released it.
        2 signatures: Signatures,
        /// The number of the copy.
        3 copy: u64,
        /// For whom it is.
        4 recipient: OrganisationId,
        /// The tearline, where everybody at the recipient may read it.
        5 tearline: Option<Part<Tearline>>,
        /// The substance, sealed to a person.
        6 sealed: Option<SealedPart>,
        /// The substance, where everybody at the recipient may read it.
        7 open: Option<Part<Substance>>,
        /// The originator's leave, where a holder passed it on.
        8 onward: Option<Released<OnwardDecision>>,
    }
}

/// A copy of a notice, of one version, for one recipient. Nobody has checked it yet:
/// [`NoticeCopy::verify`] does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeCopy(pub(crate) CopyText);

impl NoticeCopy {
    /// Heading and commitments, as the copy claims them.
    pub fn claimed(&self) -> &NoticeHead {
        &self.0.head
    }

    /// The number of the copy.
    pub fn number(&self) -> u64 {
        self.0.copy
    }

    /// For which organisation it is.
    pub fn recipient(&self) -> &OrganisationId {
        &self.0.recipient
    }

    /// What is sealed to a person in it.
    pub fn sealed(&self) -> Option<&SealedPart> {
        self.0.sealed.as_ref()
    }
}

impl crate::codec::Field for NoticeCopy {
    fn write(&self, e: &mut minicbor::Encoder<Vec<u8>>) -> crate::codec::Written {
        self.0.write(e)
    }

    fn read(d: &mut minicbor::Decoder<'_>) -> Result<Self, crate::codec::Stop> {
        crate::codec::Field::read(d).map(Self)
    }
}
