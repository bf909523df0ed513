//! A text is no code, or the code reads back from what is printed of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_keys::{CodeKind, SecretCode};

fuzz_target!(|text: &str| {
    for kind in CodeKind::ALL {
        if let Ok(code) = SecretCode::read(kind, text) {
            let again = SecretCode::read(kind, &code.grouped()).expect("what is printed is read");
            assert_eq!(again.digest(), code.digest());
        }
    }
});
