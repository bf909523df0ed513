//! Whatever happens, and in whatever order: no change without a quorum.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod world;

use portcullis_federation::{
    Age, Card, History, MemberFile, MemberList, Offered, Quorum, Revocation, RevocationReason,
    SignedList,
};
use portcullis_types::{Level, OrganisationId};
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeSet;
use world::*;

const NAMES: [&str; 11] = [
    "library-a",
    "overseer-a",
    "overseer-b",
    "parliament-a",
    "parliament-b",
    "party-a",
    "party-b",
    "party-c",
    "party-d",
    "service-a",
    "service-b",
];

const VOTERS: [&str; 18] = [
    "library-a",
    "library-b",
    "library-c",
    "overseer-a",
    "overseer-b",
    "overseer-c",
    "parliament-a",
    "parliament-b",
    "parliament-c",
    "party-a",
    "party-b",
    "party-c",
    "party-d",
    "party-e",
    "service-a",
    "service-b",
    "service-c",
    "service-d",
];

fn ids(names: &[&str]) -> BTreeSet<OrganisationId> {
    names.iter().map(|name| id(name)).collect()
}

fn names() -> impl Strategy<Value = BTreeSet<&'static str>> {
    proptest::sample::subsequence(NAMES.to_vec(), 0..=NAMES.len())
        .prop_map(|names| names.into_iter().collect())
}

/// What is tried with a list, by whom it is signed.
#[derive(Debug, Clone)]
struct Step {
    who: Index,
    what: u8,
    signers: BTreeSet<&'static str>,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (any::<Index>(), 0_u8..3, names()).prop_map(|(who, what, signers)| Step {
        who,
        what,
        signers,
    });
    proptest::collection::vec(step, 1..6)
}

fn spoil(list: &mut MemberList, step: &Step) {
    let at = step.who.index(list.members.len());
    let issued = list.issued;
    let member = &mut list.members[at];
    match step.what {
        0 => member.ceiling = Level(member.ceiling.0.wrapping_add(1)),
        1 if member.revoked.is_none() => {
            member.revoked = Some(Revocation { since: issued, reason: RevocationReason::Left });
        }
        _ => member.until = Some(issued.later(9)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    // THREATS T-28
    #[test]
    fn two_quorums_of_one_list_share_a_member_however_many_of_each_kind_there_are(
        members in proptest::sample::subsequence(VOTERS.to_vec(), 1..=VOTERS.len()),
        sides in proptest::collection::vec(0_u8..8, VOTERS.len()),
    ) {
        let quorum = Quorum::of(&founding(&members));
        // Nearly everybody is on one side alone.
        let side = |wanted: u8| -> Vec<&str> {
            let on = |side: u8| side % 2 == wanted || side > 6;
            members.iter().zip(&sides).filter(|(_, side)| on(**side)).map(|(name, _)| *name).collect()
        };
        let (one, other) = (side(0), side(1));
        let enough = |names: &[&str]| quorum.missing(&ids(names)).is_empty();
        for names in [&one, &other] {
            let said = is_quorum(&members.iter().copied().collect(), &names.iter().copied().collect());
            prop_assert_eq!(enough(names), said, "{:?} of {:?}", names, members);
        }
        let shared = one.iter().any(|name| other.contains(name));
        prop_assert!(shared || !enough(&one) || !enough(&other), "{one:?} and {other:?}");
        prop_assert!(enough(&members), "all of them are enough");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    // THREATS T-26
    #[test]
    fn no_history_of_changes_has_one_without_a_quorum(steps in steps()) {
        let mut history = founded(&NAMES);
        for step in steps {
            let before = history.current().list().clone();
            let mut list = next(&history);
            spoil(&mut list, &step);
            let signers: Vec<_> = step.signers.iter().copied().collect();
            let signed = signed_by(&list, &signers);
            let in_force: BTreeSet<_> = NAMES
                .into_iter()
                .filter(|name| before.member(&id(name)).unwrap().revoked.is_none())
                .collect();
            let enough = step.signers.is_subset(&in_force) && is_quorum(&in_force, &step.signers);
            match history.offer(&signed, later(&list), Age::Recent, &own("library-a", &[0])) {
                Ok(Offered::Next(accepted)) => {
                    prop_assert!(enough, "{:?} of {in_force:?}", step.signers);
                    history.take(*accepted);
                }
                Ok(Offered::Known) => prop_assert!(false, "nothing was taken twice"),
                Err(refused) => prop_assert!(!enough, "{refused}: {:?}", step.signers),
            }
        }
        let lists = history.lists().to_vec();
        prop_assert!(History::kept(lists, history.pins().clone()).is_ok());
    }

    // THREATS T-26
    #[test]
    fn with_any_bit_of_list_or_signatures_flipped_nothing_is_taken(
        at in any::<Index>(), bit in 0_u32..8,
    ) {
        let history = founded(&SIX);
        let mut list = next(&history);
        change(&mut list, "library-a").ceiling = Level(2);
        let quorum = ["overseer-a", "parliament-a", "party-a", "party-b", "service-a"];
        let mut bytes = MemberFile::Lists(vec![signed_by(&list, &quorum)]).to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(MemberFile::Lists(lists)) = MemberFile::from_bytes(&bytes) {
            for signed in lists {
                let offered = history.offer(&signed, later(&list), Age::Recent, &own("library-a", &[0]));
                prop_assert!(offered.is_err(), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn the_order_of_signatures_makes_no_difference_and_a_signer_counts_once(
        order in Just(SIX.to_vec()).prop_shuffle(), twice in any::<Index>(),
    ) {
        let list = founding(&SIX);
        let straight = signed_by(&list, &SIX);
        let mut shuffled = SignedList::new(&list).unwrap();
        for name in order.iter().chain([twice.get(&SIX)]) {
            shuffled.add(signer(name, 0).sign(&id(name), &list));
        }
        prop_assert_eq!(shuffled.signatures().len(), SIX.len());
        prop_assert_eq!(
            MemberFile::Lists(vec![shuffled]).to_bytes(),
            MemberFile::Lists(vec![straight]).to_bytes()
        );
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = MemberFile::from_bytes(&bytes);
        let _ = MemberList::from_bytes(&bytes);
        for kind in 1..=3 {
            let mut with_magic = b"portcullis-members\0".to_vec();
            with_magic.push(kind);
            with_magic.extend_from_slice(&bytes);
            let _ = MemberFile::from_bytes(&with_magic);
        }
    }
}

#[test]
fn lists_go_into_as_many_files_as_can_be_read() {
    let signed = signed_by(&founding(&SIX), &SIX);
    let files = MemberFile::of_lists(vec![signed.clone(); 10_001]);
    assert!(files.len() > 1);
    // The limits of `docs/spec/member-list.md`, section 1.
    let mut found = 0;
    for file in &files {
        let MemberFile::Lists(lists) = file else { panic!("it holds something else") };
        assert!(lists.len() <= 10_000 && file.to_bytes().len() <= 64 << 20);
        found += lists.len();
    }
    assert_eq!(found, 10_001);
    assert_eq!(MemberFile::of_lists(vec![signed.clone()]), [MemberFile::Lists(vec![signed])]);
}

#[test]
fn lists_and_cards_are_read_back_as_they_were_written() {
    let list = founding(&SIX);
    let lists = MemberFile::Lists(vec![signed_by(&list, &SIX)]);
    assert_eq!(MemberFile::from_bytes(&lists.to_bytes()), Ok(lists));
    let card = MemberFile::Card(Box::new(Card::from(&list.members[0])));
    assert_eq!(MemberFile::from_bytes(&card.to_bytes()), Ok(card));
    assert_eq!(MemberList::from_bytes(&list.to_bytes()), Ok(list));
}
