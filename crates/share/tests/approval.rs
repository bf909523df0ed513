//! Two officers, each with his own key, on the same digest; and every way in which it is not so.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use portcullis_federation::{Dated, Revocation, RevocationReason};
use portcullis_share::*;
use world::*;

/// Why a release is refused that is verified at day 1, after somebody meddled with the world.
fn refused(world: &World, released: Released<Notice>) -> &'static str {
    match released.verify(&world.checks(at(DAY))) {
        Ok(_) => "none",
        Err(refused) => refused.code(),
    }
}

/// A notice that `orsolya` and `quillon` signed at hours 1 and 2, with these attestations in place of their
/// own.
fn put_together(author: &ReleaseOfficer, approver: &ReleaseOfficer) -> Released<Notice> {
    let released = World::new().approve(notice()).into_released();
    meddle(&released, |signatures| {
        signatures.author.officer = author.clone();
        if let Some(second) = &mut signatures.approver {
            second.officer = approver.clone();
        }
    })
}

/// The same document with other signatures: what somebody does who holds the bytes.
fn meddle(released: &Released<Notice>, change: impl FnOnce(&mut Signatures)) -> Released<Notice> {
    let mut signatures = released.claimed_signatures().clone();
    change(&mut signatures);
    Released::from_parts(released.claimed().clone(), signatures)
}

/// The same signatures on another document.
fn about(released: &Released<Notice>, document: Notice) -> Released<Notice> {
    Released::from_parts(document, released.claimed_signatures().clone())
}

#[test]
fn a_release_counts_and_reads_back_only_by_its_signatures() {
    // THREATS T-43
    let world = World::new();
    let approved = world.approve(notice());
    let bytes = approved.clone().into_released().to_bytes();
    let read = Released::<Notice>::from_bytes(&bytes).unwrap();
    assert_eq!(read.verify_approved(&world.checks(at(DAY))), Ok(approved));
}

#[test]
fn one_officer_never_signs_twice() {
    // THREATS T-43
    let world = World::new();
    let checks = world.checks(at(7200));
    let again =
        world.propose(notice()).approve(&checks, &release_officer("orsolya"), &keys("orsolya"));
    assert_eq!(again, Err(ApprovalError::Refused(RefusedRelease::SameOfficer)));

    // The same person with another key, attested anew, is still the same person.
    let other_key = signer("service-x").attest(Attested {
        key: release_officer("quillon").attested.key,
        ..attested("orsolya", &BOTH)
    });
    let again = world.propose(notice()).approve(&checks, &other_key, &keys("quillon"));
    assert_eq!(again, Err(ApprovalError::Refused(RefusedRelease::SameOfficer)));

    // One key that is attested for two people.
    let shared = signer("service-x").attest(Attested {
        key: release_officer("orsolya").attested.key,
        ..attested("quillon", &BOTH)
    });
    let again = world.propose(notice()).approve(&checks, &shared, &keys("orsolya"));
    assert_eq!(again, Err(ApprovalError::Refused(RefusedRelease::SameKey)));
}

#[test]
fn nobody_signs_with_keys_that_were_not_attested_for_him() {
    let world = World::new();
    let approved = world.propose(notice()).approve(
        &world.checks(at(7200)),
        &release_officer("quillon"),
        &keys("mallory"),
    );
    assert_eq!(approved, Err(ApprovalError::OtherKey));
}

#[test]
fn an_officer_does_only_what_he_is_attested_for() {
    // THREATS T-43
    let world = World::new();
    let checks = world.checks(at(7200));
    let author_only = signer("service-x").attest(attested("quillon", &[ReleaseRole::Author]));
    let approved = world.propose(notice()).approve(&checks, &author_only, &keys("quillon"));
    let role = ReleaseRole::Approver;
    assert_eq!(approved, Err(ApprovalError::Refused(RefusedRelease::Role { role })));
    let approver_only = signer("service-x").attest(attested("orsolya", &[ReleaseRole::Approver]));
    let proposed =
        Draft::new(notice(), &checks).unwrap().propose(&checks, &approver_only, &keys("orsolya"));
    let role = ReleaseRole::Author;
    assert_eq!(proposed, Err(ApprovalError::Refused(RefusedRelease::Role { role })));
}

#[test]
fn an_attestation_counts_for_its_time_its_organisation_and_its_federation() {
    // THREATS T-43
    let world = World::new();
    let orsolya = release_officer("orsolya");
    let x = signer("service-x");
    let quillon = |change: &dyn Fn(&mut Attested)| {
        let mut attested = attested("quillon", &BOTH);
        change(&mut attested);
        x.attest(attested)
    };
    for (officer, code) in [
        (quillon(&|one| one.until = at(7200)), "attestation-times"),
        (quillon(&|one| one.from = at(7201)), "attestation-times"),
        (quillon(&|one| one.until = at(401 * DAY)), "attestation-times"),
        (quillon(&|one| one.attested = at(7200 + 601)), "attestation-times"),
        (quillon(&|one| one.federation = "other.example".parse().unwrap()), "other-organisation"),
        (quillon(&|one| one.organisation = id("party-a")), "other-organisation"),
        (signer("party-a").attest(attested("quillon", &BOTH)), "attestation-key"),
        (
            ReleaseOfficer {
                key: x.public(),
                ..signer("party-a").attest(attested("quillon", &BOTH))
            },
            "attestation-signature",
        ),
        // The attestation is in order, and the signature was made under another.
        (quillon(&|one| one.until = at(299 * DAY)), "signature"),
    ] {
        assert_eq!(refused(&world, put_together(&orsolya, &officer)), code);
    }
}

#[test]
fn a_signature_counts_for_its_document_its_role_and_its_time() {
    // THREATS T-43
    let world = World::new();
    let released = || world.approve(notice()).into_released();
    let other = |change: fn(&mut Notice)| {
        let mut document = notice();
        change(&mut document);
        document
    };
    for document in [
        other(|notice| notice.heading.expires = at(89 * DAY)),
        other(|notice| notice.substance.content.to_do = prose("Employ.")),
        other(|notice| notice.grounds.content.necessity = prose("None.")),
        other(|notice| notice.tearline = None),
    ] {
        assert_eq!(refused(&world, about(&released(), document)), "signature");
    }
    let swapped = meddle(&released(), |signatures| {
        let second = signatures.approver.take().unwrap();
        signatures.approver = Some(std::mem::replace(&mut signatures.author, second));
    });
    assert_eq!(refused(&world, swapped), "signature");
    let later = meddle(&released(), |signatures| signatures.author.at = at(3601));
    assert_eq!(refused(&world, later), "signature");
    let urgent = meddle(&released(), |signatures| signatures.confirm_by = Some(at(2 * DAY)));
    assert_eq!(refused(&world, urgent), "signature");
    let alone = meddle(&released(), |signatures| signatures.approver = None);
    assert_eq!(refused(&world, alone), "one-signature");
}

#[test]
fn a_signature_does_not_count_for_another_kind_of_document() {
    // THREATS T-43
    let world = World::new();
    let withdrawal = world.approve(withdrawal());
    let forged = Released::from_parts(notice(), withdrawal.signatures().clone());
    assert_eq!(refused(&world, forged), "signature");
    assert_ne!(withdrawal.digest(), world.approve(notice()).digest());
}

#[test]
fn who_is_no_member_any_more_releases_nothing() {
    let released = World::new().approve(notice()).into_released();
    let mut world = World::new();
    let reason = RevocationReason::Breach;
    change(&mut world.members, "service-x").revoked = Some(Revocation { since: at(0), reason });
    assert_eq!(refused(&world, released.clone()), "not-a-member");
    let mut world = World::new();
    world.members.members.retain(|member| member.id != id("service-x"));
    assert_eq!(refused(&world, released), "not-a-member");
}

#[test]
fn a_key_that_was_lost_attests_nobody_and_one_that_was_retired_goes_on_for_its_time() {
    // THREATS T-43
    let released = World::new().approve(notice()).into_released();
    let mut world = World::new();
    let keys = &mut change(&mut world.members, "service-x").keys.signing;
    keys[0].until = Some(at(4000));
    keys.push(Dated::from(signer("service-x/2").public(), at(4000)));
    assert_eq!(refused(&world, released.clone()), "none");
    // Lost at noon: whoever found it could state any moment, so that what comes later is refused.
    change(&mut world.members, "service-x").keys.signing[0].lost = Some(at(DAY / 2));
    assert_eq!(refused(&world, released.clone()), "attestation-key");
    // What came before that was taken, and is read back as of then.
    assert!(released.verify(&world.checks(at(DAY / 2 - 1))).is_ok());
}

#[test]
fn what_expired_or_lies_ahead_is_refused() {
    let world = World::new();
    let released = world.approve(notice()).into_released();
    let code =
        |at| released.clone().verify(&world.checks(at)).map_or_else(|no| no.code(), |_| "none");
    assert_eq!(code(at(90 * DAY)), "expired");
    assert_eq!(code(at(90 * DAY - 1)), "none");
    assert_eq!(code(at(7200 - 600)), "none");
    assert_eq!(code(at(7200 - 601)), "times");
}

#[test]
fn what_is_proposed_is_kept_and_checked_anew_before_it_is_approved() {
    let world = World::new();
    let proposed = world.propose(notice());
    let bytes = proposed.clone().into_released().to_bytes();
    let read = Released::<Notice>::from_bytes(&bytes).unwrap();
    assert_eq!(read.clone().verify_proposed(&world.checks(at(7200))), Ok(proposed));
    let other = Notice { tearline: None, ..notice() };
    let refused = about(&read, other).verify_proposed(&world.checks(at(7200)));
    let role = ReleaseRole::Author;
    assert_eq!(refused, Err(RefusedRelease::Signature { role }));
}

fn urgent(world: &World) -> Urgent<Notice> {
    let checks = world.checks(at(3600));
    let draft = Draft::new(notice(), &checks).unwrap();
    let officer = release_officer("orsolya");
    draft.propose_urgently(&checks, at(3 * 3600), &officer, &keys("orsolya")).unwrap()
}

#[test]
fn what_is_urgent_counts_until_its_time_and_then_no_more() {
    let world = World::new();
    let released = urgent(&world).into_released();
    let verify = |at| released.clone().verify(&world.checks(at));
    assert!(matches!(verify(at(3 * 3600 - 1)), Ok(Verified::Urgent(_))));
    assert_eq!(verify(at(3 * 3600)), Err(RefusedRelease::Lapsed { by: at(3 * 3600) }));
    let only_approved = released.clone().verify_approved(&world.checks(at(7200)));
    assert_eq!(only_approved, Err(RefusedRelease::OneSignature));
    let held = Verified::from(urgent(&world));
    assert!(!held.is_over(at(3 * 3600 - 1)) && held.is_over(at(3 * 3600)));
}

#[test]
fn what_is_urgent_is_confirmed_in_time_by_somebody_else() {
    // THREATS T-43
    let world = World::new();
    let (in_time, late) = (world.checks(at(3 * 3600 - 1)), world.checks(at(3 * 3600)));
    let (quillon, his) = (release_officer("quillon"), keys("quillon"));
    let (approved, confirmation) = urgent(&world).confirm(&in_time, &quillon, &his).unwrap();
    // Who has the urgent one takes the confirmation, and who comes later has both signatures at once.
    assert_eq!(urgent(&world).confirmed(&in_time, &confirmation), Ok(approved.clone()));
    let read = approved.clone().into_released().verify_approved(&world.checks(at(DAY)));
    assert_eq!(read, Ok(approved));

    let by = at(3 * 3600);
    assert_eq!(urgent(&world).confirmed(&late, &confirmation), Err(RefusedRelease::Lapsed { by }));
    let lapsed = urgent(&world).confirm(&late, &quillon, &his).map(drop);
    assert_eq!(lapsed, Err(ApprovalError::Refused(RefusedRelease::Lapsed { by })));
    let same = urgent(&world).confirm(&in_time, &release_officer("orsolya"), &keys("orsolya"));
    assert_eq!(same.map(drop), Err(ApprovalError::Refused(RefusedRelease::SameOfficer)));
    let other =
        Confirmation { digest: world.approve(withdrawal()).digest(), ..confirmation.clone() };
    assert_eq!(urgent(&world).confirmed(&in_time, &other), Err(RefusedRelease::OtherDocument));
    let mut forged = confirmation;
    forged.approver.signature[5] ^= 1;
    let role = ReleaseRole::Approver;
    assert_eq!(
        urgent(&world).confirmed(&in_time, &forged),
        Err(RefusedRelease::Signature { role })
    );
}

fn one_is_too_few<T: Approvable + Clone + std::fmt::Debug>(world: &World, document: T) {
    let proposed = world.propose(document).into_released();
    let verified = proposed.verify(&world.checks(at(DAY))).map(drop);
    assert_eq!(verified, Err(RefusedRelease::OneSignature));
}

#[test]
fn everything_that_is_released_takes_two_officers() {
    // THREATS T-43
    let world = World::new();
    one_is_too_few(&world, notice());
    one_is_too_few(&world, withdrawal());
    one_is_too_few(&world, vocabulary());
    one_is_too_few(&world, leave());
}
