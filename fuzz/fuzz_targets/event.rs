//! Bytes are either refused or are the canonical bytes of the event they give.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_types::Event;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = Event::from_bytes(bytes) {
        assert_eq!(event.to_bytes(), bytes);
    }
});
