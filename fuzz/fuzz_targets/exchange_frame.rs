//! Bytes are no request, answer or file, or the bytes of the one they give; and none is believed that
//! nobody in the list signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_exchange::{Frame, TakenAs};
use portcullis_federation::{MemberList, Moment};

fuzz_target!(|bytes: &[u8]| {
    let Ok(frame) = Frame::from_bytes(bytes) else { return };
    assert_eq!(frame.to_bytes(), bytes);
    assert!(frame.envelopes().len() <= 1024);
    let now = frame.made();
    let list = MemberList {
        federation: "federation.example".parse().expect("this is a name"),
        version: 1,
        previous: None,
        issued: Moment::new(0).expect("1970 is a moment"),
        members: Vec::new(),
    };
    let own = frame.recipient().clone();
    let request = frame.clone();
    for taken_as in [TakenAs::Request { last: None }, TakenAs::AnswerTo(&request), TakenAs::File] {
        assert!(frame.clone().taken_as(now, &list, &own, taken_as).is_err());
    }
});
