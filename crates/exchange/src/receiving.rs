//! One frame that was brought, from its envelopes to what is acknowledged.

use crate::incoming::{Inbox, Life, Taken, notice, take};
use crate::outgoing::{Outbox, acknowledge, resend_all};
use crate::{
    BelievedFrame, Between, Envelope, EnvelopeDigest, MessageDigest, Opened, Recipient,
    RefusedEnvelope, RefusedPart,
};
use portcullis_federation::Moment;

/// What became of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The envelopes that are kept, known or decoys, to be acknowledged.
    pub taken: Vec<EnvelopeDigest>,
    /// The envelopes that were not taken, by their place in the frame, to be logged.
    pub refused: Vec<(usize, Refused)>,
    /// The messages that the sender of the frame now has as a whole.
    pub arrived: Vec<MessageDigest>,
    /// Whether its sender's node was restored since the last one, so that all is sent to it again.
    pub life: Option<Life>,
}

/// Why an envelope was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is not by whom it should be, or not for this node.
    #[error(transparent)]
    Envelope(#[from] RefusedEnvelope),
    /// What it says is not taken.
    #[error(transparent)]
    Part(#[from] RefusedPart),
}

impl Refused {
    /// The code used in vectors and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Envelope(refused) => refused.code(),
            Self::Part(refused) => refused.code(),
        }
    }
}

/// Takes a frame: opens each envelope, keeps what it says, delivers whatever has its turn, and takes
/// note of what is acknowledged. What is not taken is not acknowledged, and comes again.
///
/// Inbox and outbox are those of the peer that sent it, in one transaction.
///
/// # Errors
/// When the rows can't be read or written.
pub fn receive<I: Inbox, O: Outbox<Error = I::Error>>(
    now: Moment,
    inbox: &mut I,
    outbox: &mut O,
    recipient: &Recipient<'_>,
    frame: &BelievedFrame,
) -> Result<Received, I::Error> {
    let sender = frame.frame().sender();
    let between = Between { sender, recipient: recipient.id };
    let envelopes = frame.frame().envelopes();
    let open = |envelope: &Envelope| (envelope.digest(), recipient.open(now, sender, envelope));
    let opened: Vec<_> = envelopes.iter().map(open).collect();
    receive_opened(now, inbox, outbox, between, opened, frame.acknowledged())
}

/// The same, with what came of opening each envelope.
///
/// # Errors
/// When the rows can't be read or written.
pub fn receive_opened<I: Inbox, O: Outbox<Error = I::Error>>(
    now: Moment,
    inbox: &mut I,
    outbox: &mut O,
    between: Between<'_>,
    envelopes: Vec<(EnvelopeDigest, Result<Opened, RefusedEnvelope>)>,
    acknowledged: &[EnvelopeDigest],
) -> Result<Received, I::Error> {
    let mut received =
        Received { taken: Vec::new(), refused: Vec::new(), arrived: Vec::new(), life: None };
    for (place, (digest, opened)) in envelopes.into_iter().enumerate() {
        match opened {
            Err(refused) => received.refused.push((place, refused.into())),
            Ok(opened) => match take_one(inbox, between, &opened, &mut received)? {
                Taken::Acknowledge => received.taken.push(digest),
                Taken::Refused(refused) => received.refused.push((place, refused.into())),
            },
        }
    }
    // What an earlier life of the other node took may be lost to the one of today.
    if received.life == Some(Life::New) {
        resend_all(now, outbox)?;
    }
    if matches!(received.life, Some(Life::New | Life::Current)) {
        for digest in acknowledged {
            received.arrived.extend(acknowledge(outbox, digest)?);
        }
    }
    Ok(received)
}

fn take_one<I: Inbox>(
    inbox: &mut I,
    between: Between<'_>,
    opened: &Opened,
    received: &mut Received,
) -> Result<Taken, I::Error> {
    let life = notice(inbox, opened.incarnation)?;
    received.life = Some(match (received.life, life) {
        (Some(Life::New), _) | (_, Life::New) => Life::New,
        (Some(Life::Past), _) | (_, Life::Past) => Life::Past,
        _ => Life::Current,
    });
    take(inbox, between, life, opened)
}
