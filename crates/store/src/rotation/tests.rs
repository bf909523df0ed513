use super::*;

/// What is rotated and what is erased must be the same cells: one left out would be lost with the
/// generation that it is sealed under.
#[test]
fn every_sealed_cell_is_sealed_anew() {
    let names = |tables: &[&'static str]| tables.to_vec();
    let sealed: Vec<_> = SEALED.iter().map(|table| table.name).collect();
    let rotated: Vec<_> = ROTATED.iter().map(|table| table.table).collect();
    assert_eq!(names(&sealed), names(&rotated));
    for (sealed, rotated) in SEALED.iter().zip(ROTATED) {
        for (number, column) in (4..).zip(sealed.columns) {
            assert!(rotated.put.contains(&format!("{column} = ${number}")), "{}", sealed.name);
            assert!(rotated.page.contains(column), "{}", sealed.name);
        }
        for column in [sealed.id, sealed.record] {
            assert!(rotated.page.contains(column), "{}", sealed.name);
        }
    }
}

fn open(folder: &std::path::Path) -> Database {
    use crate::KeyringPlace;
    let unlock = Unlock::KeyFile(zeroize::Zeroizing::new([7; 32]));
    let keyring = KeyringPlace::new(folder.join("keyring"), unlock);
    let rng = Box::new(portcullis_testkit::SeededRng::new(1));
    Database::open_sqlite(&folder.join("store.db"), keyring, rng).unwrap()
}

/// What a crash leaves after the first step: the intention, and a keyring as it was, or after the
/// second step as it is to be.
fn intend(store: &mut Database, value: [u8; 5]) {
    store
        .transact(TransactionName("tests"), |open| {
            open.execute(
                "INSERT INTO setting (name, value, written_by) VALUES ($1, $2, 'tests')",
                &[INTENT.into(), (&value).into()],
            )
        })
        .map_err(|error: StoreError| error)
        .unwrap();
}

#[test]
fn what_a_crash_left_half_done_with_the_keyring_is_done_by_the_next_who_opens_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    assert_eq!(store.keyring_state().generations, [1]);
    intend(&mut store, [0, 0, 0, 0, 2]);
    drop(store);
    let mut store = open(folder.path());
    assert_eq!(store.keyring_state().generations, [1, 2]);
    // The keyring was changed and the intention not yet taken away: nothing is done twice.
    intend(&mut store, [0, 0, 0, 0, 2]);
    drop(store);
    let mut store = open(folder.path());
    assert_eq!(store.keyring_state().generations, [1, 2]);
    intend(&mut store, [1, 0, 0, 0, 1]);
    drop(store);
    let mut store = open(folder.path());
    assert_eq!(store.keyring_state().generations, [2]);
    assert_eq!(store.look(intent).unwrap(), None);
}

#[test]
fn only_what_was_carried_out_is_taken_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    intend(&mut store, [0, 0, 0, 0, 2]);
    // While this one is at the keyring, another finishes it and intends the next.
    let mut other = open(folder.path());
    intend(&mut other, [0, 0, 0, 0, 3]);
    let done = Intent { destroys: false, generation: 2 };
    store.take_away(done).unwrap();
    let next = Intent { destroys: false, generation: 3 };
    assert_eq!(store.look(super::intent).unwrap(), Some(next));
}

fn change(deed: KeyDeed, generation: u32) -> Change<ChangedKeys> {
    let organisation = portcullis_types::OrganisationId::new("party-of-tests").unwrap();
    let officer = portcullis_types::OfficerId::new("q.examplesson").unwrap();
    let changed = ChangedKeys { organisation, deed, generation };
    let clock = portcullis_testkit::MockClock::default();
    let mut rng = portcullis_testkit::SeededRng::new(u64::from(generation) + 7);
    portcullis_decide::change_keys(&clock, &mut rng, officer, changed).unwrap()
}

/// An earlier program doesn't know what the tables of a later one have sealed.
#[test]
fn keys_are_not_rotated_or_destroyed_by_a_program_that_may_not_know_every_table() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.begin_generation(&change(KeyDeed::Rotated, 2)).unwrap();
    store.reseal(|_| true).unwrap();
    let later = |open: &mut Open<'_>| -> Result<u64, StoreError> {
        let sql = "INSERT INTO schema_version (version, works_with) VALUES (99, 1)";
        open.execute(sql, &[])
    };
    store.transact(TransactionName("tests"), later).unwrap();
    let refused = |error: &StoreError| matches!(error, StoreError::NewerSchema { found: 99, .. });
    let error = store.destroy_generation(&change(KeyDeed::Destroyed, 1)).unwrap_err();
    assert!(matches!(&error, RotationError::Store(error) if refused(error)), "{error:?}");
    let error = store.begin_generation(&change(KeyDeed::Rotated, 3)).unwrap_err();
    assert!(matches!(&error, RotationError::Store(error) if refused(error)), "{error:?}");
    assert!(refused(&store.reseal(|_| true).unwrap_err()));
    assert_eq!(store.keyring_state().generations, [1, 2]);
}
