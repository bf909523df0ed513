//! What an update of the lists changed for the people in a file.
//!
//! How rare a name is depends on all records of a list, so one new record can move the score of
//! somebody it has nothing to do with. To look only at the records that were touched would then miss
//! what a full run tells. Both issues are therefore searched in full, and the alerts compared: what
//! `--since` raises is exactly what a full run raises now and did not raise then, or raised
//! otherwise. That costs two runs; a run takes seconds.

use super::finding::{Alert, Change};
use super::lists::{self, Searchable};
use crate::environment::Environment;
use crate::lists::ListStore;
use anyhow::Context;
use jiff::civil::Date;
use portcullis_decide::{KeptIssue, KeptList};
use portcullis_matching::Index;
use portcullis_types::DossierId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A score that moved by less says the same to a reader, who sees two digits of it.
const SAME_SCORE: f64 = 0.01;

/// Leaves the alerts that are not as they were, marks them, and tells the records that were named
/// before and are no more.
pub(super) fn keep_changed(now: &mut Vec<Alert>, before: &[Alert]) -> Vec<DossierId> {
    let named_now: BTreeSet<DossierId> = now.iter().flat_map(ids).collect();
    now.retain_mut(|alert| {
        alert.change = change(alert, before);
        alert.change.is_some()
    });
    let named_before: BTreeSet<DossierId> = before.iter().flat_map(ids).collect();
    named_before.difference(&named_now).cloned().collect()
}

fn ids(alert: &Alert) -> impl Iterator<Item = DossierId> {
    alert.records().map(|record| record.dossier.id.clone())
}

fn change(alert: &Alert, before: &[Alert]) -> Option<Change> {
    let names = |other: &Alert| ids(other).any(|id| ids(alert).any(|own| own == id));
    let earlier: Vec<&Alert> = before.iter().filter(|other| names(other)).collect();
    match earlier.as_slice() {
        [] => Some(Change::New),
        [earlier] if is_same(alert, earlier) => None,
        _ => Some(Change::Changed),
    }
}

/// A reference stands for the material facts of both sides, so equal references are equal facts.
fn is_same(now: &Alert, before: &Alert) -> bool {
    let facts = |alert: &Alert| -> BTreeSet<(DossierId, Option<String>)> {
        alert
            .records()
            .map(|record| (record.dossier.id.clone(), record.reference.clone()))
            .collect()
    };
    facts(now) == facts(before) && (now.score().0 - before.score().0).abs() < SAME_SCORE
}

/// Opens the stored lists as they were: `since` is the name of an issue, or a day.
pub(super) fn open(
    asked: &[String],
    since: &str,
    environment: &Environment,
) -> anyhow::Result<Searchable> {
    let store = ListStore::open(environment)?;
    let mut kept: Vec<&KeptList> = Vec::new();
    for name in asked {
        kept.push(store.list(name).with_context(|| {
            format!(
                "`--since` needs stored lists, of which earlier issues are kept; `{name}` is none"
            )
        })?);
    }
    if asked.is_empty() {
        kept.extend(store.lists());
    }
    let day: Option<Date> = since.parse().ok();
    let mut dossiers = Vec::new();
    let mut infos = Vec::new();
    let mut found = false;
    for list in kept {
        let issue = match day {
            Some(day) => Some(issue_of_day(list, day)?),
            None => list.issues().find(|issue| issue.version.as_str() == since),
        };
        found |= issue.is_some();
        // A list that has no such issue was not updated under that name: it stays as it is.
        let issue = issue.unwrap_or(&list.current);
        dossiers.extend(store.dossiers(&list.name, issue)?);
        infos.push(Arc::new(lists::info_of_issue(list, issue, environment)));
    }
    if !found {
        anyhow::bail!(
            "no list has an issue `{since}`; `portcullis lists status` tells which are kept"
        );
    }
    Ok(Searchable { index: Index::build(dossiers), infos })
}

/// The issue that was current on a day.
fn issue_of_day(list: &KeptList, day: Date) -> anyhow::Result<&KeptIssue> {
    let recorded = |issue: &KeptIssue| issue.recorded_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    list.issues().find(|issue| recorded(issue) <= day).with_context(|| {
        let oldest = list.issues().last().map_or_else(String::new, |issue| recorded(issue).to_string());
        format!(
            "no issue of `{}` is kept from {day} or before; the oldest is of {oldest}. Use that day, or screen in full",
            list.name
        )
    })
}
