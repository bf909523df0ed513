//! A person's own keys, wrapped and unwrapped.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use portcullis_keys::{
    CodeKind, KeyLock, KeyOwner, Passphrase, PassphraseError, PersonalKeys, SecretCode, UnwrapError,
};
use proptest::prelude::*;

const OWNER: KeyOwner<'static> = KeyOwner { organisation: "party-of-tests", account: "o.testwick" };
const PRF: [u8; 32] = [9; 32];
const BLUE: KeyLock<'static> = KeyLock::Prf { credential: b"blue key", output: &PRF };

/// Bytes that count up, so that no two draws are the same.
fn counting(from: u8) -> impl FnMut(&mut [u8]) {
    let mut next = from;
    move |bytes| {
        for byte in bytes {
            next = next.wrapping_add(1);
            *byte = next;
        }
    }
}

fn keys() -> PersonalKeys {
    PersonalKeys::random(&mut counting(0))
}

/// RFC 8032, section 7.1, tests 1 and 2: seed, public key, message, signature.
#[test]
fn a_person_signs_as_the_standard_says() {
    for (seed, public, message, signature) in [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ] {
        let seed = hex(seed);
        let keys = PersonalKeys::random(&mut |bytes| bytes.copy_from_slice(&seed));
        assert_eq!(keys.signing_public().as_slice(), hex(public));
        assert_eq!(keys.sign(&hex(message)).as_slice(), hex(signature));
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digit = |d: u8| u8::try_from(char::from(d).to_digit(16).unwrap()).unwrap();
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

#[test]
fn several_ways_open_the_same_keys() {
    let passphrase = Passphrase::new("four words drawn at random").unwrap();
    let red = KeyLock::Prf { credential: b"red key", output: &[8; 32] };
    for lock in [&BLUE, &red, &KeyLock::Passphrase(&passphrase)] {
        let wrapped = keys().wrap(&mut counting(100), &OWNER, lock);
        let opened = PersonalKeys::unwrap(&wrapped, &OWNER, lock).unwrap();
        assert_eq!(opened.signing_public(), keys().signing_public());
        assert!(opened.sealing_public() == keys().sealing_public());
    }
}

#[test]
fn keys_open_for_their_owner_their_passkey_and_its_output_alone() {
    // THREATS T-30
    let wrapped = keys().wrap(&mut counting(100), &OWNER, &BLUE);
    let unwrap = |owner: &KeyOwner<'_>, lock: &KeyLock<'_>| {
        PersonalKeys::unwrap(&wrapped, owner, lock).map(drop)
    };
    let other_output = KeyLock::Prf { credential: b"blue key", output: &[8; 32] };
    let other_passkey = KeyLock::Prf { credential: b"red key", output: &PRF };
    assert_eq!(unwrap(&OWNER, &other_output), Err(UnwrapError::WrongLock));
    assert_eq!(unwrap(&OWNER, &other_passkey), Err(UnwrapError::WrongLock));
    for (organisation, account) in [
        ("another-party", "o.testwick"),
        ("party-of-tests", "q.examplesson"),
        ("party-of-testso", ".testwick"),
    ] {
        let owner = KeyOwner { organisation, account };
        assert_eq!(unwrap(&owner, &BLUE), Err(UnwrapError::WrongLock));
    }
    let passphrase = Passphrase::new("four words drawn at random").unwrap();
    assert_eq!(unwrap(&OWNER, &KeyLock::Passphrase(&passphrase)), Err(UnwrapError::OtherWay));
}

#[test]
fn another_passphrase_opens_nothing() {
    // THREATS T-30
    let right = Passphrase::new("four words drawn at random").unwrap();
    let wrong = Passphrase::new("four words drawn at randoM").unwrap();
    let wrapped = keys().wrap(&mut counting(100), &OWNER, &KeyLock::Passphrase(&right));
    let refused = PersonalKeys::unwrap(&wrapped, &OWNER, &KeyLock::Passphrase(&wrong));
    assert_eq!(refused.map(drop), Err(UnwrapError::WrongLock));
}

#[test]
fn wrapped_keys_that_ask_for_too_much_are_refused_before_the_work() {
    let passphrase = Passphrase::new("four words drawn at random").unwrap();
    let lock = KeyLock::Passphrase(&passphrase);
    let wrapped = keys().wrap(&mut counting(100), &OWNER, &lock);
    // Memory, passes and lanes follow the magic, the version and the way.
    for (place, number) in [(26, 1 << 30), (30, 0), (30, 1_000), (34, 0), (34, 17), (26, 8)] {
        let mut bytes = wrapped.clone();
        bytes[place..place + 4].copy_from_slice(&u32::to_be_bytes(number));
        let refused = PersonalKeys::unwrap(&bytes, &OWNER, &lock).map(drop);
        assert_eq!(refused, Err(UnwrapError::Cost), "{place} {number}");
    }
    let mut later = wrapped;
    later[24] = 2;
    let refused = PersonalKeys::unwrap(&later, &OWNER, &lock).map(drop);
    assert_eq!(refused, Err(UnwrapError::UnknownVersion { version: 2 }));
}

#[test]
fn a_short_or_dull_passphrase_is_refused_and_it_says_why() {
    for (text, refused) in [
        ("", PassphraseError::Short),
        ("elevenchars", PassphraseError::Short),
        ("   padded      ", PassphraseError::Short),
        ("abababababababab", PassphraseError::Monotonous),
    ] {
        assert_eq!(Passphrase::new(text).map(drop), Err(refused), "{text}");
    }
    assert_eq!(Passphrase::new(&"long and ".repeat(200)).map(drop), Err(PassphraseError::Long));
    assert!(PassphraseError::Short.to_string().contains("can try one after the other"));
    assert!(Passphrase::new("twelve chars").is_ok());
}

#[test]
fn nothing_of_a_secret_shows_in_debug_output() {
    // THREATS T-14
    let passphrase = Passphrase::new("four words drawn at random").unwrap();
    let code = SecretCode::random(&mut counting(3), CodeKind::Token);
    let shown = format!("{:?} {passphrase:?} {code:?} {BLUE:?}", keys());
    assert_eq!(shown, "PersonalKeys(…) Passphrase(…) SecretCode(…) KeyLock(…)");
}

/// Made by an implementation of BIP 350 in another language, from the bytes 0 to 15.
#[test]
fn a_code_is_written_as_the_standard_says() {
    let mut count = 0..;
    let mut random = |bytes: &mut [u8]| bytes.iter_mut().zip(&mut count).for_each(|(b, n)| *b = n);
    let code = SecretCode::random(&mut random, CodeKind::Recovery);
    assert_eq!(code.reveal(), "portcullis-recovery-1qqqsyqcyq5rqwzqfpg9scrgwpuux5e2g");
    assert_eq!(code.grouped().as_str(), "qqqs yqcy q5rq wzqf pg9s crgw puux 5e2g");
}

#[test]
fn a_code_with_a_slip_is_refused() {
    let code = SecretCode::random(&mut counting(3), CodeKind::Recovery);
    let right = code.grouped().to_string();
    assert_eq!(right.split(' ').count(), 8);
    for (place, character) in right.char_indices().filter(|(_, c)| *c != ' ') {
        let slip = if character == 'q' { 'p' } else { 'q' };
        let mut wrong = right.clone();
        wrong.replace_range(place..=place, slip.encode_utf8(&mut [0; 4]));
        assert!(SecretCode::read(CodeKind::Recovery, &wrong).is_err(), "{place}");
    }
    assert!(SecretCode::read(CodeKind::Recovery, &right[5..]).is_err());
    assert!(SecretCode::read(CodeKind::Recovery, "").is_err());
}

proptest! {
    #[test]
    fn keys_with_a_byte_changed_do_not_open(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut wrapped = keys().wrap(&mut counting(100), &OWNER, &BLUE);
        let at = at.index(wrapped.len());
        wrapped[at] ^= 1 << bit;
        prop_assert!(PersonalKeys::unwrap(&wrapped, &OWNER, &BLUE).is_err());
    }

    #[test]
    fn no_bytes_make_unwrapping_panic(
        begins_right in any::<bool>(),
        rest in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut bytes = if begins_right { b"portcullis-personal-keys\x01\x00".to_vec() } else { vec![] };
        bytes.extend(rest);
        prop_assert!(PersonalKeys::unwrap(&bytes, &OWNER, &BLUE).is_err());
    }

    #[test]
    fn no_text_makes_reading_a_code_panic(text in "(portcullis-token-1)?\\PC{0,100}") {
        for kind in CodeKind::ALL {
            let _ = SecretCode::read(kind, &text);
        }
    }
}
