//! Beginning new keys and sealing everything anew, while others read and write.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::{Place, SqlitePlace, TEST, decided, officer, open_sqlite, organisation, unlock};
use portcullis_decide::{ChangedKeys, KeyDeed, RaisedPair, change_keys, raise};
use portcullis_keys::Keyring;
use portcullis_store::{Database, KeyringError, KeyringPlace, RotationError, StoreError};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{Property, Purpose, Rng, Score};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

suite! {
    what_is_read_while_keys_are_rotated_is_right_at_every_step,
    readers_who_never_stop_see_everything_through_many_rotations,
    a_rotation_that_is_cut_off_goes_on_where_it_was,
    writers_on_other_connections_go_on_and_seal_under_the_new_keys,
    a_generation_is_destroyed_only_when_nothing_needs_it,
    two_who_rotate_at_once_do_not_begin_the_same_generation,
}

fn change(deed: KeyDeed, generation: u32, seed: u64) -> portcullis_decide::Change<ChangedKeys> {
    let changed = ChangedKeys { organisation: organisation(), deed, generation };
    change_keys(&MockClock::default(), &mut SeededRng::new(seed), officer(), changed).unwrap()
}

fn put(store: &mut Database, seed: u64) {
    let name = format!("Orsolya Testwick {seed}");
    let change = decided(&MockClock::default(), seed, &name, "thirteen years apart");
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
}

fn show(store: &mut Database, seed: u64) {
    let query = dossier("q.csv", "2", &[(Property::Name, "Barnaby Nobodyson")]);
    let listed = dossier("a-list", "R1", &[(Property::Name, "Barnabas Nobodyson")]);
    let pair = RaisedPair::of(organisation(), Purpose::ScreenDonor, &query, &listed, Score(0.9));
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(seed));
    let change = raise(&clock, &mut rng, organisation(), Purpose::ScreenDonor, vec![pair]).unwrap();
    store.write(TEST, |w| w.put_raised(&change)).unwrap();
}

/// The names of all decisions, and what all events are.
fn kept(store: &mut Database) -> (Vec<String>, usize) {
    store
        .read(|r| {
            let decisions = r.decisions(&organisation())?;
            let names = decisions.iter().map(|d| d.judgement.query_name.reveal().to_owned());
            Ok::<_, StoreError>((names.collect(), r.events(&organisation())?.len()))
        })
        .unwrap()
}

fn what_is_read_while_keys_are_rotated_is_right_at_every_step(place: &impl Place) {
    let (mut store, mut other) = (place.open(), place.open());
    for seed in 1..=310 {
        put(&mut store, seed);
    }
    show(&mut store, 900);
    let (names, events) = kept(&mut other);
    store.begin_generation(&change(KeyDeed::Rotated, 2, 1_001)).unwrap();
    assert_eq!(kept(&mut other), (names.clone(), events + 1));
    let mut steps = 0;
    let done = store
        .reseal(|done| {
            steps += 1;
            assert!(done.rows <= done.of_rows);
            assert_eq!(kept(&mut other), (names.clone(), events + 1));
            true
        })
        .unwrap();
    assert!(steps > 4, "{steps}");
    assert_eq!(done.rows, done.of_rows);
    // Five cells of each decision, four of the pair, one of each event: that which tells of the
    // rotation is written before it.
    assert_eq!(done.cells, 310 * 5 + 4 + 312);
    assert_eq!(store.sealed_under(1).unwrap(), 0);
    assert_eq!(store.reseal(|_| true).unwrap().cells, 0, "nothing is sealed anew twice");
    store.destroy_generation(&change(KeyDeed::Destroyed, 1, 1_002)).unwrap();
    assert_eq!(kept(&mut other), (names, events + 2));
    assert_eq!(other.keyring_state().generations, [2]);
}

fn readers_who_never_stop_see_everything_through_many_rotations(place: &impl Place) {
    const DECISIONS: u64 = 20;
    const ROTATIONS: u32 = 6;
    let mut store = place.open();
    for seed in 1..=DECISIONS {
        put(&mut store, seed);
    }
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut reader = place.open();
            while !done.load(Ordering::Relaxed) {
                assert_eq!(kept(&mut reader).0.len(), 20);
            }
        });
        for generation in 2..2 + ROTATIONS {
            let seed = 2_000 + u64::from(generation);
            store.begin_generation(&change(KeyDeed::Rotated, generation, seed)).unwrap();
            store.reseal(|_| true).unwrap();
            let destroyed = change(KeyDeed::Destroyed, generation - 1, 1_000 + seed);
            store.destroy_generation(&destroyed).unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
}

fn a_rotation_that_is_cut_off_goes_on_where_it_was(place: &impl Place) {
    let mut store = place.open();
    for seed in 1..=320 {
        put(&mut store, seed);
    }
    let before = kept(&mut store).0;
    store.begin_generation(&change(KeyDeed::Rotated, 2, 1_001)).unwrap();
    let first = store.reseal(|done| done.rows < 300).unwrap();
    drop(store);
    let mut store = place.open();
    assert_eq!(kept(&mut store).0, before);
    let left = store.sealed_under(1).unwrap();
    assert!(left > 0 && first.cells > 0);
    let second = store.reseal(|_| true).unwrap();
    assert_eq!(second.cells, left);
    assert_eq!(kept(&mut store).0, before);
    assert_eq!(store.sealed_under(1).unwrap(), 0);
}

fn writers_on_other_connections_go_on_and_seal_under_the_new_keys(place: &impl Place) {
    let mut store = place.open();
    for seed in 1..=100 {
        put(&mut store, seed);
    }
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (1..=2_u64)
            .map(|writer| {
                let stop = &stop;
                scope.spawn(move || {
                    let mut store = place.open();
                    let mut written = 0;
                    while !stop.load(Ordering::Relaxed) {
                        written += 1;
                        put(&mut store, writer * 10_000 + written);
                    }
                    written
                })
            })
            .collect();
        for generation in 2..=3 {
            let seed = 1_000 + u64::from(generation);
            store.begin_generation(&change(KeyDeed::Rotated, generation, seed)).unwrap();
            store.reseal(|_| true).unwrap();
            // Whatever was written meanwhile is sealed under the new keys.
            assert_eq!(store.sealed_under(generation - 1).unwrap(), 0);
            let destroyed = change(KeyDeed::Destroyed, generation - 1, seed + 100);
            store.destroy_generation(&destroyed).unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        let written: u64 = writers.into_iter().map(|writer| writer.join().unwrap()).sum();
        assert!(written > 0);
        assert_eq!(kept(&mut store).0.len() as u64, 100 + written);
    });
}

fn a_generation_is_destroyed_only_when_nothing_needs_it(place: &impl Place) {
    let mut store = place.open();
    put(&mut store, 1);
    let destroy = |store: &mut Database, generation, seed| {
        store.destroy_generation(&change(KeyDeed::Destroyed, generation, seed))
    };
    assert!(matches!(destroy(&mut store, 1, 11), Err(RotationError::Destroy(_))));
    store.begin_generation(&change(KeyDeed::Rotated, 2, 12)).unwrap();
    // Five cells of the decision, one of its event and one of the event of the rotation.
    assert!(matches!(
        destroy(&mut store, 1, 13),
        Err(RotationError::StillNeeded { generation: 1, cells: 7 })
    ));
    assert!(matches!(destroy(&mut store, 3, 14), Err(RotationError::Destroy(_))));
    store.reseal(|_| true).unwrap();
    destroy(&mut store, 1, 15).unwrap();
    let kinds: Vec<String> = store
        .read(|r| r.events(&organisation()))
        .map_err(|error: StoreError| error)
        .unwrap()
        .iter()
        .map(|event| event.kind.to_string())
        .collect();
    assert_eq!(kinds[1..], ["keys.rotated", "keys.destroyed"], "what was refused has no event");
}

fn two_who_rotate_at_once_do_not_begin_the_same_generation(place: &impl Place) {
    let (mut store, mut other) = (place.open(), place.open());
    store.begin_generation(&change(KeyDeed::Rotated, 2, 1)).unwrap();
    let late = other.begin_generation(&change(KeyDeed::Rotated, 2, 2));
    assert!(matches!(late, Err(RotationError::Overtaken)), "{late:?}");
    assert_eq!(other.keyring_state().generations, [1, 2]);
}

/// Whoever changed the keyring was stopped before the store had seen it: another process already
/// seals under the new keys, and those with the old ones must notice.
#[test]
fn keys_that_the_store_has_not_seen_yet_are_told_by_whoever_uses_them_first() {
    let place = SqlitePlace::new().unwrap();
    let folder = place.0.path();
    let mut old = open_sqlite(folder);
    put(&mut old, 1);
    let file = folder.join("keyring");
    let mut keyring = Keyring::unlock(&std::fs::read(&file).unwrap(), &unlock()).unwrap();
    let mut rng = SeededRng::new(5);
    keyring.begin_generation(&mut |bytes| rng.fill(bytes));
    std::fs::write(&file, keyring.lock(&mut |bytes| rng.fill(bytes), &unlock())).unwrap();
    let mut new = open_sqlite(folder);
    put(&mut new, 2);
    assert_eq!(kept(&mut old).0, ["Orsolya Testwick 1", "Orsolya Testwick 2"]);
}

/// Two machines, each with its own copy of the keyring: whoever was not the last to use the store is
/// told so, and does not take for damage what the other sealed.
#[test]
fn copies_of_the_keyring_that_were_changed_apart_are_told_apart() {
    let place = SqlitePlace::new().unwrap();
    let folder = place.0.path();
    let mut store = open_sqlite(folder);
    put(&mut store, 1);
    let (file, copy) = (folder.join("keyring"), folder.join("copy"));
    std::fs::copy(&file, &copy).unwrap();
    store.begin_generation(&change(KeyDeed::Rotated, 2, 1_001)).unwrap();
    put(&mut store, 2);
    // The same is done to the copy, with other randomness.
    let mut keyring = Keyring::unlock(&std::fs::read(&copy).unwrap(), &unlock()).unwrap();
    let mut rng = SeededRng::new(77);
    keyring.begin_generation(&mut |bytes| rng.fill(bytes));
    std::fs::write(&copy, keyring.lock(&mut |bytes| rng.fill(bytes), &unlock())).unwrap();
    let apart = KeyringPlace::new(copy, unlock());
    let path = folder.join("store.db");
    let refused = Database::open_sqlite(&path, apart, Box::new(SeededRng::new(78)));
    assert!(
        matches!(refused, Err(StoreError::Keyring(KeyringError::Diverged { .. }))),
        "{refused:?}"
    );
    assert_eq!(kept(&mut store).0.len(), 2);
}
