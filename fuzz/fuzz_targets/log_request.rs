//! Whatever a log asks of a witness, there is an answer, and nothing is cosigned without its key.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_audit::{
    AddCheckpoint, Checkpoint, Cosigner, KnownLog, LogSigner, Outcome, Witness, empty_root,
    read_cosignatures, read_size,
};
use std::convert::Infallible;
use std::sync::LazyLock;

struct Setup {
    cosigner: Cosigner,
    logs: Vec<KnownLog>,
}

static SETUP: LazyLock<Setup> = LazyLock::new(|| {
    let name = "log.example/party";
    // A key of which the seeds have no signature.
    let key = LogSigner::new(name.parse().expect("a name"), &[77; 32]).verifier();
    let cosigner = Cosigner::new("witness.example".parse().expect("a name"), &[2; 32]);
    Setup { cosigner, logs: vec![KnownLog { origin: name.to_owned(), keys: vec![key] }] }
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = AddCheckpoint::parse(bytes) {
        assert_eq!(request.to_bytes(), bytes);
    }
    let witness = Witness { cosigner: &SETUP.cosigner, logs: &SETUP.logs };
    let Ok(answer) = witness.answer(7, bytes, |_| Ok::<_, Infallible>(None));
    assert!(answer.outcome != Outcome::Cosigned && answer.to_store.is_none());
    let checkpoint = Checkpoint::new("o", 0, empty_root()).expect("a checkpoint");
    let _ = read_cosignatures(bytes, &checkpoint, &[SETUP.cosigner.verifier()]);
    let _ = read_size(bytes);
});
