//! What an update of the lists changed for the people in a file.
//!
//! How rare a name is depends on all records of a list, so one new record can move the score of
//! somebody it has nothing to do with. To look only at the records that were touched would then miss
//! what a full run tells. Both issues are therefore searched in full, and the alerts compared: what
//! `--since` raises is exactly what a full run raises now and did not raise then, or raised
//! otherwise. That costs two runs; a run takes seconds.

use super::finding::{Alert, Change};
use super::lists::{self, Searchable};
use super::repeats;
use crate::environment::Environment;
use crate::lists::ListStore;
use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use portcullis_decide::{Fingerprint, KeptIssue, KeptList};
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

fn is_same(now: &Alert, before: &Alert) -> bool {
    let facts = |alert: &Alert| -> BTreeSet<(DossierId, Fingerprint)> {
        alert
            .records()
            .map(|record| (record.dossier.id.clone(), Fingerprint::of(&record.dossier)))
            .collect()
    };
    facts(now) == facts(before) && (now.score().0 - before.score().0).abs() < SAME_SCORE
}

/// Opens the stored lists as they were: `since` is the name of an issue, a day or a time.
pub(super) fn open(
    asked: &[String],
    since: &str,
    environment: &Environment,
) -> anyhow::Result<Searchable> {
    let store = ListStore::open(environment)?;
    let mut kept: Vec<&KeptList> = Vec::new();
    for name in asked {
        let list = store.list(name).with_context(|| {
            format!(
                "`--since` needs stored lists, of which earlier issues are kept; `{name}` is none"
            )
        })?;
        if !kept.iter().any(|before| before.name == list.name) {
            kept.push(list);
        }
    }
    if asked.is_empty() {
        kept.extend(store.lists());
    }
    let moment = Moment::of(since);
    let mut dossiers = Vec::new();
    let mut infos = Vec::new();
    let mut found = false;
    for list in kept {
        let issue = match &moment {
            Some(moment) => Some(issue_at(&store, list, moment)?),
            None => list.issues().find(|issue| issue.version.as_str() == since),
        };
        found |= issue.is_some();
        // A list that has no such issue was not updated under that name: it stays as it is.
        let issue = issue.unwrap_or(&list.current);
        dossiers.extend(store.dossiers(&list.name, issue)?);
        infos.push(Arc::new(lists::info_of_issue(list, issue, environment.clock.now())));
    }
    if !found {
        anyhow::bail!(
            "no list has an issue `{since}`; `portcullis lists status` tells which are kept"
        );
    }
    Ok(Searchable::new(Index::build(repeats::merged(dossiers)), infos))
}

/// A point in time that changes are told since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// The beginning of a day (UTC), before any update made on it.
    StartOf(Date),
    /// A time.
    At(Timestamp),
}

impl Moment {
    /// `2026-01-31` or `2026-01-31T12:00:00Z`; `None` for the name of an issue.
    fn of(text: &str) -> Option<Self> {
        let day = || text.parse().ok().map(Self::StartOf);
        text.parse().ok().map(Self::At).or_else(day)
    }

    /// Whether what was recorded then was there by this moment.
    fn has_seen(self, recorded_at: Timestamp) -> bool {
        match self {
            Self::StartOf(day) => recorded_at.to_zoned(TimeZone::UTC).date() < day,
            Self::At(time) => recorded_at <= time,
        }
    }
}

/// The issue that was in use at a moment.
fn issue_at<'a>(
    store: &ListStore,
    list: &'a KeptList,
    moment: &Moment,
) -> anyhow::Result<&'a KeptIssue> {
    store.issue_in_use(list, |time| moment.has_seen(time))?.with_context(|| {
        let before = match moment {
            Moment::StartOf(day) => format!("from before {day}"),
            Moment::At(time) => format!("from {time} or before"),
        };
        let oldest = list.issues().last().map_or_else(String::new, |issue| issue.recorded_at.to_string());
        format!(
            "no issue of `{}` is kept {before}; the oldest was fetched at {oldest}. Give that time or a later one, or screen in full",
            list.name
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::engine::Engine;
    use crate::screen::finding::{Finding, ListInfo, Subject};
    use portcullis_matching::Settings;
    use portcullis_types::{Dossier, Origin, Property, Protected, Schema, Statement};
    use proptest::prelude::*;

    fn origin() -> Arc<Origin> {
        Arc::new(Origin {
            source: "invented".parse().unwrap(),
            version: "1".parse().unwrap(),
            recorded_at: "2026-01-01T00:00:00Z".parse().unwrap(),
            controller: "own".parse().unwrap(),
        })
    }

    fn dossier(id: &str, name: &str, born: Option<u16>) -> Dossier {
        let (dossier_id, record) = (id.parse().unwrap(), id.parse().unwrap());
        let mut dossier = Dossier::new(dossier_id, record, Schema::Person, origin());
        dossier.state(Statement::new(Property::Name, name, 1));
        if let Some(year) = born {
            dossier.state(Statement::new(Property::BirthDate, year.to_string(), 1));
        }
        dossier
    }

    fn searchable(dossiers: Vec<Dossier>) -> Searchable {
        let info = ListInfo {
            source: "invented".parse().unwrap(),
            title: "Invented".to_owned(),
            version: "1".parse().unwrap(),
            issued: None,
            age_days: None,
            old: false,
            records: dossiers.len() as u64,
            set_aside: 0,
            warnings: Vec::new(),
        };
        Searchable::new(Index::build(dossiers), vec![Arc::new(info)])
    }

    fn screened(lists: &[Dossier], before: Option<&[Dossier]>, who: &Dossier) -> Finding {
        let engine = Engine {
            lists: Arc::new(searchable(lists.to_vec())),
            before: before.map(|before| searchable(before.to_vec())),
            memory: None,
            settings: Settings::default(),
        };
        engine.screen(Subject {
            name: Protected::new(who.main_name().unwrap()),
            dossier: who.clone(),
            row: 2,
            class: None,
            value: None,
            recipient: None,
            received: None,
            decide_by: None,
        })
    }

    /// What an alert says, as far as a reader can tell it from another.
    fn told(alert: &Alert) -> (BTreeSet<DossierId>, String) {
        (ids(alert).collect(), format!("{:.1}", alert.score().0))
    }

    const NAMES: [&str; 6] = [
        "Orsolya Testwick",
        "Orsolya Testvik",
        "Quillon Examplesson",
        "Hester Mockridge",
        "Esther Mockridge",
        "Barnaby Quillon Mocksworth",
    ];

    fn records() -> impl Strategy<Value = Vec<Dossier>> {
        let record = (0..8_u8, 0..NAMES.len(), proptest::option::of(1950..1953_u16));
        proptest::collection::btree_map(0..8_u8, record, 0..7).prop_map(|records| {
            records
                .into_iter()
                .map(|(id, (_, name, born))| dossier(&format!("inv-{id}"), NAMES[name], born))
                .collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whoever holds the results of the full run before an update, takes out what the update
        /// ended or changed, and adds what `--since` tells, holds the results of a full run now.
        #[test]
        fn old_results_and_what_since_tells_make_a_full_run(
            before in records(),
            now in records(),
            who in 0..NAMES.len(),
            born in proptest::option::of(1950..1953_u16),
        ) {
            let who = dossier("row-2", NAMES[who], born);
            let full_before = screened(&before, None, &who);
            let full_now = screened(&now, None, &who);
            let since = screened(&now, Some(&before), &who);
            let touched: BTreeSet<DossierId> =
                since.alerts.iter().flat_map(ids).chain(since.gone.clone()).collect();
            let mut rebuilt: Vec<_> = full_before
                .alerts
                .iter()
                .filter(|alert| !ids(alert).any(|id| touched.contains(&id)))
                .chain(&since.alerts)
                .map(told)
                .collect();
            let mut expected: Vec<_> = full_now.alerts.iter().map(told).collect();
            rebuilt.sort();
            expected.sort();
            // A score that moved by less than 0.01 may still round the other way.
            let records = |alerts: &[(BTreeSet<DossierId>, String)]| -> Vec<_> {
                alerts.iter().map(|(ids, _)| ids.clone()).collect()
            };
            prop_assert_eq!(records(&rebuilt), records(&expected));
        }

        #[test]
        fn an_update_that_changes_nothing_tells_nothing(lists in records(), who in 0..NAMES.len()) {
            let who = dossier("row-2", NAMES[who], None);
            let since = screened(&lists, Some(&lists), &who);
            prop_assert!(since.alerts.is_empty() && since.gone.is_empty());
        }
    }

    #[test]
    fn a_birth_date_that_the_update_brought_is_told_as_a_change() {
        let before = [dossier("inv-1", "Orsolya Testwick", None)];
        let now = [dossier("inv-1", "Orsolya Testwick", Some(1958))];
        let who = dossier("row-2", "Orsolya Testwick", None);
        let since = screened(&now, Some(&before), &who);
        let changes: Vec<_> = since.alerts.iter().map(|alert| alert.change).collect();
        assert_eq!(changes, [Some(Change::Changed)]);
    }

    #[test]
    fn since_a_day_tells_what_was_updated_on_that_day() {
        let day = Moment::of("2026-01-31").unwrap();
        let at = |time: &str| day.has_seen(time.parse().unwrap());
        assert!(at("2026-01-30T23:59:59Z"));
        // An update of that day is not part of what was known when it began.
        assert!(!at("2026-01-31T00:00:00Z"));
        assert!(!at("2026-01-31T09:30:00Z"));
    }

    #[test]
    fn since_a_time_tells_updates_of_one_day_apart() {
        let moment = Moment::of("2026-01-31T09:30:00Z").unwrap();
        assert!(moment.has_seen("2026-01-31T09:30:00Z".parse().unwrap()));
        assert!(!moment.has_seen("2026-01-31T09:30:01Z".parse().unwrap()));
        assert_eq!(Moment::of("issue-7"), None);
    }

    #[test]
    fn a_record_that_left_the_list_is_told() {
        let before = [dossier("inv-1", "Orsolya Testwick", None)];
        let who = dossier("row-2", "Orsolya Testwick", None);
        let since = screened(&[], Some(&before), &who);
        assert!(since.alerts.is_empty());
        assert_eq!(since.gone, ["inv-1".parse().unwrap()]);
    }
}
