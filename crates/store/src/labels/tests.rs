//! Every marking is inherited; and doubles with a fault built in, to see that the property notices.

use super::Visible;
use crate::{Database, KeyringPlace, TransactionName};
use portcullis_decide::{
    Decision, Digest, Judgement, Keeping, KeptIssue, KeptList, RaisedPair, StatedReason, Verdict,
    raise, record,
};
use portcullis_keys::Unlock;
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{
    Audience, Clock as _, Label, Level, ListVersion, OfficerId, OrganisationId, Property, Purpose,
    Rng as _, Score, SourceId,
};
use std::cell::Cell;
use std::collections::BTreeSet;
use zeroize::Zeroizing;

thread_local! {
    static JOINS_ARE_BROKEN: Cell<bool> = const { Cell::new(false) };
}

/// Whether the first label alone is inherited, as a careless join would have it.
pub(crate) fn joins_are_broken() -> bool {
    JOINS_ARE_BROKEN.get()
}

const NAME: TransactionName = TransactionName("tests");

fn own() -> OrganisationId {
    OrganisationId::new("party-of-tests").unwrap()
}

fn drawn(rng: &mut SeededRng) -> Label {
    let mut bytes = [0; 4];
    rng.fill(&mut bytes);
    let [level, compartments, handling, organisations] = bytes;
    let words = |bits: u8| {
        let all = ["river", "stone", "wood"].into_iter().enumerate();
        all.filter(|(n, _)| bits >> n & 1 == 1).map(|(_, word)| word.into()).collect()
    };
    Label {
        level: Level(level % 3),
        compartments: words(compartments & 3),
        handling: words(handling & 1),
        organisations: match organisations % 4 {
            0 => Audience::Only(BTreeSet::from([own()])),
            1 => Audience::Only(BTreeSet::from([own(), OrganisationId::new("x").unwrap()])),
            _ => Audience::Everyone,
        },
        people: Audience::Everyone,
        parties: BTreeSet::new(),
        originators: BTreeSet::new(),
    }
}

fn list(number: u64, clock: &MockClock) -> KeptList {
    KeptList {
        organisation: own(),
        name: format!("list-{number}").parse().unwrap(),
        source: SourceId::new(&format!("source-{number}")).unwrap(),
        format: "invented-csv".to_owned(),
        addresses: Vec::new(),
        rhythm_days: None,
        checked_at: clock.now(),
        current: KeptIssue {
            digest: Digest::from_bytes([7; 32]),
            version: ListVersion::new("1").unwrap(),
            published: None,
            recorded_at: clock.now(),
            entries: 7,
            set_aside: 0,
            files: Vec::new(),
        },
        earlier: Vec::new(),
    }
}

/// A list, people screened against it, and a decision on what came of it, each under a label of its
/// own, so many times; whether every reader sees exactly what he may read all parts of.
fn every_part_is_inherited(times: u64) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let keyring =
        KeyringPlace::new(folder.path().join("keyring"), Unlock::KeyFile(Zeroizing::new([7; 32])));
    let rng = Box::new(SeededRng::new(1));
    let mut store = Database::open_sqlite(&folder.path().join("store.db"), keyring, rng).unwrap();
    let (clock, mut rng) = (MockClock::default(), SeededRng::new(2));
    let officer = OfficerId::new("q.examplesson").unwrap();
    let mut made = Vec::new();
    for number in 0..times {
        let parts = [drawn(&mut rng), drawn(&mut rng), drawn(&mut rng)];
        let [of_list, of_people, of_decision] = &parts;
        let kept = Keeping::Added.done(&clock, &mut rng, officer.clone(), list(number, &clock));
        let kept = kept.unwrap().labelled(of_list);
        let query = dossier("q.csv", &number.to_string(), &[(Property::Name, "Orsolya Testwick")]);
        let listed =
            dossier(&format!("source-{number}"), "R1", &[(Property::Name, "Orsolia Testwicke")]);
        let pair = RaisedPair::of(own(), Purpose::ScreenDonor, &query, &listed, Score(0.75));
        let shown = raise(&clock, &mut rng, own(), Purpose::ScreenDonor, vec![pair.clone()]);
        let shown = shown.unwrap().labelled(of_people);
        let judgement = Judgement {
            organisation: own(),
            purpose: pair.purpose,
            query: pair.query.clone(),
            record: pair.record.clone(),
            query_name: pair.query_name.clone(),
            record_name: pair.record_name.clone(),
            verdict: Verdict::NotSame,
            officer: officer.clone(),
            reason: StatedReason::new("thirteen years apart").unwrap(),
        };
        let decided = record(&clock, &mut rng, judgement, None).unwrap().labelled(of_decision);
        let decision: Decision = decided.state().clone();
        store
            .write(NAME, |w| -> Result<(), crate::StoreError> {
                w.put_list(&kept)?;
                w.put_raised(&shown)?;
                w.put_decision(&decided)
            })
            .unwrap();
        made.push((pair.reference(), decision.id, parts));
    }
    let labels = store.labels(&own()).unwrap();
    let readers: Vec<Label> = (0..10).map(|_| drawn(&mut rng)).collect();
    let readers: Vec<(Label, Visible)> = readers
        .into_iter()
        .map(|most| (most.clone(), labels.visible(|label| label.is_within(&most))))
        .collect();
    made.iter().all(|(reference, decision, [of_list, of_people, of_decision])| {
        readers.iter().all(|(most, visible)| {
            let may_see_pair = [of_list, of_people].iter().all(|label| label.is_within(most));
            let may_see_all = may_see_pair && of_decision.is_within(most);
            let pair = store.view(visible, |v| v.alert(&own(), *reference)).unwrap();
            let seen = store.view(visible, |v| v.decision(&own(), *decision)).unwrap();
            pair.is_empty() != may_see_pair && seen.is_some() == may_see_all
        })
    })
}

// THREATS T-38
#[test]
fn whatever_is_made_of_several_things_is_read_by_those_who_may_read_them_all() {
    assert!(every_part_is_inherited(40));
}

#[test]
fn a_store_that_inherits_the_first_label_alone_is_noticed() {
    JOINS_ARE_BROKEN.set(true);
    assert!(!every_part_is_inherited(40));
}
