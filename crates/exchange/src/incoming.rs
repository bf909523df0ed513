//! What came from one peer.
//!
//! The rules are here; the rows are kept by whoever implements [`Inbox`], which does each of the
//! functions below in one transaction.

mod inbox;

pub use inbox::{Delivery, Inbox, OpenMessage, Thread};

use crate::message::{PART_BYTES, STALE_S, message_digest};
use crate::{Between, Incarnation, MessageDigest, Opened, Part, PartSet, Payload, Said};
use portcullis_federation::Moment;
use zeroize::Zeroizing;

/// Parts of unfinished messages of one sender that are held, at most, each message counted with all
/// of its parts. An honest sender never gets there.
pub const MOST_OPEN_PARTS: u64 = 4_096;

/// How much longer than it could be taken again a message is remembered, in seconds: the own clock
/// may be set back.
const REMEMBERED_LONGER_S: u64 = 86_400;

/// What became of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is kept or was known, or there was nothing to keep: it is acknowledged.
    Acknowledge,
    /// It is not acknowledged.
    Refused(RefusedPart),
}

/// Why what an envelope says is not taken. Nothing has changed then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedPart {
    /// Something else was said in the same place.
    #[error(
        "its sender said something else in the same place; its node or its key is in wrong hands or out of order"
    )]
    Conflicting,
    /// All of the message came, and it is not the one that its parts name.
    #[error("its parts do not make the message that they name; its sender's node is out of order")]
    Garbled,
    /// Too much of its sender is unfinished.
    #[error("more than {MOST_OPEN_PARTS} parts of unfinished messages of its sender would be held")]
    Full,
}

impl RefusedPart {
    /// The code used in logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Conflicting => "conflicting",
            Self::Garbled => "garbled",
            Self::Full => "full",
        }
    }
}

/// In which life of its sender's node something was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// In the one that is known.
    Current,
    /// In a new one: it was restored from a backup, and may have lost what was sent to it.
    New,
    /// In one before.
    Past,
}

/// Takes notice of the life of its sender's node that an envelope is from. With a new one, what was
/// held for something that stands before it is delivered: its sender has forgotten what that was, or
/// sends it again.
///
/// # Errors
/// When the rows can't be read or written.
pub fn notice<I: Inbox>(inbox: &mut I, incarnation: Incarnation) -> Result<Life, I::Error> {
    let newest = inbox.newest()?;
    match newest {
        Some(newest) if newest == incarnation => return Ok(Life::Current),
        Some(newest) if newest > incarnation => return Ok(Life::Past),
        _ => inbox.set_newest(incarnation)?,
    }
    if newest.is_none() {
        return Ok(Life::Current);
    }
    for thread in inbox.threads_before(incarnation)? {
        for sequence in inbox.open_in(&thread)? {
            deliver_if_whole(inbox, &thread, sequence)?;
        }
    }
    Ok(Life::New)
}

/// Takes what an opened envelope says, and delivers whatever has its turn then.
///
/// # Errors
/// When the rows can't be read or written.
pub fn take<I: Inbox>(
    inbox: &mut I,
    between: Between<'_>,
    life: Life,
    opened: &Opened,
) -> Result<Taken, I::Error> {
    let (Said::Part(Part { place, .. }) | Said::Void(place)) = &opened.said else {
        return Ok(Taken::Acknowledge);
    };
    let thread = Thread { incarnation: opened.incarnation, conversation: place.conversation };
    if life != Life::Past {
        pass_over(inbox, &thread, place.floor)?;
    }
    let taken = match &opened.said {
        Said::Part(part) => keep(inbox, between, &thread, part)?,
        Said::Void(_) | Said::Decoy => {
            if place.sequence >= inbox.next(&thread)? && !is_whole(inbox, &thread, place.sequence)?
            {
                mark(inbox, &thread, place.sequence, opened.sealed)?;
            }
            Taken::Acknowledge
        }
    };
    if life == Life::Past {
        // Its sender has forgotten what stood before it, so that there is nothing to wait for.
        deliver_if_whole(inbox, &thread, place.sequence)?;
    } else {
        go_on(inbox, &thread)?;
    }
    Ok(taken)
}

/// Gives up waiting for what is too old to be taken any more, delivers what was held for it, and
/// forgets what need not be remembered.
///
/// # Errors
/// When the rows can't be read or written.
pub fn tidy<I: Inbox>(now: Moment, inbox: &mut I) -> Result<(), I::Error> {
    let ago = |seconds: u64| now.seconds().checked_sub(seconds).and_then(Moment::new);
    let Some(stale) = ago(STALE_S) else { return Ok(()) };
    for thread in inbox.threads_with_older(stale)? {
        let mut until = 0;
        for sequence in inbox.open_in(&thread)? {
            // What stands before it was queued before it, and is too old as well.
            if inbox.open(&thread, sequence)?.is_some_and(|open| open.queued < stale) {
                until = sequence.saturating_add(1);
            }
        }
        pass_over(inbox, &thread, until)?;
        go_on(inbox, &thread)?;
    }
    match ago(STALE_S.saturating_add(REMEMBERED_LONGER_S)) {
        Some(before) => inbox.forget_delivered(before),
        None => Ok(()),
    }
}

fn keep<I: Inbox>(
    inbox: &mut I,
    between: Between<'_>,
    thread: &Thread,
    part: &Part,
) -> Result<Taken, I::Error> {
    let Part { place, message, queued, number, count, payload } = part;
    let sequence = place.sequence;
    let next = inbox.next(thread)?;
    if inbox.was_delivered(message)? {
        if sequence >= next {
            mark(inbox, thread, sequence, *queued)?;
        }
        return Ok(Taken::Acknowledge);
    }
    // Something else had this place. Its sender may have gone back to an older store without
    // beginning a new life; whatever it is, what is not kept is not acknowledged.
    if sequence < next {
        return Ok(Taken::Refused(RefusedPart::Conflicting));
    }
    let open = inbox.open(thread, sequence)?;
    let same = |open: &OpenMessage| {
        open.message == *message && open.count == *count && open.queued == *queued
    };
    if open.as_ref().is_some_and(|open| !same(open)) {
        return Ok(Taken::Refused(RefusedPart::Conflicting));
    }
    if let Some(held) = inbox.part(thread, sequence, *number)? {
        let refused = Taken::Refused(RefusedPart::Conflicting);
        return Ok(if held == *payload { Taken::Acknowledge } else { refused });
    }
    if open.is_none() && inbox.open_parts()?.saturating_add(u64::from(*count)) > MOST_OPEN_PARTS {
        return Ok(Taken::Refused(RefusedPart::Full));
    }
    let new =
        OpenMessage { message: *message, queued: *queued, count: *count, arrived: PartSet::NONE };
    let mut open = open.unwrap_or(new);
    open.arrived.insert(*number);
    inbox.set_open(thread, sequence, &open)?;
    inbox.set_part(thread, sequence, *number, payload)?;
    if open.is_whole() {
        let content = content(inbox, thread, sequence, &open)?;
        if message_digest(between, thread.conversation, *queued, &content) != *message {
            inbox.remove_open(thread, sequence)?;
            return Ok(Taken::Refused(RefusedPart::Garbled));
        }
    }
    Ok(Taken::Acknowledge)
}

/// Notes that there is nothing to wait for in this place.
fn mark<I: Inbox>(
    inbox: &mut I,
    thread: &Thread,
    sequence: u64,
    queued: Moment,
) -> Result<(), I::Error> {
    inbox.remove_open(thread, sequence)?;
    let nothing = MessageDigest::from_bytes([0; 32]);
    let open = OpenMessage { message: nothing, queued, count: 0, arrived: PartSet::NONE };
    inbox.set_open(thread, sequence, &open)
}

/// What stands before this place will not come any more.
fn pass_over<I: Inbox>(inbox: &mut I, thread: &Thread, until: u64) -> Result<(), I::Error> {
    if inbox.next(thread)? >= until {
        return Ok(());
    }
    for sequence in inbox.open_in(thread)?.into_iter().filter(|sequence| *sequence < until) {
        deliver_if_whole(inbox, thread, sequence)?;
        inbox.remove_open(thread, sequence)?;
    }
    inbox.set_next(thread, until)
}

fn go_on<I: Inbox>(inbox: &mut I, thread: &Thread) -> Result<(), I::Error> {
    let mut next = inbox.next(thread)?;
    while is_whole(inbox, thread, next)? {
        deliver_if_whole(inbox, thread, next)?;
        next = next.saturating_add(1);
        inbox.set_next(thread, next)?;
    }
    Ok(())
}

fn is_whole<I: Inbox>(inbox: &mut I, thread: &Thread, sequence: u64) -> Result<bool, I::Error> {
    Ok(inbox.open(thread, sequence)?.is_some_and(|open| open.is_whole()))
}

fn deliver_if_whole<I: Inbox>(
    inbox: &mut I,
    thread: &Thread,
    sequence: u64,
) -> Result<(), I::Error> {
    let Some(open) = inbox.open(thread, sequence)?.filter(OpenMessage::is_whole) else {
        return Ok(());
    };
    // The same message may have come in two lives of its sender's node.
    if open.count > 0 && !inbox.was_delivered(&open.message)? {
        let content = content(inbox, thread, sequence, &open)?;
        let OpenMessage { message, queued, .. } = open;
        inbox.deliver(Delivery { conversation: thread.conversation, message, queued, content })?;
    }
    inbox.remove_open(thread, sequence)
}

fn content<I: Inbox>(
    inbox: &mut I,
    thread: &Thread,
    sequence: u64,
    open: &OpenMessage,
) -> Result<Payload, I::Error> {
    let mut content = Zeroizing::new(Vec::with_capacity(usize::from(open.count) * PART_BYTES));
    for number in 1..=open.count {
        if let Some(part) = inbox.part(thread, sequence, number)? {
            content.extend_from_slice(&part);
        }
    }
    Ok(Payload::from(content))
}
