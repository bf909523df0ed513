//! What follows, by rule, from what was found: by when must somebody decide, what did a named
//! officer decide, does that decision still hold, may this copy of a list replace that one, how long
//! is each record kept, and when is a job tried again?
//!
//! A transition here returns a [`Change`]: the new state together with the
//! [`Event`](portcullis_types::Event) that tells of it. `store` writes both in one transaction.
//! This crate refuses to decide on a person: every decision takes the
//! [`OfficerId`](portcullis_types::OfficerId) of a human being and a [`StatedReason`], and there is
//! no other way to make one (THREATS T-02). It does no I/O; time and randomness are inputs.
//!
//! A job cannot decide:
//!
//! ```compile_fail,E0308
//! # use portcullis_decide::{Judgement, Verdict, StatedReason};
//! # use portcullis_types::Actor;
//! # fn of(judgement: &mut Judgement) {
//! judgement.officer = Actor::Job("nightly".into());
//! # }
//! ```

mod alert;
mod change;
mod deadline;
mod decision;
pub mod exchange;
mod fingerprint;
mod jobs;
mod keeping;
mod keys;
mod log;
pub mod members;
mod officer;
pub mod people;
mod reason;
mod reference;
mod relabel;
mod restored;
mod retention;

pub use alert::{Raised, RaisedPair, raise};
pub use change::Change;
pub use deadline::{Deadline, Sureness, decide_by};
pub use decision::{
    Decision, Judgement, RecordError, Remembered, UndoError, Undoing, Verdict, judge, record, undo,
};
pub use fingerprint::{Digest, FactKind, Fingerprint, Moved, QueryMark, RecordMark};
pub use jobs::{
    BackOff, BackOffError, Cadence, CadenceError, DealError, DealtWith, Deed,
    FAILURE_MAX_CHARACTERS, FailedJob, Failure, GivenUpJob, JobKey, JobKeyError, Next, discard,
    give_up, retry,
};
pub use keeping::{
    Address, ForgottenList, ISSUES_KEPT, Keeping, KeptFile, KeptIssue, KeptList, ListName,
    ListNameError, Shrink, ShrinkError, may_replace,
};
pub use keys::{ChangedKeys, KeyDeed, change_keys};
pub use log::{OpenedLog, open_log};
pub use officer::{NotAPersonError, check_person};
pub use reason::{ReasonError, StatedReason};
pub use reference::{Reference, ReferenceError, pair_digest, reference};
pub use relabel::{RelabelError, Relabelled, relabel};
pub use restored::{RestoredStore, restored};
pub use retention::{
    Basis, CaseReference, CaseReferenceError, Disposal, EraseError, Erasure, ErasureDuty,
    HeldRecord, KeepError, MAX_ERASED_TOGETHER, OfficerBasis, Period, PeriodError, RecordKind,
    RecordNumber, RecordNumberError, Retention, Review, Rule, Schedule, ScheduleError,
    ScheduleFault, erase, erase_due, keep_until,
};
