//! What goes to whom, and what he can do with it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use portcullis_share::*;
use portcullis_types::{Audience, Label, Level};
use std::collections::BTreeSet;
use world::*;

fn whole(world: &World, notice: &Verified<Notice>, to: &str) -> Result<(), NotCleared> {
    Cleared::whole(notice, world.member(to), at(8000)).map(drop)
}

#[test]
fn what_is_above_the_ceiling_of_a_member_does_not_go_to_it() {
    // THREATS T-45
    let world = World::new();
    let all = |notice: &mut Notice| {
        notice.heading.category = Category::Briefing;
        notice.substance.marking.label.organisations = Audience::Everyone;
        let tearline = notice.tearline.as_mut().unwrap();
        tearline.marking.label.organisations = Audience::Everyone;
    };
    let notice = approved(&world, all);
    assert_eq!(whole(&world, &notice, "party-a"), Ok(()));
    let above = NotCleared::AboveCeiling { level: 2, ceiling: 1 };
    assert_eq!(whole(&world, &notice, "party-b"), Err(above));
    // The tearline does, and brings nothing of the rest along.
    let tearline = Cleared::tearline(&notice, world.member("party-b"), at(8000)).unwrap();
    let sent = tearline.to_organisation(1).unwrap();
    let bytes = sent.to_bytes();
    for text in ["Examplesson", "Do not employ", "decides this week"] {
        assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{text}");
    }
    let received = received(&world, &sent, "party-b");
    assert!(received.tearline(at(9600)).is_some());
    let (me, key) = (person("party-b", "o.testwick"), keys("o.testwick").sealing());
    let office = office("head of compliance");
    assert_eq!(received.open(&me, &office, &key, at(9000)), Err(OpenCopyError::Nothing));
    let refused =
        tearline.to_person(&mut Counting(1), 1, &directory("party-b"), &officer("o.testwick"));
    assert!(refused.is_err());
}

#[test]
fn a_tearline_above_the_ceiling_does_not_go_either() {
    // THREATS T-45
    let world = World::new();
    let notice = approved(&world, |notice| {
        notice.substance.marking.label.level = Level(3);
        notice.tearline.as_mut().unwrap().marking.label.level = Level(3);
        notice.tearline.as_mut().unwrap().marking.label.handling = BTreeSet::new();
    });
    let refused = Cleared::tearline(&notice, world.member("party-a"), at(8000)).map(drop);
    assert_eq!(refused, Err(NotCleared::AboveCeiling { level: 3, ceiling: 2 }));
    let none = approved(&world, |notice| notice.tearline = None);
    let refused = Cleared::tearline(&none, world.member("party-a"), at(8000)).map(drop);
    assert_eq!(refused, Err(NotCleared::NoTearline));
}

#[test]
fn what_may_not_be_released_to_a_member_does_not_go_to_it() {
    // THREATS T-45
    let world = World::new();
    let notice = approved(&world, |_| {});
    assert_eq!(whole(&world, &notice, "parliament-a"), Err(NotCleared::NotReleasable));
    let tearline = Cleared::tearline(&notice, world.member("parliament-a"), at(8000)).map(drop);
    assert_eq!(tearline, Err(NotCleared::NotReleasable));
    let late = Cleared::whole(&notice, world.member("party-a"), at(90 * DAY)).map(drop);
    assert_eq!(late, Err(NotCleared::Over));
    let mut gone = World::new();
    change(&mut gone.members, "party-a").until = Some(at(8000));
    assert_eq!(whole(&gone, &notice, "party-a"), Err(NotCleared::NotAMember));
}

#[test]
fn only_the_person_who_may_read_it_is_sealed_to() {
    // THREATS T-46
    let world = World::new();
    let to = |change: &dyn Fn(&mut Marking), name: &str| {
        let notice = approved(&world, |notice| change(&mut notice.substance.marking));
        let cleared = Cleared::whole(&notice, world.member("party-a"), at(8000)).unwrap();
        let directory = directory("party-a");
        cleared.to_person(&mut Counting(1), 1, &directory, &officer(name)).map(drop)
    };
    assert_eq!(to(&|_| {}, "o.testwick"), Ok(()));
    assert_eq!(to(&|_| {}, "n.obody"), Err(NotCleared::NotInDirectory));
    // Of the same organisation and office, and not named.
    assert_eq!(to(&|_| {}, "a.deputy"), Err(NotCleared::NotForPerson));
    let all = |marking: &mut Marking| marking.label.people = Audience::Everyone;
    // Cleared to level 1 alone.
    assert_eq!(to(&all, "a.deputy"), Err(NotCleared::NotForPerson));
    assert_eq!(to(&all, "o.testwick"), Ok(()));
    let another_office = |marking: &mut Marking| marking.offices = only([office("treasurer")]);
    assert_eq!(to(&another_office, "o.testwick"), Err(NotCleared::NotForPerson));
    let compartment = |marking: &mut Marking| {
        marking.label.compartments = BTreeSet::from(["circle".into()]);
    };
    assert_eq!(to(&compartment, "o.testwick"), Err(NotCleared::NotForPerson));
    let notice = approved(&world, |_| {});
    let cleared = Cleared::whole(&notice, world.member("party-a"), at(8000)).unwrap();
    assert_eq!(cleared.to_organisation(1), Err(NotCleared::NeedsAPerson));
    // A directory of another organisation says nothing of people here.
    let other = directory("party-b");
    let refused = cleared.to_person(&mut Counting(1), 1, &other, &officer("o.testwick"));
    assert_eq!(refused, Err(NotCleared::NotInDirectory));
}

#[test]
fn a_copy_shows_its_organisation_nothing_but_heading_and_tearline() {
    // THREATS T-46
    let world = World::new();
    let sent = sealed(&world, &approved(&world, |_| {}), "party-a").unwrap();
    let bytes = sent.to_bytes();
    for text in ["Examplesson", "Testwick", "Do not employ", "family", "decides this week"] {
        assert!(!bytes.windows(text.len()).any(|part| part == text.as_bytes()), "{text}");
    }
    assert!(bytes.windows(15).any(|part| part == b"Please speak to"));
    let shorter = approved(&world, |notice| notice.substance.content.to_do = prose("No."));
    let shorter = sealed(&world, &shorter, "party-a").unwrap();
    assert_eq!(shorter.to_bytes().len(), bytes.len());
}

#[test]
fn a_sealed_part_opens_in_its_own_copy_alone() {
    // THREATS T-46
    let world = World::new();
    let first = sealed(&world, &approved(&world, |_| {}), "party-a").unwrap();
    let bytes = first.to_bytes();
    let mut renumbered = bytes.clone();
    let place = bytes.windows(13).position(|part| part == b"\x03\x01\x04\x67party-a\x05\xa3");
    let place = place.unwrap();
    renumbered[place + 1] = 2;
    let Message::Notice(copy) = Message::from_bytes(&renumbered).unwrap() else { panic!() };
    assert_eq!(copy.number(), 2);
    let received = copy.verify(&FromX::to("party-a").arrival(), &world.checks(at(9000))).unwrap();
    let (me, key) = (person("party-a", "o.testwick"), keys("o.testwick").sealing());
    let opened = received.open(&me, &office("head of compliance"), &key, at(9000));
    assert!(matches!(opened, Err(OpenCopyError::Seal(_))));
}

#[test]
fn a_reader_waits_for_the_embargo_and_is_not_shown_what_is_over() {
    let world = World::new();
    let notice = approved(&world, |notice| notice.heading.embargo = Some(at(2 * DAY)));
    let received = received(&world, &sealed(&world, &notice, "party-a").unwrap(), "party-a");
    let (me, key) = (person("party-a", "o.testwick"), keys("o.testwick").sealing());
    let office = office("head of compliance");
    let open = |at| received.open(&me, &office, &key, at).map(drop);
    let tearline = |at| received.tearline(at).is_some();
    assert_eq!([2 * DAY - 1, 2 * DAY, 90 * DAY].map(|s| tearline(at(s))), [false, true, false]);
    assert_eq!(open(at(2 * DAY - 1)), Err(OpenCopyError::Embargo));
    assert_eq!(open(at(2 * DAY)), Ok(()));
    assert_eq!(open(at(90 * DAY)), Err(OpenCopyError::Over));
    let other = received.open(&me, &world::office("treasurer"), &key, at(2 * DAY)).map(drop);
    assert_eq!(other, Err(OpenCopyError::NotReleasable));
}

#[test]
fn an_urgent_copy_becomes_an_approved_one_by_its_confirmation() {
    let world = World::new();
    let checks = world.checks(at(3600));
    let draft = || Draft::new(notice(), &checks).unwrap();
    let orsolya = release_officer("orsolya");
    let urgent =
        || draft().propose_urgently(&checks, at(3 * 3600), &orsolya, &keys("orsolya")).unwrap();
    let sent = sealed(&world, &urgent().into(), "party-a").unwrap();
    let received = received(&world, &sent, "party-a");
    let (me, key) = (person("party-a", "o.testwick"), keys("o.testwick").sealing());
    let office = office("head of compliance");
    assert!(received.open(&me, &office, &key, at(9000)).is_ok());
    assert_eq!(received.open(&me, &office, &key, at(3 * 3600)), Err(OpenCopyError::Over));
    let late = world.checks(at(9500));
    let quillon = release_officer("quillon");
    let (_, confirmation) = urgent().confirm(&late, &quillon, &keys("quillon")).unwrap();
    let confirmed = received.confirmed(&late, &confirmation).unwrap();
    assert!(matches!(confirmed.verified(), Verified::Approved(_)));
    assert!(confirmed.open(&me, &office, &key, at(DAY)).is_ok());
    // Kept with both signatures, it reads back as approved.
    let again =
        confirmed.copy().clone().verify(&FromX::to("party-a").arrival(), &world.checks(at(DAY)));
    assert!(matches!(again.unwrap().verified(), Verified::Approved(_)));
}

#[test]
fn a_conduit_hands_a_copy_on_unopened_and_nobody_else_does() {
    let world = World::new();
    let notice = approved(&world, |notice| notice.heading.conduit = Some(id("parliament-a")));
    let sent = sealed(&world, &notice, "party-a").unwrap();
    assert_eq!(*sent.to(), id("parliament-a"));
    let at_conduit = received(&world, &sent, "parliament-a");
    let (me, key) = (person("parliament-a", "o.testwick"), keys("o.testwick").sealing());
    let office = office("head of compliance");
    assert_eq!(at_conduit.open(&me, &office, &key, at(9000)), Err(OpenCopyError::OtherPerson));
    let forwarded = at_conduit.forward(&id("parliament-a")).unwrap();
    assert_eq!(*forwarded.to(), id("party-a"));
    assert_eq!(at_conduit.forward(&id("party-b")), None);
    let verify = |own: &str, from: &str| {
        let (own, from) = (id(own), id(from));
        let arrival = Arrival { own: &own, from: &from };
        copy_of(&forwarded)
            .verify(&arrival, &world.checks(at(9000)))
            .map(drop)
            .map_err(|no| no.code())
    };
    assert_eq!(verify("party-a", "parliament-a"), Ok(()));
    assert_eq!(verify("party-a", "service-x"), Ok(()));
    assert_eq!(verify("party-a", "party-b"), Err("other-sender"));
    assert_eq!(verify("party-b", "service-x"), Err("other-recipient"));
}

#[test]
fn a_conduit_sees_what_is_not_sealed_only_where_it_may_read_it() {
    // THREATS T-45
    let world = World::new();
    let by = |change: &dyn Fn(&mut Notice)| {
        approved(&world, |notice| {
            notice.heading.conduit = Some(id("parliament-a"));
            change(notice);
        })
    };
    let tearline = |notice: &Verified<Notice>, through: Option<&str>| {
        let mut cleared = Cleared::tearline(notice, world.member("party-a"), at(8000)).unwrap();
        if let Some(through) = through {
            cleared = cleared.through(world.member(through))?;
        }
        cleared.to_organisation(1).map(drop)
    };
    let not = Err(NotCleared::NotForConduit);
    let for_the_party = by(&|_| {});
    assert_eq!(tearline(&for_the_party, None), not);
    assert_eq!(tearline(&for_the_party, Some("parliament-a")), not);
    let for_both = by(&|notice| {
        let both = only([id("party-a"), id("parliament-a")]);
        notice.tearline.as_mut().unwrap().marking.label.organisations = both;
    });
    assert_eq!(tearline(&for_both, None), not);
    assert_eq!(tearline(&for_both, Some("parliament-a")), Ok(()));
    assert_eq!(tearline(&for_both, Some("party-b")), not);
    let mut low = World::new();
    change(&mut low.members, "parliament-a").ceiling = Level(0);
    let cleared = Cleared::tearline(&for_both, low.member("party-a"), at(8000)).unwrap();
    let cleared = cleared.through(low.member("parliament-a")).unwrap();
    assert_eq!(cleared.to_organisation(1).map(drop), not);
    // Sealed to its reader, it goes without the tearline.
    let sent = sealed(&world, &for_the_party, "party-a").unwrap();
    assert!(received(&world, &sent, "parliament-a").tearline(at(9600)).is_none());
    let open = by(&for_all);
    let cleared = Cleared::whole(&open, world.member("party-a"), at(8000)).unwrap();
    assert_eq!(cleared.to_organisation(1).map(drop), not);
}

fn for_all(notice: &mut Notice) {
    notice.heading.category = Category::Briefing;
    notice.substance.marking = Marking {
        label: Label { level: Level(1), organisations: only([id("party-a")]), ..Label::open() },
        offices: Audience::Everyone,
    };
    notice.tearline = None;
}

#[test]
fn what_all_of_an_organisation_may_read_goes_to_it_open_and_counts_nowhere_else() {
    let world = World::new();
    let notice = approved(&world, for_all);
    let cleared = Cleared::whole(&notice, world.member("party-a"), at(8000)).unwrap();
    let sent = cleared.to_organisation(4).unwrap();
    let received = received(&world, &sent, "party-a");
    let (me, key) = (person("party-a", "a.deputy"), keys("a.deputy").sealing());
    let opened = received.open(&me, &office("anybody"), &key, at(9000)).unwrap();
    assert_eq!(opened.copy(), 4);
    // A holder who writes another recipient into it finds that it is not for them.
    let bytes = sent.to_bytes();
    let place = bytes.windows(12).position(|part| part == b"\x03\x04\x04\x67party-a\x07").unwrap();
    let mut elsewhere = bytes;
    elsewhere[place + 10] = b'b';
    let Message::Notice(copy) = Message::from_bytes(&elsewhere).unwrap() else { panic!() };
    let refused = copy.verify(&FromX::to("party-b").arrival(), &world.checks(at(9000)));
    assert_eq!(refused.map(drop), Err(RefusedRelease::OtherPart { part: "substance" }));
}

#[test]
fn only_the_originator_takes_back_or_follows() {
    let mut heading = heading();
    assert!(withdrawal().takes_back(&heading));
    heading.version = 2;
    assert!(!withdrawal().takes_back(&heading));
    assert!(!withdrawal().takes_back(&Heading { originator: id("service-y"), ..world::heading() }));
    let second = Heading {
        version: 2,
        correction: Some(Correction { replaces: 1, reason: CorrectionReason::NotSo }),
        ..world::heading()
    };
    assert!(second.replaces(&world::heading()));
    assert!(!world::heading().replaces(&second));
    let stranger = Heading { originator: id("service-y"), ..second };
    assert!(!stranger.replaces(&world::heading()));
}

#[test]
fn a_correction_goes_as_one_and_a_notice_does_not() {
    let world = World::new();
    let correct = |notice: &mut Notice| {
        notice.heading.version = 2;
        notice.heading.correction =
            Some(Correction { replaces: 1, reason: CorrectionReason::NotSo });
        notice.substance.content.changed = Some(prose("The second meeting did not take place."));
    };
    let sent = sealed(&world, &approved(&world, correct), "party-a").unwrap();
    assert_eq!(sent.message().kind(), "correction");
    let mut bytes = sent.to_bytes();
    assert_eq!(bytes[..3], [0x83, 1, 6]);
    bytes[2] = 5;
    assert_eq!(Message::from_bytes(&bytes), Err(FormError::NotAllowed { field: "kind" }));
}
