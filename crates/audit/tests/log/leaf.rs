use crate::common::{bytes, vector};
use portcullis_audit::{
    Commitment, DecoyKey, Opened, Opening, Salt, commit, decoy_commitment, decoy_salt,
};
use proptest::prelude::*;

fn array(hex: &serde_json::Value) -> [u8; 32] {
    bytes(hex).try_into().unwrap()
}

fn opening(salt: [u8; 32], payload: &[u8]) -> Opening {
    Opening { salt: Salt::new(salt), payload: payload.to_vec().into() }
}

#[test]
fn commitments_are_those_of_another_implementation() {
    for case in vector("leaf")["leaf"].as_array().unwrap() {
        let (salt, payload) = (array(&case["salt"]), bytes(&case["payload"]));
        let commitment = commit(&Salt::new(salt), &payload);
        assert_eq!(commitment.as_bytes().to_vec(), bytes(&case["commitment"]));
        let expected = if case["opens"] == "real" { Opened::Real } else { Opened::Decoy };
        assert_eq!(opening(salt, &payload).verify(&commitment), expected);
    }
}

#[test]
fn decoys_are_those_of_another_implementation() {
    for case in vector("leaf")["decoy"].as_array().unwrap() {
        let key = DecoyKey::new(array(&case["key"]));
        let (origin, index) = (case["origin"].as_str().unwrap(), case["index"].as_u64().unwrap());
        let salt = decoy_salt(&key, origin, index);
        assert_eq!(*salt.as_bytes(), array(&case["salt"]));
        let commitment = decoy_commitment(&key, origin, index);
        assert_eq!(*commitment.as_bytes(), array(&case["commitment"]));
        assert_eq!(opening(*salt.as_bytes(), b"").verify(&commitment), Opened::Decoy);
    }
}

#[test]
fn a_real_leaf_cannot_be_opened_as_a_decoy_nor_a_decoy_as_an_event() {
    let real = commit(&Salt::new([1; 32]), b"event");
    let decoy = commit(&Salt::new([1; 32]), b"");
    assert_eq!(opening([1; 32], b"").verify(&real), Opened::Mismatch);
    assert_eq!(opening([1; 32], b"event").verify(&decoy), Opened::Mismatch);
}

#[test]
fn a_salt_and_a_payload_cannot_trade_bytes() {
    // The salt has a fixed length, so its last byte cannot become the payload's first.
    let commitment = commit(&Salt::new([7; 32]), &[7, 7]);
    assert_ne!(commitment, commit(&Salt::new([7; 32]), &[7]));
}

#[test]
fn what_is_secret_does_not_show_itself() {
    let secrets = format!(
        "{:?} {:?} {:?}",
        Salt::new([0x41; 32]),
        DecoyKey::new([0x41; 32]),
        opening([0x41; 32], b"Orsolya Testwick"),
    );
    assert_eq!(secrets, "Salt(..) DecoyKey(..) Opening(..)");
}

#[test]
fn an_entry_of_another_length_is_no_commitment() {
    assert!(Commitment::from_entry(&[0; 31]).is_none());
    assert!(Commitment::from_entry(&[0; 33]).is_none());
    assert!(Commitment::from_entry(&[0; 32]).is_some());
}

proptest! {
    #[test]
    fn any_flipped_bit_of_an_opening_is_a_mismatch(
        salt: [u8; 32],
        payload in prop::collection::vec(any::<u8>(), 0..100),
        bit: prop::sample::Index,
    ) {
        let commitment = commit(&Salt::new(salt), &payload);
        let mut both = [salt.as_slice(), &payload].concat();
        let bit = bit.index(both.len() * 8);
        both[bit / 8] ^= 1 << (bit % 8);
        let (salt, payload) = both.split_at(32);
        let opened = opening(salt.try_into().unwrap(), payload).verify(&commitment);
        prop_assert_eq!(opened, Opened::Mismatch);
    }
}
