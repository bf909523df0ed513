//! What becomes of single envelopes, in orders that are rare.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod world;

use portcullis_exchange::incoming::{Life, RefusedPart, Taken, notice, take, tidy};
use portcullis_exchange::outgoing::{
    Outbox as _, OutgoingState, Patience, Post, Urgency, acknowledge, choose, enqueue, expire,
    forget, resend_all,
};
use portcullis_exchange::{
    Between, Conversation, EnvelopeDigest, Incarnation, LONGEST_WAIT_S, MessageDigest, Opened,
    PART_BYTES, Part, Payload, Position, Received, STALE_S, Said, message_digest, receive_opened,
};
use portcullis_federation::Moment;
use portcullis_types::OrganisationId;
use world::*;

const CONVERSATION: Conversation = Conversation::from_bytes([5; 16]);

/// The lives of a sender's node, the first one first.
fn life(number: u8) -> Incarnation {
    Incarnation::from_bytes([number; 16])
}

struct Receiver {
    sender: OrganisationId,
    own: OrganisationId,
    inbox: InboxRows,
}

/// One message of the sender, said a number of seconds after the founding.
#[derive(Clone, Copy)]
struct Text<'t>(&'t str, u64);

impl Receiver {
    fn new() -> Self {
        Self { sender: id("service-x"), own: id("party-a"), inbox: InboxRows::default() }
    }

    fn between(&self) -> Between<'_> {
        Between { sender: &self.sender, recipient: &self.own }
    }

    /// The half of a text: each has two parts, and the first is filled up with itself.
    fn part(&self, text: Text<'_>, sequence: u64, floor: u64, number: u16) -> Said {
        let content: Vec<u8> = text.0.bytes().cycle().take(PART_BYTES + 1).collect();
        let queued = at(text.1);
        let payload = content.chunks(PART_BYTES).nth(usize::from(number) - 1).unwrap().to_vec();
        Said::Part(Part {
            place: Position { conversation: CONVERSATION, sequence, floor },
            message: message_digest(self.between(), CONVERSATION, queued, &content),
            queued,
            number,
            count: 2,
            payload: Payload::new(payload),
        })
    }

    fn take(&mut self, incarnation: Incarnation, said: Said) -> Taken {
        let life = notice(&mut self.inbox, incarnation).unwrap();
        let opened = Opened { incarnation, sealed: at(100), said };
        let between = Between { sender: &self.sender, recipient: &self.own };
        take(&mut self.inbox, between, life, &opened).unwrap()
    }

    fn whole(&mut self, incarnation: Incarnation, text: Text<'_>, sequence: u64) {
        for number in 1..=2 {
            let said = self.part(text, sequence, 1, number);
            assert_eq!(self.take(incarnation, said), Taken::Acknowledge);
        }
    }

    fn void(&mut self, incarnation: Incarnation, sequence: u64) {
        let place = Position { conversation: CONVERSATION, sequence, floor: 1 };
        assert_eq!(self.take(incarnation, Said::Void(place)), Taken::Acknowledge);
    }

    fn delivered(&self) -> String {
        self.inbox.deliveries.iter().map(|one| char::from(*one.content.first().unwrap())).collect()
    }
}

const A: Text<'_> = Text("a", 1);
const B: Text<'_> = Text("b", 2);
const C: Text<'_> = Text("c", 3);

// THREATS T-42
#[test]
fn what_comes_before_its_turn_waits_and_then_goes_in_order() {
    let mut receiver = Receiver::new();
    receiver.whole(life(1), C, 3);
    receiver.whole(life(1), B, 2);
    assert_eq!(receiver.delivered(), "");
    receiver.whole(life(1), A, 1);
    assert_eq!(receiver.delivered(), "abc");
    receiver.whole(life(1), B, 2);
    assert_eq!(receiver.delivered(), "abc");
    assert_eq!(receiver.inbox.held(), (0, 0));
}

// THREATS T-42
#[test]
fn with_a_new_life_what_was_held_is_delivered_for_nobody_fills_the_gap_any_more() {
    let mut receiver = Receiver::new();
    receiver.whole(life(1), B, 2);
    receiver.whole(life(1), C, 3);
    receiver.take(life(2), Said::Decoy);
    assert_eq!(receiver.delivered(), "bc");
}

// THREATS T-42
#[test]
fn what_comes_late_from_an_earlier_life_is_delivered_as_soon_as_it_is_whole() {
    let mut receiver = Receiver::new();
    receiver.take(life(2), Said::Decoy);
    receiver.whole(life(1), C, 3);
    assert_eq!(receiver.delivered(), "c");
    receiver.whole(life(1), A, 1);
    receiver.whole(life(1), A, 1);
    assert_eq!(receiver.delivered(), "ca");
}

// THREATS T-42
#[test]
fn a_message_of_two_lives_is_delivered_once_whichever_is_whole_first() {
    let mut receiver = Receiver::new();
    receiver.whole(life(2), B, 2);
    receiver.whole(life(1), B, 7);
    assert_eq!(receiver.delivered(), "b");
    receiver.whole(life(2), A, 1);
    assert_eq!(receiver.delivered(), "ba");
    receiver.whole(life(2), C, 3);
    assert_eq!(receiver.delivered(), "bac");
}

// THREATS T-42
#[test]
fn what_will_not_come_is_not_waited_for_and_what_came_is_kept_all_the_same() {
    let mut receiver = Receiver::new();
    receiver.whole(life(1), B, 2);
    receiver.void(life(1), 2);
    receiver.void(life(1), 3);
    receiver.void(life(1), 1);
    assert_eq!(receiver.delivered(), "b");
    receiver.whole(life(1), C, 4);
    assert_eq!(receiver.delivered(), "bc");
}

// THREATS T-42
#[test]
fn what_stands_below_the_floor_is_not_waited_for() {
    let mut receiver = Receiver::new();
    receiver.whole(life(1), A, 2);
    let begun = receiver.part(B, 3, 1, 1);
    receiver.take(life(1), begun);
    for number in 1..=2 {
        let said = receiver.part(C, 5, 5, number);
        receiver.take(life(1), said);
    }
    assert_eq!(receiver.delivered(), "ac");
    assert_eq!(receiver.inbox.held(), (0, 0));
}

// THREATS T-41
#[test]
fn something_else_in_a_place_that_is_taken_is_refused_and_not_acknowledged() {
    let conflicting = Taken::Refused(RefusedPart::Conflicting);
    let mut receiver = Receiver::new();
    let (one, other) = (receiver.part(A, 1, 1, 1), receiver.part(B, 1, 1, 1));
    assert_eq!(receiver.take(life(1), one.clone()), Taken::Acknowledge);
    assert_eq!(receiver.take(life(1), one), Taken::Acknowledge);
    assert_eq!(receiver.take(life(1), other.clone()), conflicting);
    receiver.whole(life(1), A, 1);
    assert_eq!(receiver.take(life(1), other), conflicting, "its sender's store went back");
    assert_eq!(receiver.delivered(), "a");
}

// THREATS T-41
#[test]
fn another_text_under_the_same_part_is_refused() {
    let mut receiver = Receiver::new();
    let one = receiver.part(A, 1, 1, 1);
    let Said::Part(mut part) = one.clone() else { unreachable!("it is a part") };
    part.payload = Payload::new(vec![0; PART_BYTES]);
    assert_eq!(receiver.take(life(1), one), Taken::Acknowledge);
    let refused = receiver.take(life(1), Said::Part(part));
    assert_eq!(refused, Taken::Refused(RefusedPart::Conflicting));
}

// THREATS T-41
#[test]
fn parts_that_do_not_make_the_message_they_name_are_refused() {
    let mut receiver = Receiver::new();
    let one = receiver.part(A, 1, 1, 1);
    receiver.take(life(1), one);
    let Said::Part(mut part) = receiver.part(A, 1, 1, 2) else { unreachable!("it is a part") };
    part.payload = Payload::new(vec![0]);
    let refused = receiver.take(life(1), Said::Part(part));
    assert_eq!(refused, Taken::Refused(RefusedPart::Garbled));
    assert_eq!((receiver.delivered(), receiver.inbox.held()), (String::new(), (0, 0)));
}

// THREATS T-41
#[test]
fn a_sender_that_finishes_nothing_is_held_to_its_share() {
    let mut receiver = Receiver::new();
    let queued = at(1);
    let begin = |sequence: u64| {
        let mut message = [0; 32];
        message.iter_mut().zip(sequence.to_be_bytes()).for_each(|(byte, from)| *byte = from);
        let message = MessageDigest::from_bytes(message);
        let payload = Payload::new(vec![1; PART_BYTES]);
        let place = Position { conversation: CONVERSATION, sequence, floor: 1 };
        Said::Part(Part { place, message, queued, number: 1, count: 256, payload })
    };
    // 16 messages of 256 parts are 4,096.
    for sequence in 2..18 {
        assert_eq!(receiver.take(life(1), begin(sequence)), Taken::Acknowledge);
    }
    assert_eq!(receiver.take(life(1), begin(18)), Taken::Refused(RefusedPart::Full));
    let Said::Part(mut part) = begin(2) else { unreachable!("it is a part") };
    part.number = 2;
    assert_eq!(
        receiver.take(life(1), Said::Part(part)),
        Taken::Acknowledge,
        "what is begun goes on"
    );
    receiver.void(life(1), 2);
    assert_eq!(receiver.take(life(1), begin(18)), Taken::Acknowledge);
}

// THREATS T-42
#[test]
fn after_eight_weeks_a_gap_is_given_up_and_what_was_held_behind_it_is_delivered() {
    let mut receiver = Receiver::new();
    receiver.whole(life(1), A, 2);
    let late = Text("z", 1_000);
    receiver.whole(life(1), late, 4);
    tidy(at(STALE_S + 1), &mut receiver.inbox).unwrap();
    assert_eq!(receiver.delivered(), "");
    tidy(at(STALE_S + 2), &mut receiver.inbox).unwrap();
    assert_eq!(receiver.delivered(), "a");
    tidy(at(STALE_S + 1_001), &mut receiver.inbox).unwrap();
    assert_eq!(receiver.delivered(), "az");
    // A day more than it could be taken again.
    tidy(at(STALE_S + 86_400 + 1), &mut receiver.inbox).unwrap();
    assert_eq!(receiver.inbox.remembered(), 2);
    tidy(at(STALE_S + 86_400 + 2), &mut receiver.inbox).unwrap();
    assert_eq!(receiver.inbox.remembered(), 1);
}

fn queue(
    outbox: &mut OutboxRows,
    now: Moment,
    text: &str,
    expires: Option<Moment>,
) -> MessageDigest {
    let (sender, recipient) = (id("party-a"), id("service-x"));
    let between = Between { sender: &sender, recipient: &recipient };
    let content = Payload::new(text.bytes().collect());
    let post = Post::new(now, CONVERSATION, content, Urgency::Routine, expires).unwrap();
    enqueue(outbox, between, &post).unwrap()
}

/// Sends what is due, each in an envelope with this digest.
fn send(outbox: &mut OutboxRows, now: Moment, digest: u8) -> Vec<Said> {
    let digest = EnvelopeDigest::from_bytes([digest; 32]);
    let chosen = choose(now, outbox, 1, Patience::POLL).unwrap();
    for one in &chosen {
        outbox.attempt(digest, &one.message, one.number).unwrap();
    }
    chosen.into_iter().map(|one| one.said).collect()
}

fn acknowledged(outbox: &mut OutboxRows, digest: u8) {
    acknowledge(outbox, &EnvelopeDigest::from_bytes([digest; 32])).unwrap();
}

// THREATS T-42
#[test]
fn that_a_part_arrived_does_not_say_that_the_other_node_knows_it_expired() {
    let mut outbox = OutboxRows::default();
    let message = queue(&mut outbox, at(0), "tonight", Some(at(100)));
    send(&mut outbox, at(1), 1);
    expire(at(100), &mut outbox).unwrap();
    acknowledged(&mut outbox, 1);
    assert_eq!(outbox.row(&message).unwrap().unwrap().state, OutgoingState::Dead);
    assert!(matches!(send(&mut outbox, at(101), 2)[..], [Said::Void(_)]));
    acknowledged(&mut outbox, 2);
    assert_eq!(outbox.row(&message).unwrap().unwrap().state, OutgoingState::Buried);
}

// THREATS T-42
#[test]
fn what_an_earlier_life_acknowledged_does_not_count_for_the_one_after() {
    let (sender, own) = (id("service-x"), id("party-a"));
    let between = Between { sender: &sender, recipient: &own };
    let (mut inbox, mut outbox) = (InboxRows::default(), OutboxRows::default());
    queue(&mut outbox, at(0), "a report", None);
    send(&mut outbox, at(1), 1);
    let mut receive = |number, outbox: &mut OutboxRows| -> Received {
        let opened = Opened { incarnation: life(number), sealed: at(2), said: Said::Decoy };
        let envelopes = vec![(EnvelopeDigest::from_bytes([99; 32]), Ok(opened))];
        let acknowledged = [EnvelopeDigest::from_bytes([1; 32])];
        receive_opened(at(2), &mut inbox, outbox, between, envelopes, &acknowledged).unwrap()
    };
    receive(2, &mut outbox);
    let message = queue(&mut outbox, at(3), "another", None);
    send(&mut outbox, at(4), 1);
    let received = receive(1, &mut outbox);
    assert_eq!((received.life, received.arrived.len()), (Some(Life::Past), 0));
    assert_eq!(receive(2, &mut outbox).arrived, [message]);
}

// THREATS T-42
#[test]
fn what_was_acknowledged_is_kept_seven_weeks_and_forgotten_from_the_beginning_on() {
    let mut outbox = OutboxRows::default();
    let first = queue(&mut outbox, at(0), "first", None);
    let second = queue(&mut outbox, at(10), "second", None);
    send(&mut outbox, at(11), 1);
    send(&mut outbox, at(11), 2);
    acknowledged(&mut outbox, 2);
    assert_eq!(forget(at(LONGEST_WAIT_S + 20), &mut outbox).unwrap(), [], "the first is missing");
    acknowledged(&mut outbox, 1);
    assert_eq!(forget(at(LONGEST_WAIT_S - 1), &mut outbox).unwrap(), []);
    assert_eq!(forget(at(LONGEST_WAIT_S), &mut outbox).unwrap(), [first]);
    queue(&mut outbox, at(20), "third", None);
    resend_all(at(21), &mut outbox).unwrap();
    let [Said::Part(third)] = &send(&mut outbox, at(21), 3)[..] else { unreachable!("a part") };
    // What was never acknowledged goes before what may be there already, and says where to begin.
    assert_eq!((third.place.sequence, third.place.floor), (3, 2));
    assert_eq!(outbox.row(&second).unwrap().unwrap().urgency, Urgency::Again);
}
