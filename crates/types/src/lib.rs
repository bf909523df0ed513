//! The vocabulary of Portcullis: what is said, by whom, about whom, and under what label.
//!
//! This crate answers "what do the words mean?" for every other crate: [`Statement`], [`Dossier`],
//! [`Pair`], [`Event`], [`Label`], ids, dates with precision, and money in pence. It refuses to do
//! anything: no I/O, no clock, no randomness of its own. Time and randomness are inputs, through
//! [`Clock`] and [`Rng`].
//!
//! The words are those of the law and of the field; `GLOSSARY.md` lists each with its source.

#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod codes;
mod context;
mod date;
mod dossier;
mod event;
mod id;
mod label;
mod pair;
mod pence;
mod protected;
mod purpose;
mod role;
mod schema;
mod statement;

pub use context::{Clock, Rng};
pub use date::{DateError, Doubt, PartialDate, Precision};
pub use dossier::Dossier;
pub use event::{
    Actor, Detail, Details, Event, EventDecodeError, EventError, EventKind, EventTime, JobName,
};
pub use id::{
    DossierId, EventId, IdError, ListVersion, OfficerId, OrganisationId, RecordId, SourceId,
};
pub use label::{Audience, Label, Level, PersonId};
pub use pair::{Bits, Evidence, Pair, Reason, Score, Similarity, Versions};
pub use pence::{Pence, PenceError};
pub use protected::Protected;
pub use purpose::{Gateway, PopulationClass, Purpose};
pub use role::{Body, Role};
pub use schema::{Property, Schema};
pub use statement::{Origin, Statement, Validity};
