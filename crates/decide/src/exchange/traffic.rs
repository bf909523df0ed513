//! What the exchange queued, delivered, refused and gave up, as events: ids and digests, and nothing
//! of what was said.
//!
//! There is no event of a part, an envelope or a decoy.

use crate::decision::kind;
use crate::{Change, RecordKind};
use portcullis_exchange::outgoing::{Post, PostError, Urgency};
use portcullis_exchange::{Between, Conversation, Incarnation, MessageDigest, Payload};
use portcullis_federation::Moment;
use portcullis_types::{
    Actor, Clock, Detail, Details, Event, EventError, EventId, EventTime, JobName, OrganisationId,
    Purpose, Rng,
};

/// The job that carries what is exchanged.
const JOB: &str = "exchange";

/// A message on its way to another organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage {
    /// What the own organisation is called in the member list.
    pub from: OrganisationId,
    /// What the other one is called there.
    pub to: OrganisationId,
    /// In which conversation.
    pub conversation: Conversation,
    /// What it says.
    pub content: Payload,
    /// Which goes first.
    pub urgency: Urgency,
    /// When it is of no more use, if before seven weeks.
    pub expires: Option<Moment>,
}

/// A message that is queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedMessage {
    from: OrganisationId,
    to: OrganisationId,
    message: MessageDigest,
    post: Post,
}

impl QueuedMessage {
    /// From whom to whom.
    pub fn between(&self) -> Between<'_> {
        Between { sender: &self.from, recipient: &self.to }
    }

    /// Its digest, the same here and at whom it is for.
    pub fn message(&self) -> MessageDigest {
        self.message
    }

    /// The message.
    pub fn post(&self) -> &Post {
        &self.post
    }
}

/// Why a message can't be queued.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// It can't be sent as it is.
    #[error(transparent)]
    Post(#[from] PostError),
    /// The event can't be made.
    #[error("this cannot be written as an event")]
    Event(#[from] EventError),
}

/// Queues a message, in the name of whoever has it sent.
///
/// # Errors
///
/// [`QueueError`] when it is empty, too long or expired, or the clock stands outside 1970 to 9999.
pub fn queue_message(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    organisation: &OrganisationId,
    (actor, purpose): (Actor, Purpose),
    new: NewMessage,
) -> Result<Change<QueuedMessage>, QueueError> {
    let NewMessage { from, to, conversation, content, urgency, expires } = new;
    let now = Moment::of(clock.now()).ok_or(EventError::OutOfRange)?;
    let between = Between { sender: &from, recipient: &to };
    let message = portcullis_exchange::message_digest(between, conversation, now, &content);
    let post = Post::new(now, conversation, content, urgency, expires)?;
    let mut details = about(Some(&to), Some(message))?;
    details.insert("conversation", Detail::Bytes(conversation.as_bytes().to_vec()))?;
    let event = Event {
        id: EventId::random(rng),
        kind: kind("exchange.queued"),
        at: EventTime::rounded_down(clock.now())?,
        organisation: organisation.clone(),
        actor,
        purpose,
        gateway: None,
        details,
    };
    Ok(Change::new(QueuedMessage { from, to, message, post }, event, RecordKind::Traffic))
}

/// What happened to what is exchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Traffic {
    /// The own node began a new life: it was made, or restored from a backup.
    LifeBegan(Incarnation),
    /// A message of another organisation came, and had its turn.
    Delivered {
        /// Whose.
        from: OrganisationId,
        /// Which.
        message: MessageDigest,
    },
    /// Another organisation has all of a message.
    Acknowledged {
        /// Who.
        to: OrganisationId,
        /// Which.
        message: MessageDigest,
    },
    /// A message waited too long.
    GivenUp {
        /// To whom it should have gone.
        to: OrganisationId,
        /// Which.
        message: MessageDigest,
    },
    /// Something was refused, for the first time that day from that organisation for that reason.
    Refused {
        /// Whose it was; nobody's where that is not known to be true.
        from: Option<OrganisationId>,
        /// The code of the reason.
        code: &'static str,
    },
}

impl Traffic {
    /// The kind of the event.
    pub fn code(&self) -> &'static str {
        match self {
            Self::LifeBegan(_) => "exchange.life-began",
            Self::Delivered { .. } => "exchange.delivered",
            Self::Acknowledged { .. } => "exchange.acknowledged",
            Self::GivenUp { .. } => "exchange.given-up",
            Self::Refused { .. } => "exchange.refused",
        }
    }

    fn details(&self) -> Result<Details, EventError> {
        match self {
            Self::LifeBegan(life) => {
                let mut details = Details::new();
                details.insert("life", Detail::Bytes(life.as_bytes().to_vec()))?;
                Ok(details)
            }
            Self::Delivered { from: peer, message }
            | Self::Acknowledged { to: peer, message }
            | Self::GivenUp { to: peer, message } => about(Some(peer), Some(*message)),
            Self::Refused { from, code } => {
                let mut details = about(from.as_ref(), None)?;
                details.insert("reason", *code)?;
                Ok(details)
            }
        }
    }
}

/// Tells what happened. The node did it by itself, so that no officer answers for it.
///
/// # Errors
///
/// [`EventError`] when the clock stands outside 1970 to 9999.
pub fn tell(
    clock: &dyn Clock,
    rng: &mut dyn Rng,
    organisation: &OrganisationId,
    traffic: Traffic,
) -> Result<Change<Traffic>, EventError> {
    let event = Event {
        id: EventId::random(rng),
        kind: kind(traffic.code()),
        at: EventTime::rounded_down(clock.now())?,
        organisation: organisation.clone(),
        actor: Actor::Job(JobName::new(JOB)?),
        purpose: Purpose::Oversight,
        gateway: None,
        details: traffic.details()?,
    };
    Ok(Change::new(traffic, event, RecordKind::Traffic))
}

fn about(
    peer: Option<&OrganisationId>,
    message: Option<MessageDigest>,
) -> Result<Details, EventError> {
    let mut details = Details::new();
    if let Some(peer) = peer {
        details.insert("organisation", peer.as_str())?;
    }
    if let Some(message) = message {
        details.insert("message", Detail::Bytes(message.as_bytes().to_vec()))?;
    }
    Ok(details)
}
