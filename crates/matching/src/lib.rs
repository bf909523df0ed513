//! Who on the lists might this be, how sure are we, and why?
//!
//! Dossiers go in, scored [`Pair`]s with their reasons come out: normalise, retrieve, score,
//! explain. This crate refuses to decide: it says how alike two dossiers are
//! ([`Similarity`](portcullis_types::Similarity)), how strong the evidence is that they are the
//! same ([`Bits`](portcullis_types::Bits)), and how probable that makes it at a stated prior
//! ([`Score`]). A person decides.

use portcullis_types::{Dossier, DossierId, Origin, Pair, Protected, Reason, Score};
use std::sync::Arc;

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
    fn default() -> Self {
        Self { prior: Score(1e-5), threshold: Score(0.5), candidates: 64 }
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

/// Why bytes are not a compiled index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// They are not an index of this version, or they were damaged.
    #[error("the compiled index is damaged or of another version")]
    Damaged,
}

/// Lists, compiled for screening.
#[derive(Debug)]
pub struct Index {
    dossiers: Vec<Dossier>,
}

impl Index {
    /// Compiles dossiers of any number of lists.
    pub fn build(dossiers: Vec<Dossier>) -> Self {
        Self { dossiers }
    }

    /// How many records it holds.
    pub fn len(&self) -> usize {
        self.dossiers.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.dossiers.is_empty()
    }

    /// The list issues it was made from.
    pub fn origins(&self) -> Vec<Arc<Origin>> {
        Vec::new()
    }

    /// A record by its id and source position in the index.
    pub fn dossier(&self, id: &DossierId) -> Option<&Dossier> {
        self.dossiers.iter().find(|d| d.id == *id)
    }

    /// Screens one dossier.
    pub fn screen(&self, _query: &Dossier, _settings: &Settings) -> Screening {
        Screening { candidates: Vec::new(), alerts: Vec::new() }
    }

    /// The compiled form, with a checksum.
    pub fn to_bytes(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Reads the compiled form.
    ///
    /// # Errors
    ///
    /// [`IndexError::Damaged`] when the checksum or the version is wrong.
    pub fn from_bytes(_bytes: &[u8]) -> Result<Self, IndexError> {
        Err(IndexError::Damaged)
    }
}

/// Compares two dossiers without a list around them.
pub fn compare(_query: &Dossier, _record: &Dossier, _settings: &Settings) -> Option<Pair> {
    None
}

/// A reason in plain English. Protected text.
pub fn sentence(_reason: &Reason) -> Protected {
    Protected::new("")
}
