//! Taking a notice back.
//!
//! A withdrawal holds codes and no text: it must reach everybody who ever had a copy, and a label
//! that keeps it back would keep it from somebody.

use crate::approval::{Approvable, Checks};
use crate::codec::{record, vocabulary};
use crate::faults::{Fault, Faults};
use crate::{Heading, NoticeId};
use portcullis_federation::Moment;
use portcullis_types::OrganisationId;

vocabulary! {
    /// Why a notice is taken back.
    WithdrawalReason {
        /// It is about somebody else.
        WrongPerson = "wrong-person", "it named the wrong person";
        /// It was not so.
        NotSo = "not-so", "what it said was not so";
        /// It is not so any more.
        Past = "past", "it does not hold any more";
        /// It should not have been sent: no gateway, no necessity.
        NotLawful = "not-lawful", "it should not have been sent";
        /// It went to the wrong recipient.
        WrongRecipient = "wrong-recipient", "it went to somebody it was not meant for";
        /// It was released urgently and nobody confirmed it in time.
        NotConfirmed = "not-confirmed", "nobody confirmed it in time";
    }
}

vocabulary! {
    /// What to do with what was done on it.
    Remedy {
        /// Decide again, without it.
        DecideAgain = "decide-again", "decide again, as if there had been no notice";
        /// Undo it and say so to whom it concerned.
        UndoAndTell = "undo-and-tell", "undo what was done, and tell the person concerned";
        /// What was done may stay.
        MayStay = "may-stay", "what was done may stay";
        /// Speak to the originator first.
        SpeakToUs = "speak-to-us", "speak to us before you do anything";
    }
}

record! {
    /// The withdrawal of a notice in every version up to one.
    pub Withdrawal {
        /// Of which notice.
        1 notice: NoticeId,
        /// The last version that it takes back.
        2 version: u64,
        /// Whose notice it is.
        3 originator: OrganisationId,
        /// Why.
        4 reason: WithdrawalReason,
        /// What to do with what was done.
        5 remedy: Remedy,
        /// By when the copies are destroyed and receipts are back.
        6 receipt_by: Moment,
        /// When it was written.
        7 written: Moment,
    }
}

impl Withdrawal {
    /// Whether it takes back the notice with this heading: only its originator does.
    pub fn takes_back(&self, heading: &Heading) -> bool {
        self.originator == heading.originator
            && self.notice == heading.id
            && heading.version <= self.version
    }
}

impl crate::approval::sealed::Sealed for Withdrawal {}

impl Approvable for Withdrawal {
    const KIND: &'static str = "withdrawal";

    fn originator(&self) -> &OrganisationId {
        &self.originator
    }

    fn release_bytes(&self) -> Vec<u8> {
        crate::codec::to_bytes(self)
    }

    fn check(&self, _: &Checks<'_>) -> Result<(), Faults> {
        let mut faults = Faults::new();
        if self.version == 0 {
            faults.add(Fault::new("version", "name the last version that is taken back"));
        }
        if self.receipt_by <= self.written {
            faults.add(Fault::new("receipt_by", "give the recipients time to answer"));
        }
        faults.result()
    }
}
