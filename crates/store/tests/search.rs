//! Finding names among what is sealed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod common;

use common::{Place, TEST, decided, officer, organisation};
use portcullis_decide::{ErasureDuty, OfficerBasis, RaisedPair, erase, raise};
use portcullis_store::{Database, NameIndex, Named};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{EventId, OrganisationId, Property, Purpose, Score};
use std::time::Instant;

suite! {
    a_name_is_found_whatever_its_case_and_accents,
    what_happened_since_is_found_once_the_index_is_brought_up_to_date,
    a_pair_shown_again_is_found_once,
    another_organisation_finds_nothing,
    what_was_erased_leaves_the_index,
}

fn decide(store: &mut Database, seed: u64, name: &str) -> EventId {
    let change = decided(&MockClock::default(), seed, name, "thirteen years apart");
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
    change.state().id
}

fn pair(name: &str) -> RaisedPair {
    let query = dossier("q.csv", "2", &[(Property::Name, name)]);
    let listed = dossier("a-list", "R1", &[(Property::Name, "Barnabas Nobodyson")]);
    RaisedPair::of(organisation(), Purpose::ScreenDonor, &query, &listed, Score(0.9))
}

fn show(store: &mut Database, seed: u64, names: &[&str]) {
    let pairs = names.iter().map(|name| pair(name)).collect();
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(seed));
    let change = raise(&clock, &mut rng, organisation(), Purpose::ScreenDonor, pairs).unwrap();
    store.write(TEST, |w| w.put_raised(&change)).unwrap();
}

fn index(store: &mut Database) -> NameIndex {
    let mut index = NameIndex::new(organisation());
    index.refresh(store).unwrap();
    index
}

fn a_name_is_found_whatever_its_case_and_accents(place: &impl Place) {
    let mut store = place.open();
    let id = decide(&mut store, 1, "Orsolya Őrsi-Testwick");
    show(&mut store, 2, &["Barnaby Nobodyson"]);
    let index = index(&mut store);
    for text in ["orsi", "TESTWICK orsolya", "Örsi testw", "testwick"] {
        let found = index.find(text);
        assert_eq!(found, [Named::Decision(id)], "{text}");
    }
    let raised = [Named::Raised(pair("Barnaby Nobodyson").reference())];
    assert_eq!(index.find("barnaby"), raised);
    // Words must stand in one name: of the record, too, but not one in each.
    assert_eq!(index.find("barnabas nobodyson"), raised);
    assert!(index.find("barnaby barnabas").is_empty());
    for nothing in ["", " - ", "nobody else"] {
        assert!(index.find(nothing).is_empty(), "{nothing}");
    }
}

fn what_happened_since_is_found_once_the_index_is_brought_up_to_date(place: &impl Place) {
    let mut store = place.open();
    decide(&mut store, 1, "Orsolya Testwick");
    let mut index = index(&mut store);
    let id = decide(&mut store, 2, "Quillon Examplesson");
    show(&mut store, 3, &["Barnaby Nobodyson", "Ottoline Nobodyson"]);
    assert!(index.find("quillon").is_empty());
    index.refresh(&mut store).unwrap();
    assert_eq!(index.find("quillon"), [Named::Decision(id)]);
    assert_eq!(index.find("barnaby").len() + index.find("ottoline").len(), 2);
    assert_eq!(index.len(), 4);
    index.refresh(&mut store).unwrap();
    assert_eq!(index.len(), 4);
}

fn a_pair_shown_again_is_found_once(place: &impl Place) {
    let mut store = place.open();
    show(&mut store, 1, &["Barnaby Nobodyson"]);
    let mut index = index(&mut store);
    show(&mut store, 2, &["Barnaby Nobodyson"]);
    index.refresh(&mut store).unwrap();
    assert_eq!(index.find("barnaby").len(), 1);
}

/// On a server the one that began first may end last, and its position is the lower one.
#[test]
fn what_was_begun_before_and_kept_after_another_is_found() {
    let Some(place) = common::PostgresPlace::new() else { return };
    let (mut slow, mut quick, mut reader) = (place.open(), place.open(), place.open());
    decide(&mut quick, 1, "Orsolya Testwick");
    let mut index = index(&mut reader);
    let clock = MockClock::default();
    let late = decided(&clock, 2, "Quillon Examplesson", "thirteen years apart");
    let mut tries = 0;
    slow.write(TEST, |w| {
        w.put_decision(&late)?;
        tries += 1;
        if tries == 1 {
            decide(&mut quick, 3, "Barnaby Nobodyson");
            index.refresh(&mut reader)?;
        }
        Ok::<_, portcullis_store::StoreError>(())
    })
    .unwrap();
    assert_eq!(tries, 1, "the position must be the lower one");
    assert_eq!((index.find("barnaby").len(), index.find("quillon").len()), (1, 0));
    index.refresh(&mut reader).unwrap();
    assert_eq!(index.find("quillon"), [Named::Decision(late.state().id)]);
    index.refresh(&mut reader).unwrap();
    assert_eq!(index.len(), 3);
}

fn another_organisation_finds_nothing(place: &impl Place) {
    let mut store = place.open();
    decide(&mut store, 1, "Orsolya Testwick");
    let mut index = NameIndex::new(OrganisationId::new("another-party").unwrap());
    index.refresh(&mut store).unwrap();
    assert!(index.is_empty());
    assert_eq!(format!("{index:?}"), "NameIndex { names: 0, .. }");
}

// THREATS T-16: a name that was erased is not found in memory either.
fn what_was_erased_leaves_the_index(place: &impl Place) {
    let mut store = place.open();
    decide(&mut store, 1, "Orsolya Testwick");
    show(&mut store, 2, &["Orsolya Testwick"]);
    let stays = decide(&mut store, 3, "Quillon Examplesson");
    let mut index = index(&mut store);
    assert_eq!(index.find("orsolya").len(), 2);
    let mut other = place.open();
    let (mut records, _) = other
        .read(|r| r.due_records(&organisation(), "9999-12-31".parse().unwrap(), None))
        .map_err(|error: portcullis_store::StoreError| error)
        .unwrap();
    // All but that of the last decision, which was opened last.
    records.sort_by_key(|record| record.number.value());
    records.pop();
    let basis =
        OfficerBasis::Duty { duty: ErasureDuty::Objection, case: "sar-2026-014".parse().unwrap() };
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(9));
    let changes = erase(&clock, &mut rng, &officer(), basis, &records, None).unwrap();
    other.write(TEST, |w| changes.iter().try_for_each(|change| w.erase(change))).unwrap();
    index.refresh(&mut store).unwrap();
    assert!(index.find("orsolya").is_empty());
    assert_eq!(index.find("quillon"), [Named::Decision(stays)]);
    assert_eq!(index.len(), 1);
}

/// Prints how long it takes; run by hand with `--ignored --nocapture`, optimised.
#[test]
#[ignore = "measures, and asserts nothing of time: cargo test --release -p portcullis-store --test search -- --ignored --nocapture"]
fn a_hundred_thousand_names_are_opened_in() {
    let place = common::SqlitePlace::new().unwrap();
    let mut store = place.open();
    let mut seed = 0;
    for _ in 0..200 {
        store
            .write(TEST, |w| {
                for _ in 0..500 {
                    seed += 1;
                    let name = format!("Orsolya Testwick {seed}");
                    w.put_decision(&decided(&MockClock::default(), seed, &name, "years apart"))?;
                }
                Ok::<_, portcullis_store::StoreError>(())
            })
            .unwrap();
    }
    let begun = Instant::now();
    let mut index = index(&mut store);
    println!("built over {} decisions in {:?}", index.len(), begun.elapsed());
    let begun = Instant::now();
    assert_eq!(index.find("testwick 77777").len(), 1);
    println!("found in {:?}", begun.elapsed());
    decide(&mut store, 1_000_000, "Quillon Examplesson");
    let begun = Instant::now();
    index.refresh(&mut store).unwrap();
    println!("brought up to date in {:?}", begun.elapsed());
    assert_eq!(index.find("quillon").len(), 1);
}
