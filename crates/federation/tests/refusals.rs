//! What is not taken, each by its name; and beside it what is.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod world;

use portcullis_federation::{
    Age, Card, Dated, FileError, FormError, History, ListError, MemberFile, Missing, Offered, Pins,
    RefusedList, Revocation, RevocationReason, SignedList, Tally,
};
use portcullis_types::{Body, Level};
use world::*;

const QUORUM: [&str; 5] = ["overseer-a", "parliament-a", "party-a", "party-b", "service-a"];

/// As a library offers it to itself, which is pinned to nothing but its own keys.
fn offer(history: &History, signed: &SignedList) -> Result<Offered, RefusedList> {
    let now = later(signed.list());
    history.offer(signed, now, Age::Recent, &own("library-a", &[0]))
}

fn code(result: Result<Offered, RefusedList>) -> &'static str {
    result.unwrap_err().code()
}

fn take(history: &mut History, signed: &SignedList) {
    let Offered::Next(accepted) = offer(history, signed).unwrap() else {
        unreachable!("it was known")
    };
    history.take(*accepted);
}

// THREATS T-26
#[test]
fn a_change_is_taken_with_a_service_a_parliament_an_overseer_and_two_parties_and_not_without_any() {
    let history = founded(&SIX);
    let mut list = next(&history);
    change(&mut list, "library-a").ceiling = Level(2);
    assert!(matches!(offer(&history, &signed_by(&list, &QUORUM)), Ok(Offered::Next(_))));
    for left_out in QUORUM {
        let others: Vec<_> = QUORUM.into_iter().filter(|name| *name != left_out).collect();
        let refused = offer(&history, &signed_by(&list, &others)).unwrap_err();
        assert_eq!(refused.code(), "not-signed", "without {left_out}");
    }
    assert_eq!(code(offer(&history, &signed_by(&list, &[]))), "not-signed");
    assert_eq!(code(offer(&history, &signed_by(&list, &["service-a"]))), "not-signed");
}

// THREATS T-26
#[test]
fn whoever_is_revoked_has_no_vote_and_whoever_is_proposed_has_none_yet() {
    let mut history = founded(&[SIX.as_slice(), &["party-c"]].concat());
    let mut list = next(&history);
    let revoked = Revocation { since: list.issued, reason: RevocationReason::Left };
    change(&mut list, "party-b").revoked = Some(revoked);
    take(
        &mut history,
        &signed_by(&list, &["overseer-a", "parliament-a", "party-a", "party-c", "service-a"]),
    );
    let mut list = next(&history);
    change(&mut list, "library-a").ceiling = Level(2);
    assert_eq!(code(offer(&history, &signed_by(&list, &QUORUM))), "stranger");
    let mut list = next(&history);
    let issued = list.issued;
    add(&mut list, member("party-d", issued));
    let with_the_new = ["overseer-a", "parliament-a", "party-a", "party-d", "service-a"];
    let refused = offer(&history, &signed_by(&list, &with_the_new)).unwrap_err();
    let RefusedList::NotSigned { missing } = refused else { panic!("{refused}") };
    assert!(
        matches!(&missing[..], [Missing::Of { body: Body::Party, more: 1, of }] if of.contains(&id("party-c")))
    );
}

// THREATS T-26
#[test]
fn a_member_is_added_with_its_own_agreement_and_proves_its_key() {
    let history = founded(&SIX);
    let mut list = next(&history);
    let issued = list.issued;
    add(&mut list, member("party-c", issued));
    let refused = offer(&history, &signed_by(&list, &QUORUM)).unwrap_err();
    let missing = vec![Missing::Newcomer { member: id("party-c") }];
    assert_eq!(refused, RefusedList::NotSigned { missing });
    let all = [QUORUM.as_slice(), &["party-c"]].concat();
    assert!(matches!(offer(&history, &signed_by(&list, &all)), Ok(Offered::Next(_))));
}

fn rotated(history: &History, name: &str) -> portcullis_federation::MemberList {
    let mut list = next(history);
    let issued = list.issued;
    let keys = &mut change(&mut list, name).keys;
    keys.signing[0].until = Some(issued);
    keys.signing.push(Dated::from(signer(name, 1).public(), issued));
    list
}

// THREATS T-26
#[test]
fn keys_change_with_the_signature_of_the_old_key_and_the_new_one_or_not_at_all() {
    let history = founded(&SIX);
    let list = rotated(&history, "library-a");
    let own = own("library-a", &[0, 1]);
    let offer = |signed: &SignedList| history.offer(signed, later(&list), Age::Recent, &own);
    let mut signed = signed_by(&list, &QUORUM);
    let missing = |signed: &SignedList| match offer(signed).unwrap_err() {
        RefusedList::NotSigned { missing } => missing,
        other => panic!("{other}"),
    };
    let (owner, newcomer) =
        (Missing::Owner { member: id("library-a") }, Missing::Newcomer { member: id("library-a") });
    assert_eq!(missing(&signed), [owner.clone(), newcomer.clone()]);
    signed.add(signer("library-a", 1).sign(&id("library-a"), &list));
    assert_eq!(missing(&signed), [owner]);
    signed.add(signer("library-a", 0).sign(&id("library-a"), &list));
    assert!(matches!(offer(&signed), Ok(Offered::Next(_))));
}

// THREATS T-26
#[test]
fn a_lost_key_is_replaced_by_a_quorum_with_the_new_key_and_the_old_one_has_no_say_after() {
    let mut history = founded(&SIX);
    let mut list = next(&history);
    let issued = list.issued;
    let keys = &mut change(&mut list, "party-b").keys;
    keys.signing[0].lost = Some(issued);
    keys.signing.push(Dated::from(signer("party-b", 1).public(), issued));
    let mut signed = signed_by(&list, &QUORUM);
    signed.add(signer("party-b", 1).sign(&id("party-b"), &list));
    take(&mut history, &signed);
    let mut list = next(&history);
    change(&mut list, "library-a").ceiling = Level(2);
    assert_eq!(code(offer(&history, &signed_by(&list, &QUORUM))), "stranger");
    let mut signed = signed_by(&list, &["overseer-a", "parliament-a", "party-a", "service-a"]);
    signed.add(signer("party-b", 1).sign(&id("party-b"), &list));
    assert!(matches!(offer(&history, &signed), Ok(Offered::Next(_))));
}

// THREATS T-27
#[test]
fn keys_of_a_pinned_service_change_by_its_own_signature_whoever_else_signs() {
    let history = founded(&[SIX.as_slice(), &["service-b", "service-c"]].concat());
    let mut list = next(&history);
    let issued = list.issued;
    let keys = &mut change(&mut list, "service-a").keys;
    keys.signing[0].lost = Some(issued);
    keys.signing.push(Dated::from(signer("service-a", 1).public(), issued));
    let others =
        ["overseer-a", "parliament-a", "party-a", "party-b", "service-b", "service-c", "library-a"];
    let mut signed = signed_by(&list, &others);
    signed.add(signer("service-a", 1).sign(&id("service-a"), &list));
    let refused = offer(&history, &signed).unwrap_err();
    let fingerprint = Card::from(list.member(&id("service-a")).unwrap()).fingerprint();
    assert_eq!(refused, RefusedList::Pinned { member: id("service-a"), fingerprint });

    // Compared anew in person, it is taken; and with the old key's own signature, too.
    let mut pinned = history.clone();
    pinned.pin(id("service-a"), fingerprint);
    assert!(matches!(offer(&pinned, &signed), Ok(Offered::Next(_))));
    signed.add(signer("service-a", 0).sign(&id("service-a"), &list));
    let Offered::Next(accepted) = offer(&history, &signed).unwrap() else { panic!("known") };
    assert_eq!(accepted.pins().get(&id("service-a")), Some(fingerprint));
}

// THREATS T-27
#[test]
fn only_the_sealing_key_of_a_pinned_overseer_changed_is_refused_too() {
    let history = founded(&[SIX.as_slice(), &["overseer-b", "overseer-c"]].concat());
    let mut list = next(&history);
    let issued = list.issued;
    let keys = &mut change(&mut list, "overseer-a").keys;
    keys.sealing[0].until = Some(issued);
    keys.sealing.push(Dated::from(sealing("library-a", 7).public(), issued));
    let others = ["overseer-b", "overseer-c", "parliament-a", "party-a", "party-b", "service-a"];
    let refused = offer(&history, &signed_by(&list, &others)).unwrap_err();
    let missing = vec![Missing::Owner { member: id("overseer-a") }];
    assert_eq!(refused, RefusedList::NotSigned { missing });
    change(&mut list, "overseer-a").keys.signing[0].until = Some(issued);
    change(&mut list, "overseer-a").body = Body::Library;
    assert!(SignedList::new(&list).is_err());
}

// THREATS T-27
#[test]
fn a_service_whose_fingerprint_nobody_compared_is_refused() {
    let history = founded(&SIX);
    let mut list = next(&history);
    let issued = list.issued;
    add(&mut list, member("service-b", issued));
    let all = [QUORUM.as_slice(), &["service-b"]].concat();
    let signed = signed_by(&list, &all);
    assert_eq!(code(offer(&history, &signed)), "unpinned");
    let mut pinned = history.clone();
    let card = Card::from(list.member(&id("service-b")).unwrap());
    pinned.pin(id("service-b"), card.fingerprint());
    assert!(matches!(offer(&pinned, &signed), Ok(Offered::Next(_))));

    let founding = founding(&SIX);
    let own = own("party-a", &[0]);
    let join = |pins| History::join(vec![signed_by(&founding, &SIX)], at(1), pins, &own);
    assert_eq!(join(Pins::default()).unwrap_err().code(), "unpinned");
    let mut wrong = pins(&founding);
    wrong.insert(id("service-a"), card.fingerprint());
    assert_eq!(join(wrong).unwrap_err().code(), "pinned");
    assert!(join(pins(&founding)).is_ok());
}

// THREATS T-27
#[test]
fn older_lists_gaps_and_other_pasts_are_refused_by_name() {
    let mut history = founded(&SIX);
    let first = history.current().clone();
    let mut list = next(&history);
    change(&mut list, "library-a").ceiling = Level(2);
    let second = signed_by(&list, &QUORUM);
    take(&mut history, &second);
    assert_eq!(offer(&history, &second), Ok(Offered::Known));
    assert_eq!(code(offer(&history, &first)), "rollback");

    let mut gap = next(&history);
    gap.version += 1;
    assert_eq!(code(offer(&history, &signed_by(&gap, &QUORUM))), "gap");
    let mut other = next(&history);
    other.previous = Some(first.digest());
    assert_eq!(code(offer(&history, &signed_by(&other, &QUORUM))), "other-past");
    let mut early = next(&history);
    early.issued = at(1);
    assert_eq!(code(offer(&history, &signed_by(&early, &QUORUM))), "backdated");
    let mut other = next(&history);
    other.federation = "elsewhere.example".parse().unwrap();
    assert_eq!(code(offer(&history, &signed_by(&other, &QUORUM))), "other-federation");
    let mut dropped = next(&history);
    dropped.members.retain(|member| member.id != id("library-a"));
    assert_eq!(code(offer(&history, &signed_by(&dropped, &QUORUM))), "dropped");

    let mut ahead = next(&history);
    change(&mut ahead, "library-a").ceiling = Level(3);
    let signed = signed_by(&ahead, &QUORUM);
    let own = own("library-a", &[0]);
    assert_eq!(code(history.offer(&signed, at(0), Age::Recent, &own)), "future");
    assert!(history.offer(&signed, ahead.issued, Age::Recent, &own).is_ok());
}

// THREATS T-27
#[test]
fn two_lists_of_one_version_are_proof_and_two_that_lack_signatures_are_none() {
    let mut history = founded(&SIX);
    let (mut one, mut other) = (next(&history), next(&history));
    change(&mut one, "library-a").ceiling = Level(2);
    change(&mut other, "library-a").ceiling = Level(3);
    take(&mut history, &signed_by(&one, &QUORUM));
    let weak = signed_by(&other, &["party-a", "party-b"]);
    assert_eq!(code(offer(&history, &weak)), "rollback");

    let signed = signed_by(&other, &QUORUM);
    let RefusedList::Fork { fork } = offer(&history, &signed).unwrap_err() else {
        panic!("no fork")
    };
    assert_eq!(fork.both(), QUORUM.iter().map(|name| id(name)).collect());
    assert_eq!(fork.version(), 2);
    // It goes about as a file, and a proof that was altered is none.
    let bytes = MemberFile::Fork(fork.clone()).to_bytes();
    assert_eq!(MemberFile::from_bytes(&bytes), Ok(MemberFile::Fork(fork)));
    let mut altered = bytes;
    let last = altered.len() - 1;
    altered[last] ^= 1;
    assert_eq!(MemberFile::from_bytes(&altered), Err(FileError::NoFork));
}

#[test]
fn a_federation_is_founded_by_all_its_members_and_by_more_than_one_kind() {
    let list = founding(&["party-a", "service-a"]);
    let own = own("party-a", &[0]);
    let join = |signed| History::join(vec![signed], at(1), pins(&list), &own);
    assert!(join(signed_by(&list, &["party-a", "service-a"])).is_ok());
    assert_eq!(join(signed_by(&list, &["service-a"])).unwrap_err().code(), "not-signed");
    let alone = founding(&["party-a", "party-b"]);
    let refused = History::join(
        vec![signed_by(&alone, &["party-a", "party-b"])],
        at(1),
        Pins::default(),
        &own,
    );
    assert_eq!(refused.unwrap_err(), RefusedList::Alone);
    assert_eq!(History::join(vec![], at(1), Pins::default(), &own), Err(RefusedList::Empty));
}

#[test]
fn a_list_with_keys_for_this_organisation_that_it_does_not_have_is_refused() {
    let history = founded(&SIX);
    let mut list = next(&history);
    change(&mut list, "party-b").ceiling = Level(2);
    let signed = signed_by(&list, &QUORUM);
    assert!(history.offer(&signed, later(&list), Age::Recent, &own("library-a", &[0])).is_ok());
    let founding = founding(&SIX);
    let other = own("party-a", &[5]);
    let refused = History::join(vec![signed_by(&founding, &SIX)], at(1), pins(&founding), &other);
    assert_eq!(refused, Err(RefusedList::OwnKeys));
    let stranger = own("party-z", &[0]);
    let refused =
        History::join(vec![signed_by(&founding, &SIX)], at(1), pins(&founding), &stranger);
    assert_eq!(refused.unwrap_err().code(), "not-a-member");
    let changed = rotated(&history, "library-a");
    let mut signed = signed_by(&changed, &[QUORUM.as_slice(), &["library-a"]].concat());
    signed.add(signer("library-a", 1).sign(&id("library-a"), &changed));
    let refused = history.offer(&signed, later(&changed), Age::Recent, &own("library-a", &[0]));
    assert_eq!(refused, Err(RefusedList::OwnKeys));
}

/// `party-c` loses its signing and sealing key, and has new ones.
fn lost(names: &[&str]) -> (History, SignedList) {
    let history = founded(names);
    let mut list = next(&history);
    let issued = list.issued;
    let keys = &mut change(&mut list, "party-c").keys;
    keys.signing[0].lost = Some(issued);
    keys.signing.push(Dated::from(signer("party-c", 1).public(), issued));
    keys.sealing[0].lost = Some(issued);
    keys.sealing.push(Dated::from(sealing("party-c", 1).public(), issued));
    let mut signed = signed_by(&list, &QUORUM);
    signed.add(signer("party-c", 1).sign(&id("party-c"), &list));
    (history, signed)
}

// THREATS T-27
#[test]
fn whoever_lost_its_keys_joins_again_with_the_new_ones_and_not_without_them() {
    let (history, signed) = lost(&[SIX.as_slice(), &["party-c"]].concat());
    let lists = || vec![history.current().clone(), signed.clone()];
    let now = later(signed.list());
    let join = |own: &portcullis_federation::OwnKeys| {
        History::join(lists(), now, pins(signed.list()), own).map(drop)
    };
    assert_eq!(join(&own("party-c", &[1])), Ok(()));
    assert_eq!(join(&own("party-c", &[0])), Err(RefusedList::OwnKeys));
    let mut half = own("party-c", &[1]);
    half.sealing = own("party-c", &[0]).sealing;
    assert_eq!(join(&half), Err(RefusedList::OwnKeys));

    // A key that is to end later still votes, and one that ended is asked for no more.
    let member = signed.list().member(&id("party-c")).unwrap();
    let mut ends = member.clone();
    ends.keys.signing[0].lost = None;
    ends.keys.signing[0].until = Some(now);
    assert!(!own("party-c", &[1]).cover(None, &ends, at(0)));
    assert!(own("party-c", &[1]).cover(None, &ends, now));
}

// THREATS T-26
#[test]
fn a_key_that_was_lost_counts_for_nothing_and_what_it_signed_is_dropped_from_a_proposal() {
    let (mut history, signed) = lost(&[SIX.as_slice(), &["party-c"]].concat());
    take(&mut history, &signed);
    let mut list = next(&history);
    change(&mut list, "library-a").ceiling = Level(2);
    let (held, who) = (history.current().list(), id("party-c"));
    assert!(!Tally::counts(Some(held), &list, &who, &signer("party-c", 0).public()));
    assert!(Tally::counts(Some(held), &list, &who, &signer("party-c", 1).public()));

    let honest = signed_by(&list, &QUORUM);
    let mut spoilt = signed_by(&list, &[QUORUM.as_slice(), &["party-c", "party-z"]].concat());
    let mut forged = signer("library-a", 0).sign(&id("library-a"), &list);
    forged.bytes[7] ^= 1;
    spoilt.add(forged);
    assert!(history.tally(&spoilt).is_err());
    let dropped = history.sift(&mut spoilt);
    assert_eq!(dropped, ["library-a", "party-c", "party-z"].map(id).into());
    assert_eq!(spoilt, honest);
    assert!(matches!(offer(&history, &spoilt), Ok(Offered::Next(_))));
}

// THREATS T-28
#[test]
fn a_list_that_was_issued_long_ago_is_taken_by_who_was_away_alone() {
    let history = founded(&SIX);
    let mut list = next(&history);
    change(&mut list, "library-a").ceiling = Level(2);
    let signed = signed_by(&list, &QUORUM);
    let weeks = |number: u64| list.issued.later(number * 7 * 86_400);
    let own = own("library-a", &[0]);
    assert!(history.offer(&signed, weeks(8), Age::Recent, &own).is_ok());
    let late = weeks(8).later(1);
    let refused = history.offer(&signed, late, Age::Recent, &own).unwrap_err();
    assert_eq!(refused, RefusedList::Stale { issued: list.issued });
    assert!(history.offer(&signed, late, Age::Any, &own).is_ok());
}

#[test]
fn nothing_is_lost_or_revoked_that_is_yet_to_come_nor_lost_before_it_began() {
    let mut list = next(&founded(&SIX));
    let (issued, late) = (list.issued, list.issued.later(1));
    let since = |since| Some(Revocation { since, reason: RevocationReason::Left });
    change(&mut list, "party-b").revoked = since(issued);
    assert_eq!(list.check(), Ok(()));
    change(&mut list, "party-b").revoked = since(late);
    assert_eq!(list.check(), Err(ListError::Times { member: id("party-b") }));
    change(&mut list, "party-b").revoked = None;
    let keys = &mut change(&mut list, "party-a").keys;
    keys.signing[0].from = at(10);
    keys.signing.push(Dated::from(signer("party-a", 1).public(), issued));
    for (lost, allowed) in [(at(9), false), (at(10), true), (issued, true), (late, false)] {
        change(&mut list, "party-a").keys.signing[0].lost = Some(lost);
        assert_eq!(list.check().is_ok(), allowed, "{lost}");
    }
}

// THREATS T-26
#[test]
fn a_signature_binds_federation_version_list_before_and_signer() {
    let history = founded(&SIX);
    let list = next(&history);
    let mut other = list.clone();
    other.federation = "elsewhere.example".parse().unwrap();
    let mut version = list.clone();
    version.version = 3;
    let mut past = list.clone();
    past.previous = Some(past.digest());
    for wrong in [other, version, past] {
        let mut signed = SignedList::new(&list).unwrap();
        signed.add(signer("party-a", 0).sign(&id("party-a"), &wrong));
        let refused = Tally::of(Some(history.current().list()), &signed).unwrap_err();
        assert_eq!(refused, RefusedList::BadSignature { signer: id("party-a") });
    }
    let mut signed = SignedList::new(&list).unwrap();
    let mut signature = signer("party-a", 0).sign(&id("party-a"), &list);
    signature.signer = id("party-b");
    signed.add(signature);
    let refused = Tally::of(Some(history.current().list()), &signed).unwrap_err();
    assert_eq!(refused, RefusedList::BadSignature { signer: id("party-b") });
}

#[test]
fn what_no_list_can_say_is_no_list() {
    type Spoil = fn(&mut portcullis_federation::MemberList);
    let refused = |spoil: Spoil| {
        let mut list = founding(&SIX);
        spoil(&mut list);
        match SignedList::new(&list).unwrap_err() {
            FormError::List(error) => error,
            other => panic!("{other}"),
        }
    };
    assert_eq!(refused(|list| list.version = 2), ListError::Previous);
    assert_eq!(refused(|list| list.previous = Some(list.digest())), ListError::Previous);
    assert_eq!(refused(|list| list.members.clear()), ListError::Count { count: 0 });
    assert!(matches!(refused(|list| list.members.swap(0, 1)), ListError::Order { .. }));
    assert!(matches!(
        refused(|list| list.members[1] = list.members[0].clone()),
        ListError::Order { .. }
    ));
    assert!(matches!(
        refused(|list| list.members[0].until = Some(list.members[0].from)),
        ListError::Times { .. }
    ));
    assert!(matches!(refused(|list| list.members[0].keys.signing.clear()), ListError::Keys { .. }));
    assert!(matches!(
        refused(|list| list.members[0].keys.signing[0].until = Some(at(9))),
        ListError::Succession { .. }
    ));
    assert!(matches!(
        refused(|list| list.members[0].keys.signing[0].lost = Some(at(0))),
        ListError::Succession { .. }
    ));
    assert!(matches!(
        refused(|list| list.members[1].keys.sealing = list.members[0].keys.sealing.clone()),
        ListError::SharedKey { .. }
    ));
    assert!(matches!(
        refused(|list| {
            let key = list.members[0].keys.signing[0].key;
            list.members[1].keys.signing[0].key = key;
        }),
        ListError::SharedKey { .. }
    ));
}
