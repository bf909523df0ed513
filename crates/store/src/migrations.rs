//! The schema, step by step. A step once released never changes.
//!
//! A step says down to which earlier version programs can go on working once it is applied, so that
//! it may be applied while they run: it adds tables, and columns that need no value. What takes
//! something away comes a version later, when no program needs it any more.

use crate::StoreError;
use crate::database::Open;
use crate::engine::{Access, Engine, FromCell, Row, Session};
use crate::error::Doing;

/// The oldest version of the program that can work with the schema once step `n` (entry `n - 1`) is
/// applied.
const WORKS_WITH: [u32; 6] = [1, 1, 3, 3, 3, 3];

/// Applies what is missing, in one transaction: two processes that start together don't collide,
/// and a failure leaves the old version whole.
pub(crate) fn bring_up_to_date(engine: &mut dyn Engine) -> Result<(), StoreError> {
    bring_up_to(engine, known())
}

/// As a program does that knows the schema up to a version.
pub(crate) fn bring_up_to(engine: &mut dyn Engine, known: u32) -> Result<(), StoreError> {
    let failed = |error| Doing::Opening.failed(error);
    let found = {
        let mut session = engine.begin(Access::Read).map_err(failed)?;
        found(session.as_mut())?
    };
    if found.check(known)? == known {
        return Ok(());
    }
    let steps: Vec<(u32, u32, &'static str)> = WORKS_WITH
        .iter()
        .zip(1..=known)
        .filter_map(|(works_with, version)| {
            engine.migration(version).map(|sql| (version, *works_with, sql))
        })
        .collect();
    let mut session = engine.begin(Access::Write).map_err(failed)?;
    session.exclude_others().map_err(failed)?;
    // Another process may have done it meanwhile.
    let version = self::found(session.as_mut())?.check(known)?;
    session.script(VERSIONS).map_err(failed)?;
    for (version, works_with, sql) in steps.into_iter().filter(|(step, ..)| *step > version) {
        session.script(sql).map_err(failed)?;
        session
            .execute(
                "INSERT INTO schema_version (version, works_with) VALUES ($1, $2)",
                &[i64::from(version).into(), i64::from(works_with).into()],
            )
            .map_err(failed)?;
    }
    session.commit().map_err(failed)
}

/// Of an engine, too, which makes it when it takes a database.
pub(crate) const VERSIONS: &str = "
    CREATE TABLE IF NOT EXISTS schema_version (
        version    BIGINT PRIMARY KEY, -- each step that was applied, from 1
        works_with BIGINT NOT NULL     -- the oldest version of the program that still can use it
    )";

/// The version of the schema that this program knows.
pub(crate) fn known() -> u32 {
    u32::try_from(WORKS_WITH.len()).unwrap_or(u32::MAX)
}

/// The version of the schema that is there, which may be later than the one that is known.
pub(crate) fn version(open: &Open<'_>) -> Result<u32, StoreError> {
    let row = open.row("SELECT coalesce(max(version), 0) AS version FROM schema_version", &[])?;
    let number = row.as_ref().and_then(|row| i64::from_cell(row.cell("version")?));
    Ok(number.and_then(|number| u32::try_from(number).ok()).unwrap_or(u32::MAX))
}

/// What is there.
struct Found {
    version: u32,
    works_with: u32,
}

impl Found {
    /// The version, unless it is too new for a program that knows versions up to `known`.
    fn check(&self, known: u32) -> Result<u32, StoreError> {
        if self.works_with > known {
            return Err(StoreError::NewerSchema { found: self.version, known });
        }
        Ok(self.version.min(known))
    }
}

fn found(session: &mut dyn Session) -> Result<Found, StoreError> {
    let failed = |error| Doing::Opening.failed(error);
    if !session.has_table("schema_version").map_err(failed)? {
        return Ok(Found { version: 0, works_with: 0 });
    }
    let rows = session
        .query(
            "SELECT coalesce(max(version), 0) AS version, coalesce(max(works_with), 0) AS works_with
             FROM schema_version",
            &[],
        )
        .map_err(failed)?;
    let number = |column: &str| {
        let cell = rows.first().and_then(|row: &Row| row.cell(column))?;
        u32::try_from(i64::from_cell(cell)?).ok()
    };
    // Numbers that nobody wrote are those of a program we know nothing of.
    Ok(Found {
        version: number("version").unwrap_or(u32::MAX),
        works_with: number("works_with").unwrap_or(u32::MAX),
    })
}

#[cfg(test)]
mod tests;
