//! Whatever fails, in whatever order, over real stores and with real seals: once links heal, everything
//! that was said is there, once, in its order.
//!
//! What counts as failure: *lost*, a message that was said and never arrives; *doubled*, one that
//! arrives twice; *out of order*, of two that one node said to the other in one conversation and one
//! life of its store the later one comes first; *altered*, one that arrives with another content.
//! What a restored store has forgotten having said may have arrived or not.

use crate::world::{Kind, World};
use portcullis_exchange::outgoing::Urgency;
use portcullis_exchange::{Frame, MessageDigest, PART_BYTES, TakenAs};
use portcullis_store::StoreError;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeMap;

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
    Say { from: usize, conversation: u8, bytes: usize, urgent: bool },
    Poll { asker: usize, fate: Fate },
    WriteFile { from: usize },
    Carry { which: Index },
    Stop { node: usize },
    BackUp { node: usize },
    Restore { node: usize, which: Index },
    Wait { seconds: i64 },
}

fn op() -> impl Strategy<Value = Op> {
    let fate = prop_oneof![
        4 => Just(Fate::Arrives),
        1 => Just(Fate::RequestFails),
        1 => Just(Fate::RequestIsLostInACrash),
        1 => Just(Fate::AnswerFails),
        1 => Just(Fate::AnswerIsLostInACrash),
    ];
    let bytes = prop_oneof![4 => 1..100_usize, 1 => PART_BYTES..4 * PART_BYTES];
    prop_oneof![
        6 => (0..2_usize, 0..2_u8, bytes, any::<bool>()).prop_map(
            |(from, conversation, bytes, urgent)| Op::Say { from, conversation, bytes, urgent }
        ),
        6 => (0..2_usize, fate).prop_map(|(asker, fate)| Op::Poll { asker, fate }),
        1 => (0..2_usize).prop_map(|from| Op::WriteFile { from }),
        2 => any::<Index>().prop_map(|which| Op::Carry { which }),
        1 => (0..2_usize).prop_map(|node| Op::Stop { node }),
        1 => (0..2_usize).prop_map(|node| Op::BackUp { node }),
        1 => (0..2_usize, any::<Index>()).prop_map(|(node, which)| Op::Restore { node, which }),
        2 => (1..20_000_i64).prop_map(|seconds| Op::Wait { seconds }),
    ]
}

#[derive(Clone)]
struct Spoken {
    conversation: u8,
    message: MessageDigest,
    content: Vec<u8>,
    life: usize,
}

#[derive(Clone, Default)]
struct Ledger {
    spoken: Vec<Spoken>,
    backup: Vec<u8>,
}

struct History {
    world: World,
    drawn: u64,
    lives: [usize; 2],
    ledgers: [Ledger; 2],
    backups: [Vec<Ledger>; 2],
    carried: Vec<(usize, Frame)>,
}

impl History {
    fn new(kind: Kind) -> Option<Self> {
        let world = World::new(kind)?;
        let mut history = Self {
            world,
            drawn: 0,
            lives: [0; 2],
            ledgers: [Ledger::default(), Ledger::default()],
            backups: [Vec::new(), Vec::new()],
            carried: Vec::new(),
        };
        (0..2).for_each(|node| history.back_up(node));
        Some(history)
    }

    fn run(&mut self, op: &Op) {
        self.world.wait(1);
        match op {
            Op::Say { from, conversation, bytes, urgent } => {
                self.drawn += 1;
                let mut content = self.drawn.to_be_bytes().to_vec();
                content.resize((*bytes).max(8), 7);
                let urgency = if *urgent { Urgency::Urgent } else { Urgency::Routine };
                let message = self.world.say_as(*from, *conversation, &content, (urgency, None));
                let life = self.lives[*from];
                let spoken = Spoken { conversation: *conversation, message, content, life };
                self.ledgers[*from].spoken.push(spoken);
            }
            Op::Poll { asker, fate } => self.poll(*asker, *fate),
            Op::WriteFile { from } => {
                let file = self.world.at(*from, |w, clock, link| w.make_file(clock, link)).unwrap();
                self.carried.push((1 - from, file));
            }
            Op::Carry { which } => {
                if !self.carried.is_empty() {
                    let (to, file) = which.get(&self.carried).clone();
                    let file = self.world.believe(to, &file, TakenAs::File);
                    let brought =
                        self.world.at(to, |w, clock, link| w.take_file(clock, link, &file));
                    assert!(brought.unwrap().received.refused.is_empty(), "refused");
                }
            }
            Op::Stop { node } => self.world.nodes[*node].start_again(),
            Op::BackUp { node } => self.back_up(*node),
            Op::Restore { node, which } => {
                let ledger = which.get(&self.backups[*node]).clone();
                let World { nodes, clock, .. } = &mut self.world;
                nodes[*node].restore(clock, &ledger.backup);
                self.lives[*node] += 1;
                self.ledgers[*node] = ledger;
            }
            Op::Wait { seconds } => self.world.wait(*seconds),
        }
    }

    fn back_up(&mut self, node: usize) {
        let World { nodes, clock, .. } = &mut self.world;
        let mut ledger = self.ledgers[node].clone();
        ledger.backup = nodes[node].back_up(clock);
        self.backups[node].push(ledger);
    }

    fn poll(&mut self, asker: usize, fate: Fate) {
        let request = self.world.ask(asker);
        match fate {
            Fate::RequestFails => return self.failed(asker, &request),
            Fate::RequestIsLostInACrash => return,
            _ => {}
        }
        let (brought, answer) = self.world.answer(1 - asker, &request);
        assert!(brought.received.refused.is_empty(), "refused");
        match fate {
            Fate::AnswerFails => return self.failed(asker, &request),
            Fate::AnswerIsLostInACrash => return,
            _ => {}
        }
        let brought = self.world.take_answer(asker, &request, &answer);
        assert!(brought.received.refused.is_empty(), "refused");
    }

    fn failed(&mut self, asker: usize, request: &Frame) {
        self.world.at(asker, |w, clock, link| w.poll_failed(clock, link, request)).unwrap();
    }

    fn is_quiet(&mut self) -> bool {
        self.world.nodes.iter_mut().all(|node| {
            let organisation = node.organisation.clone();
            let counts = node.store().read(|r| r.outgoing_counts(&organisation));
            counts.map_err(|error: StoreError| error).unwrap().is_empty()
        })
    }

    fn heal(&mut self) {
        // Less than the seven weeks after which a message is given up, and more than the week after
        // which it is no longer waited for a file to be acknowledged.
        for _ in 0..120 {
            self.world.wait(6 * 3_600);
            self.poll(0, Fate::Arrives);
            if self.is_quiet() {
                return;
            }
        }
        assert!(self.is_quiet(), "stuck");
    }

    fn check(&mut self) {
        for from in 0..2 {
            let arrivals = self.world.nodes[1 - from].arrivals();
            let place_of: BTreeMap<_, _> =
                arrivals.iter().enumerate().map(|(at, one)| (one.message, at)).collect();
            assert_eq!(place_of.len(), arrivals.len(), "doubled");
            let mut last: BTreeMap<u8, usize> = BTreeMap::new();
            for spoken in &self.ledgers[from].spoken {
                let at = *place_of.get(&spoken.message).expect("lost");
                assert_eq!(*arrivals[at].content, spoken.content, "altered");
                if spoken.life == self.lives[from] {
                    let before = last.insert(spoken.conversation, at);
                    assert!(before.is_none_or(|before| before < at), "out of order");
                }
                let (node, peer) = (&self.world.nodes[from].id, &arrivals[at].peer);
                assert_eq!(node, peer, "altered");
            }
        }
    }
}

fn run(kind: Kind, ops: &[Op]) {
    let Some(mut history) = History::new(kind) else { return };
    for op in ops {
        history.run(op);
    }
    history.heal();
    history.check();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    // THREATS T-42
    #[test]
    fn nothing_is_lost_doubled_or_out_of_order_once_links_heal(
        ops in proptest::collection::vec(op(), 1..30)
    ) {
        run(Kind::Sqlite, &ops);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, ..ProptestConfig::default() })]

    // THREATS T-42
    #[test]
    fn nor_is_it_on_a_server(ops in proptest::collection::vec(op(), 1..25)) {
        run(Kind::Postgres, &ops);
    }
}
