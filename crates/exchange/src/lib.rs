//! How do bytes get from one organisation to another, once, in order, without the traffic telling
//! anything?
//!
//! Everything travels in an [`Envelope`]: of one size, sealed to its recipient, signed inside the
//! seal. A [`Frame`] holds a number of them that was fixed beforehand, filled up with decoys, at
//! moments that follow from the clock alone ([`Pace`]). Messages are split into parts, kept until
//! they are acknowledged ([`outgoing`]), told from what came before, put together and delivered in
//! their order within a conversation ([`incoming`]). [`receive`] does what is to be done with a
//! frame. The bytes and the rules are specified in `docs/spec/exchange.md`.
//!
//! The crate does no I/O, has no clock and no randomness, keeps no rows, and knows nothing of what
//! is said.
//!
//! Trust: whoever holds the signing key of an organisation speaks for it, and whoever holds its
//! sealing key reads what was sent to it. Whoever carries frames can drop and delay them, and sees
//! who exchanges how many envelopes with whom.

#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod contents;
mod envelope;
mod frame;
mod ids;
pub mod incoming;
mod message;
pub mod outgoing;
mod pace;
mod payload;
mod reader;
mod receiving;
mod signer;

pub use contents::{Part, Position, Said};
pub use envelope::{
    ENVELOPE_BYTES, Envelope, Opened, Recipient, RefusedEnvelope, SealError, Sealer, Sender,
};
pub use frame::{
    BelievedFrame, Frame, FrameError, FrameKind, FrameSize, MOST_FRAME_BYTES, RefusedFrame, TakenAs,
};
pub use ids::{Conversation, EnvelopeDigest, FrameDigest, Incarnation, MessageDigest};
pub use message::{
    Between, LONGEST_WAIT_S, MESSAGE_BYTES, MOST_PARTS, PART_BYTES, STALE_S, message_digest,
};
pub use pace::Pace;
pub use payload::Payload;
pub use reader::FormError;
pub use receiving::{Received, Refused, receive, receive_opened};
pub use signer::{ExchangeSigner, RefusedSender};

use incoming::RefusedPart;
use outgoing::PartSet;
