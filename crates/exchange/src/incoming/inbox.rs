//! The rows that a store keeps of what came from one peer.

use crate::{Conversation, Incarnation, MessageDigest, PartSet, Payload};
use portcullis_federation::Moment;

/// A conversation, in one life of the sender's node: within it the order of messages is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thread {
    /// In which life of the sender's node.
    pub incarnation: Incarnation,
    /// Which conversation.
    pub conversation: Conversation,
}

/// A message of which parts came, or all of them before one that goes first. One of no parts stands
/// for a message that was delivered in another life of its sender's node, or will not come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenMessage {
    /// The message.
    pub message: MessageDigest,
    /// When its sender queued it.
    pub queued: Moment,
    /// How many parts it has; 0 where there is nothing to wait for.
    pub count: u16,
    /// Those that came.
    pub arrived: PartSet,
}

impl OpenMessage {
    /// Whether all of it came.
    pub fn is_whole(&self) -> bool {
        self.arrived.first_missing(self.count).is_none()
    }
}

/// A message that came as a whole, and whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// In which conversation.
    pub conversation: Conversation,
    /// Which message.
    pub message: MessageDigest,
    /// When its sender queued it.
    pub queued: Moment,
    /// What it says.
    pub content: Payload,
}

/// What came from one peer, as rows. An implementation does what each method says and nothing else;
/// it is trusted: one that forgets a row loses the message, or takes it twice.
pub trait Inbox {
    /// Why rows can't be read or written.
    type Error;

    /// The greatest life of the sender's node that was seen.
    ///
    /// # Errors
    /// When the rows can't be read or written; so for all methods.
    fn newest(&mut self) -> Result<Option<Incarnation>, Self::Error>;

    /// Keeps it.
    ///
    /// # Errors
    /// As above.
    fn set_newest(&mut self, incarnation: Incarnation) -> Result<(), Self::Error>;

    /// The message of a thread whose turn it is; 1 where nothing is kept.
    ///
    /// # Errors
    /// As above.
    fn next(&mut self, thread: &Thread) -> Result<u64, Self::Error>;

    /// Keeps it.
    ///
    /// # Errors
    /// As above.
    fn set_next(&mut self, thread: &Thread, sequence: u64) -> Result<(), Self::Error>;

    /// Whether a message of this sender was delivered.
    ///
    /// # Errors
    /// As above.
    fn was_delivered(&mut self, message: &MessageDigest) -> Result<bool, Self::Error>;

    /// Delivers a message: keeps it for whoever reads it, and that it was delivered.
    ///
    /// # Errors
    /// As above.
    fn deliver(&mut self, delivery: Delivery) -> Result<(), Self::Error>;

    /// Forgets that messages were delivered that were queued before this moment: they would be
    /// refused for their age.
    ///
    /// # Errors
    /// As above.
    fn forget_delivered(&mut self, queued_before: Moment) -> Result<(), Self::Error>;

    /// The sum of `count` of all open messages.
    ///
    /// # Errors
    /// As above.
    fn open_parts(&mut self) -> Result<u64, Self::Error>;

    /// The open message at a place.
    ///
    /// # Errors
    /// As above.
    fn open(&mut self, thread: &Thread, sequence: u64) -> Result<Option<OpenMessage>, Self::Error>;

    /// Keeps an open message, in place of what was kept there.
    ///
    /// # Errors
    /// As above.
    fn set_open(
        &mut self,
        thread: &Thread,
        sequence: u64,
        open: &OpenMessage,
    ) -> Result<(), Self::Error>;

    /// Removes an open message with its parts.
    ///
    /// # Errors
    /// As above.
    fn remove_open(&mut self, thread: &Thread, sequence: u64) -> Result<(), Self::Error>;

    /// The places of all open messages in a thread, in order.
    ///
    /// # Errors
    /// As above.
    fn open_in(&mut self, thread: &Thread) -> Result<Vec<u64>, Self::Error>;

    /// The threads with an open message that was queued before this moment.
    ///
    /// # Errors
    /// As above.
    fn threads_with_older(&mut self, queued_before: Moment) -> Result<Vec<Thread>, Self::Error>;

    /// The threads with open messages of lives before this one.
    ///
    /// # Errors
    /// As above.
    fn threads_before(&mut self, incarnation: Incarnation) -> Result<Vec<Thread>, Self::Error>;

    /// A part of an open message.
    ///
    /// # Errors
    /// As above.
    fn part(
        &mut self,
        thread: &Thread,
        sequence: u64,
        number: u16,
    ) -> Result<Option<Payload>, Self::Error>;

    /// Keeps a part of an open message.
    ///
    /// # Errors
    /// As above.
    fn set_part(
        &mut self,
        thread: &Thread,
        sequence: u64,
        number: u16,
        part: &Payload,
    ) -> Result<(), Self::Error>;
}
