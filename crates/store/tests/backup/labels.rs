//! What is hidden stays hidden in a restored store.

use crate::world::{Home, back_up, order, organisation, restoring};
use portcullis_decide::{RaisedPair, raise};
use portcullis_store::{Database, TransactionName};
use portcullis_testkit::postgres::PostgresServer;
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{Label, Level, Property, Purpose, Score};
use std::io::Cursor;

fn show(store: &mut Database, seed: u64, label: &Label) {
    let query = dossier("q.csv", &seed.to_string(), &[(Property::Name, "Orsolya Testwick")]);
    let listed = dossier("a-list", &seed.to_string(), &[(Property::Name, "Orsolia Testwicke")]);
    let pair = RaisedPair::of(organisation(), Purpose::ScreenDonor, &query, &listed, Score(0.9));
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(seed));
    let change = raise(&clock, &mut rng, organisation(), Purpose::ScreenDonor, vec![pair]).unwrap();
    let change = change.labelled(label);
    store.write(TransactionName("tests"), |w| w.put_raised(&change)).unwrap();
}

/// What somebody sees who may read open things alone, and what there is in all.
fn seen(store: &mut Database) -> (usize, usize) {
    let low = store.labels(&organisation()).unwrap().visible(|label| *label == Label::open());
    let shown = store.view(&low, |v| v.alerts(&organisation(), None, 10)).unwrap();
    let all = store.read(|r| r.alerts(&organisation(), None, 10)).unwrap();
    (shown.len(), all.len())
}

#[test]
fn labels_come_back_with_what_bears_them_on_either_engine() {
    let home = Home::new();
    let mut store = home.open();
    let secret = Label { level: Level(2), ..Label::open() };
    show(&mut store, 1, &Label::open());
    show(&mut store, 2, &secret);
    assert_eq!(seen(&mut store), (1, 2));
    let (backup, _) = back_up(&mut store);
    let restored = Home::with_keyring_of(&home);
    restored.restore(&backup).unwrap();
    let mut store = restored.open();
    assert_eq!(seen(&mut store), (1, 2));
    // One that comes to be afterwards is another, and an equal one is not.
    show(&mut store, 3, &secret);
    assert_eq!(store.labels(&organisation()).unwrap().iter().count(), 1);
    let Some(server) = PostgresServer::shared() else { return };
    let address = server.database();
    restoring(&order(), &mut |_| {}, |restoring| {
        restoring.into_postgres(&address, home.place(), &mut Cursor::new(&backup)).unwrap();
    });
    let rng = Box::new(SeededRng::new(7));
    let mut store = Database::open_postgres(&address, home.place(), rng).unwrap();
    assert_eq!(seen(&mut store), (1, 2));
}
