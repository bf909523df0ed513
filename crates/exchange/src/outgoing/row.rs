//! One message that waits to be sent, as a row of the store.

use crate::message::{LONGEST_WAIT_S, MOST_PARTS};
use crate::{Conversation, MessageDigest};
use portcullis_federation::Moment;
use std::fmt;

/// Which goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Urgency {
    /// What somebody must know tonight.
    Urgent,
    /// Everything else.
    Routine,
    /// What was acknowledged once, and is sent again because the other node may have lost it.
    Again,
}

impl Urgency {
    /// Every one, the first to go first.
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Routine, Self::Again];

    /// The code used where rows are kept, in the order in which they go.
    pub fn code(self) -> u8 {
        match self {
            Self::Urgent => 0,
            Self::Routine => 1,
            Self::Again => 2,
        }
    }

    /// Reads a code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|urgency| urgency.code() == code)
    }
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OutgoingState {
    /// It is to be sent, or was and is not acknowledged as a whole.
    Waiting,
    /// The other node has it. It is kept, for the other node may be restored from a backup.
    Acknowledged,
    /// It waited too long. The other node is to be told not to wait for it.
    Dead,
    /// The other node was told.
    Buried,
}

impl OutgoingState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Acknowledged, Self::Dead, Self::Buried];

    /// The code used where rows are kept.
    pub fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Acknowledged => "acknowledged",
            Self::Dead => "dead",
            Self::Buried => "buried",
        }
    }

    /// Reads a code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// Whether nothing is to be sent.
    pub fn is_finished(self) -> bool {
        matches!(self, Self::Acknowledged | Self::Buried)
    }
}

/// Some of the parts of a message.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct PartSet([u8; 32]);

impl PartSet {
    /// None of them.
    pub const NONE: Self = Self([0; 32]);

    /// The set with these bits, the first part in the lowest of the first byte.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bits.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn bit(number: u16) -> Option<(usize, u8)> {
        let index = number.checked_sub(1).filter(|index| *index < MOST_PARTS)?;
        Some((usize::from(index / 8), 1 << (index % 8)))
    }

    /// Whether the part of this number, from 1, is among them.
    pub fn contains(&self, number: u16) -> bool {
        let bit = Self::bit(number);
        bit.is_some_and(|(byte, bit)| self.0.get(byte).is_some_and(|byte| byte & bit != 0))
    }

    /// Adds the part of this number, from 1 to 256.
    pub fn insert(&mut self, number: u16) {
        if let Some((byte, bit)) = Self::bit(number)
            && let Some(byte) = self.0.get_mut(byte)
        {
            *byte |= bit;
        }
    }

    /// Takes the part of this number out.
    pub fn remove(&mut self, number: u16) {
        if let Some((byte, bit)) = Self::bit(number)
            && let Some(byte) = self.0.get_mut(byte)
        {
            *byte &= !bit;
        }
    }

    /// How many there are.
    pub fn count(&self) -> u16 {
        self.0.iter().fold(0, |count, byte| {
            count.saturating_add(u16::try_from(byte.count_ones()).unwrap_or_default())
        })
    }

    /// The first of so many parts that is not among them.
    pub fn first_missing(&self, count: u16) -> Option<u16> {
        (1..=count).find(|number| !self.contains(*number))
    }
}

impl fmt::Debug for PartSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries((1..=MOST_PARTS).filter(|number| self.contains(*number))).finish()
    }
}

/// How long to wait for an acknowledgement before sending again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The first time, in seconds. It doubles each time.
    pub first_s: u64,
    /// At most, in seconds.
    pub most_s: u64,
}

impl Patience {
    /// For polls every five minutes: until the next one at first, six hours at most.
    pub const POLL: Self = Self { first_s: 240, most_s: 6 * 3_600 };

    /// For files, which somebody carries: a week.
    pub const FILE: Self = Self { first_s: 7 * 86_400, most_s: 7 * 86_400 };

    fn after(self, round: u16) -> u64 {
        let doubled = 1_u64.checked_shl(u32::from(round)).unwrap_or(u64::MAX);
        self.first_s.saturating_mul(doubled).min(self.most_s)
    }
}

/// A message to one peer, without what it says. Public fields: it is a row, which the store keeps as
/// it is and hands back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The message.
    pub message: MessageDigest,
    /// In which conversation.
    pub conversation: Conversation,
    /// As which message of it, from 1, in this life of the own node.
    pub sequence: u64,
    /// As which message to this peer it was queued.
    pub order: u64,
    /// Which goes first. What stands before it in its conversation goes no later.
    pub urgency: Urgency,
    /// When it was queued.
    pub queued: Moment,
    /// When it is of no more use.
    pub expires: Moment,
    /// What became of it.
    pub state: OutgoingState,
    /// How many envelopes it takes: its parts, or the one that says it will not come.
    pub count: u16,
    /// Those that were acknowledged.
    pub acknowledged: PartSet,
    /// Those that were sent in this round, or need not be.
    pub sent: PartSet,
    /// How often all of it was sent.
    pub rounds: u16,
    /// When something of it is to be sent.
    pub due: Moment,
}

impl Outgoing {
    /// Whether something of it was sent since it was last queued.
    pub fn is_begun(&self) -> bool {
        self.rounds > 0 || self.sent != PartSet::NONE
    }

    /// Whether something of it is to be sent at this moment.
    pub fn is_due(&self, now: Moment) -> bool {
        !self.state.is_finished() && self.due <= now
    }

    /// The next envelope of it to be sent, which counts as sent from then on. In each round each is
    /// sent once that is not acknowledged; then it waits.
    pub(crate) fn send_next(&mut self, now: Moment, patience: Patience) -> Option<u16> {
        if !self.is_due(now) {
            return None;
        }
        if self.sent.first_missing(self.count).is_none() {
            self.sent = self.acknowledged;
        }
        let number = self.sent.first_missing(self.count)?;
        self.sent.insert(number);
        if self.sent.first_missing(self.count).is_none() {
            self.due = now.later(patience.after(self.rounds));
            self.rounds = self.rounds.saturating_add(1);
        }
        Some(number)
    }

    /// The other node has this envelope of it.
    pub(crate) fn acknowledge(&mut self, number: u16) {
        if self.state.is_finished() || !(1..=self.count).contains(&number) {
            return;
        }
        self.acknowledged.insert(number);
        self.sent.insert(number);
        if self.acknowledged.first_missing(self.count).is_none() {
            self.state = match self.state {
                OutgoingState::Waiting | OutgoingState::Acknowledged => OutgoingState::Acknowledged,
                OutgoingState::Dead | OutgoingState::Buried => OutgoingState::Buried,
            };
        }
    }

    /// The poll failed in which this envelope of it was sent, so that it goes with the next one.
    pub(crate) fn release(&mut self, now: Moment, number: u16) {
        if !self.state.is_finished() && !self.acknowledged.contains(number) {
            if self.sent.first_missing(self.count).is_none() {
                self.rounds = self.rounds.saturating_sub(1);
            }
            self.sent.remove(number);
            self.due = self.due.min(now);
        }
    }

    /// It waited too long.
    pub(crate) fn die(&mut self, now: Moment) {
        self.state = OutgoingState::Dead;
        self.count = 1;
        self.send_anew(now);
    }

    /// It is sent again from the beginning, because the other node may have lost it. What is too old
    /// to be taken there is not.
    pub(crate) fn resend(&mut self, now: Moment) {
        let last = self.queued.later(LONGEST_WAIT_S);
        match self.state {
            OutgoingState::Acknowledged if last > now => {
                self.state = OutgoingState::Waiting;
                self.urgency = Urgency::Again;
                self.expires = last;
                self.send_anew(now);
            }
            OutgoingState::Waiting => self.send_anew(now),
            OutgoingState::Acknowledged | OutgoingState::Dead | OutgoingState::Buried => {
                self.die(now);
            }
        }
    }

    pub(crate) fn send_anew(&mut self, now: Moment) {
        self.acknowledged = PartSet::NONE;
        self.sent = PartSet::NONE;
        self.rounds = 0;
        self.due = now;
    }
}
