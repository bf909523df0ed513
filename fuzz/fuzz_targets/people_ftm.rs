//! People as FollowTheMoney lines.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_ingest::people::PeopleFormat;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::people(PeopleFormat::FollowTheMoney, bytes));
