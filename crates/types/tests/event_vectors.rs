//! `docs/spec/event.md` against its vectors, which another implementation of CBOR made.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use portcullis_types::{Actor, Detail, Event, EventDecodeError, Gateway, Purpose};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn vectors(prefix: &str) -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/event/1");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let named = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let vector = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        (name, vector)
    };
    paths.into_iter().map(named).filter(|(name, _)| name.starts_with(prefix)).collect()
}

/// Bytes are written in hexadecimal; long ones as a list of parts, some of them repeated.
fn bytes(written: &Value) -> Vec<u8> {
    match written {
        Value::Array(parts) => parts.iter().flat_map(bytes).collect(),
        Value::Object(part) => {
            let times = usize::try_from(part["times"].as_u64().unwrap()).unwrap();
            bytes(&part["repeat"]).repeat(times)
        }
        hex => from_hex(hex.as_str().unwrap()),
    }
}

fn from_hex(hex: &str) -> Vec<u8> {
    assert_eq!(hex.len() % 2, 0);
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn as_json(event: &Event) -> Value {
    let detail = |detail: &Detail| match detail {
        Detail::Text(text) => json!({ "text": text.reveal() }),
        Detail::Number(number) => json!({ "number": number }),
        Detail::Bytes(bytes) => {
            let hex: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
            json!({ "bytes": hex.concat() })
        }
    };
    json!({
        "id": event.id.to_string(),
        "kind": event.kind.as_str(),
        "at": event.at.to_string(),
        "organisation": event.organisation.as_str(),
        "actor": match &event.actor {
            Actor::Officer(officer) => json!({ "officer": officer.as_str() }),
            Actor::Job(job) => json!({ "job": job.as_str() }),
        },
        "purpose": event.purpose.code(),
        "gateway": event.gateway.map(Gateway::code),
        "details": event.details.iter()
            .map(|(name, value)| (name.to_owned(), detail(value)))
            .collect::<serde_json::Map<_, _>>(),
    })
}

fn error_name(error: &EventDecodeError) -> &'static str {
    match error {
        EventDecodeError::TooLong => "too-long",
        EventDecodeError::Malformed { .. } => "malformed",
        EventDecodeError::UnknownVersion { .. } => "unknown-version",
        EventDecodeError::NotAllowed { .. } => "not-allowed",
        EventDecodeError::NotCanonical => "not-canonical",
        _ => "an error that the specification does not name",
    }
}

#[test]
fn good_vectors_say_what_the_specification_says() {
    let vectors = vectors("good_");
    assert!(vectors.len() >= 6, "{}", vectors.len());
    for (name, vector) in vectors {
        let bytes = bytes(&vector["bytes"]);
        let event = Event::from_bytes(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(as_json(&event), vector["event"], "{name}");
        assert_eq!(event.to_bytes(), bytes, "{name}");
    }
}

#[test]
// THREATS T-08
fn bad_vectors_fail_with_the_named_error() {
    let vectors = vectors("bad_");
    assert!(vectors.len() >= 30, "{}", vectors.len());
    for (name, vector) in vectors {
        let error = Event::from_bytes(&bytes(&vector["bytes"])).expect_err(&name);
        assert_eq!(error_name(&error), vector["error"].as_str().unwrap(), "{name}");
    }
}

#[test]
fn the_specification_lists_every_purpose_and_gateway_and_no_other() {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/spec/event.md");
    let spec = fs::read_to_string(spec).unwrap();
    let listed = |heading: &str| -> Vec<String> {
        let (_, after) = spec.split_once(heading).unwrap();
        let section = after.split("\n#").next().unwrap();
        section
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
            .map(|(code, _)| code.to_owned())
            .collect()
    };
    let purposes: Vec<_> = Purpose::ALL.iter().map(|p| p.code()).collect();
    let gateways: Vec<_> = Gateway::ALL.iter().map(|g| g.code()).collect();
    assert_eq!(listed("### Purposes"), purposes);
    assert_eq!(listed("### Gateways"), gateways);
}
