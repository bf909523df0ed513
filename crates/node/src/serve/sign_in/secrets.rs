//! Codes that are shown once: halves of invitations, tokens, links. Only their digest is kept.

use crate::environment::SystemRng;
use portcullis_decide::Digest;
use portcullis_keys::{CodeKind, SecretCode};
use portcullis_types::Rng as _;

/// A new one, and what is kept of it.
pub(in crate::serve) fn new_code(kind: CodeKind) -> (SecretCode, Digest) {
    let code = SecretCode::random(&mut |bytes| SystemRng.fill(bytes), kind);
    let digest = Digest::from_bytes(code.digest());
    (code, digest)
}

/// What is kept of a code that somebody shows; none where it is no such code.
pub(in crate::serve) fn digest_of(kind: CodeKind, text: &str) -> Option<Digest> {
    let code = SecretCode::read(kind, text).ok()?;
    Some(Digest::from_bytes(code.digest()))
}
