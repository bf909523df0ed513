//! What matching must never do, whatever its weights are.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use portcullis_matching::{Index, Settings, compare};
use portcullis_types::{Dossier, Origin, Property, Schema, Statement};
use std::sync::Arc;

fn dossier(id: &str, facts: &[(Property, &str)]) -> Dossier {
    let origin = Arc::new(Origin {
        source: "invented".parse().unwrap(),
        version: "1".parse().unwrap(),
        recorded_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        controller: "invented".parse().unwrap(),
    });
    let mut dossier =
        Dossier::new(id.parse().unwrap(), id.parse().unwrap(), Schema::Person, origin);
    for (property, value) in facts {
        dossier.state(Statement::new(property.clone(), *value, 1));
    }
    dossier
}

/// The same country, birthplace, birth country and gender, and nothing else.
const BACKGROUND: [(Property, &str); 5] = [
    (Property::Nationality, "is"),
    (Property::Country, "is"),
    (Property::BirthPlace, "Reykjavík"),
    (Property::BirthCountry, "is"),
    (Property::Gender, "female"),
];

fn with_background(id: &str, name: &'static str) -> Dossier {
    let mut facts = vec![(Property::Name, name)];
    facts.extend(BACKGROUND.clone());
    dossier(id, &facts)
}

// THREATS T-11
#[test]
fn nationality_and_birthplace_alone_never_raise_an_alert() {
    let listed = with_background("listed", "Orsolya Testwick");
    let index = Index::build(vec![listed.clone()]);
    for name in ["Quillon Examplesson", "Hester Mockridge", "Fan Yangben", "Григорий Тестовенко"]
    {
        let asked = with_background("asked", name);
        assert!(index.screen(&asked, &Settings::default()).alerts.is_empty());
        let pair = compare(&asked, &listed, &Settings::default());
        assert!(pair.is_none_or(|pair| pair.score.0 < 0.01));
    }
}

// THREATS T-11
#[test]
fn background_never_outweighs_a_name_that_differs() {
    // A shared given name, another family name, and everything else in common.
    let settings = Settings::default();
    let bare = |id, name| dossier(id, &[(Property::Name, name)]);
    let score = |a: &Dossier, b: &Dossier| compare(a, b, &settings).unwrap().score.0;
    let alone = score(&bare("a", "Orsolya Testwick"), &bare("b", "Orsolya Mockridge"));
    let helped = score(
        &with_background("a", "Orsolya Testwick"),
        &with_background("b", "Orsolya Mockridge"),
    );
    assert!(alone < helped, "the background was compared");
    assert!(helped < settings.threshold.0 / 10.0, "{helped}");
}

#[test]
fn religion_ethnicity_and_politics_change_nothing() {
    // THREATS T-11
    let settings = Settings::default();
    let plain = |id| dossier(id, &[(Property::Name, "Orsolya Testwick")]);
    let marked = |id: &str, value: &'static str| {
        let property = |name: &str| Property::from_name(name);
        dossier(
            id,
            &[
                (Property::Name, "Orsolya Testwick"),
                (property("religion"), value),
                (property("ethnicity"), value),
                (Property::Political, value),
            ],
        )
    };
    let score = |a: &Dossier, b: &Dossier| compare(a, b, &settings).unwrap().score.0;
    let without = score(&plain("a"), &plain("b"));
    for other in ["one", "other"] {
        let with = score(&marked("a", "one"), &marked("b", other));
        assert!((with - without).abs() < f64::EPSILON, "{with} {without}");
    }
}

// THREATS T-04
#[test]
fn the_last_of_many_aliases_is_found_as_the_first_is() {
    // Invented aliases, two words each, all different; 200 is more than any published record has.
    let word = |n: u32| -> String {
        [n / 400, n / 20 % 20, n % 20]
            .iter()
            .map(|digit| {
                ["ba", "de", "fi", "go", "hu", "ja", "ke", "li", "mo", "nu"][*digit as usize % 10]
            })
            .collect()
    };
    let aliases: Vec<String> =
        (0..200).map(|n| format!("{}r {}z", word(n * 37 % 6_007), word(n * 101 % 5_003))).collect();
    let mut listed = dossier("listed", &[(Property::Name, "Orsolya Testwick")]);
    for alias in &aliases {
        listed.state(Statement::new(Property::Alias, alias.as_str(), 1));
    }
    let index = Index::build(vec![listed]);
    for alias in [aliases.first(), aliases.last()].into_iter().flatten() {
        let mut asked = dossier("asked", &[]);
        asked.state(Statement::new(Property::Name, alias.as_str(), 1));
        assert_eq!(index.screen(&asked, &Settings::default()).alerts.len(), 1);
    }
}
