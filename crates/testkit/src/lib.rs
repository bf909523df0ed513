//! What does a test need that the world outside would otherwise give it?
//!
//! A clock that stands still until told ([`MockClock`]), randomness that comes out the same each
//! time ([`SeededRng`]), dossiers of invented people ([`dossier`]), and a real `PostgreSQL` that comes
//! and goes with the tests ([`postgres`]). For development only: no crate may depend on it but as a
//! dev-dependency. It holds no real person.

pub mod authenticator;
#[cfg(target_os = "linux")]
pub mod postgres;

use jiff::{SignedDuration, Timestamp};
use portcullis_types::{
    Clock, Dossier, DossierId, ListVersion, OrganisationId, Origin, Property, RecordId, Rng,
    Schema, SourceId, Statement,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// A clock that moves only when told. Clones of an `Arc` of it show the same time.
#[derive(Debug)]
pub struct MockClock {
    now_us: AtomicI64,
}

impl MockClock {
    /// A clock that stands at this time.
    pub fn at(now: Timestamp) -> Self {
        Self { now_us: AtomicI64::new(now.as_microsecond()) }
    }

    /// Moves it on.
    pub fn advance(&self, by: SignedDuration) {
        let by_us = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        self.now_us.fetch_add(by_us, Ordering::SeqCst);
    }
}

impl Default for MockClock {
    /// A clock that stands at 2025-03-01T12:00:00Z.
    fn default() -> Self {
        Self { now_us: AtomicI64::new(1_740_830_400_000_000) }
    }
}

impl Clock for MockClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.now_us.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// Random bytes that are the same for the same seed: `SplitMix64` (Steele, Lea and Flood, 2014). Fit
/// for tests only.
#[derive(Debug, Clone)]
pub struct SeededRng(u64);

impl SeededRng {
    /// A source that begins at this seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Rng for SeededRng {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            for (byte, random) in chunk.iter_mut().zip(self.next_u64().to_le_bytes()) {
                *byte = random;
            }
        }
    }
}

/// An invented person on an invented list.
///
/// # Panics
///
/// When `source` or `record` is no id.
pub fn dossier(source: &str, record: &str, facts: &[(Property, &str)]) -> Dossier {
    let origin = Arc::new(Origin {
        source: SourceId::new(source).expect("tests name their sources"),
        version: ListVersion::new("2025-03-01").expect("not empty"),
        recorded_at: Timestamp::UNIX_EPOCH,
        controller: OrganisationId::new("tests").expect("not empty"),
    });
    let id = DossierId::new(&format!("{source}:{record}")).expect("tests name their records");
    let record = RecordId::new(record).expect("tests name their records");
    let mut dossier = Dossier::new(id, record, Schema::Person, origin);
    for (row, (property, value)) in (2..).zip(facts) {
        dossier.state(Statement::new(property.clone(), *value, row));
    }
    dossier
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_random_source_is_splitmix64() {
        // First outputs for seed 1234567, as published with the reference implementation.
        let mut rng = SeededRng::new(1_234_567);
        assert_eq!(rng.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(rng.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn the_clock_stands_until_told() {
        let clock = MockClock::default();
        assert_eq!(clock.now().to_string(), "2025-03-01T12:00:00Z");
        clock.advance(SignedDuration::from_secs(60));
        assert_eq!(clock.now().to_string(), "2025-03-01T12:01:00Z");
    }
}
