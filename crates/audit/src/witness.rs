//! The witness of other logs (C2SP tlog-witness): what `add-checkpoint` answers, without the HTTP.

use crate::checkpoint::Checkpoint;
use crate::cosign::{Cosignature, Cosigner};
use crate::digest::Digest;
use crate::encoding::{decimal, take_line};
use crate::key::VerifierKey;
use crate::note::{self, Note, SignatureLine};
use crate::proof::{LONGEST, ProofError, verify_consistency};
use std::fmt::Write as _;

/// Bytes of a request, at most: its first lines and a note.
pub(crate) const LONGEST_REQUEST: usize = note::LONGEST + 4096;

/// A request to cosign a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the log believes the witness has seen last.
    pub old_size: u64,
    /// That the tree grew from the old size to that of the checkpoint.
    pub proof: Vec<Digest>,
    /// The checkpoint with its signatures.
    pub checkpoint: Note,
}

/// Why bytes are no request or no reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// It is longer than it may be.
    #[error("the message is too long")]
    TooLong {},
    /// The size is missing or malformed.
    #[error("line 1 is no size")]
    Size {},
    /// A line of the proof is malformed, or there are more than 63.
    #[error("line {line} is no hash of a proof")]
    Proof {
        /// Which, from 1.
        line: usize,
    },
    /// What follows is no checkpoint.
    #[error("there is no signed checkpoint in it")]
    Checkpoint {},
    /// A signature line of a reply is malformed.
    #[error("line {line} is no signature")]
    Signature {
        /// Which, from 1.
        line: usize,
    },
}

impl AddCheckpoint {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        if bytes.len() > LONGEST_REQUEST {
            return Err(RequestError::TooLong {});
        }
        let mut rest = std::str::from_utf8(bytes).map_err(|_| RequestError::Size {})?;
        let old = take_line(&mut rest).and_then(|line| line.strip_prefix("old "));
        let old_size = old.and_then(decimal).ok_or(RequestError::Size {})?;
        let mut proof = Vec::new();
        loop {
            let wrong = RequestError::Proof { line: 2 + proof.len() };
            let line = take_line(&mut rest).ok_or(wrong)?;
            if line.is_empty() {
                break;
            }
            let hash = Digest::from_base64(line).filter(|_| proof.len() < LONGEST);
            proof.push(hash.ok_or(wrong)?);
        }
        let checkpoint = Note::parse(rest.as_bytes()).map_err(|_| RequestError::Checkpoint {})?;
        Ok(Self { old_size, proof, checkpoint })
    }

    /// The body of the request.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut text = format!("old {}\n", self.old_size);
        for hash in &self.proof {
            let _ = writeln!(text, "{hash}");
        }
        let _ = write!(text, "\n{}", self.checkpoint);
        text.into_bytes()
    }
}

/// A log that the witness watches, with the keys that may sign its checkpoints.
#[derive(Debug, Clone)]
pub struct KnownLog {
    /// The origin on its checkpoints.
    pub origin: String,
    /// Its keys.
    pub keys: Vec<VerifierKey>,
}

/// The latest checkpoint of a log that the witness has cosigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its size.
    pub size: u64,
    /// Its root.
    pub root: Digest,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Cosigned.
    Cosigned,
    /// The request is malformed, or its old size is more than its new one.
    Malformed,
    /// The witness does not watch this log.
    UnknownLog,
    /// The checkpoint is not validly signed by the log.
    NotSigned,
    /// The witness has seen another size than the request says. After a roll-back of the log it is
    /// a larger one: show it to a person.
    OtherSize,
    /// The log has signed another root for the size that the witness has seen. The request is
    /// evidence: keep it.
    Forked,
    /// The log has signed a checkpoint and the proof does not lead to it. The request may be
    /// evidence: keep it.
    NotConsistent,
    /// What the witness has seen last of this log may be outdated, as after a restore, and waits
    /// to be confirmed.
    Unconfirmed,
}

/// What is sent back, as HTTP has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// 200, 400, 403, 404, 409, 422 or 423.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// What a request leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What came of it.
    pub outcome: Outcome,
    /// The log and its new latest checkpoint. It must be stored, in the transaction that read the
    /// one before, before the response leaves.
    pub to_store: Option<(String, Seen)>,
    /// What is to be sent.
    pub response: Response,
}

impl Answer {
    /// What is sent while it is not known what was seen last of a log.
    pub fn unconfirmed() -> Self {
        refuse(Outcome::Unconfirmed)
    }
}

/// A witness: watches that logs only grow.
#[derive(Debug, Clone, Copy)]
pub struct Witness<'a> {
    /// Its key.
    pub cosigner: &'a Cosigner,
    /// The logs that it watches.
    pub logs: &'a [KnownLog],
}

impl Witness<'_> {
    /// Answers an `add-checkpoint` request at a time, in seconds since 1970. `seen` says what the
    /// witness has cosigned last for an origin, from the transaction that will store the answer's
    /// [`to_store`](Answer::to_store).
    ///
    /// # Errors
    /// Only those of `seen`; nothing is to be sent then.
    pub fn answer<E>(
        &self,
        time_s: u64,
        request: &[u8],
        seen: impl FnOnce(&str) -> Result<Option<Seen>, E>,
    ) -> Result<Answer, E> {
        let Some((request, checkpoint)) = parse(request) else {
            return Ok(refuse(Outcome::Malformed));
        };
        let origin = checkpoint.origin();
        let Some(log) = self.logs.iter().find(|log| log.origin == origin) else {
            return Ok(refuse(Outcome::UnknownLog));
        };
        if request.checkpoint.verify(&log.keys).is_err() {
            return Ok(refuse(Outcome::NotSigned));
        }
        if request.old_size > checkpoint.size() {
            return Ok(refuse(Outcome::Malformed));
        }
        let seen = seen(origin)?;
        let known_size = seen.map_or(0, |seen| seen.size);
        if request.old_size != known_size {
            return Ok(conflict(Outcome::OtherSize, known_size));
        }
        if seen.is_some_and(|seen| seen.size == checkpoint.size() && seen.root != checkpoint.root())
        {
            return Ok(conflict(Outcome::Forked, known_size));
        }
        if grew(&request, &checkpoint, seen).is_err() {
            return Ok(refuse(Outcome::NotConsistent));
        }
        let line = self.cosigner.cosign(time_s, &checkpoint);
        let now = Seen { size: checkpoint.size(), root: checkpoint.root() };
        Ok(Answer {
            outcome: Outcome::Cosigned,
            to_store: Some((origin.to_owned(), now)),
            response: Response {
                status: 200,
                content_type: "text/plain; charset=utf-8",
                body: format!("{line}\n").into_bytes(),
            },
        })
    }
}

fn parse(bytes: &[u8]) -> Option<(AddCheckpoint, Checkpoint)> {
    let request = AddCheckpoint::parse(bytes).ok()?;
    let checkpoint = request.checkpoint.text().parse().ok()?;
    Some((request, checkpoint))
}

fn grew(
    request: &AddCheckpoint,
    checkpoint: &Checkpoint,
    seen: Option<Seen>,
) -> Result<(), ProofError> {
    let old_root = seen.map_or_else(crate::digest::empty_root, |seen| seen.root);
    verify_consistency(
        request.old_size,
        &old_root,
        checkpoint.size(),
        &checkpoint.root(),
        &request.proof,
    )
}

fn refuse(outcome: Outcome) -> Answer {
    let (status, body) = match outcome {
        Outcome::UnknownLog => (404, "this log is not known here\n"),
        Outcome::NotSigned => (403, "the checkpoint is not signed by the log\n"),
        Outcome::NotConsistent => (422, "the proof does not lead to the checkpoint\n"),
        Outcome::Unconfirmed => (423, "what was cosigned last is to be confirmed here\n"),
        _ => (400, "this is not an add-checkpoint request\n"),
    };
    let body = body.as_bytes().to_vec();
    let response = Response { status, content_type: "text/plain; charset=utf-8", body };
    Answer { outcome, to_store: None, response }
}

fn conflict(outcome: Outcome, size: u64) -> Answer {
    let body = format!("{size}\n").into_bytes();
    let response = Response { status: 409, content_type: "text/x.tlog.size", body };
    Answer { outcome, to_store: None, response }
}

/// Reads the body of a witness's answer with status 200 and gives those of its lines that are valid
/// cosignatures by one of the keys, to be added to the checkpoint. Others are left out.
///
/// # Errors
/// When the body is not made of signature lines.
pub fn read_cosignatures(
    body: &[u8],
    checkpoint: &Checkpoint,
    keys: &[VerifierKey],
) -> Result<Vec<SignatureLine>, RequestError> {
    if body.len() > note::LONGEST {
        return Err(RequestError::TooLong {});
    }
    let mut rest = std::str::from_utf8(body).map_err(|_| RequestError::Signature { line: 1 })?;
    let mut valid = Vec::new();
    let mut line = 0;
    while !rest.is_empty() {
        line += 1;
        let parsed = take_line(&mut rest).and_then(SignatureLine::parse);
        let parsed = parsed.ok_or(RequestError::Signature { line })?;
        let mut note = checkpoint.note();
        note.add(parsed.clone());
        let by = |key| matches!(Cosignature::find(&note, key), Ok(Some(_)));
        if keys.iter().any(by) {
            valid.push(parsed);
        }
    }
    Ok(valid)
}

/// Reads the body of a witness's answer with status 409: the size that it has seen.
///
/// # Errors
/// When the body is no size.
pub fn read_size(body: &[u8]) -> Result<u64, RequestError> {
    let text = std::str::from_utf8(body).ok().and_then(|text| text.strip_suffix('\n'));
    text.and_then(decimal).ok_or(RequestError::Size {})
}
