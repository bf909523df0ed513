//! What waits to be sent to one peer.
//!
//! The rules are here; the rows are kept by whoever implements [`Outbox`], which does each of the
//! functions below in one transaction.

mod outbox;
mod row;

pub use outbox::Outbox;
pub use row::{Outgoing, OutgoingState, PartSet, Patience, Urgency};

use crate::message::{LONGEST_WAIT_S, MESSAGE_BYTES, count_of, message_digest, part_of};
use crate::{
    Between, Conversation, Envelope, EnvelopeDigest, MessageDigest, Part, Payload, Position, Said,
    Sealer,
};
use portcullis_federation::Moment;
use portcullis_types::Rng;
use std::collections::BTreeMap;

/// Parts of messages that may be begun and not acknowledged as a whole before another routine one
/// is begun. It keeps what a peer must hold of unfinished messages far below what it refuses.
const MOST_BEGUN_PARTS: u64 = 1_024;

/// The same before an urgent one is begun.
const MOST_BEGUN_PARTS_URGENT: u64 = 2_048;

/// Rows that are looked at for each envelope that is sent.
const ROWS_EACH: usize = 16;

/// A message that may be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    conversation: Conversation,
    content: Payload,
    count: u16,
    urgency: Urgency,
    expires: Moment,
    queued: Moment,
}

/// Why a message can't be queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostError {
    /// It says nothing, or too much.
    #[error("a message has 1 to {MESSAGE_BYTES} bytes, this one has {length_bytes}")]
    Length {
        /// How long it is.
        length_bytes: usize,
    },
    /// It is to expire before it is queued.
    #[error("the message would expire before it is sent")]
    Expired,
}

impl Post {
    /// A message that says this. It expires after seven weeks, or earlier if it is told to.
    ///
    /// # Errors
    /// [`PostError`] when it is empty, too long, or would have expired.
    pub fn new(
        now: Moment,
        conversation: Conversation,
        content: Payload,
        urgency: Urgency,
        expires: Option<Moment>,
    ) -> Result<Self, PostError> {
        let length_bytes = content.len();
        let count = count_of(length_bytes).ok_or(PostError::Length { length_bytes })?;
        let last = now.later(LONGEST_WAIT_S);
        let expires = expires.map_or(last, |expires| expires.min(last));
        if expires <= now {
            return Err(PostError::Expired);
        }
        Ok(Self { conversation, content, count, urgency, expires, queued: now })
    }
}

/// Queues a message. The same one, in one conversation and second, is queued once.
///
/// # Errors
/// When the rows can't be read or written.
pub fn enqueue<O: Outbox>(
    outbox: &mut O,
    between: Between<'_>,
    post: &Post,
) -> Result<MessageDigest, O::Error> {
    let Post { conversation, content, count, urgency, expires, queued } = post;
    let message = message_digest(between, *conversation, *queued, content);
    if outbox.row(&message)?.is_some() {
        return Ok(message);
    }
    // Nothing overtakes within a conversation, so what stands before it goes as soon as it does.
    for mut before in outbox.conversation(*conversation)? {
        if !before.state.is_finished() && before.urgency > *urgency {
            before.urgency = *urgency;
            outbox.update(&before)?;
        }
    }
    let row = Outgoing {
        message,
        conversation: *conversation,
        sequence: outbox.next_sequence(*conversation)?,
        order: outbox.next_order()?,
        urgency: *urgency,
        queued: *queued,
        expires: *expires,
        state: OutgoingState::Waiting,
        count: *count,
        acknowledged: PartSet::NONE,
        sent: PartSet::NONE,
        rounds: 0,
        due: *queued,
    };
    outbox.insert(&row, content)?;
    Ok(message)
}

/// What goes into one envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// Of which message.
    pub message: MessageDigest,
    /// As which of its envelopes, from 1.
    pub number: u16,
    /// What it says.
    pub said: Said,
}

/// Chooses what goes now, for so many envelopes at most. Each counts as sent from then on.
///
/// # Errors
/// When the rows can't be read or written.
pub fn choose<O: Outbox>(
    now: Moment,
    outbox: &mut O,
    most: usize,
    patience: Patience,
) -> Result<Vec<Chosen>, O::Error> {
    let mut begun = outbox.begun_parts()?;
    let mut all = Vec::with_capacity(most);
    for mut row in outbox.due(now, most.saturating_mul(ROWS_EACH))? {
        if all.len() >= most {
            break;
        }
        if row.state == OutgoingState::Waiting && !row.is_begun() {
            let with = begun.saturating_add(u64::from(row.count));
            if with > most_begun(row.urgency) {
                continue;
            }
            begun = with;
        }
        let floor = outbox.first_sequence(row.conversation)?.unwrap_or(row.sequence);
        let content = outbox.content(&row.message)?;
        while all.len() < most {
            let Some(number) = row.send_next(now, patience) else { break };
            let said = said(&row, number, floor, &content);
            all.push(Chosen { message: row.message, number, said });
        }
        outbox.update(&row)?;
    }
    Ok(all)
}

/// Chooses what goes now and seals it, so many envelopes at most. Whoever makes a frame of them fills
/// it up with decoys. How long it takes depends on what waits: the frame must leave at a time that
/// does not.
///
/// # Errors
/// When the rows can't be read or written.
pub fn fill<O: Outbox>(
    rng: &mut dyn Rng,
    outbox: &mut O,
    sealer: &Sealer<'_>,
    most: usize,
    patience: Patience,
) -> Result<Vec<Envelope>, O::Error> {
    let mut envelopes = Vec::with_capacity(most);
    for Chosen { message, number, said } in choose(sealer.now(), outbox, most, patience)? {
        let envelope = sealer.seal(rng, said);
        outbox.attempt(envelope.digest(), &message, number)?;
        envelopes.push(envelope);
    }
    Ok(envelopes)
}

fn most_begun(urgency: Urgency) -> u64 {
    match urgency {
        Urgency::Urgent => MOST_BEGUN_PARTS_URGENT,
        Urgency::Routine | Urgency::Again => MOST_BEGUN_PARTS,
    }
}

fn said(row: &Outgoing, number: u16, floor: u64, content: &Payload) -> Said {
    let place = Position { conversation: row.conversation, sequence: row.sequence, floor };
    if row.state == OutgoingState::Dead {
        return Said::Void(place);
    }
    Said::Part(Part {
        place,
        message: row.message,
        queued: row.queued,
        number,
        count: row.count,
        payload: part_of(content, number),
    })
}

/// The other node has this envelope. Gives the message if it now has all of it.
///
/// # Errors
/// When the rows can't be read or written.
pub fn acknowledge<O: Outbox>(
    outbox: &mut O,
    envelope: &EnvelopeDigest,
) -> Result<Option<MessageDigest>, O::Error> {
    let Some((message, number)) = outbox.attempted(envelope)? else { return Ok(None) };
    let Some(mut row) = outbox.row(&message)? else { return Ok(None) };
    row.acknowledge(number);
    outbox.update(&row)?;
    if row.state.is_finished() {
        outbox.forget_attempts(&message)?;
    }
    Ok((row.state == OutgoingState::Acknowledged).then_some(message))
}

/// The poll failed in which this envelope was sent: it goes with the next one, without waiting.
///
/// # Errors
/// When the rows can't be read or written.
pub fn release<O: Outbox>(
    now: Moment,
    outbox: &mut O,
    envelope: &EnvelopeDigest,
) -> Result<(), O::Error> {
    let Some((message, number)) = outbox.attempted(envelope)? else { return Ok(()) };
    let Some(mut row) = outbox.row(&message)? else { return Ok(()) };
    row.release(now, number);
    outbox.update(&row)
}

/// Gives up what has expired, and says what: the dead letters. Whether the other node has all of one
/// is not known.
///
/// # Errors
/// When the rows can't be read or written.
pub fn expire<O: Outbox>(now: Moment, outbox: &mut O) -> Result<Vec<MessageDigest>, O::Error> {
    let overdue = outbox.overdue(now)?;
    for message in &overdue {
        if let Some(mut row) = outbox.row(message)? {
            row.die(now);
            bury(outbox, &row)?;
        }
    }
    Ok(overdue)
}

fn bury<O: Outbox>(outbox: &mut O, row: &Outgoing) -> Result<(), O::Error> {
    outbox.drop_content(&row.message)?;
    // An envelope with its first part must not be taken for the one that says it will not come.
    outbox.forget_attempts(&row.message)?;
    outbox.update(row)
}

/// The other node was restored from a backup: all that is kept is sent again. It drops what it has.
///
/// # Errors
/// When the rows can't be read or written.
pub fn resend_all<O: Outbox>(now: Moment, outbox: &mut O) -> Result<(), O::Error> {
    for message in outbox.all()? {
        if let Some(mut row) = outbox.row(&message)? {
            row.resend(now);
            if row.state == OutgoingState::Dead {
                bury(outbox, &row)?;
            } else {
                outbox.forget_attempts(&message)?;
                outbox.update(&row)?;
            }
        }
    }
    Ok(())
}

/// The own node was restored from a backup and begins a new life: all that is kept is numbered and
/// sent anew.
///
/// # Errors
/// When the rows can't be read or written.
pub fn begin_anew<O: Outbox>(now: Moment, outbox: &mut O) -> Result<(), O::Error> {
    outbox.restart_sequences()?;
    let mut urgencies: BTreeMap<Conversation, Urgency> = BTreeMap::new();
    // The last first, so that what stands before something urgent stays as urgent.
    for message in outbox.all()?.into_iter().rev() {
        let Some(mut row) = outbox.row(&message)? else { continue };
        row.resend(now);
        if row.state == OutgoingState::Dead {
            outbox.remove(&message)?;
            continue;
        }
        let urgency = urgencies.entry(row.conversation).or_insert(row.urgency);
        row.urgency = row.urgency.min(*urgency);
        *urgency = row.urgency;
        outbox.forget_attempts(&message)?;
        outbox.update(&row)?;
    }
    for message in outbox.all()? {
        if let Some(mut row) = outbox.row(&message)? {
            row.sequence = outbox.next_sequence(row.conversation)?;
            outbox.update(&row)?;
        }
    }
    Ok(())
}

/// Forgets what was acknowledged or buried and is too old to be sent again. Of a conversation it
/// forgets from the beginning on, without leaving gaps. Says what.
///
/// # Errors
/// When the rows can't be read or written.
pub fn forget<O: Outbox>(now: Moment, outbox: &mut O) -> Result<Vec<MessageDigest>, O::Error> {
    let Some(queued) = now.seconds().checked_sub(LONGEST_WAIT_S).and_then(Moment::new) else {
        return Ok(Vec::new());
    };
    let mut forgotten = Vec::new();
    for row in outbox.finished_before(queued)? {
        if outbox.first_sequence(row.conversation)? == Some(row.sequence) {
            outbox.remove(&row.message)?;
            forgotten.push(row.message);
        }
    }
    Ok(forgotten)
}
