//! Why nothing was exchanged, by names that are counted and logged.

use portcullis_exchange::{FrameError, RefusedFrame, SealError};
use portcullis_store::{ExchangeError, StoreError};
use portcullis_types::OrganisationId;

/// Why nothing was exchanged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// The organisation has no name in the federation.
    #[error("this organisation is not made yet; begin with `portcullis init`")]
    NotMade,
    /// There is no member list.
    #[error("this node has joined no federation yet; see `portcullis join --help`")]
    NotJoined,
    /// The clock can't be used.
    #[error("the clock stands outside 1970 to 9999")]
    Clock,
    /// The store can't be used now, and why was logged.
    #[error("the store can't be used at this moment")]
    NoStore,
    /// What came is no frame.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// What came is not believed.
    #[error(transparent)]
    Refused(#[from] RefusedFrame),
    /// It can't be sent or taken.
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    /// The store can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why something was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal<'a> {
    /// The code of the reason, as the specification names it.
    pub(crate) code: &'static str,
    /// Who sent it, where its signature says so.
    pub(crate) sender: Option<&'a OrganisationId>,
}

impl Failed {
    /// That what came was refused; none where the fault is on this side.
    pub(crate) fn refusal(&self) -> Option<Refusal<'_>> {
        let by = |code, sender| Some(Refusal { code, sender });
        match self {
            Self::Frame(error) => by(error.code(), None),
            Self::Refused(refused) => by(refused.code(), signed_by(refused)),
            Self::Exchange(ExchangeError::Replayed { peer }) => by("replayed", Some(peer)),
            Self::Exchange(ExchangeError::OtherSender { sender, .. }) => {
                by("other-sender", Some(sender))
            }
            Self::NotMade
            | Self::NotJoined
            | Self::Clock
            | Self::NoStore
            | Self::Exchange(ExchangeError::Seal(_) | ExchangeError::Store(_))
            | Self::Store(_) => None,
        }
    }

    /// The name by which it is counted and logged.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NotMade => "not-made",
            Self::NotJoined => "not-joined",
            Self::Clock => "clock",
            Self::NoStore | Self::Store(_) | Self::Exchange(ExchangeError::Store(_)) => "store",
            Self::Exchange(ExchangeError::Seal(error)) => match error {
                SealError::NotAMember { .. } => "peer-not-a-member",
                SealError::NoKey { .. } => "peer-without-key",
                SealError::OwnKey => "own-key",
            },
            Self::Frame(_) | Self::Refused(_) | Self::Exchange(_) => {
                self.refusal().map_or("refused", |refusal| refusal.code)
            }
        }
    }
}

/// Who signed what was refused for another reason than its signature.
fn signed_by(refused: &RefusedFrame) -> Option<&OrganisationId> {
    match refused {
        RefusedFrame::OtherAnswer { sender }
        | RefusedFrame::Future { sender }
        | RefusedFrame::Stale { sender }
        | RefusedFrame::Replayed { sender } => Some(sender),
        RefusedFrame::OtherKind
        | RefusedFrame::WrongRecipient { .. }
        | RefusedFrame::Sender(_)
        | RefusedFrame::BadSignature { .. } => None,
    }
}
