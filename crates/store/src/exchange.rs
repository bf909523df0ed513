//! What is exchanged with other organisations, as the node carries it.
//!
//! Each method of [`ExchangeWriter`] is something that is done as a whole: a poll was asked for, a
//! request was taken and its answer made, an answer was taken. Done in one transaction, what was
//! acknowledged is kept, and what is kept is acknowledged. Called in one transaction with other
//! methods of a [`Writer`](crate::Writer), a message is queued only if what it tells of was kept, and
//! handled only once (THREATS T-42).
//!
//! The own signing and sealing keys are taken from the keyring and stay here.

mod carry;

pub(crate) use carry::begin_new_life;

use crate::StoreError;
use crate::database::Open;
pub use crate::tables::exchange::outgoing::WaitingCount;
pub use crate::tables::exchange::peers::PeerState;
pub use crate::tables::exchange::received::Arrival;
pub use crate::tables::exchange::refused::RefusedCount;
use crate::tables::exchange::{Way, lives, outgoing, peers, received, refused};
use portcullis_decide::Change;
use portcullis_decide::exchange::traffic::QueuedMessage;
use portcullis_exchange::outgoing::{Outbox as _, Outgoing};
use portcullis_exchange::{
    BelievedFrame, Frame, FrameSize, Incarnation, MessageDigest, Received, SealError,
};
use portcullis_federation::{MemberList, Moment};
use portcullis_types::{Clock, OrganisationId};

/// Two nodes that exchange, as one of them sees it.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Whose node this is.
    pub organisation: &'a OrganisationId,
    /// The id of the same in the member list.
    pub own: &'a OrganisationId,
    /// The id of the other one there.
    pub peer: &'a OrganisationId,
    /// The member list in force.
    pub list: &'a MemberList,
}

/// Why nothing was exchanged. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// A request of that time or a later one was taken meanwhile.
    #[error("a request of `{peer}` of this time or a later one was taken before")]
    Replayed {
        /// Whose.
        peer: OrganisationId,
    },
    /// What was brought is by somebody else than it was to be taken from.
    #[error("this is by `{sender}`, and was to be taken from `{peer}`")]
    OtherSender {
        /// By whom it is.
        sender: OrganisationId,
        /// From whom it was to be.
        peer: OrganisationId,
    },
    /// Nothing can be sealed to the other one now.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of what was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// What became of each envelope. What was refused is counted already.
    pub received: Received,
    /// Messages that waited too long, and were given up by the way.
    pub given_up: Vec<MessageDigest>,
}

/// What was done by the way of tidying up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tidied {
    /// Messages that waited too long, and for whom they were.
    pub given_up: Vec<(OrganisationId, MessageDigest)>,
    /// How many messages were forgotten, which no restored node could ask for any more.
    pub forgotten: u64,
}

/// What can be looked up about what is exchanged.
pub trait Exchange {
    /// The life of this node; none before something was exchanged.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read; so for all methods.
    fn own_life(&self, organisation: &OrganisationId) -> Result<Option<Incarnation>, StoreError>;

    /// What is known of another organisation's node.
    ///
    /// # Errors
    ///
    /// As above.
    fn exchange_peer(
        &self,
        organisation: &OrganisationId,
        peer: &OrganisationId,
    ) -> Result<PeerState, StoreError>;

    /// Everybody that something was exchanged with.
    ///
    /// # Errors
    ///
    /// As above.
    fn exchange_peers(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Vec<OrganisationId>, StoreError>;

    /// How a message stands that was queued for another organisation; none once it is forgotten.
    ///
    /// # Errors
    ///
    /// As above.
    fn outgoing_message(
        &self,
        organisation: &OrganisationId,
        peer: &OrganisationId,
        message: &MessageDigest,
    ) -> Result<Option<Outgoing>, StoreError>;

    /// How many messages wait for whom. It takes longer the more there are.
    ///
    /// # Errors
    ///
    /// As above.
    fn outgoing_counts(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Vec<WaitingCount>, StoreError>;

    /// Messages of others that are to be handled, in their order, after a position (0 for the first),
    /// so many at most.
    ///
    /// # Errors
    ///
    /// As above.
    fn arrivals(
        &self,
        organisation: &OrganisationId,
        after: u64,
        most: usize,
    ) -> Result<Vec<Arrival>, StoreError>;

    /// How many messages of others are to be handled, and since when the first of them waits.
    ///
    /// # Errors
    ///
    /// As above.
    fn arrivals_waiting(
        &self,
        organisation: &OrganisationId,
    ) -> Result<(u64, Option<Moment>), StoreError>;

    /// What was refused in the last 90 days, the latest first.
    ///
    /// # Errors
    ///
    /// As above.
    fn exchange_refused(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Vec<RefusedCount>, StoreError>;
}

/// What can be done to what is exchanged. What is told of has its event and leaf.
pub trait ExchangeWriter {
    /// Queues a message. The same one, in one conversation and second, is queued once.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn queue_message(&mut self, change: &Change<QueuedMessage>) -> Result<(), StoreError>;

    /// Makes the request of a poll: what goes now and what is to be acknowledged, filled up to its
    /// size. `tick` is the number of the poll, which counts as made.
    ///
    /// # Errors
    ///
    /// [`ExchangeError`]; for all methods that say no more.
    fn make_request(
        &mut self,
        clock: &dyn Clock,
        link: Link<'_>,
        size: FrameSize,
        tick: u64,
    ) -> Result<Frame, ExchangeError>;

    /// Takes a request and makes its answer, which acknowledges what was taken.
    ///
    /// # Errors
    ///
    /// [`ExchangeError::Replayed`] when one of its time or later was taken meanwhile.
    fn answer_request(
        &mut self,
        clock: &dyn Clock,
        link: Link<'_>,
        request: &BelievedFrame,
    ) -> Result<(Brought, Frame), ExchangeError>;

    /// Takes the answer to the last request that was made.
    ///
    /// # Errors
    ///
    /// As above.
    fn take_answer(
        &mut self,
        clock: &dyn Clock,
        link: Link<'_>,
        answer: &BelievedFrame,
    ) -> Result<Brought, ExchangeError>;

    /// A poll failed: what its request held goes with the next one, without waiting.
    ///
    /// # Errors
    ///
    /// As above.
    fn poll_failed(
        &mut self,
        clock: &dyn Clock,
        link: Link<'_>,
        request: &Frame,
    ) -> Result<(), ExchangeError>;

    /// Makes a file to be carried: all that goes now, and what is to be acknowledged, filled up to a
    /// class.
    ///
    /// # Errors
    ///
    /// As above.
    fn make_file(&mut self, clock: &dyn Clock, link: Link<'_>) -> Result<Frame, ExchangeError>;

    /// Takes a file that was carried here. The same one may be taken again.
    ///
    /// # Errors
    ///
    /// As above.
    fn take_file(
        &mut self,
        clock: &dyn Clock,
        link: Link<'_>,
        file: &BelievedFrame,
    ) -> Result<Brought, ExchangeError>;

    /// A message of another organisation was handled, and is taken away. What came of it is written in
    /// the same transaction.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] when somebody handled it meanwhile; else why it cannot be written.
    fn message_handled(
        &mut self,
        organisation: &OrganisationId,
        position: u64,
    ) -> Result<(), StoreError>;

    /// Counts that something was refused, for a reason with this code, and tells of the first of a
    /// day. The peer is only named where it is known to have sent it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn count_refusal(
        &mut self,
        clock: &dyn Clock,
        organisation: &OrganisationId,
        peer: Option<&OrganisationId>,
        code: &'static str,
    ) -> Result<(), StoreError>;

    /// Gives up what waited too long, here and on its way here, and forgets what nobody can ask for
    /// any more. Done once a day, or more often.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be written.
    fn tidy_exchange(
        &mut self,
        clock: &dyn Clock,
        organisation: &OrganisationId,
    ) -> Result<Tidied, StoreError>;
}

impl Exchange for Open<'_> {
    fn own_life(&self, organisation: &OrganisationId) -> Result<Option<Incarnation>, StoreError> {
        lives::current(self, organisation)
    }

    fn exchange_peer(
        &self,
        organisation: &OrganisationId,
        peer: &OrganisationId,
    ) -> Result<PeerState, StoreError> {
        peers::state(self, Way { organisation, peer })
    }

    fn exchange_peers(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Vec<OrganisationId>, StoreError> {
        peers::all(self, organisation)
    }

    fn outgoing_message(
        &self,
        organisation: &OrganisationId,
        peer: &OrganisationId,
        message: &MessageDigest,
    ) -> Result<Option<Outgoing>, StoreError> {
        outgoing::OutboxRows::new(self, Way { organisation, peer }).row(message)
    }

    fn outgoing_counts(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Vec<WaitingCount>, StoreError> {
        outgoing::counts(self, organisation)
    }

    fn arrivals(
        &self,
        organisation: &OrganisationId,
        after: u64,
        most: usize,
    ) -> Result<Vec<Arrival>, StoreError> {
        received::after(self, organisation, after, most)
    }

    fn arrivals_waiting(
        &self,
        organisation: &OrganisationId,
    ) -> Result<(u64, Option<Moment>), StoreError> {
        received::waiting(self, organisation)
    }

    fn exchange_refused(
        &self,
        organisation: &OrganisationId,
    ) -> Result<Vec<RefusedCount>, StoreError> {
        refused::all(self, organisation)
    }
}

impl ExchangeWriter for Open<'_> {
    fn queue_message(&mut self, change: &Change<QueuedMessage>) -> Result<(), StoreError> {
        carry::queue(self, change)
    }

    fn make_request(
        &mut self,
        clock: &dyn Clock,
        link: Link<'_>,
        size: FrameSize,
        tick: u64,
    ) -> Result<Frame, ExchangeError> {
        carry::make_request(self, clock, link, size, tick)
    }

    fn answer_request(
        &mut self,
        clock: &dyn Clock,
        link: Link<'_>,
        request: &BelievedFrame,
    ) -> Result<(Brought, Frame), ExchangeError> {
        carry::answer_request(self, clock, link, request)
    }

    fn take_answer(
        &mut self,
        clock: &dyn Clock,
        link: Link<'_>,
        answer: &BelievedFrame,
    ) -> Result<Brought, ExchangeError> {
        carry::take_answer(self, clock, link, answer)
    }

    fn poll_failed(
        &mut self,
        clock: &dyn Clock,
        link: Link<'_>,
        request: &Frame,
    ) -> Result<(), ExchangeError> {
        carry::poll_failed(self, clock, link, request)
    }

    fn make_file(&mut self, clock: &dyn Clock, link: Link<'_>) -> Result<Frame, ExchangeError> {
        carry::make_file(self, clock, link)
    }

    fn take_file(
        &mut self,
        clock: &dyn Clock,
        link: Link<'_>,
        file: &BelievedFrame,
    ) -> Result<Brought, ExchangeError> {
        carry::take_file(self, clock, link, file)
    }

    fn message_handled(
        &mut self,
        organisation: &OrganisationId,
        position: u64,
    ) -> Result<(), StoreError> {
        received::handled(self, organisation, position)
    }

    fn count_refusal(
        &mut self,
        clock: &dyn Clock,
        organisation: &OrganisationId,
        peer: Option<&OrganisationId>,
        code: &'static str,
    ) -> Result<(), StoreError> {
        refused::count(self, clock, organisation, (peer, code))
    }

    fn tidy_exchange(
        &mut self,
        clock: &dyn Clock,
        organisation: &OrganisationId,
    ) -> Result<Tidied, StoreError> {
        carry::tidy(self, clock, organisation)
    }
}
