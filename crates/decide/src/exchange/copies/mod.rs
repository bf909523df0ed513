//! Who holds a copy of a notice, what came of it, and who is owed its correction or withdrawal.
//!
//! Pure bookkeeping: what is owed is never stored, it follows from copies, recalls and receipts,
//! whatever the order they became known in (THREATS T-50). So nothing can be forgotten that was written
//! down once.

mod ledger;
mod owed;
mod receipts;

pub use ledger::{CopyError, CopyFor, IssuedCopy, Ledger, Recall, RecallError, RecallKind, Via};
pub use owed::{Owed, OwedState, ReminderPlan, ReminderPlanError};
pub use receipts::{ReceiptError, StageAt};

#[cfg(test)]
mod tests;
