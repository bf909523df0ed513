//! What the server said, without a word that could be out of a row.
//!
//! `PostgreSQL` quotes rows in what it says: the key that is there already, the row that a check
//! fails, the text that is no number. So of all it says only the state, and the names of table,
//! column and constraint are kept, and those are the schema's.

use crate::StoreError;
use crate::engine::EngineError;
use postgres::error::{DbError, SqlState};
use std::error::Error;
use std::fmt;
use std::io;

/// What was being done when it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum During {
    /// Anything that has no effect unless it is committed.
    Statement,
    /// The commit itself.
    Commit,
}

/// Why the server did not do it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Cause {
    /// The server answered with an error.
    #[error("PostgreSQL says {state}{} ({names})", meaning(state))]
    Said {
        /// Five letters and digits, as in appendix A of `PostgreSQL`'s documentation.
        state: String,
        names: Names,
    },
    /// There is no connection any more.
    #[error("the connection to PostgreSQL was lost")]
    Lost,
    /// The network or the operating system.
    #[error("PostgreSQL cannot be reached: {kind}")]
    Unreachable { kind: io::ErrorKind },
    /// The client itself: TLS, a name of a host, a value of the wrong kind.
    #[error("PostgreSQL cannot be used")]
    Client { source: postgres::Error },
    /// A statement of the transaction failed before, and nothing more was possible.
    #[error("an earlier statement of the transaction failed")]
    FailedBefore,
}

/// Names of the schema that an error is about.
#[derive(Debug, Default)]
pub(super) struct Names {
    table: Option<String>,
    column: Option<String>,
    constraint: Option<String>,
}

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named =
            [("table", &self.table), ("column", &self.column), ("constraint", &self.constraint)];
        let mut between = "";
        for (what, name) in named {
            if let Some(name) = name {
                write!(f, "{between}{what} `{name}`")?;
                between = ", ";
            }
        }
        if between.is_empty() { f.write_str("no table named") } else { Ok(()) }
    }
}

/// The states that an operator meets, in words.
fn meaning(state: &str) -> &'static str {
    match state {
        "08P01" => ", a breach of protocol",
        "22P02" | "22P03" => ", a text or number that is none",
        "23001" => ", a change that is never allowed",
        "23502" => ", a missing value",
        "23503" => ", a row that another needs",
        "23505" => ", a row that is there already",
        "23514" => ", a value out of bounds",
        "25006" => ", a server that only reads",
        "25P03" => ", a transaction that stood still for too long",
        "28000" | "28P01" => ", no entry for this user with this password",
        "3D000" => ", no such database",
        "40001" | "40P01" => ", a change by somebody else at the same time",
        "42501" => ", a right that the user lacks",
        "42P01" | "42703" => ", a table or column that is not there",
        "53100" => ", no room on its disk",
        "53200" => ", no memory",
        "53300" => ", too many connections",
        "55P03" => ", a lock that others hold for too long",
        "57014" => ", a statement that took too long or was cancelled",
        "57P01" | "57P02" | "57P03" => ", the server is stopping or starting",
        "58030" => ", a failure of its disk",
        "XX001" | "XX002" => ", damage to its files",
        _ => "",
    }
}

impl From<&DbError> for Cause {
    fn from(said: &DbError) -> Self {
        let owned = |name: Option<&str>| name.map(str::to_owned);
        Self::Said {
            state: said.code().code().to_owned(),
            names: Names {
                table: owned(said.table()),
                column: owned(said.column()),
                constraint: owned(said.constraint()),
            },
        }
    }
}

impl From<postgres::Error> for Cause {
    fn from(error: postgres::Error) -> Self {
        if let Some(said) = error.as_db_error() {
            return said.into();
        }
        if error.is_closed() {
            return Self::Lost;
        }
        match error.source().and_then(|source| source.downcast_ref::<io::Error>()) {
            Some(source) if !wraps_another(source) => Self::Unreachable { kind: source.kind() },
            _ => Self::Client { source: error },
        }
    }
}

/// What TLS says comes inside an error of input and output.
fn wraps_another(error: &io::Error) -> bool {
    error.get_ref().is_some()
}

/// What the caller can do about it.
pub(super) fn engine_error(error: postgres::Error, during: During) -> EngineError {
    let cause = Cause::from(error);
    let kind: fn(Box<dyn Error + Send + Sync>) -> EngineError = match &cause {
        Cause::Said { state, .. } => of_state(state, during),
        Cause::Lost | Cause::Unreachable { .. } if during == During::Commit => {
            EngineError::Unconfirmed
        }
        _ => EngineError::Refused,
    };
    kind(Box::new(cause))
}

fn of_state(state: &str, during: During) -> fn(Box<dyn Error + Send + Sync>) -> EngineError {
    let code = SqlState::from_code(state);
    match code {
        SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => {
            EngineError::Conflict
        }
        // The transaction is as it was before; done again, its statements are parsed anew.
        _ if is_stale(&code) && during == During::Statement => EngineError::Conflict,
        SqlState::DISK_FULL => EngineError::Full,
        SqlState::DATA_CORRUPTED | SqlState::INDEX_CORRUPTED => EngineError::Damaged,
        // The server broke off, perhaps between keeping it and saying so (a standby's answer is
        // waited for in between).
        _ if during == During::Commit && (state.starts_with("57P") || state.starts_with("08")) => {
            EngineError::Unconfirmed
        }
        SqlState::LOCK_NOT_AVAILABLE
        | SqlState::QUERY_CANCELED
        | SqlState::TOO_MANY_CONNECTIONS
        | SqlState::CANNOT_CONNECT_NOW => EngineError::Busy,
        _ => EngineError::Refused,
    }
}

/// Whether a statement that was parsed earlier no longer fits its tables: `cached plan must not
/// change result type`, or forgotten by the server.
pub(super) fn is_stale_statement(error: &postgres::Error) -> bool {
    error.code().is_some_and(is_stale)
}

fn is_stale(code: &SqlState) -> bool {
    *code == SqlState::FEATURE_NOT_SUPPORTED || *code == SqlState::INVALID_SQL_STATEMENT_NAME
}

/// Why the store cannot be opened.
pub(super) fn open_error(place: &str, error: postgres::Error) -> StoreError {
    let place = place.to_owned();
    match engine_error(error, During::Statement) {
        EngineError::Busy(source) => StoreError::Busy { source },
        EngineError::Damaged(source) => StoreError::Damaged { source },
        EngineError::Full(source) => StoreError::Full { source },
        EngineError::Conflict(source)
        | EngineError::Unconfirmed(source)
        | EngineError::Refused(source) => StoreError::Open { place, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The states are those of appendix A of PostgreSQL's documentation.
    #[test]
    fn each_state_is_told_as_what_can_be_done_about_it() {
        let kind = |state, during| {
            let error = of_state(state, during)("".into());
            format!("{error:?}").split('(').next().unwrap_or_default().to_owned()
        };
        for (state, at_a_statement, at_the_commit) in [
            ("40001", "Conflict", "Conflict"),   // serialization_failure
            ("40P01", "Conflict", "Conflict"),   // deadlock_detected
            ("0A000", "Conflict", "Refused"),    // feature_not_supported
            ("55P03", "Busy", "Busy"),           // lock_not_available
            ("57014", "Busy", "Busy"),           // query_canceled
            ("53300", "Busy", "Busy"),           // too_many_connections
            ("57P03", "Busy", "Unconfirmed"),    // cannot_connect_now
            ("57P01", "Refused", "Unconfirmed"), // admin_shutdown
            ("08006", "Refused", "Unconfirmed"), // connection_failure
            ("08007", "Refused", "Unconfirmed"), // transaction_resolution_unknown
            ("53100", "Full", "Full"),           // disk_full
            ("XX001", "Damaged", "Damaged"),     // data_corrupted
            ("XX002", "Damaged", "Damaged"),     // index_corrupted
            ("23505", "Refused", "Refused"),     // unique_violation
            ("ZZZZZ", "Refused", "Refused"),     // nothing that is listed
        ] {
            assert_eq!(kind(state, During::Statement), at_a_statement, "{state}");
            assert_eq!(kind(state, During::Commit), at_the_commit, "{state}");
        }
    }
}
