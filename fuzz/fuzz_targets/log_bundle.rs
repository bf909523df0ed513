//! Bytes are either refused or are the one form of the bundle of entries they give.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_audit::{read_bundle, write_bundle};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(entries) = read_bundle(bytes) {
        assert!(entries.len() <= 256);
        assert_eq!(write_bundle(entries).as_deref(), Ok(bytes));
    }
});
