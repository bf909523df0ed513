//! The compiled index: bytes are an index or are refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_matching::Index;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(index) = Index::from_bytes(bytes) {
        let bytes = index.to_bytes().expect("what was read can be written");
        assert!(Index::from_bytes(&bytes).is_ok());
    }
});
