//! How sure somebody is: the probability yardstick of the Professional Head of Intelligence
//! Assessment, and analytical confidence.

use crate::Prose;
use crate::codec::{record, vocabulary};
use std::ops::RangeInclusive;

vocabulary! {
    /// A term of the probability yardstick. There are gaps between the ranges, on purpose: nobody can
    /// be as exact as to fall into one.
    Probability {
        /// 0 to about 5 per cent.
        RemoteChance = "remote-chance", "a remote chance";
        /// About 10 to 20 per cent.
        HighlyUnlikely = "highly-unlikely", "highly unlikely";
        /// About 25 to 35 per cent.
        Unlikely = "unlikely", "unlikely";
        /// About 40 to just below 50 per cent.
        RealisticPossibility = "realistic-possibility", "a realistic possibility";
        /// About 55 to 75 per cent; "probable" says the same.
        Likely = "likely", "likely";
        /// About 80 to 90 per cent.
        HighlyLikely = "highly-likely", "highly likely";
        /// About 95 to 100 per cent.
        AlmostCertain = "almost-certain", "almost certain";
    }
}

impl Probability {
    /// Its range, in per cent. That of a realistic possibility ends just below its end.
    pub fn per_cent(self) -> RangeInclusive<u8> {
        match self {
            Self::RemoteChance => 0..=5,
            Self::HighlyUnlikely => 10..=20,
            Self::Unlikely => 25..=35,
            Self::RealisticPossibility => 40..=50,
            Self::Likely => 55..=75,
            Self::HighlyLikely => 80..=90,
            Self::AlmostCertain => 95..=100,
        }
    }
}

vocabulary! {
    /// How good the ground is that a judgement stands on: sources, argument, what else it could be. It is
    /// another thing than how probable something is.
    Confidence {
        /// Little is known, or from one side.
        Low = "low", "low confidence";
        /// Plausible, and from sources that could be better.
        Moderate = "moderate", "moderate confidence";
        /// From good and several sources.
        High = "high", "high confidence";
    }
}

vocabulary! {
    /// Whether something is known or concluded.
    FindingKind {
        /// It is stated as a fact.
        Assertion = "assertion", "a fact that is stated";
        /// It is concluded, with a probability and a confidence.
        Judgement = "judgement", "a judgement";
    }
}

record! {
    /// One thing that a notice says.
    pub Finding {
        /// Whether it is known or concluded.
        1 kind: FindingKind,
        /// What.
        2 text: Prose,
        /// How probable it is; of a judgement alone.
        3 probability: Option<Probability>,
        /// How good the ground is; of a judgement alone.
        4 confidence: Option<Confidence>,
    }
}
