//! Polls and files between two nodes, on each kind of store.

use crate::on_both;
use crate::world::{TEST, World, size};
use portcullis_exchange::outgoing::{OutgoingState, Urgency};
use portcullis_exchange::{ENVELOPE_BYTES, PART_BYTES, TakenAs};
use portcullis_store::{ExchangeError, Link, StoreError};

on_both! {
    a_poll_carries_both_ways_and_each_is_told_of,
    a_message_of_many_parts_arrives_as_it_was,
    what_is_urgent_goes_first,
    a_request_is_taken_once,
    what_is_not_kept_is_not_acknowledged,
    a_poll_that_failed_is_made_up_for_by_the_next_one,
    a_message_is_handled_once_with_what_comes_of_it,
    a_message_is_queued_once_and_only_with_what_it_tells_of,
    what_waited_too_long_is_given_up_and_told,
    a_file_carries_the_same_and_may_be_taken_twice,
    what_is_by_somebody_else_is_not_taken,
    nothing_is_sealed_to_whom_the_list_does_not_name,
    a_poll_is_as_long_whatever_waits,
    what_is_refused_is_counted_by_name_and_told_once_a_day,
}

// THREATS T-42
fn a_poll_carries_both_ways_and_each_is_told_of(world: &mut World) {
    let enquiry = world.say(0, 1, b"an enquiry");
    world.say(1, 2, b"a warning");
    let [of_request, of_answer] = world.poll(0);
    assert_eq!(world.nodes[1].said(), [b"an enquiry"]);
    assert_eq!(world.nodes[0].said(), [b"a warning"]);
    assert_eq!((of_request.received.taken.len(), of_answer.received.taken.len()), (2, 2));
    assert_eq!(of_answer.received.arrived, [enquiry], "the answer acknowledges");
    let [of_request, _] = world.poll(0);
    assert_eq!(of_request.received.arrived.len(), 1, "the next request acknowledges");
    world.poll(0);
    let told = ["exchange.queued", "exchange.life-began", "exchange.delivered"];
    let [first, second] = [0, 1].map(|node| world.nodes[node].events());
    for events in [&first, &second] {
        for kind in told.iter().chain(&["exchange.acknowledged"]) {
            assert_eq!(events.iter().filter(|event| event == kind).count(), 1, "{kind}");
        }
        assert_eq!(events.len(), 4, "decoys and parts are not told of: {events:?}");
    }
    let arrival = &world.nodes[1].arrivals()[0];
    assert_eq!(arrival.message, enquiry);
    assert_eq!(arrival.peer.as_str(), "party-a");
    assert_eq!(arrival.conversation.as_bytes(), &[1; 16]);
}

// THREATS T-42
fn a_message_of_many_parts_arrives_as_it_was(world: &mut World) {
    let text: Vec<u8> = (0..=PART_BYTES * 5).map(|at| u8::try_from(at % 251).unwrap()).collect();
    world.say(0, 1, &text);
    world.say(0, 1, b"and that is all");
    for _ in 0..3 {
        assert!(world.nodes[1].said().is_empty(), "six parts take three polls");
        world.poll(0);
        world.nodes[1].start_again();
    }
    assert_eq!(world.nodes[1].said(), [text]);
    world.poll(0);
    assert_eq!(world.nodes[1].said().len(), 2);
}

fn what_is_urgent_goes_first(world: &mut World) {
    world.say(0, 1, &vec![1; PART_BYTES * 3]);
    world.wait(1);
    world.say(0, 2, b"before");
    world.wait(1);
    world.say_as(0, 2, b"tonight", (Urgency::Urgent, None));
    world.poll(0);
    assert_eq!(world.nodes[1].said(), [b"before".as_slice(), b"tonight"]);
}

// THREATS T-41
fn a_request_is_taken_once(world: &mut World) {
    world.say(0, 1, b"an enquiry");
    world.wait(1);
    let request = world.ask(0);
    // Both looked before either was taken.
    let believed = world.believe(1, &request, TakenAs::Request { last: None });
    world.answer(1, &request);
    let again = world.at(1, |w, clock, link| w.answer_request(clock, link, &believed));
    assert!(matches!(again, Err(ExchangeError::Replayed { .. })), "{again:?}");
    assert_eq!(world.nodes[1].said().len(), 1);
}

// THREATS T-42
fn what_is_not_kept_is_not_acknowledged(world: &mut World) {
    let message = world.say(0, 1, b"an enquiry");
    world.wait(1);
    let request = world.ask(0);
    let believed = world.believe(1, &request, TakenAs::Request { last: None });
    // The node stops after everything was done, and before it is kept.
    let stopped = world.at(1, |w, clock, link| {
        let (brought, _) = w.answer_request(clock, link, &believed)?;
        assert_eq!(brought.received.taken.len(), 2);
        Err::<(), _>(StoreError::Overtaken { what: "test" }.into())
    });
    assert!(stopped.is_err());
    world.nodes[1].start_again();
    assert!(world.nodes[1].said().is_empty());
    assert!(world.nodes[1].events().is_empty(), "no state, no event");
    let state = |world: &mut World| {
        let (organisation, peer) = (world.nodes[0].organisation.clone(), world.nodes[1].id.clone());
        let row =
            world.nodes[0].store().read(|r| r.outgoing_message(&organisation, &peer, &message));
        row.map_err(|error: StoreError| error).unwrap().unwrap().state
    };
    assert_eq!(state(world), OutgoingState::Waiting);
    // Nor is what the asker did not keep: it waits until it would be sent again.
    world.wait(300);
    world.poll(0);
    assert_eq!(world.nodes[1].said(), [b"an enquiry"]);
    assert_eq!(state(world), OutgoingState::Acknowledged);
}

fn a_poll_that_failed_is_made_up_for_by_the_next_one(world: &mut World) {
    world.say(0, 1, b"an enquiry");
    world.wait(1);
    let request = world.ask(0);
    world.at(0, |w, clock, link| w.poll_failed(clock, link, &request)).unwrap();
    world.poll(0);
    assert_eq!(world.nodes[1].said(), [b"an enquiry"]);
}

// THREATS T-42
fn a_message_is_handled_once_with_what_comes_of_it(world: &mut World) {
    world.say(0, 1, b"first");
    world.wait(1);
    world.say(0, 1, b"second");
    world.poll(0);
    let arrivals = world.nodes[1].arrivals();
    assert!(arrivals[0].position < arrivals[1].position);
    let organisation = world.nodes[1].organisation.clone();
    let position = arrivals[0].position;
    let failed: Result<(), StoreError> = world.nodes[1].store().write(TEST, |w| {
        w.message_handled(&organisation, position)?;
        Err(StoreError::Overtaken { what: "test" })
    });
    assert!(failed.is_err());
    assert_eq!(world.nodes[1].said().len(), 2, "what came of it was not kept, either");
    let handle = |world: &mut World| -> Result<(), StoreError> {
        world.nodes[1].store().write(TEST, |w| w.message_handled(&organisation, position))
    };
    handle(world).unwrap();
    assert!(matches!(handle(world), Err(StoreError::Overtaken { what: "message" })));
    assert_eq!(world.nodes[1].said(), [b"second"]);
    // It is not taken again, either.
    world.poll(0);
    assert_eq!(world.nodes[1].said(), [b"second"]);
    let store = world.nodes[1].store();
    let (number, oldest) = store
        .read(|r| r.arrivals_waiting(&organisation))
        .map_err(|error: StoreError| error)
        .unwrap();
    assert_eq!((number, oldest.is_some()), (1, true));
}

fn a_message_is_queued_once_and_only_with_what_it_tells_of(world: &mut World) {
    let first = world.say(0, 1, b"an enquiry");
    let again = world.say(0, 1, b"an enquiry");
    assert_eq!(first, again, "in one conversation and second it is one message");
    world.wait(1);
    assert_ne!(world.say(0, 1, b"an enquiry"), first);
    world.poll(0);
    assert_eq!(world.nodes[1].said().len(), 2);
    let events = world.nodes[0].events();
    assert_eq!(events.iter().filter(|kind| *kind == "exchange.queued").count(), 2);
}

// THREATS T-42
fn what_waited_too_long_is_given_up_and_told(world: &mut World) {
    let expires = world.now().later(100);
    let first = world.say_as(0, 1, b"tonight", (Urgency::Urgent, Some(expires)));
    world.say(0, 1, b"tomorrow");
    world.wait(100);
    let organisation = world.nodes[0].organisation.clone();
    let tidied = world.at(0, |w, clock, _| Ok(w.tidy_exchange(clock, &organisation)?)).unwrap();
    assert_eq!(tidied.given_up, [(world.nodes[1].id.clone(), first)]);
    assert!(world.nodes[0].events().contains(&"exchange.given-up".to_owned()));
    world.poll(0);
    assert_eq!(world.nodes[1].said(), [b"tomorrow"], "the next one does not wait for it");
}

// THREATS T-42
fn a_file_carries_the_same_and_may_be_taken_twice(world: &mut World) {
    world.say(0, 1, b"an enquiry");
    world.say(0, 2, &vec![3; PART_BYTES * 6]);
    world.wait(1);
    let file = world.at(0, |w, clock, link| w.make_file(clock, link)).unwrap();
    assert_eq!(file.size().count(), 16, "seven envelopes are filled up to sixteen");
    for _ in 0..2 {
        world.wait(3_600);
        let believed = world.believe(1, &file, TakenAs::File);
        world.at(1, |w, clock, link| w.take_file(clock, link, &believed)).unwrap();
        assert_eq!(world.nodes[1].said().len(), 2);
    }
    let back = world.at(1, |w, clock, link| w.make_file(clock, link)).unwrap();
    assert_eq!(back.size().count(), 16, "there are sixteen to acknowledge");
    let believed = world.believe(0, &back, TakenAs::File);
    let brought = world.at(0, |w, clock, link| w.take_file(clock, link, &believed)).unwrap();
    assert_eq!(brought.received.arrived.len(), 2);
}

fn what_is_by_somebody_else_is_not_taken(world: &mut World) {
    world.wait(1);
    let request = world.ask(0);
    let believed = world.believe(1, &request, TakenAs::Request { last: None });
    let other = portcullis_types::OrganisationId::new("party-b").unwrap();
    let refused = world
        .at(1, |w, clock, link| w.answer_request(clock, Link { peer: &other, ..link }, &believed));
    assert!(matches!(refused, Err(ExchangeError::OtherSender { .. })), "{refused:?}");
}

fn nothing_is_sealed_to_whom_the_list_does_not_name(world: &mut World) {
    world.say(0, 1, b"an enquiry");
    let other = portcullis_types::OrganisationId::new("party-b").unwrap();
    let refused = world
        .at(0, |w, clock, link| w.make_request(clock, Link { peer: &other, ..link }, size(), 1));
    assert!(matches!(refused, Err(ExchangeError::Seal(_))), "{refused:?}");
    assert_eq!(world.nodes[0].events(), ["exchange.queued"], "nothing was changed");
}

// THREATS T-40
fn a_poll_is_as_long_whatever_waits(world: &mut World) {
    let mut lengths = Vec::new();
    for round in 0..3 {
        if round == 1 {
            world.say(0, 1, &vec![7; 50_000]);
            world.say(1, 1, b"a word");
        }
        world.wait(1);
        let request = world.ask(0);
        let (_, answer) = world.answer(1, &request);
        world.take_answer(0, &request, &answer);
        lengths.push((request.to_bytes().len(), answer.to_bytes().len()));
    }
    // As `docs/spec/exchange.md` has it: 20 + 1 + 1 + 8 + 32 + 2 before the two ids, each with two
    // bytes of length, then the digests, the envelopes and the signature.
    let expected = 64 + (2 + 7) + (2 + 9) + 2 * (32 + ENVELOPE_BYTES) + 64;
    assert_eq!(lengths, [(expected, expected); 3]);
}

// THREATS T-41
fn what_is_refused_is_counted_by_name_and_told_once_a_day(world: &mut World) {
    let organisation = world.nodes[1].organisation.clone();
    let known = world.nodes[0].id.clone();
    let refuse = |world: &mut World, peer: bool| {
        let peer = peer.then_some(&known);
        world
            .at(1, |w, clock, _| {
                Ok(w.count_refusal(clock, &organisation, peer, "bad-signature")?)
            })
            .unwrap();
    };
    for _ in 0..3 {
        refuse(world, false);
    }
    refuse(world, true);
    world.wait(86_400);
    refuse(world, false);
    let counts = world.nodes[1]
        .store()
        .read(|r| r.exchange_refused(&organisation))
        .map_err(|error: StoreError| error)
        .unwrap();
    let counts: Vec<_> = counts
        .iter()
        .map(|one| {
            (
                one.peer.as_ref().map(portcullis_types::OrganisationId::as_str),
                one.reason.as_str(),
                one.count,
            )
        })
        .collect();
    let reason = "bad-signature";
    assert_eq!(counts, [(None, reason, 1), (None, reason, 3), (Some("party-a"), reason, 1)]);
    assert_eq!(world.nodes[1].events(), ["exchange.refused"; 3]);
}
