//! A fact and where it comes from.

use crate::{ListVersion, OrganisationId, PartialDate, Property, Protected, SourceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a batch of statements comes from: one issue of one source, read at one time, under the
/// control of one organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The list, register or table.
    pub source: SourceId,
    /// Which issue of it.
    pub version: ListVersion,
    /// When it was read into Portcullis (UTC).
    pub recorded_at: Timestamp,
    /// The organisation that controls this copy of the facts.
    pub controller: OrganisationId,
}

/// From when to when a fact held, as far as the source says. `None` means that it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// First day.
    pub from: Option<PartialDate>,
    /// Last day.
    pub to: Option<PartialDate>,
}

/// One fact about the subject of a [`Dossier`](crate::Dossier): which property, which value, from
/// which row of the source, valid when. Source, issue, record, time of reading and controller are
/// the dossier's [`Origin`] and record id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// What is said.
    pub property: Property,
    /// The value, in the form the property demands: dates as [`PartialDate`] text, countries as
    /// lower-case codes, names as published with white space tidied.
    pub value: Protected,
    /// The value as published, where `value` differs from it.
    pub original: Option<Protected>,
    /// The row or line of the source, counted from 1 with the header as row 1.
    pub row: u64,
    /// When the fact held.
    pub validity: Validity,
}

impl Statement {
    /// A statement whose value stands as published, with no word on validity.
    pub fn new(property: Property, value: impl Into<Protected>, row: u64) -> Self {
        Self { property, value: value.into(), original: None, row, validity: Validity::default() }
    }

    /// The same statement, remembering how the value was published.
    #[must_use]
    pub fn published_as(mut self, original: impl Into<Protected>) -> Self {
        let original = original.into();
        self.original = (original != self.value).then_some(original);
        self
    }
}
