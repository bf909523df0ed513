//! Who is owed what, and when to remind him.

use super::receipts::is_read;
use super::{CopyFor, IssuedCopy, Ledger, Recall, RecallKind};
use portcullis_federation::Moment;
use portcullis_share::ReceiptOf;
use serde::{Deserialize, Serialize};

/// A correction or a withdrawal that somebody has not receipted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owed {
    /// To which copy.
    pub copy: u64,
    /// To whom.
    pub to: CopyFor,
    /// The copy that it was passed on from: whoever holds that tells, too.
    pub via: Option<u64>,
    /// What.
    pub recall: Recall,
    /// Since when: since it was recalled, or since the copy was made.
    pub since: Moment,
}

/// Where something that is owed stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OwedState {
    /// There is time yet.
    Waiting,
    /// The time is over.
    Overdue,
}

/// How often somebody is reminded, in hours: 1 to 168.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct ReminderPlan(u16);

/// Longest time between two reminders, in hours: a week.
const MOST_HOURS: u16 = 7 * 24;

/// Why hours are no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("whoever is owed a withdrawal is reminded every 1 to {MOST_HOURS} hours")]
pub struct ReminderPlanError;

impl ReminderPlan {
    /// Every so many hours.
    ///
    /// # Errors
    /// [`ReminderPlanError`].
    pub fn every_hours(hours: u16) -> Result<Self, ReminderPlanError> {
        if (1..=MOST_HOURS).contains(&hours) { Ok(Self(hours)) } else { Err(ReminderPlanError) }
    }

    fn seconds(self) -> u64 {
        u64::from(self.0).saturating_mul(60 * 60)
    }
}

impl Default for ReminderPlan {
    /// Every day.
    fn default() -> Self {
        Self(24)
    }
}

impl TryFrom<u16> for ReminderPlan {
    type Error = ReminderPlanError;
    fn try_from(hours: u16) -> Result<Self, ReminderPlanError> {
        Self::every_hours(hours)
    }
}

impl From<ReminderPlan> for u16 {
    fn from(plan: ReminderPlan) -> Self {
        plan.0
    }
}

impl Owed {
    /// Where it stands at a moment.
    pub fn state(&self, now: Moment) -> OwedState {
        if now < self.recall.receipt_by { OwedState::Waiting } else { OwedState::Overdue }
    }

    /// When to remind next: it is sent when it becomes owed, and reminded of on a fixed beat from then
    /// on, for as long as it is owed. It follows from the time alone, so that a node that was restored
    /// goes on where it stood.
    pub fn next_reminder(&self, now: Moment, plan: ReminderPlan) -> Moment {
        let beats = now.seconds().saturating_sub(self.since.seconds()) / plan.seconds();
        self.since.later(beats.saturating_add(1).saturating_mul(plan.seconds()))
    }
}

impl Ledger {
    /// Everything that is owed, by recall and then by copy: once for each copy that anybody ever had.
    pub fn owed(&self) -> Vec<Owed> {
        let each = |recall: &Recall| {
            let recall = *recall;
            self.copies.iter().filter(move |(_, copy)| is_owed(copy, recall.kind)).map(
                move |(number, copy)| Owed {
                    copy: *number,
                    to: copy.to.clone(),
                    via: copy.via.map(|via| via.copy),
                    recall,
                    since: recall.at.max(copy.made),
                },
            )
        };
        self.recalls.iter().flat_map(each).collect()
    }

    /// How much of it is overdue at a moment.
    pub fn overdue(&self, now: Moment) -> usize {
        self.owed().iter().filter(|owed| owed.state(now) == OwedState::Overdue).count()
    }
}

/// Whether somebody with this copy has yet to read the recall. A later version that he read makes up for
/// an earlier one, and so does the withdrawal: nobody need read what doesn't hold any more. Nothing
/// makes up for the withdrawal.
fn is_owed(copy: &IssuedCopy, kind: RecallKind) -> bool {
    let mut read = copy.receipts.all().iter().filter(|receipt| is_read(receipt.stage));
    match kind {
        RecallKind::Withdrawal { version } => {
            !read.any(|at| at.of == ReceiptOf::Withdrawal && at.version >= version)
        }
        RecallKind::Correction { version } => {
            copy.version < version && !read.any(|receipt| receipt.version >= version)
        }
    }
}
