//! What screening asks the list store.

use crate::environment::Environment;
use portcullis_decide::{KeptIssue, KeptList, ListName};
use portcullis_matching::Index;
use portcullis_types::{Dossier, RecordId};
use std::collections::BTreeSet;
use std::fmt;

/// How old the copy of a list is, in days since it was published, or else since it was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Age {
    /// Whole days.
    pub(crate) days: u32,
    /// How often a new issue is to be expected, in days.
    pub(crate) rhythm_days: Option<u32>,
}

impl Age {
    /// Whether a new issue should have come by now.
    pub(crate) fn is_overdue(self) -> bool {
        self.rhythm_days.is_some_and(|rhythm| self.days > rhythm)
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
    /// The lists, with the issue used and its age.
    pub(crate) lists: Vec<(KeptList, Age)>,
}

/// What differs between two issues of a list, as the publisher's record ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Only in the newer issue.
    pub(crate) added: BTreeSet<RecordId>,
    /// Only in the older issue.
    pub(crate) removed: BTreeSet<RecordId>,
    /// In both, with another material fact.
    pub(crate) changed: BTreeSet<RecordId>,
}

/// The copies of lists that are kept.
#[derive(Debug)]
pub(crate) struct ListStore {}

impl ListStore {
    /// Opens the list store. Where no list was ever added it is empty, and nothing is written.
    pub(crate) fn open(_environment: &Environment) -> anyhow::Result<Self> {
        Ok(Self {})
    }

    /// The lists, by name.
    pub(crate) fn lists(&self) -> &[KeptList] {
        &[]
    }

    /// The list of this name.
    pub(crate) fn list(&self, name: &str) -> Option<&KeptList> {
        self.lists().iter().find(|list| list.name.as_str() == name)
    }

    /// The issues of a list whose files are kept, newest first.
    pub(crate) fn issues(&self, _name: &ListName) -> anyhow::Result<Vec<KeptIssue>> {
        Ok(Vec::new())
    }

    /// The current issues of these lists, compiled together: from the kept index when it is whole
    /// and of these issues, else anew, with a word about a damaged one on stderr.
    pub(crate) fn compiled(&self, _names: &[ListName]) -> anyhow::Result<Compiled> {
        anyhow::bail!("not built yet")
    }

    /// The records of one issue of a list.
    pub(crate) fn dossiers(
        &self,
        _name: &ListName,
        _issue: &KeptIssue,
    ) -> anyhow::Result<Vec<Dossier>> {
        anyhow::bail!("not built yet")
    }

    /// What differs between two issues of a list.
    pub(crate) fn changes(
        &self,
        _name: &ListName,
        _older: &KeptIssue,
        _newer: &KeptIssue,
    ) -> anyhow::Result<Changes> {
        anyhow::bail!("not built yet")
    }
}
