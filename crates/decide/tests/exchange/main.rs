//! Notices and their copies, from draft to withdrawal, with what officers signed.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../../../share/tests/world/mod.rs"]
mod world;

mod held;
mod independent;
mod issued;
mod node;
mod tonight;
