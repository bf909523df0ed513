//! The tables, in SQL that every engine understands.

pub(crate) mod alerts;
pub(crate) mod decisions;
pub(crate) mod events;
pub(crate) mod lists;
pub(crate) mod log;
pub(crate) mod records;
