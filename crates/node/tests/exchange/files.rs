//! Across an air gap the same goes by files.

use crate::world::{PARTY_A, PARTY_B, SERVICE, World, text};
use portcullis_testkit::SeededRng;
use portcullis_types::Rng as _;

/// A file of one node for another, written and taken.
fn carry(world: &World, from: &str, to: &str) {
    let file = world.at("carried");
    world.ok(from, &["exchange", "export", to, &file]);
    world.ok(to, &["exchange", "import", &file]);
}

/// What two nodes say to each other, and when something passes between them.
#[derive(Debug, Clone)]
enum Step {
    Say { from: usize, conversation: u8, text: Vec<u8> },
    Pass,
}

fn history(seed: u64) -> Vec<Step> {
    let mut rng = SeededRng::new(seed);
    let mut byte = || {
        let mut bytes = [0];
        rng.fill(&mut bytes);
        bytes[0]
    };
    let step = |number: u8| match byte() % 3 {
        0 => Step::Pass,
        _ => Step::Say {
            from: usize::from(byte() % 2),
            conversation: byte() % 2,
            text: vec![number; 1 + usize::from(byte()) * 150],
        },
    };
    (1..=8).map(step).collect()
}

/// What each heard in each conversation, once the history is over and all has passed.
fn told(world: &World, steps: &[Step], pass: impl Fn()) -> Vec<Vec<(u8, Vec<u8>)>> {
    let names = [PARTY_A, SERVICE];
    for step in steps {
        match step {
            Step::Say { from, conversation, text } => {
                world.post(names[*from], names[1 - *from], *conversation, text);
            }
            Step::Pass => pass(),
        }
    }
    let waits = || names.iter().any(|name| world.status(name)["peers"][0]["waiting"] != 0);
    let mut passed = 0;
    while waits() {
        pass();
        passed += 1;
        assert!(passed < 20, "what waits is acknowledged in the end");
    }
    let heard = |name: &str| {
        let mut came: Vec<_> = world.came(name).into_iter().map(|(_, c, t)| (c, t)).collect();
        // The order within a conversation stays.
        came.sort_by_key(|(conversation, _)| *conversation);
        came
    };
    names.map(heard).to_vec()
}

// THREATS T-42
#[test]
fn files_deliver_what_the_network_delivers() {
    for seed in [1, 2] {
        let steps = history(seed);
        let (online, offline) = (World::new(&[SERVICE, PARTY_A]), World::new(&[SERVICE, PARTY_A]));
        let service = online.serve(SERVICE, &[]);
        let by_network = told(&online, &steps, || online.poll_ok(PARTY_A, &service));
        let by_files = told(&offline, &steps, || {
            carry(&offline, PARTY_A, SERVICE);
            carry(&offline, SERVICE, PARTY_A);
        });
        assert_eq!(by_network, by_files, "history {seed}");
        // Each was said once, so each is heard once.
        let said = steps.iter().filter(|step| matches!(step, Step::Say { .. })).count();
        assert_eq!(by_files.iter().map(Vec::len).sum::<usize>(), said, "history {seed}");
    }
}

// THREATS T-41 T-42
#[test]
fn a_file_may_be_taken_twice_and_one_for_somebody_else_or_changed_is_refused_by_name() {
    let world = World::new(&[SERVICE, PARTY_A, PARTY_B]);
    world.post(PARTY_A, SERVICE, 1, b"an enquiry");
    let (file, changed) = (world.at("file"), world.at("changed"));
    world.ok(PARTY_A, &["exchange", "export", SERVICE, &file]);
    for _ in 0..2 {
        let taken = world.ok(SERVICE, &["exchange", "import", &file]);
        assert!(taken.contains("`party-a.example`: 4 envelopes taken, 0 refused"), "{taken}");
        assert_eq!(world.heard(SERVICE, PARTY_A, 1), ["an enquiry"]);
    }
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&changed, &bytes).unwrap();
    let nothing = world.at("list");
    for (node, path, code) in [
        (PARTY_B, &file, "wrong-recipient"),
        (SERVICE, &changed, "bad-signature"),
        (SERVICE, &nothing, "other"),
    ] {
        let output = world.run(node, &["exchange", "import", path]);
        assert_eq!(output.status.code(), Some(1), "{code}");
        let said = text(&output.stdout);
        assert!(said.contains(&format!("is refused ({code})")), "{said}");
        assert_eq!(world.status(node)["refused_of_strangers"][code], 1, "{code}");
    }
    let output = world.run(PARTY_A, &["exchange", "export", "nobody.example", &changed]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("is not a member"), "{}", text(&output.stderr));
}
