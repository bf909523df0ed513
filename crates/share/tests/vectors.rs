//! `docs/spec/messages.md` against its vectors, which other implementations of every part made.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use portcullis_federation::{MemberList, Moment, SigningPublic};
use portcullis_keys::SealingKey;
use portcullis_share::*;
use portcullis_types::{OfficerId, OrganisationId, PersonId};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/messages/1")
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The vectors whose names begin so; there are at least so many.
fn vectors(prefix: &str, least: usize) -> Vec<(String, Value)> {
    let mut paths: Vec<_> = fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    paths.retain(|path| name(path).starts_with(prefix));
    assert!(paths.len() >= least, "of `{prefix}` there are {}", paths.len());
    paths.iter().map(|path| (name(path), read(path))).collect()
}

fn text<'v>(vector: &'v Value, field: &str) -> &'v str {
    vector[field].as_str().unwrap()
}

fn bytes(vector: &Value, field: &str) -> Vec<u8> {
    let hex = text(vector, field);
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

fn moment(vector: &Value) -> Moment {
    Moment::new(vector["at"].as_u64().unwrap()).unwrap()
}

struct Context {
    members: MemberList,
    trusted: [SigningPublic; 1],
    register: ProvisionRegister,
}

impl Context {
    fn read() -> Self {
        let context = read(&folder().join("context.json"));
        let trusted = bytes(&context, "trusted");
        let trusted = [SigningPublic::from_bytes(trusted.as_slice().try_into().unwrap()).unwrap()];
        let register = bytes(&context, "register");
        let register = ProvisionRegister::verify(&register, &trusted, Moment::END).unwrap();
        let members = MemberList::from_bytes(&bytes(&context, "members")).unwrap();
        Self { members, trusted, register }
    }
}

/// What a node makes of a message: what is claimed about the release, or the name of the error.
struct Made {
    verdict: &'static str,
    digest: Option<String>,
    to_do: Option<String>,
}

struct Refused {
    code: &'static str,
    told: String,
}

impl From<RefusedRelease> for Refused {
    fn from(error: RefusedRelease) -> Self {
        Self { code: error.code(), told: error.to_string() }
    }
}

fn judge(context: &Context, vector: &Value) -> Result<Made, Refused> {
    let message = Message::from_bytes(&bytes(vector, "message"))
        .map_err(|error| Refused { code: error.code(), told: error.to_string() })?;
    if vector["at"].is_null() {
        return Ok(Made { verdict: message.kind(), digest: None, to_do: None });
    }
    let at = moment(vector);
    let checks = Checks { at, members: &context.members, register: &context.register };
    match message {
        Message::Vocabulary(released) => release(released, &checks),
        Message::Withdrawal(released) => release(released, &checks),
        Message::OnwardDecision(released) => release(released, &checks),
        Message::Directory(signed) => match signed.verify(&context.members, None, at) {
            Ok(_) => Ok(Made { verdict: "approved", digest: None, to_do: None }),
            Err(error) => Err(Refused { code: error.code(), told: error.to_string() }),
        },
        Message::Notice(copy) | Message::Correction(copy) => {
            let (own, from) = (id(text(vector, "own")), id(text(vector, "from")));
            let received = copy.verify(&Arrival { own: &own, from: &from }, &checks)?;
            let to_do =
                (!vector["reader"].is_null()).then(|| open(&received, &vector["reader"], at));
            Ok(Made { to_do: to_do.transpose()?, ..made(received.verified()) })
        }
        other => Ok(Made { verdict: other.kind(), digest: None, to_do: None }),
    }
}

fn release<T: Approvable>(released: Released<T>, checks: &Checks<'_>) -> Result<Made, Refused> {
    Ok(made(&released.verify(checks)?))
}

fn made<T: Approvable>(verified: &Verified<T>) -> Made {
    let verdict = match verified {
        Verified::Approved(_) => "approved",
        Verified::Urgent(_) => "urgent",
    };
    let digest = Some(verified.document().digest().to_string());
    Made { verdict, digest, to_do: None }
}

fn open(received: &Received, reader: &Value, at: Moment) -> Result<String, Refused> {
    let key = SealingKey::from_seed(&bytes(reader, "seed").try_into().unwrap());
    let me = PersonId {
        organisation: id(text(reader, "organisation")),
        officer: OfficerId::new(text(reader, "account")).unwrap(),
    };
    let office = Office::new(text(reader, "office")).unwrap();
    match received.open(&me, &office, &key, at) {
        Ok(opened) => Ok(opened.part().content.to_do.reveal().to_owned()),
        Err(error) => Err(Refused { code: error.code(), told: error.to_string() }),
    }
}

fn id(text: &str) -> OrganisationId {
    OrganisationId::new(text).unwrap()
}

#[test]
fn what_is_good_reads_as_its_vector_says() {
    let context = Context::read();
    for (name, vector) in vectors("good_", 25) {
        let message = Message::from_bytes(&bytes(&vector, "message")).expect(&name);
        assert_eq!(message.kind(), text(&vector, "kind"), "{name}");
        if let Message::Answer(answer) = &message {
            assert_eq!(answer.code().code(), text(&vector, "code"), "{name}");
        }
        let made = judge(&context, &vector);
        let made = made.unwrap_or_else(|no| unreachable!("{name}: {} {}", no.code, no.told));
        if let Some(verdict) = vector["verdict"].as_str() {
            assert_eq!(made.verdict, verdict, "{name}");
        }
        assert_eq!(made.digest.as_deref(), vector["digest"].as_str(), "{name}");
        assert_eq!(made.to_do.as_deref(), vector["reader"]["to_do"].as_str(), "{name}");
    }
}

/// THREATS T-43, T-44, T-46, T-47
#[test]
fn what_is_bad_is_refused_with_the_error_that_its_vector_names() {
    let context = Context::read();
    let all = vectors("bad_", 110);
    let mut wrong = Vec::new();
    for (name, vector) in all.iter().filter(|(name, _)| !name.starts_with("bad_register_")) {
        let refused = judge(&context, vector).err();
        let (code, told) = refused.map_or_else(|| ("none", String::new()), |no| (no.code, no.told));
        let field = vector["field"].as_str().map(|field| format!("`{field}`: "));
        if code != text(vector, "error") || !field.is_none_or(|field| told.contains(&field)) {
            wrong.push(format!("{name}: {code} {told}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

// THREATS T-44
#[test]
fn a_bad_register_is_refused_with_the_error_that_its_vector_names() {
    let context = Context::read();
    for (name, vector) in vectors("bad_register_", 8) {
        let register = bytes(&vector, "register");
        let refused = ProvisionRegister::verify(&register, &context.trusted, moment(&vector));
        let code = refused.map_or_else(|error| error.code(), |_| "none");
        assert_eq!(code, text(&vector, "error"), "{name}");
    }
}

// THREATS T-46
#[test]
fn the_vectors_of_answers_have_one_length() {
    let all = vectors("good_answer_", 4);
    let length = |(_, vector): &(String, Value)| text(vector, "message").len();
    assert!(all.iter().all(|one| length(one) == length(&all[0])));
}
