//! Enquiries, answers, reports, directories and the register of provisions.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

use portcullis_share::*;
use portcullis_types::{Gateway, PopulationClass};
use std::collections::BTreeSet;
use world::*;

fn enquiry() -> Enquiry {
    Enquiry {
        id: EnquiryId::from_bytes([3; 16]),
        subject: Named {
            kind: PartyKind::Person,
            names: vec![line("Quillon Examplesson")],
            birth_date: Some(BirthDate::new("1980-05".parse().unwrap())),
            identifiers: Vec::new(),
        },
        class: PopulationClass::Staff,
        relationship: prose("Applied to work in the office of a member."),
        decide_by: "2027-02-01".parse().unwrap(),
        office: office("head of compliance"),
        asked: at(0),
        gateway: Gateway::ToService,
    }
}

#[test]
fn an_enquiry_says_about_whom_for_what_and_by_when() {
    // 1,800,000,000 seconds after 1970 is 2027-01-15.
    assert_eq!(enquiry().check(), Ok(()));
    let bad = Enquiry {
        subject: Named { names: Vec::new(), ..enquiry().subject },
        relationship: prose(""),
        decide_by: "2027-01-14".parse().unwrap(),
        gateway: Gateway::GchqOut,
        ..enquiry()
    };
    let found: BTreeSet<_> = bad.check().unwrap_err().iter().map(Fault::field).collect();
    assert_eq!(found, BTreeSet::from(["subject", "relationship", "decide_by", "gateway"]));
    let today = Enquiry { decide_by: "2027-01-15".parse().unwrap(), ..enquiry() };
    assert_eq!(today.check(), Ok(()));
}

#[test]
fn whatever_is_answered_its_bytes_have_one_length() {
    // THREATS T-46
    let world = World::new();
    let mut lengths = BTreeSet::new();
    for version in [1, 23, 24, 65_536, u64::MAX] {
        let vocabulary = world.approve(AnswerVocabulary { version, ..vocabulary() });
        for code in AnswerCode::ALL {
            for due in [0, 100, 1_800_000_000, 253_402_207_200] {
                let due = portcullis_federation::Moment::new(due).unwrap();
                let answer = Answer::new(&vocabulary, enquiry().id, *code, due);
                assert_eq!(answer.text(&vocabulary), vocabulary.document().text(*code));
                lengths.insert(Outgoing::new(id("party-a"), answer).to_bytes().len());
            }
        }
    }
    assert_eq!(lengths.len(), 1);
}

#[test]
fn two_answers_to_one_enquiry_differ_in_one_byte() {
    // THREATS T-46
    let vocabulary = World::new().approve(vocabulary());
    let bytes = |code| {
        let answer = Answer::new(&vocabulary, enquiry().id, code, at(DAY));
        Outgoing::new(id("party-a"), answer).to_bytes()
    };
    let (none, call) = (bytes(AnswerCode::NoAdvice), bytes(AnswerCode::SpeakToUs));
    assert_eq!(none.iter().zip(&call).filter(|(a, b)| a != b).count(), 1);
}

#[test]
fn answers_are_given_in_words_for_every_code_or_not_at_all() {
    // THREATS T-46
    let world = World::new();
    let check = |change: &dyn Fn(&mut AnswerVocabulary)| {
        let mut words = vocabulary();
        change(&mut words);
        Draft::new(words, &world.checks(at(3600)))
            .map_or_else(|faults| faults.iter().map(Fault::field).collect(), |_| Vec::new())
    };
    assert!(check(&|_| {}).is_empty());
    assert_eq!(check(&|words| drop(words.texts.pop())), ["texts"]);
    assert_eq!(check(&|words| words.texts.swap(0, 1)), ["texts"]);
    assert_eq!(check(&|words| words.texts[0].text = prose("")), ["texts"]);
    assert_eq!(check(&|words| words.version = 0), ["version"]);
    assert_eq!(check(&|words| words.service = id("party-a")), ["service"]);
    // Words of another version are not shown for it.
    let (one, two) = (vocabulary(), AnswerVocabulary { version: 2, ..vocabulary() });
    let answer = Answer::new(&world.approve(one), enquiry().id, AnswerCode::NoAdvice, at(DAY));
    assert_eq!(answer.text(&world.approve(two)), None);
}

#[test]
fn a_provision_is_looked_up_by_name_and_refused_by_name() {
    // THREATS T-44
    let register = register();
    let cite =
        |id: &str, at| register.cite(&word(id), &heading(), at).map(|found| found.id.clone());
    assert_eq!(cite("prov-staff", at(3600)), Ok(word("prov-staff")));
    assert_eq!(cite("prov-none", at(3600)), Err(NotCovered::Unknown));
    assert_eq!(cite("prov-later", at(3600)), Err(NotCovered::NotYet));
    assert_eq!(cite("prov-over", at(3600)), Err(NotCovered::Expired));
    assert_eq!(cite("prov-staff", at(200 * DAY)), Err(NotCovered::Expired));
    assert_eq!(cite("prov-staff", at(200 * DAY - 1)), Ok(word("prov-staff")));
    assert_eq!(cite("prov-candidate", at(3600)), Err(NotCovered::OutOfScope));
    for other in [
        Heading { originator: id("service-y"), ..heading() },
        Heading { gateway: Gateway::GchqOut, ..heading() },
        Heading { purpose: ReleasePurpose::DecideDonor, ..heading() },
    ] {
        let cited = register.cite(&word("prov-staff"), &other, at(3600)).map(drop);
        assert_eq!(cited, Err(NotCovered::OutOfScope));
    }
}

#[test]
fn a_register_is_taken_from_those_who_are_trusted_for_it() {
    // THREATS T-44
    let trusted = [signer("operator").public()];
    let good = ProvisionRegister::sign(register_text(), &signer("operator"));
    let verify = |bytes: &[u8], at| ProvisionRegister::verify(bytes, &trusted, at).map(drop);
    assert_eq!(verify(&good, at(0)), Ok(()));
    let other = ProvisionRegister::sign(register_text(), &signer("party-a"));
    assert_eq!(verify(&other, at(0)), Err(RegisterError::Untrusted));
    let mut changed = good.clone();
    let place = good.windows(12).position(|part| part == b"Secretary of").unwrap();
    changed[place] = b's';
    assert_eq!(verify(&changed, at(0)), Err(RegisterError::Signature));
    let early = portcullis_federation::Moment::new(FOUNDED - 601).unwrap();
    assert_eq!(verify(&good, early), Err(RegisterError::Future { issued: at(0) }));
    let mut twice = register_text();
    twice.provisions[1].id = word("prov-candidate");
    let twice = ProvisionRegister::sign(twice, &signer("operator"));
    assert_eq!(verify(&twice, at(0)), Err(RegisterError::Order { id: word("prov-candidate") }));
}

#[test]
fn a_report_has_a_human_who_answers_for_it() {
    let report = Report {
        id: ReportId::from_bytes([4; 16]),
        kind: ReportKind::Approach,
        text: prose("Somebody offered money for reports."),
        signs: BTreeSet::from([ApproachSign::PaidReports, ApproachSign::Flattery]),
        subjects: Vec::new(),
        accountable: line("Orsolya Testwick"),
        office: office("head of compliance"),
        made: at(0),
        gateway: Gateway::ToService,
    };
    assert_eq!(report.check(), Ok(()));
    let empty = Report { text: prose(""), gateway: Gateway::GchqOut, ..report };
    let found: Vec<_> = empty.check().unwrap_err().iter().map(Fault::field).collect();
    assert_eq!(found, ["text", "gateway"]);
}

#[test]
fn a_directory_is_its_organisations_and_never_goes_back() {
    let members = members();
    let verify = |signed: SignedDirectory, held: Option<&Directory>| {
        signed.verify(&members, held, at(3600)).map(drop)
    };
    let text = || directory_text("party-a");
    let own = signer("party-a");
    assert_eq!(verify(text().sign(&own), None), Ok(()));
    assert_eq!(verify(text().sign(&signer("party-b")), None), Err(DirectoryError::Key));
    let forged = SignedDirectory { key: own.public(), ..text().sign(&signer("party-b")) };
    assert_eq!(verify(forged, None), Err(DirectoryError::Signature));
    let organisation = id("nobody");
    let stranger = DirectoryText { organisation: organisation.clone(), ..text() };
    assert_eq!(verify(stranger.sign(&own), None), Err(DirectoryError::NotAMember { organisation }));
    let elsewhere = DirectoryText { federation: "other.example".parse().unwrap(), ..text() };
    let organisation = id("party-a");
    assert_eq!(
        verify(elsewhere.sign(&own), None),
        Err(DirectoryError::NotAMember { organisation })
    );
    let issued = at(3600 + 601);
    let ahead = DirectoryText { issued, ..text() };
    assert_eq!(verify(ahead.sign(&own), None), Err(DirectoryError::Future { issued }));

    let held = directory("party-a");
    assert_eq!(verify(text().sign(&own), Some(&held)), Ok(()));
    let emptied = DirectoryText { entries: Vec::new(), ..text() };
    let refused = DirectoryError::Older { version: 1, held: 1 };
    assert_eq!(verify(emptied.clone().sign(&own), Some(&held)), Err(refused));
    let newer = DirectoryText { version: 2, ..emptied };
    assert_eq!(verify(newer.sign(&own), Some(&held)), Ok(()));

    let order = |change: &dyn Fn(&mut Vec<DirectoryEntry>)| {
        let mut text = text();
        change(&mut text.entries);
        matches!(verify(text.sign(&own), None), Err(DirectoryError::Order { .. }))
    };
    assert!(order(&|entries| entries.swap(0, 1)));
    assert!(order(&|entries| entries[1].sealing = entries[0].sealing.clone()));
    assert!(order(&|entries| entries[1].signing = entries[0].signing));
    assert!(held.entry(&officer("o.testwick"), at(300 * DAY)).is_none());
}

#[test]
fn nothing_protected_shows_in_debug_output() {
    let shown = format!("{:?} {:?} {:?}", notice(), enquiry(), directory("party-a"));
    for text in [
        "Examplesson",
        "Testwick",
        "Quill",
        "1980",
        "X0000000",
        "network.example",
        "employ",
        "family",
        "Applied",
        "decides this",
        "0000 000000",
        "[7, 7",
    ] {
        assert!(!shown.contains(text), "{text}");
    }
    let secret = format!("{:?}", signer("party-a"));
    assert_eq!(secret, "OrganisationSigner(…)");
}
