use crate::common::{ORIGIN, bytes, digest, log_key, name, vector, witness_key};
use portcullis_audit::{
    Checkpoint, CheckpointError, Cosignature, CosignatureError, Cosigner, KeyError, KeyKind,
    KeyName, LogSigner, Note, NoteError, Policy, SignatureError, VerifierKey,
};
use proptest::prelude::*;

// The example in the documentation of golang.org/x/mod/sumdb/note.
const SKEY: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const VKEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\n\
    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

// The example in C2SP tlog-cosignature.
const BEHIND_THE_SOFA: &str = "example.com/behind-the-sofa\n20852163\n\
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";

#[test]
fn the_published_example_is_signed_and_verified() {
    let signer = LogSigner::from_text(SKEY).unwrap();
    assert_eq!(signer.verifier().to_string(), VKEY);
    assert_eq!(*signer.to_text(), SKEY);
    let mut note = Note::new(TEXT).unwrap();
    signer.sign(&mut note);
    assert_eq!(note.to_string(), NOTE);
    let key: VerifierKey = VKEY.parse().unwrap();
    assert_eq!(Note::parse(NOTE.as_bytes()).unwrap().verify([&key]).unwrap(), [&key]);
}

// The seed is what Python's `hmac` makes of the rule in docs/spec/log.md.
#[test]
fn each_log_of_one_secret_has_a_key_of_its_own() {
    let of = |origin| LogSigner::of_origin(name(origin), &[7; 32]);
    let seed = "7dc0e443984260a569100fe28782f89bba5a3dd9b2f669398d2cd972588232c3";
    let seed: [u8; 32] = bytes(&seed.into()).try_into().unwrap();
    let expected = LogSigner::new(name("log.example/party"), &seed);
    assert_eq!(of("log.example/party").verifier(), expected.verifier());
    let keys = [of("log.example/party").verifier(), of("log.example/party/2").verifier()];
    let policy = format!("log {}\nlog {}\nquorum none\n", keys[0], keys[1]);
    assert_eq!(Policy::parse(policy.as_bytes()).unwrap().logs().count(), 2);
}

#[test]
fn checkpoint_and_cosignatures_are_those_of_another_implementation() {
    let case = vector("checkpoint");
    let seed = |value: &serde_json::Value| -> [u8; 32] { bytes(value).try_into().unwrap() };
    let log = LogSigner::new(name(ORIGIN), &seed(&case["log"]["seed"]));
    assert_eq!(log.verifier().to_string(), case["log"]["vkey"].as_str().unwrap());
    assert_eq!(*log.to_text(), case["log"]["skey"].as_str().unwrap());
    let size = case["size"].as_u64().unwrap();
    let checkpoint = Checkpoint::new(ORIGIN, size, digest(&case["root"])).unwrap();
    let mut note = checkpoint.sign(&log);
    for (witness, time) in
        case["witnesses"].as_array().unwrap().iter().zip(case["times"].as_array().unwrap())
    {
        let cosigner = Cosigner::from_text(witness["skey"].as_str().unwrap()).unwrap();
        assert_eq!(cosigner.verifier().to_string(), witness["vkey"].as_str().unwrap());
        let time_s = time.as_u64().unwrap();
        note.add(cosigner.cosign(time_s, &checkpoint));
        let found = Cosignature::find(&note, &cosigner.verifier()).unwrap().unwrap();
        assert_eq!((found.name, found.time_s), (cosigner.name().clone(), time_s));
    }
    assert_eq!(note.to_string(), case["checkpoint"].as_str().unwrap());
}

#[test]
fn the_example_of_the_specification_is_read_and_written_back() {
    let note = Note::parse(BEHIND_THE_SOFA.as_bytes()).unwrap();
    assert_eq!(note.to_string(), BEHIND_THE_SOFA);
    let checkpoint: Checkpoint = note.text().parse().unwrap();
    assert_eq!(checkpoint.origin(), "example.com/behind-the-sofa");
    assert_eq!(checkpoint.size(), 20_852_163);
    assert_eq!(checkpoint.root().to_string(), "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=");
    assert_eq!(checkpoint.to_string(), note.text());
}

#[test]
fn mangled_keys_are_refused() {
    // As golang.org/x/mod/sumdb/note tests itself: every part of the text, every byte raised by one.
    for from in 0..VKEY.len() {
        for to in from + 1..=VKEY.len() {
            if (from, to) != (0, VKEY.len()) {
                VKEY[from..to].parse::<VerifierKey>().unwrap_err();
            }
        }
    }
    for text in [VKEY, SKEY] {
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] += 1;
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.parse::<VerifierKey>().is_err() && LogSigner::from_text(&text).is_err());
        }
    }
    for text in [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        text.parse::<VerifierKey>().unwrap_err();
    }
}

#[test]
fn a_key_for_the_one_use_is_refused_for_the_other() {
    let (log, witness) = (log_key(), witness_key(1));
    assert!(matches!(Cosigner::from_text(&log.to_text()), Err(KeyError::Kind { kind: 1 })));
    assert!(matches!(LogSigner::from_text(&witness.to_text()), Err(KeyError::Kind { kind: 4 })));
    // The same seed gives keys with other ids, so a signature is never taken for a cosignature.
    let same = Cosigner::new(name(ORIGIN), &[1; 32]).verifier();
    assert_eq!(same.public(), log.verifier().public());
    assert_ne!(same.id(), log.verifier().id());
}

#[test]
fn a_key_for_which_anybody_can_sign_is_refused() {
    // The neutral element: the signature (neutral, 0) is valid over everything.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    assert_eq!(VerifierKey::new(name("x"), KeyKind::Log, &neutral), Err(KeyError::Unusable {}));
    // No point of the curve has this encoding (RFC 8032 section 5.1.3): y = 2.
    let mut none = [0; 32];
    none[0] = 2;
    assert_eq!(VerifierKey::new(name("x"), KeyKind::Log, &none), Err(KeyError::Unusable {}));
}

#[test]
fn key_names_have_no_spaces_and_no_plus() {
    for bad in ["", "a b", "a+b", "a\u{a0}b", "a\u{2003}b", "a\nb", "\t", &"a".repeat(256)] {
        assert_eq!(bad.parse::<KeyName>(), Err(KeyError::Name {}), "{bad:?}");
    }
    assert_eq!(name("log.example/pärty").as_str(), "log.example/pärty");
}

#[test]
fn signing_keys_do_not_show_themselves() {
    assert_eq!(format!("{:?}", log_key()), "LogSigner(log.example/party, ..)");
    assert_eq!(format!("{:?}", witness_key(1)), "Cosigner(witness.example/w1, ..)");
    let error = LogSigner::from_text("PRIVATE+KEY+secret").unwrap_err().to_string();
    assert!(!error.contains("secret"));
}

#[test]
fn malformed_notes_are_refused() {
    let line = NOTE.lines().last().unwrap();
    for (bad, error) in [
        (String::new(), NoteError::Form {}),
        ("text\n".into(), NoteError::Form {}),
        ("text\n\n".into(), NoteError::Signature { line: 1 }),
        (format!("\n\n{line}\n"), NoteError::Form {}),
        (format!("text\n\n{line}"), NoteError::Signature { line: 1 }),
        (format!("text\n\n{line}\n{line}\nmore\n"), NoteError::Signature { line: 3 }),
        (format!("te\rxt\n\n{line}\n"), NoteError::Text {}),
        ("text\n\n— name AAAAAA==\n".into(), NoteError::Signature { line: 1 }),
        ("text\n\n— name x\n".into(), NoteError::Signature { line: 1 }),
        ("text\n\n- name AAAAAAA=\n".into(), NoteError::Signature { line: 1 }),
        ("text\n\n— na+me AAAAAAA=\n".into(), NoteError::Signature { line: 1 }),
        (
            format!("text\n\n{}", format!("{line}\n").repeat(101)),
            NoteError::Signature { line: 101 },
        ),
        ("a".repeat(1_000_001), NoteError::TooLong {}),
    ] {
        assert_eq!(Note::parse(bad.as_bytes()), Err(error), "{:?}", bad.get(..40));
    }
    assert_eq!(Note::parse(b"\xff\n\n"), Err(NoteError::Text {}));
    assert_eq!(Note::new("no newline"), Err(NoteError::Form {}));
}

#[test]
fn the_text_ends_at_the_last_empty_line() {
    let mut note = Note::new("one\n\ntwo\n").unwrap();
    log_key().sign(&mut note);
    let read = Note::parse(note.to_string().as_bytes()).unwrap();
    assert_eq!(read.text(), "one\n\ntwo\n");
    read.verify([&log_key().verifier()]).unwrap();
}

#[test]
fn unknown_signatures_are_passed_over_and_false_ones_are_not() {
    let mut note = Note::new("text\n").unwrap();
    let (known, other) = (log_key(), LogSigner::new(name("other.example"), &[9; 32]));
    other.sign(&mut note);
    assert_eq!(note.verify([&known.verifier()]), Err(SignatureError::Unknown {}));
    known.sign(&mut note);
    note.verify([&known.verifier()]).unwrap();
    // A signature of the right key over another text.
    let mut false_one = Note::new("other\n").unwrap();
    for line in note.signatures() {
        false_one.add(line.clone());
    }
    assert_eq!(
        false_one.verify([&known.verifier()]),
        Err(SignatureError::Invalid { name: name(ORIGIN) })
    );
}

#[test]
fn a_cosignature_over_another_time_or_tree_is_refused() {
    let checkpoint = Checkpoint::new(ORIGIN, 5, digest(&vector("checkpoint")["root"])).unwrap();
    let other = Checkpoint::new(ORIGIN, 6, checkpoint.root()).unwrap();
    let key = witness_key(1).verifier();
    let mut note = other.sign(&log_key());
    assert_eq!(Cosignature::find(&note, &key), Ok(None));
    note.add(witness_key(1).cosign(7, &checkpoint));
    let invalid = Err(CosignatureError::Invalid { name: key.name().clone() });
    assert_eq!(Cosignature::find(&note, &key), invalid);
    // The time is in the line, before the signature: change it there.
    let mut note = checkpoint.sign(&log_key());
    note.add(witness_key(1).cosign(7, &checkpoint));
    let text = note.to_string();
    let line = text.lines().last().unwrap();
    let (start, base64) = line.rsplit_once(' ').unwrap();
    // Four bytes of key id and eight of time are 16 characters.
    let changed = format!("{start} {}AAAAI{}", &base64[..10], &base64[15..]);
    let changed = text.replace(line, &changed);
    assert_ne!(changed, text);
    let changed = Note::parse(changed.as_bytes()).unwrap();
    assert_eq!(Cosignature::find(&changed, &key), invalid);
    let log = log_key().verifier();
    assert!(matches!(Cosignature::find(&note, &log), Err(CosignatureError::Kind { .. })));
}

#[test]
fn malformed_checkpoints_are_refused() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    for (bad, error) in [
        (String::new(), CheckpointError::Origin {}),
        (format!("\n5\n{root}\n"), CheckpointError::Origin {}),
        (format!("o\n05\n{root}\n"), CheckpointError::Size {}),
        (format!("o\n-5\n{root}\n"), CheckpointError::Size {}),
        (format!("o\n18446744073709551616\n{root}\n"), CheckpointError::Size {}),
        (format!("o\n5\n{root}"), CheckpointError::Root {}),
        ("o\n5\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n".into(), CheckpointError::Root {}),
        ("o\n5\nAAAA\n".into(), CheckpointError::Root {}),
        (format!("o\n5\n{root}\n\n"), CheckpointError::Extension { line: 4 }),
        (format!("o\n5\n{root}\nx\ny"), CheckpointError::Extension { line: 5 }),
        ("o".repeat(65_537), CheckpointError::TooLong {}),
    ] {
        assert_eq!(bad.parse::<Checkpoint>(), Err(error));
    }
    let extended: Checkpoint = format!("o\n5\n{root}\nmore\n").parse().unwrap();
    assert_eq!(extended.extensions(), ["more"]);
    assert_eq!(extended.to_string(), format!("o\n5\n{root}\nmore\n"));
}

proptest! {
    #[test]
    fn any_flipped_bit_of_a_signed_note_is_found(at: prop::sample::Index) {
        let key: VerifierKey = VKEY.parse().unwrap();
        let at = at.index(NOTE.len() * 8);
        let mut bytes = NOTE.as_bytes().to_vec();
        bytes[at / 8] ^= 1 << (at % 8);
        let believed = Note::parse(&bytes).is_ok_and(|note| note.verify([&key]).is_ok());
        prop_assert!(!believed);
    }

    #[test]
    fn no_note_makes_the_parser_panic(text in "(\\PC|\n|— a AAAAAAA=\n){0,40}") {
        if let Ok(note) = Note::parse(text.as_bytes()) {
            prop_assert_eq!(note.to_string(), text.as_str());
        }
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text.as_str());
        }
        let _ = text.parse::<VerifierKey>();
    }
}
