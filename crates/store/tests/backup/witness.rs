//! A witness that was restored from a backup.

use crate::world::{Home, back_up, fill, organisation};
use portcullis_audit::{
    AddCheckpoint, Answer, Checkpoint, Frontier, KeyName, KnownLog, LogSigner, Note, Outcome,
    SignatureLine, read_cosignatures,
};
use portcullis_store::{AcceptError, Database};

const WATCHED: &str = "watched.example/log";

fn witness() -> KeyName {
    "witness.example".parse().unwrap()
}

fn log() -> LogSigner {
    LogSigner::new(WATCHED.parse().unwrap(), &[3; 32])
}

/// A checkpoint of a log whose only entry says which history it is of.
fn checkpoint(history: &[u8]) -> Checkpoint {
    let mut frontier = Frontier::default();
    frontier.append(history, &mut Vec::new());
    Checkpoint::new(WATCHED, 1, frontier.root()).unwrap()
}

fn ask(store: &mut Database, old_size: u64, checkpoint: &Checkpoint) -> Answer {
    let logs = [KnownLog { origin: WATCHED.to_owned(), keys: vec![log().verifier()] }];
    let request = AddCheckpoint { old_size, proof: vec![], checkpoint: checkpoint.sign(&log()) };
    store.cosign(&organisation(), 1_740_900_000, &witness(), &logs, &request.to_bytes()).unwrap()
}

fn line(store: &Database, checkpoint: &Checkpoint, answer: &Answer) -> SignatureLine {
    let keys = [store.witness_key(&witness())];
    read_cosignatures(&answer.response.body, checkpoint, &keys).unwrap().remove(0)
}

// THREATS T-17: a witness never goes back, not even by a restore of its own store.
#[test]
fn a_restored_witness_cosigns_nothing_until_it_is_shown_what_it_cosigned_last() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let empty = Checkpoint::new(WATCHED, 0, Frontier::default().root()).unwrap();
    assert_eq!(ask(&mut store, 0, &empty).outcome, Outcome::Cosigned);
    let (backup, _) = back_up(&mut store);
    // After the backup it sees one history, and refuses the other.
    let (honest, other) = (checkpoint(b"honest"), checkpoint(b"other"));
    let answer = ask(&mut store, 0, &honest);
    let cosignature = line(&store, &honest, &answer);
    assert_eq!(ask(&mut store, 1, &other).outcome, Outcome::Forked);

    let new = Home::with_keyring_of(&home);
    new.restore(&backup).unwrap();
    let mut store = new.open();
    let answer = ask(&mut store, 0, &other);
    assert_eq!((answer.outcome, answer.response.status), (Outcome::Unconfirmed, 423));
    assert_eq!(answer.to_store, None);

    let mut accept = |note: &Note| {
        store.accept_cosigned(&organisation(), &witness(), note.to_string().as_bytes())
    };
    let mut note = honest.sign(&log());
    assert!(matches!(accept(&note), Err(AcceptError::NotCosigned)));
    note.add(cosignature);
    let (origin, seen) = accept(&note).unwrap();
    assert_eq!((origin.as_str(), seen.size, seen.root), (WATCHED, 1, honest.root()));
    assert_eq!(ask(&mut store, 1, &other).outcome, Outcome::Forked);
    assert_eq!(ask(&mut store, 1, &honest).outcome, Outcome::Cosigned);
}

#[test]
fn an_older_checkpoint_than_the_backup_knows_is_not_accepted() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let empty = Checkpoint::new(WATCHED, 0, Frontier::default().root()).unwrap();
    let answer = ask(&mut store, 0, &empty);
    let mut older = empty.sign(&log());
    older.add(line(&store, &empty, &answer));
    assert_eq!(ask(&mut store, 0, &checkpoint(b"honest")).outcome, Outcome::Cosigned);
    let accepted = store.accept_cosigned(&organisation(), &witness(), older.to_string().as_bytes());
    assert!(matches!(accepted, Err(AcceptError::Older { size: 1 })));
    for bad in [&b""[..], b"no note"] {
        let accepted = store.accept_cosigned(&organisation(), &witness(), bad);
        assert!(matches!(accepted, Err(AcceptError::NotACheckpoint)));
    }
}

#[test]
fn a_witness_with_a_new_key_under_its_name_is_kept_beside_the_old() {
    use portcullis_audit::Cosigner;
    use portcullis_store::StoreError;
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (log, size, note) = store
        .read_logs(&organisation(), |view| -> Result<_, StoreError> {
            let log = view.current()?.unwrap();
            let size = view.size(&log)?;
            let note = view.checkpoint(&log, size)?.unwrap().note;
            Ok((log, size, note))
        })
        .unwrap();
    let head: Checkpoint = Note::parse(note.as_bytes()).unwrap().text().parse().unwrap();
    for seed in [4, 5, 5] {
        let line = Cosigner::new(witness(), &[seed; 32]).cosign(1_740_900_000, &head);
        store.add_cosignatures(&organisation(), &log, size, &[line]).unwrap();
    }
    let kept = store.read_logs(&organisation(), |view| view.checkpoint(&log, size)).unwrap();
    let kept = Note::parse(kept.unwrap().note.as_bytes()).unwrap();
    assert_eq!(kept.signatures().len(), 3, "that of the log and one by each key");
}
