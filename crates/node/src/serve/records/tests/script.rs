//! What happens in a world, step by step.

use super::node::{Node, lets, officer, own};
use jiff::Timestamp;
use portcullis_access::Person;
use portcullis_decide::{
    Address, Decision, Digest, ErasureDuty, HeldRecord, Judgement, Keeping, KeptFile, KeptIssue,
    KeptList, OfficerBasis, RaisedPair, Reference, StatedReason, Verdict, erase, raise, record,
    relabel, undo,
};
use portcullis_store::{Database, Labelled, MAX_PAGE, StoreError, TransactionName, Visible};
use portcullis_testkit::{SeededRng, dossier};
use portcullis_types::{
    Clock, EventId, Label, ListVersion, OfficerId, Property, Purpose, Score, SourceId,
};
use std::collections::BTreeSet;

/// What happens.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// A list is kept, or an issue of it fetched.
    Keep { list: u8, issue: u8, label: Label },
    /// A list is forgotten.
    Forget { list: u8 },
    /// People are shown as perhaps being on a list.
    Show { people: Vec<u8>, list: u8, label: Label },
    /// Somebody decides on a pair.
    Decide { who: u8, list: u8, verdict: Verdict, label: Label },
    /// Somebody takes back the decision of the step with this number.
    Undo { step: u64 },
    /// A hidden list, pair or decision is relabelled.
    Relabel { what: What, label: Label },
    /// A pair or decision is erased.
    Erase { what: What },
    /// What the reader sees of a list, pair or decision is taken from him: raised above him, or erased.
    Take { what: What, label: Label, is_erased: bool },
}

/// What is relabelled or erased.
#[derive(Debug, Clone)]
pub(super) enum What {
    List(u8),
    Pair { who: u8, list: u8 },
    Decision { step: u64 },
    Known(Labelled),
}

/// Whether the reader may know of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Seen,
    Hidden,
}

/// A step, and when it happens in seconds after everything began.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) at: i64,
    /// What its ids are drawn from, and what others know it by.
    pub(super) number: u64,
    pub(super) sort: Sort,
    pub(super) deed: Deed,
}

const NAME: TransactionName = TransactionName("tests");

/// The purposes that people are screened for.
pub(super) fn purpose(who: u8) -> Purpose {
    if who.is_multiple_of(2) { Purpose::ScreenDonor } else { Purpose::ScreenStaff }
}

/// The name of an invented person; those of hidden steps alone have another family name, so that they
/// can be looked for.
pub(super) fn name_of(who: u8) -> String {
    if who < 50 { format!("Orsolya Testwick {who}") } else { format!("Quillon Hiddensson {who}") }
}

pub(super) fn list_name(list: u8) -> String {
    format!("list-{list}")
}

fn source(list: u8) -> SourceId {
    SourceId::new(&format!("source-{list}")).unwrap()
}

/// The pair of a person and a record of a list.
pub(super) fn pair(who: u8, list: u8) -> RaisedPair {
    let (day, birth) = (who % 28 + 1, ("q.csv", who.to_string()));
    let query = dossier(
        birth.0,
        &birth.1,
        &[(Property::Name, &name_of(who)), (Property::BirthDate, &format!("1971-02-{day:02}"))],
    );
    let listed = dossier(source(list).as_str(), "R1", &[(Property::Name, "Orsolia Testwicke")]);
    RaisedPair::of(own(), purpose(who), &query, &listed, Score(0.75))
}

pub(super) fn reference(who: u8, list: u8) -> Reference {
    pair(who, list).reference()
}

fn kept(list: u8, issue: u8, at: Timestamp) -> KeptList {
    let digest = Digest::from_bytes([issue; 32]);
    KeptList {
        organisation: own(),
        name: list_name(list).parse().unwrap(),
        source: source(list),
        format: "invented-csv".to_owned(),
        addresses: vec![Address::from_text("/srv/a.csv")],
        rhythm_days: None,
        checked_at: at,
        current: KeptIssue {
            digest,
            version: ListVersion::new(&issue.to_string()).unwrap(),
            published: None,
            recorded_at: at,
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

/// The id of the decision that a step took.
pub(super) fn decision_id(step: u64) -> EventId {
    EventId::random(&mut SeededRng::new(step))
}

fn reason(step: u64) -> StatedReason {
    StatedReason::new(&format!("looked at in step {step}")).unwrap()
}

/// Does a step. What it would be done to may be gone, or not have come to be: then nothing is done.
pub(super) fn take(node: &Node, reader: &Person, step: &Step) {
    node.at(step.at);
    let clock = node.clock.as_ref();
    let mut rng = SeededRng::new(step.number);
    let by = officer(if step.sort == Sort::Seen { "c.colleague" } else { "h.hiddensson" });
    node.with(|store| {
        // Whoever does what the reader may know of sees what the reader sees; the rest is done by
        // somebody who sees all.
        let sight = match step.sort {
            Sort::Seen => store.labels(&own()).unwrap().visible(|label| lets(label, reader)),
            Sort::Hidden => Visible::all(),
        };
        match &step.deed {
            Deed::Keep { list, issue, label } => {
                let list = kept(*list, *issue, clock.now());
                let change = Keeping::Updated.done(clock, &mut rng, by, list).unwrap();
                let change = change.labelled(label);
                store.write(NAME, |w| w.put_list(&change)).unwrap();
            }
            Deed::Forget { list } => {
                let name = list_name(*list).parse().unwrap();
                let seen = store.view(&sight, |v| v.list(&own(), &name)).unwrap();
                if let Some(seen) = seen {
                    let change = seen.list.forget(clock, &mut rng, by).unwrap();
                    store.write(NAME, |w| w.forget_list(&change)).unwrap();
                }
            }
            Deed::Show { people, list, label } => {
                let pairs: Vec<_> = people.iter().map(|who| pair(*who, *list)).collect();
                let first = pairs.first().map_or(Purpose::ScreenDonor, |pair| pair.purpose);
                let change = raise(clock, &mut rng, own(), first, pairs).unwrap().labelled(label);
                store.decide(&sight, NAME, |w| w.show(&change)).unwrap();
            }
            Deed::Decide { who, list, verdict, label } => {
                let RaisedPair {
                    organisation,
                    purpose,
                    query,
                    record: listed,
                    query_name,
                    record_name,
                    ..
                } = pair(*who, *list);
                let judgement = Judgement {
                    organisation,
                    purpose,
                    query,
                    record: listed,
                    query_name,
                    record_name,
                    verdict: *verdict,
                    officer: by,
                    reason: reason(step.number),
                };
                let change = record(clock, &mut rng, judgement, None).unwrap().labelled(label);
                store.decide(&sight, NAME, |w| w.decide(&change)).unwrap();
            }
            Deed::Undo { step: taken } => {
                let seen = store.view(&sight, |v| v.decision(&own(), decision_id(*taken)));
                let decision: Option<Decision> = seen.unwrap().map(|seen| seen.decision);
                if let Some(decision) = decision.filter(|decision| decision.undoing.is_none()) {
                    let why = reason(step.number);
                    let change = undo(clock, &mut rng, decision, by, why, None).unwrap();
                    store.decide(&sight, NAME, |w| w.decide(&change)).unwrap();
                }
            }
            Deed::Relabel { what, label } => {
                for (held, before) in records(store, what, step.sort, reader) {
                    let (label, why) = (before.join(label), reason(step.number));
                    let change =
                        relabel(clock, &mut rng, &held, &before, &label, by.clone(), &why).unwrap();
                    store.write(NAME, |w| w.relabel(&change)).unwrap();
                }
            }
            Deed::Erase { what } => {
                let held = records(store, what, step.sort, reader);
                erased(store, clock, &mut rng, &by, held);
            }
            Deed::Take { what, label, is_erased: false } => {
                for (held, before) in records(store, what, Sort::Seen, reader) {
                    let (label, why) = (before.join(label), reason(step.number));
                    let change =
                        relabel(clock, &mut rng, &held, &before, &label, by.clone(), &why).unwrap();
                    store.write(NAME, |w| w.relabel(&change)).unwrap();
                }
            }
            Deed::Take { what, is_erased: true, .. } => {
                take_away(store, clock, &mut rng, &by, what, reader);
            }
        }
    });
}

/// Erases what the reader sees of something; of a list, what was made from it, too.
fn take_away(
    store: &mut Database,
    clock: &dyn Clock,
    rng: &mut SeededRng,
    by: &OfficerId,
    what: &What,
    reader: &Person,
) {
    if let What::List(list) = what {
        let made = made_from(store, *list, reader);
        let made = made.iter().flat_map(|what| records(store, what, Sort::Seen, reader));
        let made = made.collect();
        erased(store, clock, rng, by, made);
        let name = list_name(*list).parse().unwrap();
        let sight = store.labels(&own()).unwrap().visible(|label| lets(label, reader));
        let of_list = records(store, what, Sort::Seen, reader);
        if let Some(seen) = store.view(&sight, |v| v.list(&own(), &name)).unwrap() {
            let change = seen.list.forget(clock, rng, by.clone()).unwrap();
            store.write(NAME, |w| w.forget_list(&change)).unwrap();
            erased(store, clock, rng, by, of_list);
        }
    } else {
        let held = records(store, what, Sort::Seen, reader);
        erased(store, clock, rng, by, held);
    }
}

/// Erases records.
fn erased(
    store: &mut Database,
    clock: &dyn Clock,
    rng: &mut SeededRng,
    by: &OfficerId,
    records: Vec<(HeldRecord, Label)>,
) {
    let held: Vec<_> = records.into_iter().map(|(held, _)| held).collect();
    let basis =
        OfficerBasis::Duty { duty: ErasureDuty::Objection, case: "sar-2026-014".parse().unwrap() };
    let changes = erase(clock, rng, by, basis, &held, None).unwrap();
    store.write(NAME, |w| changes.iter().try_for_each(|change| w.erase(change))).unwrap();
}

/// The pairs that the reader sees of a list, and the decisions on them.
fn made_from(store: &mut Database, list: u8, reader: &Person) -> Vec<What> {
    let sight = store.labels(&own()).unwrap().visible(|label| lets(label, reader));
    let (alerts, decisions) = store
        .view(&sight, |v| {
            Ok::<_, StoreError>((
                v.alerts(&own(), None, MAX_PAGE)?,
                v.seen_decisions(&own(), None, MAX_PAGE)?,
            ))
        })
        .unwrap();
    let references: BTreeSet<Reference> = alerts
        .iter()
        .filter(|one| one.pair.record.source == source(list))
        .map(|one| one.reference)
        .collect();
    let decisions = decisions.iter().map(|one| &one.decision);
    let decisions = decisions.filter(|one| one.judgement.record.source == source(list));
    let decisions = decisions.map(|one| What::Known(Labelled::Decision(one.id)));
    let pairs = references.into_iter().map(|reference| What::Known(Labelled::Alert(reference)));
    pairs.chain(decisions).collect()
}

/// The records of something that the reader sees, or of those that he doesn't see, and their labels.
fn records(
    store: &mut Database,
    what: &What,
    sort: Sort,
    reader: &Person,
) -> Vec<(HeldRecord, Label)> {
    let thing = match what {
        What::List(list) => Labelled::List(list_name(*list).parse().unwrap()),
        What::Pair { who, list } => Labelled::Alert(reference(*who, *list)),
        What::Decision { step } => Labelled::Decision(decision_id(*step)),
        What::Known(thing) => thing.clone(),
    };
    let all = store.read(|r| -> Result<Vec<_>, StoreError> {
        let mut all = Vec::new();
        for number in r.records_of(&own(), &thing)? {
            if let Some(held) = r.record(&own(), number)? {
                all.push((held, r.record_label(&own(), number)?));
            }
        }
        Ok(all)
    });
    let mut all = all.unwrap();
    all.retain(|(_, label)| lets(label, reader) == (sort == Sort::Seen));
    all
}
