//! Rows in memory, as a store would keep them: nothing but what each method says.

use portcullis_exchange::incoming::{Delivery, Inbox, OpenMessage, Thread};
use portcullis_exchange::outgoing::{Outbox, Outgoing, OutgoingState};
use portcullis_exchange::{Conversation, EnvelopeDigest, Incarnation, MessageDigest, Payload};
use portcullis_federation::Moment;
use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

#[derive(Clone, Default)]
pub(crate) struct OutboxRows {
    rows: BTreeMap<MessageDigest, Outgoing>,
    contents: BTreeMap<MessageDigest, Payload>,
    attempts: BTreeMap<EnvelopeDigest, (MessageDigest, u16)>,
    sequences: BTreeMap<Conversation, u64>,
    order: u64,
}

impl OutboxRows {
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Outgoing> {
        self.rows.values()
    }

    pub(crate) fn attempts(&self) -> usize {
        self.attempts.len()
    }

    fn sorted(&self) -> Vec<&Outgoing> {
        let mut rows: Vec<_> = self.rows.values().collect();
        rows.sort_by_key(|row| (row.conversation, row.sequence));
        rows
    }
}

impl Outbox for OutboxRows {
    type Error = Infallible;

    fn next_sequence(&mut self, conversation: Conversation) -> Result<u64, Infallible> {
        let next = self.sequences.entry(conversation).or_default();
        *next += 1;
        Ok(*next)
    }

    fn restart_sequences(&mut self) -> Result<(), Infallible> {
        self.sequences.clear();
        Ok(())
    }

    fn next_order(&mut self) -> Result<u64, Infallible> {
        self.order += 1;
        Ok(self.order)
    }

    fn insert(&mut self, row: &Outgoing, content: &Payload) -> Result<(), Infallible> {
        self.contents.insert(row.message, content.clone());
        self.update(row)
    }

    fn update(&mut self, row: &Outgoing) -> Result<(), Infallible> {
        self.rows.insert(row.message, row.clone());
        Ok(())
    }

    fn remove(&mut self, message: &MessageDigest) -> Result<(), Infallible> {
        self.rows.remove(message);
        self.contents.remove(message);
        self.forget_attempts(message)
    }

    fn row(&mut self, message: &MessageDigest) -> Result<Option<Outgoing>, Infallible> {
        Ok(self.rows.get(message).cloned())
    }

    fn content(&mut self, message: &MessageDigest) -> Result<Payload, Infallible> {
        Ok(self.contents.get(message).cloned().unwrap_or(Payload::new(Vec::new())))
    }

    fn drop_content(&mut self, message: &MessageDigest) -> Result<(), Infallible> {
        self.contents.remove(message);
        Ok(())
    }

    fn due(&mut self, now: Moment, most: usize) -> Result<Vec<Outgoing>, Infallible> {
        let unfinished = |row: &&Outgoing| {
            matches!(row.state, OutgoingState::Waiting | OutgoingState::Dead) && row.due <= now
        };
        let mut rows: Vec<_> = self.rows.values().filter(unfinished).cloned().collect();
        rows.sort_by_key(|row| (row.urgency, row.order));
        rows.truncate(most);
        Ok(rows)
    }

    fn begun_parts(&mut self) -> Result<u64, Infallible> {
        let begun = |row: &&Outgoing| row.state == OutgoingState::Waiting && row.is_begun();
        Ok(self.rows.values().filter(begun).map(|row| u64::from(row.count)).sum())
    }

    fn conversation(&mut self, conversation: Conversation) -> Result<Vec<Outgoing>, Infallible> {
        let of = |row: &&Outgoing| row.conversation == conversation;
        Ok(self.sorted().into_iter().filter(of).cloned().collect())
    }

    fn first_sequence(&mut self, conversation: Conversation) -> Result<Option<u64>, Infallible> {
        Ok(self.conversation(conversation)?.first().map(|row| row.sequence))
    }

    fn all(&mut self) -> Result<Vec<MessageDigest>, Infallible> {
        Ok(self.sorted().into_iter().map(|row| row.message).collect())
    }

    fn overdue(&mut self, now: Moment) -> Result<Vec<MessageDigest>, Infallible> {
        let overdue = |row: &&Outgoing| row.state == OutgoingState::Waiting && row.expires <= now;
        Ok(self.rows.values().filter(overdue).map(|row| row.message).collect())
    }

    fn finished_before(&mut self, queued: Moment) -> Result<Vec<Outgoing>, Infallible> {
        let finished = |row: &&Outgoing| row.state.is_finished() && row.queued <= queued;
        Ok(self.sorted().into_iter().filter(finished).cloned().collect())
    }

    fn attempt(
        &mut self,
        envelope: EnvelopeDigest,
        message: &MessageDigest,
        number: u16,
    ) -> Result<(), Infallible> {
        self.attempts.insert(envelope, (*message, number));
        Ok(())
    }

    fn attempted(
        &mut self,
        envelope: &EnvelopeDigest,
    ) -> Result<Option<(MessageDigest, u16)>, Infallible> {
        Ok(self.attempts.get(envelope).copied())
    }

    fn forget_attempts(&mut self, message: &MessageDigest) -> Result<(), Infallible> {
        self.attempts.retain(|_, (of, _)| of != message);
        Ok(())
    }
}

#[derive(Clone, Default)]
pub(crate) struct InboxRows {
    newest: Option<Incarnation>,
    next: BTreeMap<Thread, u64>,
    delivered: BTreeMap<MessageDigest, Moment>,
    open: BTreeMap<(Thread, u64), OpenMessage>,
    parts: BTreeMap<(Thread, u64, u16), Payload>,
    /// What was delivered, in order. Whoever reads it keeps it in the same transaction.
    pub(crate) deliveries: Vec<Delivery>,
}

impl InboxRows {
    pub(crate) fn remembered(&self) -> usize {
        self.delivered.len()
    }

    pub(crate) fn held(&self) -> (usize, usize) {
        (self.open.len(), self.parts.len())
    }
}

impl Inbox for InboxRows {
    type Error = Infallible;

    fn newest(&mut self) -> Result<Option<Incarnation>, Infallible> {
        Ok(self.newest)
    }

    fn set_newest(&mut self, incarnation: Incarnation) -> Result<(), Infallible> {
        self.newest = Some(incarnation);
        Ok(())
    }

    fn next(&mut self, thread: &Thread) -> Result<u64, Infallible> {
        Ok(self.next.get(thread).copied().unwrap_or(1))
    }

    fn set_next(&mut self, thread: &Thread, sequence: u64) -> Result<(), Infallible> {
        self.next.insert(*thread, sequence);
        Ok(())
    }

    fn was_delivered(&mut self, message: &MessageDigest) -> Result<bool, Infallible> {
        Ok(self.delivered.contains_key(message))
    }

    fn deliver(&mut self, delivery: Delivery) -> Result<(), Infallible> {
        self.delivered.insert(delivery.message, delivery.queued);
        self.deliveries.push(delivery);
        Ok(())
    }

    fn forget_delivered(&mut self, queued_before: Moment) -> Result<(), Infallible> {
        self.delivered.retain(|_, queued| *queued >= queued_before);
        Ok(())
    }

    fn open_parts(&mut self) -> Result<u64, Infallible> {
        Ok(self.open.values().map(|open| u64::from(open.count)).sum())
    }

    fn open(&mut self, thread: &Thread, sequence: u64) -> Result<Option<OpenMessage>, Infallible> {
        Ok(self.open.get(&(*thread, sequence)).cloned())
    }

    fn set_open(
        &mut self,
        thread: &Thread,
        sequence: u64,
        open: &OpenMessage,
    ) -> Result<(), Infallible> {
        self.open.insert((*thread, sequence), open.clone());
        Ok(())
    }

    fn remove_open(&mut self, thread: &Thread, sequence: u64) -> Result<(), Infallible> {
        self.open.remove(&(*thread, sequence));
        self.parts.retain(|(of, at, _), _| (of, *at) != (thread, sequence));
        Ok(())
    }

    fn open_in(&mut self, thread: &Thread) -> Result<Vec<u64>, Infallible> {
        let of = |((of, sequence), _): (&(Thread, u64), _)| (of == thread).then_some(*sequence);
        Ok(self.open.iter().filter_map(of).collect())
    }

    fn threads_with_older(&mut self, queued_before: Moment) -> Result<Vec<Thread>, Infallible> {
        let older = self.open.iter().filter(|(_, open)| open.queued < queued_before);
        let threads: BTreeSet<_> = older.map(|((thread, _), _)| *thread).collect();
        Ok(threads.into_iter().collect())
    }

    fn threads_before(&mut self, incarnation: Incarnation) -> Result<Vec<Thread>, Infallible> {
        let before = self.open.keys().filter(|(thread, _)| thread.incarnation < incarnation);
        let threads: BTreeSet<_> = before.map(|(thread, _)| *thread).collect();
        Ok(threads.into_iter().collect())
    }

    fn part(
        &mut self,
        thread: &Thread,
        sequence: u64,
        number: u16,
    ) -> Result<Option<Payload>, Infallible> {
        Ok(self.parts.get(&(*thread, sequence, number)).cloned())
    }

    fn set_part(
        &mut self,
        thread: &Thread,
        sequence: u64,
        number: u16,
        part: &Payload,
    ) -> Result<(), Infallible> {
        self.parts.insert((*thread, sequence, number), part.clone());
        Ok(())
    }
}
