//! However much waits, choosing what goes next and finding what is to be handled is the same work.

use super::Way;
use super::inbox::InboxRows;
use super::outgoing::OutboxRows;
use super::received;
use crate::engine::sqlite::steps;
use crate::{Database, ExchangeWriter as _, KeyringPlace, StoreError, TransactionName};
use portcullis_decide::exchange::traffic::{NewMessage, queue_message};
use portcullis_exchange::incoming::{Delivery, Inbox as _};
use portcullis_exchange::outgoing::{Outbox as _, Patience, Urgency, choose};
use portcullis_exchange::{Conversation, MessageDigest, Payload};
use portcullis_federation::Moment;
use portcullis_keys::Unlock;
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Actor, Clock as _, OfficerId, OrganisationId, Purpose};
use zeroize::Zeroizing;

const NAME: TransactionName = TransactionName("tests");

fn id(name: &str) -> OrganisationId {
    OrganisationId::new(name).unwrap()
}

/// The steps of choosing four envelopes, of noting what became of one, and of finding the first two
/// messages to be handled, where so many wait.
fn steps_where(waiting: usize) -> [u64; 3] {
    let folder = tempfile::tempdir().unwrap();
    let keyring =
        KeyringPlace::new(folder.path().join("keyring"), Unlock::KeyFile(Zeroizing::new([7; 32])));
    let path = folder.path().join("store.db");
    let mut store = Database::open_sqlite(&path, keyring, Box::new(SeededRng::new(1))).unwrap();
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(2));
    let (own, peers) = (id("party.node"), [id("service-x"), id("party-b")]);
    let now = Moment::of(clock.now()).unwrap();
    let officer = Actor::Officer(OfficerId::new("o.testwick").unwrap());
    let changes: Vec<_> = (0..waiting * 2)
        .map(|number| {
            let new = NewMessage {
                from: id("party-a"),
                to: peers[number % 2].clone(),
                conversation: Conversation::begin(&mut rng),
                content: Payload::new(b"an enquiry".to_vec()),
                urgency: Urgency::Routine,
                expires: None,
            };
            let by = (officer.clone(), Purpose::Oversight);
            queue_message(&clock, &mut rng, &own, by, new).unwrap()
        })
        .collect();
    let way = Way { organisation: &own, peer: &peers[0] };
    let kept: Result<[u64; 3], StoreError> = store.transact(NAME, |open| {
        for change in &changes {
            open.queue_message(change)?;
        }
        for _ in 0..waiting {
            let mut message = [0; 32];
            open.fill(&mut message);
            let delivery = Delivery {
                conversation: Conversation::from_bytes([1; 16]),
                message: MessageDigest::from_bytes(message),
                queued: now,
                content: Payload::new(b"a warning".to_vec()),
            };
            InboxRows::new(open, &clock, way).deliver(delivery)?;
        }
        let mut outbox = OutboxRows::new(open, way);
        steps::taken();
        let chosen = choose(now, &mut outbox, 4, Patience::POLL)?;
        assert_eq!(chosen.len(), 4);
        let choosing = steps::taken();
        let mut row = outbox.row(&chosen[0].message)?.unwrap();
        row.rounds += 1;
        outbox.update(&row)?;
        let noting = steps::taken();
        assert_eq!(received::after(open, &own, 0, 2)?.len(), 2);
        Ok([choosing, noting, steps::taken()])
    });
    kept.unwrap()
}

#[test]
fn what_goes_next_is_found_without_looking_at_what_waits_behind_it() {
    let few = steps_where(100);
    assert!(few.iter().all(|steps| *steps > 10), "{few:?}");
    assert_eq!(few, steps_where(1_000));
}
