//! People in a table.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_ingest::people::PeopleFormat;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::people(PeopleFormat::Csv, bytes));
