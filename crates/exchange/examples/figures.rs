//! Prints how long envelopes and frames take:
//! `cargo run --release -p portcullis-exchange --example figures`.
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use portcullis_exchange::{
    Conversation, ExchangeSigner, Frame, FrameKind, FrameSize, Incarnation, MessageDigest,
    PART_BYTES, Part, Payload, Position, Recipient, Said, Sender, TakenAs,
};
use portcullis_federation::{Dated, ListSigner, Member, MemberKeys, MemberList, Moment};
use portcullis_keys::SealingKey;
use portcullis_testkit::SeededRng;
use portcullis_types::{Body, Level, OrganisationId};
use std::hint::black_box;
use std::time::Instant;

const BATCHES: u32 = 400;
const BATCH: u32 = 5;

fn member(name: &str, seed: u8, from: Moment) -> Member {
    Member {
        id: OrganisationId::new(name).expect("these are ids"),
        name: name.parse().expect("these are names"),
        body: Body::Party,
        ceiling: Level(0),
        from,
        until: None,
        revoked: None,
        endpoint: None,
        keys: MemberKeys {
            signing: vec![Dated::from(ListSigner::new(&[seed; 32]).public(), from)],
            sealing: vec![Dated::from(SealingKey::from_seed(&[seed; 32]).public(), from)],
            log: Vec::new(),
            cosigning: Vec::new(),
        },
    }
}

/// Microseconds for each go, in the fastest of many batches: whatever else the machine does does not
/// count.
fn time(what: &str, mut go: impl FnMut()) {
    let mut batch = || {
        let start = Instant::now();
        (0..BATCH).for_each(|_| go());
        start.elapsed().as_secs_f64() * 1e6 / f64::from(BATCH)
    };
    let fastest = (0..BATCHES).map(|_| batch()).fold(f64::INFINITY, f64::min);
    println!("{what:<52} {fastest:>9.1} µs");
}

fn main() {
    let now = Moment::new(1_800_000_000).expect("this is a moment");
    // As many members as a large federation has.
    let name = |number: u32| format!("party-{number:04}");
    let mut members: Vec<Member> = (0..400).map(|n| member(&name(n), 3, now)).collect();
    members.push(member("service-x", 2, now));
    members.push(member("service-y", 1, now));
    let federation = "federation.example".parse().expect("this is a name");
    let list = MemberList { federation, version: 1, previous: None, issued: now, members };
    let [own, peer] =
        ["service-x", "service-y"].map(|name| OrganisationId::new(name).expect("these are ids"));
    let mut rng = SeededRng::new(1);
    let signer = ExchangeSigner::new(&[2; 32]);
    let incarnation = Incarnation::begin(now, &mut rng);
    let sender = Sender { list: &list, id: &own, incarnation, signer: &signer };
    let sealer = sender.to(now, &peer).expect("both are members");
    let part = Said::Part(Part {
        place: Position { conversation: Conversation::begin(&mut rng), sequence: 1, floor: 1 },
        message: MessageDigest::from_bytes([0; 32]),
        queued: now,
        number: 1,
        count: 2,
        payload: Payload::new(vec![7; PART_BYTES]),
    });
    let keys = [SealingKey::from_seed(&[1; 32])];
    let recipient = Recipient { list: &list, id: &peer, keys: &keys };
    for (what, said) in [("a part", part), ("a decoy", Said::Decoy)] {
        time(&format!("seal {what}"), || {
            black_box(sealer.seal(&mut rng, said.clone()));
        });
        let envelope = sealer.seal(&mut rng, said);
        time(&format!("open {what}"), || {
            black_box(recipient.open(now, &own, &envelope)).expect("it is for this node");
        });
    }
    let mut make =
        || Frame::make(&mut rng, &sealer, FrameKind::Request, FrameSize::POLL, Vec::new(), &[]);
    time("make a request of four decoys", || {
        black_box(make());
    });
    let bytes = make().to_bytes();
    println!("{:<52} {:>9} bytes", "a request", bytes.len());
    time("read and believe a request, envelopes closed", || {
        let frame = Frame::from_bytes(&bytes).expect("it is a frame");
        let taken_as = TakenAs::Request { last: None };
        black_box(frame.taken_as(now, &list, &peer, taken_as)).expect("it is for this node");
    });
}
