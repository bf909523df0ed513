//! What a party tells a service: that somebody was approached, or that it has a doubt.

use crate::codec::{record, vocabulary};
use crate::faults::{Fault, Faults};
use crate::{Line, Named, Office, Prose, ReportId};
use portcullis_federation::Moment;
use portcullis_types::Gateway;
use std::collections::BTreeSet;

vocabulary! {
    /// What a report tells of.
    ReportKind {
        /// Somebody approached one of ours.
        Approach = "approach", "an approach";
        /// Something about somebody gives cause for doubt.
        Doubt = "doubt", "a doubt";
    }
}

vocabulary! {
    /// What is known to be typical of an approach.
    ApproachSign {
        /// Praise beyond measure.
        Flattery = "flattery", "flattery";
        /// No time to think.
        Urgency = "urgency", "urgency";
        /// Money for reports or opinions.
        PaidReports = "paid-reports", "paid reports";
        /// A journey that others pay for.
        Trip = "trip", "a trip that others pay for";
        /// Payment that leaves no name.
        HiddenPayment = "hidden-payment", "a payment that leaves no name, as in cryptocurrency";
        /// A recruiter on a network.
        Recruiter = "recruiter", "a recruiter on a social network";
        /// Something else that is odd.
        Other = "other", "something else that is odd";
    }
}

record! {
    /// A report, to a service. Nobody is ever compelled to make one (Counter-Terrorism Act 2008
    /// s.19(1)), and a named human answers for it.
    pub Report {
        /// Its id, drawn at random.
        1 id: ReportId,
        /// What it tells of.
        2 kind: ReportKind,
        /// What was noticed.
        3 text: Prose,
        /// What is typical in it.
        4 signs: BTreeSet<ApproachSign>,
        /// Who approached, or whom the doubt is about, as far as known.
        5 subjects: Vec<Named>,
        /// The human who answers for it.
        6 accountable: Line,
        /// The office he holds.
        7 office: Office,
        /// When it was made.
        8 made: Moment,
        /// Through which gateway.
        9 gateway: Gateway,
    }
}

impl Report {
    /// Whether it can be sent as it is.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::new();
        if self.text.is_empty() {
            faults.add(Fault::new("text", "say what was noticed"));
        }
        for subject in &self.subjects {
            faults.named("subjects", subject);
        }
        faults.gateway_in(self.gateway);
        faults.result()
    }
}
