//! Bytes are either refused or are the one form of the note they give; keys and links likewise.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_audit::{LogLink, Note, VerifierKey};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.to_string().as_bytes(), bytes);
        if let Ok(link) = note.text().parse::<LogLink>() {
            assert_eq!(link.to_string(), note.text());
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(key) = text.parse::<VerifierKey>() {
            assert_eq!(key.to_string().to_lowercase(), text.to_lowercase());
        }
    }
});
