//! At the organisation that a copy was sent to.

use crate::node::*;
use crate::world::*;
use portcullis_decide::Change;
use portcullis_decide::exchange::copies::{CopyFor, RecallError};
use portcullis_decide::exchange::held::*;
use portcullis_share::*;

fn withdrawn(world: &World, held: HeldCopy) -> Result<Change<HeldCopy>, TakeWithdrawalError> {
    let version = held.version;
    let signed = world.approve(Withdrawal { version, receipt_by: at(10 * DAY), ..withdrawal() });
    take_withdrawal(&clock(20_000), &mut rng(), &job(), held, &signed)
}

#[test]
fn a_copy_is_read_by_whom_it_is_sealed_to_and_acknowledged_by_whoever_read_it() {
    let world = World::new();
    let held = held(&world);
    assert_eq!(held.to, reader());
    let read_by =
        |held, name: &str, when| read_copy(&clock(when), &mut rng(), &by("party-a", name), held);
    let another = ReadCopyError::Another { officer: officer("o.testwick") };
    assert_eq!(read_by(held.clone(), "a.deputy", 9000), Err(another));
    let after = read_by(held.clone(), "o.testwick", 90 * DAY);
    let standing = HeldStanding::Expired;
    assert_eq!(after, Err(ReadCopyError::Closed { standing }));
    let me = by("party-a", "o.testwick");
    let unread = acknowledge_copy(&clock(9100), &mut rng(), &me, held.clone());
    assert_eq!(unread, Err(AcknowledgeError::NotRead));
    let change = read_by(held, "o.testwick", 9000).unwrap();
    assert_eq!(change.event().kind.as_str(), "copy.read");
    let change = acknowledge_copy(&clock(9100), &mut rng(), &me, change.into_state()).unwrap();
    // Read once more, it stays acknowledged.
    let again = read_by(change.state().clone(), "o.testwick", 9200).unwrap();
    assert_eq!(again.state(), change.state());
    let text = serde_json::to_string(change.state()).unwrap();
    assert_eq!(serde_json::from_str::<HeldCopy>(&text).unwrap(), *change.state());
}

#[test]
fn what_is_embargoed_is_not_read_before() {
    let world = World::new();
    let mut held = held(&world);
    held.embargo = Some(at(9001));
    let me = by("party-a", "o.testwick");
    let read = |held, when| read_copy(&clock(when), &mut rng(), &me, held);
    let standing = HeldStanding::Embargoed;
    assert_eq!(read(held.clone(), 9000), Err(ReadCopyError::Closed { standing }));
    assert!(read(held, 9001).is_ok());
}

#[test]
fn an_outcome_has_an_officer_and_a_reason_and_none_comes_of_what_nobody_read() {
    let world = World::new();
    let declined = (OutcomeAct::PersonDeclined, Reliance::Only);
    let record = |held, by: &str, what| {
        record_own_outcome(&clock(9500), &mut rng(), &self::by("party-a", by), held, what, reason())
    };
    let unread = record(held(&world), "o.testwick", declined);
    assert_eq!(unread, Err(OutcomeError::NotRead));
    let machine = record(read(held(&world)), "root", declined);
    assert!(matches!(machine, Err(OutcomeError::Act(_))));
    let change = record(read(held(&world)), "o.testwick", declined).unwrap();
    names_nobody(&change);
    let gone = withdrawn(&world, change.into_state()).unwrap().into_state();
    assert_eq!(record(gone.clone(), "o.testwick", declined), Err(OutcomeError::Withdrawn));
    let undone = record(gone, "o.testwick", (OutcomeAct::Undone, Reliance::None)).unwrap();
    assert_eq!(undone.state().outcomes.len(), 2);
}

#[test]
fn a_correction_is_read_anew_and_a_withdrawal_ends_reading() {
    let world = World::new();
    let mut second = notice();
    second.heading.version = 2;
    second.heading.correction = Some(Correction { replaces: 1, reason: CorrectionReason::NotSo });
    second.substance.content.changed = Some(prose("The second meeting did not take place."));
    let received = arrived(&world, &world.approve(second).into());
    let correct = |held| {
        let with = (&received, at(10 * DAY));
        take_correction(&clock(12_000), &mut rng(), &job(), held, with)
    };
    let corrected = correct(read(held(&world))).unwrap().into_state();
    assert_eq!(corrected.version, 2);
    assert!(matches!(corrected.stage, HeldStage::Received { .. }));
    assert_eq!(correct(corrected.clone()), Err(TakeCorrectionError::OtherCopy));
    let gone = withdrawn(&world, corrected).unwrap();
    assert_eq!(gone.event().kind.as_str(), "copy.withdrawn");
    let gone = gone.into_state();
    let twice = withdrawn(&world, gone.clone());
    assert_eq!(twice, Err(TakeWithdrawalError::Recall(RecallError::Withdrawn)));
    let me = by("party-a", "o.testwick");
    let standing = HeldStanding::Withdrawn;
    let reading = read_copy(&clock(20_100), &mut rng(), &me, gone.clone());
    assert_eq!(reading, Err(ReadCopyError::Closed { standing }));
    // That it was taken back is read by whoever the copy was for.
    let deputy = by("party-a", "a.deputy");
    let refused = read_withdrawal(&clock(20_100), &mut rng(), &deputy, gone.clone());
    assert!(matches!(refused, Err(ReadWithdrawalError::Read(_))));
    let read = read_withdrawal(&clock(20_100), &mut rng(), &me, gone).unwrap().into_state();
    assert_eq!(read.withdrawn.unwrap().read.unwrap().0, officer("o.testwick"));
    let none = read_withdrawal(&clock(20_100), &mut rng(), &me, held(&world));
    assert_eq!(none, Err(ReadWithdrawalError::NotWithdrawn));
}

#[test]
fn only_the_originator_takes_back() {
    let world = World::new();
    let mut held = held(&world);
    held.originator = id("service-y");
    assert_eq!(withdrawn(&world, held), Err(TakeWithdrawalError::OtherNotice));
}

#[test]
fn a_copy_that_comes_after_its_withdrawal_is_never_read() {
    // THREATS T-50
    let world = World::new();
    let received = arrived(&world, &world.approve(notice()).into());
    let known = world.approve(withdrawal());
    let held = take(&received, Some(&known)).into_state();
    assert_eq!(held.standing(at(9000)), HeldStanding::Withdrawn);
    // One of another notice changes nothing.
    let other = world.approve(Withdrawal { notice: NoticeId::from_bytes([1; 16]), ..withdrawal() });
    let held = take(&received, Some(&other)).into_state();
    assert_eq!(held.standing(at(9000)), HeldStanding::Stands);
}

fn parliament() -> CopyFor {
    CopyFor { organisation: id("parliament-a"), officer: Some(officer("o.testwick")) }
}

fn asked(held: HeldCopy) -> Result<HeldCopy, RequestOnwardError> {
    let (me, what) = (by("party-a", "o.testwick"), (leave().request, parliament()));
    let change = request_onward(&clock(9500), &mut rng(), &me, held, what, &reason())?;
    names_nobody(&change);
    Ok(change.into_state())
}

fn answered(world: &World, held: HeldCopy, alter: impl Fn(&mut OnwardDecision)) -> HeldCopy {
    let mut decision = leave();
    alter(&mut decision);
    let signed = world.approve(decision);
    take_leave(&clock(9600), &mut rng(), &job(), held, &signed).unwrap().into_state()
}

fn pass(held: HeldCopy, when: u64) -> Result<HeldCopy, PassOnError> {
    let (me, request) = (by("party-a", "o.testwick"), leave().request);
    let change = pass_on(&clock(when), &mut rng(), &me, held, request)?;
    names_nobody(&change);
    Ok(change.into_state())
}

#[test]
fn a_copy_is_passed_on_with_leave_alone_and_who_got_it_is_owed_what_comes_later() {
    // THREATS T-50
    let world = World::new();
    assert_eq!(asked(held(&world)), Err(RequestOnwardError::NotRead));
    let asked = asked(read(held(&world))).unwrap();
    assert_eq!(pass(asked.clone(), 9700), Err(PassOnError::NoLeave));
    let refused = answered(&world, asked.clone(), |one| {
        (one.verdict, one.copy) = (OnwardVerdict::Refused, None);
    });
    assert_eq!(pass(refused, 9700), Err(PassOnError::NoLeave));
    let granted = answered(&world, asked, |_| {});
    let over = PassOnError::LeaveOver { until: at(20 * DAY) };
    assert_eq!(pass(granted.clone(), 20 * DAY), Err(over));
    let mut corrected = granted.clone();
    corrected.version = 2;
    assert_eq!(pass(corrected, 9700), Err(PassOnError::OtherVersion));
    let passed = pass(granted.clone(), 9700).unwrap();
    let gone = withdrawn(&world, passed).unwrap().into_state();
    let owed = gone.onward.owed();
    assert_eq!((owed.len(), owed[0].copy, &owed[0].to), (1, 2, &parliament()));
    let gone = withdrawn(&world, granted).unwrap().into_state();
    assert_eq!(pass(gone, 9700), Err(PassOnError::Over));
}

#[test]
fn leave_that_nobody_asked_for_is_not_taken() {
    let world = World::new();
    let asked = asked(read(held(&world))).unwrap();
    let take = |held, decision| {
        take_leave(&clock(9600), &mut rng(), &job(), held, &world.approve(decision)).map(drop)
    };
    let none = Err(TakeLeaveError::NotAsked);
    assert_eq!(take(held(&world), leave()), none);
    assert_eq!(take(asked.clone(), OnwardDecision { holder: id("party-b"), ..leave() }), none);
    let another = OnwardDecision { person: Some(officer("a.deputy")), ..leave() };
    assert_eq!(take(asked.clone(), another), none);
    assert_eq!(take(asked, leave()), Ok(()));
}
