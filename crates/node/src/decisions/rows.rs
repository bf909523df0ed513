//! Decisions as rows, for `list` and `export`.

use super::{organisation, reference_of};
use crate::environment::Environment;
use crate::lists::Place;
use crate::report::spreadsheet::guarded;
use anyhow::Context;
use jiff::Timestamp;
use portcullis_decide::Decision;
use portcullis_store::{NameIndex, Named, StoreError};
use portcullis_types::{EventId, Protected};
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::Write;

/// A decision for people or programs entitled to see it: it holds protected text.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    pub(super) reference: String,
    pub(super) verdict: &'static str,
    pub(super) query_name: &'a str,
    pub(super) record_name: &'a str,
    pub(super) source: &'a str,
    pub(super) record: &'a str,
    pub(super) list_version: &'a str,
    pub(super) purpose: &'static str,
    pub(super) officer: &'a str,
    pub(super) reason: &'a str,
    pub(super) decided_at: Timestamp,
    pub(super) undone_by: Option<&'a str>,
    pub(super) undone_reason: Option<&'a str>,
    pub(super) undone_at: Option<Timestamp>,
    /// Neither a birth date nor an identifier was known, so a namesake of the same place, or where no
    /// place was given of none, is taken for the same.
    pub(super) by_name_and_place: bool,
}

impl<'a> From<&'a Decision> for Row<'a> {
    fn from(decision: &'a Decision) -> Self {
        let judgement = &decision.judgement;
        let undoing = decision.undoing.as_ref();
        Self {
            reference: reference_of(decision).to_string(),
            verdict: judgement.verdict.code(),
            query_name: judgement.query_name.reveal(),
            record_name: judgement.record_name.reveal(),
            source: judgement.record.source.as_str(),
            record: judgement.record.record.as_str(),
            list_version: judgement.record.list_version.as_str(),
            purpose: judgement.purpose.code(),
            officer: judgement.officer.as_str(),
            reason: judgement.reason.text().reveal(),
            decided_at: decision.at.timestamp(),
            undone_by: undoing.map(|undoing| undoing.officer.as_str()),
            undone_reason: undoing.map(|undoing| undoing.reason.text().reveal()),
            undone_at: undoing.map(|undoing| undoing.at.timestamp()),
            by_name_and_place: !judgement.query.has_unique_fact(),
        }
    }
}

/// All decisions, oldest first; none where nothing was ever decided.
pub(super) fn all(environment: &Environment) -> anyhow::Result<Vec<Decision>> {
    match Place::new(environment).existing_store()? {
        Some(mut store) => store
            .read(|r| r.decisions(&organisation()))
            .map_err(|error: StoreError| error)
            .context("cannot read the decisions"),
        None => Ok(Vec::new()),
    }
}

/// The decisions on somebody of a name like this.
pub(super) fn named(
    environment: &Environment,
    name: &Protected,
) -> anyhow::Result<BTreeSet<EventId>> {
    let Some(mut store) = Place::new(environment).existing_store()? else {
        return Ok(BTreeSet::new());
    };
    let mut index = NameIndex::new(organisation());
    index.refresh(&mut store).context("cannot search the decisions")?;
    let decision = |named| match named {
        Named::Decision(id) => Some(id),
        Named::Raised(_) => None,
    };
    Ok(index.find(name.reveal()).into_iter().filter_map(decision).collect())
}

pub(super) fn json_lines(out: &mut dyn Write, decisions: &[Decision]) -> anyhow::Result<()> {
    for decision in decisions {
        serde_json::to_writer(&mut *out, &Row::from(decision))?;
        writeln!(out)?;
    }
    Ok(())
}

pub(super) fn csv(out: &mut dyn Write, decisions: &[Decision]) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "reference",
        "verdict",
        "query_name",
        "record_name",
        "source",
        "record",
        "list_version",
        "purpose",
        "officer",
        "reason",
        "decided_at",
        "undone_by",
        "undone_reason",
        "undone_at",
        "by_name_and_place",
    ])?;
    for decision in decisions {
        let row = Row::from(decision);
        let time = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
        csv.write_record([
            row.reference.as_str(),
            row.verdict,
            &guarded(row.query_name),
            &guarded(row.record_name),
            &guarded(row.source),
            &guarded(row.record),
            &guarded(row.list_version),
            row.purpose,
            &guarded(row.officer),
            &guarded(row.reason),
            &row.decided_at.to_string(),
            &guarded(row.undone_by.unwrap_or_default()),
            &guarded(row.undone_reason.unwrap_or_default()),
            &time(row.undone_at),
            if row.by_name_and_place { "yes" } else { "no" },
        ])?;
    }
    Ok(csv.flush()?)
}
