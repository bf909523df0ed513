//! What came of a copy: that it arrived, was read, was acknowledged, and what was done.

use crate::codec::{record, vocabulary};
use crate::{NoticeId, Office, Prose};
use portcullis_federation::Moment;

vocabulary! {
    /// How far a copy got. Each stage implies those before it.
    ReceiptStage {
        /// The node took it.
        Delivered = "delivered", "delivered";
        /// The person opened it.
        Read = "read", "read";
        /// The person says that it was understood.
        Acknowledged = "acknowledged", "acknowledged";
        /// The copy is gone, as a withdrawal or its review date asked.
        Destroyed = "destroyed", "destroyed";
    }
}

record! {
    /// A receipt for one copy of a notice, of its correction or of its withdrawal.
    pub Receipt {
        /// Of which notice.
        1 notice: NoticeId,
        /// Of which version of it.
        2 version: u64,
        /// Of which copy.
        3 copy: u64,
        /// Whether it is for the withdrawal of it.
        4 of: ReceiptOf,
        /// How far it got.
        5 stage: ReceiptStage,
        /// When.
        6 at: Moment,
        /// Which office says so; none where the node does.
        7 office: Option<Office>,
    }
}

vocabulary! {
    /// What a receipt is for.
    ReceiptOf {
        /// The notice, in this version.
        Notice = "notice", "the notice";
        /// Its withdrawal.
        Withdrawal = "withdrawal", "its withdrawal";
    }
}

vocabulary! {
    /// What the recipient did.
    OutcomeAct {
        /// Nothing: it was known, or there was nothing to do.
        Nothing = "nothing", "nothing was to be done";
        /// Money was returned or not accepted.
        GiftRefused = "gift-refused", "a gift was returned or not accepted";
        /// Somebody was not selected, not employed or asked to leave.
        PersonDeclined = "person-declined", "somebody was not taken on, or was let go";
        /// Access to rooms, papers or networks was ended.
        AccessEnded = "access-ended", "access was ended";
        /// The person was told and protected.
        PersonProtected = "person-protected", "the person was told and protected";
        /// It was passed on to others, with the originator's leave.
        PassedOn = "passed-on", "it was passed on";
        /// What was done on the notice was undone, after a withdrawal or a correction.
        Undone = "undone", "what had been done was undone";
        /// Something else, which the text says.
        Other = "other", "something else";
    }
}

vocabulary! {
    /// How much the recipient's decision rests on the notice. It is what a tribunal asks.
    Reliance {
        /// Not at all.
        None = "none", "the decision does not rest on the notice";
        /// Among other grounds.
        Partly = "partly", "the decision rests on the notice among other grounds";
        /// On nothing else.
        Only = "only", "the decision rests on the notice alone";
    }
}

record! {
    /// What was done on a notice.
    pub Outcome {
        /// On which notice.
        1 notice: NoticeId,
        /// On which version of it.
        2 version: u64,
        /// On which copy.
        3 copy: u64,
        /// What was done.
        4 act: OutcomeAct,
        /// How much it rests on the notice.
        5 reliance: Reliance,
        /// In words; may be empty unless the act is another one.
        6 text: Prose,
        /// When it was done.
        7 at: Moment,
        /// The office that decided.
        8 office: Office,
    }
}

impl Outcome {
    /// Whether it can be sent as it is.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn check(&self) -> Result<(), crate::Faults> {
        let mut faults = crate::Faults::new();
        if self.act == OutcomeAct::Other && self.text.is_empty() {
            faults.add(crate::Fault::new("text", "say what was done, or choose what it was"));
        }
        faults.result()
    }
}
