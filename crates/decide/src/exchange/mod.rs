//! What organisations ask and tell each other: who must be told now, when an answer leaves, what an
//! enquiry or a report led to, who holds a copy and is owed its withdrawal.
//!
//! Three rules run through it. The moment of an answer follows from the enquiry alone, so that it
//! tells nothing of what is held (THREATS T-48). Nobody receives a notice, or is turned to because
//! another one doesn't read it, who is its subject or tied to it (THREATS T-49). Whoever ever had a
//! copy is owed its correction and its withdrawal until he has read it (THREATS T-50).
//!
//! Nothing here holds what is said. Texts travel sealed and are kept sealed; states and events hold
//! ids, times, codes and digests, and the reasons of officers, which are protected.

pub mod copies;
pub mod duty;
pub mod enquiries;
pub mod held;
mod ids;
mod kept;
pub mod notices;
pub mod referrals;
mod release;
pub mod reports;
mod telling;
mod times;
pub mod traffic;

pub use ids::{IdTextError, ReferralId};
pub use release::{ReleaseOrder, ReleasePlan, ReleasePlanError, release_independently};
pub use telling::{ActError, Acting};
