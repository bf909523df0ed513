//! Why bytes are no frame, or a frame is not taken, each reason by its name.

use super::MOST_FRAME_BYTES;
use crate::{FormError, RefusedSender};
use portcullis_types::OrganisationId;

/// Why bytes are no frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// They are something else.
    #[error("this is nothing that nodes exchange: neither a request, an answer nor a file")]
    Other,
    /// They are too many.
    #[error("what nodes exchange has at most {MOST_FRAME_BYTES} bytes at once")]
    TooLong,
    /// The version of the form is not one this program reads.
    #[error("this has version `{version}`, which this program does not know; use a newer one")]
    UnknownVersion {
        /// The version found.
        version: u8,
    },
    /// A field is not as it must be.
    #[error("what was exchanged is malformed; ask for it again")]
    Form(#[from] FormError),
    /// Something follows on the end.
    #[error("bytes follow on the end, from byte {position} on; ask for it again")]
    Trailing {
        /// Where they begin, counted from 0.
        position: usize,
    },
}

/// Why a frame is not taken. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedFrame {
    /// It is a request where an answer was due, or the like.
    #[error("this is another kind of thing than is taken here")]
    OtherKind,
    /// It is for somebody else.
    #[error("this is for `{recipient}`")]
    WrongRecipient {
        /// For whom it is.
        recipient: OrganisationId,
    },
    /// Its sender is not heard.
    #[error(transparent)]
    Sender(#[from] RefusedSender),
    /// The signature is not by the key that the list names.
    #[error("the signature of `{sender}` is not valid; compare member lists")]
    BadSignature {
        /// Who is said to have sent it.
        sender: OrganisationId,
    },
    /// It answers something else than was asked.
    #[error("`{sender}` answered something else than was asked")]
    OtherAnswer {
        /// Who sent it.
        sender: OrganisationId,
    },
    /// It is from a time that is yet to come.
    #[error("this is from the future, says the clock of `{sender}`; compare clocks")]
    Future {
        /// Who sent it.
        sender: OrganisationId,
    },
    /// It is too old: ten minutes for what is polled, eight weeks for a file.
    #[error("this is too old, says the clock of `{sender}`; compare clocks, and send anew")]
    Stale {
        /// Who sent it.
        sender: OrganisationId,
    },
    /// It was taken before, or one that was made later was.
    #[error("a request of `{sender}` of this time or a later one was taken before")]
    Replayed {
        /// Who sent it.
        sender: OrganisationId,
    },
}

impl RefusedFrame {
    /// The code used in vectors and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::OtherKind => "other-kind",
            Self::WrongRecipient { .. } => "wrong-recipient",
            Self::Sender(refused) => refused.code(),
            Self::BadSignature { .. } => "bad-signature",
            Self::OtherAnswer { .. } => "other-answer",
            Self::Future { .. } => "future",
            Self::Stale { .. } => "stale",
            Self::Replayed { .. } => "replayed",
        }
    }
}

impl FrameError {
    /// The code used in vectors and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::TooLong => "too-long",
            Self::UnknownVersion { .. } => "unknown-version",
            Self::Form(_) => "malformed",
            Self::Trailing { .. } => "trailing",
        }
    }
}
