//! Which message a row is of: sealed, and held against what stands in the clear.

use super::Way;
use crate::StoreError;
use crate::cells::Cells;
use crate::database::Open;
use portcullis_exchange::{Conversation, MessageDigest};
use portcullis_federation::Moment;
use portcullis_keys::{Place, RecordNumber};
use portcullis_types::OrganisationId;

const COLUMN: &str = "heading";

/// What a row says of its message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heading {
    /// Which message.
    pub(super) message: MessageDigest,
    /// In which conversation.
    pub(super) conversation: Conversation,
    /// When it was queued.
    pub(super) queued: Moment,
    /// How many parts it has.
    pub(super) parts: u16,
    /// With whom it is exchanged.
    pub(super) peer: OrganisationId,
}

impl Heading {
    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.message.as_bytes().to_vec();
        bytes.extend_from_slice(self.conversation.as_bytes());
        bytes.extend_from_slice(&self.queued.seconds().to_be_bytes());
        bytes.extend_from_slice(&self.parts.to_be_bytes());
        bytes.extend_from_slice(self.peer.as_str().as_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (message, rest) = bytes.split_first_chunk::<32>()?;
        let (conversation, rest) = rest.split_first_chunk::<16>()?;
        let (queued, rest) = rest.split_first_chunk::<8>()?;
        let (parts, peer) = rest.split_first_chunk::<2>()?;
        Some(Self {
            message: MessageDigest::from_bytes(*message),
            conversation: Conversation::from_bytes(*conversation),
            queued: Moment::new(u64::from_be_bytes(*queued))?,
            parts: u16::from_be_bytes(*parts),
            peer: OrganisationId::new(std::str::from_utf8(peer).ok()?).ok()?,
        })
    }

    pub(super) fn seal(
        &self,
        open: &Open<'_>,
        table: &'static str,
        record: RecordNumber,
        id: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        open.seal(record, &Place { table, row: id, column: COLUMN }, &self.to_bytes())
    }

    /// What a row says, where its record is not erased.
    pub(super) fn of(cells: &Cells<'_>) -> Result<Self, StoreError> {
        let record = cells.record_number("record_number")?;
        let opened = cells.sealed(record, COLUMN)?;
        let read = opened.as_deref().and_then(Self::from_bytes);
        read.ok_or_else(|| cells.bad(COLUMN))
    }

    /// The same, of a row that says so in the clear as well.
    pub(super) fn agreeing(cells: &Cells<'_>, way: Way<'_>) -> Result<Self, StoreError> {
        let heading = Self::of(cells)?;
        if heading.peer != *way.peer {
            return Err(cells.bad("peer"));
        }
        if cells.bytes("conversation")? != *heading.conversation.as_bytes() {
            return Err(cells.bad("conversation"));
        }
        if cells.count("queued_s")? != heading.queued.seconds() {
            return Err(cells.bad("queued_s"));
        }
        Ok(heading)
    }
}
