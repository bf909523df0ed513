//! A service and a party of tests, and what is done at each.

use crate::world::*;
use portcullis_decide::exchange::Acting;
use portcullis_decide::exchange::copies::CopyFor;
use portcullis_decide::exchange::duty::{Subject, Tie, Untied, untied};
use portcullis_decide::exchange::held::{HeldCopy, read_copy, receive_copy};
use portcullis_decide::exchange::notices::{
    Copies, IssuedNotice, approve_notice, draft_notice, propose_notice, release_notice,
};
use portcullis_decide::exchange::{ReleaseOrder, ReleasePlan};
use portcullis_decide::{Change, StatedReason};
use portcullis_share::*;
use portcullis_testkit::{MockClock, SeededRng};
use portcullis_types::{Gateway, JobName, PersonId, Purpose};
use std::collections::BTreeSet;

pub(crate) const OUT: Gateway = Gateway::SecurityServiceOut;

/// The clock of a node, so many seconds after the federation was founded.
pub(crate) fn clock(seconds: u64) -> MockClock {
    let at = i64::try_from(FOUNDED + seconds).unwrap();
    MockClock::at(jiff::Timestamp::from_second(at).unwrap())
}

pub(crate) fn rng() -> SeededRng {
    SeededRng::new(1)
}

pub(crate) fn job() -> JobName {
    JobName::new("exchange.run").unwrap()
}

pub(crate) fn by(organisation: &str, name: &str) -> Acting {
    Acting { organisation: id(organisation), officer: officer(name), purpose: Purpose::ScreenStaff }
}

pub(crate) fn reason() -> StatedReason {
    StatedReason::new("Quillon Examplesson begins on Monday").unwrap()
}

pub(crate) fn reader() -> CopyFor {
    CopyFor { organisation: id("party-a"), officer: Some(officer("o.testwick")) }
}

pub(crate) fn people(these: &[PersonId]) -> BTreeSet<PersonId> {
    these.iter().cloned().collect()
}

/// Nobody is tied to anybody.
pub(crate) fn all_untied(notice: NoticeId) -> Untied {
    let all = [person("party-a", "o.testwick"), person("parliament-a", "o.testwick")];
    untied(notice, &people(&all), &BTreeSet::new(), &BTreeSet::new(), &BTreeSet::new()).unwrap()
}

/// `o.testwick` of `party-a` may know, and nobody is tied but `barred`.
pub(crate) fn all_but(notice: NoticeId, barred: &PersonId) -> Untied {
    let subjects = BTreeSet::from([Subject::Member(barred.clone())]);
    let ties: BTreeSet<Tie> = BTreeSet::new();
    let named = people(&[person("party-a", "o.testwick")]);
    untied(notice, &named, &people(std::slice::from_ref(barred)), &subjects, &ties).unwrap()
}

pub(crate) fn copies(notice: &IssuedNotice) -> Copies {
    Copies::new(notice.id, [reader()], &all_untied(notice.id)).unwrap()
}

pub(crate) fn drafted() -> IssuedNotice {
    draft_notice(&clock(3000), &mut rng(), &by("service-x", "o.author")).unwrap().into_state()
}

/// What there is to sign under the id of a draft.
pub(crate) fn text_of(notice: &IssuedNotice) -> Notice {
    Notice { heading: Heading { id: notice.id, ..heading() }, ..crate::world::notice() }
}

pub(crate) fn proposed(world: &World) -> IssuedNotice {
    let drafted = drafted();
    let signed = world.propose(text_of(&drafted));
    let by = by("service-x", "o.author");
    propose_notice(&clock(3600), &mut rng(), &by, drafted, &signed).unwrap().into_state()
}

pub(crate) fn approved_notice(world: &World, order: ReleaseOrder) -> Change<IssuedNotice> {
    let proposed = proposed(world);
    let signed = world.approve(text_of(&proposed));
    let (by, plan) = (by("service-x", "q.approver"), ReleasePlan::default());
    approve_notice(&clock(7200), &mut rng(), &by, proposed, &signed, (order, &plan)).unwrap()
}

/// Released at once, two hours after the federation was founded, as copy 1.
pub(crate) fn released(world: &World) -> IssuedNotice {
    let approved = approved_notice(world, ReleaseOrder::Now(reason())).into_state();
    let (clock, mut rng, copies) = (clock(7300), rng(), copies(&approved));
    release_notice(&clock, &mut rng, &job(), approved, copies, OUT).unwrap().into_state()
}

/// The second version of a notice.
pub(crate) fn second(notice: &IssuedNotice) -> Notice {
    let mut text = text_of(notice);
    text.heading.version = 2;
    text.heading.correction = Some(Correction { replaces: 1, reason: CorrectionReason::NotSo });
    text.substance.content.changed = Some(prose("The second meeting did not take place."));
    text
}

pub(crate) fn withdrawal_of(notice: &IssuedNotice, version: u64) -> Withdrawal {
    Withdrawal { notice: notice.id, version, receipt_by: at(10 * DAY), ..withdrawal() }
}

/// What arrives at `party-a` of a notice, for `o.testwick`.
pub(crate) fn arrived(world: &World, notice: &Verified<Notice>) -> Received {
    let cleared = Cleared::whole(notice, world.member("party-a"), at(8000)).unwrap();
    let directory = directory("party-a");
    let sent = cleared.to_person(&mut Counting(1), 1, &directory, &officer("o.testwick")).unwrap();
    let (Message::Notice(copy) | Message::Correction(copy)) =
        Message::from_bytes(&sent.to_bytes()).unwrap()
    else {
        panic!("no copy came out");
    };
    copy.verify(&FromX::to("party-a").arrival(), &world.checks(at(8000))).unwrap()
}

pub(crate) fn held(world: &World) -> HeldCopy {
    let received = arrived(world, &world.approve(crate::world::notice()).into());
    take(&received, None).into_state()
}

pub(crate) fn take(
    received: &Received,
    withdrawal: Option<&Approved<Withdrawal>>,
) -> Change<HeldCopy> {
    let own = (id("party-a"), Purpose::ScreenStaff);
    receive_copy(&clock(8000), &mut rng(), own, &job(), received, withdrawal).unwrap()
}

pub(crate) fn read(held: HeldCopy) -> HeldCopy {
    let by = by("party-a", "o.testwick");
    read_copy(&clock(9000), &mut rng(), &by, held).unwrap().into_state()
}

/// Nothing that an event says of a notice is protected text.
pub(crate) fn names_nobody<T>(change: &Change<T>) {
    let bytes = change.event().to_bytes();
    for word in ["Quillon", "Examplesson", "Monday", "foreign service"] {
        let found = bytes.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(!found, "`{word}` in {}", change.event().kind.as_str());
    }
}
