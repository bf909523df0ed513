//! A text is no key file, or its line is the one that its key is written as.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_keys::KeyFileText;

fuzz_target!(|text: &str| {
    if let Ok(read) = text.parse::<KeyFileText>() {
        let key = read.key();
        let made = KeyFileText::make(&mut |bytes| bytes.copy_from_slice(key.as_slice()));
        assert_eq!(made.reveal(), read.reveal());
    }
});
