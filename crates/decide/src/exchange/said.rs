//! Ids and codes of what is said, until the crate that says it is there.

super::ids::random_id! {
    /// An enquiry.
    EnquiryId,
}

crate::people::codes::vocabulary! {
    /// Everything that can be answered.
    AnswerCode {
        /// No advice is offered.
        NoAdvice = "no-advice",
        /// Speak to the service before deciding.
        SpeakToUs = "speak-to-us",
        /// What was given does not tell one person from another.
        CannotTellWho = "cannot-tell-who",
        /// The service has no function that this falls under.
        NotForUs = "not-for-us",
    }
}
