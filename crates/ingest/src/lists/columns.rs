//! Finding columns by their names.

use super::out::Out;
use crate::ReadError;
use crate::table::{Row, TableItem, TableReader};
use std::io::Read;
use std::ops::RangeInclusive;

/// The header of a table.
#[derive(Debug)]
pub(crate) struct Columns {
    format: &'static str,
    line: u64,
    names: Vec<String>,
}

/// A column that may be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column(Option<usize>);

impl Column {
    /// Its cell, trimmed; empty when the column or the cell is not there.
    pub(crate) fn of<'a>(&self, row: &'a Row) -> &'a str {
        self.0.map_or("", |index| row.cell(index))
    }

    pub(crate) fn index(&self) -> Option<usize> {
        self.0
    }
}

/// A column name without case, spaces and signs.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether the row is a header: it has a cell of each name.
pub(crate) fn is_header(row: &Row, names: &[&str]) -> bool {
    names.iter().all(|name| row.cells.iter().any(|cell| plain(cell) == plain(name)))
}

/// How many rows may stand before the header.
const MAX_PREAMBLE: usize = 10;

/// Reads up to the header, the first row that has all of `names`; rows before it go to `preamble`.
///
/// # Errors
///
/// [`ReadError::MissingColumn`] naming the column when a row is plainly the header but lacks one,
/// [`ReadError::NotThisFormat`] when none of the first rows is a header.
pub(crate) fn find_header<R: Read>(
    reader: &mut TableReader<R>,
    format: &'static str,
    names: &[&'static str],
    out: &mut Out<'_>,
    mut preamble: impl FnMut(&Row, &mut Out<'_>),
) -> Result<Columns, ReadError> {
    let mut line = 1;
    let mut nearest: Option<(usize, ReadError)> = None;
    for _ in 0..MAX_PREAMBLE {
        let Some(item) = reader.next() else { break };
        let row = match item? {
            TableItem::Row(row) => row,
            TableItem::Warning(warning) => {
                out.warn(warning.line, warning.message);
                continue;
            }
            TableItem::SetAside(aside) => {
                out.aside(aside);
                continue;
            }
        };
        line = row.line;
        let columns = Columns::new(format, &row);
        let missing: Vec<&'static str> =
            names.iter().copied().filter(|name| columns.at(name).index().is_none()).collect();
        let Some(first_missing) = missing.first() else {
            reader.expect_width(columns.names.len());
            return Ok(columns);
        };
        let found = names.len() - missing.len();
        if found > 0 && nearest.as_ref().is_none_or(|(most, _)| found > *most) {
            let error = ReadError::MissingColumn { format, column: first_missing, line };
            nearest = Some((found, error));
        }
        preamble(&row, out);
    }
    Err(nearest.map_or_else(
        || ReadError::NotThisFormat {
            expected: format,
            found: "no header of its columns in the first rows".to_owned(),
            line,
        },
        |(_, error)| error,
    ))
}

impl Columns {
    pub(crate) fn new(format: &'static str, header: &Row) -> Self {
        Self { format, line: header.line, names: header.cells.iter().map(|c| plain(c)).collect() }
    }

    /// How many cells a whole row has: as many as the header. Empty cells at its end are no
    /// columns, and a row may do without them.
    pub(crate) fn widths(&self) -> RangeInclusive<usize> {
        let named = self.names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        named..=self.names.len()
    }

    /// The first column of any of these names.
    pub(crate) fn any(&self, names: &[&str]) -> Column {
        Column(names.iter().find_map(|name| {
            let wanted = plain(name);
            self.names.iter().position(|have| *have == wanted)
        }))
    }

    pub(crate) fn at(&self, name: &str) -> Column {
        self.any(&[name])
    }

    /// The column of that name.
    ///
    /// # Errors
    ///
    /// [`ReadError::MissingColumn`] when there is none.
    pub(crate) fn need(&self, name: &'static str) -> Result<Column, ReadError> {
        let column = self.at(name);
        if column.index().is_none() {
            return Err(ReadError::MissingColumn {
                format: self.format,
                column: name,
                line: self.line,
            });
        }
        Ok(column)
    }

    /// The columns named by a prefix and a number from `from` to `to`, like "Address Line 1".
    pub(crate) fn numbered(&self, prefix: &str, from: u8, to: u8) -> Vec<Column> {
        (from..=to).map(|number| self.at(&format!("{prefix}{number}"))).collect()
    }
}
