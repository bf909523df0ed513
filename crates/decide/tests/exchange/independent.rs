//! What a notice tells of what gave rise to it: nothing.

use crate::node::*;
use crate::world::*;
use portcullis_decide::exchange::notices::{NoticeStage, draft_notice};
use portcullis_decide::exchange::referrals::*;
use portcullis_decide::exchange::{ReleaseOrder, ReleasePlan, release_independently};
use portcullis_decide::{Change, StatedReason};
use portcullis_share::*;
use portcullis_testkit::SeededRng;
use portcullis_types::{Event, Purpose};
use proptest::prelude::{any, prop_assert_eq, proptest};

/// A referral of an enquiry or a report that came at some time, closed as one that leads to a notice.
fn closed(of: ReferralOf, came: u64) -> (Referral, Vec<Event>) {
    let (mut rng, own) = (SeededRng::new(77), (id("service-x"), Purpose::ScreenStaff));
    let (me, why) = (by("service-x", "o.author"), reason());
    let mut events = Vec::new();
    let mut keep = |change: Change<Referral>| {
        events.push(change.event().clone());
        change.into_state()
    };
    let referral = keep(open_referral(&clock(came), &mut rng, own, &job(), of).unwrap());
    let to = officer("o.author");
    let referral = keep(assign_referral(&clock(came), &mut rng, &me, referral, to).unwrap());
    let (at, matcher) = (clock(came + 60), Some("name agrees".into()));
    let assessed =
        assess_referral(&at, &mut rng, &me, referral, Conclusion::ToSay, matcher, why.clone());
    let referral = keep(assessed.unwrap());
    let end = ReferralEnd::Notice;
    let closed = close_referral(&clock(came + 120), &mut rng, &me, referral, end, why).unwrap();
    let referral = keep(closed);
    (referral, events)
}

#[test]
fn a_notice_and_its_events_hold_no_id_of_what_it_came_from() {
    // THREATS T-51
    let enquiry = EnquiryId::from_bytes([0xe1; 16]);
    let (referral, events) = closed(ReferralOf::Enquiry(enquiry), 1000);
    let drafted = draft_notice(&clock(3000), &mut rng(), &by("service-x", "o.author")).unwrap();
    let approved = approved_notice(&World::new(), ReleaseOrder::Independently);
    let holds = |bytes: &[u8], id: &[u8; 16]| bytes.windows(16).any(|part| part == id);
    for change in [&drafted, &approved] {
        let bytes = change.event().to_bytes();
        let text = serde_json::to_string(change.state()).unwrap();
        for id in [enquiry.as_bytes(), referral.id.as_bytes()] {
            assert!(!holds(&bytes, id), "{}", change.event().kind.as_str());
        }
        assert!(!text.contains(&enquiry.to_string()) && !text.contains(&referral.id.to_string()));
    }
    // Nor the other way round: the referral doesn't know which notice came of it.
    let notice = drafted.state().id;
    assert!(events.iter().all(|event| !holds(&event.to_bytes(), notice.as_bytes())));
    assert!(!serde_json::to_string(&referral).unwrap().contains(&notice.to_string()));
}

proptest! {
    #[test]
    fn two_notices_of_different_referrals_or_of_none_are_the_same_in_all_that_leaves(
        seed in any::<u64>(),
        came in 0..3000_u64,
        report in any::<bool>(),
    ) {
        // THREATS T-51: drafted and approved at the same moments, with the same draws.
        let of = if report {
            ReferralOf::Report(ReportId::from_bytes([0xa0; 16]))
        } else {
            ReferralOf::Enquiry(EnquiryId::from_bytes([0xe1; 16]))
        };
        let drafted = |referral: Option<(Referral, Vec<Event>)>| {
            drop(referral);
            let me = by("service-x", "o.author");
            draft_notice(&clock(3200), &mut SeededRng::new(seed), &me).unwrap()
        };
        prop_assert_eq!(drafted(Some(closed(of, came))), drafted(None));
        let release = || {
            release_independently(at(7200), &mut SeededRng::new(seed), &ReleasePlan::default())
        };
        let first = release();
        drop(closed(of, came));
        prop_assert_eq!(first, release());
    }
}

#[test]
fn the_moment_of_release_stands_in_the_record_and_in_no_event() {
    // THREATS T-51
    let change = approved_notice(&World::new(), ReleaseOrder::Independently);
    let NoticeStage::Approved { release, at_once, .. } = &change.state().stage else {
        panic!("it is approved")
    };
    assert_eq!(at_once, &None::<StatedReason>);
    let names: Vec<_> = change.event().details.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["author", "digest", "notice"]);
    assert!(*release > at(7200));
}
