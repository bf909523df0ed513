//! Bytes are either refused or are the one form of the evidence they give, and checking it ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_audit::{LogSigner, Split};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(split) = Split::parse(bytes) {
        assert_eq!(split.to_string().as_bytes(), bytes);
        let key = LogSigner::new("log.example/party".parse().expect("a name"), &[77; 32]);
        assert!(split.verify(&[key.verifier()]).is_err());
    }
});
