//! Bytes are no wrapped keys of anybody; without the lock that they were wrapped with none open.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_keys::{KeyLock, KeyOwner, PersonalKeys};

fuzz_target!(|bytes: &[u8]| {
    let owner = KeyOwner { organisation: "party-of-tests", account: "o.testwick" };
    let lock = KeyLock::Prf { credential: b"blue key", output: &[9; 32] };
    // The one seed that opens was made so; whoever finds another has broken the cipher.
    if let Ok(keys) = PersonalKeys::unwrap(bytes, &owner, &lock) {
        assert_eq!(bytes.len(), 158);
        let wrapped = keys.wrap(&mut |random| random.fill(1), &owner, &lock);
        assert!(PersonalKeys::unwrap(&wrapped, &owner, &lock).is_ok());
    }
});
