//! Delimited text to people, and the search for the line with the names of the columns.

use super::columns::{ColumnError, Columns, looks_like_data};
use super::field::meaning;
use super::rows::Rows;
use super::{Layout, PeopleOptions, PeopleReading, PersonItem};
use crate::bytes::Encoding;
use crate::table::{Row, TableItem, TableOptions, TableReader};
use crate::{ReadError, Warning};
use std::io::Read;

/// Among how many rows the names of the columns are looked for.
const HEADER_WITHIN_ROWS: usize = 10;

/// The byte named "unit separator", which no table uses.
const NO_DELIMITER: u8 = 0x1F;

/// For how many columns it is said one by one that they were left out.
const MOST_REPEATED_TOLD: usize = 10;

/// Reads delimited text.
pub(crate) fn read<R: Read>(
    input: R,
    delimiter: Option<u8>,
    options: &PeopleOptions,
    sink: &mut dyn FnMut(PersonItem),
) -> Result<PeopleReading, ReadError> {
    let table = TableOptions { delimiter, encoding: Encoding::Auto };
    let mut reader = TableReader::new(input, table);
    let mut intake = Intake::new(options);
    while let Some(item) = reader.next() {
        match item? {
            TableItem::Row(row) => {
                let before = intake.width();
                intake.push(row, sink)?;
                if before.is_none()
                    && let Some(width) = intake.width()
                {
                    reader.expect_width(width);
                }
            }
            TableItem::SetAside(aside) => intake.set_aside(aside, sink),
            TableItem::Warning(warning) => sink(PersonItem::Warning(warning)),
        }
    }
    intake.finish(sink)
}

/// The delimiter that makes the most column names out of one of the first lines; `None` when no line
/// reads like a header, so that the table's reader must tell by counting.
///
/// Where the only header is one word, the file is a list of names, and a comma belongs to the name.
pub(crate) fn delimiter(head: &[u8]) -> Option<u8> {
    let head = String::from_utf8_lossy(head);
    let lines: Vec<&str> = head.lines().take(HEADER_WITHIN_ROWS).collect();
    let recognised = |line: &str, delimiter: u8| {
        let cells = line.split(char::from(delimiter));
        cells.filter_map(|cell| meaning(cell.trim().trim_matches('"'))).count()
    };
    let scored = lines.iter().flat_map(|line| {
        let used = b",;\t|".iter().filter(|d| line.contains(char::from(**d)));
        used.map(|d| (recognised(line, *d), *d == b',', *d))
    });
    match scored.max() {
        Some((count, _, delimiter)) if count > 0 => Some(delimiter),
        _ => {
            let first = lines.iter().find(|line| !line.trim().is_empty())?;
            meaning(first).filter(|m| m.field.names_somebody()).map(|_| NO_DELIMITER)
        }
    }
}

/// Takes rows, finds the header among the first ten, and reads the rest.
pub(crate) struct Intake<'a> {
    options: &'a PeopleOptions,
    waiting: Vec<Row>,
    rows: Option<Rows<'a>>,
    set_aside_early: u64,
}

impl<'a> Intake<'a> {
    pub(crate) fn new(options: &'a PeopleOptions) -> Self {
        Self { options, waiting: Vec::new(), rows: None, set_aside_early: 0 }
    }

    /// How many columns the file has, once that is known.
    pub(crate) fn width(&self) -> Option<usize> {
        self.rows.as_ref().map(|rows| rows.columns.width())
    }

    pub(crate) fn push(
        &mut self,
        row: Row,
        sink: &mut dyn FnMut(PersonItem),
    ) -> Result<(), ReadError> {
        if let Some(rows) = &mut self.rows {
            take(rows, &row, sink);
            return Ok(());
        }
        self.waiting.push(row);
        if self.waiting.len() >= HEADER_WITHIN_ROWS { self.settle(sink) } else { Ok(()) }
    }

    pub(crate) fn set_aside(&mut self, aside: crate::SetAside, sink: &mut dyn FnMut(PersonItem)) {
        match &mut self.rows {
            Some(rows) => {
                rows.tally.rows_read += 1;
                rows.tally.rows_set_aside += 1;
            }
            None => self.set_aside_early += 1,
        }
        sink(PersonItem::SetAside(aside));
    }

    pub(crate) fn finish(
        mut self,
        sink: &mut dyn FnMut(PersonItem),
    ) -> Result<PeopleReading, ReadError> {
        if self.rows.is_none() {
            self.settle(sink)?;
        }
        let Some(rows) = self.rows else { return Err(ColumnError::Empty.into()) };
        Ok(PeopleReading { tally: rows.tally, columns: rows.columns.report(), layout: rows.layout })
    }

    /// Decides which of the rows waiting is the header, and reads those after it.
    fn settle(&mut self, sink: &mut dyn FnMut(PersonItem)) -> Result<(), ReadError> {
        let waiting = std::mem::take(&mut self.waiting);
        let found = self.find_header(&waiting);
        let by_number = found.is_none() && self.options.map.is_by_number();
        let (headers, line, skip) = match found.or_else(|| fallback(&waiting)) {
            _ if by_number => {
                let width = waiting.iter().map(|row| row.cells.len()).max().unwrap_or(0);
                ((1..=width).map(|n| format!("#{n}")).collect(), 1, 0)
            }
            Some(index) => {
                let row = waiting.get(index).ok_or(ColumnError::Empty)?;
                (row.cells.clone(), row.line, index + 1)
            }
            None => return Err(ColumnError::Empty.into()),
        };
        let layout = Layout::recognise(&headers);
        let columns = Columns::find(&headers, line, &self.options.map, layout)?;
        warn_of_header(&waiting, skip, line, &columns, sink);
        let mut rows = Rows::new(self.options, columns, layout);
        rows.tally.rows_read += self.set_aside_early;
        rows.tally.rows_set_aside += self.set_aside_early;
        for row in waiting.iter().skip(skip) {
            take(&mut rows, row, sink);
        }
        self.rows = Some(rows);
        Ok(())
    }

    /// The row that names the most columns, the first of them when several do.
    fn find_header(&self, waiting: &[Row]) -> Option<usize> {
        let mut best: Option<(usize, usize)> = None;
        for (index, row) in waiting.iter().enumerate() {
            let meanings: Vec<_> = row.cells.iter().filter_map(|cell| meaning(cell)).collect();
            let names = meanings.iter().any(|m| m.field.names_somebody())
                || Layout::recognise(&row.cells) != Layout::Own
                || self.options.map.is_named_in(&row.cells);
            let mapped = usize::from(self.options.map.is_named_in(&row.cells)) * 1000;
            let score = meanings.len() + mapped;
            if names && best.is_none_or(|(_, most)| score > most) {
                best = Some((index, score));
            }
        }
        best.map(|(index, _)| index)
    }
}

/// Without a recognisable header: the row to complain about, which names the most columns or is the
/// fullest.
fn fallback(waiting: &[Row]) -> Option<usize> {
    let worth = |row: &Row| {
        let known = row.cells.iter().filter(|cell| meaning(cell).is_some()).count();
        (known, row.cells.iter().filter(|cell| !cell.trim().is_empty()).count())
    };
    let most = waiting.iter().map(worth).max().filter(|(_, filled)| *filled > 0)?;
    waiting.iter().position(|row| worth(row) == most)
}

fn warn_of_header(
    waiting: &[Row],
    skip: usize,
    line: u64,
    columns: &Columns,
    sink: &mut dyn FnMut(PersonItem),
) {
    let mut warn = |message: String| {
        sink(PersonItem::Warning(Warning { line: Some(line), message }));
    };
    if skip > 1 {
        let above = skip - 1;
        let data = waiting
            .iter()
            .take(above)
            .any(|row| row.cells.iter().filter(|cell| looks_like_data(cell)).count() > 1);
        let check = if data { "; they seem to hold data, so check them" } else { "" };
        warn(format!("{above} row(s) above the names of the columns were skipped{check}"));
    }
    let repeated = columns.repeated();
    for column in repeated.iter().take(MOST_REPEATED_TOLD) {
        warn(format!(
            "column {} has the same name as an earlier one and was left out; say with --map which is meant",
            column + 1
        ));
    }
    if let Some(more) = repeated.len().checked_sub(MOST_REPEATED_TOLD).filter(|more| *more > 0) {
        warn(format!("{more} more columns like it were left out"));
    }
}

/// Reads a row, unless it has more cells than the file has columns.
fn take(rows: &mut Rows<'_>, row: &Row, sink: &mut dyn FnMut(PersonItem)) {
    let width = rows.columns.width();
    if row.cells.iter().skip(width).any(|cell| !cell.trim().is_empty()) {
        rows.tally.rows_read += 1;
        rows.tally.rows_set_aside += 1;
        sink(PersonItem::SetAside(row.set_aside(
            Some(width),
            "the row has more cells than the file has columns; put a cell with a comma in it in \
             quotation marks",
        )));
        return;
    }
    rows.take(row, sink);
}
