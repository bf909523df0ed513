//! A text is no list of what is shredded, or is the text of the list it gives. Each input is taken
//! as it is, and with its digest made for it, since no input at random has the right one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_keys::{Keyring, ShreddedList};
use sha2::{Digest as _, Sha256};

fuzz_target!(|text: &str| {
    let digest: String =
        Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
    for text in [text.to_owned(), format!("{text}digest {digest}\n")] {
        if let Ok(list) = text.parse::<ShreddedList>() {
            assert_eq!(list.to_text(), text);
            let mut keyring = Keyring::new(&mut |random| random.fill(1));
            assert!(keyring.replay(&list).is_err(), "only a keyring makes the seal");
        }
    }
});
