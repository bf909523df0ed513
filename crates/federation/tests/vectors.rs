//! `docs/spec/member-list.md` against its vectors, which other implementations of every part made.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use portcullis_federation::{
    Card, FileError, FormError, History, ListError, MemberFile, Pins, RefusedList, SignedList,
};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The vectors whose names begin so; there is at least one.
fn vectors(prefix: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/member-list/1");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let vectors: Vec<_> = paths
        .into_iter()
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, path)| {
            (name, serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
        })
        .collect();
    assert!(!vectors.is_empty(), "no vector is named `{prefix}`");
    vectors
}

fn bytes(vector: &Value) -> Vec<u8> {
    let hex = vector["file"].as_str().unwrap();
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn lists(bytes: &[u8]) -> Result<Vec<SignedList>, FileError> {
    match MemberFile::from_bytes(bytes)? {
        MemberFile::Lists(lists) => Ok(lists),
        MemberFile::Card(_) | MemberFile::Fork(_) => Err(FileError::Other),
    }
}

#[test]
fn a_history_reads_and_is_written_as_its_vector_says() {
    for (name, vector) in vectors("good_") {
        let bytes = bytes(&vector);
        let lists = lists(&bytes).expect(&name);
        assert_eq!(MemberFile::Lists(lists.clone()).to_bytes(), bytes, "{name}");
        let digests: Vec<String> = lists.iter().map(|one| one.digest().to_string()).collect();
        assert_eq!(Value::from(digests), vector["digests"], "{name}");
        for (signed, signers) in lists.iter().zip(vector["signers"].as_array().unwrap()) {
            let found = signed.signatures().iter().map(|one| one.signer.as_str()).collect();
            assert_eq!(texts(signers), found, "{name}");
        }
        let history = History::kept(lists, Pins::default()).expect(&name);
        for member in &history.current().list().members {
            let stated = vector["fingerprints"][member.id.as_str()].as_str().unwrap();
            assert_eq!(Card::from(member).fingerprint().to_string(), stated, "{name}");
        }
    }
}

// THREATS T-28
#[test]
fn a_card_reads_as_its_vector_says_and_so_do_its_keys() {
    for (name, vector) in vectors("card_") {
        let bytes = bytes(&vector);
        let file = MemberFile::from_bytes(&bytes).expect(&name);
        assert_eq!(file.to_bytes(), bytes, "{name}");
        let MemberFile::Card(card) = file else { unreachable!("{name} is a card") };
        assert_eq!(card.fingerprint().to_string(), vector["fingerprint"], "{name}");
    }
}

#[test]
fn a_proof_of_two_lists_reads_as_its_vector_says() {
    for (name, vector) in vectors("fork_") {
        let bytes = bytes(&vector);
        let file = MemberFile::from_bytes(&bytes).expect(&name);
        assert_eq!(file.to_bytes(), bytes, "{name}");
        let MemberFile::Fork(fork) = file else { unreachable!("{name} is a fork") };
        let both = fork.both();
        assert_eq!(
            both.iter().map(portcullis_types::OrganisationId::as_str).collect::<BTreeSet<_>>(),
            texts(&vector["both"])
        );
    }
}

#[test]
fn what_is_bad_is_refused_with_the_error_that_its_vector_names() {
    for (name, vector) in vectors("bad_") {
        let refused = match MemberFile::from_bytes(&bytes(&vector)) {
            Err(error) => file_code(&error),
            Ok(MemberFile::Lists(lists)) => match History::kept(lists, Pins::default()) {
                Ok(_) => "none",
                Err(error) => error.code(),
            },
            Ok(_) => "none",
        };
        assert_eq!(refused, vector["error"].as_str().unwrap(), "{name}");
    }
}

fn file_code(error: &FileError) -> &'static str {
    match error {
        FileError::Other => "other",
        FileError::NoFork => "no-fork",
        FileError::Form(FormError::Malformed { .. }) => "malformed",
        FileError::Form(FormError::UnknownVersion { .. }) => "unknown-version",
        FileError::Form(FormError::NotAllowed { .. }) => "not-allowed",
        FileError::Form(FormError::NotCanonical) => "not-canonical",
        FileError::Form(FormError::List(ListError::Order { .. })) => "order",
        FileError::Form(FormError::List(ListError::Previous)) => "previous",
        FileError::Form(FormError::List(ListError::Times { .. })) => "times",
        FileError::Form(FormError::List(ListError::SharedKey { .. })) => "shared-key",
        FileError::Form(FormError::List(ListError::Succession { .. })) => "succession",
        _ => RefusedList::Empty.code(),
    }
}
