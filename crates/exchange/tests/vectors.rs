//! `docs/spec/exchange.md` against its vectors, which other implementations of every part made.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

use portcullis_exchange::{
    Between, Conversation, Envelope, FormError, Frame, FrameError, FrameKind, Opened, Pace,
    Recipient, RefusedEnvelope, RefusedFrame, Said, TakenAs, message_digest,
};
use portcullis_federation::{MemberList, Moment};
use portcullis_keys::SealingKey;
use portcullis_types::OrganisationId;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn id(name: &str) -> OrganisationId {
    OrganisationId::new(name).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/exchange/1")
}

fn vector(name: &str) -> Value {
    let text = fs::read_to_string(folder().join(format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The vectors whose names begin so; there is at least one.
fn vectors(prefix: &str) -> Vec<(String, Value)> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> =
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.retain(|name| name.starts_with(prefix));
    names.sort();
    assert!(!names.is_empty(), "no vector is named `{prefix}`");
    names.into_iter().map(|name| (name.clone(), vector(&name))).collect()
}

fn unhex(value: &Value) -> Vec<u8> {
    let hex = value.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn base64(value: &Value) -> Vec<u8> {
    let digit = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let text = value.as_str().unwrap().trim_end_matches('=');
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0, 0_u32);
    for letter in text.bytes() {
        held = (held << 6) | u32::from(digit(letter));
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((held >> bits) & 0xff).unwrap());
        }
    }
    bytes
}

fn member_list(vector: &Value) -> MemberList {
    let lists = self::vector("lists");
    MemberList::from_bytes(&unhex(&lists[vector["list"].as_str().unwrap()])).unwrap()
}

fn moment(value: &Value) -> Moment {
    Moment::new(value.as_u64().unwrap()).unwrap()
}

fn envelope(vector: &Value) -> Envelope {
    Envelope::from_bytes(&base64(&vector["envelope"])).unwrap()
}

fn open(vector: &Value) -> Result<Opened, RefusedEnvelope> {
    let keys = vector["keys"].as_array().unwrap().iter();
    let keys: Vec<_> =
        keys.map(|seed| SealingKey::from_seed(&unhex(seed).try_into().unwrap())).collect();
    let (list, own) = (member_list(vector), id("party-a"));
    let recipient = Recipient { list: &list, id: &own, keys: &keys };
    let brought_by = id(vector["brought_by"].as_str().unwrap());
    recipient.open(moment(&vector["now"]), &brought_by, &envelope(vector))
}

fn told(opened: &Opened) -> Value {
    let Opened { incarnation, sealed, said } = opened;
    let mut says = json!({"incarnation": hex(incarnation.as_bytes()), "sealed": sealed.seconds()});
    let (kind, place) = match said {
        Said::Decoy => ("decoy", None),
        Said::Void(place) => ("void", Some(*place)),
        Said::Part(part) => ("part", Some(part.place)),
    };
    says["kind"] = kind.into();
    if let Some(place) = place {
        says["conversation"] = hex(place.conversation.as_bytes()).into();
        says["sequence"] = place.sequence.into();
        says["floor"] = place.floor.into();
    }
    if let Said::Part(part) = said {
        says["message"] = hex(part.message.as_bytes()).into();
        says["queued"] = part.queued.seconds().into();
        says["number"] = part.number.into();
        says["count"] = part.count.into();
        says["payload_sha256"] = hex(&Sha256::digest(&*part.payload)).into();
    }
    says
}

// THREATS T-40
#[test]
fn an_envelope_opens_and_says_what_its_vector_says() {
    for (name, vector) in vectors("good_") {
        let opened = open(&vector).expect(&name);
        assert_eq!(told(&opened), vector["says"], "{name}");
        let digest = envelope(&vector).digest();
        assert_eq!(hex(digest.as_bytes()), vector["digest"], "{name}");
    }
}

// THREATS T-41
#[test]
fn a_bad_envelope_is_refused_with_the_error_that_its_vector_names() {
    for (name, vector) in vectors("bad_") {
        let refused = open(&vector).expect_err(&name);
        assert_eq!(refused.code(), vector["error"].as_str().unwrap(), "{name}: {refused}");
        if let RefusedEnvelope::Malformed(FormError::NotAllowed { field, .. }) = refused {
            assert_eq!(field, vector["field"], "{name}");
        }
    }
}

fn kind(frame: &Frame) -> &'static str {
    match frame.kind() {
        FrameKind::Request => "request",
        FrameKind::Answer { .. } => "answer",
        FrameKind::File => "file",
    }
}

enum Bad {
    Bytes(FrameError),
    Frame(RefusedFrame),
}

fn take(vector: &Value, bytes: &[u8], kind: &str) -> Result<Vec<String>, Bad> {
    let frame = Frame::from_bytes(bytes).map_err(Bad::Bytes)?;
    let asked = vector.get("asked").map(|asked| Frame::from_bytes(&base64(asked)).unwrap());
    let taken_as = match (kind, &asked) {
        ("answer", Some(asked)) => TakenAs::AnswerTo(asked),
        ("file", _) => TakenAs::File,
        _ => TakenAs::Request { last: vector.get("last").map(moment) },
    };
    let (list, own) = (member_list(vector), id("party-a"));
    let believed = frame.taken_as(moment(&vector["now"]), &list, &own, taken_as);
    let believed = believed.map_err(Bad::Frame)?;
    Ok(believed.acknowledged().iter().map(|digest| hex(digest.as_bytes())).collect())
}

#[test]
fn a_frame_reads_and_is_written_as_its_vector_says() {
    for (name, vector) in vectors("frame_") {
        let bytes = base64(&vector["frame"]);
        let frame = Frame::from_bytes(&bytes).expect(&name);
        assert_eq!(frame.to_bytes(), bytes, "{name}");
        assert_eq!(hex(frame.digest().as_bytes()), vector["digest"], "{name}");
        assert_eq!(kind(&frame), vector["kind"], "{name}");
        let Ok(acknowledged) = take(&vector, &bytes, kind(&frame)) else {
            unreachable!("{name} is refused")
        };
        assert_eq!(json!(acknowledged), vector["acknowledged"], "{name}");
    }
}

/// The bytes of a bad frame: those of a good one, with some put in place of others, cut, or more.
fn made_bad(vector: &Value) -> Vec<u8> {
    let mut bytes = base64(&self::vector(vector["of"].as_str().unwrap())["frame"]);
    for patch in vector.get("patch").and_then(Value::as_array).into_iter().flatten() {
        let at = usize::try_from(patch[0].as_u64().unwrap()).unwrap();
        let new = unhex(&patch[1]);
        bytes[at..at + new.len()].copy_from_slice(&new);
    }
    if let Some(cut) = vector.get("cut") {
        bytes.truncate(usize::try_from(cut.as_u64().unwrap()).unwrap());
    }
    if let Some(more) = vector.get("append") {
        bytes.extend(unhex(more));
    }
    bytes
}

// THREATS T-41
#[test]
fn a_bad_frame_is_refused_with_the_error_that_its_vector_names() {
    for (name, vector) in vectors("badframe_") {
        let kind = vector.get("as_kind").unwrap_or(&vector["taken_as"]).as_str().unwrap();
        let code = match take(&vector, &made_bad(&vector), kind) {
            Ok(_) => "none",
            Err(Bad::Bytes(error)) => error.code(),
            Err(Bad::Frame(refused)) => refused.code(),
        };
        assert_eq!(code, vector["error"].as_str().unwrap(), "{name}");
    }
}

#[test]
fn a_message_has_the_digest_that_its_vector_says() {
    let vector = vector("message");
    let times = usize::try_from(vector["content"]["times"].as_u64().unwrap()).unwrap();
    let content = unhex(&vector["content"]["repeat"]).repeat(times);
    let [sender, recipient] =
        ["sender", "recipient"].map(|field| id(vector[field].as_str().unwrap()));
    let conversation = unhex(&vector["conversation"]).try_into().unwrap();
    let digest = message_digest(
        Between { sender: &sender, recipient: &recipient },
        Conversation::from_bytes(conversation),
        moment(&vector["queued"]),
        &content,
    );
    assert_eq!(hex(digest.as_bytes()), vector["digest"]);
}

// THREATS T-40
#[test]
fn a_node_polls_at_the_moments_that_the_vectors_say() {
    for one in vector("pace").as_array().unwrap() {
        let [asker, holder] = ["asker", "holder"].map(|field| id(one[field].as_str().unwrap()));
        let interval_s = u32::try_from(one["interval_s"].as_u64().unwrap()).unwrap();
        let pace = Pace::between(&asker, &holder, interval_s.try_into().unwrap());
        assert_eq!(pace.offset_s(), one["offset_s"]);
        let (now, next) = (moment(&one["now"]), moment(&one["next"]));
        assert_eq!(pace.next_after(now), Some(next));
        let tick = pace.tick_at(now).unwrap();
        assert_eq!(pace.tick_at(next), Some(tick + 1));
        assert_eq!(pace.tick_at(Moment::new(next.seconds() - 1).unwrap()), Some(tick));
        assert_eq!(pace.moment_of(tick + 1), Some(next));
    }
}
