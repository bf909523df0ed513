//! A backup is whole, or it is refused and the damage is named.

use crate::world::{Home, back_up, fill};
use portcullis_store::{BackupPlace, BackupReadError, RestoreError, verify_backup};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::io::Cursor;
use std::sync::OnceLock;

/// A home with a backup of it.
fn made() -> &'static (Home, Vec<u8>) {
    static MADE: OnceLock<(Home, Vec<u8>)> = OnceLock::new();
    MADE.get_or_init(|| {
        let home = Home::new();
        let mut store = home.open();
        fill(&mut store);
        let (backup, _) = back_up(&mut store);
        (home, backup)
    })
}

fn verify(backup: &[u8]) -> Result<(), BackupReadError> {
    verify_backup(Cursor::new(backup), &mut |_| {}).map(drop)
}

/// Where each block begins, with its kind and the lengths of its body, stored and unpacked.
fn blocks(backup: &[u8]) -> Vec<(usize, u8, usize)> {
    let mut at = 21;
    let mut blocks = Vec::new();
    while at < backup.len() {
        let stored = u32::from_be_bytes(backup[at + 1..at + 5].try_into().unwrap()) as usize;
        blocks.push((at, backup[at], stored));
        at += 9 + stored + 32;
    }
    blocks
}

/// Which block a byte is in.
fn block_of(backup: &[u8], offset: usize) -> Option<u64> {
    let at = blocks(backup).iter().rposition(|(begin, ..)| *begin <= offset)?;
    u64::try_from(at).ok()
}

#[test]
fn a_backup_that_nobody_altered_is_whole() {
    verify(&made().1).unwrap();
}

// THREATS T-19: damage is named.
proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_altered_byte_is_named_by_its_block(place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut backup = made().1.clone();
        let offset = place.index(backup.len());
        backup[offset] ^= 1 << bit;
        match verify(&backup) {
            Err(BackupReadError::NotABackup) => prop_assert!(offset < 21),
            Err(BackupReadError::Damaged { block, .. }) => {
                prop_assert_eq!(Some(block), block_of(&made().1, offset));
            }
            other => prop_assert!(false, "{other:?} at {offset}"),
        }
    }

    #[test]
    fn any_cut_is_named_by_its_block(place in any::<prop::sample::Index>()) {
        let whole = &made().1;
        let length = place.index(whole.len());
        match verify(&whole[..length]) {
            Err(BackupReadError::NotABackup) => prop_assert!(length < 21),
            Err(BackupReadError::Damaged { block, .. }) => {
                prop_assert_eq!(Some(block), block_of(whole, length));
            }
            other => prop_assert!(false, "{other:?} at {length}"),
        }
    }

    #[test]
    fn no_input_panics(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let _ = verify(&bytes);
        let begun = [b"portcullis-backup/v1\n".as_slice(), &bytes].concat();
        prop_assert!(verify(&begun).is_err());
    }
}

#[test]
fn the_table_of_a_damaged_block_is_named() {
    let mut backup = made().1.clone();
    // The first block of rows after the table `event` begins.
    let begins = blocks(&backup)
        .iter()
        .position(|(at, kind, _)| *kind == b'T' && backup[at + 9..].starts_with(b"\x82\x65event"))
        .unwrap();
    let (at, kind, _) = blocks(&backup)[begins + 1];
    assert_eq!(kind, b'R');
    backup[at + 20] ^= 1;
    let error = verify(&backup).unwrap_err();
    let BackupReadError::Damaged { block, place } = error else { panic!("{error:?}") };
    assert_eq!((usize::try_from(block).unwrap(), place), (begins + 1, BackupPlace::Table("event")));
}

#[test]
fn what_follows_the_end_is_refused() {
    let longer = [made().1.as_slice(), b"\n"].concat();
    let error = verify(&longer).unwrap_err();
    assert!(matches!(error, BackupReadError::Damaged { place: BackupPlace::End, .. }));
}

#[test]
fn nothing_is_restored_from_a_damaged_backup() {
    let (home, whole) = made();
    for share in 0..20 {
        let mut backup = whole.clone();
        let offset = backup.len() * share / 20;
        backup[offset] ^= 0x10;
        let new = Home::with_keyring_of(home);
        let keyring = std::fs::read(new.keyring()).unwrap();
        assert!(matches!(new.restore(&backup).unwrap_err(), RestoreError::Backup(_)));
        assert!(!new.path().exists());
        assert_eq!(std::fs::read(new.keyring()).unwrap(), keyring);
    }
}

/// Writes blocks anew with right digests, as anybody can.
fn forged(backup: &[u8], mut alter: impl FnMut(u8, Vec<u8>) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut forged = backup[..21].to_vec();
    let mut check: [u8; 32] = Sha256::digest(&forged).into();
    for (at, kind, stored) in blocks(backup) {
        let body = &backup[at + 9..at + 9 + stored];
        let plain = if kind == b'R' { zstd::decode_all(body).unwrap() } else { body.to_vec() };
        let Some(plain) = alter(kind, plain) else { continue };
        let body =
            if kind == b'R' { zstd::encode_all(&plain[..], 3).unwrap() } else { plain.clone() };
        let lengths = [body.len(), plain.len()].map(|l| u32::try_from(l).unwrap().to_be_bytes());
        let head = [&[kind][..], &lengths[0], &lengths[1]].concat();
        let hash = Sha256::new().chain_update(check).chain_update(&head).chain_update(&body);
        check = hash.finalize().into();
        forged.extend_from_slice(&[&head[..], &body, &check].concat());
    }
    forged
}

#[test]
fn a_backup_that_somebody_else_wrote_is_refused_by_its_seal() {
    let (home, whole) = made();
    let same = forged(whole, |_, body| Some(body));
    verify(&same).unwrap();
    // One letter of a verdict or a name of a list: whole by its digests.
    let mut done = false;
    let altered = forged(whole, |kind, mut body| {
        let at = body.windows(8).position(|window| window == b"not-same");
        if let (b'R', Some(at), false) = (kind, at, done) {
            body[at..at + 8].copy_from_slice(b"not-sane");
            done = true;
        }
        Some(body)
    });
    assert!(done);
    verify(&altered).unwrap();
    let new = Home::with_keyring_of(home);
    let error = new.restore(&altered).unwrap_err();
    assert!(matches!(error, RestoreError::Backup(BackupReadError::Seal)), "{error:?}");
    assert!(!new.path().exists());
}

#[test]
fn a_backup_without_a_table_or_with_one_twice_is_refused() {
    let whole = &made().1;
    let mut number = 0;
    let without = forged(whole, |kind, body| {
        number += u32::from(kind == b'T');
        (kind != b'T' || number != 3).then_some(body)
    });
    assert!(matches!(verify(&without), Err(BackupReadError::Damaged { .. })));
    let mut rows = 0;
    let fewer = forged(whole, |kind, body| {
        rows += u32::from(kind == b'R');
        (kind != b'R' || rows != 2).then_some(body)
    });
    let error = verify(&fewer).unwrap_err();
    assert!(matches!(error, BackupReadError::Damaged { .. }), "{error:?}");
}

#[test]
fn a_block_that_unpacks_to_more_than_it_says_is_refused() {
    let whole = &made().1;
    let (at, _, stored) = *blocks(whole).iter().find(|(_, kind, _)| *kind == b'R').unwrap();
    let mut bomb = whole[..at].to_vec();
    let body = zstd::encode_all(&vec![0xf6; 50_000_000][..], 3).unwrap();
    let check: [u8; 32] = whole[at - 32..at].try_into().unwrap();
    let head = [
        &b"R"[..],
        &u32::try_from(body.len()).unwrap().to_be_bytes(),
        &u32::try_from(stored).unwrap().to_be_bytes(),
    ]
    .concat();
    let hash = Sha256::new().chain_update(check).chain_update(&head).chain_update(&body);
    let check: [u8; 32] = hash.finalize().into();
    bomb.extend_from_slice(&[&head[..], &body, &check].concat());
    assert!(matches!(verify(&bomb), Err(BackupReadError::Damaged { .. })));
}
