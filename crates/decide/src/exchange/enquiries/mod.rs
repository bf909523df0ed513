//! Enquiries: asked by a party, answered by a service at a moment that follows from the enquiry alone.

mod asked;
mod due;
mod figures;
mod received;

pub use asked::{
    AskedEnquiry, AskedStage, DraftEnquiry, HearError, Heard, LapseError, SendError, draft_enquiry,
    hear_answer, lapse_enquiry, send_enquiry,
};
pub use due::{ANSWER_HOUR, LONGEST_DAYS, MARGIN_DAYS, Use, is_of_use, release_at};
pub use figures::{Counted, Counts, LaterAdvice, Timing, figures};
pub use received::{
    AdviseLateError, ArrivedEnquiry, AssessEnquiryError, ChooseError, ChosenAnswer,
    ReceivedEnquiry, ReceivedStage, ReferEnquiryError, ReleaseError, ReleasedAnswer, advise_late,
    assess_enquiry, choose_answer, receive_enquiry, refer_enquiry, release_answer,
};

#[cfg(test)]
mod tests;
