//! From the starting point, reason by reason, to the total: the picture of a score.

use super::words;
use crate::screen::settings::log_odds;
use portcullis_matching::{Settings, sentence};
use portcullis_types::{Evidence, Pair, Protected, Score};

/// What a step does to the total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// Where everything starts.
    Start,
    /// Speaks for the same.
    For,
    /// Speaks against.
    Against,
    /// Says next to nothing.
    Neutral,
    /// Where everything ends.
    Total,
}

/// One bar.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// What it is, in a few words.
    pub(crate) label: Protected,
    /// The same in a sentence.
    pub(crate) sentence: Protected,
    /// Its own bits.
    pub(crate) bits: f64,
    /// The total before it.
    pub(crate) from: f64,
    /// The total after it.
    pub(crate) to: f64,
    /// Its direction.
    pub(crate) direction: Direction,
}

/// All bars and their scale.
#[derive(Debug, Clone)]
pub(crate) struct Waterfall {
    /// From the prior to the total.
    pub(crate) steps: Vec<Step>,
    /// The least total shown, in bits.
    pub(crate) low: f64,
    /// The greatest total shown, in bits.
    pub(crate) high: f64,
    /// From where an alert is raised, in bits; infinite at thresholds 0 and 1.
    pub(crate) threshold: f64,
}

impl Waterfall {
    /// Draws a pair.
    pub(crate) fn of(pair: &Pair, settings: &Settings) -> Self {
        let prior = log_odds(settings.prior);
        let mut steps = vec![Step {
            label: "starting point".into(),
            sentence: Protected::new(format!(
                "Starting point: before any evidence, {} such pairs is taken to be the same.",
                words::prior(settings.prior)
            )),
            bits: prior,
            from: 0.0,
            to: prior,
            direction: Direction::Start,
        }];
        let mut total = prior;
        for reason in &pair.reasons {
            let from = total;
            total += reason.bits.0;
            steps.push(Step {
                label: label(reason.evidence, reason.query_value.as_ref()),
                sentence: sentence(reason),
                bits: reason.bits.0,
                from,
                to: total,
                direction: direction(reason.bits.0),
            });
        }
        steps.push(Step {
            label: "total".into(),
            sentence: Protected::new(format!(
                "Total: {} bits, which is a score of {}.",
                words::signed(total),
                words::score(pair.score)
            )),
            bits: total,
            from: 0.0,
            to: total,
            direction: Direction::Total,
        });
        let threshold = log_odds(settings.threshold);
        let ends = || steps.iter().flat_map(|step| [step.from, step.to]);
        let low = ends().fold(0.0, f64::min).floor();
        let high = ends().fold(1.0, f64::max).ceil();
        Self { steps, low, high, threshold }
    }

    /// Where a total stands between `low` and `high`, from 0 to 1.
    pub(crate) fn place(&self, total: f64) -> f64 {
        ((total - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }
}

/// Below this many bits a reason says next to nothing: it moves even odds by less than 4 in 100.
const NEXT_TO_NOTHING: f64 = 0.1;

fn direction(bits: f64) -> Direction {
    if bits.abs() < NEXT_TO_NOTHING {
        Direction::Neutral
    } else if bits > 0.0 {
        Direction::For
    } else {
        Direction::Against
    }
}

/// What a kind of evidence is called, in a few words.
pub(crate) fn evidence(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::NamePartAgrees => "name part agrees",
        Evidence::NamePartAlike => "name part is alike",
        Evidence::Initial => "initial fits",
        Evidence::NamePartMissing => "name part is missing",
        Evidence::NamePartDiffers => "name part differs",
        Evidence::NameOrder => "order of the name",
        Evidence::WholeNameAgrees => "whole name agrees",
        Evidence::RelatedNames => "relatives share such names",
        Evidence::WeakAlias => "weak alias",
        Evidence::CrossScript => "other script",
        Evidence::BirthDateAgrees => "birth date agrees",
        Evidence::BirthDateClose => "birth date is close",
        Evidence::BirthDateDiffers => "birth date differs",
        Evidence::IdentifierAgrees => "identifier agrees",
        Evidence::IdentifierDiffers => "identifier differs",
        Evidence::CountryAgrees => "country agrees",
        Evidence::CountryDiffers => "country differs",
        Evidence::GenderDiffers => "gender differs",
        Evidence::SchemaDiffers => "kind differs",
        Evidence::LegalFormDiffers => "legal form differs",
        Evidence::NumberDiffers => "number differs",
        _ => "other evidence",
    }
}

fn label(kind: Evidence, value: Option<&Protected>) -> Protected {
    let words = evidence(kind);
    match value {
        Some(value) => Protected::new(format!("{words}: {}", value.reveal())),
        None => words.into(),
    }
}

/// Odds in words: "3 to 1".
pub(crate) fn meaning(score: Score) -> String {
    let of_hundred = score.0 * 100.0;
    if of_hundred > 99.0 {
        "more than 99 in 100 such pairs would be the same".to_owned()
    } else if of_hundred < 1.0 {
        "fewer than 1 in 100 such pairs would be the same".to_owned()
    } else {
        format!("about {of_hundred:.0} in 100 such pairs would be the same")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_types::{Bits, Reason, Similarity, Versions};

    fn pair(bits: &[f64]) -> Pair {
        let reason = |bits: &f64| Reason {
            evidence: Evidence::NamePartAgrees,
            bits: Bits(*bits),
            query_value: None,
            record_value: None,
        };
        Pair {
            query: "q".parse().unwrap(),
            record: "r".parse().unwrap(),
            similarity: Similarity(1.0),
            strength: Bits(bits.iter().sum()),
            score: Score(0.5),
            reasons: bits.iter().map(reason).collect(),
            versions: Versions {
                source: "s".parse().unwrap(),
                list_version: "1".parse().unwrap(),
                normaliser: "n".into(),
                model: "m".into(),
            },
        }
    }

    fn at_even_odds(bits: &[f64]) -> Waterfall {
        let settings = Settings { prior: Score(0.5), ..Settings::default() };
        Waterfall::of(&pair(bits), &settings)
    }

    #[test]
    fn each_bar_begins_where_the_one_before_ended() {
        let waterfall = at_even_odds(&[3.0, -1.0, 0.01]);
        let totals: Vec<f64> = waterfall.steps.iter().map(|step| step.to).collect();
        assert_eq!(totals, [0.0, 3.0, 2.0, 2.01, 2.01]); // 0 + 3 − 1 + 0.01
        for (before, after) in waterfall.steps.iter().zip(waterfall.steps.iter().skip(1)).take(3) {
            assert!((before.to - after.from).abs() < 1e-12);
        }
        let directions: Vec<_> = waterfall.steps.iter().map(|step| step.direction).collect();
        assert_eq!(
            directions,
            [
                Direction::Start,
                Direction::For,
                Direction::Against,
                Direction::Neutral,
                Direction::Total
            ]
        );
    }

    #[test]
    fn every_bar_lies_on_the_scale_even_without_a_reason() {
        for bits in [&[][..], &[40.0], &[-40.0], &[20.0, -60.0]] {
            let waterfall = at_even_odds(bits);
            for step in &waterfall.steps {
                for total in [step.from, step.to] {
                    assert!(total >= waterfall.low && total <= waterfall.high);
                    assert!((0.0..=1.0).contains(&waterfall.place(total)));
                }
            }
        }
    }
}
