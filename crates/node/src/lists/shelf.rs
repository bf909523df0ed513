//! What screening asks the list store.

use super::intake;
use super::place::Place;
use super::{compiled, say};
use crate::decisions::organisation;
use crate::environment::Environment;
use anyhow::{Context, bail};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit};
use portcullis_decide::{Address, FactKind, Fingerprint, KeptIssue, KeptList, ListName};
use portcullis_ingest::ListFormat;
use portcullis_matching::Index;
use portcullis_types::{Dossier, ListVersion, Origin, RecordId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// How old the copy of a list is, in days since it was published, or else since it was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Age {
    /// Whole days.
    pub(crate) days: u32,
    /// Whole days since somebody last looked for a newer issue.
    pub(crate) unchecked_days: u32,
    /// Whether looking meant asking a server; a file that somebody saved once never gets newer.
    pub(crate) is_from_web: bool,
    /// How often a new issue is to be expected, in days.
    pub(crate) rhythm_days: Option<u32>,
}

/// How long a list may go without anybody looking for a newer issue, in days.
const MAX_UNCHECKED_DAYS: u32 = 7;

impl Age {
    /// The age of the current issue of a list.
    pub(crate) fn of(list: &KeptList, now: Timestamp) -> Self {
        let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
        let since = |then: Date| {
            let days = then.until((Unit::Day, day(now))).map_or(0, |span| span.get_days());
            u32::try_from(days).unwrap_or(0)
        };
        Self {
            days: since(list.current.published.unwrap_or_else(|| day(list.current.recorded_at))),
            unchecked_days: since(day(list.checked_at)),
            is_from_web: list.addresses.iter().all(|a| matches!(a, Address::Url(_))),
            rhythm_days: list.rhythm_days,
        }
    }

    /// Whether a newer issue is to be expected by now. One that the server was asked for yesterday
    /// or today, and did not have, is not.
    pub(crate) fn is_overdue(self) -> bool {
        let is_confirmed = self.is_from_web && self.unchecked_days <= 1;
        self.rhythm_days.is_some_and(|rhythm| self.days > rhythm) && !is_confirmed
    }

    /// Whether nobody has looked for a newer issue for too long.
    pub(crate) fn is_unchecked(self) -> bool {
        self.unchecked_days > self.rhythm_days.unwrap_or(MAX_UNCHECKED_DAYS)
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.days {
            0 => f.write_str("of today"),
            1 => f.write_str("1 day old"),
            days => write!(f, "{days} days old"),
        }
    }
}

/// Stored lists, compiled together for screening.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// The index over all of them.
    pub(crate) index: Index,
    /// The lists, in the order asked for, with the issue used and its age.
    pub(crate) lists: Vec<(KeptList, Age)>,
}

/// What differs between two issues of a list, by the publisher's record ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Only in the newer issue.
    pub(crate) added: BTreeSet<RecordId>,
    /// Only in the older issue.
    pub(crate) removed: BTreeSet<RecordId>,
    /// In both, and not saying the same: the material kinds that differ, none when it is something
    /// else, such as an address.
    pub(crate) changed: BTreeMap<RecordId, Vec<FactKind>>,
}

impl Changes {
    /// What differs between the records of two issues.
    pub(crate) fn between(older: &[Dossier], newer: &[Dossier]) -> Self {
        let (older, newer) = (by_record(older), by_record(newer));
        let mut changes = Self::default();
        for (record, after) in &newer {
            match older.get(record) {
                None => _ = changes.added.insert((*record).clone()),
                Some(before) if said(before) != said(after) => {
                    let kinds = Fingerprint::of(before).changed(&Fingerprint::of(after)).collect();
                    changes.changed.insert((*record).clone(), kinds);
                }
                Some(_) => {}
            }
        }
        let removed = older.keys().filter(|record| !newer.contains_key(*record));
        changes.removed = removed.map(|record| (*record).clone()).collect();
        changes
    }
}

/// The copies of lists that are kept.
#[derive(Debug)]
pub(crate) struct ListStore {
    place: Place,
    now: Timestamp,
    lists: Vec<KeptList>,
}

impl ListStore {
    /// Opens the list store. Where no list was ever added it is empty, and nothing is written.
    pub(crate) fn open(environment: &Environment) -> anyhow::Result<Self> {
        let place = Place::new(environment);
        let lists = match place.existing_store()? {
            Some(mut store) => store.read(|r| r.lists(&organisation()))?,
            None => Vec::new(),
        };
        Ok(Self { place, now: environment.clock.now(), lists })
    }

    /// Lists that were read already.
    pub(crate) fn of(place: Place, now: Timestamp, lists: Vec<KeptList>) -> Self {
        Self { place, now, lists }
    }

    pub(super) fn place(&self) -> &Place {
        &self.place
    }

    /// The lists, by name.
    pub(crate) fn lists(&self) -> &[KeptList] {
        &self.lists
    }

    /// The list of this name.
    pub(crate) fn list(&self, name: &str) -> Option<&KeptList> {
        self.lists.iter().find(|list| list.name.as_str() == name)
    }

    /// The list of this name, or an error that tells which there are.
    pub(crate) fn named(&self, name: &str) -> anyhow::Result<&KeptList> {
        self.list(name).with_context(|| {
            let names: Vec<_> = self.lists.iter().map(|list| list.name.as_str()).collect();
            if names.is_empty() {
                format!("there is no list `{name}`, nor any other; add one with `lists add`")
            } else {
                format!("there is no list `{name}`; there are: {}", names.join(", "))
            }
        })
    }

    /// How old the current issue of a list is.
    pub(crate) fn age(&self, list: &KeptList) -> Age {
        Age::of(list, self.now)
    }

    /// The current issues of these lists, compiled together: from the kept index when it is whole
    /// and of these issues, else anew, with a word about a damaged one on stderr.
    pub(crate) fn compiled(&self, names: &[ListName]) -> anyhow::Result<Compiled> {
        let mut lists: Vec<&KeptList> = Vec::new();
        for name in names {
            let list = self.named(name.as_str())?;
            if !lists.iter().any(|before| before.name == list.name) {
                lists.push(list);
            }
        }
        let index = compiled::load_or_build(&self.place, &lists, || {
            let mut dossiers = Vec::new();
            for list in &lists {
                dossiers.append(&mut self.dossiers(&list.name, &list.current)?);
            }
            Ok(dossiers)
        })?;
        let lists = lists.into_iter().map(|list| (list.clone(), self.age(list))).collect();
        Ok(Compiled { index, lists })
    }

    /// The records of one issue of a list, read again from its files.
    pub(crate) fn dossiers(
        &self,
        name: &ListName,
        issue: &KeptIssue,
    ) -> anyhow::Result<Vec<Dossier>> {
        let list = self.named(name.as_str())?;
        let folder = self.place.issue(name, issue.digest);
        if !intake::is_whole(&folder, issue) {
            bail!(
                "the kept files of `{name}`, issue {}, are missing or damaged; `lists update {name}` fetches the current issue again",
                issue.version
            );
        }
        let format = ListFormat::from_code(&list.format).with_context(|| {
            format!("this program does not know the format `{}` of `{name}`", list.format)
        })?;
        // The size was limited when the files were taken in.
        let mut taken = intake::read(
            &folder,
            issue.files.clone(),
            Some(format),
            &list.source,
            &list.organisation,
            issue.recorded_at,
            u64::MAX,
        )
        .with_context(|| format!("cannot read the kept files of `{name}`"))?;
        if taken.issue.entries != issue.entries {
            say(&format!(
                "note: `{name}` now reads as {} records where {} were read when it was fetched; `lists update {name} --again` counts anew",
                taken.issue.entries, issue.entries
            ));
        }
        name_issue(&mut taken.dossiers, &issue.version);
        Ok(taken.dossiers)
    }
}

/// Gives records the version under which their issue is kept. A later version of the program may
/// read another one out of the same files, and results and references must go on to agree.
fn name_issue(dossiers: &mut [Dossier], version: &ListVersion) {
    let mut renamed: Option<(Arc<Origin>, Arc<Origin>)> = None;
    for dossier in dossiers.iter_mut().filter(|dossier| dossier.origin.version != *version) {
        let origin = match &renamed {
            Some((before, after)) if Arc::ptr_eq(before, &dossier.origin) => Arc::clone(after),
            _ => {
                let mut origin = Origin::clone(&dossier.origin);
                origin.version = version.clone();
                Arc::new(origin)
            }
        };
        let before = std::mem::replace(&mut dossier.origin, Arc::clone(&origin));
        renamed = Some((before, origin));
    }
}

/// The dossiers by record. Several of one record count as one that says all.
fn by_record(dossiers: &[Dossier]) -> BTreeMap<&RecordId, Dossier> {
    let mut records: BTreeMap<&RecordId, Dossier> = BTreeMap::new();
    for dossier in dossiers {
        records
            .entry(&dossier.record)
            .and_modify(|all| dossier.statements.iter().for_each(|s| all.state(s.clone())))
            .or_insert_with(|| dossier.clone());
    }
    records
}

/// What a dossier says, whatever the order and the rows.
fn said(dossier: &Dossier) -> (&str, BTreeSet<(&str, &str)>) {
    let facts = dossier.statements.iter().map(|s| (s.property.name(), s.value.reveal())).collect();
    (dossier.schema.name(), facts)
}

#[cfg(test)]
mod tests;
