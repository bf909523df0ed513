//! The OFAC lists, XML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_ingest::ListFormat;

fuzz_target!(|bytes: &[u8]| portcullis_fuzz::list(ListFormat::OfacXml, bytes));
