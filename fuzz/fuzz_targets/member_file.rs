//! Bytes are no file of a federation, or the bytes of the one they give; and whatever lists they give,
//! none is taken whose signatures do not count.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_federation::{History, MemberFile, Pins};

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = MemberFile::from_bytes(bytes) else { return };
    assert_eq!(file.to_bytes(), bytes);
    if let MemberFile::Lists(lists) = file {
        let count = lists.len();
        if let Ok(history) = History::kept(lists, Pins::default()) {
            assert_eq!(history.lists().len(), count);
            assert!(!history.current().signatures().is_empty());
        }
    }
});
