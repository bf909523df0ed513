//! Copies and recalls.

use super::receipts::Receipts;
use crate::exchange::kept;
use portcullis_federation::Moment;
use portcullis_share::OnwardId;
use portcullis_types::{OfficerId, OrganisationId, PersonId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// For whom a copy is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyFor {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The person there to whom it is sealed; none for whoever is on duty.
    pub officer: Option<OfficerId>,
}

impl CopyFor {
    /// The person, where it is for one.
    pub fn person(&self) -> Option<PersonId> {
        let organisation = self.organisation.clone();
        self.officer.clone().map(|officer| PersonId { organisation, officer })
    }
}

/// By whom a copy was passed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Via {
    /// The copy that it was made from.
    pub copy: u64,
    /// With which leave of the originator.
    #[serde(with = "kept::text")]
    pub leave: OnwardId,
}

/// A copy that went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuedCopy {
    /// For whom.
    pub to: CopyFor,
    /// In which version it went out.
    pub version: u64,
    /// By whom it was passed on; none where it came from the originator.
    pub via: Option<Via>,
    /// From when it counts: when it went out, or when leave was given to pass it on, used or not.
    #[serde(with = "kept::moment")]
    pub made: Moment,
    #[serde(default)]
    pub(super) receipts: Receipts,
}

/// What is recalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum RecallKind {
    /// A version takes the place of all before it.
    Correction {
        /// Which.
        version: u64,
    },
    /// Every version up to one is taken back.
    Withdrawal {
        /// Up to which.
        version: u64,
    },
}

/// A correction or a withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recall {
    /// What.
    pub kind: RecallKind,
    /// From when it is owed.
    #[serde(with = "kept::moment")]
    pub at: Moment,
    /// By when everybody should have receipted it.
    #[serde(with = "kept::moment")]
    pub receipt_by: Moment,
}

/// Everything about the copies of one notice. Nothing is ever taken out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ledger {
    pub(super) copies: BTreeMap<u64, IssuedCopy>,
    pub(super) recalls: Vec<Recall>,
}

/// Why a copy isn't written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CopyError {
    /// The number is taken by another copy.
    #[error("copy {number} is somebody else's; a copy gets the next number")]
    NumberTaken {
        /// Which.
        number: u64,
    },
    /// The copy that it was passed on from is not known.
    #[error("copy {number}, which it is said to be made from, is not known")]
    UnknownOrigin {
        /// Which.
        number: u64,
    },
}

/// Why nothing is recalled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RecallError {
    /// That version was corrected to already, or is older than one that was.
    #[error("version {version} does not follow on those that went out")]
    NotLater {
        /// Which.
        version: u64,
    },
    /// It was withdrawn.
    #[error("the notice was withdrawn already")]
    Withdrawn,
}

impl Ledger {
    /// Writes a copy down. The same one again changes nothing. A copy that becomes known after a
    /// withdrawal, because somebody had leave to pass it on, is taken and owed that withdrawal.
    ///
    /// # Errors
    /// [`CopyError`].
    pub fn add(&mut self, number: u64, copy: IssuedCopy) -> Result<(), CopyError> {
        if let Some(known) = self.copies.get(&number) {
            let same = known.to == copy.to && known.via == copy.via;
            return if same { Ok(()) } else { Err(CopyError::NumberTaken { number }) };
        }
        if let Some(via) = copy.via.filter(|via| !self.copies.contains_key(&via.copy)) {
            return Err(CopyError::UnknownOrigin { number: via.copy });
        }
        self.copies.insert(number, copy);
        Ok(())
    }

    /// Writes a correction or a withdrawal down. From then on everybody with a copy is owed it, whoever
    /// has one now and whoever turns out to have one.
    ///
    /// # Errors
    /// [`RecallError`].
    pub fn recall(&mut self, recall: Recall) -> Result<(), RecallError> {
        if self.withdrawn().is_some() {
            return Err(RecallError::Withdrawn);
        }
        if let RecallKind::Correction { version } = recall.kind
            && version <= self.latest_version()
        {
            return Err(RecallError::NotLater { version });
        }
        self.recalls.push(recall);
        Ok(())
    }

    /// The copies, by number.
    pub fn copies(&self) -> impl ExactSizeIterator<Item = (u64, &IssuedCopy)> {
        self.copies.iter().map(|(number, copy)| (*number, copy))
    }

    /// One copy.
    pub fn copy(&self, number: u64) -> Option<&IssuedCopy> {
        self.copies.get(&number)
    }

    /// The corrections and the withdrawal, in their order.
    pub fn recalls(&self) -> &[Recall] {
        &self.recalls
    }

    /// The withdrawal, if there is one.
    pub fn withdrawn(&self) -> Option<&Recall> {
        self.recalls.iter().find(|recall| matches!(recall.kind, RecallKind::Withdrawal { .. }))
    }

    /// The number that the next copy gets: from 1.
    pub fn next_number(&self) -> u64 {
        self.copies.last_key_value().map_or(1, |(last, _)| last.saturating_add(1))
    }

    /// The latest version that went out; 0 where none did.
    pub fn latest_version(&self) -> u64 {
        let corrected = self.recalls.iter().filter_map(|recall| match recall.kind {
            RecallKind::Correction { version } => Some(version),
            RecallKind::Withdrawal { .. } => None,
        });
        corrected.chain(self.copies.values().map(|copy| copy.version)).max().unwrap_or(0)
    }
}

impl IssuedCopy {
    /// A copy without receipts.
    pub fn new(to: CopyFor, version: u64, via: Option<Via>, made: Moment) -> Self {
        Self { to, version, via, made, receipts: Receipts::default() }
    }
}
