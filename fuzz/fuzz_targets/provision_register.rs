//! Bytes are no provision register that its operator trusts, or the provisions in it are in order.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_federation::{Moment, SigningPublic};
use portcullis_share::ProvisionRegister;

/// The key that signed the seed: the public key of the seed SHA-256("operator").
const TRUSTED: [u8; 32] = [
    0xce, 0x72, 0x1b, 0x92, 0x9f, 0x7c, 0x89, 0xa7, 0xd9, 0xe6, 0xbf, 0x63, 0x66, 0x63, 0xd8, 0x20,
    0xdb, 0x2d, 0x23, 0x93, 0x0c, 0x1f, 0x8e, 0x54, 0x76, 0x52, 0xdf, 0xfc, 0x54, 0x9e, 0x79, 0xcc,
];

fuzz_target!(|bytes: &[u8]| {
    let trusted = SigningPublic::from_bytes(&TRUSTED).expect("it is a key");
    if let Ok(register) = ProvisionRegister::verify(bytes, &[trusted], Moment::END) {
        let provisions = register.provisions();
        assert!(provisions.iter().zip(provisions.iter().skip(1)).all(|(a, b)| a.id < b.id));
    }
});
