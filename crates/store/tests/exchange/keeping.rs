//! What is exchanged, as everything else that is kept: sealed, rotated, backed up, erased, examined.

use crate::on_both;
use crate::world::{Kind, TEST, World, officer, randomness};
use portcullis_decide::{
    ChangedKeys, Erasure, ErasureDuty, HeldRecord, KeyDeed, OfficerBasis, RecordKind, change_keys,
    erase,
};
use portcullis_exchange::outgoing::{OutgoingState, Urgency};
use portcullis_exchange::{Conversation, PART_BYTES};
use portcullis_store::{Closeness, Finding, Soundness, StoreError};
use portcullis_types::{Actor, Clock, OfficerId};

on_both! {
    keys_are_rotated_while_messages_are_on_their_way,
    a_restored_node_begins_a_new_life_and_is_sent_again_what_it_lost,
    what_is_on_its_way_is_not_erased_and_what_is_done_with_is,
    what_nobody_can_ask_for_any_more_is_forgotten,
    a_sound_store_is_found_sound,
}

fn somebody() -> OfficerId {
    let Actor::Officer(officer) = officer() else { unreachable!("a job") };
    officer
}

fn rotate(
    world: &World,
    node: usize,
    deed: KeyDeed,
    generation: u32,
) -> portcullis_decide::Change<ChangedKeys> {
    let organisation = world.nodes[node].organisation.clone();
    let changed = ChangedKeys { organisation, deed, generation };
    change_keys(&world.clock, &mut randomness(), somebody(), changed).unwrap()
}

/// A message of three parts of which two came, one that waits behind it, one to be handled, and some
/// that are yet to be sent.
fn under_way(world: &mut World) -> Vec<u8> {
    let large: Vec<u8> = (0..PART_BYTES * 3).map(|at| u8::try_from(at % 251).unwrap()).collect();
    world.say(0, 9, b"to be handled");
    world.poll(0);
    world.say(0, 1, &large);
    world.poll(0);
    world.say(0, 1, b"behind it");
    world.say(1, 2, b"on its way");
    large
}

// THREATS T-42
fn keys_are_rotated_while_messages_are_on_their_way(world: &mut World) {
    let large = under_way(world);
    for node in 0..2 {
        let begun = rotate(world, node, KeyDeed::Rotated, 2);
        let destroyed = rotate(world, node, KeyDeed::Destroyed, 1);
        let store = world.nodes[node].store();
        store.begin_generation(&begun).unwrap();
        store.reseal(|_| true).unwrap();
        assert_eq!(store.sealed_under(1).unwrap(), 0);
        store.destroy_generation(&destroyed).unwrap();
        world.nodes[node].start_again();
    }
    world.poll(0);
    assert_eq!(world.nodes[1].said(), [b"to be handled".to_vec(), large, b"behind it".to_vec()]);
    assert_eq!(world.nodes[0].said(), [b"on its way"]);
}

// THREATS T-42
fn a_restored_node_begins_a_new_life_and_is_sent_again_what_it_lost(world: &mut World) {
    world.say(0, 1, b"known to the backup");
    world.say(1, 2, b"handled before it");
    world.poll(0);
    let backup = world.nodes[0].back_up(&world.clock);
    world.wait(1);
    world.say(1, 2, b"lost with the node");
    world.say(0, 1, b"forgotten with the node");
    world.poll(0);
    world.poll(0);
    assert_eq!(world.nodes[0].said().len(), 2);
    let life = |world: &mut World| {
        let organisation = world.nodes[0].organisation.clone();
        let life = world.nodes[0].store().read(|r| r.own_life(&organisation));
        life.map_err(|error: StoreError| error).unwrap().unwrap()
    };
    let before = life(world);
    world.wait(1);
    let (node, clock) = (&mut world.nodes[0], &world.clock);
    node.restore(clock, &backup);
    assert!(life(world) > before);
    assert_eq!(world.nodes[0].said(), [b"handled before it"]);
    world.say(0, 1, b"said in the new life");
    // One poll shows the new life, the next brings what it may have lost.
    for _ in 0..3 {
        world.poll(0);
    }
    assert_eq!(world.nodes[0].said(), [b"handled before it".as_slice(), b"lost with the node"]);
    let expected: [&[u8]; 3] =
        [b"known to the backup", b"forgotten with the node", b"said in the new life"];
    assert_eq!(world.nodes[1].said(), expected);
    // Each restore begins another one, from the same backup and within one second.
    let second = life(world);
    let (node, clock) = (&mut world.nodes[0], &world.clock);
    node.restore(clock, &backup);
    assert_ne!(life(world), second);
}

fn records(world: &mut World, node: usize) -> Vec<HeldRecord> {
    let organisation = world.nodes[node].organisation.clone();
    let day = "9999-12-31".parse().unwrap();
    let due = world.nodes[node].store().read(|r| r.due_records(&organisation, day, None));
    let (mut records, _) = due.map_err(|error: StoreError| error).unwrap();
    records.retain(|record| record.retention.kind == RecordKind::Traffic);
    records
}

fn erase_one(world: &mut World, node: usize, record: &HeldRecord) -> Result<(), StoreError> {
    let duty = ErasureDuty::Objection;
    let basis = OfficerBasis::Duty { duty, case: "sar-2026-014".parse().unwrap() };
    let records = std::slice::from_ref(record);
    let changes: Vec<portcullis_decide::Change<Erasure>> =
        erase(&world.clock, &mut randomness(), &somebody(), basis, records, None).unwrap();
    world.nodes[node].store().write(TEST, |w| changes.iter().try_for_each(|change| w.erase(change)))
}

fn what_is_on_its_way_is_not_erased_and_what_is_done_with_is(world: &mut World) {
    world.say(0, 1, b"an enquiry");
    assert!(records(world, 0).is_empty(), "it is not due while it is on its way");
    let organisation = world.nodes[0].organisation.clone();
    let number = portcullis_decide::RecordNumber::new(1).unwrap();
    let held = world.nodes[0].store().read(|r| r.record(&organisation, number));
    let held = held.map_err(|error: StoreError| error).unwrap().unwrap();
    assert_eq!(held.retention.kind, RecordKind::Traffic);
    let refused = erase_one(world, 0, &held);
    assert!(matches!(refused, Err(StoreError::InUse { what: "message" })), "{refused:?}");
    world.poll(0);
    let at_holder = records(world, 1);
    let arrival = world.nodes[1].arrivals()[0].position;
    let organisation = world.nodes[1].organisation.clone();
    let handled = world.nodes[1].store().write(TEST, |w| w.message_handled(&organisation, arrival));
    handled.map_err(|error: StoreError| error).unwrap();
    let after = records(world, 1);
    assert_eq!(after.len(), at_holder.len() + 1, "once it is handled it may be erased");
    for record in &after {
        erase_one(world, 1, record).unwrap();
    }
    assert!(!world.nodes[1].events().iter().any(|kind| kind.starts_with("exchange")));
    world.poll(0);
    assert!(world.nodes[1].said().is_empty(), "and it is not taken again");
}

// THREATS T-42
fn what_nobody_can_ask_for_any_more_is_forgotten(world: &mut World) {
    let old = world.say(0, 1, b"an enquiry");
    world.poll(0);
    world.poll(0);
    let tidy = |world: &mut World, node: usize| {
        let organisation = world.nodes[node].organisation.clone();
        world.at(node, |w, clock, _| Ok(w.tidy_exchange(clock, &organisation)?)).unwrap()
    };
    assert_eq!(tidy(world, 0).forgotten, 0, "the other node may be restored");
    world.wait(7 * 7 * 86_400 + 1);
    assert_eq!(tidy(world, 0).forgotten, 1);
    let (organisation, peer) = (world.nodes[0].organisation.clone(), world.nodes[1].id.clone());
    let row = world.nodes[0].store().read(|r| r.outgoing_message(&organisation, &peer, &old));
    assert!(row.map_err(|error: StoreError| error).unwrap().is_none());
    // The record and its events stay for as long as the schedule says.
    assert_eq!(records(world, 0).len(), 2);
    // A new message has its own place in the conversation.
    world.say(0, 1, b"another");
    world.poll(0);
    assert_eq!(world.nodes[1].said().len(), 2);
    world.wait(10 * 7 * 86_400);
    assert_eq!(tidy(world, 1).given_up, []);
}

fn examined(world: &mut World, node: usize, closeness: Closeness) -> Vec<Finding> {
    let organisation = world.nodes[node].organisation.clone();
    let now_us = u64::try_from(world.clock.now().as_microsecond()).unwrap();
    world.nodes[node].store().examine(&organisation, now_us, closeness, &mut |_| {})
}

fn a_sound_store_is_found_sound(world: &mut World) {
    under_way(world);
    for node in 0..2 {
        let findings = examined(world, node, Closeness::EveryRow);
        let broken: Vec<_> =
            findings.iter().filter(|one| one.soundness == Soundness::Broken).collect();
        assert!(broken.is_empty(), "{broken:?}");
        assert!(findings.iter().any(|one| one.subject == "exchange"));
    }
    world.wait(3 * 86_400);
    for (node, says) in [(0, "wait for `service-x`"), (1, "wait to be handled")] {
        let findings = examined(world, node, Closeness::Quick);
        let told = findings.iter().any(|one| {
            one.soundness == Soundness::Look && one.subject == "exchange" && one.says.contains(says)
        });
        assert!(told, "{findings:?}");
    }
}

/// Everything that the files of a node's store hold.
fn bytes_of(world: &World, node: usize) -> Vec<u8> {
    let file = world.nodes[node].file();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    bytes
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// Whoever has the file alone can't read what was said, nor try whether it was this.
#[test]
fn neither_what_was_said_nor_its_digest_stands_in_the_file() {
    let mut world = World::new(Kind::Sqlite).unwrap();
    let text = b"Orsolya Testwick, an enquiry";
    let message = world.say(0, 1, text);
    world.poll(0);
    world.poll(0);
    for node in 0..2 {
        let bytes = bytes_of(&world, node);
        assert!(holds(&bytes, b"exchange_outgoing"), "this is the file");
        assert!(holds(&bytes, &[1; 16]), "conversations stand in the clear");
        assert!(!holds(&bytes, text));
        assert!(!holds(&bytes, message.as_bytes()));
    }
}

fn tamper(world: &World, node: usize, sql: &str) {
    let connection = rusqlite::Connection::open(world.nodes[node].file()).unwrap();
    assert_eq!(connection.execute(sql, []).unwrap(), 1, "{sql}");
}

/// Whoever can change the database, and has no keyring, can't have a message sent to somebody else.
#[test]
fn a_message_is_not_sent_to_whom_it_was_not_queued_for() {
    for sql in [
        "UPDATE exchange_outgoing SET peer = 'service-x' WHERE peer = 'party-b'",
        "UPDATE exchange_outgoing SET conversation = zeroblob(16), peer = 'service-x'",
    ] {
        let mut world = World::new(Kind::Sqlite).unwrap();
        let organisation = world.nodes[0].organisation.clone();
        let new = portcullis_decide::exchange::traffic::NewMessage {
            from: world.nodes[0].id.clone(),
            to: portcullis_types::OrganisationId::new("party-b").unwrap(),
            conversation: Conversation::from_bytes([1; 16]),
            content: portcullis_exchange::Payload::new(b"for party-b alone".to_vec()),
            urgency: Urgency::Routine,
            expires: None,
        };
        let by = (officer(), portcullis_types::Purpose::Oversight);
        let change = portcullis_decide::exchange::traffic::queue_message(
            &world.clock,
            &mut randomness(),
            &organisation,
            by,
            new,
        );
        let change = change.unwrap();
        world.nodes[0].store().write::<_, StoreError>(TEST, |w| w.queue_message(&change)).unwrap();
        tamper(&world, 0, sql);
        let link =
            world.at(0, |w, clock, link| w.make_request(clock, link, crate::world::size(), 1));
        let error = link.unwrap_err();
        assert!(
            error.to_string().contains("column `peer` of table `exchange_outgoing`"),
            "{error}"
        );
        let findings = examined(&mut world, 0, Closeness::EveryRow);
        assert!(findings.iter().any(|one| one.soundness == Soundness::Broken), "{findings:?}");
    }
}

#[test]
fn what_is_missing_is_found() {
    for (node, sql) in [
        (0, "DELETE FROM exchange_content WHERE rowid = (SELECT max(rowid) FROM exchange_content)"),
        (
            0,
            "DELETE FROM exchange_sequence WHERE conversation = X'01010101010101010101010101010101'",
        ),
        (1, "UPDATE exchange_inbox SET organisation = 'another'"),
    ] {
        let mut world = World::new(Kind::Sqlite).unwrap();
        under_way(&mut world);
        tamper(&world, node, sql);
        let findings = examined(&mut world, node, Closeness::EveryRow);
        assert!(findings.iter().any(|one| one.soundness == Soundness::Broken), "{sql}");
    }
}

/// A part that is missing would make another message of it, which the recipient refuses for good.
#[test]
fn a_message_of_which_a_part_is_missing_is_not_sent() {
    let mut world = World::new(Kind::Sqlite).unwrap();
    let message = world.say(0, 1, &vec![5; PART_BYTES * 2]);
    let sql =
        "DELETE FROM exchange_content WHERE rowid = (SELECT max(rowid) FROM exchange_content)";
    tamper(&world, 0, sql);
    world.wait(1);
    let refused =
        world.at(0, |w, clock, link| w.make_request(clock, link, crate::world::size(), 1));
    assert!(refused.is_err());
    let (organisation, peer) = (world.nodes[0].organisation.clone(), world.nodes[1].id.clone());
    let row = world.nodes[0].store().read(|r| r.outgoing_message(&organisation, &peer, &message));
    let row = row.map_err(|error: StoreError| error).unwrap().unwrap();
    assert_eq!((row.state, row.is_begun()), (OutgoingState::Waiting, false));
}
