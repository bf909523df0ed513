//! A notice: what a service tells those who must act.
//!
//! It has a heading and up to three parts, each with its own marking. Each recipient gets the heading
//! and commitments to the parts, and of the parts those that are for him. Two officers sign the digest
//! of heading and commitments: it is one signature for all of it, whichever parts somebody holds, and
//! says nothing of those that he doesn't.
//!
//! There is no field for what gave rise to a notice (THREATS T-47).

mod check;
mod grounds;
mod heading;
mod judgement;
mod part;
mod subject;
mod substance;

pub use grounds::Grounds;
pub use heading::{Category, Correction, CorrectionReason, Heading, ReleasePurpose};
pub use judgement::{Confidence, Finding, FindingKind, Probability};
pub use part::{Commitment, Marking, Part, PartOf};
pub use subject::{Considered, Donation, DonationScope, NoticeSubject, SubjectRole};
pub use substance::{MayTell, Substance, Tearline};

use crate::approval::{Approvable, Checks};
use crate::codec::record;
use crate::faults::Faults;
use portcullis_types::OrganisationId;

record! {
    /// A notice as its originator has it: with all parts.
    pub Notice {
        /// What every recipient sees.
        1 heading: Heading,
        /// The substance in words that may be read more widely. What is above somebody's ceiling doesn't
        /// reach him; this does.
        2 tearline: Option<Part<Tearline>>,
        /// What there is to say.
        3 substance: Part<Substance>,
        /// Why it may be said. It stays with the originator and those who oversee it.
        4 grounds: Part<Grounds>,
    }
}

record! {
    /// A notice as every recipient has it: the heading, and commitments to the parts. It is what two
    /// officers sign.
    pub NoticeHead {
        /// What every recipient sees.
        1 heading: Heading,
        /// Commitment to the tearline.
        2 tearline: Option<Commitment>,
        /// Commitment to the substance.
        3 substance: Commitment,
        /// Commitment to the grounds.
        4 grounds: Commitment,
    }
}

impl Notice {
    /// What every recipient gets of it.
    pub fn head(&self) -> NoticeHead {
        NoticeHead {
            heading: self.heading.clone(),
            tearline: self.tearline.as_ref().map(Part::commitment),
            substance: self.substance.commitment(),
            grounds: self.grounds.commitment(),
        }
    }
}

impl crate::approval::sealed::Sealed for Notice {}
impl crate::approval::sealed::Sealed for NoticeHead {}

impl Approvable for Notice {
    const KIND: &'static str = "notice";

    fn originator(&self) -> &OrganisationId {
        &self.heading.originator
    }

    fn release_bytes(&self) -> Vec<u8> {
        crate::codec::to_bytes(&self.head())
    }

    fn expires(&self) -> Option<portcullis_federation::Moment> {
        Some(self.heading.expires)
    }

    fn check(&self, checks: &Checks<'_>) -> Result<(), Faults> {
        let mut faults = Faults::new();
        check::heading(&mut faults, &self.heading, checks);
        check::substance(&mut faults, &self.heading, &self.substance);
        check::tearline(&mut faults, self);
        check::grounds(&mut faults, &self.grounds.content);
        faults.result()
    }
}

impl Approvable for NoticeHead {
    const KIND: &'static str = Notice::KIND;

    fn originator(&self) -> &OrganisationId {
        &self.heading.originator
    }

    fn release_bytes(&self) -> Vec<u8> {
        crate::codec::to_bytes(self)
    }

    fn expires(&self) -> Option<portcullis_federation::Moment> {
        Some(self.heading.expires)
    }

    fn check(&self, checks: &Checks<'_>) -> Result<(), Faults> {
        let mut faults = Faults::new();
        check::heading(&mut faults, &self.heading, checks);
        faults.result()
    }
}
