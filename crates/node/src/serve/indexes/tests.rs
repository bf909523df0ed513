//! Which indexes are held.

use super::*;
use crate::environment::{Environment, SystemClock, SystemRng};
use crate::key_file::KeySource;

fn indexes(most: u32) -> Indexes {
    let environment = Environment {
        data: "nowhere".into(),
        key: KeySource::File("nowhere/key".into()),
        server: None,
        schedule: None,
        clock: Box::new(SystemClock),
        rng: Box::new(SystemRng),
    };
    Indexes::new(Place::new(&environment), NonZeroU32::new(most).unwrap())
}

/// The index of a group of readers, used at a second.
async fn used(indexes: &Indexes, group: u8, second: i64) -> Arc<Held> {
    let issue = ("a".to_owned(), Digest::from_bytes([group; 32]), "1".parse().unwrap());
    let key = Key { issues: [issue].into(), day: Date::constant(2026, 1, 31) };
    indexes.cell(key, Timestamp::from_second(second).unwrap()).await
}

// THREATS T-36
#[tokio::test]
async fn readers_of_other_lists_do_not_throw_out_each_other_s_indexes() {
    let indexes = indexes(2);
    let mut first = Vec::new();
    for group in 0..4 {
        first.push(used(&indexes, group, 0).await);
    }
    for second in [10, 60, 110] {
        for (group, before) in (0..).zip(&first) {
            assert!(Arc::ptr_eq(before, &used(&indexes, group, second).await), "{group}");
        }
    }
    // There are never more than twice as many as said: the one used longest ago goes.
    used(&indexes, 4, 111).await;
    assert_eq!(indexes.count().await, 4);
    assert!(!Arc::ptr_eq(&first[0], &used(&indexes, 0, 112).await));
}

#[tokio::test]
async fn what_nobody_has_used_for_a_minute_makes_room() {
    let indexes = indexes(2);
    for group in 0..4 {
        used(&indexes, group, 0).await;
    }
    let kept = used(&indexes, 0, 50).await;
    used(&indexes, 4, 61).await;
    assert_eq!(indexes.count().await, 2);
    assert!(Arc::ptr_eq(&kept, &used(&indexes, 0, 62).await));
}
