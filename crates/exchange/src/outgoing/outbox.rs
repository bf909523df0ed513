//! The rows that a store keeps of what waits for one peer.

use super::Outgoing;
use crate::{Conversation, EnvelopeDigest, MessageDigest, Payload};
use portcullis_federation::Moment;

/// What waits for one peer, as rows. An implementation does what each method says and nothing else;
/// it is trusted: one that forgets a row loses the message.
pub trait Outbox {
    /// Why rows can't be read or written.
    type Error;

    /// The number of the next message of a conversation, from 1. It goes up by one with each call,
    /// and is kept when rows are removed.
    ///
    /// # Errors
    /// When the rows can't be read or written; so for all methods.
    fn next_sequence(&mut self, conversation: Conversation) -> Result<u64, Self::Error>;

    /// Forgets what numbers the messages of all conversations had.
    ///
    /// # Errors
    /// As above.
    fn restart_sequences(&mut self) -> Result<(), Self::Error>;

    /// A number higher than the `order` of every row there was.
    ///
    /// # Errors
    /// As above.
    fn next_order(&mut self) -> Result<u64, Self::Error>;

    /// Keeps a new row with what the message says.
    ///
    /// # Errors
    /// As above.
    fn insert(&mut self, row: &Outgoing, content: &Payload) -> Result<(), Self::Error>;

    /// Keeps a row in place of that of the same message.
    ///
    /// # Errors
    /// As above.
    fn update(&mut self, row: &Outgoing) -> Result<(), Self::Error>;

    /// Removes the row of a message, what it says, and its attempts.
    ///
    /// # Errors
    /// As above.
    fn remove(&mut self, message: &MessageDigest) -> Result<(), Self::Error>;

    /// The row of a message.
    ///
    /// # Errors
    /// As above.
    fn row(&mut self, message: &MessageDigest) -> Result<Option<Outgoing>, Self::Error>;

    /// What a message says; empty once it was dropped.
    ///
    /// # Errors
    /// As above.
    fn content(&mut self, message: &MessageDigest) -> Result<Payload, Self::Error>;

    /// Drops what a message says, and keeps its row.
    ///
    /// # Errors
    /// As above.
    fn drop_content(&mut self, message: &MessageDigest) -> Result<(), Self::Error>;

    /// The rows that are waiting or dead with `due` at or before now, by urgency, then by order; so
    /// many at most.
    ///
    /// # Errors
    /// As above.
    fn due(&mut self, now: Moment, most: usize) -> Result<Vec<Outgoing>, Self::Error>;

    /// The sum of `count` of all rows that are waiting and begun.
    ///
    /// # Errors
    /// As above.
    fn begun_parts(&mut self) -> Result<u64, Self::Error>;

    /// The rows of a conversation, by sequence.
    ///
    /// # Errors
    /// As above.
    fn conversation(&mut self, conversation: Conversation) -> Result<Vec<Outgoing>, Self::Error>;

    /// The least sequence of the rows of a conversation.
    ///
    /// # Errors
    /// As above.
    fn first_sequence(&mut self, conversation: Conversation) -> Result<Option<u64>, Self::Error>;

    /// The messages of all rows, by conversation and sequence.
    ///
    /// # Errors
    /// As above.
    fn all(&mut self) -> Result<Vec<MessageDigest>, Self::Error>;

    /// The messages that are waiting with `expires` at or before now.
    ///
    /// # Errors
    /// As above.
    fn overdue(&mut self, now: Moment) -> Result<Vec<MessageDigest>, Self::Error>;

    /// The rows that are finished and were queued at or before this moment, by conversation and
    /// sequence.
    ///
    /// # Errors
    /// As above.
    fn finished_before(&mut self, queued: Moment) -> Result<Vec<Outgoing>, Self::Error>;

    /// Keeps that this envelope holds this part of a message, from 1.
    ///
    /// # Errors
    /// As above.
    fn attempt(
        &mut self,
        envelope: EnvelopeDigest,
        message: &MessageDigest,
        number: u16,
    ) -> Result<(), Self::Error>;

    /// What this envelope holds; none if it is a decoy, or was forgotten.
    ///
    /// # Errors
    /// As above.
    fn attempted(
        &mut self,
        envelope: &EnvelopeDigest,
    ) -> Result<Option<(MessageDigest, u16)>, Self::Error>;

    /// Forgets which envelopes hold parts of this message.
    ///
    /// # Errors
    /// As above.
    fn forget_attempts(&mut self, message: &MessageDigest) -> Result<(), Self::Error>;
}
