use crate::common::{bytes, vector};
use portcullis_audit::{Pace, PaceError, Place};
use proptest::prelude::*;
use std::collections::BTreeMap;

const MINUTE_US: u64 = 60_000_000;

fn pace() -> Pace {
    Pace::new(1_000 * MINUTE_US, 60, 256).unwrap()
}

#[test]
fn places_are_those_of_another_implementation() {
    for case in vector("places")["places"].as_array().unwrap() {
        let number = |key: &str| case[key].as_u64().unwrap();
        let pace = Pace::new(0, 1, u32::try_from(number("per_interval")).unwrap()).unwrap();
        let seed = bytes(&case["seed"]).try_into().unwrap();
        let places = pace.places(usize::try_from(number("waiting")).unwrap(), &seed);
        let real: Vec<u64> = (0..)
            .zip(&places)
            .filter(|(_, place)| **place != Place::Decoy)
            .map(|(at, _)| at)
            .collect();
        let expected: Vec<u64> =
            case["real"].as_array().unwrap().iter().map(|at| at.as_u64().unwrap()).collect();
        assert_eq!(real, expected);
    }
}

// THREATS T-15
#[test]
fn every_choice_of_places_is_as_likely_as_any_other() {
    // Two of four places: six choices, 6,000 draws, 1,000 expected of each with a standard deviation
    // of 29; none is further away than five of them.
    let pace = Pace::new(0, 1, 4).unwrap();
    let mut counts = BTreeMap::new();
    for draw in 0..6_000_u64 {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&draw.to_be_bytes());
        let real: Vec<bool> =
            pace.places(2, &seed).iter().map(|place| *place != Place::Decoy).collect();
        *counts.entry(real).or_insert(0) += 1;
    }
    assert_eq!(counts.len(), 6);
    assert!(counts.values().all(|count| (855..=1145).contains(count)), "{counts:?}");
}

// THREATS T-15
#[test]
fn the_size_depends_on_the_clock_alone() {
    let pace = pace();
    assert_eq!(pace.size_at(0), 0);
    assert_eq!(pace.size_at(1_000 * MINUTE_US), 0);
    assert_eq!(pace.size_at(1_001 * MINUTE_US - 1), 0);
    assert_eq!(pace.size_at(1_001 * MINUTE_US), 256);
    assert_eq!(pace.size_at(1_010 * MINUTE_US + 5), 2_560);
    assert_eq!(pace.boundary(0), 1_000 * MINUTE_US);
    assert_eq!(pace.boundary(10), 1_010 * MINUTE_US);
}

#[test]
fn a_node_that_was_down_owes_every_interval_it_missed() {
    let pace = pace();
    let due = |minute: u64, size| pace.due(minute * MINUTE_US, size).map(|due| due.intervals());
    assert_eq!(due(1_000, 0).unwrap().count(), 0);
    assert_eq!(due(1_003, 0).unwrap().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(due(1_003, 512).unwrap().collect::<Vec<_>>(), [3]);
    assert_eq!(due(1_003, 768).unwrap().count(), 0);
    // The clock went back: nothing is owed, and nothing is taken away.
    assert_eq!(due(1_001, 768).unwrap().count(), 0);
    assert_eq!(due(1_001, 100), Err(PaceError::Ragged { size: 100 }));
}

#[test]
fn a_pace_without_length_leaves_or_alignment_is_refused() {
    assert_eq!(Pace::new(0, 0, 1), Err(PaceError::NoInterval {}));
    assert_eq!(Pace::new(0, 1, 0), Err(PaceError::NoLeaves {}));
    assert_eq!(Pace::new(MINUTE_US + 1, 60, 1), Err(PaceError::NotAligned {}));
    assert_eq!(Pace::beginning(5, 0, 1), Err(PaceError::NoInterval {}));
    let pace = Pace::beginning(7 * MINUTE_US + 123, 60, 256).unwrap();
    assert_eq!(pace.start_us(), 7 * MINUTE_US);
    assert_eq!((pace.interval_s(), pace.per_interval()), (60, 256));
}

proptest! {
    #[test]
    fn waiting_leaves_keep_their_order_and_decoys_fill_the_rest(
        count in 1_u32..600, waiting in 0_usize..1_000, seed: [u8; 32],
    ) {
        let pace = Pace::new(0, 1, count).unwrap();
        let places = pace.places(waiting, &seed);
        prop_assert_eq!(places.len(), count as usize);
        let real: Vec<usize> = places
            .iter()
            .filter_map(|place| match place {
                Place::Real(number) => Some(*number),
                Place::Decoy => None,
            })
            .collect();
        let expected: Vec<usize> = (0..waiting.min(count as usize)).collect();
        prop_assert_eq!(real, expected);
    }

    #[test]
    fn no_time_and_no_size_makes_it_panic(
        start in 0_u64..1 << 44, interval in 1_u32.., count in 1_u32.., now: u64, size: u64, k: u64,
    ) {
        let length = u64::from(interval) * 1_000_000;
        let pace = Pace::new(start / length * length, interval, count).unwrap();
        let _ = (pace.due(now, size), pace.size_at(now), pace.boundary(k), pace.size_after(k));
    }
}
