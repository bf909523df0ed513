//! One person against the lists: what to raise, what somebody decided already.

use super::finding::{Alert, Decided, Finding, Record, Subject};
use super::lists::Searchable;
use super::since;
use crate::decisions::{self, DecisionMemory};
use crate::report::words;
use portcullis_decide::{Decision, Moved, Remembered};
use portcullis_matching::Settings;
use portcullis_types::{Dossier, DossierId, Evidence, Pair, Protected, Purpose};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Everything needed to screen one person; shared between threads.
#[derive(Debug)]
pub(crate) struct Engine {
    /// The lists.
    pub(crate) lists: Arc<Searchable>,
    /// The lists as they were before an update, to tell what it changed.
    pub(crate) before: Option<Searchable>,
    /// What was decided; `None` in a trial, on which nothing can be decided.
    pub(crate) memory: Option<DecisionMemory>,
    /// Prior, threshold, number of candidates.
    pub(crate) settings: Settings,
}

impl Engine {
    /// Screens one person. Where lists from before an update are given, both are searched in full,
    /// and only what differs is raised: so it is never less than a full run would tell, whatever the
    /// update did to the rarity of names.
    pub(crate) fn screen(&self, subject: Subject) -> Finding {
        let (candidates, mut alerts, decided) = self.search(&self.lists, &subject);
        let mut gone = Vec::new();
        if let Some(before) = &self.before {
            let (_, earlier, _) = self.search(before, &subject);
            gone = since::keep_changed(&mut alerts, &earlier);
        }
        Finding { subject, candidates, alerts, decided, gone }
    }

    fn search(
        &self,
        lists: &Searchable,
        subject: &Subject,
    ) -> (Vec<DossierId>, Vec<Alert>, Vec<Decided>) {
        let screening = lists.screen(&subject.dossier, &self.settings);
        let mut alerts = Vec::new();
        let mut decided = Vec::new();
        for alert in screening.alerts {
            self.sort_out(lists, subject, alert.pairs, &mut alerts, &mut decided);
        }
        let mut seen = BTreeSet::new();
        let candidates = screening.candidates.into_iter().filter(|id| seen.insert(id.clone()));
        (candidates.collect(), alerts, decided)
    }

    /// Splits the records of one alert into those to raise and those decided.
    fn sort_out(
        &self,
        lists: &Searchable,
        subject: &Subject,
        pairs: Vec<Pair>,
        alerts: &mut Vec<Alert>,
        decided: &mut Vec<Decided>,
    ) {
        let query = &subject.dossier;
        // What was decided for one purpose says nothing for another, and nothing without one.
        let memory = self.memory.as_ref().zip(subject.class.map(Purpose::from));
        let mut raised = Vec::new();
        let mut quiet: Option<Decided> = None;
        let mut raised_again = None;
        let mut standing = None;
        for pair in pairs {
            let Some(dossier) = lists.record_of(&pair) else { continue };
            let Some(list) = lists.info(dossier) else { continue };
            let remembered = memory.map_or(Remembered::None, |(memory, purpose)| {
                memory.judge(purpose, query, dossier)
            });
            let reference = memory
                .map(|(_, purpose)| decisions::reference(purpose, query, dossier).to_string());
            match &remembered {
                Remembered::Standing(decision) if remembered.is_settled() => {
                    let entry = quiet.get_or_insert_with(|| settled(decision));
                    entry.ids.push(dossier.id.clone());
                    continue;
                }
                Remembered::Standing(decision) => {
                    standing.get_or_insert_with(|| found(decision));
                }
                Remembered::Lapsed { decision, changed } => {
                    raised_again.get_or_insert_with(|| lapsed(decision, changed));
                }
                Remembered::None => {}
            }
            let matched_name = matched_name(&pair, dossier);
            let (dossier, list) = (dossier.clone(), Arc::clone(list));
            raised.push(Record { reference, pair, list, dossier, matched_name });
        }
        let mut raised = raised.into_iter();
        match (raised.next(), quiet) {
            (Some(best), quiet) => {
                standing = standing.or_else(|| quiet.map(|quiet| partly(&quiet)));
                let others = raised.collect();
                alerts.push(Alert { best, others, change: None, raised_again, standing });
            }
            (None, Some(quiet)) => decided.push(quiet),
            (None, None) => {}
        }
    }
}

fn settled(decision: &Decision) -> Decided {
    Decided {
        // The decision's own: what it is undone by, however the pair would be called now.
        reference: decisions::reference_of(decision).to_string(),
        by: decision.judgement.officer.to_string(),
        on: decision_day(decision),
        reason: decision.judgement.reason.text().clone(),
        ids: Vec::new(),
    }
}

/// "a.officer found it the same on 2026-03-01".
fn found(decision: &Decision) -> String {
    format!(
        "{} found it {} on {}",
        decision.judgement.officer,
        decision.judgement.verdict,
        decision_day(decision)
    )
}

fn partly(quiet: &Decided) -> String {
    format!(
        "{} found {} not to be the same on {} (reference {})",
        quiet.by,
        words::several(quiet.ids.len() as u64, "other record of it", "other records of it"),
        quiet.on,
        quiet.reference
    )
}

fn lapsed(decision: &Decision, changed: &[Moved]) -> String {
    let changed = changed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    format!("{}, but this has changed since: {changed}", found(decision))
}

fn decision_day(decision: &Decision) -> jiff::civil::Date {
    decision.at.timestamp().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// The name of the record that the reasons speak of: the one that holds most of their words.
fn matched_name(pair: &Pair, record: &Dossier) -> Protected {
    let weak = pair.reasons.iter().find(|reason| reason.evidence == Evidence::WeakAlias);
    if let Some(name) = weak.and_then(|reason| reason.record_value.clone()) {
        return name;
    }
    let words: Vec<String> = pair
        .reasons
        .iter()
        .filter(|reason| {
            matches!(
                reason.evidence,
                Evidence::NamePartAgrees | Evidence::NamePartAlike | Evidence::Initial
            )
        })
        .filter_map(|reason| reason.record_value.as_ref())
        // "native (latin)": the name as published is written in the former.
        .map(|value| value.reveal().split(" (").next().unwrap_or_default().to_lowercase())
        .collect();
    let holds = |name: &str| {
        let name = name.to_lowercase();
        words.iter().filter(|word| name.contains(word.as_str())).count()
    };
    let mut best: Option<(usize, &str)> = None;
    for name in record.statements.iter().filter(|s| s.property.is_name()) {
        let name = name.value.reveal();
        let held = holds(name);
        if best.is_none_or(|(most, _)| held > most) {
            best = Some((held, name));
        }
    }
    Protected::new(best.map_or_else(String::new, |(_, name)| name.to_owned()))
}
