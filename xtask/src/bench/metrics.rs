//! The measures, each with the definition that the peers' scripts use, so that figures compare.

/// Two out of two classes, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Counts {
    /// Matches found.
    pub(crate) true_positive: u32,
    /// Alarms that were no match.
    pub(crate) false_positive: u32,
    /// Matches missed.
    pub(crate) false_negative: u32,
    /// No match, no alarm.
    pub(crate) true_negative: u32,
}

impl Counts {
    /// Of the alarms, the share that were right; 0 without alarms.
    pub(crate) fn precision(self) -> f64 {
        share(self.true_positive, self.true_positive + self.false_positive)
    }

    /// Of the matches, the share that was found; 0 without matches.
    pub(crate) fn recall(self) -> f64 {
        share(self.true_positive, self.true_positive + self.false_negative)
    }

    /// Harmonic mean of precision and recall; 0 when both are.
    pub(crate) fn f1(self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 }
    }
}

/// One labelled pair: the score given, and whether both are the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Scored {
    /// Higher is more alike.
    pub(crate) score: f64,
    /// The label.
    pub(crate) is_match: bool,
}

/// A part of a whole; 0 of nothing.
pub(crate) fn share(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

/// A count as `u32`; a benchmark never has more than that.
pub(crate) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The counts when everything from `threshold` up is an alarm.
pub(crate) fn at_threshold(scored: &[Scored], threshold: f64) -> Counts {
    let mut counts = Counts::default();
    for one in scored {
        let cell = match (one.score >= threshold, one.is_match) {
            (true, true) => &mut counts.true_positive,
            (true, false) => &mut counts.false_positive,
            (false, true) => &mut counts.false_negative,
            (false, false) => &mut counts.true_negative,
        };
        *cell += 1;
    }
    counts
}

/// The counts at every distinct score, from the highest down. Equal scores stay together.
pub(crate) fn cuts(scored: &[Scored]) -> Vec<(f64, Counts)> {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    let positives = count(sorted.iter().filter(|s| s.is_match).count());
    let mut counts = Counts {
        false_negative: positives,
        true_negative: count(sorted.len()) - positives,
        ..Counts::default()
    };
    let mut cuts: Vec<(f64, Counts)> = Vec::new();
    for one in sorted {
        if one.is_match {
            counts.true_positive += 1;
            counts.false_negative -= 1;
        } else {
            counts.false_positive += 1;
            counts.true_negative -= 1;
        }
        match cuts.last_mut() {
            Some((score, last)) if score.total_cmp(&one.score).is_eq() => *last = counts,
            _ => cuts.push((one.score, counts)),
        }
    }
    cuts
}

/// Mean over the matches of the precision at each, ties counted together.
pub(crate) fn average_precision(scored: &[Scored]) -> f64 {
    let mut before = 0;
    let mut sum = 0.0;
    let mut positives = 0;
    for (_, counts) in cuts(scored) {
        sum += f64::from(counts.true_positive - before) * counts.precision();
        before = counts.true_positive;
        positives = counts.true_positive + counts.false_negative;
    }
    if positives == 0 { 0.0 } else { sum / f64::from(positives) }
}

/// The cut with the highest F1.
pub(crate) fn best_f1(scored: &[Scored]) -> Option<(f64, Counts)> {
    cuts(scored).into_iter().reduce(|a, b| if b.1.f1() > a.1.f1() { b } else { a })
}

/// Of the cuts whose precision is at least `precision`, the one with the highest recall.
pub(crate) fn at_precision(scored: &[Scored], precision: f64) -> Option<(f64, Counts)> {
    cuts(scored)
        .into_iter()
        .filter(|(_, counts)| counts.precision() >= precision)
        .reduce(|a, b| if b.1.true_positive > a.1.true_positive { b } else { a })
}

/// The value below which a share `q` of the values lies, as the peers' scripts take it: the element
/// at the whole part of `n * q` of the sorted values.
pub(crate) fn percentile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let position = f64::from(count(sorted.len())) * q;
    // Counting up avoids a cast from float to integer.
    let index = (0..sorted.len()).rev().find(|i| f64::from(count(*i)) <= position).unwrap_or(0);
    sorted.get(index).copied().unwrap_or(0.0)
}

/// 95 % interval of a share (Wilson 1927, z = 1.96).
pub(crate) fn wilson(part: u32, whole: u32) -> (f64, f64) {
    const Z: f64 = 1.96;
    if whole == 0 {
        return (0.0, 1.0);
    }
    let n = f64::from(whole);
    let p = share(part, whole);
    let centre = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    (((centre - spread) / scale).max(0.0), ((centre + spread) / scale).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(list: &[(f64, bool)]) -> Vec<Scored> {
        list.iter().map(|&(score, is_match)| Scored { score, is_match }).collect()
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-3
    }

    #[test]
    fn average_precision_is_the_one_of_the_textbook() {
        // Manning, Raghavan, Schütze, Introduction to Information Retrieval, section 8.4:
        // relevant at ranks 1, 3 and 4 of 4 gives (1 + 2/3 + 3/4) / 3.
        let ranked = scored(&[(0.9, true), (0.8, false), (0.7, true), (0.6, true)]);
        assert!(near(average_precision(&ranked), (1.0 + 2.0 / 3.0 + 0.75) / 3.0));
    }

    #[test]
    fn equal_scores_count_together_in_average_precision() {
        // By hand: both at once, precision 1/2 at the one match.
        assert!(near(average_precision(&scored(&[(0.5, true), (0.5, false)])), 0.5));
        assert!(near(average_precision(&scored(&[(0.5, false), (0.5, true)])), 0.5));
    }

    #[test]
    fn recall_at_a_precision_takes_the_deepest_cut_that_holds_it() {
        let ranked = scored(&[(0.9, true), (0.8, false), (0.7, true), (0.6, true), (0.5, false)]);
        // Cuts: 1/1, 1/2, 2/3, 3/4, 3/5.
        let (threshold, counts) = at_precision(&ranked, 0.7).unwrap();
        assert!(near(threshold, 0.6) && counts.true_positive == 3);
        assert!(near(at_precision(&ranked, 0.9).unwrap().1.recall(), 1.0 / 3.0));
        assert_eq!(at_precision(&scored(&[(0.9, false)]), 0.5), None);
    }

    #[test]
    fn a_threshold_includes_its_own_score() {
        let counts = at_threshold(&scored(&[(0.7, true), (0.7, false), (0.69, true)]), 0.7);
        let expected =
            Counts { true_positive: 1, false_positive: 1, false_negative: 1, true_negative: 0 };
        assert_eq!(counts, expected);
        assert!(near(counts.f1(), 0.5));
    }

    #[test]
    fn percentiles_are_those_of_the_peers_scripts() {
        // sorted(v)[min(len - 1, int(len * q))] of [1, 2, 3, 4].
        let values = [4.0, 1.0, 3.0, 2.0];
        assert!(near(percentile(&values, 0.5), 3.0));
        assert!(near(percentile(&values, 0.95), 4.0));
        assert!(near(percentile(&values, 0.0), 1.0));
        assert!(near(percentile(&[], 0.5), 0.0));
    }

    #[test]
    fn wilson_intervals_are_those_of_the_paper() {
        // 10 of 100: 0.0552 to 0.1744 (Newcombe 1998, method 3).
        let (low, high) = wilson(10, 100);
        assert!(near(low, 0.0552) && near(high, 0.1744), "{low} {high}");
    }
}
