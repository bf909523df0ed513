//! Passing on, with the originator's leave.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use portcullis_share::*;
use world::*;

/// The substance as its reader at `party-a` opened it.
fn opened(world: &World) -> OpenedPart {
    let sent = sealed(world, &approved(world, |_| {}), "party-a").unwrap();
    let (me, key) = (person("party-a", "o.testwick"), keys("o.testwick").sealing());
    let received = received(world, &sent, "party-a");
    received.open(&me, &office("head of compliance"), &key, at(9000)).unwrap()
}

#[test]
fn a_holder_passes_a_notice_on_to_whom_the_originator_lets_him() {
    // THREATS T-45, T-46
    let world = World::new();
    let (opened, leave) = (opened(&world), world.approve(leave()));
    let cleared = Cleared::onward(&opened, &leave, world.member("parliament-a"), at(9000)).unwrap();
    let directory = directory("parliament-a");
    let pass =
        |copy, name: &str| cleared.to_person(&mut Counting(5), copy, &directory, &officer(name));
    assert_eq!(pass(3, "o.testwick"), Err(NotCleared::NotForPerson));
    assert_eq!(pass(2, "a.deputy"), Err(NotCleared::NotForPerson));
    assert_eq!(cleared.to_organisation(2), Err(NotCleared::NeedsAPerson));
    let sent = pass(2, "o.testwick").unwrap();
    let verify = |from: &str| {
        let (own, from) = (id("parliament-a"), id(from));
        copy_of(&sent).verify(&Arrival { own: &own, from: &from }, &world.checks(at(9500)))
    };
    assert_eq!(verify("party-b").map(drop).map_err(|no| no.code()), Err("other-sender"));
    let received = verify("party-a").unwrap();
    let (me, key) = (person("parliament-a", "o.testwick"), keys("o.testwick").sealing());
    let again = received.open(&me, &office("head of compliance"), &key, at(9600)).unwrap();
    assert_eq!((again.copy(), &again.part().content), (2, &substance()));
}

#[test]
fn a_leave_is_for_one_notice_version_holder_recipient_and_time() {
    // THREATS T-45
    let world = World::new();
    let opened = opened(&world);
    let onward = |change: &dyn Fn(&mut OnwardDecision), to: &str, when| {
        let mut decision = leave();
        change(&mut decision);
        let leave = world.approve(decision);
        Cleared::onward(&opened, &leave, world.member(to), when).map(drop)
    };
    assert_eq!(onward(&|_| {}, "parliament-a", at(9000)), Ok(()));
    let none = Err(NotCleared::NoLeave);
    assert_eq!(onward(&|_| {}, "party-b", at(9000)), none);
    assert_eq!(onward(&|_| {}, "parliament-a", at(20 * DAY)), none);
    assert_eq!(onward(&|one| one.version = 2, "parliament-a", at(9000)), none);
    assert_eq!(
        onward(&|one| one.notice = NoticeId::from_bytes([1; 16]), "parliament-a", at(9000)),
        none
    );
    assert_eq!(onward(&|one| one.holder = id("party-b"), "parliament-a", at(9000)), none);
    let refuse = |one: &mut OnwardDecision| {
        one.verdict = OnwardVerdict::Refused;
        one.copy = None;
    };
    assert_eq!(onward(&refuse, "parliament-a", at(9000)), none);
    // Leave or not, the ceiling stands.
    let above = Err(NotCleared::AboveCeiling { level: 2, ceiling: 1 });
    assert_eq!(onward(&|one| one.to = id("party-b"), "party-b", at(9000)), above);
}

#[test]
fn a_tearline_is_passed_on_with_leave_for_it_alone() {
    // THREATS T-45
    let world = World::new();
    let sent = sealed(&world, &approved(&world, |_| {}), "party-a").unwrap();
    let received = received(&world, &sent, "party-a");
    let leave = world.approve(OnwardDecision { person: None, to: id("party-b"), ..leave() });
    let cleared =
        Cleared::onward_tearline(&received, &leave, world.member("party-b"), at(9000)).unwrap();
    assert_eq!(cleared.to_organisation(3), Err(NotCleared::NoLeave));
    let sent = cleared.to_organisation(2).unwrap();
    let (own, from) = (id("party-b"), id("party-a"));
    let arrival = Arrival { own: &own, from: &from };
    let received = copy_of(&sent).verify(&arrival, &world.checks(at(9500))).unwrap();
    assert!(received.tearline(at(9600)).is_some());
}
