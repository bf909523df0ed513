//! Who may see or do what, and why?
//!
//! [`Policies`] answers for an [`Asker`], an [`Act`] and a [`Thing`]: allowed, or denied with as much
//! of a reason as the asker may know. The rules are policies in Cedar that an operator can read and
//! replace (`policies/`), held to a strict schema; `docs/guide/access.md` says them in plain words.
//!
//! What no policy allows is denied, and so is everything when a policy cannot be worked out. The crate
//! refuses to find out who somebody is, what time it is or what a thing says: it is told.

mod act;
mod asker;
pub mod cases;
mod codes;
mod facts;
mod judgement;
pub mod mutants;
mod policies;
mod reading;
mod split;
mod thing;

pub use act::{Act, Deed, Recovery};
pub use asker::{Asker, LinkHolder, OpenMatching, Person, Scope, SignIn};
pub use facts::SCHEMA;
pub use judgement::{
    Allowed, Denial, Effect, ForAsker, ForAuditor, Ground, Judgement, Remedy, Rule,
};
pub use policies::{Policies, PolicyFile, PolicyVersion, SHIPPED};
pub use reading::{Fault, PoliciesError};
pub use thing::{Thing, ThingKind};
