//! Bytes are either refused or are the one form of the receipt they give, and checking it ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_audit::{Policy, Receipt};
use std::sync::LazyLock;

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let policy = include_bytes!("../seeds/log_policy/all");
    Policy::parse(policy).expect("the seed is a policy")
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(receipt) = Receipt::parse(bytes) {
        assert_eq!(receipt.to_string().as_bytes(), bytes);
        let _ = receipt.verify(&[0; 32], &POLICY);
    }
});
