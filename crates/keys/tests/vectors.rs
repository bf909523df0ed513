//! `docs/spec/keyring.md` against its vectors, which other implementations of every part made.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

use ed25519_dalek::SigningKey;
use portcullis_keys::{
    KeyFileError, KeyFileText, Keyring, OpenError, Place, RecordNumber, ReplayError, SealingKey,
    ShreddedList, ShreddedListError, Unlock, UnlockError,
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/keyring/1")
}

/// The vectors whose names begin so; none is a mistake.
fn vectors(prefix: &str) -> Vec<(String, Value)> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let named = |path: PathBuf| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path);
    let vectors: Vec<_> = paths
        .into_iter()
        .map(named)
        .filter(|(name, _)| name.starts_with(prefix))
        .map(|(name, path)| (name, read(&path)))
        .collect();
    assert!(!vectors.is_empty(), "no vector is named `{prefix}`");
    vectors
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Bytes are written in hexadecimal, or as a part that is repeated.
fn bytes(written: &Value) -> Vec<u8> {
    if let Value::Object(part) = written {
        let times = usize::try_from(part["times"].as_u64().unwrap()).unwrap();
        return bytes(&part["repeat"]).repeat(times);
    }
    let hex = written.as_str().unwrap();
    assert_eq!(hex.len() % 2, 0);
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap()
}

fn unlock(vector: &Value) -> Unlock {
    match &vector["unlock"] {
        Value::Object(by) if by.contains_key("key") => {
            Unlock::KeyFile(Zeroizing::new(bytes(&by["key"]).try_into().unwrap()))
        }
        by => Unlock::Passphrase(Zeroizing::new(text(by, "passphrase").to_owned())),
    }
}

fn keyring(name: &str) -> Keyring {
    let vector = read(&folder().join(name).with_extension("json"));
    Keyring::unlock(&bytes(&vector["file"]), &unlock(&vector)).unwrap()
}

fn record(vector: &Value) -> RecordNumber {
    RecordNumber::new(vector["record"].as_u64().unwrap()).unwrap()
}

fn range(pair: &Value) -> RangeInclusive<u64> {
    pair[0].as_u64().unwrap()..=pair[1].as_u64().unwrap()
}

fn ranges(vector: &Value) -> Vec<RangeInclusive<u64>> {
    vector["shredded"].as_array().unwrap().iter().map(range).collect()
}

/// Gives out the named bytes of a vector in this order, in place of random ones.
fn given(vector: &Value, names: &[&str]) -> impl FnMut(&mut [u8]) {
    let mut parts: VecDeque<Vec<u8>> = names.iter().map(|name| bytes(&vector[name])).collect();
    move |buffer| buffer.copy_from_slice(&parts.pop_front().unwrap())
}

/// Calls with the place that a vector names.
fn at<T>(vector: &Value, act: impl FnOnce(&Place<'_>) -> T) -> T {
    let row = bytes(&vector["row"]);
    act(&Place { table: text(vector, "table"), row: &row, column: text(vector, "column") })
}

#[test]
fn a_keyring_reads_as_its_vector_says() {
    for (name, vector) in vectors("good_keyring_") {
        let keyring = Keyring::unlock(&bytes(&vector["file"]), &unlock(&vector)).expect(&name);
        assert_eq!(keyring.revision(), vector["revision"].as_u64().unwrap(), "{name}");
        assert_eq!(keyring.shredded().collect::<Vec<_>>(), ranges(&vector), "{name}");
        let generations: Vec<Value> = keyring.generations().map(Value::from).collect();
        assert_eq!(&generations, vector["generations"].as_array().unwrap(), "{name}");
        assert_eq!(Some(&keyring.generation().into()), generations.last(), "{name}");
        assert_eq!(keyring.log_seed().as_slice(), bytes(&vector["log"]), "{name}");
        assert_eq!(keyring.cosign_seed().as_slice(), bytes(&vector["cosign"]), "{name}");
        assert_eq!(keyring.decoy_key().as_slice(), bytes(&vector["decoy"]), "{name}");
    }
}

// THREATS T-28
#[test]
fn the_keys_of_the_organisation_are_those_of_its_vector_and_all_four_differ() {
    for (name, vector) in vectors("good_organisation_keys") {
        let keyring = Keyring::unlock(&bytes(&vector["file"]), &unlock(&vector)).expect(&name);
        let public = |seed: &[u8; 32]| SigningKey::from_bytes(seed).verifying_key().to_bytes();
        let signing: Vec<(u64, Vec<u8>)> = keyring
            .signing_seeds()
            .map(|(from_s, seed)| (from_s, public(&seed).to_vec()))
            .collect();
        let digest = |key: SealingKey| Sha256::digest(key.public().as_bytes()).to_vec();
        let sealing: Vec<(u64, Vec<u8>)> =
            keyring.sealing_keys().map(|(from_s, key)| (from_s, digest(key))).collect();
        let stated = |which: &str| -> Vec<(u64, Vec<u8>)> {
            let pairs = vector[which].as_array().unwrap().iter();
            pairs.map(|pair| (pair[0].as_u64().unwrap(), bytes(&pair[1]))).collect()
        };
        assert_eq!(signing, stated("signing"), "{name}");
        assert_eq!(sealing, stated("sealing"), "{name}");
        let (log, cosign) = (*keyring.log_seed(), *keyring.cosign_seed());
        assert_eq!(
            (log.to_vec(), cosign.to_vec()),
            (bytes(&vector["log"]), bytes(&vector["cosign"]))
        );
        let signing = keyring.signing_seeds().map(|(_, seed)| *seed);
        let sealing = keyring.sealing_keys().map(|(_, key)| *key.seed());
        let all: BTreeSet<_> = signing.chain(sealing).chain([log, cosign]).collect();
        assert_eq!(all.len(), 6, "{name}");
    }
}

#[test]
fn a_keyring_that_went_through_the_same_is_written_as_its_vector_says() {
    for (name, vector) in vectors("good_keyring_") {
        let Some(steps) = vector["steps"].as_array() else { continue };
        let secrets = ["id", "first_root", "log", "cosign", "decoy", "blind"];
        let mut keyring = Keyring::new(&mut given(&vector, &secrets));
        for step in steps {
            if let Some(root) = step.get("begin") {
                keyring.begin_generation(&mut |buffer| buffer.copy_from_slice(&bytes(root)));
            } else if let Some(generation) = step["destroy"].as_u64() {
                keyring.destroy_generation(generation.try_into().unwrap()).unwrap();
            } else {
                keyring.merge_shredded([range(&step["shred"])]);
            }
        }
        let file = keyring.lock(&mut given(&vector, &["salt", "nonce"]), &unlock(&vector));
        assert!(file == bytes(&vector["file"]), "{name}");
    }
}

#[test]
fn a_cell_opens_and_is_sealed_as_its_vector_says() {
    for (name, vector) in vectors("good_cell_") {
        let keyring = keyring(text(&vector, "keyring"));
        let (cell, plain) = (bytes(&vector["cell"]), bytes(&vector["plain"]));
        at(&vector, |place| {
            let opened = keyring.open(record(&vector), place, &cell).expect(&name);
            assert_eq!(&*opened, plain, "{name}");
            let generation = Keyring::generation_of(&cell).map(Value::from);
            assert_eq!(generation.as_ref(), Some(&vector["generation"]), "{name}");
            if vector.get("nonce").is_some() {
                let mut nonce = given(&vector, &["nonce"]);
                let sealed = keyring.seal(&mut nonce, record(&vector), place, &plain).unwrap();
                assert!(sealed == cell, "{name}");
            }
        });
    }
}

#[test]
fn a_bad_cell_is_refused_with_the_error_that_its_vector_names() {
    for (name, vector) in vectors("bad_cell_") {
        let keyring = keyring(text(&vector, "keyring"));
        let cell = bytes(&vector["cell"]);
        let error = at(&vector, |place| keyring.open(record(&vector), place, &cell)).unwrap_err();
        let error = match error {
            OpenError::UnknownVersion { .. } => "unknown-version",
            OpenError::Shredded { .. } => "shredded",
            OpenError::UnknownGeneration { .. } => "unknown-generation",
            OpenError::Damaged => "damaged",
        };
        assert_eq!(error, text(&vector, "error"), "{name}");
    }
}

// THREATS T-05
#[test]
fn a_bad_keyring_is_refused_with_the_error_that_its_vector_names() {
    for (name, vector) in vectors("bad_keyring_") {
        let file = bytes(&vector["file"]);
        let error = Keyring::unlock(&file, &unlock(&vector)).expect_err(&name);
        let error = match error {
            UnlockError::NotAKeyring => "not-a-keyring",
            UnlockError::UnknownVersion { .. } => "unknown-version",
            UnlockError::Damaged => "damaged",
            UnlockError::UnknownMethod { .. } => "unknown-method",
            UnlockError::Cost { .. } => "cost",
            UnlockError::OtherMeans { .. } => "other-means",
            UnlockError::WrongKey => "wrong-key",
            UnlockError::Malformed => "malformed",
            _ => "?",
        };
        assert_eq!(error, text(&vector, "error"), "{name}");
    }
}

#[test]
fn a_key_file_reads_and_is_written_as_its_vector_says() {
    for (name, vector) in vectors("good_key_file") {
        let read: KeyFileText = text(&vector, "text").parse().expect(&name);
        assert_eq!(read.key().as_slice(), bytes(&vector["key"]), "{name}");
        assert_eq!(read.reveal(), text(&vector, "line"), "{name}");
        let made = KeyFileText::make(&mut given(&vector, &["key"]));
        assert_eq!(made.reveal(), text(&vector, "line"), "{name}");
    }
}

#[test]
fn a_bad_key_file_is_refused_with_the_error_that_its_vector_names() {
    for (name, vector) in vectors("bad_key_file_") {
        let error = text(&vector, "text").parse::<KeyFileText>().unwrap_err();
        let error = match error {
            KeyFileError::NotAKey => "not-a-key",
            KeyFileError::MoreLines { .. } => "more-lines",
            KeyFileError::Character { .. } => "character",
            KeyFileError::Length { .. } => "length",
            KeyFileError::Checksum => "checksum",
            _ => "?",
        };
        assert_eq!(error, text(&vector, "error"), "{name}");
    }
}

#[test]
fn a_list_of_what_is_shredded_reads_and_is_written_as_its_vector_says() {
    for (name, vector) in vectors("good_shredded_list_") {
        let mut keyring = keyring(text(&vector, "keyring"));
        let list = ShreddedList::parse(text(&vector, "text")).expect(&name);
        assert_eq!(list.ranges().collect::<Vec<_>>(), ranges(&vector), "{name}");
        assert_eq!(list.revision(), vector["revision"].as_u64().unwrap(), "{name}");
        assert_eq!(keyring.shredded_list().to_text(), text(&vector, "text"), "{name}");
        keyring.replay(&list).expect(&name);
    }
}

#[test]
fn a_bad_list_of_what_is_shredded_is_refused_with_the_error_that_its_vector_names() {
    for (name, vector) in vectors("bad_shredded_list_") {
        let mut keyring = keyring(text(&vector, "keyring"));
        let before = keyring.revision();
        let error = match ShreddedList::parse(text(&vector, "text")) {
            Err(ShreddedListError::NotAList) => "not-a-list",
            Err(ShreddedListError::Digest) => "digest",
            Err(ShreddedListError::Line { .. }) => "line",
            Err(_) => "?",
            Ok(list) => match keyring.replay(&list).expect_err(&name) {
                ReplayError::OtherKeyring => "other-keyring",
                ReplayError::Seal => "seal",
            },
        };
        assert_eq!(error, text(&vector, "error"), "{name}");
        assert_eq!(keyring.revision(), before, "{name}");
    }
}

#[test]
fn a_blind_index_is_as_its_vector_says() {
    for (name, vector) in vectors("good_blind_") {
        let keyring = keyring(text(&vector, "keyring"));
        let purpose = String::leak(text(&vector, "purpose").to_owned());
        let value = keyring.blind(purpose, &bytes(&vector["bytes"]));
        assert_eq!(value.as_slice(), bytes(&vector["value"]), "{name}");
    }
}
