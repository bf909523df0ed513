//! What does this file say, about whom, and on which row?
//!
//! Bytes of an open list, a register or somebody's table go in; [`Dossier`]s with their provenance
//! come out, and every row that cannot be read comes out too, as a [`SetAside`] with the reason.
//! Nothing is dropped silently. This crate refuses to do I/O: it reads from what it is handed.
//!
//! [`Dossier`]: portcullis_types::Dossier

mod bytes;
mod country;
mod dates;
mod error;
mod ftm;
mod lines;
mod lists;
mod outcome;
pub mod people;
mod table;
mod xml;

pub use bytes::Encoding;
pub use country::country_code;
pub use error::ReadError;
pub use ftm::{EntityError, read_entity};
pub use lists::{
    KnownSource, ListFile, ListFormat, Packing, Reading, Rhythm, known_sources, read_list,
};
pub use outcome::{Item, ReadContext, SetAside, Tally, Warning};
