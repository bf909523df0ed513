//! Nodes that exchange while links fail, frames are carried late, twice or never, nodes crash and
//! are restored from old backups. Envelopes are not sealed here, so that there can be many histories.
//!
//! What counts as failure, once links have healed:
//!
//! - *lost*: a message that its sender's store still knows of, and that did not expire, is not among
//!   what its recipient was given;
//! - *doubled*: a recipient was given one twice;
//! - *altered*: what was given is not what was said, or not by whom it was said;
//! - *out of order*: of one conversation, a recipient was given a later message before an earlier
//!   one, both said in the same life of the sender's node as it is today, or by a node that was
//!   never restored;
//! - *uneven*: a frame had another number of envelopes than any other;
//! - *refused*: a node refused what an honest one sent, other than a late part of what expired;
//! - *stuck*: something is still unfinished after a month of polls.
//!
//! What does not: that a message said after a backup is gone once that backup was restored at its
//! sender, if it had not arrived; that what expired arrives all the same, once; that after a restore
//! of the sender what it sends again comes after what it said later; that envelopes are sent more
//! often than needed; that something takes long.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod world;

use portcullis_exchange::incoming::{RefusedPart, tidy};
use portcullis_exchange::outgoing::{
    Outbox as _, Patience, Post, Urgency, begin_anew, choose, enqueue, expire, forget, release,
};
use portcullis_exchange::{
    Between, Conversation, EnvelopeDigest, Incarnation, MessageDigest, Opened, PART_BYTES, Payload,
    Refused, Said, receive_opened,
};
use portcullis_federation::Moment;
use portcullis_types::OrganisationId;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::{BTreeMap, BTreeSet};
use world::*;

const NAMES: [&str; 3] = ["party-a", "party-b", "service-x"];
const PER_FRAME: usize = 4;

#[derive(Debug, Clone, Copy)]
enum Fate {
    Arrives,
    RequestFails,
    RequestIsLostInACrash,
    AnswerFails,
    AnswerIsLostInACrash,
}

#[derive(Debug, Clone)]
enum Op {
    Say {
        from: usize,
        to: usize,
        conversation: u8,
        bytes: usize,
        urgent: bool,
        expires: Option<u64>,
    },
    Poll {
        asker: usize,
        holder: usize,
        fate: Fate,
    },
    WriteFile {
        from: usize,
        to: usize,
    },
    Carry {
        which: Index,
    },
    BackUp {
        node: usize,
    },
    Restore {
        node: usize,
        which: Index,
    },
    Wait {
        seconds: u64,
    },
}

/// One of them is another than the first.
fn two() -> impl Strategy<Value = (usize, usize)> {
    (0..NAMES.len(), 1..NAMES.len()).prop_map(|(one, by)| (one, (one + by) % NAMES.len()))
}

fn op() -> impl Strategy<Value = Op> {
    let fate = prop_oneof![
        4 => Just(Fate::Arrives),
        1 => Just(Fate::RequestFails),
        1 => Just(Fate::RequestIsLostInACrash),
        1 => Just(Fate::AnswerFails),
        1 => Just(Fate::AnswerIsLostInACrash),
    ];
    let bytes = prop_oneof![4 => 1..100_usize, 1 => PART_BYTES..6 * PART_BYTES];
    let expires = prop_oneof![6 => Just(None), 1 => (1..20_000_u64).prop_map(Some)];
    let say = (two(), 0..2_u8, bytes, any::<bool>(), expires);
    prop_oneof![
        6 => say.prop_map(|((from, to), conversation, bytes, urgent, expires)| {
            Op::Say { from, to, conversation, bytes, urgent, expires }
        }),
        6 => (two(), fate).prop_map(|((asker, holder), fate)| Op::Poll { asker, holder, fate }),
        2 => two().prop_map(|(from, to)| Op::WriteFile { from, to }),
        3 => any::<Index>().prop_map(|which| Op::Carry { which }),
        1 => (0..NAMES.len()).prop_map(|node| Op::BackUp { node }),
        1 => (0..NAMES.len(), any::<Index>())
            .prop_map(|(node, which)| Op::Restore { node, which }),
        2 => (1..40_000_u64).prop_map(|seconds| Op::Wait { seconds }),
    ]
}

#[derive(Clone)]
struct Spoken {
    to: usize,
    conversation: Conversation,
    message: MessageDigest,
    content: Vec<u8>,
    life: usize,
    dead: bool,
}

/// What a node's store holds: all of it goes into a backup.
#[derive(Clone, Default)]
struct Store {
    inboxes: BTreeMap<usize, InboxRows>,
    outboxes: BTreeMap<usize, OutboxRows>,
    owed: BTreeMap<usize, Vec<EnvelopeDigest>>,
    spoken: Vec<Spoken>,
}

struct Place {
    id: OrganisationId,
    life: usize,
    incarnation: Incarnation,
    store: Store,
    backups: Vec<Store>,
}

#[derive(Clone)]
struct Paper {
    from: usize,
    to: usize,
    envelopes: Vec<(EnvelopeDigest, Opened)>,
    acknowledged: Vec<EnvelopeDigest>,
}

struct Federation {
    now: Moment,
    rng: SeededRng,
    drawn: u64,
    expiring: bool,
    places: Vec<Place>,
    carried: Vec<Paper>,
}

impl Federation {
    fn new() -> Self {
        let mut rng = SeededRng::new(7);
        let place = |name: &&str| Place {
            id: id(name),
            life: 0,
            incarnation: Incarnation::begin(at(0), &mut rng),
            store: Store::default(),
            backups: vec![Store::default()],
        };
        let places = NAMES.iter().map(place).collect();
        Self { now: at(0), rng, drawn: 0, expiring: false, places, carried: Vec::new() }
    }

    fn digest(&mut self) -> EnvelopeDigest {
        self.drawn += 1;
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&self.drawn.to_be_bytes());
        EnvelopeDigest::from_bytes(bytes)
    }

    fn run(&mut self, op: &Op) {
        // Each thing takes a moment, so that no two lives begin in one second.
        self.now = self.now.later(1);
        match op {
            Op::Say { from, to, conversation, bytes, urgent, expires } => {
                let urgency = if *urgent { Urgency::Urgent } else { Urgency::Routine };
                self.say(*from, *to, *conversation, *bytes, urgency, *expires);
            }
            Op::Poll { asker, holder, fate } => self.poll(*asker, *holder, *fate),
            Op::WriteFile { from, to } => {
                let paper = self.write(*from, *to);
                self.places[*from].store.owed.remove(to);
                self.carried.push(paper);
            }
            Op::Carry { which } => {
                if !self.carried.is_empty() {
                    let paper = which.get(&self.carried).clone();
                    self.bring(&paper, Owed::Noted);
                }
            }
            Op::BackUp { node } => {
                let place = &mut self.places[*node];
                place.backups.push(place.store.clone());
            }
            Op::Restore { node, which } => self.restore(*node, *which),
            Op::Wait { seconds } => self.now = self.now.later(*seconds),
        }
    }

    fn say(
        &mut self,
        from: usize,
        to: usize,
        conversation: u8,
        bytes: usize,
        urgency: Urgency,
        expires: Option<u64>,
    ) {
        self.expiring |= expires.is_some();
        self.drawn += 1;
        let mut content = self.drawn.to_be_bytes().to_vec();
        content.resize(bytes.max(8), 7);
        let conversation = Conversation::from_bytes([conversation; 16]);
        let expires = expires.map(|seconds| self.now.later(seconds));
        let payload = Payload::new(content.clone());
        let post = Post::new(self.now, conversation, payload, urgency, expires).unwrap();
        let recipient = self.places[to].id.clone();
        let place = &mut self.places[from];
        let between = Between { sender: &place.id, recipient: &recipient };
        let outbox = place.store.outboxes.entry(to).or_default();
        let message = enqueue(outbox, between, &post).unwrap();
        let life = place.life;
        place.store.spoken.push(Spoken { to, conversation, message, content, life, dead: false });
    }

    /// What one node has for another, in one frame.
    fn write(&mut self, from: usize, to: usize) -> Paper {
        let now = self.now;
        let store = &mut self.places[from].store;
        let outbox = store.outboxes.entry(to).or_default();
        for dead in expire(now, outbox).unwrap() {
            store.spoken.iter_mut().filter(|one| one.message == dead).for_each(|o| o.dead = true);
        }
        assert!(forget(now, outbox).unwrap().is_empty(), "nothing gets so old here");
        tidy(now, store.inboxes.entry(to).or_default()).unwrap();
        let chosen = choose(now, outbox, PER_FRAME, Patience::POLL).unwrap();
        assert!(chosen.len() <= PER_FRAME, "uneven");
        let acknowledged = store.owed.get(&to).cloned().unwrap_or_default();
        assert!(acknowledged.len() <= PER_FRAME, "uneven");
        let incarnation = self.places[from].incarnation;
        let mut envelopes = Vec::new();
        for chosen in chosen {
            let digest = self.digest();
            let outbox = self.places[from].store.outboxes.get_mut(&to).unwrap();
            outbox.attempt(digest, &chosen.message, chosen.number).unwrap();
            envelopes.push((digest, Opened { incarnation, sealed: now, said: chosen.said }));
        }
        while envelopes.len() < PER_FRAME {
            envelopes.push((self.digest(), Opened { incarnation, sealed: now, said: Said::Decoy }));
        }
        Paper { from, to, envelopes, acknowledged }
    }

    fn bring(&mut self, paper: &Paper, owed: Owed) -> Vec<EnvelopeDigest> {
        let sender = self.places[paper.from].id.clone();
        let Place { id, store, .. } = &mut self.places[paper.to];
        let between = Between { sender: &sender, recipient: id };
        let inbox = store.inboxes.entry(paper.from).or_default();
        let outbox = store.outboxes.entry(paper.from).or_default();
        let envelopes =
            paper.envelopes.iter().map(|(d, opened)| (*d, Ok(opened.clone()))).collect();
        let received =
            receive_opened(self.now, inbox, outbox, between, envelopes, &paper.acknowledged);
        let received = received.unwrap();
        for (_, refused) in &received.refused {
            let late = *refused == Refused::Part(RefusedPart::Conflicting) && self.expiring;
            assert!(late, "refused: {refused}");
        }
        if let Owed::Noted = owed {
            store.owed.insert(paper.from, received.taken.clone());
        }
        received.taken
    }

    fn poll(&mut self, asker: usize, holder: usize, fate: Fate) {
        let request = self.write(asker, holder);
        if let Fate::RequestFails | Fate::RequestIsLostInACrash = fate {
            return self.failed(&request, fate);
        }
        let taken = self.bring(&request, Owed::Told);
        let mut answer = self.write(holder, asker);
        answer.acknowledged = taken;
        if let Fate::AnswerFails | Fate::AnswerIsLostInACrash = fate {
            return self.failed(&request, fate);
        }
        self.places[asker].store.owed.remove(&holder);
        self.bring(&answer, Owed::Noted);
    }

    fn failed(&mut self, request: &Paper, fate: Fate) {
        if let Fate::RequestFails | Fate::AnswerFails = fate {
            let outbox = self.places[request.from].store.outboxes.get_mut(&request.to).unwrap();
            for (digest, _) in &request.envelopes {
                release(self.now, outbox, digest).unwrap();
            }
        }
    }

    fn restore(&mut self, node: usize, which: Index) {
        let place = &mut self.places[node];
        place.store = which.get(&place.backups).clone();
        place.life += 1;
        place.incarnation = Incarnation::begin(self.now, &mut self.rng);
        for outbox in place.store.outboxes.values_mut() {
            begin_anew(self.now, outbox).unwrap();
        }
    }

    fn is_quiet(&self) -> bool {
        let finished = |rows: &OutboxRows| rows.rows().all(|row| row.state.is_finished());
        self.places.iter().all(|place| place.store.outboxes.values().all(finished))
    }

    /// Of two nodes one polls the other each hour, until nothing is unfinished.
    fn heal(&mut self) {
        for _ in 0..24 * 30 {
            self.now = self.now.later(3_600);
            for asker in 0..NAMES.len() {
                for holder in asker + 1..NAMES.len() {
                    self.poll(asker, holder, Fate::Arrives);
                }
            }
            if self.is_quiet() {
                return;
            }
        }
        unreachable!("stuck");
    }

    fn check(&self) {
        for (from, sender) in self.places.iter().enumerate() {
            for (to, recipient) in self.places.iter().enumerate().filter(|(to, _)| *to != from) {
                let given = recipient.store.inboxes.get(&from);
                let given = given.map_or(&[][..], |inbox| &inbox.deliveries);
                let place_of: BTreeMap<_, _> =
                    given.iter().enumerate().map(|(at, one)| (one.message, at)).collect();
                assert_eq!(place_of.len(), given.len(), "doubled");
                let mut last: BTreeMap<Conversation, usize> = BTreeMap::new();
                for spoken in sender.store.spoken.iter().filter(|spoken| spoken.to == to) {
                    let Some(at) = place_of.get(&spoken.message) else {
                        assert!(spoken.dead, "lost");
                        continue;
                    };
                    assert_eq!(&*given[*at].content, spoken.content, "altered");
                    assert_eq!(given[*at].conversation, spoken.conversation, "altered");
                    if spoken.life == sender.life {
                        let before = last.insert(spoken.conversation, *at);
                        assert!(before.is_none_or(|before| before < *at), "out of order");
                    }
                }
            }
        }
    }
}

/// Whether what was taken is acknowledged in the next frame, or in the answer at once.
#[derive(Clone, Copy)]
enum Owed {
    Noted,
    Told,
}

proptest! {
    // THREATS T-42
    #[test]
    fn nothing_is_lost_doubled_or_out_of_order_once_links_heal(
        ops in proptest::collection::vec(op(), 1..80)
    ) {
        let mut federation = Federation::new();
        for op in &ops {
            federation.run(op);
        }
        federation.heal();
        federation.check();
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    // THREATS T-42
    #[test]
    fn files_alone_carry_the_same_as_polls(
        ops in proptest::collection::vec(op(), 1..40)
    ) {
        let said: Vec<&Op> = ops.iter().filter(|op| matches!(op, Op::Say { expires: None, .. })).collect();
        let mut by_poll = Federation::new();
        let mut by_file = Federation::new();
        for op in said {
            by_poll.run(op);
            by_file.run(op);
        }
        by_poll.heal();
        for round in 0..200 {
            by_file.now = by_file.now.later(3_600);
            for (from, to) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
                let paper = by_file.write(from, to);
                by_file.places[from].store.owed.remove(&to);
                // One in three is left on a train.
                if (round + from + to) % 3 > 0 {
                    by_file.bring(&paper, Owed::Noted);
                }
            }
        }
        prop_assert!(by_file.is_quiet());
        by_file.check();
        for (one, other) in by_poll.places.iter().zip(&by_file.places) {
            for (peer, inbox) in &one.store.inboxes {
                let messages = |inbox: &InboxRows| -> BTreeSet<MessageDigest> {
                    inbox.deliveries.iter().map(|one| one.message).collect()
                };
                prop_assert_eq!(messages(inbox), messages(&other.store.inboxes[peer]));
            }
        }
    }
}
