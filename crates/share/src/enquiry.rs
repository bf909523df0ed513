//! What is asked: is there anything about this one that I should know before I decide?

use crate::codec::record;
use crate::faults::{Fault, Faults};
use crate::{EnquiryId, Named, Office, Prose};
use jiff::civil::Date;
use portcullis_federation::Moment;
use portcullis_types::{Gateway, PopulationClass};

record! {
    /// An enquiry of a party, to a service. It says for what it is asked and by when it must be
    /// answered; who asks is an office, and no person's name.
    pub Enquiry {
        /// Its id, drawn at random.
        1 id: EnquiryId,
        /// About whom.
        2 subject: Named,
        /// What the subject is to the asker: which law applies follows from it.
        3 class: PopulationClass,
        /// How the subject stands to the asker, in words.
        4 relationship: Prose,
        /// The last day on which an answer is of use.
        5 decide_by: Date,
        /// The office that asks.
        6 office: Office,
        /// When it was asked.
        7 asked: Moment,
        /// Through which gateway.
        8 gateway: Gateway,
    }
}

impl Enquiry {
    /// Whether it can be sent as it is.
    ///
    /// # Errors
    /// Every fault at once.
    pub fn check(&self) -> Result<(), Faults> {
        let mut faults = Faults::new();
        faults.named("subject", &self.subject);
        faults.gateway_in(self.gateway);
        if self.relationship.is_empty() {
            faults.add(Fault::new("relationship", "say how this person or body stands to you"));
        }
        let day = jiff::Timestamp::from_second(self.asked.seconds().cast_signed());
        if day.is_ok_and(|at| at.to_zoned(jiff::tz::TimeZone::UTC).date() > self.decide_by) {
            faults.add(Fault::new("decide_by", "choose a day that has not passed"));
        }
        faults.result()
    }
}
