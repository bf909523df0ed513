//! The same record given twice, by a list that repeats it or by a list given twice, counts once: else
//! it would seem less rare than it is, and stand twice in an alert.

use portcullis_types::{Dossier, DossierId, ListVersion, SourceId};
use std::collections::{HashMap, HashSet};

type Key<'a> = (&'a SourceId, &'a ListVersion, &'a DossierId);

fn key(dossier: &Dossier) -> Key<'_> {
    (&dossier.origin.source, &dossier.origin.version, &dossier.id)
}

/// Whether a record of an issue stands there more than once.
pub(super) fn any(dossiers: &[Dossier]) -> bool {
    let mut seen = HashSet::with_capacity(dossiers.len());
    !dossiers.iter().all(|dossier| seen.insert(key(dossier)))
}

/// Each record of an issue once, in the order of their first places. One that stood there several
/// times says what any of them said.
pub(super) fn merged(dossiers: Vec<Dossier>) -> Vec<Dossier> {
    if !any(&dossiers) {
        return dossiers;
    }
    let mut places: HashMap<Key<'_>, usize> = HashMap::new();
    let mut repeats: Vec<Option<usize>> = Vec::with_capacity(dossiers.len());
    for dossier in &dossiers {
        let next = places.len();
        let place = *places.entry(key(dossier)).or_insert(next);
        repeats.push((place < next).then_some(place));
    }
    let mut all: Vec<Dossier> = Vec::new();
    for (dossier, place) in dossiers.into_iter().zip(repeats) {
        match place.and_then(|place| all.get_mut(place)) {
            Some(first) => dossier.statements.into_iter().for_each(|said| first.state(said)),
            None => all.push(dossier),
        }
    }
    all
}
