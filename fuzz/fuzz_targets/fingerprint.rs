//! A text is no fingerprint, or reads the same after it was written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_federation::Fingerprint;

fuzz_target!(|text: &str| {
    if let Ok(fingerprint) = text.parse::<Fingerprint>() {
        assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
    }
});
