//! Bytes are no message, or the bytes of the one they give; and whatever message they give, nothing in it
//! counts as released, since nobody signed it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_fuzz::sharing;
use portcullis_share::{Arrival, Message, NoticeCopy, SignedDirectory};

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = Message::from_bytes(bytes) else { return };
    // A message is an array of version, kind and body, of which the first two take a byte each.
    let body = &bytes[3..];
    sharing::judge(|checks| match &message {
        Message::Notice(copy) | Message::Correction(copy) => {
            assert_eq!(copy.to_bytes(), body);
            assert_eq!(NoticeCopy::from_bytes(body).as_ref(), Ok(copy));
            let arrival =
                Arrival { own: copy.recipient(), from: &copy.claimed().heading.originator };
            assert!(copy.clone().verify(&arrival, checks).is_err());
        }
        Message::Vocabulary(released) => sharing::is_refused(released, body, checks),
        Message::Withdrawal(released) => sharing::is_refused(released, body, checks),
        Message::OnwardDecision(released) => sharing::is_refused(released, body, checks),
        Message::Directory(signed) => {
            assert_eq!(SignedDirectory::from_bytes(body).as_ref(), Ok(signed));
            assert!(signed.clone().verify(checks.members, None, checks.at).is_err());
        }
        _ => {}
    });
});
