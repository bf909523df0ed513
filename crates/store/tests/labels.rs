//! What bears which label, and who reads it, on each kind of store.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::{Place, TEST, decided, officer, organisation, reason};
use portcullis_decide::{
    Address, Change, ChangedKeys, Decision, Digest, ErasureDuty, HeldRecord, Judgement, Keeping,
    KeptFile, KeptIssue, KeptList, KeyDeed, OfficerBasis, Raised, RaisedPair, RecordKind, Verdict,
    change_keys, erase, raise, record, relabel, undo,
};
use portcullis_store::{Database, Labelled, StoreError, Visible};
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{
    Audience, Clock, Label, Level, ListVersion, PersonId, Property, Purpose, Score, SourceId,
};

suite! {
    equal_labels_are_kept_once,
    a_label_that_nobody_may_read_hides_what_bears_it,
    a_pair_bears_at_least_the_label_of_its_list,
    a_decision_bears_the_labels_of_what_was_seen_of_its_pair,
    a_decision_bears_nothing_of_a_showing_that_whoever_decides_does_not_see,
    a_pair_shown_under_two_labels_is_two_showings,
    every_marking_is_inherited_and_not_only_the_first,
    a_decision_that_is_not_seen_is_not_undone,
    a_label_is_raised_by_an_officer_and_never_lowered,
    a_pair_that_was_raised_takes_nothing_from_what_is_shown_below,
    two_showings_raised_to_one_label_both_stay,
    what_was_made_from_a_list_is_raised_with_it,
    what_was_made_from_a_source_is_raised_when_it_is_kept_anew,
    the_label_of_a_decision_is_known_before_it_is_written,
    what_somebody_else_relabelled_meanwhile_is_looked_at_again,
    lists_of_one_source_bear_one_label,
    a_label_that_is_borne_is_not_erased,
    the_proof_that_something_was_erased_bears_its_label,
    labels_open_after_the_keys_were_changed,
    pages_and_counts_hold_what_is_seen_and_nothing_else,
    what_is_new_leaves_out_what_is_not_seen,
}

fn secret() -> Label {
    Label { level: Level(2), ..Label::open() }
}

fn river() -> Label {
    Label { compartments: ["river".into()].into(), ..Label::open() }
}

/// What somebody sees who may read labels up to this one.
fn up_to(store: &mut Database, most: &Label) -> Visible {
    store.labels(&organisation()).unwrap().visible(|label| label.is_within(most))
}

fn open_only(store: &mut Database) -> Visible {
    up_to(store, &Label::open())
}

fn pair(name: &str) -> RaisedPair {
    let query = dossier("q.csv", "2", &[(Property::Name, name), (Property::BirthDate, "1971")]);
    let listed = dossier("a-list", "R1", &[(Property::Name, "Orsolia Testwicke")]);
    RaisedPair::of(organisation(), Purpose::ScreenDonor, &query, &listed, Score(0.75))
}

fn raised(seed: u64, name: &str) -> Change<Raised> {
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(seed));
    raise(&clock, &mut rng, organisation(), Purpose::ScreenDonor, vec![pair(name)]).unwrap()
}

fn show(store: &mut Database, seed: u64, name: &str, label: &Label) {
    let change = raised(seed, name).labelled(label);
    store.write(TEST, |w| w.put_raised(&change)).unwrap();
}

fn on(pair: RaisedPair, seed: u64) -> Change<Decision> {
    let judgement = Judgement {
        organisation: pair.organisation,
        purpose: pair.purpose,
        query: pair.query,
        record: pair.record,
        query_name: pair.query_name,
        record_name: pair.record_name,
        verdict: Verdict::NotSame,
        officer: officer(),
        reason: reason("thirteen years apart"),
    };
    record(&MockClock::default(), &mut SeededRng::new(seed), judgement, None).unwrap()
}

fn list(name: &str, source: &str) -> KeptList {
    let digest = Digest::from_bytes([7; 32]);
    KeptList {
        organisation: organisation(),
        name: name.parse().unwrap(),
        source: SourceId::new(source).unwrap(),
        format: "invented-csv".to_owned(),
        addresses: vec![Address::from_text("/srv/a.csv")],
        rhythm_days: None,
        checked_at: MockClock::default().now(),
        current: KeptIssue {
            digest,
            version: ListVersion::new("1").unwrap(),
            published: None,
            recorded_at: MockClock::default().now(),
            entries: 7,
            set_aside: 0,
            files: vec![KeptFile {
                name: "a.csv".to_owned(),
                address: Address::from_text("/srv/a.csv"),
                sha256: digest,
                size_bytes: 1,
                entity_tag: None,
                last_modified: None,
            }],
        },
        earlier: Vec::new(),
    }
}

fn keep(store: &mut Database, seed: u64, list: KeptList, label: &Label) -> Result<(), StoreError> {
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(seed));
    let change = Keeping::Added.done(&clock, &mut rng, officer(), list).unwrap().labelled(label);
    store.write(TEST, |w| w.put_list(&change))
}

fn label_of(store: &mut Database, change: &Change<Decision>) -> Label {
    let seen = store.read(|r| r.decision(&organisation(), change.state().id)).unwrap();
    seen.unwrap().label
}

fn shown(store: &mut Database, visible: &Visible) -> Vec<String> {
    let rows = store.view(visible, |v| v.alerts(&organisation(), None, 500)).unwrap();
    rows.iter().map(|row| row.pair.query_name.reveal().to_owned()).collect()
}

fn equal_labels_are_kept_once(place: &impl Place) {
    let mut store = place.open();
    let mut named = secret();
    named.people = Audience::Only(
        [PersonId { organisation: organisation(), officer: officer() }].into_iter().collect(),
    );
    for (seed, label) in (1..).zip([secret(), named.clone(), secret(), Label::open(), named]) {
        show(&mut store, seed, &format!("Orsolya Testwick {seed}"), &label);
    }
    // By hand: two labels that are not the open one.
    assert_eq!(store.labels(&organisation()).unwrap().iter().count(), 2);
}

fn a_label_that_nobody_may_read_hides_what_bears_it(place: &impl Place) {
    let mut store = place.open();
    show(&mut store, 1, "Orsolya Testwick", &Label::open());
    show(&mut store, 2, "Barnaby Nobodyson", &secret());
    let (low, high) = (open_only(&mut store), up_to(&mut store, &secret()));
    assert_eq!(shown(&mut store, &low), ["Orsolya Testwick"]);
    assert_eq!(shown(&mut store, &high).len(), 2);
    assert_eq!(shown(&mut store, &Visible::all()).len(), 2);
    assert!(shown(&mut store, &Visible::nothing()).is_empty());
    let hidden = pair("Barnaby Nobodyson").reference();
    assert!(store.view(&low, |v| v.alert(&organisation(), hidden)).unwrap().is_empty());
}

fn a_pair_bears_at_least_the_label_of_its_list(place: &impl Place) {
    let mut store = place.open();
    keep(&mut store, 1, list("a", "a-list"), &river()).unwrap();
    show(&mut store, 2, "Orsolya Testwick", &secret());
    let seen =
        store.read(|r| r.alert(&organisation(), pair("Orsolya Testwick").reference())).unwrap();
    assert_eq!(seen[0].label, river().join(&secret()));
}

fn a_decision_bears_the_labels_of_what_was_seen_of_its_pair(place: &impl Place) {
    let mut store = place.open();
    show(&mut store, 1, "Orsolya Testwick", &secret());
    show(&mut store, 2, "Orsolya Testwick", &river());
    let change = on(pair("Orsolya Testwick"), 3);
    // Nobody says a label; the store finds it.
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
    assert_eq!(label_of(&mut store, &change), secret().join(&river()));
}

fn a_decision_bears_nothing_of_a_showing_that_whoever_decides_does_not_see(place: &impl Place) {
    let mut store = place.open();
    show(&mut store, 1, "Orsolya Testwick", &Label::open());
    show(&mut store, 2, "Orsolya Testwick", &secret());
    let (low, change) = (open_only(&mut store), on(pair("Orsolya Testwick"), 3));
    let label = store.decide(&low, TEST, |w| w.decide(&change)).unwrap();
    assert_eq!(label, Label::open());
    assert_eq!(label_of(&mut store, &change), Label::open());
}

fn a_pair_shown_under_two_labels_is_two_showings(place: &impl Place) {
    let mut store = place.open();
    show(&mut store, 1, "Orsolya Testwick", &Label::open());
    let low = open_only(&mut store);
    let before = store.view(&low, |v| v.alerts(&organisation(), None, 10)).unwrap();
    show(&mut store, 2, "Orsolya Testwick", &secret());
    let low = open_only(&mut store);
    assert_eq!(store.view(&low, |v| v.alerts(&organisation(), None, 10)).unwrap(), before);
    assert_eq!(shown(&mut store, &Visible::all()).len(), 2);
    // The memory of screening, and whoever decides on the machine, knows one pair.
    let reference = pair("Orsolya Testwick").reference();
    assert_eq!(store.read(|r| r.raised(&organisation(), reference)).unwrap().len(), 1);
}

fn every_marking_is_inherited_and_not_only_the_first(place: &impl Place) {
    let mut store = place.open();
    keep(&mut store, 1, list("a", "a-list"), &secret()).unwrap();
    let change = raised(2, "Orsolya Testwick").labelled(&river());
    store.write(TEST, |w| w.put_raised(&change)).unwrap();
    let decision = on(pair("Orsolya Testwick"), 3);
    store.write(TEST, |w| w.put_decision(&decision)).unwrap();
    for most in [secret(), river()] {
        let visible = up_to(&mut store, &most);
        assert!(shown(&mut store, &visible).is_empty());
        let id = decision.state().id;
        assert_eq!(store.view(&visible, |v| v.decision(&organisation(), id)).unwrap(), None);
    }
}

fn a_decision_that_is_not_seen_is_not_undone(place: &impl Place) {
    let mut store = place.open();
    let change = decided(&MockClock::default(), 1, "Orsolya Testwick", "why").labelled(&secret());
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
    let state = change.into_state();
    let undone =
        undo(&MockClock::default(), &mut SeededRng::new(2), state, officer(), reason("row"), None)
            .unwrap();
    let low = open_only(&mut store);
    let refused = store.decide(&low, TEST, |w| w.decide(&undone)).unwrap_err();
    assert!(matches!(refused, StoreError::Overtaken { what: "decision" }));
    let high = up_to(&mut store, &secret());
    assert_eq!(store.decide(&high, TEST, |w| w.decide(&undone)).unwrap(), secret());
}

fn record_of(store: &mut Database, thing: &Labelled) -> HeldRecord {
    let numbers = store.read(|r| r.records_of(&organisation(), thing)).unwrap();
    store.read(|r| r.record(&organisation(), numbers[0])).unwrap().unwrap()
}

fn a_label_is_raised_by_an_officer_and_never_lowered(place: &impl Place) {
    let mut store = place.open();
    show(&mut store, 1, "Orsolya Testwick", &Label::open());
    let thing = Labelled::Alert(pair("Orsolya Testwick").reference());
    let held = record_of(&mut store, &thing);
    let (clock, why) = (MockClock::default(), reason("names a source"));
    let change =
        relabel(&clock, &mut SeededRng::new(2), &held, &Label::open(), &secret(), officer(), &why)
            .unwrap();
    store.write(TEST, |w| w.relabel(&change)).unwrap();
    let label = store.read(|r| r.record_label(&organisation(), held.number)).unwrap();
    assert_eq!(label, secret());
    let low = open_only(&mut store);
    assert!(shown(&mut store, &low).is_empty());
    let high = up_to(&mut store, &secret());
    let reference = pair("Orsolya Testwick").reference();
    let history = store.view(&high, |v| v.alert_history(&organisation(), reference)).unwrap();
    assert_eq!(history, [change.event().clone()]);
    assert!(store.view(&low, |v| v.alert_history(&organisation(), reference)).unwrap().is_empty());
}

fn raise_to(store: &mut Database, seed: u64, thing: &Labelled, label: &Label) {
    let held = record_of(store, thing);
    let before = store.read(|r| r.record_label(&organisation(), held.number)).unwrap();
    let (clock, why, after) = (MockClock::default(), reason("names a source"), before.join(label));
    let mut rng = SeededRng::new(seed);
    let change = relabel(&clock, &mut rng, &held, &before, &after, officer(), &why).unwrap();
    store.write(TEST, |w| w.relabel(&change)).unwrap();
}

/// Everything that somebody sees of the pairs.
fn all_shown(store: &mut Database, visible: &Visible) -> Vec<portcullis_store::SeenAlert> {
    store.view(visible, |v| v.alerts(&organisation(), None, 500)).unwrap()
}

fn a_pair_that_was_raised_takes_nothing_from_what_is_shown_below(place: &impl Place) {
    let mut store = place.open();
    let thing = Labelled::Alert(pair("Orsolya Testwick").reference());
    show(&mut store, 1, "Orsolya Testwick", &Label::open());
    raise_to(&mut store, 2, &thing, &secret());
    let above = all_shown(&mut store, &Visible::all());
    // Shown again under the label it had: as if it had never been shown.
    show(&mut store, 3, "Orsolya Testwick", &Label::open());
    let low = open_only(&mut store);
    assert_eq!(shown(&mut store, &low), ["Orsolya Testwick"]);
    let now = all_shown(&mut store, &Visible::all());
    assert_eq!(now.len(), 2);
    assert!(now.contains(&above[0]), "what is above was changed from below");
    // And from there on it is shown again, not anew.
    show(&mut store, 4, "Orsolya Testwick", &Label::open());
    show(&mut store, 5, "Orsolya Testwick", &secret());
    assert_eq!(all_shown(&mut store, &Visible::all()).len(), 2);
}

fn two_showings_raised_to_one_label_both_stay(place: &impl Place) {
    let mut store = place.open();
    show(&mut store, 1, "Orsolya Testwick", &Label::open());
    show(&mut store, 2, "Orsolya Testwick", &secret());
    let thing = Labelled::Alert(pair("Orsolya Testwick").reference());
    // The record with the lower number is that of the open showing.
    raise_to(&mut store, 3, &thing, &secret());
    let both = all_shown(&mut store, &Visible::all());
    assert_eq!(both.iter().map(|one| &one.label).collect::<Vec<_>>(), [&secret(), &secret()]);
    show(&mut store, 4, "Orsolya Testwick", &secret());
    assert_eq!(all_shown(&mut store, &Visible::all()).len(), 2);
}

fn what_was_made_from_a_list_is_raised_with_it(place: &impl Place) {
    let mut store = place.open();
    keep(&mut store, 1, list("a", "a-list"), &Label::open()).unwrap();
    show(&mut store, 2, "Orsolya Testwick", &Label::open());
    show(&mut store, 3, "Barnaby Nobodyson", &river());
    let decision = on(pair("Orsolya Testwick"), 4);
    store.write(TEST, |w| w.put_decision(&decision)).unwrap();
    raise_to(&mut store, 5, &Labelled::List("a".parse().unwrap()), &secret());
    let low = up_to(&mut store, &river());
    assert!(shown(&mut store, &low).is_empty());
    assert!(store.view(&low, |v| v.seen_decisions(&organisation(), None, 9)).unwrap().is_empty());
    let labels: Vec<_> =
        all_shown(&mut store, &Visible::all()).into_iter().map(|one| one.label).collect();
    assert!(labels.contains(&secret()) && labels.contains(&secret().join(&river())));
    assert_eq!(label_of(&mut store, &decision), secret());
}

fn what_was_made_from_a_source_is_raised_when_it_is_kept_anew(place: &impl Place) {
    let mut store = place.open();
    keep(&mut store, 1, list("a", "a-list"), &Label::open()).unwrap();
    show(&mut store, 2, "Orsolya Testwick", &Label::open());
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(3));
    let forgotten = list("a", "a-list").forget(&clock, &mut rng, officer()).unwrap();
    store.write(TEST, |w| w.forget_list(&forgotten)).unwrap();
    let low = open_only(&mut store);
    assert_eq!(shown(&mut store, &low).len(), 1);
    keep(&mut store, 4, list("b", "a-list"), &secret()).unwrap();
    let low = open_only(&mut store);
    assert!(shown(&mut store, &low).is_empty());
}

fn the_label_of_a_decision_is_known_before_it_is_written(place: &impl Place) {
    let mut store = place.open();
    show(&mut store, 1, "Orsolya Testwick", &river());
    keep(&mut store, 2, list("b", "another"), &secret()).unwrap();
    let decision = on(pair("Orsolya Testwick"), 3);
    let judgement = decision.state().judgement.clone();
    let (before, after) = store
        .decide(&Visible::all(), TEST, |w| {
            Ok::<_, StoreError>((w.label_on(&judgement)?, w.decide(&decision)?))
        })
        .unwrap();
    assert_eq!((before, after), (river(), river()));
}

fn what_somebody_else_relabelled_meanwhile_is_looked_at_again(place: &impl Place) {
    let mut store = place.open();
    show(&mut store, 1, "Orsolya Testwick", &Label::open());
    let held = record_of(&mut store, &Labelled::Alert(pair("Orsolya Testwick").reference()));
    let (clock, why) = (MockClock::default(), reason("names a source"));
    let raised = |seed, label| {
        let mut rng = SeededRng::new(seed);
        relabel(&clock, &mut rng, &held, &Label::open(), &label, officer(), &why).unwrap()
    };
    store.write(TEST, |w| w.relabel(&raised(2, river()))).unwrap();
    let refused = store.write(TEST, |w| w.relabel(&raised(3, secret()))).unwrap_err();
    assert!(matches!(refused, StoreError::Overtaken { what: "label" }));
}

fn lists_of_one_source_bear_one_label(place: &impl Place) {
    let mut store = place.open();
    keep(&mut store, 1, list("a", "a-list"), &Label::open()).unwrap();
    let refused = keep(&mut store, 2, list("b", "a-list"), &secret()).unwrap_err();
    assert!(matches!(refused, StoreError::SourceLabels { .. }));
    keep(&mut store, 3, list("c", "another"), &secret()).unwrap();
    keep(&mut store, 4, list("d", "a-list"), &Label::open()).unwrap();
    let held = record_of(&mut store, &Labelled::List("a".parse().unwrap()));
    let (clock, why) = (MockClock::default(), reason("names a source"));
    let mut rng = SeededRng::new(5);
    let change =
        relabel(&clock, &mut rng, &held, &Label::open(), &secret(), officer(), &why).unwrap();
    let refused = store.write(TEST, |w| w.relabel(&change)).unwrap_err();
    assert!(matches!(refused, StoreError::SharedSource));
}

fn erased(store: &mut Database, kind: RecordKind, seed: u64) -> Result<(), StoreError> {
    let day = "9999-12-31".parse().unwrap();
    let (mut records, _) = store.read(|r| r.due_records(&organisation(), day, None)).unwrap();
    records.retain(|record| record.retention.kind == kind);
    let basis =
        OfficerBasis::Duty { duty: ErasureDuty::Objection, case: "sar-2026-014".parse().unwrap() };
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(seed));
    let changes = erase(&clock, &mut rng, &officer(), basis, &records, None).unwrap();
    store.write(TEST, |w| changes.iter().try_for_each(|change| w.erase(change)))
}

fn a_label_that_is_borne_is_not_erased(place: &impl Place) {
    let mut store = place.open();
    let change = decided(&MockClock::default(), 1, "Orsolya Testwick", "why").labelled(&secret());
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
    let refused = erased(&mut store, RecordKind::Label, 2).unwrap_err();
    assert!(matches!(refused, StoreError::InUse { what: "label" }));
}

fn the_proof_that_something_was_erased_bears_its_label(place: &impl Place) {
    let mut store = place.open();
    let change = decided(&MockClock::default(), 1, "Orsolya Testwick", "why").labelled(&secret());
    store.write(TEST, |w| w.put_decision(&change)).unwrap();
    erased(&mut store, RecordKind::Decision, 2).unwrap();
    let high = up_to(&mut store, &secret());
    assert!(store.view(&high, |v| v.seen_decisions(&organisation(), None, 9)).unwrap().is_empty());
    let day = "9999-12-31".parse().unwrap();
    let (records, _) = store.read(|r| r.due_records(&organisation(), day, None)).unwrap();
    let proof = records.iter().find(|one| one.retention.kind == RecordKind::Disposal).unwrap();
    let label = store.read(|r| r.record_label(&organisation(), proof.number)).unwrap();
    assert_eq!(label, secret());
}

fn labels_open_after_the_keys_were_changed(place: &impl Place) {
    let mut store = place.open();
    show(&mut store, 1, "Orsolya Testwick", &secret());
    let keys = |deed, generation, seed| {
        let changed = ChangedKeys { organisation: organisation(), deed, generation };
        change_keys(&MockClock::default(), &mut SeededRng::new(seed), officer(), changed).unwrap()
    };
    store.begin_generation(&keys(KeyDeed::Rotated, 2, 2)).unwrap();
    store.reseal(|_| true).unwrap();
    store.destroy_generation(&keys(KeyDeed::Destroyed, 1, 3)).unwrap();
    let labels = store.labels(&organisation()).unwrap();
    assert_eq!(labels.iter().map(|(_, label)| label.clone()).collect::<Vec<_>>(), [secret()]);
}

fn pages_and_counts_hold_what_is_seen_and_nothing_else(place: &impl Place) {
    let mut store = place.open();
    let clock = MockClock::default();
    for seed in 1..=20 {
        let label = if seed % 2 == 0 { secret() } else { Label::open() };
        let name = format!("Orsolya Testwick {seed}");
        let change = decided(&clock, seed, &name, "why").labelled(&label);
        store.write(TEST, |w| w.put_decision(&change)).unwrap();
        clock.advance(jiff::SignedDuration::from_secs(1));
    }
    let low = open_only(&mut store);
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = store.view(&low, |v| v.seen_decisions(&organisation(), after, 3)).unwrap();
        let Some(last) = page.last() else { break };
        // Every page but the last is full, however much between was passed over.
        assert!(page.len() == 3 || names.len() == 9);
        after = Some(last.place());
        names.extend(page.iter().map(|d| d.decision.judgement.query_name.reveal().to_owned()));
    }
    let expected: Vec<_> =
        (1..=19).rev().step_by(2).map(|n| format!("Orsolya Testwick {n}")).collect();
    assert_eq!(names, expected);
    let counts = store.view(&low, |v| v.decision_counts(&organisation())).unwrap();
    assert_eq!(counts.iter().map(|count| count.standing).sum::<u64>(), 10);
    let seen = store.view(&low, |v| v.every_decision(&organisation())).unwrap();
    assert_eq!(seen.len(), 10);
}

fn what_is_new_leaves_out_what_is_not_seen(place: &impl Place) {
    let mut store = place.open();
    let put = |store: &mut Database, seed, label: &Label| {
        let change =
            decided(&MockClock::default(), seed, "Orsolya Testwick", "why").labelled(label);
        store.write(TEST, |w| w.put_decision(&change)).unwrap();
        change.event().id
    };
    let first = put(&mut store, 1, &Label::open());
    let hidden = put(&mut store, 2, &secret());
    let last = put(&mut store, 3, &Label::open());
    let low = open_only(&mut store);
    let after = store.view(&low, |v| v.news_after(&organisation(), first)).unwrap().unwrap();
    let (news, place) = store.view(&low, |v| v.news(&organisation(), after)).unwrap();
    assert_eq!(news.iter().map(|one| one.event.id).collect::<Vec<_>>(), [last]);
    assert!(store.view(&low, |v| v.news(&organisation(), place)).unwrap().0.is_empty());
    // One that is not seen is one that never was.
    assert_eq!(store.view(&low, |v| v.news_after(&organisation(), hidden)).unwrap(), None);
    let never = decided(&MockClock::default(), 9, "Nobody", "why").event().id;
    assert_eq!(store.view(&low, |v| v.news_after(&organisation(), never)).unwrap(), None);
}
