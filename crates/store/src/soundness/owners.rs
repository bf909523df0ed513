//! Does every row belong to whom its record, or its log, belongs to?
//!
//! Whoever reads asks for the rows of one organisation, so that a row under another name would be
//! missing without a word.

use super::{Checkup, Finding, RESTORE};
use crate::StoreError;
use crate::cells::Cells;

/// A table, and the statement that counts those of its rows (`t`) which are another organisation's
/// than what they hang on (`o`).
macro_rules! stray {
    ($table:literal, $owner:literal) => {
        (
            $table,
            concat!(
                "SELECT count(*) AS number FROM ",
                $table,
                " t JOIN ",
                $owner,
                " WHERE t.organisation <> o.organisation"
            ),
        )
    };
}

const STRAY: [(&str, &str); 27] = [
    stray!("event", "record o ON o.number = t.record"),
    stray!("decision", "record o ON o.number = t.record_number"),
    stray!("raised", "record o ON o.number = t.record_number"),
    stray!("list", "record o ON o.number = t.record_number"),
    stray!("job", "record o ON o.number = t.record_number"),
    stray!("given_up_job", "record o ON o.number = t.record_number"),
    stray!("leaf_waiting", "event o ON o.position = t.position"),
    stray!("log_entry", "log o ON o.number = t.log"),
    stray!("log_tile", "log o ON o.number = t.log"),
    stray!("log_checkpoint", "log o ON o.number = t.log"),
    stray!("label", "record o ON o.number = t.record_number"),
    stray!("record", "label o ON o.record_number = t.label"),
    stray!("exchange_outgoing", "record o ON o.number = t.record_number"),
    stray!("exchange_open", "record o ON o.number = t.record_number"),
    stray!("exchange_part", "record o ON o.number = t.record_number"),
    stray!("exchange_content", "record o ON o.number = t.record_number"),
    stray!("exchange_inbox", "record o ON o.number = t.record_number"),
    stray!("person", "record o ON o.number = t.record_number"),
    stray!("person_proposal", "record o ON o.number = t.record_number"),
    stray!("person_outside", "record o ON o.number = t.record_number"),
    stray!("recovery_code", "record o ON o.number = t.record_number"),
    stray!("credential", "record o ON o.number = t.record_number"),
    stray!("personal_key", "record o ON o.number = t.record_number"),
    stray!("session", "record o ON o.number = t.record_number"),
    stray!("api_token", "record o ON o.number = t.record_number"),
    stray!("submit_link", "record o ON o.number = t.record_number"),
    stray!("submission", "record o ON o.number = t.record_number"),
];

/// A table, and the statement that counts those of its rows (`t`) that aren't found under the label of
/// their record (`o`).
macro_rules! misplaced {
    ($table:literal, $record:literal) => {
        (
            $table,
            concat!(
                "SELECT count(*) AS number FROM ",
                $table,
                " t JOIN record o ON o.number = t.",
                $record,
                " WHERE t.bears IS NOT NULL AND t.bears <> coalesce(o.label, 0)"
            ),
        )
    };
}

const MISPLACED: [(&str, &str); 4] = [
    misplaced!("event", "record"),
    misplaced!("decision", "record_number"),
    misplaced!("raised", "record_number"),
    misplaced!("list", "record_number"),
];

impl Checkup<'_, '_> {
    /// Rows that no organisation would find.
    pub(super) fn owners(&self) -> Result<Vec<Finding>, StoreError> {
        let mut findings = Vec::new();
        for (table, sql) in STRAY {
            let row = self.open.row(sql, &[])?;
            let stray = row.map_or(Ok(0), |row| {
                Cells::new(self.open, table, "number", &row).count("number")
            })?;
            if stray > 0 {
                findings.push(Finding::broken(
                    "organisations",
                    format!("{stray} rows of `{table}` are not under the organisation of their record or log"),
                    RESTORE,
                ));
            }
        }
        for (table, sql) in MISPLACED {
            let row = self.open.row(sql, &[])?;
            let misplaced = row.map_or(Ok(0), |row| {
                Cells::new(self.open, table, "number", &row).count("number")
            })?;
            if misplaced > 0 {
                findings.push(Finding::broken(
                    "labels",
                    format!("{misplaced} rows of `{table}` are not found under the label of their record"),
                    RESTORE,
                ));
            }
        }
        if findings.is_empty() {
            findings.push(Finding::sound("organisations", "every row is under that of its record"));
        }
        Ok(findings)
    }
}
