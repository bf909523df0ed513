//! A message, which is split into parts, one to an envelope.

use crate::{Conversation, MessageDigest, Payload};
use portcullis_federation::Moment;
use portcullis_types::OrganisationId;
use sha2::{Digest as _, Sha256};

/// Bytes of a message in one envelope, at most.
pub const PART_BYTES: usize = 14_000;

/// Parts of a message, at most.
pub const MOST_PARTS: u16 = 256;

/// Bytes of a message, at most.
pub const MESSAGE_BYTES: usize = PART_BYTES * MOST_PARTS as usize;

/// How old a message may be when it is taken, in seconds: eight weeks. Older ones need not be
/// remembered to be told from new ones.
pub const STALE_S: u64 = 8 * 7 * 86_400;

/// How long a message may wait to be sent, in seconds: seven weeks, so that it does not become stale
/// on its way.
pub const LONGEST_WAIT_S: u64 = 7 * 7 * 86_400;

/// What stands before a message in its digest.
const DOMAIN: &[u8] = b"portcullis-exchange-message/v1";

/// Between whom a message goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Between<'o> {
    /// Who sends.
    pub sender: &'o OrganisationId,
    /// Who receives.
    pub recipient: &'o OrganisationId,
}

/// The digest of a message. What is said twice in one conversation and one second is one message.
pub fn message_digest(
    between: Between<'_>,
    conversation: Conversation,
    queued: Moment,
    content: &[u8],
) -> MessageDigest {
    let mut digest = Sha256::new_with_prefix(DOMAIN);
    for id in [between.sender, between.recipient] {
        digest.update((id.as_str().len() as u64).to_be_bytes());
        digest.update(id.as_str());
    }
    digest.update(conversation.as_bytes());
    digest.update(queued.seconds().to_be_bytes());
    digest.update(content);
    MessageDigest::from_bytes(digest.finalize().into())
}

/// How many parts a message of this length has; none for one that can't be sent.
pub(crate) fn count_of(length: usize) -> Option<u16> {
    let count = u16::try_from(length.div_ceil(PART_BYTES)).ok()?;
    (1..=MOST_PARTS).contains(&count).then_some(count)
}

/// The part of this number, from 1; empty where there is none.
pub(crate) fn part_of(content: &[u8], number: u16) -> Payload {
    let index = usize::from(number).checked_sub(1);
    let part = index.and_then(|index| content.chunks(PART_BYTES).nth(index));
    Payload::new(part.unwrap_or_default().to_vec())
}
