//! Why the store could not do what it was asked.

use crate::engine::EngineError;
use std::error::Error;
use std::fmt;
use std::path::PathBuf;

/// A row that cannot become a value: damage, or somebody else's hand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the store is inconsistent: column `{column}` of table `{table}` cannot be understood in row {row}; run `portcullis doctor`, and restore a backup if it finds damage"
)]
pub struct InconsistencyError {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The row: its number, else the beginning of its id.
    pub row: RowName,
}

/// What a row is called in an error. Never protected text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowName(String);

impl RowName {
    /// A row by its number.
    pub(crate) fn number(number: i64) -> Self {
        Self(number.to_string())
    }

    /// A row by its id, which is random or a digest under a secret key.
    pub(crate) fn id(id: &[u8]) -> Self {
        let first = id.iter().take(8).fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        Self(format!("{first:0width$x}", width = 2 * id.len().min(8)))
    }
}

impl fmt::Display for RowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What went wrong below, for the log. Never holds a value of a row.
type Cause = Box<dyn Error + Send + Sync>;

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database cannot be opened.
    #[error("cannot open the store `{place}`")]
    Open {
        /// The file, or the server without its password.
        place: String,
        /// What the database said.
        source: Cause,
    },
    /// The database belongs to another program.
    #[error("`{place}` is not a store of Portcullis; name another")]
    NotOurs {
        /// The file, or the server without its password.
        place: String,
    },
    /// The file was written by an early version, which encrypted nothing.
    #[error(
        "`{place}` was made by an early version that kept names in the clear; export its decisions with that version, then name another data folder"
    )]
    Early {
        /// The file.
        place: String,
    },
    /// The database was made by a later version of the program, which this one can't work beside.
    #[error(
        "the store has schema version {found}, and this program knows versions up to {known}; update the program"
    )]
    NewerSchema {
        /// The version of the database.
        found: u32,
        /// The latest version that this program knows.
        known: u32,
    },
    /// Another process holds the store for too long.
    #[error("another process is writing to the store; try again when it has finished")]
    Busy {
        /// What the database said.
        source: Cause,
    },
    /// There is no room left.
    #[error(
        "there is no room left for the store, and nothing was changed; make room and try again"
    )]
    Full {
        /// What the database said.
        source: Cause,
    },
    /// The connection was lost while a transaction was committed.
    #[error(
        "the connection was lost while `{name}` was being kept, so it may have been kept or not; look before doing it again"
    )]
    Unconfirmed {
        /// The transaction.
        name: &'static str,
        /// What the database said.
        source: Cause,
    },
    /// What was to be changed has changed meanwhile.
    #[error("the {what} was changed by somebody else meanwhile; look at it again")]
    Overtaken {
        /// What it was.
        what: &'static str,
    },
    /// What was to be erased is in use.
    #[error("the {what} is still in use; remove it before its record is erased")]
    InUse {
        /// What it is.
        what: &'static str,
    },
    /// A worker had a job for too long, and another may have it now.
    #[error("the job was taken from this worker, so nothing it did for it was kept")]
    LeaseLost,
    /// The store would have told of something, and it can't be told.
    #[error("what happened cannot be written as an event")]
    Event {
        /// Why.
        source: portcullis_types::EventError,
    },
    /// A row cannot become a value.
    #[error(transparent)]
    Inconsistent(#[from] InconsistencyError),
    /// The database says that it is damaged.
    #[error("the store is damaged; run `portcullis doctor`, and restore a backup")]
    Damaged {
        /// What the database said.
        source: Cause,
    },
    /// The store has less in it than it had: an old copy was put in its place, or its end is lost.
    #[error(
        "the store ends at change {found}, and it once held {expected}: its end was lost, or an old copy was put in its place; restore the latest backup with `portcullis restore`"
    )]
    RolledBack {
        /// The last change that was acknowledged.
        expected: u64,
        /// The last change that is there.
        found: u64,
    },
    /// The keyring cannot be used.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Records were erased in the store, and their keys are still in the keyring.
    #[error(
        "the records were erased, but their keys could not be taken out of the keyring yet: an old backup still opens them; the next command tries again"
    )]
    KeyKept {
        /// Why not.
        source: KeyringError,
    },
    /// Something was erased, so that nothing can be added to it.
    #[error("the record was erased, and nothing can be added to it")]
    Erased,
    /// A label cannot be written down.
    #[error("the label cannot be written")]
    Label {
        /// Why.
        source: Cause,
    },
    /// Lists whose records name one source bear one label, so that of a pair it can be told which.
    #[error(
        "another list with records of the source `{origin}` bears another label; give both the same"
    )]
    SourceLabels {
        /// The source.
        origin: String,
    },
    /// The label of one of two lists of one source was to be raised.
    #[error("another list has records of the same source; remove one before its label is raised")]
    SharedSource,
    /// Anything else that the database refuses.
    #[error("the store refused {doing}")]
    Database {
        /// What was being done.
        doing: Doing,
        /// What the database said.
        source: Cause,
    },
}

/// Why the keyring, which opens what the store holds, cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// The store is there and its keyring isn't.
    #[error(
        "the keyring `{}` is missing, and nothing in the store can be read without it; put a copy of it there", path.display()
    )]
    Missing {
        /// Where it belongs.
        path: PathBuf,
    },
    /// The keyring belongs to another store.
    #[error(
        "the keyring `{}` belongs to another store; put this store's own keyring there", path.display()
    )]
    OfAnother {
        /// The keyring.
        path: PathBuf,
    },
    /// Two copies of the keyring were changed apart.
    #[error(
        "the keyring `{}` is not the one that this store was last used with: two copies of it were changed apart; put the copy there that was used last, and let all processes use one file", path.display()
    )]
    Diverged {
        /// The keyring.
        path: PathBuf,
    },
    /// The keyring is older than the store says.
    #[error(
        "the keyring `{}` is older than the store: it has revision {found}, and the store has seen {expected}; put the latest copy of it there", path.display()
    )]
    Old {
        /// The keyring.
        path: PathBuf,
        /// Its revision.
        found: u64,
        /// The revision that the store has seen.
        expected: u64,
    },
    /// The keyring cannot be unlocked.
    #[error("cannot unlock the keyring `{}`", path.display())]
    Locked {
        /// The keyring.
        path: PathBuf,
        /// Why.
        source: portcullis_keys::UnlockError,
    },
    /// The file cannot be read or written.
    #[error("cannot {doing} the keyring `{}`", path.display())]
    File {
        /// `read` or `write`.
        doing: &'static str,
        /// The keyring.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// What was being done when the database refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Opening the store, or bringing its schema up to date.
    Opening,
    /// Reading.
    Reading,
    /// Writing, in the transaction of this name.
    Writing(&'static str),
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opening => f.write_str("to be opened"),
            Self::Reading => f.write_str("to be read"),
            Self::Writing(name) => write!(f, "the transaction `{name}`"),
        }
    }
}

impl Doing {
    /// What the engine says, in the store's words.
    pub(crate) fn failed(self, error: EngineError) -> StoreError {
        match (error, self) {
            (EngineError::Busy(source) | EngineError::Conflict(source), _) => {
                StoreError::Busy { source }
            }
            (EngineError::Full(source), _) => StoreError::Full { source },
            (EngineError::Damaged(source), _) => StoreError::Damaged { source },
            (EngineError::Unconfirmed(source), Self::Writing(name)) => {
                StoreError::Unconfirmed { name, source }
            }
            (EngineError::Unconfirmed(source) | EngineError::Refused(source), doing) => {
                StoreError::Database { doing, source }
            }
        }
    }
}
