//! However much a reader doesn't see, what he asks is the same work.

use crate::engine::sqlite::steps;
use crate::view::View;
use crate::{Database, KeyringPlace, StoreError, TransactionName, Visible};
use jiff::SignedDuration;
use portcullis_decide::{
    Change, Decision, Digest, Judgement, Keeping, KeptIssue, KeptList, RaisedPair, Reference,
    StatedReason, Verdict, raise, record,
};
use portcullis_keys::Unlock;
use portcullis_testkit::{MockClock, SeededRng, dossier};
use portcullis_types::{
    Clock as _, EventId, Label, Level, ListVersion, OfficerId, OrganisationId, Property, Purpose,
    Score, SourceId,
};
use tempfile::TempDir;
use zeroize::Zeroizing;

const NAME: TransactionName = TransactionName("tests");

fn own() -> OrganisationId {
    OrganisationId::new("party-of-tests").unwrap()
}

fn officer() -> OfficerId {
    OfficerId::new("q.examplesson").unwrap()
}

fn marked(level: u8) -> Label {
    Label { level: Level(level), ..Label::open() }
}

struct World {
    _folder: TempDir,
    store: Database,
    clock: MockClock,
    rng: SeededRng,
    made: u64,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = Unlock::KeyFile(Zeroizing::new([7; 32]));
        let keyring = KeyringPlace::new(folder.path().join("keyring"), key);
        let path = folder.path().join("store.db");
        let store = Database::open_sqlite(&path, keyring, Box::new(SeededRng::new(1))).unwrap();
        let (clock, rng) = (MockClock::default(), SeededRng::new(2));
        Self { _folder: folder, store, clock, rng, made: 0 }
    }

    fn pair(&mut self) -> RaisedPair {
        self.made += 1;
        let query =
            dossier("q.csv", &self.made.to_string(), &[(Property::Name, "Orsolya Testwick")]);
        let listed =
            dossier("source", &format!("R{}", self.made), &[(Property::Name, "Orsolia Testwicke")]);
        RaisedPair::of(own(), Purpose::ScreenDonor, &query, &listed, Score(0.75))
    }

    /// So many pairs, as many decisions and half as many lists, under a label.
    fn make(&mut self, number: usize, label: &Label) -> (Option<Reference>, Option<EventId>) {
        let pairs: Vec<RaisedPair> = (0..number).map(|_| self.pair()).collect();
        let lists: Vec<Change<KeptList>> =
            (0..number / 2).map(|_| self.kept().labelled(label)).collect();
        let decided: Vec<Change<Decision>> =
            pairs.iter().map(|pair| self.decided(pair).labelled(label)).collect();
        let reference = pairs.first().map(RaisedPair::reference);
        let shown = raise(&self.clock, &mut self.rng, own(), Purpose::ScreenDonor, pairs);
        let shown = shown.unwrap().labelled(label);
        self.store
            .write(NAME, |w| -> Result<(), StoreError> {
                lists.iter().try_for_each(|one| w.put_list(one))?;
                decided.iter().try_for_each(|one| w.put_decision(one))?;
                w.put_raised(&shown)
            })
            .unwrap();
        (reference, decided.first().map(|change| change.state().id))
    }

    fn decided(&mut self, pair: &RaisedPair) -> Change<Decision> {
        self.clock.advance(SignedDuration::from_secs(1));
        let judgement = Judgement {
            organisation: own(),
            purpose: pair.purpose,
            query: pair.query.clone(),
            record: pair.record.clone(),
            query_name: pair.query_name.clone(),
            record_name: pair.record_name.clone(),
            verdict: Verdict::NotSame,
            officer: officer(),
            reason: StatedReason::new("thirteen years apart").unwrap(),
        };
        record(&self.clock, &mut self.rng, judgement, None).unwrap()
    }

    fn kept(&mut self) -> Change<KeptList> {
        self.made += 1;
        let list = KeptList {
            organisation: own(),
            name: format!("list-{:04}", self.made).parse().unwrap(),
            source: SourceId::new(&format!("source-{:04}", self.made)).unwrap(),
            format: "invented-csv".to_owned(),
            addresses: Vec::new(),
            rhythm_days: None,
            checked_at: self.clock.now(),
            current: KeptIssue {
                digest: Digest::from_bytes([7; 32]),
                version: ListVersion::new("1").unwrap(),
                published: None,
                recorded_at: self.clock.now(),
                entries: 7,
                set_aside: 0,
                files: Vec::new(),
            },
            earlier: Vec::new(),
        };
        Keeping::Added.done(&self.clock, &mut self.rng, officer(), list).unwrap()
    }

    fn up_to(&mut self, level: u8) -> Visible {
        let labels = self.store.labels(&own()).unwrap();
        labels.visible(|label| label.is_within(&marked(level)))
    }

    fn steps<T>(
        &mut self,
        visible: &Visible,
        look: impl FnOnce(&dyn View) -> Result<T, StoreError>,
    ) -> u64 {
        self.store
            .view(visible, |view| {
                steps::taken();
                look(view).map(|_| steps::taken())
            })
            .unwrap()
    }
}

/// The work of each thing that somebody asks who sees two labels, with so much under a third.
fn work(hidden: usize) -> Vec<(&'static str, u64)> {
    let mut world = World::new();
    let from = world.store.view(&Visible::nothing(), |v| v.news_from_now()).unwrap();
    let (reference, id) = world.make(4, &Label::open());
    // There is one of each in any case: that a label exists is the same in both worlds.
    world.make(2 + hidden / 2, &marked(2));
    world.make(4, &marked(1));
    world.make(hidden / 2, &marked(2));
    // Nothing seen is at the end of an index in one world alone.
    world.make(2, &marked(2));
    let visible = world.up_to(1);
    let (reference, id) = (reference.unwrap(), id.unwrap());
    let end = world.store.view(&visible, |v| v.news(&own(), from)).unwrap().1;
    let own = own();
    let name = "list-0005".parse().unwrap();
    vec![
        ("alerts", world.steps(&visible, |v| v.alerts(&own, None, 3))),
        ("alert", world.steps(&visible, |v| v.alert(&own, reference))),
        ("history of an alert", world.steps(&visible, |v| v.alert_history(&own, reference))),
        ("decisions", world.steps(&visible, |v| v.seen_decisions(&own, None, 3))),
        ("decision", world.steps(&visible, |v| v.decision(&own, id))),
        ("history of a decision", world.steps(&visible, |v| v.decision_history(&own, id))),
        ("all decisions", world.steps(&visible, |v| v.every_decision(&own))),
        ("lists", world.steps(&visible, |v| v.seen_lists(&own))),
        ("list", world.steps(&visible, |v| v.list(&own, &name))),
        ("how many alerts", world.steps(&visible, |v| v.alert_count(&own))),
        ("how many lists", world.steps(&visible, |v| v.list_count(&own))),
        ("how many decisions", world.steps(&visible, |v| v.decision_counts(&own))),
        ("news", world.steps(&visible, |v| v.news(&own, from))),
        ("no news", world.steps(&visible, |v| v.news(&own, end))),
        ("news after an event", world.steps(&visible, |v| v.news_after(&own, id))),
    ]
}

// THREATS T-39
#[test]
fn whoever_sees_little_does_not_wait_for_what_is_passed_over() {
    assert_eq!(work(120), work(0));
}

#[test]
fn what_is_seen_is_visited() {
    let mut world = World::new();
    world.make(4, &Label::open());
    let all = world.up_to(0);
    let few = world.steps(&all, |v| v.alert_count(&own()));
    world.make(40, &Label::open());
    assert!(world.steps(&all, |v| v.alert_count(&own())) > few);
    assert_eq!(world.store.view(&all, |v| v.alert_count(&own())).unwrap(), 44);
}
