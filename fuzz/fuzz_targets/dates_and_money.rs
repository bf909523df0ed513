//! A date or an amount that was read prints as something that reads as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_types::{PartialDate, Pence};

fuzz_target!(|text: &str| {
    if let Ok(date) = text.parse::<PartialDate>() {
        assert_eq!(date.to_string().parse(), Ok(date));
        assert!(date.earliest() <= date.latest());
    }
    if let Ok(pence) = text.parse::<Pence>() {
        assert_eq!(pence.to_string().parse(), Ok(pence));
    }
});
