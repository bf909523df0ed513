//! What do organisations say to each other, and who answers for it?
//!
//! The crate does no I/O, has no clock and no randomness, and knows nothing of how messages travel.
