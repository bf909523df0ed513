//! Running Portcullis over the sets, on one thread, timed by the processor time of that thread.

use super::data::{LabelledPair, LabelledQuery};
use super::metrics::{Counts, wilson};
use super::metrics::{Scored, at_threshold, average_precision, best_f1, count, percentile, share};
use cpu_time::ThreadTime;
use portcullis_matching::{Index, Settings, compare};
use portcullis_types::Score;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Figures of one set of pairs.
#[derive(Debug, Serialize)]
pub(crate) struct PairFigures {
    /// The set.
    pub(crate) set: String,
    /// How many pairs.
    pub(crate) pairs: u32,
    /// How many of them match.
    pub(crate) positives: u32,
    /// Pairs of which a side could not be read; they count as not alike.
    pub(crate) unreadable: u32,
    /// At the threshold in use.
    pub(crate) at_threshold: Rates,
    /// At the threshold with the best F1.
    pub(crate) best: Rates,
    /// That threshold.
    pub(crate) best_threshold: f64,
    /// Average precision.
    pub(crate) average_precision: f64,
    /// Comparisons per second of processor time.
    pub(crate) per_cpu_second: f64,
    /// Recall and false alarms by category, at the threshold in use.
    pub(crate) categories: BTreeMap<String, Category>,
    /// Every pair with its score.
    #[serde(skip)]
    pub(crate) scored: Vec<Scored>,
}

/// Precision, recall and F1.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Rates {
    pub(crate) precision: f64,
    pub(crate) recall: f64,
    pub(crate) f1: f64,
}

impl From<Counts> for Rates {
    fn from(counts: Counts) -> Self {
        Self { precision: counts.precision(), recall: counts.recall(), f1: counts.f1() }
    }
}

/// A part of a set, for seeing whether some names fare worse than others.
#[derive(Debug, Serialize)]
pub(crate) struct Category {
    /// Matches in it.
    pub(crate) positives: u32,
    /// Share of them found.
    pub(crate) recall: f64,
    /// 95 % interval of that share.
    pub(crate) recall_interval: (f64, f64),
    /// Pairs in it that are no match.
    pub(crate) negatives: u32,
    /// False alarms per 10,000 of those.
    pub(crate) false_alarms_per_10_000: f64,
    /// 95 % interval of that rate.
    pub(crate) false_alarms_interval: (f64, f64),
}

/// Figures of one set of queries.
#[derive(Debug, Serialize)]
pub(crate) struct QueryFigures {
    /// The set.
    pub(crate) set: String,
    /// How many queries.
    pub(crate) queries: u32,
    /// How many of them should find something.
    pub(crate) positives: u32,
    /// Queries that could not be read; they count as finding nothing.
    pub(crate) unreadable: u32,
    /// Share of the positives with an expected record among the scored ones.
    pub(crate) candidate_recall: Option<f64>,
    /// Share of the positives with an expected record in an alert.
    pub(crate) recall: Option<f64>,
    /// Of the queries with an alert, the share with an expected record in one.
    pub(crate) precision: Option<f64>,
    /// Share of all queries with an alert.
    pub(crate) flagged: f64,
    /// 95 % interval of that share.
    pub(crate) flagged_interval: (f64, f64),
    /// Alerts per query.
    pub(crate) alerts_per_query: f64,
    /// Queries per second of processor time.
    pub(crate) per_cpu_second: f64,
    /// Milliseconds of processor time a query: median, 95th and 99th percentile.
    pub(crate) cpu_ms: [f64; 3],
    /// For each query the best score of an expected record and of any record, alert or not.
    #[serde(skip)]
    pub(crate) best: Vec<Best>,
}

/// The best scores of one query.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Best {
    /// Of an expected record.
    pub(crate) expected: f64,
    /// Of any record.
    pub(crate) any: f64,
}

/// Scores every pair of a set.
pub(crate) fn pairs(set: &str, pairs: &[LabelledPair], settings: &Settings) -> PairFigures {
    let started = ThreadTime::now();
    let scored: Vec<Scored> = pairs
        .iter()
        .map(|pair| {
            let score = match (&pair.query, &pair.record) {
                (Some(query), Some(record)) => compare(query, record, settings),
                _ => None,
            }
            .map_or(f64::NEG_INFINITY, |found| found.score.0);
            Scored { score, is_match: pair.is_match }
        })
        .collect();
    let seconds = started.elapsed().as_secs_f64();
    let best = best_f1(&scored);
    let mut by_category: BTreeMap<&str, Vec<Scored>> = BTreeMap::new();
    for (pair, one) in pairs.iter().zip(&scored) {
        by_category.entry(pair.category.as_deref().unwrap_or("all")).or_default().push(*one);
    }
    PairFigures {
        set: set.to_owned(),
        pairs: count(scored.len()),
        positives: count(scored.iter().filter(|s| s.is_match).count()),
        unreadable: count(pairs.iter().filter(|p| p.query.is_none() || p.record.is_none()).count()),
        at_threshold: at_threshold(&scored, settings.threshold.0).into(),
        best: best.map_or(Counts::default(), |b| b.1).into(),
        best_threshold: best.map_or(0.0, |b| b.0),
        average_precision: average_precision(&scored),
        per_cpu_second: f64::from(count(scored.len())) / seconds.max(1e-9),
        categories: by_category
            .into_iter()
            .map(|(name, scored)| {
                (name.to_owned(), category(at_threshold(&scored, settings.threshold.0)))
            })
            .collect(),
        scored,
    }
}

fn category(counts: Counts) -> Category {
    let positives = counts.true_positive + counts.false_negative;
    let negatives = counts.false_positive + counts.true_negative;
    let (low, high) = wilson(counts.false_positive, negatives);
    Category {
        positives,
        recall: counts.recall(),
        recall_interval: wilson(counts.true_positive, positives),
        negatives,
        false_alarms_per_10_000: share(counts.false_positive, negatives) * 10_000.0,
        false_alarms_interval: (low * 10_000.0, high * 10_000.0),
    }
}

/// Screens every query of a set: once timed with the settings in use, and once more with the
/// threshold at its lowest to see how every record scored.
pub(crate) fn queries(
    set: &str,
    queries: &[LabelledQuery],
    index: &Index,
    settings: &Settings,
) -> QueryFigures {
    let mut cpu_ms = Vec::with_capacity(queries.len());
    let (mut candidate_hits, mut hits, mut flagged, mut alerts) = (0, 0, 0, 0);
    for labelled in queries {
        let Some(query) = &labelled.query else { continue };
        let started = ThreadTime::now();
        let screening = index.screen(query, settings);
        cpu_ms.push(started.elapsed().as_secs_f64() * 1e3);
        let among = |id: &str| labelled.expected.contains(id);
        candidate_hits += u32::from(screening.candidates.iter().any(|id| among(id.as_str())));
        hits += u32::from(
            screening.alerts.iter().flat_map(|a| &a.pairs).any(|p| among(p.record.as_str())),
        );
        flagged += u32::from(!screening.alerts.is_empty());
        alerts += count(screening.alerts.len());
    }
    let total = count(queries.len());
    let positives = count(queries.iter().filter(|q| !q.expected.is_empty()).count());
    let of_positives = |part| (positives > 0).then(|| share(part, positives));
    QueryFigures {
        set: set.to_owned(),
        queries: total,
        positives,
        unreadable: count(queries.iter().filter(|q| q.query.is_none()).count()),
        candidate_recall: of_positives(candidate_hits),
        recall: of_positives(hits),
        precision: (positives > 0).then(|| share(hits, flagged)),
        flagged: share(flagged, total),
        flagged_interval: wilson(flagged, total),
        alerts_per_query: share(alerts, total),
        per_cpu_second: f64::from(count(cpu_ms.len())) * 1e3 / cpu_ms.iter().sum::<f64>().max(1e-9),
        cpu_ms: [0.5, 0.95, 0.99].map(|q| percentile(&cpu_ms, q)),
        best: queries.iter().map(|q| best(q, index, settings)).collect(),
    }
}

fn best(labelled: &LabelledQuery, index: &Index, settings: &Settings) -> Best {
    let mut best = Best { expected: 0.0, any: 0.0 };
    let Some(query) = &labelled.query else { return best };
    let all = Settings { threshold: Score(0.0), ..*settings };
    let expected: &BTreeSet<String> = &labelled.expected;
    for pair in index.screen(query, &all).alerts.iter().flat_map(|a| &a.pairs) {
        best.any = best.any.max(pair.score.0);
        if expected.contains(pair.record.as_str()) {
            best.expected = best.expected.max(pair.score.0);
        }
    }
    best
}
