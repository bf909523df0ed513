//! A backup is read without a panic, whatever its bytes; and one that the keyring didn't seal is
//! never taken for its own. Each input is read as it is, and as the blocks of a backup with the
//! digests made for them, since no input at random has the right ones.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_keys::Keyring;
use portcullis_store::verify_backup;
use sha2::{Digest as _, Sha256};

const MAGIC: &[u8; 21] = b"portcullis-backup/v1\n";

fuzz_target!(|bytes: &[u8]| {
    for bytes in [bytes.to_vec(), chained(bytes)] {
        if let Ok(summary) = verify_backup(bytes.as_slice(), &mut |_| {}) {
            let keyring = Keyring::new(&mut |random| random.fill(1));
            assert!(summary.check(&keyring).is_err(), "only a keyring makes the seal");
        }
    }
});

/// Blocks: each a kind, two bytes of length, and so many bytes of body.
fn chained(mut input: &[u8]) -> Vec<u8> {
    let mut backup = MAGIC.to_vec();
    let mut check: [u8; 32] = Sha256::digest(MAGIC).into();
    while let Some((&[kind, high, low], rest)) = input.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([high, low])).min(rest.len());
        let (plain, rest) = rest.split_at(length);
        input = rest;
        let body = if kind == b'R' { packed(plain) } else { plain.to_vec() };
        let lengths = [body.len(), plain.len()].map(|length| (length as u32).to_be_bytes());
        let head = [&[kind][..], &lengths[0], &lengths[1]].concat();
        let hash = Sha256::new_with_prefix(check).chain_update(&head).chain_update(&body);
        check = hash.finalize().into();
        backup.extend_from_slice(&[&head[..], &body, &check].concat());
    }
    backup
}

/// A zstd frame of one raw block (RFC 8878 section 3.1.1).
fn packed(plain: &[u8]) -> Vec<u8> {
    let length = plain.len() as u32;
    let block = ((length << 3) | 1).to_le_bytes();
    [&[0x28, 0xb5, 0x2f, 0xfd, 0xa0][..], &length.to_le_bytes(), &block[..3], plain].concat()
}
