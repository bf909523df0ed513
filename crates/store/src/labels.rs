//! Who reads which records: by the labels that these bear.
//!
//! A label is kept once and named by a number that never leaves the store. A person's transaction
//! takes a [`Visible`]: the labels that the person may read. Every statement of a [`View`](crate::View)
//! leaves out what bears any other, in the database, before it counts, sorts or cuts into pages
//! (THREATS T-38). The machine's administrator, who has the keyring, reads with [`Visible::all`]
//! through the same statements.

use crate::tables::labels;
use crate::{Database, StoreError};
use portcullis_decide::{ListName, Reference};
use portcullis_types::{EventId, Label, OrganisationId};
use std::collections::BTreeMap;
use std::fmt;

/// The number by which the store knows a label: that of its own record. It orders and names nothing
/// outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelId(pub(crate) u64);

/// The labels that one reader may read, as judged at one moment. What bears a label that came later
/// is not among them.
#[derive(Clone, PartialEq, Eq)]
pub struct Visible(Which);

#[derive(Clone, PartialEq, Eq)]
enum Which {
    All,
    /// The numbers, each between commas; 0 is the open label.
    These(String),
}

impl Visible {
    /// Everything: for whoever has the machine and the keyring, and so could read it anyway. Never for
    /// a person who asks over the network.
    pub fn all() -> Self {
        Self(Which::All)
    }

    /// Nothing at all.
    pub fn nothing() -> Self {
        Self(Which::These(",".to_owned()))
    }

    /// The numbers, 0 for the open label; none for everything.
    pub(crate) fn numbers(&self) -> Option<impl Iterator<Item = i64>> {
        self.value().map(|all| all.split(',').filter_map(|one| one.parse().ok()))
    }

    /// As a value of a statement: none for everything.
    pub(crate) fn value(&self) -> Option<&str> {
        match &self.0 {
            Which::All => None,
            Which::These(numbers) => Some(numbers),
        }
    }
}

impl fmt::Debug for Visible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            Which::All => "Visible(all)",
            Which::These(_) => "Visible(..)",
        })
    }
}

/// The labels that an organisation's records bear, the open one included.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    known: BTreeMap<LabelId, Label>,
}

impl Labels {
    pub(crate) fn of(known: BTreeMap<LabelId, Label>) -> Self {
        Self { known }
    }

    /// Each label but the open one, with its number.
    pub fn iter(&self) -> impl Iterator<Item = (LabelId, &Label)> {
        self.known.iter().map(|(id, label)| (*id, label))
    }

    /// What a reader sees who may read the labels of which this is true. It is asked once for the open
    /// label and once for each other.
    pub fn visible(&self, mut may_read: impl FnMut(&Label) -> bool) -> Visible {
        let mut numbers = ",".to_owned();
        let mut take = |number: u64| {
            numbers.push_str(&number.to_string());
            numbers.push(',');
        };
        if may_read(&Label::open()) {
            take(0);
        }
        for (LabelId(number), label) in &self.known {
            if may_read(label) {
                take(*number);
            }
        }
        Visible(Which::These(numbers))
    }
}

/// What changes whenever a label is kept or erased, and nothing else: two that are equal stand for
/// equal [`Labels`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelsMark {
    pub(crate) last: u64,
    pub(crate) count: u64,
}

/// Something whose label can be raised, as people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Labelled {
    /// A list.
    List(ListName),
    /// Every showing of the pairs under a reference.
    Alert(Reference),
    /// A decision.
    Decision(EventId),
}

impl Database {
    /// By what somebody who remembers the labels tells whether they have changed.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when it cannot be read.
    pub fn labels_mark(&mut self, organisation: &OrganisationId) -> Result<LabelsMark, StoreError> {
        self.look(|open| labels::mark(open, organisation))
    }

    /// The labels that records of an organisation bear.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when they cannot be read.
    pub fn labels(&mut self, organisation: &OrganisationId) -> Result<Labels, StoreError> {
        self.look(|open| labels::all(open, organisation))
    }
}

/// Narrows a statement in which `v` is a row of `record` to what a reader sees. The value stands at
/// `$2`: the numbers between commas, or NULL for everything.
macro_rules! visible {
    () => {
        "(CAST($2 AS TEXT) IS NULL
          OR v.label IS NULL AND CAST($2 AS TEXT) LIKE '%,0,%'
          OR v.label IN (SELECT l.record_number FROM label l
                         WHERE CAST($2 AS TEXT) LIKE '%,' || CAST(l.record_number AS TEXT) || ',%'))"
    };
}

pub(crate) use visible;

#[cfg(test)]
pub(crate) mod tests;
