//! Somebody puts an old copy of the store back instead of restoring a backup.

use crate::world::{
    Home, ORIGIN, PER_INTERVAL, copy_store, decide, erase_first_decision, fill, organisation,
    sequence,
};
use portcullis_audit::{
    AddCheckpoint, Checkpoint, Cosigner, Held, KnownLog, Note, Outcome, Prefix, Seen, Tree,
    VerifierKey, Witness, find_splits,
};
use portcullis_store::{Database, KeyringError, StoreError};
use std::convert::Infallible;
use std::fs;

const N: u64 = PER_INTERVAL as u64;

/// A store and a copy of its files from before something more was done.
fn rolled_back() -> (Home, Home) {
    let (home, old) = (Home::new(), Home::new());
    let mut store = home.open();
    fill(&mut store);
    drop(store);
    copy_store(home.0.path(), old.0.path());
    (home, old)
}

fn put_back(home: &Home, old: &Home, files: &[&str]) {
    for file in ["store.db-wal", "store.db-shm"] {
        let _ = fs::remove_file(home.0.path().join(file));
    }
    for file in files {
        fs::copy(old.0.path().join(file), home.0.path().join(file)).unwrap();
    }
}

// THREATS T-17: an old copy is noticed by what lies beside it.
#[test]
fn an_old_database_is_noticed_by_the_mark_beside_it() {
    let (home, old) = rolled_back();
    decide(&mut home.open());
    put_back(&home, &old, &["store.db"]);
    let error = home.try_open().unwrap_err();
    assert!(matches!(error, StoreError::RolledBack { .. }), "{error:?}");
}

#[test]
fn an_old_keyring_is_noticed_by_the_store() {
    let (home, old) = rolled_back();
    erase_first_decision(&mut home.open());
    put_back(&home, &old, &["keyring"]);
    let error = home.try_open().unwrap_err();
    assert!(matches!(error, StoreError::Keyring(KeyringError::Old { .. })), "{error:?}");
}

fn checkpoint(store: &mut Database, size: u64) -> (Note, VerifierKey) {
    store
        .read_logs(&organisation(), |view| -> Result<_, StoreError> {
            let log = view.current()?.unwrap();
            let note = view.checkpoint(&log, size)?.unwrap().note;
            Ok((Note::parse(note.as_bytes()).unwrap(), view.key(&log).unwrap()))
        })
        .unwrap()
}

fn prefix(store: &mut Database, size: u64, of: u64) -> Prefix {
    store
        .read_logs(&organisation(), |view| -> Result<_, StoreError> {
            let log = view.current()?.unwrap();
            let tiles = view.tiles(&log);
            Ok(Tree::new(&tiles, of).prefix(size).unwrap())
        })
        .unwrap()
}

fn seen(note: &Note) -> Seen {
    let checkpoint: Checkpoint = note.text().parse().unwrap();
    Seen { size: checkpoint.size(), root: checkpoint.root() }
}

// THREATS T-17: with everything beside it removed, too, the witness has seen more.
#[test]
fn a_witness_refuses_the_log_of_an_old_copy_and_proves_the_split_once_it_has_regrown() {
    let (home, old) = rolled_back();
    let mut store = home.open();
    decide(&mut store);
    sequence(&mut store, 3);
    let (witnessed, key) = checkpoint(&mut store, 3 * N);
    drop(store);

    // The operator takes care to leave no trace on the machine.
    put_back(&home, &old, &["store.db", "keyring"]);
    fs::remove_file(home.0.path().join("store.db-mark")).unwrap();
    let mut store = home.open();
    assert_eq!(sequence(&mut store, 2), 2 * N);

    let cosigner = Cosigner::new("witness.example".parse().unwrap(), &[5; 32]);
    let logs = [KnownLog { origin: ORIGIN.to_owned(), keys: vec![key.clone()] }];
    let witness = Witness { cosigner: &cosigner, logs: &logs };
    let ask = |old_size: u64, note: &Note, proof| {
        let request = AddCheckpoint { old_size, proof, checkpoint: note.clone() };
        let answer = witness.answer(1_740_900_000, &request.to_bytes(), |_| {
            Ok::<_, Infallible>(Some(seen(&witnessed)))
        });
        answer.unwrap()
    };
    // The log is smaller than what the witness has seen.
    let (smaller, _) = checkpoint(&mut store, 2 * N);
    let answer = ask(N, &smaller, prefix(&mut store, N, 2 * N).proof);
    assert_eq!((answer.outcome, answer.response.status), (Outcome::OtherSize, 409));
    // It has grown to that size again, and differs.
    sequence(&mut store, 3);
    let (same_size, _) = checkpoint(&mut store, 3 * N);
    let answer = ask(3 * N, &same_size, Vec::new());
    assert_eq!((answer.outcome, answer.response.status), (Outcome::Forked, 409));
    assert!(answer.to_store.is_none());
    // It has grown beyond.
    sequence(&mut store, 4);
    let (larger, _) = checkpoint(&mut store, 4 * N);
    let prefix = prefix(&mut store, 3 * N, 4 * N);
    assert_eq!(ask(3 * N, &larger, prefix.proof.clone()).outcome, Outcome::NotConsistent);

    for (shown, between) in [(&same_size, None), (&larger, Some(prefix))] {
        let held = [("witness", &witnessed), ("node", shown)]
            .map(|(holder, note)| Held { holder: holder.to_owned(), note: note.clone() });
        let keys = [key.clone()];
        let splits = find_splits(ORIGIN, &keys, &held, |_, _| between.clone());
        let [split] = &splits.found[..] else { panic!("{splits:?}") };
        split.verify(&keys).unwrap();
    }
}
