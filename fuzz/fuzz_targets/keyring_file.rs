//! A keyring file is refused, or is locked to one that opens to the same. Each input is taken as a
//! whole file, and as the contents of one, since no input at random gets past the seal.
#![no_main]

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};
use hmac::{Hmac, Mac as _};
use libfuzzer_sys::fuzz_target;
use portcullis_keys::{Keyring, Unlock, UnlockKind};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// A file with these contents, as `docs/spec/keyring.md` says: method 0, no cost, and a salt and
/// a nonce of zeros.
fn file_of(contents: &[u8]) -> Vec<u8> {
    let mut file = b"portcullis-keyring\x01\x00".to_vec();
    file.extend_from_slice(&[0; 12 + 16 + 24]);
    let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).expect("a key of any length");
    mac.update(b"portcullis-keyring/v1");
    mac.update(&[0; 16]);
    let payload = Payload { msg: contents, aad: &file };
    let sealed = XChaCha20Poly1305::new(&mac.finalize().into_bytes())
        .encrypt(&[0; 24].into(), payload)
        .expect("an input is short");
    file.extend_from_slice(&sealed);
    let checksum = Sha256::digest(&file);
    file.extend_from_slice(&checksum);
    file
}

fuzz_target!(|bytes: &[u8]| {
    // A key file, so that no input makes the passphrase function run.
    let with = Unlock::KeyFile(Zeroizing::new([7; 32]));
    let _ = UnlockKind::of(bytes);
    let _ = Keyring::unlock(bytes, &with);
    if let Ok(keyring) = Keyring::unlock(&file_of(bytes), &with) {
        let again = Keyring::unlock(&keyring.lock(&mut |random| random.fill(1), &with), &with)
            .expect("what was locked opens");
        assert_eq!(again.revision(), keyring.revision());
        assert!(again.shredded().eq(keyring.shredded()));
        assert!(again.generations().eq(keyring.generations()));
    }
});
