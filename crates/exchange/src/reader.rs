//! Reads fields one after the other.

use portcullis_federation::Moment;
use portcullis_types::OrganisationId;

/// Why reading stopped, and where: the field, and how many bytes stand before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// The bytes end within it, or it says that more follow than do.
    #[error("it is cut off in `{field}`, at byte {position}")]
    CutOff {
        /// The field.
        field: &'static str,
        /// Where it begins, counted from 0.
        position: usize,
    },
    /// It holds what it can't hold.
    #[error("`{field}` at byte {position} holds a value that is not allowed")]
    NotAllowed {
        /// The field.
        field: &'static str,
        /// Where it begins, counted from 0.
        position: usize,
    },
}

pub(crate) struct Reader<'b> {
    rest: &'b [u8],
    read: usize,
    field: &'static str,
    begins: usize,
}

impl<'b> Reader<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { rest: bytes, read: 0, field: "start", begins: 0 }
    }

    /// What is not read yet.
    pub(crate) fn rest(&self) -> &'b [u8] {
        self.rest
    }

    /// The field that was begun last holds what it can't hold.
    pub(crate) fn not_allowed(&self) -> FormError {
        FormError::NotAllowed { field: self.field, position: self.begins }
    }

    /// Ends reading unless the field that was begun last holds what it can.
    pub(crate) fn require(&self, allowed: bool) -> Result<(), FormError> {
        if allowed { Ok(()) } else { Err(self.not_allowed()) }
    }

    pub(crate) fn begin(&mut self, field: &'static str) {
        self.field = field;
        self.begins = self.read;
    }

    pub(crate) fn slice(
        &mut self,
        field: &'static str,
        length: usize,
    ) -> Result<&'b [u8], FormError> {
        self.begin(field);
        self.more(length)
    }

    fn more(&mut self, length: usize) -> Result<&'b [u8], FormError> {
        let cut_off = FormError::CutOff { field: self.field, position: self.begins };
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(cut_off)?;
        self.rest = rest;
        self.read = self.read.saturating_add(length);
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], FormError> {
        let taken = self.slice(field, N)?;
        taken.try_into().map_err(|_| self.not_allowed())
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, FormError> {
        self.array(field).map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, FormError> {
        self.array(field).map(u16::from_be_bytes)
    }

    pub(crate) fn u64(&mut self, field: &'static str) -> Result<u64, FormError> {
        self.array(field).map(u64::from_be_bytes)
    }

    pub(crate) fn moment(&mut self, field: &'static str) -> Result<Moment, FormError> {
        let seconds = self.u64(field)?;
        Moment::new(seconds).ok_or(self.not_allowed())
    }

    pub(crate) fn organisation(
        &mut self,
        field: &'static str,
    ) -> Result<OrganisationId, FormError> {
        let length = self.u16(field)?;
        let text = self.more(usize::from(length))?;
        let text = std::str::from_utf8(text).map_err(|_| self.not_allowed())?;
        // What is trimmed is another text, and would be written as other bytes.
        let id = OrganisationId::new(text).ok().filter(|id| id.as_str() == text);
        id.ok_or(self.not_allowed())
    }
}

pub(crate) fn write_organisation(bytes: &mut Vec<u8>, id: &OrganisationId) {
    let length = u16::try_from(id.as_str().len()).expect("an id has at most 512 bytes");
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(id.as_str().as_bytes());
}
