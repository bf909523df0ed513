//! Tonight: who is on duty, who may be told, who must be told now, and what was released in haste.

mod escalation;
mod roster;
mod set;
mod tell;
mod ties;
mod untied;
mod urgent;

pub use escalation::{Escalation, Patience, PatienceError, Told, Watched, escalate};
pub use roster::{Roster, RosterError, RosterFault, Turn};
pub use set::{SetRoster, set_roster};
pub use tell::{Looked, look_after};
pub use ties::{StrikeTieError, Subject, SubjectMark, Tie, TieKind, declare_tie, strike_tie};
pub use untied::{Untied, UntiedError, untied};
pub use urgent::{
    SECOND_WITHIN_LONGEST, SecondError, SecondWithin, SecondWithinError, UrgentRelease,
    UrgentStanding,
};

#[cfg(test)]
mod tests;
