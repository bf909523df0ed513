//! Who on the lists might this be, how sure are we, and why?
//!
//! Dossiers go in, scored [`Pair`]s with their reasons come out: normalise, retrieve, score,
//! explain. This crate refuses to decide: it says how alike two dossiers are
//! ([`Similarity`](portcullis_types::Similarity)), how strong the evidence is that they are the
//! same ([`Bits`](portcullis_types::Bits)), and how probable that makes it at a stated prior
//! ([`Score`]). A person decides.

mod align;
mod evidence;
mod explain;
mod index;
mod model;
mod names;
mod numbers;
mod part;
mod pinyin;
mod prepared;
mod rarity;
mod retrieve;
mod romanise;
mod score;
mod script;
mod sound;
mod spelling;
mod split;
mod words;

pub use explain::sentence;
pub use index::{Index, IndexError};

use portcullis_types::{Dossier, DossierId, Pair, Score};
use prepared::Prepared;
use rarity::Background;

/// Name of the rules that turn names into comparable parts; part of every result.
pub const NORMALISER: &str = "names-1";
/// Name of the weights; part of every result.
pub const MODEL: &str = "evidence-1";

/// What a caller may set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Probability, before any evidence, that a query and a retrieved record are the same.
    pub prior: Score,
    /// An alert is raised from this score up.
    pub threshold: Score,
    /// How many records are scored for each query.
    pub candidates: usize,
}

impl Default for Settings {
    /// A prior of one in 4,096, a threshold of one half, 64 candidates.
    fn default() -> Self {
        Self { prior: Score(1.0 / 4096.0), threshold: Score(0.5), candidates: 64 }
    }
}

/// One person or body that a query may be, however many lists and records name it.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The records, best score first; never empty.
    pub pairs: Vec<Pair>,
}

/// What screening one dossier gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Screening {
    /// The records that were scored, best first.
    pub candidates: Vec<DossierId>,
    /// The alerts, best first.
    pub alerts: Vec<Alert>,
}

/// Compares two dossiers without a list around them: rarities come from general tables. `None` when
/// they cannot be the same kind of thing, or share nothing that could be compared.
pub fn compare(query: &Dossier, record: &Dossier, settings: &Settings) -> Option<Pair> {
    let background = Background::default();
    let mut left = Prepared::of(query);
    let mut right = Prepared::of(record);
    left.weigh(&background);
    right.weigh(&background);
    let compared = score::compare(&left, &right)?;
    Some(compared.into_pair((query, &left), (record, &right), settings.prior))
}
