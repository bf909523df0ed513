//! What has been decided, shown and kept, and where is the event that tells of it?
//!
//! [`Store`] is the one way to what a node remembers: [`Store::read`] sees one moment,
//! [`Store::write`] changes state in one named transaction. Every method of [`Writer`] takes a
//! [`Change`](portcullis_decide::Change), so the event that tells of a change is written in the same
//! transaction or nothing is. There is no way to write a state alone, and none to change or delete
//! an event (THREATS T-03).
//!
//! This crate holds no rule: what may become of a decision is said in `decide`. It refuses to open a
//! store of a later schema, and to make a value out of a row that cannot be one: such a row is an
//! [`InconsistencyError`] that names table, column and row.
//!
//! To add something kept: a table with a comment on each column in a new file of
//! `sqlite/migrations/`, a method each in [`Reader`] and [`Writer`], and its cases in
//! `tests/contract.rs`, which any other store must pass too.
//!
//! The store's file is trusted: whoever can change it can make a decision look taken or not taken.

mod error;
mod repository;
mod sqlite;

pub use error::{InconsistencyError, StoreError};
pub use repository::{Reader, Store, TransactionName, Writer};
pub use sqlite::SqliteStore;
