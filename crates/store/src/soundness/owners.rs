//! Does every row belong to whom its record, or its log, belongs to?
//!
//! Whoever reads asks for the rows of one organisation, so that a row under another name would be
//! missing without a word.

use super::{Checkup, Finding, RESTORE};
use crate::StoreError;
use crate::cells::Cells;

/// Tables, and how many of their rows are another organisation's than what they hang on.
const STRAY: [(&str, &str); 10] = [
    (
        "event",
        "SELECT count(*) AS number FROM event t JOIN record r ON r.number = t.record
         WHERE t.organisation <> r.organisation",
    ),
    (
        "decision",
        "SELECT count(*) AS number FROM decision t JOIN record r ON r.number = t.record_number
         WHERE t.organisation <> r.organisation",
    ),
    (
        "raised",
        "SELECT count(*) AS number FROM raised t JOIN record r ON r.number = t.record_number
         WHERE t.organisation <> r.organisation",
    ),
    (
        "list",
        "SELECT count(*) AS number FROM list t JOIN record r ON r.number = t.record_number
         WHERE t.organisation <> r.organisation",
    ),
    (
        "job",
        "SELECT count(*) AS number FROM job t JOIN record r ON r.number = t.record_number
         WHERE t.organisation <> r.organisation",
    ),
    (
        "given_up_job",
        "SELECT count(*) AS number FROM given_up_job t JOIN record r ON r.number = t.record_number
         WHERE t.organisation <> r.organisation",
    ),
    (
        "leaf_waiting",
        "SELECT count(*) AS number FROM leaf_waiting t JOIN event e ON e.position = t.position
         WHERE t.organisation <> e.organisation",
    ),
    (
        "log_entry",
        "SELECT count(*) AS number FROM log_entry t JOIN log l ON l.number = t.log
         WHERE t.organisation <> l.organisation",
    ),
    (
        "log_tile",
        "SELECT count(*) AS number FROM log_tile t JOIN log l ON l.number = t.log
         WHERE t.organisation <> l.organisation",
    ),
    (
        "log_checkpoint",
        "SELECT count(*) AS number FROM log_checkpoint t JOIN log l ON l.number = t.log
         WHERE t.organisation <> l.organisation",
    ),
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
        if findings.is_empty() {
            findings.push(Finding::sound("organisations", "every row is under that of its record"));
        }
        Ok(findings)
    }
}
