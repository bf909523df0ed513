//! Why the store could not do what it was asked.

use std::fmt;
use std::path::PathBuf;

/// A row that cannot become a value: damage, or somebody else's hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the store is inconsistent: column `{column}` of table `{table}` cannot be understood in row {row}; restore a backup, or report it"
)]
pub struct InconsistencyError {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row, as `SQLite` numbers it.
    pub row: i64,
}

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be opened.
    #[error("cannot open the store `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the database said.
        source: rusqlite::Error,
    },
    /// The file belongs to another program.
    #[error("`{}` is not a store of Portcullis; name another data folder", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a later version of the program.
    #[error(
        "the store has schema version {found}, and this program knows versions up to {known}; update the program"
    )]
    NewerSchema {
        /// The version of the file.
        found: u32,
        /// The latest version that this program knows.
        known: u32,
    },
    /// Another process holds the store for too long.
    #[error("another process is writing to the store; try again when it has finished")]
    Busy {
        /// What the database said.
        source: rusqlite::Error,
    },
    /// What was to be changed has changed meanwhile.
    #[error("the {what} was changed by somebody else meanwhile; look at it again")]
    Overtaken {
        /// What it was.
        what: &'static str,
    },
    /// A row cannot become a value.
    #[error(transparent)]
    Inconsistent(#[from] InconsistencyError),
    /// Anything else that the database refuses.
    #[error("the store refused {doing}")]
    Database {
        /// What was being done.
        doing: Doing,
        /// What the database said.
        source: rusqlite::Error,
    },
}

/// What was being done when the database refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Reading.
    Reading,
    /// Writing, in the transaction of this name.
    Writing(&'static str),
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reading => f.write_str("to be read"),
            Self::Writing(name) => write!(f, "the transaction `{name}`"),
        }
    }
}
