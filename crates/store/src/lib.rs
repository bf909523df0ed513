//! What has been decided, shown and kept; where is the event that tells of it; and who can read it?
//!
//! [`Database`] is the one way to what a node remembers: [`Database::read`] sees one moment,
//! [`Database::write`] changes state in one named transaction. Every method of [`Writer`] takes a
//! [`Change`](portcullis_decide::Change), so the event that tells of a change, and the leaf that
//! commits to it, are written in the same transaction or nothing is. There is no way to write a
//! state alone, and none to change what an event says (THREATS T-03); what an erased one said is gone.
//!
//! Protected text is sealed under the key of its record before it reaches the database, and the keys
//! are in a keyring outside it (`portcullis_keys`): with the database and its backups alone, nobody
//! reads a name. Erasing a record takes its key out of the keyring.
//!
//! What a node does by itself waits in a queue here ([`Database::lease_jobs`]): a job ends in the
//! transaction that keeps what it changes ([`Database::finish_job`]), so it takes effect once
//! (THREATS T-21).
//!
//! This crate holds no rule: what may become of a decision is said in `decide`. It refuses to open a
//! store of a later schema that it can't work beside, a store whose end is missing, and a keyring
//! that isn't the store's own or is out of date; and to make a value out of a row that cannot be one:
//! such a row is an [`InconsistencyError`] that names table, column and row.
//!
//! To add something kept: a table with a comment on each column in a new migration of each engine, a
//! file in `tables/` with its statements in the SQL that both engines understand, a method each in
//! [`Reader`] and [`Writer`], and its cases in `tests/contract.rs`, which run on both engines.
//!
//! The database is trusted to keep what it is given: whoever can change it can take things away or
//! put old ones back, which the log and its witnesses show, and can't read or forge protected text.
//! The keyring is trusted: whoever has it and what unlocks it can read all that was not erased.

mod accepting;
mod backup;
mod cells;
mod database;
mod engine;
mod erasing;
mod error;
mod exchange;
mod labels;
mod log_view;
mod marks;
mod members;
mod migrations;
mod queue;
mod repository;
mod restore;
mod rotation;
mod search;
mod sequencer;
mod settings;
mod soundness;
mod tables;
mod transaction;
mod vault;
mod view;

pub use accepting::AcceptError;
pub use backup::{
    BackupError, BackupHeader, BackupLog, BackupPlace, BackupReadError, BackupSummary, Progress,
    verify_backup,
};
pub use database::Database;
pub use error::{InconsistencyError, KeyringError, RowName, StoreError};
pub use exchange::{
    Arrival, Brought, Exchange, ExchangeError, ExchangeWriter, Link, PeerState, RefusedCount,
    Tidied, WaitingCount,
};
pub use labels::{LabelId, Labelled, Labels, LabelsMark, Visible};
pub use log_view::{Leaf, LogView, Whereabouts};
pub use members::{Members, MembersWriter, OwnKeyError, OwnPublicKeys};
pub use queue::{
    Enqueued, JobId, JobState, LeaseTerms, LeasedJob, NewJob, RecurringJob, StoredJob, WorkerId,
};
pub use repository::{Reader, TransactionName, Writer};
pub use restore::{RestoreError, RestoreOrder, Restored, RestoredLog, Restoring};
pub use rotation::{KeyringState, Resealed, RotationError};
pub use search::{NameIndex, Named};
pub use sequencer::{SequenceError, Sequenced, Sequencer};
pub use soundness::{Closeness, Finding, Soundness, examine_files};
pub use tables::events::StoredEvent;
pub use tables::log::{Log, StoredCheckpoint};
pub use tables::records::RecordCount;
pub use vault::KeyringPlace;
pub use view::{
    AlertPlace, Deciding, DecisionCount, DecisionPlace, MAX_PAGE, NewsPlace, SeenAlert,
    SeenDecision, SeenList, View,
};
