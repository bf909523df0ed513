use crate::common::{Memory, log_key, name, policy, policy_text, witness_key};
use portcullis_audit::{
    Checkpoint, Cosigner, KeyKind, LogSigner, Note, Policy, PolicyError, PolicyProblem, Unsatisfied,
};
use proptest::prelude::*;
use std::fmt::Write as _;

/// The policy of the example in C2SP tlog-policy, with keys.
fn example() -> String {
    let key = |number: u8| witness_key(number).verifier();
    format!(
        "# who must have seen it\nlog {}  https://log.example/party\n\n\
         witness X1 {}\n\twitness X2 {} https://x2.example/\nwitness X3 {}\n\
         group X-witnesses 2 X1 X2 X3\n\
         witness Y1 {}\nwitness Y2 {}\nwitness Y3 {}\n\
         group Y-witnesses any Y1 Y2 Y3 \n\
         group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n",
        log_key().verifier(),
        key(1),
        key(2),
        key(3),
        key(4),
        key(5),
        key(6),
    )
}

fn cosigned(by: &[u8]) -> Note {
    let memory = Memory::of(5);
    let mut note = memory.note(0);
    for number in by {
        note.add(witness_key(*number).cosign(7, &memory.checkpoint()));
    }
    note
}

fn lacking(policy: &str, by: &[u8]) -> String {
    Policy::parse(policy.as_bytes()).unwrap().check(&cosigned(by)).unwrap_err().to_string()
}

#[test]
fn the_example_of_the_specification_needs_two_of_the_one_and_one_of_the_other() {
    let policy = Policy::parse(example().as_bytes()).unwrap();
    for by in 0..64_u8 {
        let cosigners: Vec<u8> = (1..=6).filter(|number| by >> (number - 1) & 1 == 1).collect();
        let x = cosigners.iter().filter(|number| **number <= 3).count();
        let y = cosigners.len() - x;
        let found = policy.check(&cosigned(&cosigners));
        assert_eq!(found.is_ok(), x >= 2 && y >= 1, "{cosigners:?}");
        if let Ok(satisfied) = found {
            let names: Vec<String> =
                satisfied.cosigners.iter().map(|found| found.name.to_string()).collect();
            let expected: Vec<String> =
                cosigners.iter().map(|number| format!("witness.example/w{number}")).collect();
            assert_eq!(names, expected);
        }
    }
}

#[test]
fn what_is_lacking_is_said() {
    assert_eq!(
        lacking(&example(), &[1]),
        "too few witnesses have cosigned the checkpoint: `X-and-Y` needs 2 more of \
         (`X-witnesses` needs 1 more of `X2`, `X3`), (`Y-witnesses` needs 1 more of `Y1`, `Y2`, `Y3`)"
    );
    let one = format!(
        "log {}\nwitness w1 {}\nquorum w1\n",
        log_key().verifier(),
        witness_key(1).verifier()
    );
    assert_eq!(lacking(&one, &[2]), "too few witnesses have cosigned the checkpoint: `w1`");
}

#[test]
fn logs_and_witnesses_are_listed_with_their_addresses() {
    let policy = Policy::parse(example().as_bytes()).unwrap();
    let logs: Vec<_> = policy.logs().map(|(key, url)| (key.clone(), url)).collect();
    assert_eq!(logs, [(log_key().verifier(), Some("https://log.example/party"))]);
    let urls: Vec<_> = policy.witnesses().map(|(_, url)| url).collect();
    assert_eq!(urls, [None, Some("https://x2.example/"), None, None, None, None]);
    assert!(policy.witnesses().all(|(key, _)| key.kind() == KeyKind::Cosigner));
}

#[test]
fn a_checkpoint_that_no_log_of_the_policy_signed_is_refused() {
    let memory = Memory::of(5);
    let other = LogSigner::new(name("other.example"), &[9; 32]);
    let note = Checkpoint::new("other.example", 5, memory.frontier.root()).unwrap().sign(&other);
    assert!(matches!(policy(0).check(&note), Err(Unsatisfied::Log(_))));
    // Signed by a known log, under the name of another one.
    let note =
        Checkpoint::new("other.example", 5, memory.frontier.root()).unwrap().sign(&log_key());
    assert!(matches!(policy(0).check(&note), Err(Unsatisfied::Origin { .. })));
    let mut note = Note::new("no checkpoint\n").unwrap();
    log_key().sign(&mut note);
    assert!(matches!(policy(0).check(&note), Err(Unsatisfied::Checkpoint(_))));
}

#[test]
fn a_false_cosignature_is_not_passed_over_even_when_it_is_not_needed() {
    let mut note = cosigned(&[1, 2, 4]);
    let other = Memory::of(6).checkpoint();
    note.add(witness_key(3).cosign(7, &other));
    let policy = Policy::parse(example().as_bytes()).unwrap();
    assert!(matches!(policy.check(&note), Err(Unsatisfied::Cosignature { .. })));
}

#[test]
fn another_key_under_the_name_of_a_witness_does_not_count() {
    let memory = Memory::of(5);
    let mut note = memory.note(0);
    let impostor = Cosigner::new(name("witness.example/w1"), &[99; 32]);
    note.add(impostor.cosign(7, &memory.checkpoint()));
    assert!(matches!(policy(1).check(&note), Err(Unsatisfied::Quorum { .. })));
    note.add(witness_key(1).cosign(7, &memory.checkpoint()));
    policy(1).check(&note).unwrap();
}

#[test]
fn what_is_wrong_with_a_policy_is_said_with_its_place() {
    let log = log_key().verifier();
    let (w1, w2) = (witness_key(1).verifier(), witness_key(2).verifier());
    let base = format!("log {log}\nwitness a {w1}\nwitness b {w2}\n");
    let wrong_use = PolicyProblem::WrongUse {};
    for (text, line, column, problem) in [
        (String::new(), 1, 1, PolicyProblem::NoQuorum {}),
        (format!("log {log}\n"), 2, 1, PolicyProblem::NoQuorum {}),
        ("quorum none".into(), 1, 12, PolicyProblem::Character {}),
        ("quorum\rnone\n".into(), 1, 7, PolicyProblem::Character {}),
        ("quorum none\n\u{7f}\n".into(), 2, 1, PolicyProblem::Character {}),
        ("  quorums none\n".into(), 1, 3, PolicyProblem::Keyword {}),
        ("quorum  \n".into(), 1, 9, PolicyProblem::Missing {}),
        ("quorum none more\n".into(), 1, 13, PolicyProblem::Surplus {}),
        ("quorum none\nquorum none\n".into(), 2, 1, PolicyProblem::SecondQuorum {}),
        (format!("log {w1}\n"), 1, 5, wrong_use),
        (format!("witness a {log}\n"), 1, 11, wrong_use),
        (format!("log {log}\nlog {log}\n"), 2, 5, PolicyProblem::DuplicateKey {}),
        (format!("{base}witness c {w1}\n"), 4, 11, PolicyProblem::DuplicateKey {}),
        (format!("{base}witness a {w1}\n"), 4, 9, PolicyProblem::DuplicateName {}),
        (format!("{base}witness none {w1}\n"), 4, 9, PolicyProblem::DuplicateName {}),
        (format!("{base}group a any b\n"), 4, 7, PolicyProblem::DuplicateName {}),
        (format!("{base}group g any\n"), 4, 12, PolicyProblem::Missing {}),
        (format!("{base}group g any g\n"), 4, 13, PolicyProblem::UnknownName {}),
        (format!("{base}group g any none\n"), 4, 13, PolicyProblem::UnknownName {}),
        (format!("{base}group g any a a\n"), 4, 15, PolicyProblem::MemberTwice {}),
        (format!("{base}group g any a\ngroup h any a\n"), 5, 13, PolicyProblem::MemberTwice {}),
        (format!("{base}group g 0 a b\n"), 4, 9, PolicyProblem::Threshold {}),
        (format!("{base}group g 3 a b\n"), 4, 9, PolicyProblem::Threshold {}),
        (format!("{base}group g 02 a b\n"), 4, 9, PolicyProblem::Threshold {}),
        (format!("{base}group g most a b\n"), 4, 9, PolicyProblem::Threshold {}),
        (format!("{base}quorum c\n"), 4, 8, PolicyProblem::UnknownName {}),
        ("#\n".repeat(500_001), 1, 1, PolicyProblem::TooLarge {}),
    ] {
        let error = Policy::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error, PolicyError { line, column, problem }, "{:?}", text.get(..200));
    }
    let error = Policy::parse(b"log example.com+00000000+AAAA\n").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1, column 5 of the policy: this key cannot be used here: \
        the key has type `0`, where 1 (Ed25519) or 4 (Ed25519 cosignature) is needed"
    );
}

#[test]
fn names_are_octets() {
    let (k, kelvin) = (witness_key(1).verifier(), witness_key(2).verifier());
    let mut text = format!("witness K {k}\n").into_bytes();
    text.extend(b"witness \xe2\x84\xaa ");
    text.extend(format!("{kelvin}\n").into_bytes());
    text.extend(b"witness \xff ");
    text.extend(format!("{}\nquorum \u{212a}\n", witness_key(3).verifier()).into_bytes());
    Policy::parse(&text).unwrap();
}

#[test]
fn a_policy_of_32_of_each_is_taken() {
    // C2SP tlog-policy recommends to support at least that many.
    let mut text = String::new();
    for number in 0..32_u8 {
        let log = LogSigner::new(name(&format!("log.example/{number}")), &[number + 100; 32]);
        write!(
            text,
            "log {}\nwitness w{number} {}\n",
            log.verifier(),
            witness_key(number).verifier()
        )
        .unwrap();
        writeln!(text, "group g{number} any w{number}").unwrap();
    }
    Policy::parse((text + "quorum g31\n").as_bytes()).unwrap();
}

proptest! {
    #[test]
    fn a_threshold_is_met_by_exactly_so_many(
        count in 1_u8..8, threshold in 1_u8..8, by in prop::collection::btree_set(1_u8..8, 0..8),
    ) {
        let threshold = threshold.min(count);
        let mut text = policy_text(0).replace("quorum none\n", "");
        let mut members = String::new();
        for number in 1..=count {
            writeln!(text, "witness w{number} {}", witness_key(number).verifier()).unwrap();
            write!(members, " w{number}").unwrap();
        }
        write!(text, "group g {threshold}{members}\nquorum g\n").unwrap();
        let by: Vec<u8> = by.into_iter().collect();
        let enough = by.iter().filter(|number| **number <= count).count() >= threshold.into();
        let found = Policy::parse(text.as_bytes()).unwrap().check(&cosigned(&by));
        prop_assert_eq!(found.is_ok(), enough);
    }

    #[test]
    fn no_policy_makes_the_parser_panic(
        text in "(log |witness |group |quorum |any |all |2 |a |b |none|#|\t|\n|\\PC){0,60}\n",
    ) {
        let _ = Policy::parse(text.as_bytes());
    }

    #[test]
    fn no_changed_byte_makes_a_policy_ask_for_nothing(at: prop::sample::Index, byte: u8) {
        let mut text = policy_text(2).into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        if let Ok(policy) = Policy::parse(&text) {
            prop_assert!(policy.check(&cosigned(&[])).is_err());
        }
    }
}
