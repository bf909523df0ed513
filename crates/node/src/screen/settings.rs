//! The numbers a caller may set, shared by `screen` and `match`.

use portcullis_matching::Settings;
use portcullis_types::Score;

/// Options that say when an alert is raised.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct ScoreArgs {
    /// Raise an alert from this score up, from 0 to 1 [default: 0.5]
    #[arg(long, value_name = "SCORE", value_parser = threshold)]
    pub(crate) threshold: Option<f64>,

    /// Probability, before any evidence, that a person and a record found for that person are the
    /// same; as 0.001 or 1/1000 [default: 1/4096]
    #[arg(long, value_name = "P", value_parser = prior)]
    pub(crate) prior: Option<f64>,
}

impl ScoreArgs {
    /// The settings that follow, with the defaults of matching where nothing was said.
    pub(crate) fn settings(self) -> Settings {
        let default = Settings::default();
        Settings {
            prior: self.prior.map_or(default.prior, Score),
            threshold: self.threshold.map_or(default.threshold, Score),
            ..default
        }
    }
}

fn threshold(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("give a number from 0 to 1, like 0.5".to_owned()),
    }
}

fn prior(text: &str) -> Result<f64, String> {
    let number = match text.split_once('/') {
        Some((part, whole)) => part
            .trim()
            .parse::<f64>()
            .ok()
            .zip(whole.trim().replace([',', '_'], "").parse::<f64>().ok())
            .map(|(part, whole)| part / whole),
        None => text.parse::<f64>().ok(),
    };
    match number {
        Some(number) if number > 0.0 && number < 1.0 => Ok(number),
        _ => Err("give a probability above 0 and below 1, like 0.00001 or 1/100000".to_owned()),
    }
}

/// Log odds to base 2: how many doublings separate a probability from even odds.
pub(crate) fn log_odds(score: Score) -> f64 {
    (score.0 / (1.0 - score.0)).log2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prior_may_be_a_fraction_or_a_number() {
        assert_eq!(prior("1/100000"), Ok(1e-5));
        assert_eq!(prior("1/100,000"), Ok(1e-5));
        assert_eq!(prior("0.25"), Ok(0.25));
    }

    #[test]
    fn a_prior_that_no_evidence_could_move_is_refused() {
        for text in ["0", "1", "1/0", "-0.5", "NaN", "inf", "", "1/"] {
            assert!(prior(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_threshold_lies_between_0_and_1() {
        assert_eq!(threshold("0"), Ok(0.0));
        assert_eq!(threshold("1"), Ok(1.0));
        for text in ["1.01", "-1", "NaN", "half"] {
            assert!(threshold(text).is_err(), "{text}");
        }
    }

    #[test]
    fn even_odds_are_zero_bits_and_each_doubling_is_one() {
        assert!(log_odds(Score(0.5)).abs() < 1e-12);
        assert!((log_odds(Score(0.8)) - 2.0).abs() < 1e-12); // 4 to 1
    }
}
