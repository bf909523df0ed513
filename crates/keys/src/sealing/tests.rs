//! Against the vectors of the drafts, and what must not open.

use super::*;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::VecDeque;

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn seed(text: &str) -> [u8; 32] {
    unhex(text).try_into().unwrap()
}

/// Gives out these bytes in place of random ones, and no others.
fn given(bytes: &str) -> impl FnMut(&mut [u8]) {
    let mut left = VecDeque::from(unhex(bytes));
    move |buffer| buffer.iter_mut().for_each(|byte| *byte = left.pop_front().unwrap())
}

fn counting(start: u8) -> impl FnMut(&mut [u8]) {
    let mut count = start;
    move |buffer| {
        for byte in buffer {
            count = count.wrapping_mul(5).wrapping_add(17);
            *byte = count;
        }
    }
}

/// draft-connolly-cfrg-xwing-kem, `spec/test-vectors.json`: secret, bytes at random for the
/// encapsulation, SHA-256 of the public key, SHA-256 of the ciphertext.
const XWING: [[&str; 4]; 3] = [
    [
        "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26",
        "3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2\
         35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2",
        "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb",
        "17cd532d657e44c897ca6583e548a5424fc70bf54f99515a4d2bcf99e3469f33",
    ],
    [
        "badfd6dfaac359a5efbb7bcc4b59d538df9a04302e10c8bc1cbf1a0b3a5120ea",
        "17cda7cfad765f5623474d368ccca8af0007cd9f5e4c849f167a580b14aabdef\
         aee7eef47cb0fca9767be1fda69419dfb927e9df07348b196691abaeb580b32d",
        "c42ba5f8430d7d2c83739338203819f090e8303ce9c8b02107c272bfa5376916",
        "1661ea86d608a1924ba30840cb0a65f13ae051e3aec9cf0f064efc0bc92f2154",
    ],
    [
        "ef58538b8d23f87732ea63b02b4fa0f4873360e2841928cd60dd4cee8cc0d4c9",
        "22a96188d032675c8ac850933c7aff1533b94c834adbb69c6115bad4692d8619\
         f90b0cdf8a7b9c264029ac185b70b83f2801f2f4b3f70c593ea3aeeb613a7f1b",
        "6b080d6b84f095342092fa7a22423e58bd681397ad0ef00eac92bd254db4fa95",
        "d3ca5578500344b5896cffc4fd740c9311946b82951df155e6fd86a7966b43c6",
    ],
];

#[test]
fn keys_and_encapsulations_are_those_of_the_x_wing_draft() {
    for [secret, random, public, ciphertext] in XWING {
        let key = SealingKey::from_seed(&seed(secret));
        assert_eq!(Sha256::digest(key.public().as_bytes()).as_slice(), unhex(public));
        let sealed = key.public().seal(&mut given(random), b"", b"", b"");
        assert_eq!(sealed.len(), SEALING_ADDS_BYTES);
        assert_eq!(Sha256::digest(&sealed[1..=ENCAPSULATED_BYTES]).as_slice(), unhex(ciphertext));
        assert!(key.open(b"", b"", &sealed).unwrap().is_empty());
    }
}

/// draft-ietf-hpke-pq, the vector of KEM 0x647a, KDF 0x0001 and AEAD 0x0003, its first
/// encryption. The text and `info` are written in hexadecimal twice there, and so they are sealed.
#[test]
fn sealed_bytes_are_those_of_the_draft_for_post_quantum_hpke() {
    let key = SealingKey::from_seed(&seed(
        "3ec47fa82dd5689d27c6190e724c74ec8f608df3331ce331929e37b829676630",
    ));
    let mut random = given(
        "2a1c0a3745fe8a48fb62034d300f54dfe1974a5b2e169e580a8789cb1cf5fd19\
         0fc00f3fd899594e01a8b15334b9f3fa03d8de44da86e19f5776850fb689e6c8",
    );
    let info = b"4f6465206f6e2061204772656369616e2055726e";
    let text = b"4265617574792069732074727574682c20747275746820626561757479";
    let sealed = key.public().seal(&mut random, info, b"Count-0", text);
    let (suite, rest) = sealed.split_first().unwrap();
    let (encapsulated, text_and_tag) = rest.split_at(ENCAPSULATED_BYTES);
    assert_eq!(*suite, 1);
    assert!(encapsulated.starts_with(&unhex("26759c7b22923ea5cc9c78e3e14c8fc6")));
    assert!(encapsulated.ends_with(&unhex("f9b47d34d1a3cbafe42c73f57d0e")));
    assert_eq!(
        text_and_tag,
        unhex(
            "c5c591f99092d5e38df0a52699af249c66f8275a863423c076de8147a53e65cc\
             584041c963b77a7e59ea93841b1339b5efda8909b71f74bb0073ad62e899de31\
             0c1566dea2fd29eba377"
        )
    );
    assert_eq!(&*key.open(info, b"Count-0", &sealed).unwrap(), text);
}

#[test]
fn whatever_is_not_a_public_key_is_refused() {
    let public = SealingKey::random(&mut counting(1)).public();
    assert_eq!(SealingPublic::from_bytes(public.as_bytes()), Ok(public.clone()));
    let too_short = SealingPublic::from_bytes(&public.as_bytes()[1..]);
    assert_eq!(too_short, Err(SealingPublicError { length_bytes: 1215 }));
    assert_eq!(SealingPublic::from_bytes(b""), Err(SealingPublicError { length_bytes: 0 }));
    // FIPS 203, section 7.2: the numbers of an encapsulation key are below 3329.
    let mut out_of_range = *public.as_bytes();
    out_of_range[..2].fill(0xff);
    let out_of_range = SealingPublic::from_bytes(&out_of_range);
    assert_eq!(out_of_range, Err(SealingPublicError { length_bytes: 1216 }));
}

#[test]
fn nothing_opens_with_another_key_for_another_use_or_in_another_place() {
    let (key, other) = (SealingKey::random(&mut counting(1)), SealingKey::random(&mut counting(2)));
    let sealed = key.public().seal(&mut counting(3), b"notice", b"17", b"tonight");
    assert_eq!(&*key.open(b"notice", b"17", &sealed).unwrap(), b"tonight");
    let refused = Err(UnsealError::NotForThis);
    assert_eq!(other.open(b"notice", b"17", &sealed), refused);
    assert_eq!(key.open(b"brief", b"17", &sealed), refused);
    assert_eq!(key.open(b"notice", b"18", &sealed), refused);
    assert_eq!(key.open(b"notice1", b"7", &sealed), refused);
    assert_eq!(key.open(b"notice", b"17", b""), refused);
    assert_eq!(key.open(b"notice", b"17", &[1]), refused);
    assert_eq!(key.open(b"notice", b"17", &[2]), Err(UnsealError::UnknownSuite { suite: 2 }));
}

#[test]
fn the_same_text_sealed_twice_looks_different() {
    let public = SealingKey::random(&mut counting(1)).public();
    let random = &mut counting(9);
    assert_ne!(public.seal(random, b"", b"", b"text"), public.seal(random, b"", b"", b"text"));
}

#[test]
fn keys_show_nothing_of_themselves() {
    let key = SealingKey::from_seed(&[0xab; 32]);
    assert_eq!(format!("{key:?}"), "SealingKey(…)");
    assert_eq!(format!("{:?}", key.public()).len(), "SealingPublic(00000000…)".len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_sealed_opens_and_with_any_bit_changed_or_cut_off_does_not(
        start in any::<u8>(),
        text in proptest::collection::vec(any::<u8>(), 0..300),
        at in any::<proptest::sample::Index>(),
        bit in 0_u32..8,
    ) {
        let key = SealingKey::random(&mut counting(start));
        let mut sealed = key.public().seal(&mut counting(!start), b"i", b"b", &text);
        prop_assert_eq!(sealed.len(), text.len() + SEALING_ADDS_BYTES);
        let opened = key.open(b"i", b"b", &sealed).unwrap();
        prop_assert_eq!(&*opened, text.as_slice());
        let at = at.index(sealed.len());
        prop_assert!(key.open(b"i", b"b", &sealed[..at]).is_err());
        sealed[at] ^= 1 << bit;
        prop_assert!(key.open(b"i", b"b", &sealed).is_err());
    }

    #[test]
    fn no_bytes_make_opening_panic(
        sealed in proptest::collection::vec(any::<u8>(), 0..1400),
    ) {
        let _ = SealingKey::from_seed(&[7; 32]).open(b"", b"", &sealed);
        let _ = SealingPublic::from_bytes(&sealed);
    }
}
