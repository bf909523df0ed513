//! A query and a record that may be the same, and why.

use crate::{DossierId, ListVersion, Protected, SourceId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How alike two dossiers look, from 0 (nothing alike) to 1 (the same). Says nothing of how rare
/// the likeness is: two people called John Smith are as similar as can be.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Similarity(pub f64);

/// Strength of evidence: a log-likelihood ratio to base 2. `+1` doubles the odds that both are the
/// same, `-1` halves them, `0` says nothing.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bits(pub f64);

/// Probability, from 0 to 1, that both are the same, given a stated prior. The number that a
/// threshold applies to.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Score(pub f64);

/// What a reason is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Evidence {
    /// A part of the name agrees.
    NamePartAgrees,
    /// A part of the name is alike but not the same.
    NamePartAlike,
    /// An initial stands for a part of the name.
    Initial,
    /// A part of the name on one side has nothing to answer it on the other.
    NamePartMissing,
    /// Both sides have a part of the name in the same place and they differ.
    NamePartDiffers,
    /// The parts of the name stand in another order.
    NameOrder,
    /// Nothing in the two names of a body differs.
    WholeNameAgrees,
    /// Agreeing parts of a name count for less together, because relatives and sister companies share
    /// them.
    RelatedNames,
    /// The name that matched is one that its publisher calls weak.
    WeakAlias,
    /// The two names were written in different scripts, so likeness of sound counts for less.
    CrossScript,
    /// Birth dates agree.
    BirthDateAgrees,
    /// Birth dates are close but not the same.
    BirthDateClose,
    /// Birth dates contradict each other.
    BirthDateDiffers,
    /// An identifier agrees.
    IdentifierAgrees,
    /// Identifiers of the same kind and country differ.
    IdentifierDiffers,
    /// A country agrees.
    CountryAgrees,
    /// All countries differ.
    CountryDiffers,
    /// Genders differ.
    GenderDiffers,
    /// The kinds differ, or only one side says whether it is a person or a body.
    SchemaDiffers,
    /// The legal forms of two bodies differ.
    LegalFormDiffers,
    /// A number within the name differs.
    NumberDiffers,
}

/// One reason for or against, with its weight.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// What it is about.
    pub evidence: Evidence,
    /// How much it weighs.
    pub bits: Bits,
    /// The value on the side of the query.
    pub query_value: Option<Protected>,
    /// The value on the side of the record.
    pub record_value: Option<Protected>,
}

/// Which versions of everything a result was made with, so that it can be made again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// The list the record is from.
    pub source: SourceId,
    /// Which issue of it.
    pub list_version: ListVersion,
    /// The rules that turn names into comparable parts.
    pub normaliser: Arc<str>,
    /// The weights.
    pub model: Arc<str>,
}

/// A query and a record compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// The dossier asked about.
    pub query: DossierId,
    /// The dossier of the list.
    pub record: DossierId,
    /// How alike.
    pub similarity: Similarity,
    /// How strong the evidence.
    pub strength: Bits,
    /// How probable at the stated prior.
    pub score: Score,
    /// Why; their bits add up to `strength`.
    pub reasons: Vec<Reason>,
    /// What it was made with.
    pub versions: Versions,
}
