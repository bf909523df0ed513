//! Whatever a policy says, it is refused with a place within it, or can be held against a note.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_audit::{Note, Policy};
use std::sync::LazyLock;

static NOTE: LazyLock<Note> = LazyLock::new(|| {
    Note::parse(include_bytes!("../seeds/log_note/checkpoint")).expect("the seed is a note")
});

fuzz_target!(|bytes: &[u8]| match Policy::parse(bytes) {
    Ok(policy) => {
        let _ = policy.check(&NOTE);
    }
    Err(error) => {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        assert!((1..=lines + 1).contains(&error.line));
        assert!((1..=bytes.len() + 1).contains(&error.column));
    }
});
