//! What a service answers, and in which words.
//!
//! Whatever it answers, the bytes have one length, and no two codes differ but in one byte (THREATS
//! T-46). The words were approved beforehand by two officers, all of them at once: nobody chooses words
//! for one person.

use crate::approval::{Approvable, Approved, Checks};
use crate::codec::{Field, Stop, Written, record};
use crate::faults::{Fault, Faults};
use crate::{EnquiryId, Prose};
use minicbor::{Decoder, Encoder};
use portcullis_federation::Moment;
use portcullis_types::OrganisationId;
use std::fmt;

macro_rules! answers {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $code:literal;)*) => {
        /// Everything that can be answered.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum AnswerCode { $($(#[$doc])* $variant,)* }

        impl AnswerCode {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number that travels. All are below 24, so that each is one byte.
            pub fn number(self) -> u8 {
                match self { $(Self::$variant => $number,)* }
            }

            /// Its name in commands and counts.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

answers! {
    /// No advice is offered. It reads the same whether nothing is held, or something that is not for
    /// telling.
    NoAdvice = 0, "no-advice";
    /// Speak to the service before deciding.
    SpeakToUs = 1, "speak-to-us";
    /// What was given does not tell one person from another. It follows from the enquiry alone.
    CannotTellWho = 2, "cannot-tell-who";
    /// The service has no function that this falls under. It follows from the enquiry alone.
    NotForUs = 3, "not-for-us";
}

impl fmt::Display for AnswerCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Field for AnswerCode {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.u8(self.number()).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        let number = d.u8()?;
        let code = Self::ALL.iter().find(|code| code.number() == number);
        code.copied().ok_or(Stop::NotAllowed)
    }
}

record! {
    /// What is said for one code.
    pub AnswerText {
        /// For which.
        1 code: AnswerCode,
        /// What is said.
        2 text: Prose,
    }
}

record! {
    /// What a service says for each code. Two officers approve it, before it answers anything.
    pub AnswerVocabulary {
        /// Whose.
        1 service: OrganisationId,
        /// Which version, from 1.
        2 version: u64,
        /// From when it is used.
        3 from: Moment,
        /// One text for every code, in their order.
        4 texts: Vec<AnswerText>,
    }
}

impl AnswerVocabulary {
    /// What is said for a code.
    pub fn text(&self, code: AnswerCode) -> Option<&Prose> {
        self.texts.iter().find(|text| text.code == code).map(|text| &text.text)
    }
}

impl crate::approval::sealed::Sealed for AnswerVocabulary {}

impl Approvable for AnswerVocabulary {
    const KIND: &'static str = "vocabulary";

    fn originator(&self) -> &OrganisationId {
        &self.service
    }

    fn release_bytes(&self) -> Vec<u8> {
        crate::codec::to_bytes(self)
    }

    fn check(&self, checks: &Checks<'_>) -> Result<(), Faults> {
        let mut faults = Faults::new();
        faults.service(checks, "service", &self.service);
        if self.version == 0 {
            faults.add(Fault::new("version", "begin with 1"));
        }
        if !self.texts.iter().map(|text| &text.code).eq(AnswerCode::ALL) {
            faults.add(Fault::new("texts", "write one text for every code, in their order"));
        }
        if self.texts.iter().any(|text| text.text.is_empty()) {
            faults.add(Fault::new("texts", "leave no text empty"));
        }
        faults.result()
    }
}

/// An answer to an enquiry. It holds a code and no words of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    enquiry: EnquiryId,
    version: u64,
    code: AnswerCode,
    due: Moment,
}

impl Answer {
    /// Answers an enquiry with a code, in words that were approved. `due` is the moment at which the
    /// answer leaves: it MUST follow from the enquiry alone, never from when somebody got to it.
    pub fn new(
        vocabulary: &Approved<AnswerVocabulary>,
        enquiry: EnquiryId,
        code: AnswerCode,
        due: Moment,
    ) -> Self {
        Self { enquiry, version: vocabulary.document().version, code, due }
    }

    /// Which enquiry it answers.
    pub fn enquiry(&self) -> EnquiryId {
        self.enquiry
    }

    /// In which version of the words.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// What it answers.
    pub fn code(&self) -> AnswerCode {
        self.code
    }

    /// When it was to leave.
    pub fn due(&self) -> Moment {
        self.due
    }

    /// What it says, in the words of this vocabulary; none where it is another version.
    pub fn text<'v>(&self, vocabulary: &'v Approved<AnswerVocabulary>) -> Option<&'v Prose> {
        let vocabulary = vocabulary.document();
        (vocabulary.version == self.version).then(|| vocabulary.text(self.code)).flatten()
    }
}

/// Numbers travel in all their bytes, so that the length of an answer is always the same.
impl Field for Answer {
    fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
        e.map(4)?.u8(1)?;
        self.enquiry.write(e)?;
        e.u8(2)?.bytes(&self.version.to_be_bytes())?;
        e.u8(3)?;
        self.code.write(e)?;
        e.u8(4)?.bytes(&self.due.seconds().to_be_bytes()).map(drop)
    }

    fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
        let mut fields = crate::codec::Fields::begin(d)?;
        let enquiry = fields.next(1, "enquiry")?;
        let version: [u8; 8] = fields.next(2, "version")?;
        let code = fields.next(3, "code")?;
        let due: [u8; 8] = fields.next(4, "due")?;
        fields.end()?;
        let due = Moment::new(u64::from_be_bytes(due))
            .ok_or(Stop::Error(crate::FormError::NotAllowed { field: "due" }))?;
        Ok(Self { enquiry, version: u64::from_be_bytes(version), code, due })
    }
}
