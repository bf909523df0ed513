//! The OFAC lists: main, alias and address files.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_ingest::ListFormat;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::list(ListFormat::OfacCsv, bytes));
