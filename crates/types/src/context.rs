//! Time and randomness as inputs.

use jiff::Timestamp;

/// Tells the time. Only `node` has a real one; everything else is handed one.
pub trait Clock: std::fmt::Debug {
    /// The time now, in UTC.
    fn now(&self) -> Timestamp;
}

/// Gives random bytes. Only `node` has a real one; everything else is handed one.
pub trait Rng: std::fmt::Debug {
    /// Fills `bytes` with random values.
    fn fill(&mut self, bytes: &mut [u8]);
}
