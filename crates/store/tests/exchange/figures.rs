//! How long it takes to queue, to fill and to take, and how much room it takes up. Run by hand.

use crate::world::{Kind, World, officer, randomness};
use portcullis_decide::exchange::traffic::{NewMessage, queue_message};
use portcullis_exchange::outgoing::Urgency;
use portcullis_exchange::{Conversation, FrameSize, Payload};
use portcullis_store::StoreError;
use portcullis_types::{OrganisationId, Purpose};
use std::time::{Duration, Instant};

fn peer(number: usize) -> OrganisationId {
    OrganisationId::new(&format!("party-{number}")).unwrap()
}

/// Queues so many messages of so many bytes for each of so many peers, a hundred in a transaction; and
/// as many again for the one that takes part.
fn queue(world: &mut World, (each, peers, bytes): (usize, usize, usize)) -> Duration {
    let began = Instant::now();
    let mut rng = randomness();
    let (organisation, from) = (world.nodes[0].organisation.clone(), world.nodes[0].id.clone());
    let partner = world.nodes[1].id.clone();
    let all: Vec<OrganisationId> =
        (0..each).flat_map(|_| (1..peers).map(peer).chain([partner.clone()])).collect();
    for some in all.chunks(100) {
        let changes: Vec<_> = some
            .iter()
            .map(|to| {
                let new = NewMessage {
                    from: from.clone(),
                    to: to.clone(),
                    conversation: Conversation::begin(&mut rng),
                    content: Payload::new(vec![7; bytes]),
                    urgency: Urgency::Routine,
                    expires: None,
                };
                let by = (officer(), Purpose::Oversight);
                queue_message(&world.clock, &mut rng, &organisation, by, new).unwrap()
            })
            .collect();
        let store = world.nodes[0].store();
        store
            .write::<_, StoreError>(crate::world::TEST, |w| {
                changes.iter().try_for_each(|change| w.queue_message(change))
            })
            .unwrap();
    }
    began.elapsed()
}

fn megabytes(world: &World) -> u64 {
    let bytes = |path: &std::path::Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let file = world.nodes[0].file();
    (bytes(&file) + bytes(&file.with_extension("db-wal"))) / 1_000_000
}

/// The slowest and the middle one.
fn told(mut times: Vec<Duration>) -> String {
    times.sort();
    format!("{:?} (slowest {:?})", times[times.len() / 2], times[times.len() - 1])
}

fn measure(kind: Kind, order: (usize, usize, usize)) -> String {
    let Some(mut world) = World::new(kind) else { return format!("{kind:?} is not here") };
    let (each, peers, bytes) = order;
    let queued = queue(&mut world, order);
    let (all, size) = (each * peers, megabytes(&world));
    let of_each = queued / u32::try_from(all).unwrap();
    let (mut fills, mut answers, mut takes) = (Vec::new(), Vec::new(), Vec::new());
    for tick in 1..=20 {
        world.wait(300);
        let began = Instant::now();
        let request = world
            .at(0, |w, clock, link| w.make_request(clock, link, FrameSize::POLL, tick))
            .unwrap();
        fills.push(began.elapsed());
        let began = Instant::now();
        let (_, answer) = world.answer(1, &request);
        answers.push(began.elapsed());
        let began = Instant::now();
        world.take_answer(0, &request, &answer);
        takes.push(began.elapsed());
    }
    format!(
        "{kind:?}: {all} messages of {bytes} bytes to {peers} peers queued in {queued:?}, {of_each:?} each, {size} MB
  a request filled in {}
  taken and answered in {}
  its answer taken in {}",
        told(fills),
        told(answers),
        told(takes),
    )
}

#[test]
#[ignore = "takes minutes: cargo test --release -p portcullis-store --test exchange -- --ignored --nocapture"]
fn figures() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        for order in [(1, 400, 2_000), (25, 400, 2_000), (2_500, 40, 2_000)] {
            println!("{}", measure(kind, order));
        }
    }
}
