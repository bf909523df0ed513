//! How do bytes get from one organisation to another, once, in order, without the traffic telling
//! anything?
//!
//! The crate does no I/O, has no clock and no randomness, and knows nothing of what is said.
