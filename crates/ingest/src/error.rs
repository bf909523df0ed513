//! Why a file as a whole cannot be read.

use std::io;

/// Why a file as a whole cannot be read. A single bad row is never such an error: it comes out as a
/// [`SetAside`](crate::SetAside).
///
/// No variant holds protected text: `found` is only ever a column name, an element name or a word
/// of our own.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file is binary.
    #[error("this is not a text file but {looks_like}; {advice}")]
    NotText {
        /// What it looks like: "a zip archive".
        looks_like: &'static str,
        /// What to do about it.
        advice: &'static str,
    },
    /// One line, or one quoted record, is longer than any real one.
    #[error(
        "line {line} is longer than {limit_bytes} bytes; check that the file is what you meant, \
         and that its line ends were not lost"
    )]
    LineTooLong {
        /// The line, counted from 1.
        line: u64,
        /// The limit.
        limit_bytes: usize,
    },
    /// Reading the bytes failed.
    #[error("the file could not be read to its end")]
    Io {
        /// What the operating system or the connection said.
        #[source]
        source: io::Error,
    },
    /// The file is of another format.
    #[error(
        "line {line}: expected {expected}, found {found}; choose the format with `--list-format`, or check that the download is whole"
    )]
    NotThisFormat {
        /// What was expected.
        expected: &'static str,
        /// What stood there, in words of our own.
        found: String,
        /// The line, counted from 1.
        line: u64,
    },
    /// A column that the format cannot do without is missing.
    #[error(
        "line {line}: the header of {format} has no column `{column}`; check that the file is whole and of this format"
    )]
    MissingColumn {
        /// The format.
        format: &'static str,
        /// The column, as the publisher names it.
        column: &'static str,
        /// The line of the header, counted from 1.
        line: u64,
    },
    /// A list that consists of several files lacks one.
    #[error("{format} needs its file `{file}`; give it together with the others")]
    MissingFile {
        /// The format.
        format: &'static str,
        /// The usual name of the file.
        file: &'static str,
    },
    /// XML or JSON that breaks the rules of XML or JSON, after which nothing can be trusted.
    #[error("byte {position}: {problem}; download the file again")]
    Malformed {
        /// Where, counted from 0.
        position: u64,
        /// What is wrong, in words of our own.
        problem: &'static str,
    },
    /// The format joins rows from the whole file, and there are more than fit in memory.
    #[error(
        "the list holds more than {limit_bytes} bytes that must be joined in memory; split it by subject"
    )]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// The columns of a table of people are not clear.
    #[error(transparent)]
    Columns {
        /// What is not clear.
        #[from]
        source: crate::people::ColumnError,
    },
    /// A workbook that cannot be opened.
    #[error("the workbook could not be opened: {problem}; save it again as .xlsx or .csv")]
    Workbook {
        /// What is wrong, without text from its cells.
        problem: String,
    },
}

impl ReadError {
    /// Takes back an error of ours that went through [`io::Read`].
    pub(crate) fn from_io(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(ours) => ours,
            Err(source) => Self::Io { source },
        }
    }
}
