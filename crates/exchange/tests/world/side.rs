//! A node that polls another one, with everything sealed and signed.

use super::{InboxRows, Node, OutboxRows, SeededRng};
use portcullis_exchange::outgoing::{Patience, Post, Urgency, enqueue, fill};
use portcullis_exchange::{
    Between, Conversation, EnvelopeDigest, Frame, FrameKind, FrameSize, Payload, Received, TakenAs,
    receive,
};
use portcullis_federation::{MemberList, Moment};
use portcullis_types::OrganisationId;

/// A node with what it keeps of one peer.
pub(crate) struct Side {
    pub(crate) node: Node,
    pub(crate) inbox: InboxRows,
    pub(crate) outbox: OutboxRows,
    pub(crate) rng: SeededRng,
    pub(crate) owed: Vec<EnvelopeDigest>,
}

impl Side {
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        let (inbox, outbox) = (InboxRows::default(), OutboxRows::default());
        Self { node: Node::new(name), inbox, outbox, rng: SeededRng::new(seed), owed: Vec::new() }
    }

    pub(crate) fn say(
        &mut self,
        now: Moment,
        to: &OrganisationId,
        conversation: u8,
        text: &[u8],
        urgency: Urgency,
    ) {
        let between = Between { sender: &self.node.id, recipient: to };
        let conversation = Conversation::from_bytes([conversation; 16]);
        let content = Payload::new(text.to_vec());
        let post = Post::new(now, conversation, content, urgency, None).unwrap();
        enqueue(&mut self.outbox, between, &post).unwrap();
    }

    pub(crate) fn frame(
        &mut self,
        now: Moment,
        list: &MemberList,
        to: &OrganisationId,
        kind: FrameKind,
    ) -> Frame {
        let sealer = self.node.sender(list).to(now, to).unwrap();
        let size = FrameSize::POLL;
        let envelopes =
            fill(&mut self.rng, &mut self.outbox, &sealer, size.count(), Patience::POLL).unwrap();
        let owed = std::mem::take(&mut self.owed);
        Frame::make(&mut self.rng, &sealer, kind, size, envelopes, &owed)
    }

    pub(crate) fn take(
        &mut self,
        now: Moment,
        list: &MemberList,
        frame: Frame,
        taken_as: TakenAs<'_>,
    ) -> Received {
        let believed = frame.taken_as(now, list, &self.node.id, taken_as).unwrap();
        let recipient = self.node.recipient(list);
        let received =
            receive(now, &mut self.inbox, &mut self.outbox, &recipient, &believed).unwrap();
        self.owed.clone_from(&received.taken);
        received
    }

    pub(crate) fn delivered(&self) -> Vec<&[u8]> {
        self.inbox.deliveries.iter().map(|delivery| &*delivery.content).collect()
    }
}

pub(crate) fn read(bytes: &[u8]) -> Frame {
    Frame::from_bytes(bytes).unwrap()
}

pub(crate) fn poll(
    now: Moment,
    list: &MemberList,
    asker: &mut Side,
    holder: &mut Side,
) -> [Received; 2] {
    let (a, h) = (asker.node.id.clone(), holder.node.id.clone());
    let request = asker.frame(now, list, &h, FrameKind::Request);
    let brought = read(&request.to_bytes());
    let of_request = holder.take(now, list, brought, TakenAs::Request { last: None });
    let answer = holder.frame(now, list, &a, FrameKind::Answer { to: request.digest() });
    let answer = read(&answer.to_bytes());
    let of_answer = asker.take(now, list, answer, TakenAs::AnswerTo(&request));
    [of_request, of_answer]
}
