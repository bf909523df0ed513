//! What every reader of a list writes to: items, and the count of them.

use crate::table::{Row, TableItem};
use crate::{Item, ReadContext, ReadError, SetAside, Tally, Warning};
use portcullis_types::{Dossier, ListVersion, Origin, PartialDate};
use std::sync::Arc;

/// Collects what a reader makes, counts it, and knows the origin.
pub(crate) struct Out<'a> {
    sink: &'a mut dyn FnMut(Item),
    context: &'a ReadContext,
    pub(crate) tally: Tally,
    pub(crate) origin: Arc<Origin>,
    pub(crate) published: Option<PartialDate>,
}

impl<'a> Out<'a> {
    pub(crate) fn new(context: &'a ReadContext, sink: &'a mut dyn FnMut(Item)) -> Self {
        Self { sink, context, tally: Tally::default(), origin: context.origin(), published: None }
    }

    /// The name of the source, for the ids of dossiers.
    pub(crate) fn source(&self) -> &str {
        self.context.source.as_str()
    }

    /// The file states its issue date: it becomes the version of every dossier made from now on.
    pub(crate) fn issued(&mut self, date: PartialDate) {
        self.published = Some(date);
        if let Ok(version) = ListVersion::new(&date.to_string()) {
            self.origin = Arc::new(Origin { version, ..(*self.origin).clone() });
        }
    }

    /// A fact of the file is no younger than this day: it tells the age of a list that does not
    /// state its issue date.
    pub(crate) fn seen(&mut self, date: PartialDate) {
        let newer = |known: PartialDate| known.latest() >= date.latest();
        if !self.published.is_some_and(newer) {
            self.published = Some(date);
        }
    }

    /// Counts a data row.
    pub(crate) fn row(&mut self) {
        self.tally.rows_read += 1;
    }

    pub(crate) fn dossier(&mut self, dossier: Dossier) {
        self.tally.dossiers_made += 1;
        (self.sink)(Item::Dossier(Box::new(dossier)));
    }

    pub(crate) fn aside(&mut self, aside: SetAside) {
        self.tally.rows_set_aside += 1;
        (self.sink)(Item::SetAside(aside));
    }

    /// Counts a row that says nothing about a subject by itself.
    pub(crate) fn without_subject(&mut self) {
        self.tally.rows_without_subject += 1;
    }

    pub(crate) fn warn(&mut self, line: Option<u64>, message: impl Into<String>) {
        (self.sink)(Item::Warning(Warning { line, message: message.into() }));
    }

    /// Takes what a table gives: a row is counted and handed back, everything else is passed on.
    /// A blank row is counted as one without subject.
    pub(crate) fn take(
        &mut self,
        item: Result<TableItem, ReadError>,
    ) -> Result<Option<Row>, ReadError> {
        match item? {
            TableItem::Row(row) => {
                self.row();
                if row.is_blank() {
                    self.without_subject();
                    return Ok(None);
                }
                Ok(Some(row))
            }
            TableItem::SetAside(aside) => {
                self.row();
                self.aside(aside);
                Ok(None)
            }
            TableItem::Warning(warning) => {
                (self.sink)(Item::Warning(warning));
                Ok(None)
            }
        }
    }

    /// As [`Out::take`]; sets aside a row that has not as many cells as the header. Empty cells
    /// beyond the header do no harm.
    pub(crate) fn take_whole(
        &mut self,
        item: Result<TableItem, ReadError>,
        width: usize,
    ) -> Result<Option<Row>, ReadError> {
        let Some(row) = self.take(item)? else { return Ok(None) };
        let extra = row.cells.iter().skip(width).any(|cell| !cell.trim().is_empty());
        if row.cells.len() < width || extra {
            let reason = format!(
                "the row has {} cells where {width} are expected; look for a quotation mark or \
                 delimiter that was not escaped",
                row.cells.len()
            );
            self.aside(row.set_aside(None, reason));
            return Ok(None);
        }
        Ok(Some(row))
    }
}
