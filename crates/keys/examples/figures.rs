//! Prints how long keys take and how large a keyring becomes:
//! `cargo run --release -p portcullis-keys --example figures`.
#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use portcullis_keys::{Keyring, Place, RecordNumber, Unlock};
use std::hint::black_box;
use std::ops::RangeInclusive;
use std::time::Instant;
use zeroize::Zeroizing;

const RECORDS: u64 = 1_000_000;
const PLACE: Place<'_> = Place { table: "decision", row: b"0123456789abcdef", column: "reason" };

/// Numbers that look random (splitmix64). Good enough for figures, and for nothing else.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.iter_mut().zip(self.next().to_le_bytes()).for_each(|(byte, new)| *byte = new);
        }
    }
}

fn record(number: u64) -> RecordNumber {
    RecordNumber::new(number).expect("the numbers here are small")
}

/// Microseconds for each of `count` goes.
fn time(what: &str, count: u64, mut go: impl FnMut(u64)) {
    let start = Instant::now();
    (0..count).for_each(&mut go);
    let each = start.elapsed().as_secs_f64() * 1e6 / f64::from(u32::try_from(count).unwrap_or(1));
    println!("{what:<52} {each:>9.2} µs");
}

fn size(what: &str, ranges: Vec<RangeInclusive<u64>>) {
    let mut numbers = Numbers(1);
    let mut keyring = Keyring::new(&mut |bytes| numbers.fill(bytes));
    let start = Instant::now();
    keyring.merge_shredded(ranges);
    let shredding = start.elapsed();
    let unlock = Unlock::KeyFile(Zeroizing::new([7; 32]));
    let start = Instant::now();
    let file = keyring.lock(&mut |bytes| numbers.fill(bytes), &unlock);
    let locking = start.elapsed();
    let start = Instant::now();
    assert!(Keyring::unlock(&file, &unlock).is_ok());
    let unlocking = start.elapsed();
    let list = keyring.shredded_list().to_text().len();
    let bytes = file.len();
    println!(
        "{what:<36} keyring {bytes:>10} B  list {list:>9} B  \
         shred {shredding:>8.1?}  lock {locking:>8.1?}  unlock {unlocking:>8.1?}"
    );
}

fn scattered(count: usize) -> Vec<RangeInclusive<u64>> {
    let mut numbers = Numbers(2);
    let mut drawn = std::collections::BTreeSet::new();
    while drawn.len() < count {
        drawn.insert(numbers.next() % RECORDS);
    }
    drawn.into_iter().map(|number| number..=number).collect()
}

fn main() {
    let mut numbers = Numbers(3);
    let mut keyring = Keyring::new(&mut |bytes| numbers.fill(bytes));
    let plain = [b'x'; 300];
    let mut random = |bytes: &mut [u8]| numbers.fill(bytes);
    time("seal 300 bytes, one record after another", 200_000, |n| {
        black_box(keyring.seal(&mut random, record(n), &PLACE, &plain)).expect("is not shredded");
    });
    time("seal 300 bytes, records here and there", 200_000, |n| {
        let number = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
        black_box(keyring.seal(&mut random, record(number), &PLACE, &plain)).expect("whole");
    });
    let cell = keyring.seal(&mut random, record(5), &PLACE, &plain).expect("is not shredded");
    time("open 300 bytes, the same record", 200_000, |_| {
        black_box(keyring.open(record(5), &PLACE, &cell)).expect("was sealed here");
    });
    time("blind index of 16 bytes", 200_000, |n| {
        black_box(keyring.blind("figures", &n.to_be_bytes()));
    });
    time("shred", 10_000, |n| keyring.shred(record(n * 97)));
    time("lock and unlock with a passphrase", 4, |_| {
        let with = Unlock::Passphrase(Zeroizing::new("an invented passphrase".to_owned()));
        let file = Keyring::new(&mut random).lock(&mut random, &with);
        assert!(Keyring::unlock(&file, &with).is_ok());
    });
    size("nothing shredded", Vec::new());
    for count in [1_000, 10_000, 100_000] {
        size(&format!("{count} scattered of {RECORDS}"), scattered(count));
    }
    for count in [1_000_u64, 10_000, 100_000] {
        let oldest = std::iter::once(0..=count - 1).collect();
        size(&format!("the oldest {count}"), oldest);
        let within = std::iter::once(123_457..=123_456 + count).collect();
        size(&format!("{count} on end from 123457"), within);
    }
}
