//! How findings are shown: one module for each form. None of them decides anything.

pub(crate) mod html;
pub(crate) mod json;
pub(crate) mod spreadsheet;
pub(crate) mod table;
pub(crate) mod waterfall;
pub(crate) mod words;

use crate::screen::finding::{Finding, Summary};
use portcullis_ingest::SetAside;

/// Whose the decision is, and how it is recorded.
pub(crate) const HOW_TO_DECIDE: &str = "No score decides. A named person looks at both records and decides, and records it with \
     `portcullis decisions add REFERENCE --verdict not-same|same|unsure --officer OFFICER --reason TEXT`.";

/// Something that findings are written to, in the order of the file.
pub(crate) trait Report {
    /// Takes what was found for one person.
    fn person(&mut self, finding: &Finding) -> anyhow::Result<()>;

    /// Takes a row that could not be read, in its place. Most forms tell them at the end.
    fn set_aside(&mut self, row: &SetAside) -> anyhow::Result<()> {
        let _ = row;
        Ok(())
    }

    /// Writes what can only be known at the end.
    fn finish(self: Box<Self>, summary: &Summary) -> anyhow::Result<()>;
}
