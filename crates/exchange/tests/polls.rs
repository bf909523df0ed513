//! One poll after the other between two nodes, and what each refuses.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod world;

use portcullis_exchange::incoming::Life;
use portcullis_exchange::outgoing::{
    Outbox as _, OutgoingState, Post, Urgency, acknowledge, begin_anew, enqueue, expire, release,
};
use portcullis_exchange::{
    Between, Conversation, EnvelopeDigest, FrameKind, Incarnation, MESSAGE_BYTES, PART_BYTES,
    Payload, TakenAs,
};
use portcullis_federation::MemberList;
use world::*;

fn pair() -> (MemberList, Side, Side) {
    (list(&["party-a", "service-x"]), Side::new("party-a", 1), Side::new("service-x", 2))
}

// THREATS T-42
#[test]
fn one_poll_carries_both_ways_and_the_next_one_the_last_acknowledgement() {
    let (list, mut party, mut service) = pair();
    let to = service.node.id.clone();
    party.say(at(5), &to, 1, b"an enquiry", Urgency::Routine);
    let to = party.node.id.clone();
    service.say(at(6), &to, 2, b"a warning", Urgency::Routine);
    let [of_request, of_answer] = poll(at(300), &list, &mut party, &mut service);
    assert_eq!(service.delivered(), [b"an enquiry"]);
    assert_eq!(party.delivered(), [b"a warning"]);
    assert_eq!((of_request.taken.len(), of_answer.taken.len()), (4, 4));
    assert_eq!(of_answer.arrived.len(), 1, "the answer acknowledges");
    let [of_request, _] = poll(at(600), &list, &mut party, &mut service);
    assert_eq!(of_request.arrived.len(), 1, "the next request acknowledges");
    assert_eq!((party.outbox.attempts(), service.outbox.attempts()), (0, 0));
    assert_eq!((service.delivered().len(), party.delivered().len()), (1, 1));
}

// THREATS T-42
#[test]
fn a_message_of_many_parts_arrives_as_it_was() {
    let (list, mut party, mut service) = pair();
    let to = service.node.id.clone();
    let text: Vec<u8> = (0..=PART_BYTES * 10).map(|at| u8::try_from(at % 251).unwrap()).collect();
    party.say(at(0), &to, 1, &text, Urgency::Routine);
    for tick in 1..=2 {
        poll(at(tick * 300), &list, &mut party, &mut service);
        assert!(service.delivered().is_empty(), "eleven parts take three polls");
    }
    poll(at(900), &list, &mut party, &mut service);
    assert_eq!(service.delivered(), [text]);
    assert_eq!(service.inbox.held(), (0, 0));
    let all = Payload::new(vec![1; MESSAGE_BYTES + 1]);
    let conversation = Conversation::from_bytes([1; 16]);
    assert!(Post::new(at(0), conversation, all, Urgency::Routine, None).is_err());
}

// THREATS T-40
#[test]
fn every_poll_has_the_same_length_whatever_waits() {
    let (list, mut party, mut service) = pair();
    let (p, s) = (party.node.id.clone(), service.node.id.clone());
    let mut lengths = Vec::new();
    for tick in 1..=4 {
        if tick == 2 {
            party.say(at(600), &s, 1, &[7; 5], Urgency::Urgent);
            party.say(at(600), &s, 2, &vec![7; 50_000], Urgency::Routine);
            service.say(at(600), &p, 3, &vec![7; 200_000], Urgency::Routine);
        }
        let request = party.frame(at(tick * 300), &list, &s, FrameKind::Request);
        let answer =
            service.frame(at(tick * 300), &list, &p, FrameKind::Answer { to: request.digest() });
        lengths.push((request.to_bytes().len(), answer.to_bytes().len()));
    }
    // 20 + 1 + 1 + 8 + 32 + 2, the two ids with two bytes each, 4 times 32 and 16,384, 64.
    let expected = 64 + (2 + 7) + (2 + 9) + 4 * (32 + 16_384) + 64;
    assert_eq!(lengths, [(expected, expected); 4]);
}

// THREATS T-42
#[test]
fn what_is_urgent_overtakes_other_conversations_and_never_its_own() {
    let (list, mut party, mut service) = pair();
    let to = service.node.id.clone();
    party.say(at(0), &to, 1, &vec![1; 60_000], Urgency::Routine);
    party.say(at(1), &to, 2, b"first", Urgency::Routine);
    party.say(at(2), &to, 2, b"second", Urgency::Urgent);
    poll(at(300), &list, &mut party, &mut service);
    assert_eq!(service.delivered(), [b"first".as_slice(), b"second"]);
    poll(at(600), &list, &mut party, &mut service);
    assert_eq!(service.delivered().len(), 3);
}

// THREATS T-42
#[test]
fn what_expires_is_a_dead_letter_and_the_next_one_does_not_wait_for_it() {
    let (list, mut party, mut service) = pair();
    let to = service.node.id.clone();
    let between = Between { sender: &party.node.id, recipient: &to };
    let conversation = Conversation::from_bytes([1; 16]);
    let post = |now, text: &[u8], expires| {
        Post::new(now, conversation, Payload::new(text.to_vec()), Urgency::Routine, expires)
            .unwrap()
    };
    let first = post(at(0), b"tonight", Some(at(100)));
    let first = enqueue(&mut party.outbox, between, &first).unwrap();
    enqueue(&mut party.outbox, between, &post(at(1), b"tomorrow", None)).unwrap();
    assert_eq!(expire(at(99), &mut party.outbox).unwrap(), []);
    assert_eq!(expire(at(100), &mut party.outbox).unwrap(), [first]);
    assert_eq!(party.outbox.content(&first).unwrap().len(), 0);
    poll(at(300), &list, &mut party, &mut service);
    assert_eq!(service.delivered(), [b"tomorrow"]);
    assert_eq!(party.outbox.row(&first).unwrap().unwrap().state, OutgoingState::Buried);
}

// THREATS T-42
#[test]
fn what_a_failed_poll_held_goes_with_the_next_one() {
    let (list, mut party, mut service) = pair();
    let to = service.node.id.clone();
    party.say(at(0), &to, 1, &vec![9; 30_000], Urgency::Routine);
    let failed = party.frame(at(300), &list, &to, FrameKind::Request);
    for envelope in failed.envelopes() {
        release(at(301), &mut party.outbox, &envelope.digest()).unwrap();
    }
    poll(at(600), &list, &mut party, &mut service);
    assert_eq!(service.delivered(), [vec![9; 30_000]]);
}

// THREATS T-41
#[test]
fn what_was_not_taken_is_not_acknowledged_and_comes_again() {
    let (list, mut party, mut service) = pair();
    let to = service.node.id.clone();
    party.say(at(0), &to, 1, b"an enquiry", Urgency::Routine);
    // The service has not heard yet of the key that the party signs with.
    let mut newer = list.clone();
    rotate(&mut newer, "party-a", 1, at(0).later(200));
    party.node.signer = signer("party-a", 1);
    let request = party.frame(at(300), &newer, &to, FrameKind::Request);
    let refused = read(&request.to_bytes())
        .taken_as(at(300), &list, &service.node.id, TakenAs::Request { last: None })
        .unwrap_err();
    assert_eq!(refused.code(), "bad-signature");
    for digest in request.envelopes().iter().map(portcullis_exchange::Envelope::digest) {
        assert_eq!(party.outbox.attempts(), 1);
        release(at(301), &mut party.outbox, &digest).unwrap();
    }
    poll(at(600), &newer, &mut party, &mut service);
    assert_eq!(service.delivered(), [b"an enquiry"]);
}

// THREATS T-42
#[test]
fn a_restored_node_gets_again_what_it_lost_and_nothing_twice() {
    let (list, mut party, mut service) = pair();
    let (p, s) = (party.node.id.clone(), service.node.id.clone());
    service.say(at(0), &p, 1, b"one", Urgency::Routine);
    poll(at(300), &list, &mut party, &mut service);
    let backup = party.inbox.clone();
    service.say(at(301), &p, 1, b"two", Urgency::Routine);
    party.say(at(302), &s, 2, b"a report", Urgency::Routine);
    poll(at(600), &list, &mut party, &mut service);
    poll(at(900), &list, &mut party, &mut service);
    assert_eq!(party.delivered(), [b"one", b"two"]);
    party.inbox = backup;
    party.node.incarnation = Incarnation::begin(at(1_000), &mut party.rng);
    begin_anew(at(1_000), &mut party.outbox).unwrap();
    let [of_request, _] = poll(at(1_200), &list, &mut party, &mut service);
    assert_eq!(of_request.life, Some(Life::New));
    poll(at(1_500), &list, &mut party, &mut service);
    assert_eq!(party.delivered(), [b"one", b"two"]);
    assert_eq!(service.delivered(), [b"a report"], "sent in both lives and taken once");
}

// THREATS T-41
#[test]
fn an_acknowledgement_of_what_nobody_sent_changes_nothing() {
    let (_, mut party, _) = pair();
    let digest = EnvelopeDigest::from_bytes([3; 32]);
    assert_eq!(acknowledge(&mut party.outbox, &digest).unwrap(), None);
}
