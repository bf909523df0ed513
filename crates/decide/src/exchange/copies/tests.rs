use super::*;
use portcullis_federation::Moment;
use portcullis_share::{OnwardId, ReceiptOf, ReceiptStage};
use portcullis_types::{OfficerId, OrganisationId};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn at(seconds: u64) -> Moment {
    Moment::new(seconds).unwrap()
}

fn to(organisation: &str) -> CopyFor {
    CopyFor {
        organisation: OrganisationId::new(organisation).unwrap(),
        officer: Some(OfficerId::new("o.testwick").unwrap()),
    }
}

fn copy(organisation: &str, version: u64) -> IssuedCopy {
    IssuedCopy::new(to(organisation), version, None, at(1_000))
}

fn passed_on(organisation: &str, from: u64) -> IssuedCopy {
    let via = Via { copy: from, leave: OnwardId::from_bytes([9; 16]) };
    IssuedCopy::new(to(organisation), 1, Some(via), at(2_000))
}

fn recall(kind: RecallKind) -> Recall {
    Recall { kind, at: at(5_000), receipt_by: at(100_000) }
}

fn withdrawal(version: u64) -> Recall {
    recall(RecallKind::Withdrawal { version })
}

fn correction(version: u64) -> Recall {
    recall(RecallKind::Correction { version })
}

fn receipt(of: ReceiptOf, version: u64, stage: ReceiptStage) -> StageAt {
    StageAt { of, version, stage, at: at(6_000) }
}

fn owed(ledger: &Ledger) -> Vec<(u64, RecallKind)> {
    ledger.owed().into_iter().map(|owed| (owed.copy, owed.recall.kind)).collect()
}

fn two() -> Ledger {
    let mut ledger = Ledger::default();
    ledger.add(1, copy("party-a", 1)).unwrap();
    ledger.add(2, copy("party-b", 1)).unwrap();
    ledger
}

#[test]
fn a_withdrawal_is_owed_to_a_copy_that_becomes_known_after_it() {
    // THREATS T-50
    let mut ledger = two();
    ledger.recall(withdrawal(1)).unwrap();
    ledger.add(3, passed_on("parliament-y", 2)).unwrap();
    let kind = RecallKind::Withdrawal { version: 1 };
    assert_eq!(owed(&ledger), [(1, kind), (2, kind), (3, kind)]);
    let last = ledger.owed().pop().unwrap();
    assert_eq!((last.via, last.since), (Some(2), at(5_000)));
    assert_eq!(ledger.next_number(), 4);
}

#[test]
fn delivery_settles_nothing_and_reading_does() {
    let mut ledger = two();
    ledger.recall(withdrawal(1)).unwrap();
    let of = ReceiptOf::Withdrawal;
    ledger.receipt(1, receipt(of, 1, ReceiptStage::Delivered)).unwrap();
    assert_eq!(ledger.owed().len(), 2);
    ledger.receipt(1, receipt(of, 1, ReceiptStage::Read)).unwrap();
    ledger.receipt(2, receipt(of, 1, ReceiptStage::Destroyed)).unwrap();
    assert!(ledger.owed().is_empty());
}

#[test]
fn that_the_notice_was_read_settles_no_withdrawal_of_it() {
    let mut ledger = two();
    ledger.recall(withdrawal(1)).unwrap();
    for stage in [ReceiptStage::Read, ReceiptStage::Acknowledged] {
        ledger.receipt(1, receipt(ReceiptOf::Notice, 1, stage)).unwrap();
    }
    assert_eq!(ledger.owed().len(), 2);
    assert_eq!(ledger.first_read(1), Some(at(6_000)));
    assert_eq!(ledger.first_read(2), None);
}

#[test]
fn whoever_read_a_later_version_or_the_withdrawal_need_not_read_the_one_between() {
    let mut ledger = two();
    ledger.recall(correction(2)).unwrap();
    ledger.recall(correction(3)).unwrap();
    assert_eq!(ledger.owed().len(), 4);
    ledger.receipt(1, receipt(ReceiptOf::Notice, 3, ReceiptStage::Read)).unwrap();
    let left = [2, 3].map(|version| (2, RecallKind::Correction { version }));
    assert_eq!(owed(&ledger), left);
    ledger.recall(withdrawal(3)).unwrap();
    ledger.receipt(2, receipt(ReceiptOf::Withdrawal, 3, ReceiptStage::Read)).unwrap();
    assert_eq!(owed(&ledger), [(1, RecallKind::Withdrawal { version: 3 })]);
}

#[test]
fn a_copy_that_went_out_corrected_is_owed_no_correction() {
    let mut ledger = two();
    ledger.recall(correction(2)).unwrap();
    ledger.add(3, copy("party-c", 2)).unwrap();
    let kind = RecallKind::Correction { version: 2 };
    assert_eq!(owed(&ledger), [(1, kind), (2, kind)]);
}

#[test]
fn what_does_not_fit_is_refused_by_name() {
    let mut ledger = two();
    assert_eq!(ledger.add(1, copy("party-b", 1)), Err(CopyError::NumberTaken { number: 1 }));
    assert_eq!(ledger.add(1, copy("party-a", 1)), Ok(()));
    let unknown = CopyError::UnknownOrigin { number: 7 };
    assert_eq!(ledger.add(3, passed_on("party-c", 7)), Err(unknown));
    assert_eq!(ledger.recall(correction(1)), Err(RecallError::NotLater { version: 1 }));
    ledger.recall(correction(2)).unwrap();
    assert_eq!(ledger.recall(correction(2)), Err(RecallError::NotLater { version: 2 }));
    let read = |of, version| receipt(of, version, ReceiptStage::Read);
    // Nobody receipts what was not sent.
    for (of, version) in
        [(ReceiptOf::Notice, 3), (ReceiptOf::Notice, 0), (ReceiptOf::Withdrawal, 2)]
    {
        let refused = ledger.receipt(1, read(of, version));
        assert_eq!(refused, Err(ReceiptError::NotSent { version }));
    }
    let refused = ledger.receipt(9, read(ReceiptOf::Notice, 1));
    assert_eq!(refused, Err(ReceiptError::UnknownCopy { number: 9 }));
    ledger.recall(withdrawal(2)).unwrap();
    for kind in [withdrawal(2), correction(3)] {
        assert_eq!(ledger.recall(kind), Err(RecallError::Withdrawn));
    }
}

#[test]
fn reminders_come_on_a_beat_from_when_it_became_owed_and_what_is_overdue_is_counted() {
    // THREATS T-50
    let mut ledger = two();
    ledger.recall(withdrawal(1)).unwrap();
    let first = ledger.owed().swap_remove(0);
    let plan = ReminderPlan::default();
    // Owed since second 5,000: a day has 86,400.
    for (now, expected) in [(5_000, 91_400), (91_399, 91_400), (91_400, 177_800), (0, 91_400)] {
        assert_eq!(first.next_reminder(at(now), plan), at(expected), "{now}");
    }
    assert_eq!(first.state(at(99_999)), OwedState::Waiting);
    assert_eq!((ledger.overdue(at(99_999)), ledger.overdue(at(100_000))), (0, 2));
    ledger.receipt(1, receipt(ReceiptOf::Withdrawal, 1, ReceiptStage::Read)).unwrap();
    assert_eq!(ledger.overdue(at(100_000)), 1);
    for hours in [0, 169] {
        assert_eq!(ReminderPlan::every_hours(hours), Err(ReminderPlanError));
    }
}

#[test]
fn the_same_receipt_twice_keeps_the_first_moment() {
    let mut ledger = two();
    let read = receipt(ReceiptOf::Notice, 1, ReceiptStage::Read);
    for seconds in [8_000, 7_000, 9_000] {
        ledger.receipt(1, StageAt { at: at(seconds), ..read }).unwrap();
    }
    assert_eq!(ledger.receipts(1), [StageAt { at: at(7_000), ..read }]);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Copy,
    Onward(u64),
    Correct,
    Withdraw,
    Receipt(u64, ReceiptOf, u64, ReceiptStage),
    KeepAndRead,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let receipt = (
        1..8_u64,
        proptest::sample::select(ReceiptOf::ALL),
        1..5_u64,
        proptest::sample::select(ReceiptStage::ALL),
    );
    let step = prop_oneof![
        3 => Just(Step::Copy),
        2 => (1..8_u64).prop_map(Step::Onward),
        2 => Just(Step::Correct),
        1 => Just(Step::Withdraw),
        6 => receipt.prop_map(|(copy, of, version, stage)| Step::Receipt(copy, of, version, stage)),
        1 => Just(Step::KeepAndRead),
    ];
    proptest::collection::vec(step, 0..40)
}

/// What a clerk with paper would keep: who ever had a copy, and whose receipts for the withdrawal came.
#[derive(Default)]
struct Clerk {
    had: BTreeSet<u64>,
    withdrawn: Option<u64>,
    receipted: BTreeSet<u64>,
}

proptest! {
    #[test]
    fn whoever_ever_had_a_copy_is_owed_the_withdrawal_once_until_he_has_read_it(steps in steps()) {
        // THREATS T-50
        let (mut ledger, mut clerk, mut version) = (Ledger::default(), Clerk::default(), 1_u64);
        for (n, step) in steps.into_iter().enumerate() {
            let number = ledger.next_number();
            match step {
                Step::Copy => {
                    ledger.add(number, copy(&format!("org-{number}"), version)).unwrap();
                    clerk.had.insert(number);
                }
                Step::Onward(from) => {
                    let known = clerk.had.contains(&from);
                    let added = ledger.add(number, passed_on(&format!("org-{number}"), from));
                    prop_assert_eq!(added.is_ok(), known);
                    clerk.had.extend(known.then_some(number));
                }
                Step::Correct => {
                    if ledger.recall(correction(version + 1)).is_ok() {
                        prop_assert!(clerk.withdrawn.is_none());
                        version += 1;
                    }
                }
                Step::Withdraw => {
                    let first = ledger.recall(withdrawal(version)).is_ok();
                    prop_assert_eq!(first, clerk.withdrawn.is_none());
                    clerk.withdrawn = clerk.withdrawn.or(Some(version));
                }
                Step::Receipt(from, of, of_version, stage) => {
                    let taken = ledger.receipt(from, receipt(of, of_version, stage)).is_ok();
                    let is_withdrawal = of == ReceiptOf::Withdrawal;
                    if is_withdrawal {
                        let sent = clerk.withdrawn == Some(of_version) && clerk.had.contains(&from);
                        prop_assert_eq!(taken, sent, "step {}", n);
                    }
                    if taken && is_withdrawal && stage != ReceiptStage::Delivered {
                        clerk.receipted.insert(from);
                    }
                }
                Step::KeepAndRead => {
                    let kept = serde_json::to_string(&ledger).unwrap();
                    ledger = serde_json::from_str(&kept).unwrap();
                }
            }
            let mut owed: BTreeMap<u64, u32> = BTreeMap::new();
            for one in ledger.owed() {
                if matches!(one.recall.kind, RecallKind::Withdrawal { .. }) {
                    *owed.entry(one.copy).or_default() += 1;
                }
            }
            let expected: BTreeSet<_> = match clerk.withdrawn {
                Some(_) => clerk.had.difference(&clerk.receipted).copied().collect(),
                None => BTreeSet::new(),
            };
            prop_assert!(owed.keys().eq(expected.iter()), "step {}: {:?}", n, owed);
            prop_assert!(owed.values().all(|times| *times == 1));
        }
    }

    #[test]
    fn what_is_owed_does_not_depend_on_the_order_in_which_receipts_come(
        receipts in proptest::collection::vec(
            (1..3_u64, proptest::sample::select(ReceiptOf::ALL), 1..3_u64,
             proptest::sample::select(ReceiptStage::ALL)), 0..12),
        turn in any::<proptest::sample::Index>(),
    ) {
        let owed_after = |receipts: &[(u64, ReceiptOf, u64, ReceiptStage)]| {
            let mut ledger = two();
            ledger.recall(correction(2)).unwrap();
            ledger.recall(withdrawal(2)).unwrap();
            for (number, of, version, stage) in receipts {
                let _ = ledger.receipt(*number, receipt(*of, *version, *stage));
            }
            owed(&ledger)
        };
        let mut turned = receipts.clone();
        if !turned.is_empty() {
            let by = turn.index(turned.len());
            turned.rotate_left(by);
            turned.reverse();
        }
        prop_assert_eq!(owed_after(&receipts), owed_after(&turned));
    }
}
