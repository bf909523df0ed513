//! A warning from its draft to its withdrawal.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use portcullis_share::*;
use world::*;

/// A copy of the notice of tests for its reader at `party-a`.
fn for_reader(world: &World, notice: &Verified<Notice>) -> NoticeCopy {
    let cleared = Cleared::whole(notice, world.member("party-a"), at(8000)).unwrap();
    let directory = directory("party-a");
    let sent = cleared.to_person(&mut Counting(1), 1, &directory, &officer("o.testwick")).unwrap();
    assert_eq!(*sent.to(), id("party-a"));
    copy_of(&sent)
}

#[test]
fn a_warning_is_written_approved_sealed_verified_and_read() {
    // THREATS T-43, T-46
    let world = World::new();
    let approved = Verified::from(world.approve(notice()));
    let copy = for_reader(&world, &approved);
    assert_eq!((copy.number(), copy.recipient()), (1, &id("party-a")));
    let received = copy.verify(&FromX::to("party-a").arrival(), &world.checks(at(9000))).unwrap();
    let (me, mine) = (person("party-a", "o.testwick"), keys("o.testwick").sealing());
    let office = office("head of compliance");
    let opened = received.open(&me, &office, &mine, at(9000)).unwrap();
    assert_eq!(opened.part().content, substance());
    assert_eq!(opened.copy(), 1);
    assert_eq!(
        received.tearline(at(9000)).unwrap().content.text.reveal(),
        "Please speak to us before you take somebody on."
    );
    let deputy = (person("party-a", "a.deputy"), keys("a.deputy").sealing());
    let refused = received.open(&deputy.0, &office, &deputy.1, at(9000));
    assert_eq!(refused, Err(OpenCopyError::OtherPerson));
    assert!(matches!(
        received.open(&me, &office, &deputy.1, at(9000)),
        Err(OpenCopyError::Seal(_))
    ));
}
