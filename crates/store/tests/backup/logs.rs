//! The log after a restore.

use crate::world::{
    Home, ORIGIN, PER_INTERVAL, back_up, decide, fill, later, order, organisation, sequence, us,
};
use portcullis_audit::{
    Attested, LogLink, Note, Policy, ReasonCode, Receipt, Tree, VerifierKey, verify_export,
};
use portcullis_store::{Database, RestoreError, RestoreOrder, Sequencer, StoreError, Whereabouts};

const N: u64 = PER_INTERVAL as u64;

/// The checkpoint of a log of this number of leaves, and the key that signed it.
fn checkpoint(store: &mut Database, log: usize, size: u64) -> (String, VerifierKey) {
    store
        .read_logs(&organisation(), |view| -> Result<_, StoreError> {
            let log = view.logs()?.swap_remove(log);
            Ok((view.checkpoint(&log, size)?.unwrap().note, view.key(&log).unwrap()))
        })
        .unwrap()
}

fn sizes(store: &mut Database) -> Vec<u64> {
    store
        .read_logs(&organisation(), |view| -> Result<_, StoreError> {
            view.logs()?.iter().map(|log| view.size(log)).collect()
        })
        .unwrap()
}

fn whole(store: &mut Database, log: usize) -> bool {
    let size = sizes(store)[log];
    let (note, key) = checkpoint(store, log, size);
    let policy = Policy::parse(format!("log {key}\nquorum none\n").as_bytes()).unwrap();
    store
        .read_logs(&organisation(), |view| -> Result<_, StoreError> {
            let log = view.logs()?.swap_remove(log);
            Ok(verify_export(&view.tiles(&log), note.as_bytes(), &policy).is_ok())
        })
        .unwrap()
}

// THREATS T-18: others may have seen more of the log than the backup has.
#[test]
fn a_restore_opens_a_new_log_that_both_keys_tie_to_the_old_one() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    let new = Home::with_keyring_of(&home);
    let restored = new.restore(&backup).unwrap();
    let [log] = &restored.logs[..] else { panic!("{restored:?}") };
    assert_eq!((log.old.as_str(), log.size, log.witnessed, log.lost), (ORIGIN, N, None, 0));
    assert!(log.new.starts_with("party.example/log/restored-20250302-"), "{}", log.new);

    let mut store = new.open();
    let logs =
        store.read_logs(&organisation(), |view| -> Result<_, StoreError> { view.logs() }).unwrap();
    assert_eq!(logs.len(), 2);
    assert_eq!((logs[1].origin.as_str(), logs[1].link.as_ref()), (&*log.new, Some(&log.link)));
    let keys: Vec<VerifierKey> = store
        .read_logs(&organisation(), |view| -> Result<_, StoreError> {
            Ok(view.logs()?.iter().filter_map(|log| view.key(log)).collect())
        })
        .unwrap();
    let note = Note::parse(log.link.as_bytes()).unwrap();
    let (link, attested) = LogLink::open(&note, &keys[0], &keys[1]).unwrap();
    assert_eq!(attested, Attested::ByBoth);
    assert_eq!((link.restored.size, link.witnessed, link.reason), (N, None, ReasonCode::Restored));
}

#[test]
fn the_old_log_stays_verifiable_and_the_leaves_that_waited_go_into_the_new_one() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let events = store.read(|r| r.events(&organisation())).unwrap();
    let (backup, _) = back_up(&mut store);
    let new = Home::with_keyring_of(&home);
    let restored = new.restore(&backup).unwrap();
    // The last decision waited, and the two events of the restore do.
    assert_eq!(restored.logs[0].waiting, 2);

    let mut store = new.open();
    let now = us(&later(25));
    let mut rng = portcullis_testkit::SeededRng::new(3);
    let done = Sequencer::new(organisation(), &mut rng).attend(&mut store, now).unwrap();
    assert_eq!((done.real, done.waiting), (3, 0));
    assert_eq!(sizes(&mut store), [N, N]);
    assert!(whole(&mut store, 0) && whole(&mut store, 1));
    let place = |store: &mut Database, event: usize| {
        let id = events[event].id;
        store.read_logs(&organisation(), |view| view.whereabouts(id)).unwrap()
    };
    assert!(matches!(place(&mut store, 0), Whereabouts::InLog { log: 1, .. }));
    assert!(matches!(place(&mut store, events.len() - 1), Whereabouts::InLog { log: 2, .. }));
}

// THREATS T-18: whoever checks needs to name both logs, and a link signed twice with one key would
// be worth no more than one signature.
#[test]
fn one_policy_names_the_log_before_a_restore_and_the_one_after_it() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    let new = Home::with_keyring_of(&home);
    let link = new.restore(&backup).unwrap().logs.remove(0).link;
    let mut store = new.open();
    sequence(&mut store, 25);

    let (before, after) = (checkpoint(&mut store, 0, N), checkpoint(&mut store, 1, N));
    let policy = format!("log {}\nlog {}\nquorum none\n", before.1, after.1);
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    for (log, note) in [before.0, after.0].iter().enumerate() {
        let (path, entry) = store
            .read_logs(&organisation(), |view| -> Result<_, StoreError> {
                let log = view.logs()?.swap_remove(log);
                let path = Tree::new(&view.tiles(&log), N).inclusion(2).unwrap();
                Ok((path, view.leaf(&log, 2)?.unwrap().entry))
            })
            .unwrap();
        let checkpoint = Note::parse(note.as_bytes()).unwrap();
        let receipt = Receipt { extra: None, index: 2, path, checkpoint };
        receipt.verify(entry.as_bytes(), &policy).unwrap();
    }
    let signers = Note::parse(link.as_bytes()).unwrap();
    let material = |key: &VerifierKey| key.to_string().rsplit('+').next().unwrap().to_owned();
    assert_ne!(material(&before.1), material(&after.1));
    assert_eq!(signers.verify([&before.1, &after.1]).unwrap().len(), 2);
}

#[test]
fn two_restores_of_one_backup_never_share_a_log() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    let origins: Vec<String> = (0..2)
        .map(|_| Home::with_keyring_of(&home).restore(&backup).unwrap().logs.remove(0).new)
        .collect();
    assert_ne!(origins[0], origins[1]);
    // Nor does a name grow with each restore.
    let again = Home::with_keyring_of(&home);
    again.restore(&backup).unwrap();
    let (second, _) = back_up(&mut again.open());
    let log = Home::with_keyring_of(&again).restore(&second).unwrap().logs.remove(0);
    assert_eq!(log.new.matches("restored-").count(), 1, "{}", log.new);
}

#[test]
fn a_newer_checkpoint_that_somebody_holds_tells_what_is_lost() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    decide(&mut store);
    let size = sequence(&mut store, 3);
    assert_eq!(size, 3 * N);
    let (note, _) = checkpoint(&mut store, 0, size);

    let new = Home::with_keyring_of(&home);
    let order = RestoreOrder { witnessed: Some(&note), ..order() };
    let log = new.restore_as(&backup, &order).unwrap().logs.remove(0);
    assert_eq!((log.size, log.witnessed, log.lost), (N, Some(3 * N), 2 * N));
    let restored = new.open().read(|r| r.events(&organisation())).unwrap().pop().unwrap();
    let detail = |name| restored.details.get(name).cloned();
    assert_eq!(detail("log-size"), Some(N.into()));
    assert_eq!(detail("log-size-witnessed"), Some((3 * N).into()));
}

#[test]
fn an_older_checkpoint_of_the_same_log_is_taken_and_one_of_another_history_is_not() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let fork = Home::new();
    drop(store);
    crate::world::copy_store(home.0.path(), fork.0.path());
    let (mut store, mut forked) = (home.open(), fork.open());
    decide(&mut forked);
    sequence(&mut store, 3);
    sequence(&mut forked, 3);
    let (backup, _) = back_up(&mut store);
    let (earlier, _) = checkpoint(&mut store, 0, N);
    let (other, _) = checkpoint(&mut forked, 0, 2 * N);

    let taken = Home::with_keyring_of(&home)
        .restore_as(&backup, &RestoreOrder { witnessed: Some(&earlier), ..order() })
        .unwrap();
    assert_eq!((taken.logs[0].witnessed, taken.logs[0].lost), (Some(N), 0));
    let refused = Home::with_keyring_of(&home)
        .restore_as(&backup, &RestoreOrder { witnessed: Some(&other), ..order() })
        .unwrap_err();
    assert!(matches!(refused, RestoreError::Forked { size } if size == 2 * N), "{refused:?}");
}

#[test]
fn a_checkpoint_that_the_log_did_not_sign_is_refused_and_nothing_restored() {
    let (home, stranger) = (Home::new(), Home::new());
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    let mut strange = stranger.open();
    fill(&mut strange);
    let (note, _) = checkpoint(&mut strange, 0, N);
    let new = Home::with_keyring_of(&home);
    for text in [note.as_str(), "", "no note"] {
        let order = RestoreOrder { witnessed: Some(text), ..order() };
        let error = new.restore_as(&backup, &order).unwrap_err();
        assert!(matches!(error, RestoreError::NotWitnessed), "{error:?}");
        // Nothing was kept, so that the next try finds an empty place.
        let mut store = new.open();
        assert_eq!(store.read(|r| r.events(&organisation())).unwrap(), []);
        drop(store);
        for ending in ["", "-wal", "-shm", "-mark"] {
            let _ = std::fs::remove_file(new.0.path().join(format!("store.db{ending}")));
        }
    }
}

#[test]
fn a_proof_from_the_old_log_holds_after_the_restore() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    let new = Home::with_keyring_of(&home);
    new.restore(&backup).unwrap();
    let root = |store: &mut Database| {
        store
            .read_logs(&organisation(), |view| -> Result<_, StoreError> {
                let log = view.logs()?.swap_remove(0);
                let tiles = view.tiles(&log);
                Ok(Tree::new(&tiles, N).root().unwrap())
            })
            .unwrap()
    };
    assert_eq!(root(&mut new.open()), root(&mut store));
}
