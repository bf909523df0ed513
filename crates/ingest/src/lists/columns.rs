//! Finding columns by their names.

use crate::ReadError;
use crate::table::Row;

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

impl Columns {
    pub(crate) fn new(format: &'static str, header: &Row) -> Self {
        Self { format, line: header.line, names: header.cells.iter().map(|c| plain(c)).collect() }
    }

    pub(crate) fn width(&self) -> usize {
        // Empty cells at the end of a header are no columns.
        self.names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1)
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
