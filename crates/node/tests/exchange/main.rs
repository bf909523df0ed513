//! Nodes with stores of their own that exchange: over HTTP, and by files.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

mod files;
mod refused;
mod served;
mod sizes;
mod world;
