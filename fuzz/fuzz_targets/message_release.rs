//! Bytes are no notice with signatures, or the bytes of the one they give, and nobody signed that. What
//! is wrong with it as a draft is told, and telling it ends.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_fuzz::sharing;
use portcullis_share::{Draft, Notice, Released};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(notice) = Notice::from_bytes(bytes) {
        assert_eq!(notice.to_bytes(), bytes);
        sharing::judge(|checks| {
            if let Err(faults) = Draft::new(notice.clone(), checks) {
                assert!(faults.iter().count() > 0);
            }
        });
    }
    if let Ok(released) = Released::<Notice>::from_bytes(bytes) {
        sharing::judge(|checks| sharing::is_refused(&released, bytes, checks));
    }
});
