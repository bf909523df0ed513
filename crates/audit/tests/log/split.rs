use crate::common::{EverySize, Memory, ORIGIN, log_key, name, vector};
use portcullis_audit::{Checkpoint, Held, LogSigner, Prefix, Split, SplitError, Tree, find_splits};
use proptest::prelude::*;

fn held(holder: &str, memory: &Memory) -> Held {
    Held { holder: holder.to_owned(), note: memory.note(0) }
}

/// The same log up to `same`, then another history.
fn forked(same: u64, size: u64) -> Memory {
    Memory::with(size, |index| if index < same { crate::common::entry(index) } else { vec![7; 32] })
}

/// Asks the one who holds the tiles of the larger tree.
fn from(memory: Memory) -> impl FnMut(&Checkpoint, &Checkpoint) -> Option<Prefix> {
    let memory = EverySize(memory);
    move |older, newer| Tree::new(&memory, newer.size()).prefix(older.size()).ok()
}

#[test]
fn evidence_is_that_of_another_implementation() {
    let case = vector("split");
    let keys = [case["log"].as_str().unwrap().parse().unwrap()];
    for good in case["good"].as_array().unwrap() {
        let text = good.as_str().unwrap();
        let split = Split::parse(text.as_bytes()).unwrap();
        assert_eq!(split.to_string(), text);
        split.verify(&keys).unwrap();
    }
    for bad in case["bad"].as_array().unwrap() {
        let split = Split::parse(bad.as_str().unwrap().as_bytes()).unwrap();
        assert_eq!(split.verify(&keys), Err(SplitError::NoContradiction {}));
    }
}

#[test]
fn holders_of_one_history_find_no_split() {
    let all: Vec<Held> =
        [256, 100, 300, 300].iter().map(|size| held("x", &Memory::of(*size))).collect();
    let keys = [log_key().verifier()];
    let splits = find_splits(ORIGIN, &keys, &all, from(Memory::of(300)));
    assert!(splits.found.is_empty() && splits.not_shown.is_empty() && splits.refused.is_empty());
}

#[test]
fn two_roots_of_one_size_are_evidence() {
    let keys = [log_key().verifier()];
    let all = [held("party", &Memory::of(300)), held("overseer", &forked(299, 300))];
    let splits = find_splits(ORIGIN, &keys, &all, |_, _| None);
    assert_eq!(splits.found.len(), 1);
    splits.found[0].verify(&keys).unwrap();
    assert_eq!(Split::parse(splits.found[0].to_string().as_bytes()), Ok(splits.found[0].clone()));
}

#[test]
fn a_larger_tree_that_did_not_grow_from_the_smaller_one_is_evidence() {
    let keys = [log_key().verifier()];
    for (size, large) in [(128, 300), (129, 300), (300, 301), (1, 2)] {
        let all = [held("party", &Memory::of(size)), held("overseer", &forked(size - 1, large))];
        let splits = find_splits(ORIGIN, &keys, &all, from(forked(size - 1, large)));
        assert_eq!(splits.found.len(), 1, "{size} {large}");
        splits.found[0].verify(&keys).unwrap();
    }
}

#[test]
fn a_split_of_which_nobody_has_the_tiles_is_said_not_to_be_shown() {
    let keys = [log_key().verifier()];
    let all = [held("party", &Memory::of(128)), held("overseer", &forked(100, 300))];
    let splits = find_splits(ORIGIN, &keys, &all, |_, _| None);
    assert_eq!(splits.not_shown, [("party".to_owned(), "overseer".to_owned())]);
    // Tiles of another tree show nothing.
    let splits = find_splits(ORIGIN, &keys, &all, from(Memory::of(300)));
    assert_eq!((splits.found.len(), splits.not_shown.len()), (0, 1));
}

#[test]
fn an_empty_tree_begins_every_other() {
    let keys = [log_key().verifier()];
    let all = [held("party", &Memory::of(0)), held("overseer", &Memory::of(5))];
    let splits = find_splits(ORIGIN, &keys, &all, |_, _| None);
    assert!(splits.found.is_empty() && splits.not_shown.is_empty());
}

#[test]
fn nobody_can_accuse_a_log_with_what_it_did_not_sign() {
    let keys = [log_key().verifier()];
    let stranger = LogSigner::new(name(ORIGIN), &[9; 32]);
    let forged = Held {
        holder: "slanderer".to_owned(),
        note: forked(100, 300).checkpoint().sign(&stranger),
    };
    let other = Checkpoint::new("other.example", 1, Memory::of(1).frontier.root()).unwrap();
    let other = Held { holder: "confused".to_owned(), note: other.sign(&log_key()) };
    let all = [held("party", &Memory::of(300)), forged.clone(), other];
    let splits = find_splits(ORIGIN, &keys, &all, |_, _| None);
    assert!(splits.found.is_empty());
    let refused: Vec<&str> = splits.refused.iter().map(|(holder, _)| holder.as_str()).collect();
    assert_eq!(refused, ["slanderer", "confused"]);
    let split = Split {
        older: forged.note,
        newer: Memory::of(300).note(0),
        prefix: Prefix { root: Memory::of(300).frontier.root(), proof: Vec::new() },
    };
    assert!(matches!(split.verify(&keys), Err(SplitError::Signature(_))));
    let same = Split { older: split.newer.clone(), ..split };
    assert_eq!(same.verify(&keys), Err(SplitError::NoContradiction {}));
}

#[test]
fn malformed_evidence_is_refused() {
    let good = vector("split")["good"][0].as_str().unwrap().to_owned();
    // Four lines of our own, then the hashes of the proof, the last of which has no end.
    let last = 4 + vector("split")["good"][0]
        .as_str()
        .unwrap()
        .split("\nroot ")
        .nth(1)
        .unwrap()
        .lines()
        .count()
        - 1;
    for (bad, line) in [
        (String::new(), 1),
        (good.replace("/v1", "/v2"), 1),
        (good.replacen("older ", "older 0", 1), 2),
        (good.replacen("newer ", "newer 9", 1), 3),
        (good.replace("\nroot ", "\nroots "), 4),
        (good.trim_end().to_owned(), last),
    ] {
        assert_eq!(Split::parse(bad.as_bytes()), Err(SplitError::Form { line }));
    }
}

proptest! {
    #[test]
    fn any_flipped_bit_of_evidence_takes_its_force(at: prop::sample::Index) {
        let case = vector("split");
        let keys = [case["log"].as_str().unwrap().parse().unwrap()];
        let mut bytes = case["good"][0].as_str().unwrap().as_bytes().to_vec();
        let at = at.index(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        prop_assert!(!Split::parse(&bytes).is_ok_and(|split| split.verify(&keys).is_ok()));
    }

    #[test]
    fn no_evidence_makes_the_parser_panic(
        rest in "(older [0-9]{0,3}\n|newer [0-9]{0,3}\n|[A-Za-z0-9=]{0,44}|\n|— ){0,30}",
    ) {
        let _ = Split::parse(format!("portcullis-log-split/v1\n{rest}").as_bytes());
    }
}
