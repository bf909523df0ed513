//! Passing something on: only with the leave of the organisation that it comes from.

use crate::approval::{Approvable, Checks};
use crate::codec::{record, vocabulary};
use crate::faults::{Fault, Faults};
use crate::{NoticeHead, NoticeId, Office, OnwardId, Prose};
use portcullis_federation::Moment;
use portcullis_types::{OfficerId, OrganisationId};

record! {
    /// Asks the originator whether a notice may be passed on.
    pub OnwardRequest {
        /// Its id, drawn at random.
        1 id: OnwardId,
        /// Which notice.
        2 notice: NoticeId,
        /// Which version of it.
        3 version: u64,
        /// Which copy.
        4 copy: u64,
        /// To which organisation.
        5 to: OrganisationId,
        /// To which person there; none for whoever is on duty, who gets the tearline.
        6 person: Option<OfficerId>,
        /// Why he must know.
        7 why: Prose,
        /// The office that asks.
        8 office: Office,
        /// When it was asked.
        9 asked: Moment,
    }
}

impl OnwardRequest {
    /// Whether it can be sent as it is.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::new();
        if self.why.is_empty() {
            faults.add(Fault::new("why", "say why they must know"));
        }
        faults.result()
    }
}

vocabulary! {
    /// What the originator decided.
    OnwardVerdict {
        /// It may be passed on, as one copy, to the one that was asked for.
        Granted = "granted", "it may be passed on";
        /// It may not.
        Refused = "refused", "it may not be passed on";
    }
}

record! {
    /// What the originator decided about passing a notice on. Two officers release it, since it widens
    /// who may know.
    pub OnwardDecision {
        /// Which request.
        1 request: OnwardId,
        /// Which notice.
        2 notice: NoticeId,
        /// Which version of it.
        3 version: u64,
        /// Whose notice it is.
        4 originator: OrganisationId,
        /// What was decided.
        5 verdict: OnwardVerdict,
        /// Who may pass it on.
        6 holder: OrganisationId,
        /// To which organisation.
        7 to: OrganisationId,
        /// To which person there; none for the tearline alone.
        8 person: Option<OfficerId>,
        /// The number of the copy that is made, so that a withdrawal finds it; where it is granted.
        9 copy: Option<u64>,
        /// Until when the leave holds.
        10 until: Moment,
        /// When it was written.
        11 written: Moment,
    }
}

impl OnwardDecision {
    /// Whether it is the originator's leave to pass on the notice with this head, in this version.
    pub fn is_leave_for(&self, head: &NoticeHead) -> bool {
        let heading = &head.heading;
        self.verdict == OnwardVerdict::Granted
            && self.originator == heading.originator
            && self.notice == heading.id
            && self.version == heading.version
    }
}

impl crate::approval::sealed::Sealed for OnwardDecision {}

impl Approvable for OnwardDecision {
    const KIND: &'static str = "onward-decision";

    fn originator(&self) -> &OrganisationId {
        &self.originator
    }

    fn release_bytes(&self) -> Vec<u8> {
        crate::codec::to_bytes(self)
    }

    fn check(&self, _: &Checks<'_>) -> Result<(), Faults> {
        let mut faults = Faults::new();
        if (self.verdict == OnwardVerdict::Granted) != self.copy.is_some() {
            faults.add(Fault::new(
                "copy",
                "give the copy a number if it may be passed on, and else none",
            ));
        }
        if self.until <= self.written {
            faults.add(Fault::new("until", "choose a time to come"));
        }
        faults.result()
    }
}
