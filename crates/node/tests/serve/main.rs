//! `portcullis serve`, as clients meet it: over real connections, with a real process.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

mod clients;
mod encrypted;
mod limits;
mod node;
mod secrets;
mod serving;
