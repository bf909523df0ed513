use crate::common::{Memory, ORIGIN, log_key, name, vector};
use portcullis_audit::{
    Attested, Checkpoint, LinkError, LogLink, LogSigner, Note, Point, ReasonCode, SignatureError,
    VerifierKey,
};
use proptest::prelude::*;

fn keys() -> (VerifierKey, VerifierKey) {
    let case = vector("link");
    let key = |key: &str| case[key].as_str().unwrap().parse().unwrap();
    (key("old"), key("new"))
}

fn link() -> LogLink {
    let root = Memory::of(3).frontier.root();
    LogLink {
        old: name(ORIGIN),
        witnessed: None,
        restored: Point { size: 3, root },
        new: name("log.example/party-2"),
        time_s: 7,
        reason: ReasonCode::Moved,
    }
}

fn new_key() -> LogSigner {
    LogSigner::new(name("log.example/party-2"), &[6; 32])
}

#[test]
fn a_link_is_that_of_another_implementation() {
    let case = vector("link");
    let text = case["link"].as_str().unwrap();
    let note = Note::parse(text.as_bytes()).unwrap();
    let (old, new) = keys();
    let (link, attested) = LogLink::open(&note, &old, &new).unwrap();
    assert_eq!(attested, Attested::ByBoth);
    assert_eq!(link.witnessed.map(|point| point.size), Some(1000));
    assert_eq!(link.restored.size, 512);
    assert_eq!(link.lost(), case["lost"].as_u64().unwrap());
    assert_eq!((link.time_s, link.reason), (1_772_600_767, ReasonCode::Restored));
    let mut ours = link.note().unwrap();
    log_key().sign(&mut ours);
    new_key().sign(&mut ours);
    assert_eq!(ours.to_string(), text);
}

#[test]
fn a_link_that_the_old_log_did_not_sign_says_so() {
    let (old, new) = (log_key().verifier(), new_key().verifier());
    let mut note = link().note().unwrap();
    new_key().sign(&mut note);
    assert_eq!(LogLink::open(&note, &old, &new), Ok((link(), Attested::ByNewAlone)));
    assert_eq!(link().lost(), 0);
}

#[test]
fn a_link_that_the_new_log_did_not_sign_is_refused() {
    let (old, new) = (log_key().verifier(), new_key().verifier());
    let mut note = link().note().unwrap();
    log_key().sign(&mut note);
    let unsigned = Err(LinkError::Signature(SignatureError::Unknown {}));
    assert_eq!(LogLink::open(&note, &old, &new), unsigned);
    assert_eq!(LogLink::open(&note, &new, &old), Err(LinkError::OtherLog {}));
}

#[test]
fn a_link_is_no_checkpoint_and_a_checkpoint_is_no_link() {
    link().to_string().parse::<Checkpoint>().unwrap_err();
    Memory::of(3).checkpoint().to_string().parse::<LogLink>().unwrap_err();
}

#[test]
fn malformed_links_are_refused_with_their_line() {
    let good = link().to_string();
    for (bad, line) in [
        (good.replace("/v1", "/v10"), 1),
        (good.replace("old ", "old +"), 2),
        (good.replace("witnessed none", "witnessed 3"), 3),
        (good.replace("restored 3", "restored 03"), 4),
        (good.replace("\nnew ", "\nnewer "), 5),
        (good.replace("time 7", "time -7"), 6),
        (good.replace("reason moved", "reason mislaid"), 7),
        (format!("{good}more\n"), 8),
        (good.trim_end().to_owned(), 7),
    ] {
        assert_eq!(bad.parse::<LogLink>(), Err(LinkError::Line { line }), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_flipped_bit_of_a_link_is_found(at: prop::sample::Index) {
        let (old, new) = keys();
        let mut bytes = vector("link")["link"].as_str().unwrap().as_bytes().to_vec();
        let at = at.index(bytes.len() * 8);
        bytes[at / 8] ^= 1 << (at % 8);
        let attested = Note::parse(&bytes)
            .ok()
            .and_then(|note| LogLink::open(&note, &old, &new).ok())
            .map(|(_, attested)| attested);
        // A signature by an altered key name or id is nobody's that is known.
        prop_assert_ne!(attested, Some(Attested::ByBoth));
    }
}
