//! What a notice may say, and what an officer is told about what it may not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use portcullis_share::*;
use portcullis_types::{Audience, Gateway, Label, Level};
use std::collections::BTreeSet;
use world::*;

/// The fields that something is wrong with after a change, at hour 1.
fn faults(change: impl FnOnce(&mut Notice)) -> Vec<&'static str> {
    let world = World::new();
    let mut document = notice();
    change(&mut document);
    match Draft::new(document, &world.checks(at(3600))) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(Fault::field).collect(),
    }
}

fn heading_faults(change: impl FnOnce(&mut Heading)) -> Vec<&'static str> {
    faults(|notice| change(&mut notice.heading))
}

fn substance_faults(change: impl FnOnce(&mut Substance)) -> Vec<&'static str> {
    faults(|notice| change(&mut notice.substance.content))
}

#[test]
fn a_notice_without_a_fault_may_be_signed() {
    assert_eq!(faults(|_| {}), Vec::<&str>::new());
}

#[test]
fn every_fault_of_a_form_is_told_at_once_with_what_to_do() {
    let found = faults(|notice| {
        notice.heading.provision = None;
        notice.heading.review = at(0);
        notice.substance.content.to_do = prose("");
        notice.substance.content.not_infer = prose("");
        notice.tearline.as_mut().unwrap().content.text = prose("");
        notice.grounds.content = Grounds {
            necessity: prose(""),
            proportionality: prose(""),
            collateral: prose(""),
            alternative: prose(""),
        };
    });
    let all = [
        "review",
        "provision",
        "to_do",
        "not_infer",
        "tearline",
        "necessity",
        "proportionality",
        "collateral",
        "alternative",
    ];
    assert_eq!(found, all);
    let world = World::new();
    let bad = Notice { heading: Heading { provision: None, ..heading() }, ..notice() };
    let told = Draft::new(bad, &world.checks(at(3600))).unwrap_err().to_string();
    assert_eq!(told, "`provision`: name the approved provision: employment or office is decided");
}

#[test]
fn employment_and_office_are_decided_on_under_an_approved_provision_alone() {
    // THREATS T-44
    for (purpose, provision, expected) in [
        (ReleasePurpose::DecideStaff, None, 1),
        (ReleasePurpose::DecideCandidate, None, 1),
        (ReleasePurpose::DecideAssociate, None, 1),
        (ReleasePurpose::DecideDonor, None, 0),
        (ReleasePurpose::Protect, None, 0),
        (ReleasePurpose::DecideStaff, Some("prov-staff"), 0),
        (ReleasePurpose::DecideCandidate, Some("prov-candidate"), 0),
        // Out of scope, not yet, expired, unknown; and one that was not needed must hold too.
        (ReleasePurpose::DecideCandidate, Some("prov-staff"), 1),
        (ReleasePurpose::DecideStaff, Some("prov-later"), 1),
        (ReleasePurpose::DecideStaff, Some("prov-over"), 1),
        (ReleasePurpose::DecideStaff, Some("prov-none"), 1),
        (ReleasePurpose::DecideDonor, Some("prov-staff"), 1),
    ] {
        let found = heading_faults(|heading| {
            heading.purpose = purpose;
            heading.provision = provision.map(word);
        });
        assert_eq!(found, vec!["provision"; expected], "{purpose:?} {provision:?}");
    }
}

#[test]
fn the_recipient_refuses_what_is_released_under_no_provision_of_his_register() {
    // THREATS T-44
    let world = World::new();
    let released = world.approve(notice()).into_released();
    let without = World { members: members(), register: ProvisionRegister::empty() };
    let refused = released.clone().verify(&without.checks(at(DAY))).unwrap_err();
    assert_eq!(refused.code(), "faults");
    assert!(refused.to_string().contains("`provision`"));
    // One that ran out since was good when they signed: it is not the recipient's time that counts.
    let mut text = register_text();
    text.provisions[3].until = at(7201);
    let bytes = ProvisionRegister::sign(text.clone(), &signer("operator"));
    let trusted = [signer("operator").public()];
    let register = ProvisionRegister::verify(&bytes, &trusted, at(0)).unwrap();
    let world = World { members: members(), register };
    assert!(released.clone().verify(&world.checks(at(DAY))).is_ok());
    // One that ran out between writing and the second signature was not.
    text.provisions[3].until = at(7200);
    let bytes = ProvisionRegister::sign(text, &signer("operator"));
    let register = ProvisionRegister::verify(&bytes, &trusted, at(0)).unwrap();
    let world = World { members: members(), register };
    assert_eq!(released.verify(&world.checks(at(DAY))).unwrap_err().code(), "faults");
}

#[test]
fn a_heading_is_judged_field_by_field() {
    type Change = fn(&mut Heading);
    let cases: [(Change, &str); 14] = [
        (|heading| heading.version = 0, "version"),
        (|heading| heading.gateway = Gateway::ToService, "gateway"),
        (|heading| heading.conduit = Some(id("service-x")), "conduit"),
        (|heading| heading.distributor = Some(id("service-x")), "distributor"),
        (|heading| heading.written = at(3600 + 601), "written"),
        (|heading| heading.expires = at(3600), "expires"),
        (|heading| heading.expires = at(3601 + 732 * DAY), "expires"),
        (|heading| heading.review = at(3600), "review"),
        (|heading| heading.review = at(90 * DAY + 1), "review"),
        (|heading| heading.embargo = Some(at(90 * DAY)), "embargo"),
        (|heading| heading.originator = id("party-a"), "originator"),
        (|heading| heading.originator = id("nobody"), "originator"),
        (|heading| heading.version = 2, "correction"),
        (
            |heading| {
                heading.correction =
                    Some(Correction { replaces: 0, reason: CorrectionReason::Scope });
            },
            "correction",
        ),
    ];
    for (number, (change, field)) in cases.into_iter().enumerate() {
        let found = heading_faults(change);
        assert!(found.contains(&field), "case {number}: {found:?}");
    }
}

#[test]
fn a_warning_is_for_one_an_alert_for_many() {
    let to = |category, organisations: Audience<_>| {
        faults(|notice| {
            notice.tearline = None;
            notice.heading.category = category;
            notice.substance.marking.label.organisations = organisations;
        })
    };
    let (one, two) = (only([id("party-a")]), only([id("party-a"), id("party-b")]));
    let nobody = only([]);
    for (category, organisations, is_fine) in [
        (Category::Warning, &one, true),
        (Category::Warning, &two, false),
        (Category::Warning, &Audience::Everyone, false),
        (Category::Warning, &nobody, false),
        (Category::Alert, &one, false),
        (Category::Alert, &two, true),
        (Category::Alert, &Audience::Everyone, true),
        (Category::Briefing, &one, true),
        (Category::Briefing, &nobody, false),
    ] {
        let found = to(category, organisations.clone());
        assert_eq!(found.is_empty(), is_fine, "{category:?} {organisations:?}: {found:?}");
    }
    let nobody = |notice: &mut Notice| notice.substance.marking.label.people = only([]);
    assert_eq!(faults(nobody), ["people"]);
    let no_office = |notice: &mut Notice| notice.substance.marking.offices = only([]);
    assert_eq!(faults(no_office), ["offices"]);
}

#[test]
fn a_fact_has_no_probability_and_a_judgement_has_one_and_a_confidence() {
    let finding = |kind, probability, confidence| {
        substance_faults(|substance| {
            substance.findings =
                vec![Finding { kind, text: prose("It is so."), probability, confidence }];
        })
    };
    let (likely, low) = (Some(Probability::Likely), Some(Confidence::Low));
    assert!(finding(FindingKind::Assertion, None, None).is_empty());
    assert!(finding(FindingKind::Judgement, likely, low).is_empty());
    for (kind, probability, confidence) in [
        (FindingKind::Assertion, likely, None),
        (FindingKind::Assertion, None, low),
        (FindingKind::Judgement, likely, None),
        (FindingKind::Judgement, None, low),
        (FindingKind::Judgement, None, None),
    ] {
        assert_eq!(finding(kind, probability, confidence), ["findings"]);
    }
    assert_eq!(substance_faults(|substance| substance.findings.clear()), ["findings"]);
}

#[test]
fn whom_a_notice_is_about_and_which_gifts_it_is_not_about_is_said() {
    // An alert of 2022 was read as being about gifts that it was not about.
    let nobody = |substance: &mut Substance| {
        substance.subjects.retain(|one| one.role == SubjectRole::NotImplicated);
    };
    assert_eq!(substance_faults(nobody), ["subjects"]);
    assert_eq!(substance_faults(|substance| substance.subjects[1].names.clear()), ["subjects"]);
    let body = |substance: &mut Substance| substance.subjects[0].kind = PartyKind::Body;
    assert_eq!(substance_faults(body), ["subjects"]);
    let scope = |change: fn(&mut DonationScope)| {
        substance_faults(|substance| change(substance.donations.as_mut().unwrap()))
    };
    assert_eq!(scope(|scope| scope.none_excepted = None), ["donations"]);
    assert_eq!(scope(|scope| scope.not_about = scope.about.clone()), ["donations"]);
    assert_eq!(scope(|scope| scope.about.clear()), ["donations"]);
    assert_eq!(
        scope(|scope| scope.about[0].until = Some("2025-12-31".parse().unwrap())),
        ["donations"]
    );
    let excepted = |scope: &mut DonationScope| {
        scope.not_about = scope.about.clone();
        scope.none_excepted = None;
    };
    assert!(scope(excepted).is_empty());
}

#[test]
fn a_later_version_says_what_it_changes_and_the_first_does_not() {
    let second = |changed: Option<Prose>| {
        faults(|notice| {
            notice.heading.version = 2;
            notice.heading.correction =
                Some(Correction { replaces: 1, reason: CorrectionReason::MoreKnown });
            notice.substance.content.changed = changed;
        })
    };
    assert!(second(Some(prose("The date."))).is_empty());
    assert_eq!(second(Some(prose(""))), ["changed"]);
    assert_eq!(second(None), ["changed"]);
    assert_eq!(substance_faults(|one| one.changed = Some(prose("The date."))), ["changed"]);
}

#[test]
fn a_tearline_is_marked_lower_and_no_stricter_in_anything() {
    // THREATS T-45
    let tearline = |change: &dyn Fn(&mut Label)| {
        faults(|notice| change(&mut notice.tearline.as_mut().unwrap().marking.label))
    };
    let whole = whole_marking().label;
    assert!(tearline(&|_| {}).is_empty());
    assert_eq!(tearline(&|label| *label = whole.clone()), ["tearline"]);
    assert_eq!(tearline(&|label| label.level = Level(3)), ["tearline"]);
    let circle = |label: &mut Label| label.compartments = BTreeSet::from(["circle".into()]);
    assert_eq!(tearline(&circle), ["tearline"]);
    assert_eq!(tearline(&|label| label.organisations = only([])), ["tearline"]);
}

/// The yardstick as the Professional Head of Intelligence Assessment publishes it.
#[test]
fn the_yardstick_has_its_seven_terms_and_ranges() {
    let ranges: Vec<_> =
        Probability::ALL.iter().map(|term| (term.says(), term.per_cent())).collect();
    assert_eq!(
        ranges,
        [
            ("a remote chance", 0..=5),
            ("highly unlikely", 10..=20),
            ("unlikely", 25..=35),
            ("a realistic possibility", 40..=50),
            ("likely", 55..=75),
            ("highly likely", 80..=90),
            ("almost certain", 95..=100),
        ]
    );
}

/// The bytes of a notice hold no id but its own: neither in a field, nor in what is derived from one.
#[test]
fn a_notice_has_no_place_for_what_gave_rise_to_it() {
    // THREATS T-47
    let notice = notice();
    // Every field is named here; whoever adds one must look at this test.
    let Notice { heading, tearline: _, substance, grounds } = &notice;
    let Heading {
        id: _,
        version: _,
        category: _,
        originator: _,
        conduit: _,
        distributor: _,
        gateway: _,
        purpose: _,
        provision: _,
        written: _,
        embargo: _,
        expires: _,
        review: _,
        reply: _,
        correction,
    } = heading;
    let Substance {
        subjects,
        findings,
        donations,
        to_do: _,
        not_infer: _,
        may_tell: _,
        changed: _,
    } = &substance.content;
    let NoticeSubject {
        role: _,
        kind: _,
        names: _,
        aliases: _,
        birth_date: _,
        identifiers: _,
        profiles: _,
        covers: _,
    } = &subjects[0];
    let Finding { kind: _, text: _, probability: _, confidence: _ } = &findings[0];
    let DonationScope { about: _, not_about: _, none_excepted: _ } = donations.as_ref().unwrap();
    let Grounds { necessity: _, proportionality: _, collateral: _, alternative: _ } =
        &grounds.content;
    assert_eq!(*correction, None);
    let mut rng = Counting(5);
    assert_ne!(NoticeId::random(&mut rng), NoticeId::random(&mut rng));
}

#[test]
fn a_withdrawal_holds_nothing_that_a_label_could_keep_back() {
    let Withdrawal {
        notice: _,
        version: _,
        originator: _,
        reason: _,
        remedy: _,
        receipt_by: _,
        written: _,
    } = withdrawal();
    let world = World::new();
    let check = |withdrawal| {
        Draft::new(withdrawal, &world.checks(at(3600)))
            .map_or_else(|faults| faults.iter().map(Fault::field).collect(), |_| Vec::new())
    };
    assert_eq!(check(Withdrawal { version: 0, ..withdrawal() }), ["version"]);
    assert_eq!(check(Withdrawal { receipt_by: at(3600), ..withdrawal() }), ["receipt_by"]);
}
