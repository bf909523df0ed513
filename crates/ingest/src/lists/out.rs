//! What every reader of a list writes to: items, and the count of them.

use crate::table::{Quoting, Row, TableItem};
use crate::{Item, ReadContext, ReadError, SetAside, Tally, Warning};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_types::{Dossier, ListVersion, Origin, PartialDate};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Collects what a reader makes, counts it, and knows the origin.
pub(crate) struct Out<'a> {
    sink: &'a mut dyn FnMut(Item),
    context: &'a ReadContext,
    today: Date,
    pub(crate) tally: Tally,
    pub(crate) origin: Arc<Origin>,
    pub(crate) published: Option<PartialDate>,
    /// Digests of the ids of the dossiers made, up to [`MAX_IDS`].
    ids: HashSet<u64>,
    repeated_ids: u64,
}

/// How many ids are remembered to notice those that repeat; beyond it they are not looked for.
const MAX_IDS: usize = 4_000_000;

impl<'a> Out<'a> {
    pub(crate) fn new(context: &'a ReadContext, sink: &'a mut dyn FnMut(Item)) -> Self {
        Self {
            sink,
            context,
            today: context.recorded_at.to_zoned(TimeZone::UTC).date(),
            tally: Tally::default(),
            origin: context.origin(),
            published: None,
            ids: HashSet::new(),
            repeated_ids: 0,
        }
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

    /// The file mentions this day as that of a change: the youngest one tells the age of a list
    /// that does not state its issue date. A day to come is a slip of the publisher.
    pub(crate) fn seen(&mut self, date: PartialDate) {
        if date.latest() > self.today {
            return;
        }
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
        if self.ids.len() < MAX_IDS {
            let mut digest = DefaultHasher::new();
            dossier.id.hash(&mut digest);
            self.repeated_ids += u64::from(!self.ids.insert(digest.finish()));
        }
        (self.sink)(Item::Dossier(Box::new(dossier)));
    }

    /// Says what only shows at the end.
    pub(crate) fn finish(&mut self) {
        if self.repeated_ids > 0 {
            let message = format!(
                "records with an id that an earlier record has too: {}; all are kept",
                self.repeated_ids
            );
            self.warn(None, message);
        }
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

    /// As [`Out::take`]; sets aside a row whose number of cells is none of `widths`: its cells may
    /// have slipped into other columns. Empty cells too many do no harm, unless quotation marks that
    /// were not doubled may have made them.
    pub(crate) fn take_whole(
        &mut self,
        item: Result<TableItem, ReadError>,
        widths: &RangeInclusive<usize>,
    ) -> Result<Option<Row>, ReadError> {
        let Some(row) = self.take(item)? else { return Ok(None) };
        let spare = row.quoting == Quoting::Regular
            && row.cells.len() > *widths.end()
            && row.cells.iter().skip(*widths.end()).all(|cell| cell.trim().is_empty());
        if !spare && !widths.contains(&row.cells.len()) {
            let reason = format!(
                "the row has {} cells where {} are expected; look for a quotation mark or \
                 delimiter that was not escaped",
                row.cells.len(),
                widths.start()
            );
            self.aside(row.set_aside(None, reason));
            return Ok(None);
        }
        Ok(Some(row))
    }
}
