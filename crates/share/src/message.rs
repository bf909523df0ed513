//! Everything that one organisation says to another.

use crate::answer::{Answer, AnswerVocabulary};
use crate::approval::{Approved, Confirmation, Released};
use crate::codec::{self, Field, FormError, Stop, Written};
use crate::copy::NoticeCopy;
use crate::directory::SignedDirectory;
use crate::enquiry::Enquiry;
use crate::onward::{OnwardDecision, OnwardRequest};
use crate::pointer::Pointer;
use crate::receipt::{Outcome, Receipt};
use crate::report::Report;
use crate::withdrawal::Withdrawal;
use minicbor::{Decoder, Encoder};
use portcullis_types::OrganisationId;

/// The version of the form.
const VERSION: u64 = 1;

macro_rules! messages {
    ($($(#[$doc:meta])* $variant:ident($type:ty) = $number:literal, $code:literal;)*) => {
        /// A message. What it holds is a claim until it was verified.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Message { $($(#[$doc])* $variant($type),)* }

        impl Message {
            /// Its kind, for counts and events.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $code,)* }
            }
        }

        impl Field for Message {
            fn write(&self, e: &mut Encoder<Vec<u8>>) -> Written {
                e.array(3)?.u64(VERSION)?;
                match self {
                    $(Self::$variant(body) => {
                        e.u64($number)?;
                        body.write(e)
                    })*
                }
            }

            fn read(d: &mut Decoder<'_>) -> Result<Self, Stop> {
                let length = d.array()?;
                match d.u64()? {
                    VERSION => {}
                    version => return Err(Stop::Error(FormError::UnknownVersion { version })),
                }
                if length != Some(3) {
                    return Err(Stop::Cbor);
                }
                match d.u64()? {
                    $($number => Field::read(d).map(Self::$variant),)*
                    kind => Err(Stop::Error(FormError::UnknownKind { kind })),
                }
            }
        }
    };
}

messages! {
    /// Is there anything about this one that I should know?
    Enquiry(Enquiry) = 1, "enquiry";
    /// The answer, in words approved beforehand.
    Answer(Answer) = 2, "answer";
    /// The words that answers are given in.
    Vocabulary(Released<AnswerVocabulary>) = 3, "vocabulary";
    /// Somebody was approached, or there is a doubt.
    Report(Report) = 4, "report";
    /// A copy of a notice.
    Notice(NoticeCopy) = 5, "notice";
    /// A copy of a later version of a notice.
    Correction(NoticeCopy) = 6, "correction";
    /// A notice is taken back.
    Withdrawal(Released<Withdrawal>) = 7, "withdrawal";
    /// The second signature on what was released urgently.
    Confirmation(Confirmation) = 8, "confirmation";
    /// Call this number.
    Pointer(Pointer) = 9, "pointer";
    /// A copy arrived, was read, acknowledged or destroyed.
    Receipt(Receipt) = 10, "receipt";
    /// What was done on a notice.
    Outcome(Outcome) = 11, "outcome";
    /// May this be passed on?
    OnwardRequest(OnwardRequest) = 12, "onward-request";
    /// It may, or it may not.
    OnwardDecision(Released<OnwardDecision>) = 13, "onward-decision";
    /// Who can be sealed to.
    Directory(SignedDirectory) = 14, "directory";
}

impl Message {
    /// Reads a message from its canonical bytes, and from no others.
    ///
    /// # Errors
    /// [`FormError`] when they are too many, malformed, of another version or kind, not canonical, or
    /// hold what no message can.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormError> {
        let message: Self = codec::from_bytes(bytes)?;
        let corrects = |copy: &NoticeCopy| copy.claimed().heading.correction.is_some();
        match &message {
            Self::Notice(copy) if corrects(copy) => Err(FormError::NotAllowed { field: "kind" }),
            Self::Correction(copy) if !corrects(copy) => {
                Err(FormError::NotAllowed { field: "kind" })
            }
            _ => Ok(message),
        }
    }
}

/// What no label keeps back: it holds nothing that was released under one.
pub trait Unlabelled: sealed::Sealed {
    /// The message.
    fn into_message(self) -> Message;
}

mod sealed {
    /// Only what this crate knows is sent.
    pub trait Sealed {}
}

macro_rules! unlabelled {
    ($($type:ty, $name:ident => $message:expr;)*) => {$(
        impl sealed::Sealed for $type {}

        impl Unlabelled for $type {
            fn into_message(self) -> Message {
                let $name = self;
                $message
            }
        }
    )*};
}

unlabelled! {
    Enquiry, enquiry => Message::Enquiry(enquiry);
    Answer, answer => Message::Answer(answer);
    Approved<AnswerVocabulary>, vocabulary => Message::Vocabulary(vocabulary.into_released());
    Report, report => Message::Report(report);
    Approved<Withdrawal>, withdrawal => Message::Withdrawal(withdrawal.into_released());
    Confirmation, confirmation => Message::Confirmation(confirmation);
    Pointer, pointer => Message::Pointer(pointer);
    Receipt, receipt => Message::Receipt(receipt);
    Outcome, outcome => Message::Outcome(outcome);
    OnwardRequest, request => Message::OnwardRequest(request);
    Approved<OnwardDecision>, decision => Message::OnwardDecision(decision.into_released());
    SignedDirectory, directory => Message::Directory(directory);
}

/// A message that may go to one organisation. There are no bytes of a message otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    to: OrganisationId,
    message: Message,
}

impl Outgoing {
    /// A message that no label keeps back. Notices go through [`Cleared`](crate::Cleared).
    pub fn new(to: OrganisationId, message: impl Unlabelled) -> Self {
        Self { to, message: message.into_message() }
    }

    pub(crate) fn cleared(to: OrganisationId, message: Message) -> Self {
        Self { to, message }
    }

    /// To whose node it goes.
    pub fn to(&self) -> &OrganisationId {
        &self.to
    }

    /// What it says.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The canonical bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::to_bytes(&self.message)
    }
}
