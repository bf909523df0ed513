//! Bytes are either refused or are the one form of the opened receipt they give, and checking it
//! ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_audit::{Disclosure, Policy};
use std::sync::LazyLock;

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let policy = include_bytes!("../seeds/log_policy/all");
    Policy::parse(policy).expect("the seed is a policy")
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(disclosure) = Disclosure::parse(bytes) {
        assert_eq!(disclosure.to_text().as_bytes(), bytes);
        let _ = disclosure.verify(&POLICY);
    }
});
