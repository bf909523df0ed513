//! Text is either refused with the place of the fault, or gives every record a day that comes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_decide::{Disposal, RecordKind, Schedule};
use portcullis_types::Purpose;

fuzz_target!(|text: &str| {
    match text.parse::<Schedule>() {
        Ok(schedule) => {
            let on = "2024-02-29".parse().expect("a day");
            for kind in RecordKind::ALL {
                for purpose in Purpose::ALL {
                    let retention = schedule.retention_for(kind, *purpose, on);
                    assert!(retention.review_on > on);
                    let reviewed = retention.disposal == Disposal::Review;
                    assert!(reviewed || kind.must_be_reviewed().is_none());
                }
            }
        }
        Err(error) => {
            assert!(error.line <= text.lines().count() + 1);
            assert!(error.line > 0 && error.column > 0);
            assert!(!error.to_string().is_empty());
        }
    }
});
