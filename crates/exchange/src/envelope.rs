//! The envelope: everything that travels is in one, and all are of one size.
//! Implements `docs/spec/exchange.md`, sections 1 to 3.

use crate::contents::{Contents, ContentsError};
use crate::message::STALE_S;
use crate::reader::FormError;
use crate::signer::{MOST_AHEAD_S, is_signed, key_of, signed_before};
use crate::{EnvelopeDigest, ExchangeSigner, Incarnation, RefusedSender, Said};
use portcullis_federation::{MemberList, Moment};
use portcullis_keys::{SEALING_ADDS_BYTES, SealingKey, SealingPublic, UnsealError};
use portcullis_types::{OrganisationId, Rng};
use sha2::{Digest as _, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of every envelope.
pub const ENVELOPE_BYTES: usize = 16_384;

/// Bytes inside the seal.
const CONTENTS_BYTES: usize = ENVELOPE_BYTES - SEALING_ADDS_BYTES;

const SIGNATURE_BYTES: usize = 64;

/// Bytes inside the seal that are signed.
const SIGNED_BYTES: usize = CONTENTS_BYTES - SIGNATURE_BYTES;

/// What the text is sealed for.
const INFO: &[u8] = b"portcullis-exchange-envelope/v1";

/// What stands before the contents where they are signed.
const SIGNED: &[u8] = b"portcullis-exchange-envelope-signature/v1";

/// What stands before an envelope in its digest.
const DIGEST: &[u8] = b"portcullis-exchange-envelope-digest/v1";

/// A sealed envelope. Nobody but its recipient can tell whether it says anything.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope(Box<[u8; ENVELOPE_BYTES]>);

impl Envelope {
    /// Takes bytes as an envelope; none if they have another length.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes: [u8; ENVELOPE_BYTES]| Self(Box::new(bytes)))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; ENVELOPE_BYTES] {
        &self.0
    }

    /// The digest by which it is acknowledged.
    pub fn digest(&self) -> EnvelopeDigest {
        let digest = Sha256::new_with_prefix(DIGEST).chain_update(self.0.as_slice()).finalize();
        EnvelopeDigest::from_bytes(digest.into())
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Envelope({:?})", self.digest())
    }
}

/// Who sends: an organisation, in this life of its node.
#[derive(Debug, Clone, Copy)]
pub struct Sender<'a> {
    /// The member list in force.
    pub list: &'a MemberList,
    /// Its own id.
    pub id: &'a OrganisationId,
    /// The life of its node.
    pub incarnation: Incarnation,
    /// Its signing key in use.
    pub signer: &'a ExchangeSigner,
}

/// Why nothing can be sealed to somebody now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It is not a member at this time.
    #[error("`{recipient}` is not a member at this time, so nothing is sent to it")]
    NotAMember {
        /// To whom.
        recipient: OrganisationId,
    },
    /// No key of it is in use.
    #[error("`{recipient}` has no sealing key in use; it must announce one in the member list")]
    NoKey {
        /// To whom.
        recipient: OrganisationId,
    },
    /// The list does not name the key for the sender at this time.
    #[error("the member list does not name the signing key of this node for this time")]
    OwnKey,
}

/// Seals envelopes to one recipient at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Sealer<'a> {
    sender: Sender<'a>,
    recipient: &'a OrganisationId,
    to: &'a SealingPublic,
    now: Moment,
}

impl<'a> Sender<'a> {
    /// Prepares to seal to a member.
    ///
    /// # Errors
    /// [`SealError`] when the list does not let one of the two take part now.
    pub fn to(self, now: Moment, recipient: &'a OrganisationId) -> Result<Sealer<'a>, SealError> {
        let who = || recipient.clone();
        let member = self.list.member(recipient).filter(|member| member.takes_part(now));
        let member = member.ok_or_else(|| SealError::NotAMember { recipient: who() })?;
        let to =
            member.keys.sealing_at(now).ok_or_else(|| SealError::NoKey { recipient: who() })?;
        let own = self.list.member(self.id).filter(|own| own.takes_part(now));
        let own = own.and_then(|own| own.keys.signing_at(now));
        if own.is_some_and(|key| self.signer.is(key)) {
            Ok(Sealer { sender: self, recipient, to, now })
        } else {
            Err(SealError::OwnKey)
        }
    }
}

impl Sealer<'_> {
    /// Who sends.
    pub fn sender(&self) -> &OrganisationId {
        self.sender.id
    }

    /// To whom.
    pub fn recipient(&self) -> &OrganisationId {
        self.recipient
    }

    /// When.
    pub fn now(&self) -> Moment {
        self.now
    }

    pub(crate) fn list(&self) -> &MemberList {
        self.sender.list
    }

    pub(crate) fn signer(&self) -> &ExchangeSigner {
        self.sender.signer
    }

    /// Seals one envelope.
    #[expect(clippy::missing_panics_doc, reason = "what is sealed has the length of an envelope")]
    pub fn seal(&self, rng: &mut dyn Rng, said: Said) -> Envelope {
        let contents = Contents {
            incarnation: self.sender.incarnation,
            sender: self.sender.id.clone(),
            recipient: self.recipient.clone(),
            sealed: self.now,
            said,
        };
        let mut text = contents.to_bytes(SIGNED_BYTES);
        let signature = self.sender.signer.sign(&signed(self.sender.list, &text));
        let mut whole = Zeroizing::new(Vec::with_capacity(CONTENTS_BYTES));
        whole.append(&mut text);
        whole.extend_from_slice(&signature);
        let bound_to = self.recipient.as_str().as_bytes();
        let sealed = self.to.seal(&mut |bytes| rng.fill(bytes), INFO, bound_to, &whole);
        Envelope::from_bytes(&sealed).expect("what is sealed has the length of an envelope")
    }
}

fn signed(list: &MemberList, contents: &[u8]) -> Zeroizing<Vec<u8>> {
    let before = signed_before(SIGNED, &list.federation);
    let mut message =
        Zeroizing::new(Vec::with_capacity(before.len().saturating_add(contents.len())));
    message.extend_from_slice(&before);
    message.extend_from_slice(contents);
    message
}

/// Who receives: this organisation, with the keys that open what is sealed to it.
#[derive(Debug, Clone, Copy)]
pub struct Recipient<'a> {
    /// The member list in force.
    pub list: &'a MemberList,
    /// Its own id.
    pub id: &'a OrganisationId,
    /// Its sealing keys. All are tried in turn, so the one in use should be first.
    pub keys: &'a [SealingKey],
}

/// An envelope that was opened, and is by whom it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Which life of the sender's node it is from.
    pub incarnation: Incarnation,
    /// When it was sealed.
    pub sealed: Moment,
    /// What it says.
    pub said: Said,
}

/// Why an envelope is not taken. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedEnvelope {
    /// It is of a suite that this program does not know.
    #[error("the envelope has suite `{suite}`, which this program does not know; use a newer one")]
    UnknownSuite {
        /// The number found.
        suite: u8,
    },
    /// None of the own keys opens it.
    #[error("the envelope is sealed to a key that this node does not have, or was changed")]
    NotForUs,
    /// What it holds is not as it must be.
    #[error("what the envelope holds is malformed")]
    Malformed(#[source] FormError),
    /// It was signed for somebody else, who passed it on.
    #[error("the envelope is meant for `{recipient}`, and somebody passed it on")]
    WrongRecipient {
        /// For whom it is.
        recipient: OrganisationId,
    },
    /// It is by somebody else than who brought it.
    #[error("the envelope is by `{sender}`, and `{brought_by}` brought it")]
    OtherSender {
        /// By whom it says to be.
        sender: OrganisationId,
        /// Who brought it.
        brought_by: OrganisationId,
    },
    /// Its sender is not heard.
    #[error(transparent)]
    Sender(#[from] RefusedSender),
    /// It is from a time that is yet to come.
    #[error("the envelope of `{sender}` is from the future; compare clocks")]
    Future {
        /// Who sent it.
        sender: OrganisationId,
    },
    /// It, or the message that it is a part of, is older than eight weeks.
    #[error("the envelope of `{sender}` is too old")]
    Stale {
        /// Who sent it.
        sender: OrganisationId,
    },
    /// The signature is not by the key that the list names.
    #[error("the signature in the envelope of `{sender}` is not valid; compare member lists")]
    BadSignature {
        /// Who is said to have sent it.
        sender: OrganisationId,
    },
}

impl RefusedEnvelope {
    /// The code used in vectors and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownSuite { .. } => "unknown-suite",
            Self::NotForUs => "not-for-us",
            Self::Malformed(_) => "malformed",
            Self::WrongRecipient { .. } => "wrong-recipient",
            Self::OtherSender { .. } => "other-sender",
            Self::Sender(refused) => refused.code(),
            Self::Future { .. } => "future",
            Self::Stale { .. } => "stale",
            Self::BadSignature { .. } => "bad-signature",
        }
    }
}

impl Recipient<'_> {
    /// Opens an envelope that a member brought. A decoy takes the same work as a part.
    ///
    /// # Errors
    /// [`RefusedEnvelope`] with the first of its reasons that applies.
    pub fn open(
        &self,
        now: Moment,
        brought_by: &OrganisationId,
        envelope: &Envelope,
    ) -> Result<Opened, RefusedEnvelope> {
        let text = self.unseal(envelope)?;
        let cut = text.split_last_chunk::<SIGNATURE_BYTES>();
        let (text, signature) = cut.ok_or(RefusedEnvelope::NotForUs)?;
        let contents = Contents::from_bytes(text).map_err(|error| match error {
            ContentsError::UnknownForm { form } => RefusedEnvelope::UnknownSuite { suite: form },
            ContentsError::Form(error) => RefusedEnvelope::Malformed(error),
        })?;
        let Contents { incarnation, sender, recipient, sealed, said } = contents;
        if recipient != *self.id {
            return Err(RefusedEnvelope::WrongRecipient { recipient });
        }
        if sender != *brought_by {
            return Err(RefusedEnvelope::OtherSender { sender, brought_by: brought_by.clone() });
        }
        let key = key_of(self.list, &sender, sealed, now)?;
        if !is_signed(key, &signed(self.list, text), signature) {
            return Err(RefusedEnvelope::BadSignature { sender });
        }
        let latest = now.later(MOST_AHEAD_S);
        if sealed > latest || incarnation.began_s() > latest.seconds() {
            return Err(RefusedEnvelope::Future { sender });
        }
        let queued = if let Said::Part(part) = &said { part.queued } else { sealed };
        if queued.later(STALE_S) < now {
            return Err(RefusedEnvelope::Stale { sender });
        }
        Ok(Opened { incarnation, sealed, said })
    }

    fn unseal(&self, envelope: &Envelope) -> Result<portcullis_keys::Opened, RefusedEnvelope> {
        let bound_to = self.id.as_str().as_bytes();
        for key in self.keys {
            match key.open(INFO, bound_to, envelope.as_bytes()) {
                Ok(text) => return Ok(text),
                Err(UnsealError::UnknownSuite { suite }) => {
                    return Err(RefusedEnvelope::UnknownSuite { suite });
                }
                Err(UnsealError::NotForThis) => {}
            }
        }
        Err(RefusedEnvelope::NotForUs)
    }
}
