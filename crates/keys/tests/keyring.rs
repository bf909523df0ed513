//! What a keyring promises, whatever is done with it and in whatever order.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use portcullis_keys::{
    DestroyError, KeyFileError, KeyFileText, Keyring, OpenError, Place, RecordNumber, SealError,
    ShreddedList, Unlock, UnlockError, UnlockKind,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

const PLACE: Place<'_> = Place { table: "decision", row: b"row", column: "reason" };
const NAME: &[u8] = b"Orsolya Testwick";

/// Bytes that differ each time, and are the same in each run.
fn counting() -> impl FnMut(&mut [u8]) {
    let mut count = 0_u64;
    move |buffer| {
        for byte in buffer {
            count = count.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *byte = count.to_be_bytes()[0];
        }
    }
}

fn number(number: u64) -> RecordNumber {
    RecordNumber::new(number).unwrap()
}

fn key_file() -> Unlock {
    Unlock::KeyFile(Zeroizing::new([7; 32]))
}

fn relocked(keyring: &Keyring) -> Keyring {
    Keyring::unlock(&keyring.lock(&mut counting(), &key_file()), &key_file()).unwrap()
}

/// What can be done to a keyring.
#[derive(Clone, Debug)]
enum Step {
    Shred(u64),
    ShredRange(u64, u64),
    BeginGeneration,
    DestroyFirst,
    LockAndUnlock,
}

/// Few records and near one another, so that steps meet.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..RECORDS).prop_map(Step::Shred),
        3 => (0..RECORDS, 0..9_u64).prop_map(|(first, more)| Step::ShredRange(first, first + more)),
        2 => Just(Step::BeginGeneration),
        1 => Just(Step::DestroyFirst),
        2 => Just(Step::LockAndUnlock),
    ];
    proptest::collection::vec(step, 0..12)
}

const RECORDS: u64 = 24;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Against a model that knows only which records are shredded and which generations are held.
    // THREATS T-16
    #[test]
    fn every_record_opens_that_is_not_shredded_and_no_other(steps in steps()) {
        let mut random = counting();
        let mut keyring = Keyring::new(&mut random);
        let (mut shredded, mut held) = (BTreeSet::new(), BTreeSet::from([1_u32]));
        let mut cells: Vec<(u64, u32, Vec<u8>)> = Vec::new();
        for step in steps {
            for record in 0..RECORDS {
                match keyring.seal(&mut random, number(record), &PLACE, NAME) {
                    Ok(cell) => {
                        prop_assert!(!shredded.contains(&record));
                        prop_assert_eq!(Keyring::generation_of(&cell), held.last().copied());
                        cells.push((record, keyring.generation(), cell));
                    }
                    Err(error) => {
                        prop_assert_eq!(error, SealError::Shredded { record });
                        prop_assert!(shredded.contains(&record));
                    }
                }
            }
            let (revision, known) = (keyring.revision(), (shredded.clone(), held.clone()));
            match step {
                Step::Shred(record) => {
                    keyring.shred(number(record));
                    shredded.insert(record);
                }
                Step::ShredRange(first, last) => {
                    keyring.merge_shredded([first..=last]);
                    shredded.extend(first..=last);
                }
                Step::BeginGeneration => {
                    keyring.begin_generation(&mut random);
                    held.insert(held.last().unwrap() + 1);
                }
                Step::DestroyFirst => {
                    let generation = *held.first().unwrap();
                    let destroyed = keyring.destroy_generation(generation);
                    if held.len() == 1 {
                        prop_assert_eq!(destroyed, Err(DestroyError::Current { generation }));
                    } else {
                        prop_assert_eq!(destroyed, Ok(()));
                        held.remove(&generation);
                    }
                }
                Step::LockAndUnlock => keyring = relocked(&keyring),
            }
            let is_changed = (&shredded, &held) != (&known.0, &known.1);
            prop_assert_eq!(keyring.revision(), revision + u64::from(is_changed));
            prop_assert_eq!(&keyring.generations().collect::<BTreeSet<_>>(), &held);
            prop_assert_eq!(&keyring.shredded().flatten().collect::<BTreeSet<_>>(), &shredded);
            for (record, generation, cell) in &cells {
                let (record, generation) = (*record, *generation);
                let opened = keyring.open(number(record), &PLACE, cell);
                if shredded.contains(&record) {
                    prop_assert_eq!(opened, Err(OpenError::Shredded { record }));
                } else if held.contains(&generation) {
                    prop_assert_eq!(&*opened.unwrap(), NAME);
                } else {
                    prop_assert_eq!(opened, Err(OpenError::UnknownGeneration { generation }));
                }
            }
        }
    }

    #[test]
    fn a_cell_opens_with_the_text_that_was_sealed(
        record in 0..(1_u64 << 40),
        table in "[a-z_]{0,20}",
        row in proptest::collection::vec(any::<u8>(), 0..40),
        column in "[a-z_]{0,20}",
        plain in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let mut random = counting();
        let keyring = Keyring::new(&mut random);
        let place = Place { table: &table, row: &row, column: &column };
        let cell = keyring.seal(&mut random, number(record), &place, &plain).unwrap();
        let opened = keyring.open(number(record), &place, &cell).unwrap();
        prop_assert_eq!(&*opened, plain);
    }

    #[test]
    fn no_bytes_make_opening_or_unlocking_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..400)
    ) {
        let keyring = Keyring::new(&mut counting());
        prop_assert!(keyring.open(number(1), &PLACE, &bytes).is_err());
        prop_assert!(Keyring::unlock(&bytes, &key_file()).is_err());
        let begun = [b"portcullis-keyring\x01".as_slice(), &bytes].concat();
        prop_assert!(Keyring::unlock(&begun, &key_file()).is_err());
        prop_assert!(UnlockKind::of(&begun).is_err());
    }

    #[test]
    fn no_text_makes_reading_a_key_file_or_a_list_panic(text in "\\PC{0,200}") {
        prop_assert!(text.parse::<KeyFileText>().is_err());
        prop_assert!(text.parse::<ShreddedList>().is_err());
        let begun = format!("portcullis-key-1{text}");
        prop_assert!(begun.parse::<KeyFileText>().is_err());
        let begun = format!("portcullis-shredded 1\n{text}");
        prop_assert!(ShreddedList::parse(&begun).is_err());
    }

    #[test]
    fn a_list_of_what_is_shredded_says_it_to_an_older_copy(
        before in proptest::collection::btree_set(0..200_u64, 0..10),
        after in proptest::collection::btree_set(0..200_u64, 0..10),
    ) {
        let mut keyring = Keyring::new(&mut counting());
        for record in &before {
            keyring.shred(number(*record));
        }
        let mut restored = relocked(&keyring);
        for record in &after {
            keyring.shred(number(*record));
        }
        let text = keyring.shredded_list().to_text();
        restored.replay(&text.parse().unwrap()).unwrap();
        prop_assert!(restored.shredded().eq(keyring.shredded()));
    }
}

#[test]
fn no_flipped_bit_of_a_cell_opens() {
    let mut random = counting();
    let keyring = Keyring::new(&mut random);
    let cell = keyring.seal(&mut random, number(17), &PLACE, NAME).unwrap();
    assert!(keyring.open(number(17), &PLACE, &cell).is_ok());
    for bit in 0..cell.len() * 8 {
        let mut altered = cell.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(keyring.open(number(17), &PLACE, &altered).is_err(), "bit {bit}");
    }
    for length in 0..cell.len() {
        assert!(keyring.open(number(17), &PLACE, &cell[..length]).is_err(), "{length} bytes");
    }
}

// THREATS T-13
#[test]
fn a_cell_that_was_moved_does_not_open() {
    let mut random = counting();
    let keyring = Keyring::new(&mut random);
    let cell = keyring.seal(&mut random, number(17), &PLACE, NAME).unwrap();
    for (record, table, row, column) in [
        (18, "decision", "row", "reason"),
        (17, "decisio", "nrow", "reason"),
        (17, "decisions", "row", "reason"),
        (17, "decision", "rov", "reason"),
        (17, "decision", "rowr", "eason"),
        (17, "decision", "row", "name"),
        (17, "reason", "row", "decision"),
    ] {
        let place = Place { table, row: row.as_bytes(), column };
        let opened = keyring.open(number(record), &place, &cell);
        assert_eq!(opened, Err(OpenError::Damaged), "{record} {place:?} {row}");
    }
}

#[test]
fn no_flipped_bit_of_a_keyring_file_is_passed_over() {
    let mut random = counting();
    let file = Keyring::new(&mut random).lock(&mut random, &key_file());
    for bit in 0..file.len() * 8 {
        let mut altered = file.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(Keyring::unlock(&altered, &key_file()).is_err(), "bit {bit}");
    }
    for length in 0..file.len() {
        assert!(Keyring::unlock(&file[..length], &key_file()).is_err(), "{length} bytes");
    }
}

#[test]
fn a_slip_in_any_one_character_of_a_key_file_is_found() {
    let made = KeyFileText::make(&mut counting());
    let line = made.reveal();
    for place in "portcullis-key-1".len()..line.len() {
        for slip in "qpzry9x8gf2tvdw0s3jn54khce6mua7l".chars() {
            let slipped = format!("{}{slip}{}", &line[..place], &line[place + 1..]);
            let read = slipped.parse::<KeyFileText>().map(|read| read.key());
            let expected =
                if slipped == line { Ok(made.key()) } else { Err(KeyFileError::Checksum) };
            assert_eq!(read, expected, "{place}, {slip}");
        }
    }
}

#[test]
fn a_keyring_says_by_what_it_is_opened_and_opens_by_nothing_else() {
    let mut random = counting();
    let keyring = Keyring::new(&mut random);
    let passphrase = |text: &str| Unlock::Passphrase(Zeroizing::new(text.to_owned()));
    let (by_key, with) = (keyring.lock(&mut random, &key_file()), passphrase("plainly invented"));
    let by_passphrase = keyring.lock(&mut random, &with);
    assert_eq!(UnlockKind::of(&by_key), Ok(UnlockKind::KeyFile));
    assert_eq!(UnlockKind::of(&by_passphrase), Ok(UnlockKind::Passphrase));
    assert!(Keyring::unlock(&by_passphrase, &with).is_ok());

    let refused = |file: &[u8], with: &Unlock| Keyring::unlock(file, with).unwrap_err();
    assert_eq!(refused(&by_passphrase, &passphrase("plainly inventet")), UnlockError::WrongKey);
    let other = Unlock::KeyFile(Zeroizing::new([8; 32]));
    assert_eq!(refused(&by_key, &other), UnlockError::WrongKey);
    let needs = UnlockKind::KeyFile;
    assert_eq!(refused(&by_key, &passphrase("x")), UnlockError::OtherMeans { needs });
    let needs = UnlockKind::Passphrase;
    assert_eq!(refused(&by_passphrase, &other), UnlockError::OtherMeans { needs });
}

#[test]
fn the_same_text_is_never_sealed_to_the_same_bytes() {
    let mut random = counting();
    let keyring = Keyring::new(&mut random);
    let cells: BTreeSet<Vec<u8>> =
        (0..50).map(|_| keyring.seal(&mut random, number(1), &PLACE, NAME).unwrap()).collect();
    assert_eq!(cells.len(), 50);
    let files: BTreeSet<Vec<u8>> =
        (0..50).map(|_| keyring.lock(&mut random, &key_file())).collect();
    assert_eq!(files.len(), 50);
}

#[test]
fn texts_of_near_lengths_have_cells_of_one_length() {
    let mut random = counting();
    let keyring = Keyring::new(&mut random);
    let mut length =
        |plain: &[u8]| keyring.seal(&mut random, number(1), &PLACE, plain).unwrap().len();
    let lengths: BTreeSet<usize> = (0..=60).map(|count| length(&vec![b'x'; count])).collect();
    assert_eq!(lengths.len(), 1);
}

#[test]
fn a_text_that_is_too_long_is_refused() {
    let keyring = Keyring::new(&mut counting());
    let plain = vec![0; (64 << 20) + 1];
    assert_eq!(
        keyring.seal(&mut counting(), number(1), &PLACE, &plain),
        Err(SealError::TooLong { length_bytes: 67_108_865, most_bytes: 67_108_864 })
    );
}

#[test]
fn a_shredded_record_is_gone_though_it_was_the_last_that_was_used() {
    let mut random = counting();
    let mut keyring = Keyring::new(&mut random);
    let cell = keyring.seal(&mut random, number(17), &PLACE, NAME).unwrap();
    let beside = keyring.seal(&mut random, number(16), &PLACE, NAME).unwrap();
    assert!(keyring.open(number(17), &PLACE, &cell).is_ok());
    keyring.shred(number(17));
    assert!(keyring.is_shredded(number(17)) && !keyring.is_shredded(number(16)));
    let refused = Err(SealError::Shredded { record: 17 });
    assert_eq!(keyring.seal(&mut random, number(17), &PLACE, NAME), refused);
    let gone = Err(OpenError::Shredded { record: 17 });
    assert_eq!(keyring.open(number(17), &PLACE, &cell), gone);
    assert_eq!(relocked(&keyring).open(number(17), &PLACE, &cell), gone);
    assert_eq!(&*keyring.open(number(16), &PLACE, &beside).unwrap(), NAME);
}

#[test]
fn threads_seal_and_open_at_the_same_time() {
    let keyring = Keyring::new(&mut counting());
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let keyring = &keyring;
            scope.spawn(move || {
                let mut random = counting();
                for record in 0..500 {
                    let record = number(record * 4 + thread);
                    let cell = keyring.seal(&mut random, record, &PLACE, NAME).unwrap();
                    assert_eq!(&*keyring.open(record, &PLACE, &cell).unwrap(), NAME);
                }
            });
        }
    });
}

#[test]
fn every_secret_of_a_keyring_is_another() {
    let keyring = Keyring::new(&mut counting());
    let blind = keyring.blind("test", b"");
    let secrets = [*keyring.log_seed(), *keyring.cosign_seed(), *keyring.decoy_key(), blind];
    assert_eq!(BTreeSet::from(secrets).len(), 4);
}

#[test]
fn a_blind_index_is_of_its_purpose_and_its_keyring() {
    let mut random = counting();
    let (one, other) = (Keyring::new(&mut random), Keyring::new(&mut random));
    assert_eq!(one.blind("a", b"x"), one.clone().blind("a", b"x"));
    assert_ne!(one.blind("a", b"x"), other.blind("a", b"x"));
    assert_ne!(one.blind("a", b"x"), one.blind("b", b"x"));
    assert_ne!(one.blind("ab", b"x"), one.blind("a", b"bx"));
}

// THREATS T-01
// THREATS T-14
#[test]
fn nothing_secret_shows_in_debug() {
    let mut random = counting();
    let keyring = Keyring::new(&mut random);
    let cell = keyring.seal(&mut random, number(1), &PLACE, NAME).unwrap();
    let opened = keyring.open(number(1), &PLACE, &cell).unwrap();
    let passphrase = Unlock::Passphrase(Zeroizing::new("plainly invented".to_owned()));
    let shown = format!(
        "{keyring:?} {opened:?} {:?} {passphrase:?} {:?} {PLACE:?}",
        key_file(),
        KeyFileText::make(&mut random)
    );
    let expected = "Keyring(…) Opened(…) KeyFile(…) Passphrase(…) KeyFileText(…) \
                    Place { table: \"decision\", column: \"reason\", .. }";
    assert_eq!(shown, expected);
}

#[test]
fn copies_of_a_keyring_are_told_apart_once_they_were_changed_apart() {
    let mut random = counting();
    let mut one = Keyring::new(&mut random);
    let mut other = relocked(&one);
    assert_eq!(one.state(), other.state());
    // Each goes on by itself: the revision is the same, and the keys are not.
    one.begin_generation(&mut random);
    other.begin_generation(&mut random);
    assert_eq!(one.revision(), other.revision());
    assert_ne!(one.state(), other.state());
    let before = one.state();
    one.shred(number(9));
    assert_ne!(one.state(), before);
}
