//! Released by one officer at night.

use crate::node::*;
use crate::world::*;
use portcullis_decide::Change;
use portcullis_decide::exchange::duty::SecondError;
use portcullis_decide::exchange::held::{
    HeldStanding, LapseCopyError, TakeConfirmationError, lapse_copy, take_confirmation,
};
use portcullis_decide::exchange::notices::*;
use portcullis_share::*;

/// Three hours after the federation was founded.
const CONFIRM_BY: u64 = 3 * 3600;

fn signed(world: &World, text: Notice) -> Urgent<Notice> {
    let (checks, officer) = (world.checks(at(3600)), release_officer("orsolya"));
    let draft = Draft::new(text, &checks).unwrap();
    draft.propose_urgently(&checks, at(CONFIRM_BY), &officer, &keys("orsolya")).unwrap()
}

fn out(world: &World) -> (IssuedNotice, Urgent<Notice>) {
    let drafted = drafted();
    let signed = signed(world, text_of(&drafted));
    let (clock, by) = (clock(3600), by("service-x", "o.author"));
    let with = (copies(&drafted), reason());
    let change = release_notice_urgently(&clock, &mut rng(), &by, drafted, &signed, with).unwrap();
    names_nobody(&change);
    assert_eq!(change.event().kind.as_str(), "notice.released-urgently");
    (change.into_state(), signed)
}

fn confirmed(world: &World, signed: Urgent<Notice>) -> (Approved<Notice>, Confirmation) {
    let (checks, officer) = (world.checks(at(7200)), release_officer("quillon"));
    signed.confirm(&checks, &officer, &keys("quillon")).unwrap()
}

#[test]
fn another_officer_confirms_it_in_time_or_it_is_taken_back_by_itself() {
    let world = World::new();
    let (notice, signed) = out(&world);
    let (approved, _) = confirmed(&world, signed);
    let confirm = |name: &str, when| {
        let by = by("service-x", name);
        confirm_notice(&clock(when), &mut rng(), &by, notice.clone(), &approved)
    };
    let same = SecondError::Same { officer: officer("o.author") };
    assert_eq!(confirm("o.author", 7200), Err(ConfirmError::Second(same)));
    let late = SecondError::TooLate { confirm_by: at(CONFIRM_BY) };
    assert_eq!(confirm("q.approver", CONFIRM_BY), Err(ConfirmError::Second(late)));
    let held = confirm("q.approver", 7200).unwrap().into_state();

    let lapse =
        |notice, when| lapse_notice(&clock(when), &mut rng(), &job(), notice, (at(5 * DAY), OUT));
    assert_eq!(lapse(held, CONFIRM_BY), Err(LapseNoticeError::NotWaiting));
    let confirm_by = at(CONFIRM_BY);
    let early = lapse(notice.clone(), CONFIRM_BY - 1);
    assert_eq!(early, Err(LapseNoticeError::NotYet { confirm_by }));
    let change: Change<IssuedNotice> = lapse(notice.clone(), CONFIRM_BY).unwrap();
    assert_eq!(change.event().kind.as_str(), "notice.lapsed");
    // THREATS T-50: that nobody confirmed it is owed to whoever has it.
    assert_eq!(change.state().ledger.owed().len(), 1);
    assert!(matches!(change.state().stage, NoticeStage::Withdrawn { by: None, .. }));
    let by = by("service-x", "q.approver");
    let late = confirm_notice(&clock(7200), &mut rng(), &by, change.into_state(), &approved);
    assert_eq!(late, Err(ConfirmError::NotUrgent));
}

#[test]
fn what_confirms_another_notice_confirms_nothing() {
    let world = World::new();
    let (notice, _) = out(&world);
    let other = self::notice();
    let (approved, _) = confirmed(&world, signed(&world, other));
    let by = by("service-x", "q.approver");
    let refused = confirm_notice(&clock(7200), &mut rng(), &by, notice, &approved);
    assert_eq!(refused, Err(ConfirmError::OtherNotice));
}

#[test]
fn a_copy_that_nobody_confirmed_is_taken_back_where_it_is_held() {
    let world = World::new();
    let signed = signed(&world, notice());
    let (_, confirmation) = confirmed(&world, signed.clone());
    let received = arrived(&world, &signed.into());
    let held = take(&received, None).into_state();
    assert_eq!(held.standing(at(8000)), HeldStanding::Stands);
    // At that moment it counts no more, whether or not the job has run.
    assert_eq!(held.standing(at(CONFIRM_BY)), HeldStanding::Withdrawn);
    let lapse = |held, when| lapse_copy(&clock(when), &mut rng(), &job(), held, at(5 * DAY));
    let confirm_by = at(CONFIRM_BY);
    let early = lapse(held.clone(), CONFIRM_BY - 1);
    assert_eq!(early, Err(LapseCopyError::NotYet { confirm_by }));
    let lapsed = lapse(held.clone(), CONFIRM_BY).unwrap();
    assert_eq!(lapsed.event().kind.as_str(), "copy.lapsed");
    assert!(lapsed.state().withdrawn.is_some());

    let unconfirmed = take_confirmation(&clock(8100), &mut rng(), &job(), held.clone(), &received);
    assert_eq!(unconfirmed, Err(TakeConfirmationError::OtherCopy));
    let received = received.confirmed(&world.checks(at(8100)), &confirmation).unwrap();
    let confirm = |held, when| take_confirmation(&clock(when), &mut rng(), &job(), held, &received);
    let late = confirm(held.clone(), CONFIRM_BY);
    assert_eq!(late, Err(TakeConfirmationError::TooLate { confirm_by }));
    let held = confirm(held, 8100).unwrap().into_state();
    assert_eq!(held.standing(at(CONFIRM_BY)), HeldStanding::Stands);
    assert_eq!(lapse(held, CONFIRM_BY), Err(LapseCopyError::NotWaiting));
}
