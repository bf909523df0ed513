//! What a backup promises: it is one moment, it is whole or refused, and what was erased stays so.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod damage;
mod figures;
mod labels;
mod logs;
mod moment;
mod roll_back;
mod soundness;
mod witness;
mod world;
