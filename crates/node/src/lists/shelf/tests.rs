use super::*;
use portcullis_testkit::dossier;
use portcullis_types::Property;

fn id(text: &str) -> RecordId {
    RecordId::new(text).unwrap()
}

#[test]
fn changes_between_two_issues_are_told_by_record() {
    let name = (Property::Name, "Orsolya Testwick");
    let older = [
        dossier("a", "same", &[name.clone(), (Property::Country, "hu")]),
        dossier("a", "born", std::slice::from_ref(&name)),
        dossier("a", "moved", &[name.clone(), (Property::Address, "1 Invented Street")]),
        dossier("a", "gone", std::slice::from_ref(&name)),
    ];
    let newer = [
        dossier("a", "new", std::slice::from_ref(&name)),
        dossier("a", "moved", &[name.clone(), (Property::Address, "2 Invented Street")]),
        dossier("a", "born", &[name.clone(), (Property::BirthDate, "1958")]),
        dossier("a", "same", &[(Property::Country, "hu"), name]),
    ];
    let changes = Changes::between(&older, &newer);
    assert_eq!(changes.added, BTreeSet::from([id("new")]));
    assert_eq!(changes.removed, BTreeSet::from([id("gone")]));
    assert_eq!(
        changes.changed,
        BTreeMap::from([(id("born"), vec![FactKind::BirthDate]), (id("moved"), vec![])])
    );
}

#[test]
fn several_dossiers_of_one_record_are_one() {
    let one = |name| dossier("a", "r", &[(Property::Name, name)]);
    let changes =
        Changes::between(&[one("Orsolya"), one("Quillon")], &[one("Quillon"), one("Orsolya")]);
    assert_eq!(changes, Changes::default());
}

fn age(days: u32, unchecked_days: u32, rhythm_days: Option<u32>) -> Age {
    Age { days, unchecked_days, is_from_web: false, rhythm_days }
}

#[test]
fn an_age_is_said_in_words() {
    assert_eq!(age(0, 0, None).to_string(), "of today");
    assert_eq!(age(1, 0, None).to_string(), "1 day old");
    assert_eq!(age(30, 0, None).to_string(), "30 days old");
}

#[test]
fn a_list_is_overdue_by_its_own_rhythm_only() {
    assert!(!age(7, 0, Some(7)).is_overdue());
    assert!(age(8, 0, Some(7)).is_overdue());
    assert!(!age(9_999, 0, None).is_overdue());
}

#[test]
fn what_the_server_just_confirmed_is_not_overdue() {
    let from_web = |unchecked_days| Age { is_from_web: true, ..age(30, unchecked_days, Some(7)) };
    assert!(!from_web(1).is_overdue());
    assert!(from_web(2).is_overdue());
}

#[test]
fn a_list_nobody_looked_after_is_told_from_one_that_did_not_change() {
    assert!(!age(100, 7, None).is_unchecked());
    assert!(age(100, 8, None).is_unchecked());
    assert!(age(3, 3, Some(2)).is_unchecked());
}

#[test]
fn records_bear_the_version_under_which_their_issue_is_kept() {
    let mut dossiers = [dossier("a", "1", &[]), dossier("a", "2", &[])];
    dossiers[1].origin = Arc::clone(&dossiers[0].origin);
    let version: ListVersion = "another".parse().unwrap();
    name_issue(&mut dossiers, &version);
    assert!(dossiers.iter().all(|dossier| dossier.origin.version == version));
    assert!(Arc::ptr_eq(&dossiers[0].origin, &dossiers[1].origin));
    let before = Arc::clone(&dossiers[0].origin);
    name_issue(&mut dossiers, &version);
    assert!(Arc::ptr_eq(&before, &dossiers[0].origin));
}
