//! Two nodes that begin new keys and hear of each other's late, with everything sealed and signed.
//!
//! What counts as failure: that something is lost, doubled or out of order once both have the same
//! list, that a frame has another length than the others, or that a frame is refused for anything
//! but a key that the reader has not heard of. What does not: that polls fail meanwhile.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod world;

use portcullis_exchange::outgoing::{Urgency, release};
use portcullis_exchange::{Frame, FrameKind, TakenAs};
use portcullis_federation::{MemberList, Moment};
use proptest::prelude::*;
use world::*;

const NAMES: [&str; 2] = ["party-a", "service-x"];

#[derive(Debug, Clone, Copy)]
enum Op {
    Say { from: usize, urgent: bool },
    Poll { asker: usize },
    Rotate { who: usize },
    Learn { who: usize },
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        2 => (0..2_usize, any::<bool>()).prop_map(|(from, urgent)| Op::Say { from, urgent }),
        3 => (0..2_usize).prop_map(|asker| Op::Poll { asker }),
        1 => (0..2_usize).prop_map(|who| Op::Rotate { who }),
        1 => (0..2_usize).prop_map(|who| Op::Learn { who }),
    ]
}

struct Two {
    now: Moment,
    /// Each list with the numbers of the keys that it names for the two.
    lists: Vec<(MemberList, [u32; 2])>,
    /// Which list each of the two has.
    knows: [usize; 2],
    sides: [Side; 2],
    said: [Vec<Vec<u8>>; 2],
    lengths: Vec<usize>,
}

impl Two {
    fn new() -> Self {
        Self {
            now: at(0),
            lists: vec![(list(&NAMES), [0, 0])],
            knows: [0, 0],
            sides: [Side::new(NAMES[0], 1), Side::new(NAMES[1], 2)],
            said: [Vec::new(), Vec::new()],
            lengths: Vec::new(),
        }
    }

    fn list_of(&self, who: usize) -> MemberList {
        self.lists[self.knows[who]].0.clone()
    }

    fn learn(&mut self, who: usize) {
        self.knows[who] = self.lists.len() - 1;
        let (_, numbers) = &self.lists[self.knows[who]];
        self.sides[who].node.signer = signer(NAMES[who], numbers[who]);
    }

    fn run(&mut self, op: Op) {
        self.now = self.now.later(300);
        match op {
            Op::Say { from, urgent } => {
                let text = format!("{} says {}", NAMES[from], self.said[from].len()).into_bytes();
                let to = self.sides[1 - from].node.id.clone();
                let urgency = if urgent { Urgency::Urgent } else { Urgency::Routine };
                self.sides[from].say(self.now, &to, 1, &text, urgency);
                self.said[from].push(text);
            }
            Op::Poll { asker } => self.poll(asker),
            Op::Rotate { who } => {
                let (mut list, mut numbers) = self.lists[self.lists.len() - 1].clone();
                numbers[who] += 1;
                rotate(&mut list, NAMES[who], numbers[who], self.now);
                self.lists.push((list, numbers));
                // Whoever begins a key has it first.
                self.sides[who].node.keys.insert(0, sealing(NAMES[who], numbers[who]));
                self.learn(who);
            }
            Op::Learn { who } => self.learn(who),
        }
    }

    fn poll(&mut self, asker: usize) {
        let holder = 1 - asker;
        let [a, h] = [asker, holder].map(|who| self.sides[who].node.id.clone());
        let (of_asker, of_holder) = (self.list_of(asker), self.list_of(holder));
        let request = self.sides[asker].frame(self.now, &of_asker, &h, FrameKind::Request);
        self.lengths.push(request.to_bytes().len());
        let taken_as = TakenAs::Request { last: None };
        let brought = read(&request.to_bytes());
        let answer = self.take(holder, &of_holder, brought, taken_as).then(|| {
            let kind = FrameKind::Answer { to: request.digest() };
            self.sides[holder].frame(self.now, &of_holder, &a, kind)
        });
        let answered = answer.is_some_and(|answer| {
            self.lengths.push(answer.to_bytes().len());
            let brought = read(&answer.to_bytes());
            self.take(asker, &of_asker, brought, TakenAs::AnswerTo(&request))
        });
        if !answered {
            for envelope in request.envelopes() {
                release(self.now, &mut self.sides[asker].outbox, &envelope.digest())
                    .unwrap_or_else(|never| match never {});
            }
        }
    }

    /// Whether it was taken.
    fn take(&mut self, who: usize, list: &MemberList, frame: Frame, taken_as: TakenAs<'_>) -> bool {
        let side = &mut self.sides[who];
        if let Err(refused) = frame.clone().taken_as(self.now, list, &side.node.id, taken_as) {
            assert_eq!(refused.code(), "bad-signature");
            return false;
        }
        let received = side.take(self.now, list, frame, taken_as);
        for (_, refused) in received.refused {
            assert_eq!(refused.code(), "bad-signature");
        }
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    // THREATS T-40, T-41, T-42
    #[test]
    fn new_keys_lose_and_double_nothing_once_both_have_the_list(
        ops in proptest::collection::vec(op(), 1..16)
    ) {
        let mut two = Two::new();
        for op in ops {
            two.run(op);
        }
        two.learn(0);
        two.learn(1);
        // What was refused waits for six hours at most.
        two.now = two.now.later(6 * 3_600);
        let most = two.said.iter().map(Vec::len).max().unwrap_or_default();
        for _ in 0..=most.div_ceil(4) {
            two.now = two.now.later(300);
            two.poll(0);
        }
        for who in 0..2 {
            prop_assert_eq!(two.sides[1 - who].delivered(), two.said[who].clone());
        }
        let length = two.lengths.first().copied();
        prop_assert!(two.lengths.iter().all(|one| Some(*one) == length));
    }
}
