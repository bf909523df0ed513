//! What one record of one source says about one person or thing.

use crate::{DossierId, Origin, PartialDate, Property, RecordId, Schema, Statement};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// All statements of one record of a source about one person, body or thing.
///
/// Every fact in it can name its source, issue, record, row, validity, time of reading and
/// controller: the last four from [`Statement`] and [`Origin`], the record from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dossier {
    /// The id of this dossier.
    pub id: DossierId,
    /// The publisher's id of the record.
    pub record: RecordId,
    /// What kind of thing it is about.
    pub schema: Schema,
    /// Source, issue, time of reading, controller.
    pub origin: Arc<Origin>,
    /// The statements, in the order of the source.
    pub statements: Vec<Statement>,
}

impl Dossier {
    /// An empty dossier for a record.
    pub fn new(id: DossierId, record: RecordId, schema: Schema, origin: Arc<Origin>) -> Self {
        Self { id, record, schema, origin, statements: Vec::new() }
    }

    /// Adds a statement, unless its value is empty or the same property and value already stand.
    pub fn state(&mut self, statement: Statement) {
        if statement.value.reveal().trim().is_empty()
            || self
                .statements
                .iter()
                .any(|s| s.property == statement.property && s.value == statement.value)
        {
            return;
        }
        self.statements.push(statement);
    }

    /// The values of one property. Protected text: show it only to those entitled.
    pub fn values<'a>(&'a self, property: &'a Property) -> impl Iterator<Item = &'a str> {
        self.statements.iter().filter(move |s| s.property == *property).map(|s| s.value.reveal())
    }

    /// The main name, or the first name of any kind. Protected text.
    pub fn main_name(&self) -> Option<&str> {
        self.values(&Property::Name).next().or_else(|| {
            self.statements.iter().find(|s| s.property.is_name()).map(|s| s.value.reveal())
        })
    }

    /// The birth dates that can be read; a value that is no date is left out here but stays in
    /// [`Dossier::statements`].
    pub fn birth_dates(&self) -> impl Iterator<Item = PartialDate> {
        self.values(&Property::BirthDate).filter_map(|v| v.parse().ok())
    }
}
