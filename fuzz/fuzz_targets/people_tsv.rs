//! People in a table with tabs.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_ingest::people::PeopleFormat;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::people(PeopleFormat::Tsv, bytes));
