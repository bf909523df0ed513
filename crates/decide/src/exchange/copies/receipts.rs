//! Receipts: how far each copy got, in each version, and its withdrawal.

use super::{Ledger, RecallKind};
use crate::exchange::kept;
use portcullis_federation::Moment;
use portcullis_share::{ReceiptOf, ReceiptStage};
use serde::{Deserialize, Serialize};

/// What is receipted: each stage of each version, and of the withdrawal, with the first moment stated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Receipts(Vec<StageAt>);

/// That a copy got somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageAt {
    /// Whether the notice did, or its withdrawal.
    #[serde(with = "kept::receipt_of")]
    pub of: ReceiptOf,
    /// Which version.
    pub version: u64,
    /// How far.
    #[serde(with = "kept::receipt_stage")]
    pub stage: ReceiptStage,
    /// When, as the recipient says.
    #[serde(with = "kept::moment")]
    pub at: Moment,
}

/// Why a receipt isn't taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// There is no such copy.
    #[error("there is no copy {number} of this notice")]
    UnknownCopy {
        /// Which.
        number: u64,
    },
    /// It is of something that never went out.
    #[error("version {version} of this notice did not go out, or it was not withdrawn")]
    NotSent {
        /// Which.
        version: u64,
    },
}

impl Receipts {
    pub(super) fn all(&self) -> &[StageAt] {
        &self.0
    }

    fn add(&mut self, new: StageAt) {
        let same = |known: &&mut StageAt| {
            (known.of, known.version, known.stage) == (new.of, new.version, new.stage)
        };
        match self.0.iter_mut().find(same) {
            Some(known) => known.at = known.at.min(new.at),
            None => self.0.push(new),
        }
    }
}

impl Ledger {
    /// Writes a receipt down. The same one again changes nothing.
    ///
    /// # Errors
    /// [`ReceiptError`]: whoever receipts what was not sent to him is not believed.
    pub fn receipt(&mut self, number: u64, receipt: StageAt) -> Result<(), ReceiptError> {
        let version = receipt.version;
        let sent = match receipt.of {
            ReceiptOf::Notice => version <= self.latest_version() && version > 0,
            ReceiptOf::Withdrawal => self.recalls.iter().any(
                |recall| matches!(recall.kind, RecallKind::Withdrawal { version: v } if v == version),
            ),
        };
        let copy = self.copies.get_mut(&number).ok_or(ReceiptError::UnknownCopy { number })?;
        if !sent {
            return Err(ReceiptError::NotSent { version });
        }
        copy.receipts.add(receipt);
        Ok(())
    }

    /// How far a copy got, by what was receipted.
    pub fn receipts(&self, number: u64) -> &[StageAt] {
        self.copies.get(&number).map_or(&[], |copy| copy.receipts.all())
    }

    /// When any copy of an organisation was read first, in any version.
    pub fn first_read(&self, number: u64) -> Option<Moment> {
        let read = self
            .receipts(number)
            .iter()
            .filter(|receipt| receipt.of == ReceiptOf::Notice && is_read(receipt.stage));
        read.map(|receipt| receipt.at).min()
    }
}

/// Whether a person has seen it: delivery alone settles nothing, since a node is not a reader.
pub(super) fn is_read(stage: ReceiptStage) -> bool {
    match stage {
        ReceiptStage::Delivered => false,
        ReceiptStage::Read | ReceiptStage::Acknowledged | ReceiptStage::Destroyed => true,
    }
}
