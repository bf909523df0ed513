//! A restored store reads like the one that was backed up.

use crate::world::{
    Home, PLANTED, back_up, contains, decide, erase_first_decision, everything, fill, order,
    organisation, randomness, restoring, unpacked,
};
use portcullis_keys::{Keyring, ShreddedList};
use portcullis_store::{
    BackupReadError, Closeness, Database, RestoreError, RestoreOrder, Soundness, StoreError,
    verify_backup,
};
use portcullis_testkit::postgres::PostgresServer;
use std::io::Cursor;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

#[test]
fn a_restored_store_reads_like_the_one_that_was_backed_up() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, summary) = back_up(&mut store);
    let (expected, events) = everything(&mut store);

    let new = Home::with_keyring_of(&home);
    let restored = new.restore(&backup).unwrap();
    assert_eq!(restored.backup, summary);
    assert_eq!(restored.erased, 0);
    let (found, found_events) = everything(&mut new.open());
    assert_eq!(found, expected);
    // The restore itself is told after everything else.
    let (before, after) = found_events.split_at(events.len());
    assert_eq!(before, events);
    let kinds: Vec<&str> = after.iter().map(|event| event.kind.as_str()).collect();
    assert_eq!(kinds, ["log.opened", "store.restored"]);
}

#[test]
fn a_restored_store_can_be_written_to() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    let new = Home::with_keyring_of(&home);
    new.restore(&backup).unwrap();
    let mut restored = new.open();
    fill_again(&mut restored);
    let count = |store: &mut Database| everything(store).1.len();
    assert_eq!(count(&mut restored), count(&mut store) + 3);
}

fn fill_again(store: &mut Database) {
    decide(store);
}

// THREATS T-03: a copy that was taken in the middle of a change would hold state without its event.
#[test]
fn a_backup_while_two_write_is_one_moment() {
    let home = Home::new();
    fill(&mut home.open());
    let stop = AtomicBool::new(false);
    let backups = thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut store = home.open();
                while !stop.load(Ordering::Relaxed) {
                    decide(&mut store);
                }
            });
        }
        let mut store = home.open();
        let backups: Vec<_> = (0..5).map(|_| back_up(&mut store)).collect();
        stop.store(true, Ordering::Relaxed);
        backups
    });
    let mut before = 0;
    for (backup, summary) in backups {
        let new = Home::with_keyring_of(&home);
        new.restore(&backup).unwrap();
        let mut store = new.open();
        let events = everything(&mut store).1;
        let decided = events.iter().filter(|e| e.kind.as_str() == "screening.decision.recorded");
        let decisions = store.read(|r| r.decisions(&organisation())).unwrap();
        assert_eq!(decided.count(), decisions.len());
        let rows = summary.rows.iter().find(|(name, _)| *name == "decision").unwrap().1;
        assert_eq!(u64::try_from(decisions.len()).unwrap(), rows);
        assert!(rows >= before);
        before = rows;
    }
}

// THREATS T-18: what was erased stays erased, whatever is restored.
#[test]
fn what_was_erased_after_the_backup_stays_erased() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    erase_first_decision(&mut store);
    let decisions = |store: &mut Database| store.read(|r| r.decisions(&organisation())).unwrap();
    let left = decisions(&mut store);

    let new = Home::with_keyring_of(&home);
    let restored = new.restore(&backup).unwrap();
    assert_eq!(restored.erased, 1);
    let mut store = new.open();
    assert_eq!(decisions(&mut store), left);
    // Nor is anything of it left for later: the new backup doesn't hold the sealed cells either.
    let (again, _) = back_up(&mut store);
    let newer = Home::with_keyring_of(&new);
    assert_eq!(newer.restore(&again).unwrap().erased, 0);
    assert_eq!(decisions(&mut newer.open()), left);
}

#[test]
fn with_an_old_copy_of_the_keyring_the_list_held_elsewhere_erases_again() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    let old = Home::with_keyring_of(&home);
    erase_first_decision(&mut store);
    let left = store.read(|r| r.decisions(&organisation())).unwrap();
    let list = list_of(&home);

    let order = RestoreOrder { shredded: Some(&list), ..order() };
    assert_eq!(old.restore_as(&backup, &order).unwrap().erased, 1);
    let mut store = old.open();
    assert_eq!(store.read(|r| r.decisions(&organisation())).unwrap(), left);
}

fn keyring_of(home: &Home) -> Keyring {
    let bytes = std::fs::read(home.keyring()).unwrap();
    Keyring::unlock(&bytes, &crate::world::unlock()).unwrap()
}

fn list_of(home: &Home) -> ShreddedList {
    keyring_of(home).shredded_list()
}

#[test]
fn the_list_of_another_keyring_is_refused_and_nothing_is_restored() {
    let (home, other) = (Home::new(), Home::new());
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    drop(other.open());
    let list = list_of(&other);
    let new = Home::with_keyring_of(&home);
    let order = RestoreOrder { shredded: Some(&list), ..order() };
    let error = new.restore_as(&backup, &order).unwrap_err();
    assert!(matches!(error, RestoreError::List(_)));
}

// THREATS T-13: a thief of the backup finds no name in it.
#[test]
fn no_planted_name_is_in_a_backup() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    let plain = unpacked(&backup);
    // What is not protected is found, so the search works.
    assert!(contains(&plain, "party-of-tests"));
    for name in PLANTED {
        for text in [name.to_owned(), name.to_lowercase()] {
            assert!(!contains(&plain, &text) && !contains(&backup, &text), "{text}");
        }
    }
}

// THREATS T-16: nor does anybody who keeps every backup.
#[test]
fn a_keyring_that_shredded_a_record_opens_none_of_its_cells_in_an_old_backup() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    erase_first_decision(&mut store);
    // Somebody who loads the backup with a program of their own, which leaves nothing out, has no
    // more than this keyring.
    let keyring = keyring_of(&home);
    let shredded = keyring.shredded().next().unwrap();
    let number = portcullis_keys::RecordNumber::new(*shredded.start()).unwrap();
    let mut tried = 0;
    for (table, id, cells) in sealed_cells(&unpacked(&backup), *shredded.start()) {
        for (column, cell) in cells {
            let place = portcullis_keys::Place { table, row: &id, column };
            let opened = keyring.open(number, &place, &cell);
            assert!(matches!(opened, Err(portcullis_keys::OpenError::Shredded { .. })));
            tried += 1;
        }
    }
    // The event, and five cells of the decision.
    assert_eq!(tried, 6);
}

// THREATS T-14
#[test]
fn no_key_is_in_a_backup() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let plain = unpacked(&back_up(&mut store).0);
    let keyring = keyring_of(&home);
    let has = |bytes: &[u8]| plain.windows(bytes.len()).any(|window| window == bytes);
    // What is known of the keyring is found, so the search works.
    assert!(has(&keyring.blind("store/identity", b"")));
    let keys = [keyring.log_seed(), keyring.cosign_seed(), keyring.decoy_key()];
    assert!(keys.iter().all(|key| !has(&key[..])));
    assert!(!has(&[7; 32]), "the key of the keyring's file");
}

type Sealed = (&'static str, Vec<u8>, Vec<(&'static str, Vec<u8>)>);

/// The sealed cells of a record among the bytes of an unpacked backup, found by the form of a row:
/// an array of 8 for an event, of 19 for a decision (RFC 8949).
fn sealed_cells(bytes: &[u8], record: u64) -> Vec<Sealed> {
    let mut found = Vec::new();
    for at in 0..bytes.len() {
        let mut decoder = minicbor::Decoder::new(&bytes[at..]);
        let sealed: &[(usize, &'static str)] = match decoder.array() {
            Ok(Some(8)) => &[(5, "sealed")],
            Ok(Some(19)) => &[
                (8, "reason"),
                (9, "query_name"),
                (10, "record_name"),
                (11, "query_mark"),
                (12, "record_mark"),
            ],
            _ => continue,
        };
        let table = if sealed.len() == 1 { "event" } else { "decision" };
        let Ok(_) = decoder.u64() else { continue };
        let Ok(id) = decoder.bytes().map(<[u8]>::to_vec) else { continue };
        if id.len() != 16 || decoder.str().is_err() || decoder.u64().ok() != Some(record) {
            continue;
        }
        let mut cells = Vec::new();
        for place in 4..19 {
            if let Some((_, column)) = sealed.iter().find(|(at, _)| *at == place) {
                cells.push((*column, decoder.bytes().unwrap().to_vec()));
            } else if decoder.skip().is_err() {
                break;
            }
        }
        found.push((table, id, cells));
    }
    found
}

#[test]
fn no_number_of_a_record_is_given_twice() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    // Records that the backup doesn't know, and whose numbers nobody may get.
    (0..5).for_each(|_| decide(&mut store));
    let new = Home::with_keyring_of(&home);
    let first = new.restore(&backup).unwrap().first_record;
    // Two to the 28 beyond the last of the backup, of which there are fewer than a hundred.
    assert!((268_435_456..268_435_556).contains(&first), "{first}");
    let mut store = new.open();
    let numbers: Vec<u64> = [first, first + 1]
        .into_iter()
        .filter(|number| {
            let number = portcullis_decide::RecordNumber::new(*number).unwrap();
            store.read(|r| r.record(&organisation(), number)).unwrap().is_some()
        })
        .collect();
    // Those of the two events of the restore.
    assert_eq!(numbers, [first, first + 1]);
}

#[test]
fn a_store_is_not_restored_over_another() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    let before = everything(&mut store);
    drop(store);
    assert!(matches!(home.restore(&backup).unwrap_err(), RestoreError::NotEmpty));
    assert_eq!(everything(&mut home.open()), before);
}

#[test]
fn a_backup_is_restored_with_its_own_keyring_only() {
    let (home, other) = (Home::new(), Home::new());
    let mut store = home.open();
    fill(&mut store);
    let (backup, summary) = back_up(&mut store);
    drop(other.open());
    let new = Home::with_keyring_of(&other);
    let error = new.restore(&backup).unwrap_err();
    assert!(matches!(error, RestoreError::Backup(BackupReadError::OfAnother)));
    assert!(!new.path().exists());
    assert!(summary.check(&keyring_of(&home)).is_ok());
}

#[test]
fn a_keyring_older_than_the_backup_is_refused() {
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let old = Home::with_keyring_of(&home);
    erase_first_decision(&mut store);
    let (backup, _) = back_up(&mut store);
    let error = old.restore(&backup).unwrap_err();
    assert!(matches!(
        error,
        RestoreError::Store(StoreError::Keyring(portcullis_store::KeyringError::Old { .. }))
    ));
}

#[test]
fn a_store_goes_from_one_database_to_the_other_and_back() {
    let Some(server) = PostgresServer::shared() else { return };
    let home = Home::new();
    let mut store = home.open();
    fill(&mut store);
    let (backup, _) = back_up(&mut store);
    let expected = everything(&mut store);

    let address = server.database();
    let order = order();
    restoring(&order, &mut |_| {}, |restoring| {
        restoring.into_postgres(&address, home.place(), &mut Cursor::new(&backup)).unwrap();
    });
    let mut there =
        Database::open_postgres(&address, home.place(), Box::new(randomness())).unwrap();
    let moved = everything(&mut there);
    assert_eq!(moved.0, expected.0);
    assert_eq!(moved.1[..expected.1.len()], expected.1);
    let now = crate::world::us(&crate::world::later(24));
    let findings = there.examine(&organisation(), now, Closeness::EveryRow, &mut |_| {});
    assert!(findings.iter().all(|f| f.soundness != Soundness::Broken), "{findings:#?}");
    // Its counters go on, too.
    decide(&mut there);
    let moved = everything(&mut there);

    let (backup, summary) = back_up(&mut there);
    assert_eq!(summary.header.engine, "PostgreSQL");
    assert!(verify_backup(Cursor::new(&backup), &mut |_| {}).is_ok());
    let back = Home::with_keyring_of(&home);
    back.restore(&backup).unwrap();
    let mut here = back.open();
    let found = everything(&mut here);
    assert_eq!(found.0, moved.0);
    assert_eq!(found.1[..moved.1.len()], moved.1);
    decide(&mut here);

    // There is something now.
    let again = restoring(&order, &mut |_| {}, |restoring| {
        restoring.into_postgres(&address, home.place(), &mut Cursor::new(&backup))
    });
    assert!(matches!(again.unwrap_err(), RestoreError::NotEmpty));
}
