use crate::common::{EverySize, Memory, ORIGIN, digest, log_key, name, vector, witness_key};
use portcullis_audit::{
    AddCheckpoint, Answer, Checkpoint, Cosignature, KnownLog, LogSigner, Outcome, RequestError,
    Seen, Tree, Witness, read_cosignatures, read_size,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::convert::Infallible;

/// A witness with its memory, as a node would keep it.
#[derive(Default)]
struct Place(BTreeMap<String, Seen>);

impl Place {
    fn ask(&mut self, request: &[u8]) -> Answer {
        let cosigner = witness_key(1);
        let logs = [KnownLog { origin: ORIGIN.to_owned(), keys: vec![log_key().verifier()] }];
        let witness = Witness { cosigner: &cosigner, logs: &logs };
        let seen = |origin: &str| Ok::<_, Infallible>(self.0.get(origin).copied());
        let answer = witness.answer(1_679_315_147, request, seen).unwrap();
        self.0.extend(answer.to_store.clone());
        answer
    }
}

fn request(old: u64, new: u64) -> AddCheckpoint {
    let memory = EverySize(Memory::of(300));
    let mut tree = Tree::new(&memory, new);
    let checkpoint = Checkpoint::new(ORIGIN, new, tree.root().unwrap()).unwrap();
    AddCheckpoint {
        old_size: old,
        proof: if old <= new { tree.consistency(old).unwrap() } else { Vec::new() },
        checkpoint: checkpoint.sign(&log_key()),
    }
}

fn status(place: &mut Place, request: &AddCheckpoint) -> (Outcome, u16) {
    let answer = place.ask(&request.to_bytes());
    assert_eq!(answer.to_store.is_some(), answer.outcome == Outcome::Cosigned);
    (answer.outcome, answer.response.status)
}

#[test]
fn an_answer_is_that_of_another_implementation() {
    let case = vector("witness");
    let seen = Seen { size: 256, root: digest(&case["seen"]["root"]) };
    let mut place = Place(BTreeMap::from([(ORIGIN.to_owned(), seen)]));
    let bytes = case["request"].as_str().unwrap().as_bytes();
    assert_eq!(AddCheckpoint::parse(bytes).unwrap().to_bytes(), bytes);
    let answer = place.ask(bytes);
    assert_eq!(answer.response.status, 200);
    assert_eq!(String::from_utf8(answer.response.body).unwrap(), case["answer"].as_str().unwrap());
    assert_eq!(place.0[ORIGIN].size, 1000);
}

#[test]
fn a_log_that_grows_is_cosigned_each_time() {
    let mut place = Place::default();
    for (old, new) in [(0, 0), (0, 1), (1, 7), (7, 7), (7, 256), (256, 300)] {
        assert_eq!(status(&mut place, &request(old, new)), (Outcome::Cosigned, 200), "{old} {new}");
        assert_eq!(place.0[ORIGIN].size, new);
    }
}

// THREATS T-17
#[test]
fn a_log_that_was_rolled_back_is_told_what_the_witness_has_seen() {
    let mut place = Place::default();
    status(&mut place, &request(0, 300));
    // Restored from a backup of size 200, the log goes on from there.
    let answer = place.ask(&request(200, 250).to_bytes());
    assert_eq!(answer.outcome, Outcome::OtherSize);
    assert_eq!(answer.response.status, 409);
    assert_eq!(answer.response.content_type, "text/x.tlog.size");
    assert_eq!(answer.response.body, b"300\n");
    assert_eq!(read_size(&answer.response.body), Ok(300));
    assert_eq!(place.0[ORIGIN].size, 300);
    // It cannot say it was 300 all along and be smaller.
    assert_eq!(status(&mut place, &request(300, 250)), (Outcome::Malformed, 400));
}

#[test]
fn another_root_for_the_size_seen_is_a_fork() {
    let mut place = Place::default();
    status(&mut place, &request(0, 300));
    let forked = Memory::with(300, |index| vec![7, u8::try_from(index % 256).unwrap()]);
    let fork = AddCheckpoint { old_size: 300, proof: Vec::new(), checkpoint: forked.note(0) };
    assert_eq!(status(&mut place, &fork), (Outcome::Forked, 409));
}

#[test]
fn a_proof_that_does_not_lead_there_is_refused() {
    let mut place = Place::default();
    status(&mut place, &request(0, 200));
    let good = request(200, 300);
    let mut proof = good.proof.clone();
    proof.pop();
    let cut = AddCheckpoint { proof, ..good.clone() };
    assert_eq!(status(&mut place, &cut), (Outcome::NotConsistent, 422));
    let surplus = AddCheckpoint { proof: good.proof.repeat(2), ..good.clone() };
    assert_eq!(status(&mut place, &surplus), (Outcome::NotConsistent, 422));
    let same = AddCheckpoint { proof: good.proof.clone(), ..request(200, 200) };
    assert_eq!(status(&mut place, &same), (Outcome::NotConsistent, 422));
    let mut fresh = Place::default();
    let first = AddCheckpoint { proof: good.proof, ..request(0, 200) };
    assert_eq!(status(&mut fresh, &first), (Outcome::NotConsistent, 422));
    // An empty tree has one root.
    let empty = Checkpoint::new(ORIGIN, 0, Memory::of(1).frontier.root()).unwrap();
    let empty =
        AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint: empty.sign(&log_key()) };
    assert_eq!(status(&mut fresh, &empty), (Outcome::NotConsistent, 422));
}

#[test]
fn unknown_logs_and_unknown_keys_are_told_apart() {
    let mut place = Place::default();
    let checkpoint = Checkpoint::new("other.example", 1, Memory::of(1).frontier.root()).unwrap();
    let other =
        AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint: checkpoint.sign(&log_key()) };
    assert_eq!(status(&mut place, &other), (Outcome::UnknownLog, 404));
    let stranger = LogSigner::new(name(ORIGIN), &[9; 32]);
    let checkpoint = Memory::of(1).checkpoint();
    let unsigned = AddCheckpoint { checkpoint: checkpoint.sign(&stranger), ..other };
    assert_eq!(status(&mut place, &unsigned), (Outcome::NotSigned, 403));
}

#[test]
fn malformed_requests_are_refused_with_their_line() {
    let good = request(7, 300);
    let after_proof = 2 + good.proof.len();
    let good = String::from_utf8(good.to_bytes()).unwrap();
    for (bad, error) in [
        (String::new(), RequestError::Size {}),
        (good.replace("old 7", "old 07"), RequestError::Size {}),
        (good.replace("old 7", "old"), RequestError::Size {}),
        (good.replacen("=\n", "\n", 1), RequestError::Proof { line: 2 }),
        (
            good.replacen("old 7\n", &format!("old 7\n{}", ("A".repeat(43) + "=\n").repeat(64)), 1),
            RequestError::Proof { line: 65 },
        ),
        (good.replace("\n\n", "\n"), RequestError::Proof { line: after_proof }),
        ("old 7\n\n".into(), RequestError::Checkpoint {}),
        ("x".repeat(1_100_000), RequestError::TooLong {}),
    ] {
        let found = AddCheckpoint::parse(bad.as_bytes()).unwrap_err();
        assert_eq!(found, error);
        assert_eq!(Place::default().ask(bad.as_bytes()).response.status, 400);
    }
}

#[test]
fn what_cannot_be_looked_up_is_not_answered() {
    let cosigner = witness_key(1);
    let logs = [KnownLog { origin: ORIGIN.to_owned(), keys: vec![log_key().verifier()] }];
    let witness = Witness { cosigner: &cosigner, logs: &logs };
    let answer = witness.answer(7, &request(0, 1).to_bytes(), |_| Err("the store is away"));
    assert_eq!(answer.unwrap_err(), "the store is away");
}

#[test]
fn a_log_takes_valid_cosignatures_and_no_others() {
    let mut place = Place::default();
    let body = place.ask(&request(0, 300).to_bytes()).response.body;
    let checkpoint = Memory::of(300).checkpoint();
    let keys = [witness_key(1).verifier(), witness_key(2).verifier()];
    let lines = read_cosignatures(&body, &checkpoint, &keys).unwrap();
    assert_eq!(lines.len(), 1);
    let mut note = Memory::of(300).note(0);
    note.add(lines[0].clone());
    assert!(Cosignature::find(&note, &keys[0]).unwrap().is_some());
    assert_eq!(read_cosignatures(&body, &checkpoint, &keys[1..]), Ok(Vec::new()));
    let other = Memory::of(299).checkpoint();
    assert_eq!(read_cosignatures(&body, &other, &keys), Ok(Vec::new()));
    assert_eq!(
        read_cosignatures(b"thank you\n", &checkpoint, &keys),
        Err(RequestError::Signature { line: 1 })
    );
    for bad in [b"".as_slice(), b"300", b"0300\n", b"-1\n", b"\xff\n"] {
        assert_eq!(read_size(bad), Err(RequestError::Size {}));
    }
}

proptest! {
    // THREATS T-17
    #[test]
    fn whatever_is_asked_the_witness_never_goes_back(
        asked in prop::collection::vec((0_u64..30, 0_u64..30), 1..12),
    ) {
        let mut place = Place::default();
        let mut largest = 0;
        for (old, new) in asked {
            let answer = place.ask(&request(old, new).to_bytes());
            if answer.outcome == Outcome::Cosigned {
                prop_assert!(new >= largest && old == largest);
                largest = new;
            }
            prop_assert_eq!(place.0.get(ORIGIN).map_or(0, |seen| seen.size), largest);
        }
    }

    #[test]
    fn any_flipped_bit_of_a_request_is_refused(at: prop::sample::Index) {
        static GOOD: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let mut bytes = GOOD.get_or_init(|| request(200, 300).to_bytes()).clone();
        let root = Memory::of(200).frontier.root();
        let mut place = Place(BTreeMap::from([(ORIGIN.to_owned(), Seen { size: 200, root })]));
        let at = at.index(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        prop_assert_ne!(place.ask(&bytes).outcome, Outcome::Cosigned);
        prop_assert_eq!(place.0[ORIGIN].size, 200);
    }

    #[test]
    fn no_request_makes_the_witness_panic(text in "(old [0-9]{0,3}\n)?([A-Za-z0-9=]{0,44}|\n|— |o\n5\n){0,30}") {
        let _ = Place::default().ask(text.as_bytes());
        let _ = read_size(text.as_bytes());
    }
}
