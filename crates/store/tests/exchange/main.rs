//! What is exchanged: that it is kept until it is there, comes once, and is found by nobody.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod figures;
mod histories;
mod keeping;
mod polls;
mod world;
