//! What is left when a process is killed, a disk is full, or a file is damaged?
//!
//! Processes write to one store as fast as they can: decisions and their undoing, pairs that were
//! shown, lists, jobs put into the queue and done, records erased, leaves put into the log. Each says
//! what it is about to do, and says so again once the store has told it that this was kept
//! (*acknowledged*). At a moment drawn at random they are killed (SIGKILL), or have no room left. Then
//! the store is opened as a node would open it, and all of it is read.
//!
//! These are failures:
//!
//! - A change that was acknowledged is missing, or reads otherwise than it was written.
//! - A change that the store refused, or that nobody asked for, is there.
//! - One half of a change is there: a state without its event, an event without its state or its
//!   leaf, a job that is done without what it was to do, a record that is erased in part.
//! - A change took effect twice.
//! - The log does not verify from its first leaf to its signature; a checkpoint that was seen before
//!   is gone or another; the tree does not begin with the tree that was seen before.
//! - The store does not open by itself, or not with the keyring that lies there; a key of an erased
//!   record is still in the keyring; a job whose worker was killed is never done.
//! - Damage to a file goes unnoticed, and less is found, or something else.
//!
//! These are not:
//!
//! - A change that was not acknowledged is there. It was kept, and the process died before it said so.
//!   From then on it must stay. A server may still keep what a killed process asked of it last: the
//!   check waits until it works for nobody.
//! - Positions of events have gaps on `PostgreSQL`, whose sequences leave them. On `SQLite` they do
//!   not.
//! - Damage to bytes that hold nothing is not noticed.
//! - A damaged store is refused, or says what is wrong with it when it is read.
//!
//! `PORTCULLIS_KILLS` says how often to kill, `PORTCULLIS_CRASH_SEED` from which seed the moments and
//! changes are drawn; a failure names its seed. Processes race, so that a seed draws the same moments
//! again and not quite the same story.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on fails"
)]
#![cfg(target_os = "linux")]

mod check;
mod child;
mod damage;
mod full;
mod kills;
mod ledger;
mod op;
mod place;
