use super::*;
use jiff::Timestamp;
use portcullis_types::{DossierId, OrganisationId, Origin, Schema};
use std::sync::Arc;

fn dossier(facts: &[(Property, &str)]) -> Dossier {
    let origin = Arc::new(Origin {
        source: SourceId::new("invented").unwrap(),
        version: ListVersion::new("2025-01-01").unwrap(),
        recorded_at: Timestamp::UNIX_EPOCH,
        controller: OrganisationId::new("tests").unwrap(),
    });
    let id = DossierId::new("invented:1").unwrap();
    let mut dossier = Dossier::new(id, RecordId::new("1").unwrap(), Schema::Person, origin);
    for (property, value) in facts {
        dossier.state(Statement::new(property.clone(), *value, 2));
    }
    dossier
}

const BASE: [(Property, &str); 4] = [
    (Property::Name, "Orsolya Testwick"),
    (Property::BirthDate, "1958-03-21"),
    (Property::PassportNumber, "XX-123 456"),
    (Property::Nationality, "gb"),
];

fn changed_when(facts: &[(Property, &str)]) -> Vec<FactKind> {
    Fingerprint::of(&dossier(&BASE)).changed(&Fingerprint::of(&dossier(facts))).collect()
}

fn with(extra: (Property, &'static str)) -> Vec<(Property, &'static str)> {
    BASE.iter().cloned().chain([extra]).collect()
}

#[test]
fn what_is_no_material_fact_changes_nothing() {
    for property in [
        Property::Address,
        Property::PostalCode,
        Property::Position,
        Property::Title,
        Property::Notes,
        Property::Gender,
        Property::Program,
    ] {
        assert!(changed_when(&with((property, "Elsewhere"))).is_empty());
    }
}

#[test]
fn each_material_fact_changes_its_own_kind() {
    // The four kinds of the rule: "unless a name, birth date, identifier or country changes".
    for (property, kind) in [
        (Property::Alias, FactKind::Name),
        (Property::WeakAlias, FactKind::Name),
        (Property::PreviousName, FactKind::Name),
        (Property::MiddleName, FactKind::Name),
        (Property::BirthDate, FactKind::BirthDate),
        (Property::RegistrationNumber, FactKind::Identifier),
        (Property::WikidataId, FactKind::Identifier),
        (Property::Country, FactKind::Country),
        (Property::Nationality, FactKind::Country),
        (Property::Jurisdiction, FactKind::Country),
        (Property::BirthCountry, FactKind::Country),
    ] {
        let name = property.name().to_owned();
        assert_eq!(changed_when(&with((property, "1901"))), [kind], "{name}");
    }
}

#[test]
fn order_capitals_blanks_and_punctuation_change_nothing() {
    let facts = [
        (Property::Nationality, "GB"),
        (Property::PassportNumber, "xx123456"),
        (Property::BirthDate, " 1958-03-21 "),
        (Property::Name, "ORSOLYA  Testwick"),
    ];
    assert!(changed_when(&facts).is_empty());
}

#[test]
fn composed_and_decomposed_letters_are_one_name() {
    // Unicode: U+00E9 is canonically equivalent to U+0065 U+0301.
    let composed = Fingerprint::of(&dossier(&[(Property::Name, "Ren\u{e9} Testwick")]));
    let decomposed = Fingerprint::of(&dossier(&[(Property::Name, "Rene\u{301} Testwick")]));
    assert_eq!(composed, decomposed);
}

#[test]
fn a_birth_date_known_more_finely_is_a_change() {
    let mut facts = BASE;
    facts[1].1 = "1958";
    assert_eq!(changed_when(&facts), [FactKind::BirthDate]);
}

#[test]
fn a_number_of_another_kind_is_another_identifier() {
    let mut facts = BASE;
    facts[2].0 = Property::TaxNumber;
    assert_eq!(changed_when(&facts), [FactKind::Identifier]);
}

#[test]
// THREATS T-07: silencing one namesake must not silence the next.
fn two_sets_of_facts_never_run_together() {
    let apart = Fingerprint::of(&dossier(&[(Property::Name, "a b"), (Property::Alias, "c")]));
    let other = Fingerprint::of(&dossier(&[(Property::Name, "a"), (Property::Alias, "b c")]));
    assert_ne!(apart.name, other.name);
}

#[test]
fn a_subject_is_known_again_by_one_name_or_one_identifier() {
    let mark = |facts: &[(Property, &str)]| QueryMark::of(&dossier(facts));
    let base = mark(&BASE);
    assert!(base.may_be(&mark(&[(Property::Name, "orsolya testwick")])));
    assert!(base.may_be(&mark(&[
        (Property::Name, "Orsolya Examplesson"),
        (Property::PassportNumber, "XX123456"),
    ])));
    assert!(!base.may_be(&mark(&[
        (Property::Name, "Quillon Examplesson"),
        (Property::BirthDate, "1958-03-21"),
        (Property::Nationality, "gb"),
    ])));
}

#[test]
fn a_shared_name_and_an_equal_identifier_text_are_two_handles() {
    let by_name = QueryMark::of(&dossier(&[(Property::Name, "idNumber=1")]));
    let by_number = QueryMark::of(&dossier(&[(Property::IdNumber, "1")]));
    assert!(!by_name.may_be(&by_number));
}

#[test]
fn a_birth_date_or_an_identifier_is_unique_and_a_country_is_not() {
    // BASE: a name, a birth date, a passport number, a nationality.
    for (fact, unique) in BASE.iter().zip([false, true, true, false]) {
        let facts = [BASE[0].clone(), fact.clone()];
        assert_eq!(QueryMark::of(&dossier(&facts)).has_unique_fact(), unique, "{}", fact.0.name());
    }
}

proptest::proptest! {
    #[test]
    fn the_order_of_the_statements_changes_nothing(
        mut facts in proptest::collection::vec((0..6_usize, "[a-z0-9 -]{1,8}"), 0..8),
        turn in 0..8_usize,
    ) {
        let properties = [
            Property::Name,
            Property::Alias,
            Property::BirthDate,
            Property::IdNumber,
            Property::Country,
            Property::Notes,
        ];
        let mark = |facts: &[(usize, String)]| {
            let facts: Vec<_> =
                facts.iter().map(|(n, text)| (properties[*n].clone(), text.as_str())).collect();
            QueryMark::of(&dossier(&facts))
        };
        let before = mark(&facts);
        let turn = turn.min(facts.len());
        facts.rotate_left(turn);
        proptest::prop_assert_eq!(before, mark(&facts));
    }
}
