//! Frames: what one request, one answer or one file holds. All of one number of envelopes have one
//! length, and all three have one form.
//! Implements `docs/spec/exchange.md`, section 4.

mod refused;

pub use refused::{FrameError, RefusedFrame};

use crate::reader::{FormError, Reader, write_organisation};
use crate::signer::{MOST_AHEAD_S, is_signed, key_of, signed_before};
use crate::{ENVELOPE_BYTES, Envelope, EnvelopeDigest, FrameDigest, STALE_S, Sealer};
use portcullis_federation::{MemberList, Moment};
use portcullis_types::{OrganisationId, Rng};
use sha2::{Digest as _, Sha256};

/// What every frame begins with.
const MAGIC: &[u8] = b"portcullis-exchange\0";

const VERSION: u8 = 1;

/// What stands before a frame in its digest.
const DIGEST: &[u8] = b"portcullis-exchange-frame-digest/v1";

/// What stands before the digest of a frame where it is signed.
const SIGNED: &[u8] = b"portcullis-exchange-frame-signature/v1";

/// Envelopes in a request or an answer, at most.
const MOST_IN_POLL: u16 = 64;

/// How many envelopes a file can have.
const CLASSES: [u16; 5] = [4, 16, 64, 256, 1024];

/// Bytes of a frame besides its envelopes, at most.
const ROOM: usize = 2_048;

/// Bytes of a frame, at most: a file of the largest class.
pub const MOST_FRAME_BYTES: usize = 1024 * (ENVELOPE_BYTES + 32) + ROOM;

/// How many envelopes travel at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameSize(u16);

impl FrameSize {
    /// As many as a poll has unless somebody chose otherwise.
    pub const POLL: Self = Self(4);

    /// The size of each poll of a node, from 1 to 64; none for other numbers.
    pub fn poll(count: u16) -> Option<Self> {
        (1..=MOST_IN_POLL).contains(&count).then_some(Self(count))
    }

    /// The size of a file that holds so many, or as many of them as the largest does.
    pub fn file(count: usize) -> Self {
        let [.., largest] = CLASSES;
        let class = CLASSES.into_iter().find(|class| usize::from(*class) >= count);
        Self(class.unwrap_or(largest))
    }

    /// The number of envelopes.
    pub fn count(self) -> usize {
        usize::from(self.0)
    }
}

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// What a node brings when it polls another.
    Request,
    /// What it is given for that.
    Answer {
        /// The request.
        to: FrameDigest,
    },
    /// What is carried across an air gap.
    File,
}

impl FrameKind {
    fn code(self) -> u8 {
        match self {
            Self::Request => 1,
            Self::Answer { .. } => 2,
            Self::File => 3,
        }
    }

    fn allows(self, count: u16) -> bool {
        match self {
            Self::Request | Self::Answer { .. } => (1..=MOST_IN_POLL).contains(&count),
            Self::File => CLASSES.contains(&count),
        }
    }
}

/// A frame that was read and is not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    kind: FrameKind,
    sender: OrganisationId,
    recipient: OrganisationId,
    made: Moment,
    /// INVARIANT: as many as there are envelopes, and a number that the kind allows.
    acknowledged: Vec<EnvelopeDigest>,
    envelopes: Vec<Envelope>,
    signature: [u8; 64],
}

/// A frame that is by whom it says, for this node, and of this time. Only [`Frame::taken_as`] makes
/// one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BelievedFrame(Frame);

/// What a frame is taken as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenAs<'f> {
    /// A request, from whoever it is. The last of its sender that was taken was made then.
    Request {
        /// When; none if there was none.
        last: Option<Moment>,
    },
    /// The answer to this request.
    AnswerTo(&'f Frame),
    /// A file.
    File,
}

impl Frame {
    /// Makes a frame. It has exactly as many envelopes as its size says: those given, and decoys. It
    /// acknowledges those of the given digests that have room, and otherwise what nobody sent.
    pub fn make(
        rng: &mut dyn Rng,
        sealer: &Sealer<'_>,
        kind: FrameKind,
        size: FrameSize,
        mut envelopes: Vec<Envelope>,
        acknowledged: &[EnvelopeDigest],
    ) -> Self {
        envelopes.truncate(size.count());
        while envelopes.len() < size.count() {
            envelopes.push(sealer.seal(rng, crate::Said::Decoy));
        }
        let mut drawn: Vec<_> = (0..size.count())
            .map(|_| {
                let mut bytes = [0; 32];
                rng.fill(&mut bytes);
                EnvelopeDigest::from_bytes(bytes)
            })
            .collect();
        drawn.iter_mut().zip(acknowledged).for_each(|(slot, digest)| *slot = *digest);
        let mut frame = Self {
            kind,
            sender: sealer.sender().clone(),
            recipient: sealer.recipient().clone(),
            made: sealer.now(),
            acknowledged: drawn,
            envelopes,
            signature: [0; 64],
        };
        frame.signature = sealer.signer().sign(&signed(sealer.list(), frame.digest()));
        frame
    }

    /// What it is.
    pub fn kind(&self) -> FrameKind {
        self.kind
    }

    /// Who is said to have sent it.
    pub fn sender(&self) -> &OrganisationId {
        &self.sender
    }

    /// For whom it is.
    pub fn recipient(&self) -> &OrganisationId {
        &self.recipient
    }

    /// When it was made, its sender says.
    pub fn made(&self) -> Moment {
        self.made
    }

    /// How many envelopes it has.
    #[expect(clippy::missing_panics_doc, reason = "a frame has at most 1024 envelopes")]
    pub fn size(&self) -> FrameSize {
        FrameSize(u16::try_from(self.envelopes.len()).expect("a frame has at most 1024 envelopes"))
    }

    /// The envelopes, in their order.
    pub fn envelopes(&self) -> &[Envelope] {
        &self.envelopes
    }

    /// The digest by which it is answered.
    pub fn digest(&self) -> FrameDigest {
        let digest = Sha256::new_with_prefix(DIGEST).chain_update(self.unsigned()).finalize();
        FrameDigest::from_bytes(digest.into())
    }

    /// The bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.unsigned();
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    fn unsigned(&self) -> Vec<u8> {
        let each = ENVELOPE_BYTES.saturating_add(32);
        let length = self.envelopes.len().saturating_mul(each).saturating_add(ROOM);
        let mut bytes = Vec::with_capacity(length);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[VERSION, self.kind.code()]);
        bytes.extend_from_slice(&self.made.seconds().to_be_bytes());
        bytes.extend_from_slice(match &self.kind {
            FrameKind::Answer { to } => to.as_bytes(),
            FrameKind::Request | FrameKind::File => &[0; 32],
        });
        bytes.extend_from_slice(&self.size().0.to_be_bytes());
        write_organisation(&mut bytes, &self.sender);
        write_organisation(&mut bytes, &self.recipient);
        self.acknowledged.iter().for_each(|digest| bytes.extend_from_slice(digest.as_bytes()));
        self.envelopes.iter().for_each(|envelope| bytes.extend_from_slice(envelope.as_bytes()));
        bytes
    }

    /// Reads a frame, of any kind.
    ///
    /// # Errors
    /// [`FrameError`] with what is not as it must be, and where.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FrameError> {
        if bytes.len() > MOST_FRAME_BYTES {
            return Err(FrameError::TooLong);
        }
        if !bytes.starts_with(MAGIC) {
            return Err(FrameError::Other);
        }
        let mut reader = Reader::new(bytes);
        let r = &mut reader;
        r.slice("magic", MAGIC.len())?;
        let version = r.u8("version")?;
        if version != VERSION {
            return Err(FrameError::UnknownVersion { version });
        }
        let code = r.u8("kind")?;
        let unknown = r.not_allowed();
        let made = r.moment("made")?;
        let to: [u8; 32] = r.array("answers")?;
        let kind = match code {
            1 => FrameKind::Request,
            2 => FrameKind::Answer { to: FrameDigest::from_bytes(to) },
            3 => FrameKind::File,
            _ => return Err(unknown.into()),
        };
        r.require(code == 2 || to == [0; 32])?;
        let count = r.u16("count")?;
        r.require(kind.allows(count))?;
        let sender = r.organisation("sender")?;
        let recipient = r.organisation("recipient")?;
        let acknowledged = (0..count)
            .map(|_| Ok(EnvelopeDigest::from_bytes(r.array("acknowledged")?)))
            .collect::<Result<_, FormError>>()?;
        let envelopes = (0..count)
            .map(|_| {
                let envelope = Envelope::from_bytes(r.slice("envelope", ENVELOPE_BYTES)?);
                envelope.ok_or(r.not_allowed())
            })
            .collect::<Result<_, FormError>>()?;
        let signature = r.array("signature")?;
        if !r.rest().is_empty() {
            let position = bytes.len().saturating_sub(r.rest().len());
            return Err(FrameError::Trailing { position });
        }
        Ok(Self { kind, sender, recipient, made, acknowledged, envelopes, signature })
    }

    /// Believes a frame that is what it is taken as, by a member, for this organisation, and of this
    /// time. What is in its envelopes is not looked at.
    ///
    /// # Errors
    /// [`RefusedFrame`] with the first of its reasons that applies.
    pub fn taken_as(
        self,
        now: Moment,
        list: &MemberList,
        own: &OrganisationId,
        taken_as: TakenAs<'_>,
    ) -> Result<BelievedFrame, RefusedFrame> {
        let sender = || self.sender.clone();
        let fits = matches!(
            (self.kind, taken_as),
            (FrameKind::Request, TakenAs::Request { .. })
                | (FrameKind::Answer { .. }, TakenAs::AnswerTo(_))
                | (FrameKind::File, TakenAs::File)
        );
        if !fits {
            return Err(RefusedFrame::OtherKind);
        }
        if self.recipient != *own {
            return Err(RefusedFrame::WrongRecipient { recipient: self.recipient });
        }
        let key = key_of(list, &self.sender, self.made, now)?;
        if !is_signed(key, &signed(list, self.digest()), &self.signature) {
            return Err(RefusedFrame::BadSignature { sender: sender() });
        }
        if self.made > now.later(MOST_AHEAD_S) {
            return Err(RefusedFrame::Future { sender: sender() });
        }
        let age = if self.kind == FrameKind::File { STALE_S } else { MOST_AHEAD_S };
        if self.made.later(age) < now {
            return Err(RefusedFrame::Stale { sender: sender() });
        }
        match taken_as {
            TakenAs::Request { last: Some(before) } if self.made <= before => {
                Err(RefusedFrame::Replayed { sender: sender() })
            }
            TakenAs::AnswerTo(request) if !self.answers(request) => {
                Err(RefusedFrame::OtherAnswer { sender: sender() })
            }
            _ => Ok(BelievedFrame(self)),
        }
    }

    fn answers(&self, request: &Self) -> bool {
        self.kind == FrameKind::Answer { to: request.digest() }
            && self.sender == request.recipient
            && self.envelopes.len() == request.envelopes.len()
    }
}

impl BelievedFrame {
    /// The frame.
    pub fn frame(&self) -> &Frame {
        &self.0
    }

    /// The digests of envelopes that its sender says it took, and others at random.
    pub fn acknowledged(&self) -> &[EnvelopeDigest] {
        &self.0.acknowledged
    }
}

fn signed(list: &MemberList, digest: FrameDigest) -> Vec<u8> {
    let mut message = signed_before(SIGNED, &list.federation);
    message.extend_from_slice(digest.as_bytes());
    message
}
