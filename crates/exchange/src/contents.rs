//! What is inside the seal, in one fixed form.
//! Implements `docs/spec/exchange.md`, section 2.

use crate::message::{MOST_PARTS, PART_BYTES};
use crate::reader::{FormError, Reader, write_organisation};
use crate::{Conversation, Incarnation, MessageDigest, Payload};
use portcullis_federation::Moment;
use portcullis_types::OrganisationId;
use zeroize::Zeroizing;

/// The form: fields as below, signed with Ed25519.
const FORM: u8 = 1;

const PART: u8 = 1;
const DECOY: u8 = 2;
const VOID: u8 = 3;

/// One part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it belongs.
    pub place: Position,
    /// The message that it is a part of.
    pub message: MessageDigest,
    /// When the message was queued.
    pub queued: Moment,
    /// Which part, from 1.
    pub number: u16,
    /// Of how many.
    pub count: u16,
    /// The bytes of it.
    pub payload: Payload,
}

/// Where a message stands in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// In which conversation.
    pub conversation: Conversation,
    /// As which message of it, from 1.
    pub sequence: u64,
    /// The first message of the conversation that may still come: what stands before it will not.
    pub floor: u64,
}

/// What an envelope says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A part of a message.
    Part(Part),
    /// That the message of this place will not come.
    Void(Position),
    /// Nothing.
    Decoy,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) incarnation: Incarnation,
    pub(crate) sender: OrganisationId,
    pub(crate) recipient: OrganisationId,
    pub(crate) sealed: Moment,
    pub(crate) said: Said,
}

pub(crate) enum ContentsError {
    UnknownForm { form: u8 },
    Form(FormError),
}

impl From<FormError> for ContentsError {
    fn from(error: FormError) -> Self {
        Self::Form(error)
    }
}

impl Contents {
    /// All but the signature, filled up to this length.
    pub(crate) fn to_bytes(&self, length: usize) -> Zeroizing<Vec<u8>> {
        const NOWHERE: Position =
            Position { conversation: Conversation::from_bytes([0; 16]), sequence: 0, floor: 0 };
        const NO_MESSAGE: MessageDigest = MessageDigest::from_bytes([0; 32]);
        let (kind, place, message, queued, number, count, payload) = match &self.said {
            Said::Part(p) => {
                (PART, p.place, p.message, p.queued, p.number, p.count, p.payload.as_ref())
            }
            Said::Void(place) => (VOID, *place, NO_MESSAGE, self.sealed, 0, 0, [].as_slice()),
            Said::Decoy => (DECOY, NOWHERE, NO_MESSAGE, self.sealed, 0, 0, [].as_slice()),
        };
        let mut bytes = Zeroizing::new(Vec::with_capacity(length));
        bytes.extend_from_slice(&[FORM, kind]);
        bytes.extend_from_slice(self.incarnation.as_bytes());
        bytes.extend_from_slice(place.conversation.as_bytes());
        bytes.extend_from_slice(&place.sequence.to_be_bytes());
        bytes.extend_from_slice(&place.floor.to_be_bytes());
        bytes.extend_from_slice(message.as_bytes());
        bytes.extend_from_slice(&queued.seconds().to_be_bytes());
        bytes.extend_from_slice(&self.sealed.seconds().to_be_bytes());
        bytes.extend_from_slice(&number.to_be_bytes());
        bytes.extend_from_slice(&count.to_be_bytes());
        write_organisation(&mut bytes, &self.sender);
        write_organisation(&mut bytes, &self.recipient);
        let of_payload = u16::try_from(payload.len()).expect("a part has at most 14,000 bytes");
        bytes.extend_from_slice(&of_payload.to_be_bytes());
        bytes.extend_from_slice(payload);
        bytes.resize(length, 0);
        bytes
    }

    /// Reads all but the signature. A decoy and a part take the same work.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, ContentsError> {
        let mut reader = Reader::new(bytes);
        let r = &mut reader;
        let form = r.u8("form")?;
        if form != FORM {
            return Err(ContentsError::UnknownForm { form });
        }
        let kind = r.u8("kind")?;
        r.require(matches!(kind, PART | DECOY | VOID))?;
        let incarnation = Incarnation::from_bytes(r.array("incarnation")?);
        let conversation = Conversation::from_bytes(r.array("conversation")?);
        r.require(kind != DECOY || *conversation.as_bytes() == [0; 16])?;
        let sequence = r.u64("sequence")?;
        r.require((kind == DECOY) == (sequence == 0))?;
        let floor = r.u64("floor")?;
        r.require(floor <= sequence && (floor == 0) == (sequence == 0))?;
        let message = MessageDigest::from_bytes(r.array("message")?);
        r.require(kind == PART || *message.as_bytes() == [0; 32])?;
        let queued = r.moment("queued")?;
        let sealed = r.moment("sealed")?;
        r.require(queued <= sealed && (kind == PART || queued == sealed))?;
        let number = r.u16("number")?;
        let count = r.u16("count")?;
        let of_parts = (1..=MOST_PARTS).contains(&count) && (1..=count).contains(&number);
        r.require(if kind == PART { of_parts } else { number == 0 && count == 0 })?;
        let sender = r.organisation("sender")?;
        let recipient = r.organisation("recipient")?;
        let length = usize::from(r.u16("length")?);
        let fits = match kind {
            PART if number < count => length == PART_BYTES,
            PART => (1..=PART_BYTES).contains(&length),
            _ => length == 0,
        };
        r.require(fits)?;
        r.begin("payload");
        let rest = r.rest();
        let mut payload = rest.to_vec();
        let padding = rest
            .iter()
            .enumerate()
            .fold(0, |all, (at, byte)| all | if at >= length { *byte } else { 0 });
        r.require(padding == 0 && length <= rest.len())?;
        payload.truncate(length);
        let payload = Payload::new(payload);
        let place = Position { conversation, sequence, floor };
        let said = match kind {
            PART => Said::Part(Part { place, message, queued, number, count, payload }),
            VOID => Said::Void(place),
            _ => Said::Decoy,
        };
        Ok(Self { incarnation, sender, recipient, sealed, said })
    }
}
