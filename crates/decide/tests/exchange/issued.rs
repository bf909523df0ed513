//! At the organisation that a notice comes from.

use crate::node::*;
use crate::world::*;
use portcullis_decide::exchange::copies::{CopyFor, RecallError, ReceiptError};
use portcullis_decide::exchange::notices::*;
use portcullis_decide::exchange::{ReleaseOrder, ReleasePlan};
use portcullis_decide::{Change, RecordKind};
use portcullis_share::*;

fn receipt(notice: &IssuedNotice, of: ReceiptOf, stage: ReceiptStage) -> Receipt {
    Receipt { notice: notice.id, version: 1, copy: 1, of, stage, at: at(9000), office: None }
}

fn record(
    notice: IssuedNotice,
    from: &str,
    receipt: &Receipt,
) -> Result<Change<IssuedNotice>, RecordReceiptError> {
    record_receipt(&clock(9100), &mut rng(), &job(), notice, (&id(from), receipt))
}

fn outcome(notice: &IssuedNotice) -> Outcome {
    Outcome {
        notice: notice.id,
        version: 1,
        copy: 1,
        act: OutcomeAct::PersonDeclined,
        reliance: Reliance::Partly,
        text: prose("Quillon Examplesson was not taken on."),
        at: at(9500),
        office: office("head of compliance"),
    }
}

#[test]
fn a_notice_is_released_at_its_moment_read_acknowledged_and_its_outcome_is_known() {
    let world = World::new();
    let change = approved_notice(&world, ReleaseOrder::Independently);
    names_nobody(&change);
    let NoticeStage::Approved { release, .. } = change.state().stage.clone() else {
        panic!("it is approved")
    };
    let approved = change.into_state();
    let copies = copies(&approved);
    let early = clock(release.seconds() - FOUNDED - 1);
    let refused = release_notice(&early, &mut rng(), &job(), approved.clone(), copies.clone(), OUT);
    assert_eq!(refused, Err(ReleaseNoticeError::NotYet { release }));
    let moment = clock(release.seconds() - FOUNDED);
    let other = NoticeId::from_bytes([1; 16]);
    let others = Copies::new(other, [reader()], &all_untied(other)).unwrap();
    let refused = release_notice(&moment, &mut rng(), &job(), approved.clone(), others, OUT);
    assert_eq!(refused, Err(ReleaseNoticeError::OtherNotice));
    let change =
        release_notice(&moment, &mut rng(), &job(), approved, copies.clone(), OUT).unwrap();
    assert_eq!(change.event().kind.as_str(), "notice.released");
    assert_eq!(change.event().gateway, Some(OUT));
    assert_eq!(change.record_kind(), RecordKind::Notice);
    let mut notice = change.into_state();
    let again = release_notice(&moment, &mut rng(), &job(), notice.clone(), copies, OUT);
    assert_eq!(again, Err(ReleaseNoticeError::NotApproved));
    for stage in [ReceiptStage::Delivered, ReceiptStage::Read, ReceiptStage::Acknowledged] {
        let receipt = receipt(&notice, ReceiptOf::Notice, stage);
        notice = record(notice, "party-a", &receipt).unwrap().into_state();
    }
    assert_eq!(notice.ledger.first_read(1), Some(at(9000)));
    let outcome = outcome(&notice);
    let heard = (&id("party-a"), &outcome);
    let change = record_outcome(&clock(9600), &mut rng(), &job(), notice, heard).unwrap();
    names_nobody(&change);
    assert_eq!(change.state().outcomes[0].act, OutcomeAct::PersonDeclined);
    let text = serde_json::to_string(change.state()).unwrap();
    assert_eq!(serde_json::from_str::<IssuedNotice>(&text).unwrap(), *change.state());
}

#[test]
fn whoever_wrote_or_proposed_a_notice_does_not_approve_it() {
    let world = World::new();
    let plan = ReleasePlan::default();
    let proposed = proposed(&world);
    let signed = world.approve(text_of(&proposed));
    let approve = |notice, name: &str, signed: &Approved<Notice>| {
        let order = (ReleaseOrder::Independently, &plan);
        approve_notice(&clock(7200), &mut rng(), &by("service-x", name), notice, signed, order)
    };
    let author = ApproveNoticeError::Author { officer: officer("o.author") };
    assert_eq!(approve(proposed.clone(), "o.author", &signed), Err(author));
    assert_eq!(approve(drafted(), "q.approver", &signed), Err(ApproveNoticeError::NotProposed));
    let mut other = text_of(&proposed);
    other.heading.reply = line("another number");
    let other = world.approve(other);
    let refused = approve(proposed.clone(), "q.approver", &other);
    assert_eq!(refused, Err(ApproveNoticeError::OtherNotice));
    let machine = approve(proposed, "root", &signed);
    assert!(matches!(machine, Err(ApproveNoticeError::Act(_))));
}

#[test]
fn a_notice_that_would_expire_before_its_slot_says_so() {
    let world = World::new();
    let drafted = drafted();
    let mut text = text_of(&drafted);
    (text.heading.expires, text.heading.review) = (at(8000), at(7900));
    let (author, plan) = (by("service-x", "o.author"), ReleasePlan::default());
    let signed = world.propose(text.clone());
    let proposed = propose_notice(&clock(3600), &mut rng(), &author, drafted, &signed).unwrap();
    let (signed, second) = (world.approve(text), by("service-x", "q.approver"));
    let proposed = proposed.into_state();
    let approve = |order| {
        let (clock, proposed) = (clock(7200), proposed.clone());
        approve_notice(&clock, &mut rng(), &second, proposed, &signed, (order, &plan))
    };
    let refused = approve(ReleaseOrder::Independently);
    assert!(matches!(refused, Err(ApproveNoticeError::ExpiresBefore { .. })), "{refused:?}");
    assert!(approve(ReleaseOrder::Now(reason())).is_ok());
}

#[test]
fn what_is_proposed_is_the_notice_that_was_drafted_in_its_first_version() {
    let world = World::new();
    let propose = |notice: IssuedNotice, text: Notice| {
        let (by, signed) = (by("service-x", "o.author"), world.propose(text));
        propose_notice(&clock(3600), &mut rng(), &by, notice, &signed).map(drop)
    };
    let other = Err(ProposeNoticeError::OtherNotice);
    assert_eq!(propose(drafted(), notice()), other);
    assert_eq!(propose(drafted(), second(&drafted())), other);
    assert_eq!(propose(released(&world), text_of(&drafted())), Err(ProposeNoticeError::NotADraft));
}

#[test]
fn no_copy_is_made_for_a_subject_nor_for_all_where_one_of_them_must_not_know() {
    // THREATS T-49
    let barred = person("party-a", "q.examplesson");
    let (this, other) = (heading().id, NoticeId::from_bytes([1; 16]));
    let untied = all_but(this, &barred);
    let to =
        |name: Option<&str>| CopyFor { organisation: id("party-a"), officer: name.map(officer) };
    let refused = Copies::new(this, [to(Some("q.examplesson"))], &untied);
    assert_eq!(refused, Err(CopiesError::NotUntied { person: barred }));
    let stranger = Copies::new(this, [to(Some("n.unknown"))], &untied);
    assert!(matches!(stranger, Err(CopiesError::NotUntied { .. })));
    let refused = Copies::new(this, [to(None)], &untied);
    assert_eq!(refused, Err(CopiesError::NeedsAPerson { organisation: id("party-a") }));
    assert!(Copies::new(this, [to(Some("o.testwick"))], &untied).is_ok());
    // Looked at for one notice is not looked at for another.
    assert!(matches!(Copies::new(other, [reader()], &untied), Err(CopiesError::NotUntied { .. })));
    assert_eq!(Copies::new(other, [to(None)], &untied), Err(CopiesError::OtherNotice));
    assert_eq!(Copies::new(this, [], &untied), Err(CopiesError::Nobody));
}

#[test]
fn a_receipt_or_an_outcome_counts_only_from_whoever_holds_the_copy() {
    let world = World::new();
    let notice = released(&world);
    let mut read = receipt(&notice, ReceiptOf::Notice, ReceiptStage::Read);
    let refused = record(notice.clone(), "party-b", &read);
    assert_eq!(refused, Err(RecordReceiptError::OtherHolder));
    read.version = 2;
    let refused = record(notice.clone(), "party-a", &read);
    let not_sent = ReceiptError::NotSent { version: 2 };
    assert_eq!(refused, Err(RecordReceiptError::Receipt(not_sent)));
    read.notice = NoticeId::from_bytes([1; 16]);
    assert_eq!(record(notice.clone(), "party-a", &read), Err(RecordReceiptError::OtherNotice));
    let said = outcome(&notice);
    let heard = (&id("party-b"), &said);
    let refused = record_outcome(&clock(9600), &mut rng(), &job(), notice, heard);
    assert_eq!(refused, Err(RecordOutcomeError::OtherHolder));
}

/// Passed on by `party-a` to a person of `parliament-a`, as copy 2.
fn passed_on(world: &World) -> IssuedNotice {
    let notice = released(world);
    let request = OnwardRequest {
        id: leave().request,
        notice: notice.id,
        version: 1,
        copy: 1,
        to: id("parliament-a"),
        person: Some(officer("o.testwick")),
        why: prose("He takes him on."),
        office: office("head of compliance"),
        asked: at(9000),
    };
    let asked = (&id("party-a"), &request);
    let notice = ask_onward(&clock(9100), &mut rng(), &job(), notice, asked).unwrap().into_state();
    let twice = ask_onward(&clock(9100), &mut rng(), &job(), notice.clone(), asked);
    assert_eq!(twice, Err(AskOnwardError::Asked));
    let change = decide(world, notice, |_| {}).unwrap();
    names_nobody(&change);
    assert_eq!(change.event().kind.as_str(), "notice.onward-granted");
    change.into_state()
}

fn decide(
    world: &World,
    notice: IssuedNotice,
    alter: impl Fn(&mut OnwardDecision),
) -> Result<Change<IssuedNotice>, DecideOnwardError> {
    let mut decision = OnwardDecision { notice: notice.id, ..leave() };
    alter(&mut decision);
    let signed = world.approve(decision);
    let untied = all_untied(notice.id);
    let (by, reason) = (by("service-x", "q.approver"), reason());
    decide_onward(&clock(9200), &mut rng(), &by, notice, &signed, (&untied, &reason, OUT))
}

#[test]
fn leave_to_pass_on_is_for_what_was_asked_and_makes_a_copy_with_the_next_number() {
    let world = World::new();
    let notice = passed_on(&world);
    assert_eq!(notice.ledger.copy(2).unwrap().via.map(|via| via.copy), Some(1));
    // It was decided; nothing else was asked.
    assert_eq!(decide(&world, notice.clone(), |_| {}), Err(DecideOnwardError::NotAsked));
    let mut open = notice;
    open.onward[0].verdict = None;
    let next = DecideOnwardError::OtherNumber { next: 3 };
    assert_eq!(decide(&world, open.clone(), |_| {}), Err(next));
    let to_another = decide(&world, open.clone(), |one| one.person = Some(officer("a.deputy")));
    assert_eq!(to_another, Err(DecideOnwardError::NotAsked));
    let refused = decide(&world, open, |one| {
        (one.verdict, one.copy) = (OnwardVerdict::Refused, None);
    });
    let refused = refused.unwrap();
    assert_eq!(refused.event().kind.as_str(), "notice.onward-refused");
    assert_eq!(refused.state().ledger.copies().len(), 2);
}

#[test]
fn nothing_is_passed_on_to_somebody_who_must_not_know() {
    // THREATS T-49
    let world = World::new();
    let mut notice = passed_on(&world);
    notice.onward[0].verdict = None;
    let signed = world.approve(OnwardDecision { notice: notice.id, ..leave() });
    let untied = all_but(notice.id, &person("parliament-a", "o.testwick"));
    let (by, reason) = (by("service-x", "q.approver"), reason());
    let (clock, mut rng) = (clock(9200), rng());
    let refused = decide_onward(&clock, &mut rng, &by, notice, &signed, (&untied, &reason, OUT));
    assert!(matches!(refused, Err(DecideOnwardError::Copies(CopiesError::NotUntied { .. }))));
}

fn withdraw(
    world: &World,
    notice: IssuedNotice,
    version: u64,
) -> Result<IssuedNotice, WithdrawError> {
    let signed = world.approve(withdrawal_of(&notice, version));
    let (clock, by) = (clock(10_000), by("service-x", "q.approver"));
    let why = (reason(), OUT);
    let change = withdraw_notice(&clock, &mut rng(), &by, notice, &signed, why)?;
    names_nobody(&change);
    assert_eq!(change.event().kind.as_str(), "notice.withdrawn");
    Ok(change.into_state())
}

#[test]
fn a_correction_and_then_a_withdrawal_are_owed_to_everybody_onward_copies_too() {
    // THREATS T-50
    let world = World::new();
    let notice = passed_on(&world);
    let (signed, by) = (world.approve(second(&notice)), by("service-x", "q.approver"));
    let why = (&reason(), at(10 * DAY));
    let change = correct_notice(&clock(9500), &mut rng(), &by, notice, &signed, why).unwrap();
    names_nobody(&change);
    let notice = change.into_state();
    assert_eq!(notice.ledger.owed().iter().map(|owed| owed.copy).collect::<Vec<_>>(), [1, 2]);
    let again = correct_notice(&clock(9500), &mut rng(), &by, notice.clone(), &signed, why);
    assert_eq!(again, Err(CorrectError::OtherNotice));
    // Not the latest version: somebody would keep what isn't named.
    assert_eq!(withdraw(&world, notice.clone(), 1), Err(WithdrawError::OtherNotice));
    let mut notice = withdraw(&world, notice, 2).unwrap();
    assert_eq!(withdraw(&world, notice.clone(), 2), Err(WithdrawError::NotOut));
    assert_eq!(notice.ledger.owed().len(), 4);
    for (copy, from) in [(1, "party-a"), (2, "parliament-a")] {
        assert_eq!(notice.ledger.overdue(at(10 * DAY)), 2 * (3 - usize::try_from(copy).unwrap()));
        let of = ReceiptOf::Withdrawal;
        let receipt = Receipt { copy, version: 2, ..receipt(&notice, of, ReceiptStage::Read) };
        notice = record(notice, from, &receipt).unwrap().into_state();
    }
    assert!(notice.ledger.owed().is_empty());
    let once = notice.ledger.clone().recall(*notice.ledger.withdrawn().unwrap());
    assert_eq!(once, Err(RecallError::Withdrawn));
}

#[test]
fn what_never_went_out_is_dropped_and_what_did_is_withdrawn() {
    let world = World::new();
    let by = by("service-x", "q.approver");
    let dropped = |notice| drop_notice(&clock(7300), &mut rng(), &by, notice, reason());
    let approved = approved_notice(&world, ReleaseOrder::Independently).into_state();
    let gone = dropped(approved).unwrap();
    names_nobody(&gone);
    let gone = gone.into_state();
    let late = clock(40 * DAY);
    let copies = copies(&gone);
    let refused = release_notice(&late, &mut rng(), &job(), gone.clone(), copies, OUT);
    assert_eq!(refused, Err(ReleaseNoticeError::NotApproved));
    assert_eq!(dropped(gone), Err(DropError::Dropped));
    assert_eq!(dropped(released(&world)), Err(DropError::Out));
    assert_eq!(withdraw(&world, drafted(), 1), Err(WithdrawError::NotOut));
}
