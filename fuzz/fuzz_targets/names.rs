//! Names of any kind are taken apart and compared without a panic, and the reasons add up.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_matching::{Settings, compare};
use portcullis_types::Schema;

fuzz_target!(|names: (&str, &str)| {
    for kind in [Schema::Person, Schema::Company] {
        let query = portcullis_fuzz::named("q", kind, names.0);
        let record = portcullis_fuzz::named("r", kind, names.1);
        if let Some(pair) = compare(&query, &record, &Settings::default()) {
            assert!((0.0..=1.0).contains(&pair.score.0));
            assert!((0.0..=1.0).contains(&pair.similarity.0));
            let sum: f64 = pair.reasons.iter().map(|reason| reason.bits.0).sum();
            assert!((sum - pair.strength.0).abs() < 1e-3);
        }
    }
});
