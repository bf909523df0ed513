//! What a notice says.

use super::{DonationScope, Finding, NoticeSubject};
use crate::Prose;
use crate::codec::{record, vocabulary};

vocabulary! {
    /// Whether the person concerned may be told.
    MayTell {
        /// Yes, and should be.
        Yes = "yes", "the person may be told";
        /// Not what is in the notice, but that there is a decision.
        DecisionOnly = "decision-only", "the person may be told what you decide, and not why";
        /// Speak to the originator first.
        AskFirst = "ask-first", "ask us before you tell the person";
        /// No.
        No = "no", "the person must not be told";
    }
}

record! {
    /// The substance of a notice.
    pub Substance {
        /// Whom it names.
        1 subjects: Vec<NoticeSubject>,
        /// What it says, one thing after the other.
        2 findings: Vec<Finding>,
        /// Which donations it is about, where it is about some.
        3 donations: Option<DonationScope>,
        /// What to do.
        4 to_do: Prose,
        /// What not to conclude from it.
        5 not_infer: Prose,
        /// Whether the person concerned may be told.
        6 may_tell: MayTell,
        /// What changed since the version before; empty in version 1.
        7 changed: Option<Prose>,
    }
}

record! {
    /// What may be read more widely, in words of its own.
    pub Tearline {
        /// The words. They can be read out on the telephone.
        1 text: Prose,
    }
}
