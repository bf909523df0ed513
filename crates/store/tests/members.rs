//! The federation as the store keeps it, on each kind of store.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::{Place, SqlitePlace, TEST, organisation};
use portcullis_decide::members::{
    By, OwnOrganisation, PinnedMember, accept_list, establish, pin, vote,
};
use portcullis_federation::{
    Age, Card, Dated, History, ListSigner, Member, MemberKeys, MemberList, Moment, Offered,
    OwnKeys, Pins, SignedList,
};
use portcullis_keys::SealingKey;
use portcullis_store::{Closeness, Database, Soundness, StoreError};
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Body, Level, OfficerId, OrganisationId};

fn at(seconds: u64) -> Moment {
    Moment::new(1_700_000_000 + seconds).unwrap()
}

fn by() -> By {
    By { organisation: organisation(), officer: OfficerId::new("o.testwick").unwrap() }
}

fn member(name: &str, body: Body, seed: u8) -> Member {
    Member {
        id: OrganisationId::new(name).unwrap(),
        name: "Of tests".parse().unwrap(),
        body,
        ceiling: Level(1),
        from: at(0),
        until: None,
        revoked: None,
        endpoint: None,
        keys: MemberKeys {
            signing: vec![Dated::from(ListSigner::new(&[seed; 32]).public(), at(0))],
            sealing: vec![Dated::from(SealingKey::from_seed(&[seed; 32]).public(), at(0))],
            log: Vec::new(),
            cosigning: Vec::new(),
        },
    }
}

/// A party and a service found a federation, and the node of the party joins.
fn join(store: &mut Database, rng: &mut SeededRng) -> MemberList {
    let members = vec![member("party", Body::Party, 1), member("service", Body::Service, 2)];
    let federation = "federation.example".parse().unwrap();
    let list = MemberList { federation, version: 1, previous: None, issued: at(0), members };
    let mut signed = SignedList::new(&list).unwrap();
    for (member, seed) in list.members.iter().zip([1, 2]) {
        signed.add(ListSigner::new(&[seed; 32]).sign(&member.id, &list));
    }
    let mut pins = Pins::default();
    pins.insert(list.members[1].id.clone(), Card::from(&list.members[1]).fingerprint());
    let keys = &list.members[0].keys;
    let own = OwnKeys {
        id: list.members[0].id.clone(),
        signing: [keys.signing[0].key].into(),
        sealing: [keys.sealing[0].key.clone()].into(),
    };
    let accepted = History::join(vec![signed], at(1), pins, &own).unwrap();
    let change = accept_list(&MockClock::default(), rng, &by(), accepted[0].clone()).unwrap();
    store.write(TEST, |w| w.put_member_list(&change)).unwrap();
    let again = store.write(TEST, |w| w.put_member_list(&change));
    assert!(again.is_err(), "a version is taken once");
    list
}

fn what_was_taken_is_kept_with_its_event_and_pins(place: &dyn Place) {
    let (mut store, mut rng) = (place.open(), SeededRng::new(7));
    let none = store.read(|r| r.member_history(&organisation())).unwrap();
    assert!(none.is_none());
    let list = join(&mut store, &mut rng);
    let service = &list.members[1];
    let history = store.read(|r| r.member_history(&organisation())).unwrap().unwrap();
    assert_eq!(history.current().list(), &list);
    assert_eq!(history.pins().get(&service.id), Some(Card::from(service).fingerprint()));
    let events = store.read(|r| r.events(&organisation())).unwrap();
    assert_eq!(events.last().unwrap().kind.as_str(), "members.list-accepted");

    let fingerprint = Card::from(&member("service", Body::Service, 9)).fingerprint();
    let (federation, member) = (list.federation.clone(), service.id.clone());
    let pinned = PinnedMember { federation, member, fingerprint };
    let change = pin(&MockClock::default(), &mut rng, &by(), pinned).unwrap();
    store.write(TEST, |w| w.put_member_pin(&change)).unwrap();
    let history = store.read(|r| r.member_history(&organisation())).unwrap().unwrap();
    assert_eq!(history.pins().get(&service.id), Some(fingerprint));

    let of = (list.federation.clone(), 2);
    let change = vote(&MockClock::default(), &mut rng, &by(), of.clone(), list.digest()).unwrap();
    store.write(TEST, |w| w.put_member_vote(&change)).unwrap();
    let votes = store.read(|r| r.member_votes(&organisation(), (&of.0, 2))).unwrap();
    assert_eq!(votes, [list.digest()]);
    assert!(store.read(|r| r.member_votes(&organisation(), (&of.0, 3))).unwrap().is_empty());
}

fn an_organisation_is_made_once_and_its_keys_outlive_the_program(place: &dyn Place) {
    let (mut store, mut rng) = (place.open(), SeededRng::new(7));
    let own = OwnOrganisation {
        id: OrganisationId::new("party.example").unwrap(),
        name: "Party of Tests".parse().unwrap(),
        body: Body::Party,
    };
    store.make_own_keys(at(0)).unwrap();
    let change = establish(&MockClock::default(), &mut rng, &by(), own.clone()).unwrap();
    store.write(TEST, |w| w.put_own_organisation(&change)).unwrap();
    let change = establish(&MockClock::default(), &mut rng, &by(), own.clone()).unwrap();
    let again = store.write(TEST, |w| w.put_own_organisation(&change));
    assert!(matches!(again, Err(StoreError::Overtaken { .. })));
    let keys = store.own_public_keys();
    drop(store);
    let mut store = place.open();
    assert_eq!(store.own_public_keys(), keys);
    assert_eq!(store.read(|r| r.own_organisation(&organisation())).unwrap(), Some(own));
}

suite! {
    what_was_taken_is_kept_with_its_event_and_pins,
    an_organisation_is_made_once_and_its_keys_outlive_the_program,
}

// THREATS T-27
#[test]
fn pins_that_somebody_without_the_keyring_wrote_are_refused() {
    let place = SqlitePlace::new().unwrap();
    let mut store = place.open();
    let list = join(&mut store, &mut SeededRng::new(7));
    drop(store);
    let forged = Card::from(&member("service", Body::Service, 9)).fingerprint();
    let honest = Card::from(&list.members[1]).fingerprint();
    let file = rusqlite::Connection::open(place.0.path().join("store.db")).unwrap();
    let changed = file
        .execute(
            "UPDATE member_list SET pins = replace(pins, ?1, ?2)",
            [honest.to_string(), forged.to_string()],
        )
        .unwrap();
    assert_eq!(changed, 1);
    drop(file);
    let refused = place.open().read(|r| r.member_history(&organisation())).unwrap_err();
    assert!(matches!(refused, StoreError::Inconsistent(_)), "{refused}");
}

fn tampered(place: &SqlitePlace, sql: &str) {
    let file = rusqlite::Connection::open(place.0.path().join("store.db")).unwrap();
    file.execute_batch(sql).unwrap();
}

/// What is in force, as hexadecimal digits.
fn head(place: &SqlitePlace) -> String {
    let file = rusqlite::Connection::open(place.0.path().join("store.db")).unwrap();
    let sql = "SELECT hex(value) FROM setting WHERE name LIKE 'members/head/%'";
    file.query_row(sql, [], |row| row.get(0)).unwrap()
}

fn is_broken(place: &SqlitePlace, closeness: Closeness) -> bool {
    let findings = place.open().examine(&organisation(), 0, closeness, &mut |_| {});
    findings.iter().any(|one| one.subject == "members" && one.soundness == Soundness::Broken)
}

// THREATS T-28
#[test]
fn a_list_set_back_by_somebody_without_the_keyring_is_refused_and_the_doctor_says_so() {
    let place = SqlitePlace::new().unwrap();
    let (mut store, mut rng) = (place.open(), SeededRng::new(7));
    let list = join(&mut store, &mut rng);
    let history = store.read(|r| r.member_history(&organisation())).unwrap().unwrap();
    let mut next = list.clone();
    (next.version, next.previous, next.issued) = (2, Some(list.digest()), at(2));
    next.members[0].ceiling = Level(2);
    let mut signed = SignedList::new(&next).unwrap();
    for (member, seed) in next.members.iter().zip([1, 2]) {
        signed.add(ListSigner::new(&[seed; 32]).sign(&member.id, &next));
    }
    let own = OwnKeys {
        id: list.members[0].id.clone(),
        signing: [list.members[0].keys.signing[0].key].into(),
        sealing: [list.members[0].keys.sealing[0].key.clone()].into(),
    };
    let Ok(Offered::Next(accepted)) = history.offer(&signed, at(3), Age::Recent, &own) else {
        panic!("it follows")
    };
    let before = head(&place);
    let change = accept_list(&MockClock::default(), &mut rng, &by(), *accepted).unwrap();
    store.write(TEST, |w| w.put_member_list(&change)).unwrap();
    drop(store);
    assert!(!is_broken(&place, Closeness::Quick) && !is_broken(&place, Closeness::EveryRow));

    tampered(
        &place,
        "DROP TRIGGER member_list_is_not_deleted; DELETE FROM member_list WHERE version = 2;",
    );
    let refused = place.open().read(|r| r.member_history(&organisation())).unwrap_err();
    assert!(matches!(refused, StoreError::Inconsistent(_)), "{refused}");
    assert!(is_broken(&place, Closeness::Quick));
    // Nor with the word of what was in force then, which the keyring sealed.
    let put_back =
        format!("UPDATE setting SET value = x'{before}' WHERE name LIKE 'members/head/%';");
    tampered(&place, &put_back);
    let refused = place.open().read(|r| r.member_history(&organisation())).unwrap_err();
    assert!(matches!(refused, StoreError::Inconsistent(_)), "{refused}");
    assert!(is_broken(&place, Closeness::Quick));
    // Nor with the word of what is in force taken away, or with every row.
    tampered(&place, "DELETE FROM setting WHERE name LIKE 'members/%';");
    assert!(place.open().read(|r| r.member_history(&organisation())).is_err());
    tampered(&place, "DELETE FROM member_list;");
    assert!(place.open().read(|r| r.member_history(&organisation())).is_err());
    assert!(is_broken(&place, Closeness::Quick), "it did join a federation");
    assert!(is_broken(&place, Closeness::EveryRow), "events tell of lists that are gone");
}

// THREATS T-28
#[test]
fn a_vote_that_was_taken_away_is_missed() {
    let place = SqlitePlace::new().unwrap();
    let (mut store, mut rng) = (place.open(), SeededRng::new(7));
    let list = join(&mut store, &mut rng);
    let of = (list.federation.clone(), 2);
    let change = vote(&MockClock::default(), &mut rng, &by(), of, list.digest()).unwrap();
    store.write(TEST, |w| w.put_member_vote(&change)).unwrap();
    drop(store);
    assert!(!is_broken(&place, Closeness::EveryRow));
    tampered(&place, "DROP TRIGGER member_vote_is_not_deleted; DELETE FROM member_vote;");
    assert!(is_broken(&place, Closeness::EveryRow));
}
