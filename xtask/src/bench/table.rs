//! Figures as text.

use super::Report;
use super::metrics::{at_precision, count, share};
use super::peer::{PeerFigures, PeerPairs, PeerQueries};
use super::run::{Category, PairFigures, QueryFigures};
use std::fmt::Write as _;

/// Queries per second of processor time that every set must reach.
const QUERIES_PER_CPU_SECOND: f64 = 500.0;

/// Of fewer pairs, a rate says nothing.
const SMALLEST_CATEGORY: u32 = 20;

fn row(out: &mut String, cells: &[String]) {
    for (i, cell) in cells.iter().enumerate() {
        let width = if i == 0 { 30 } else { 10 };
        let _ = if i == 0 { write!(out, "{cell:<width$}") } else { write!(out, "{cell:>width$}") };
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
}

fn head(out: &mut String, cells: &[&str]) {
    row(out, &cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>());
}

fn three(value: f64) -> String {
    format!("{value:.3}")
}

fn maybe(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), three)
}

/// The whole report.
pub(crate) fn report(report: &Report, peer: Option<&PeerFigures>) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "threshold {} · prior {:e} · {} candidates",
        report.threshold, report.prior, report.candidates
    );
    if !report.pairs.is_empty() {
        pairs(&mut out, &report.pairs, peer);
    }
    if let Some(list) = &report.list {
        let _ = writeln!(
            out,
            "\nlist: {} entries ({} unreadable) · read {:.2} s · compile {:.2} s · compiled {:.1} MB \
             · load compiled {:.3} s · memory after {:.0} MB, peak {:.0} MB",
            list.entries,
            list.unreadable,
            list.read_seconds,
            list.compile_seconds,
            list.compiled_mb,
            list.load_seconds,
            list.memory_mb,
            list.peak_memory_mb,
        );
        if let Some(seconds) = peer.and_then(|p| p.load_seconds) {
            let _ = writeln!(out, "peer: read and index the list {seconds:.2} s");
        }
        queries(&mut out, &report.queries, peer);
    }
    let verdicts = |word: &str| out.lines().map(|line| line.matches(word).count()).sum::<usize>();
    let (passed, failed) = (verdicts("PASS "), verdicts("FAIL "));
    if passed + failed > 0 {
        let _ = writeln!(out, "\n{passed} passed, {failed} failed");
    }
    out
}

fn pairs(out: &mut String, all: &[PairFigures], peer: Option<&PeerFigures>) {
    out.push_str("\nPAIRS\n");
    head(
        out,
        &["set", "pairs", "precision", "recall", "F1", "best F1", "(at)", "avg prec", "cmp/CPU s"],
    );
    for set in all {
        row(
            out,
            &[
                set.set.clone(),
                set.pairs.to_string(),
                three(set.at_threshold.precision),
                three(set.at_threshold.recall),
                three(set.at_threshold.f1),
                three(set.best.f1),
                format!("{:.1e}", set.best_threshold),
                three(set.average_precision),
                format!("{:.0}", set.per_cpu_second),
            ],
        );
        if let Some(peer) = peer.and_then(|p| p.pairs.get(&set.set)) {
            pairs_beside_peer(out, set, peer);
        }
        if set.unreadable > 0 {
            let _ = writeln!(out, "  {} pairs could not be read", set.unreadable);
        }
    }
    out.push_str("\nPAIRS BY CATEGORY (95 % intervals; categories of 20 pairs and more)\n");
    head(out, &["set", "matches", "recall", "from", "to", "others", "FA/10000", "from", "to"]);
    for set in all {
        let large = |c: &Category| c.positives + c.negatives >= SMALLEST_CATEGORY;
        for (name, category) in set.categories.iter().filter(|(_, c)| large(c)) {
            row(
                out,
                &[
                    format!("{} {name}", set.set.trim_start_matches("pairs_")),
                    category.positives.to_string(),
                    of(category.positives, three(category.recall)),
                    of(category.positives, three(category.recall_interval.0)),
                    of(category.positives, three(category.recall_interval.1)),
                    category.negatives.to_string(),
                    of(category.negatives, format!("{:.0}", category.false_alarms_per_10_000)),
                    of(category.negatives, format!("{:.0}", category.false_alarms_interval.0)),
                    of(category.negatives, format!("{:.0}", category.false_alarms_interval.1)),
                ],
            );
        }
    }
}

/// A rate, or a dash when there is nothing that it is a rate of.
fn of(whole: u32, rate: String) -> String {
    if whole == 0 { "-".to_owned() } else { rate }
}

fn pairs_beside_peer(out: &mut String, set: &PairFigures, peer: &PeerPairs) {
    let (precision, recall) = (peer.default.precision(), peer.default.recall());
    row(
        out,
        &[
            "  peer at 0.70".to_owned(),
            String::new(),
            three(precision),
            three(recall),
            three(peer.default.f1),
            String::new(),
            String::new(),
            three(peer.average_precision),
            format!("{:.0}", peer.per_cpu_second),
        ],
    );
    let reached = at_precision(&set.scored, precision);
    let ours = reached.map_or(0.0, |(_, counts)| counts.recall());
    let _ = writeln!(
        out,
        "  {} recall {ours:.3} at the peer's precision {precision:.3} (from score {:.2e}; {:.2} times the \
         peer's {recall:.3}) · avg prec {:.2} times · speed {:.0} times",
        verdict(ours >= recall),
        reached.map_or(1.0, |(threshold, _)| threshold),
        ours / recall.max(1e-9),
        set.average_precision / peer.average_precision.max(1e-9),
        set.per_cpu_second / peer.per_cpu_second.max(1e-9),
    );
}

fn verdict(good: bool) -> &'static str {
    if good { "PASS" } else { "FAIL" }
}

fn queries(out: &mut String, all: &[QueryFigures], peer: Option<&PeerFigures>) {
    out.push_str("\nQUERIES\n");
    head(
        out,
        &[
            "set", "queries", "cand rec", "recall", "flagged", "alerts/q", "q/CPU s", "p50 ms",
            "p95 ms", "p99 ms",
        ],
    );
    for set in all {
        row(
            out,
            &[
                set.set.clone(),
                set.queries.to_string(),
                maybe(set.candidate_recall),
                maybe(set.recall),
                format!("{:.4}", set.flagged),
                three(set.alerts_per_query),
                format!("{:.0}", set.per_cpu_second),
                format!("{:.2}", set.cpu_ms[0]),
                format!("{:.2}", set.cpu_ms[1]),
                format!("{:.2}", set.cpu_ms[2]),
            ],
        );
        let peer_set = peer.and_then(|p| p.queries.get(&set.set));
        if let Some(peer_set) = peer_set {
            queries_beside_peer(out, peer_set);
        }
        query_verdict(out, set, peer_set);
        if set.positives == 0 {
            let (low, high) = set.flagged_interval;
            let _ = writeln!(
                out,
                "  {:.0} false alarms per 10,000 (95 % interval {:.0} to {:.0})",
                set.flagged * 1e4,
                low * 1e4,
                high * 1e4
            );
        }
        if set.unreadable > 0 {
            let _ = writeln!(out, "  {} queries could not be read", set.unreadable);
        }
    }
    if let Some(peer) = peer {
        at_the_peers_alarms(out, all, peer);
    }
}

fn queries_beside_peer(out: &mut String, peer: &PeerQueries) {
    row(
        out,
        &[
            "  peer at 0.70".to_owned(),
            String::new(),
            maybe(peer.candidate_recall),
            maybe(peer.hit_recall),
            format!("{:.4}", peer.flagged),
            three(peer.alerts_per_query),
            format!("{:.0}", peer.queries_per_cpu_s),
            format!("{:.2}", peer.cpu_ms_p50),
            format!("{:.2}", peer.cpu_ms_p95),
            format!("{:.2}", peer.cpu_ms_p99),
        ],
    );
}

fn query_verdict(out: &mut String, set: &QueryFigures, peer: Option<&PeerQueries>) {
    let fast = set.per_cpu_second >= QUERIES_PER_CPU_SECOND;
    let _ = write!(
        out,
        "  {} {:.0} queries per CPU second (at least {QUERIES_PER_CPU_SECOND:.0})",
        verdict(fast),
        set.per_cpu_second
    );
    if let Some(peer) = peer {
        let _ =
            write!(out, ", {:.0} times the peer's", set.per_cpu_second / peer.queries_per_cpu_s);
        match (set.recall, peer.hit_recall) {
            (Some(ours), Some(theirs)) => {
                let _ = write!(
                    out,
                    " · {} recall {ours:.3} against {theirs:.3}",
                    verdict(ours >= theirs)
                );
            }
            _ => {
                let _ = write!(
                    out,
                    " · {} flagged {:.4} against {:.4}",
                    verdict(set.flagged <= peer.flagged),
                    set.flagged,
                    peer.flagged
                );
            }
        }
        let _ = write!(out, " · peer's memory {:.0} MB", peer.rss_mb);
    }
    out.push('\n');
}

/// Recall when our threshold is set so that each set of innocents is flagged as often as by the
/// peer: what "at the peer's precision" means when matches and innocents are in different sets.
fn at_the_peers_alarms(out: &mut String, all: &[QueryFigures], peer: &PeerFigures) {
    for innocents in all.iter().filter(|set| set.positives == 0) {
        let Some(theirs) = peer.queries.get(&innocents.set) else { continue };
        let threshold = threshold_for(innocents, theirs.flagged);
        let _ = writeln!(
            out,
            "\nfrom score {threshold:.2e} up, {} flags no more than the peer does ({:.4}); then:",
            innocents.set, theirs.flagged
        );
        for set in all.iter().filter(|set| set.positives > 0) {
            let found = count(set.best.iter().filter(|b| b.expected >= threshold).count());
            let ours = share(found, set.positives);
            let theirs = peer.queries.get(&set.set).and_then(|p| p.hit_recall).unwrap_or(0.0);
            let _ = writeln!(
                out,
                "  {} {} recall {ours:.3} against {theirs:.3}",
                verdict(ours >= theirs),
                set.set
            );
        }
    }
}

/// The lowest threshold at which the share of flagged queries is at most `flagged`.
fn threshold_for(set: &QueryFigures, flagged: f64) -> f64 {
    let mut best: Vec<f64> = set.best.iter().map(|b| b.any).collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let mut threshold = f64::INFINITY;
    for (i, score) in best.iter().enumerate() {
        let next_differs = best.get(i + 1).is_none_or(|next| next < score);
        if share(count(i + 1), set.queries) > flagged + 5e-5 {
            break;
        }
        if next_differs {
            threshold = *score;
        }
    }
    threshold
}
