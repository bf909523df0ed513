//! Lists, compiled for screening.

use crate::prepared::Prepared;
use crate::rarity::Background;
use crate::retrieve::{self, Found, Retriever};
use crate::score::{self, Compared};
use crate::{Alert, MODEL, NORMALISER, Screening, Settings};
use portcullis_types::{Dossier, DossierId, Origin, Pair};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Why bytes are not a compiled index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// They are not an index, or they were damaged.
    #[error("the compiled index is damaged")]
    Damaged,
    /// They were compiled by another version of Portcullis.
    #[error("the compiled index was made by another version")]
    OtherVersion,
}

/// Lists, compiled for screening: every record prepared, and the words of its names indexed.
///
/// The index is trusted: whoever can change its bytes can make a listed person invisible. The
/// checksum finds damage, not malice; keep the file where only the node can write.
#[derive(Debug)]
pub struct Index {
    dossiers: Vec<Dossier>,
    prepared: Vec<Prepared>,
    background: Background,
    retriever: Retriever,
    by_id: FxHashMap<DossierId, Vec<u32>>,
    origins: Vec<Arc<Origin>>,
}

impl Index {
    /// Compiles dossiers of any number of lists.
    pub fn build(dossiers: Vec<Dossier>) -> Self {
        let mut background = Background::default();
        let mut prepared: Vec<Prepared> = dossiers.iter().map(Prepared::of).collect();
        for one in &prepared {
            for weighed in &one.names {
                background.count(&weighed.name.parts, one.is_person());
            }
        }
        for one in &mut prepared {
            one.weigh(&background);
        }
        let retriever = Retriever::build(&prepared, &background);
        let mut by_id: FxHashMap<DossierId, Vec<u32>> = FxHashMap::default();
        let mut origins: Vec<Arc<Origin>> = Vec::new();
        for (index, dossier) in (0_u32..).zip(&dossiers) {
            by_id.entry(dossier.id.clone()).or_default().push(index);
            if !origins.iter().any(|o| Arc::ptr_eq(o, &dossier.origin) || *o == dossier.origin) {
                origins.push(Arc::clone(&dossier.origin));
            }
        }
        Self { dossiers, prepared, background, retriever, by_id, origins }
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
    pub fn origins(&self) -> &[Arc<Origin>] {
        &self.origins
    }

    /// Every record, in the order given.
    pub fn dossiers(&self) -> &[Dossier] {
        &self.dossiers
    }

    /// The record of a pair: that of its list and issue, since two lists may use one id.
    pub fn record_of(&self, pair: &Pair) -> Option<&Dossier> {
        self.by_id.get(&pair.record)?.iter().filter_map(|i| self.dossiers.get(*i as usize)).find(
            |dossier| {
                dossier.origin.source == pair.versions.source
                    && dossier.origin.version == pair.versions.list_version
            },
        )
    }

    /// Screens one dossier: retrieves the records most worth comparing, compares each, and joins
    /// those above the threshold that are one person or body into one alert.
    pub fn screen(&self, query: &Dossier, settings: &Settings) -> Screening {
        self.screen_among(query, settings, |_| true)
    }

    /// The same, comparing no other records than those wanted. They are scored as in [`Index::screen`]:
    /// how rare a name is counts over every record.
    pub fn screen_among(
        &self,
        query: &Dossier,
        settings: &Settings,
        is_wanted: impl Fn(&Dossier) -> bool,
    ) -> Screening {
        let prepared = self.prepare(query);
        let is_wanted = |record: u32| self.dossiers.get(record as usize).is_some_and(&is_wanted);
        let found = self.retriever.find(&prepared, &self.prepared, settings.candidates, is_wanted);
        self.score(query, &prepared, &found, settings)
    }

    /// Screens one dossier against every record, without retrieval. Slow; it is the measure of what
    /// retrieval misses.
    pub fn screen_exhaustively(&self, query: &Dossier, settings: &Settings) -> Screening {
        let prepared = self.prepare(query);
        let all: Vec<Found> = (0_u32..)
            .take(self.prepared.len())
            .map(|record| Found { record, worth: f32::MAX })
            .collect();
        self.score(query, &prepared, &all, settings)
    }

    fn prepare(&self, query: &Dossier) -> Prepared {
        let mut prepared = Prepared::of(query);
        prepared.weigh(&self.background);
        prepared
    }

    fn score(
        &self,
        query: &Dossier,
        prepared: &Prepared,
        found: &[Found],
        settings: &Settings,
    ) -> Screening {
        let needed = score::strength_needed(settings.prior, settings.threshold);
        let slack = f64::from(retrieve::slack(prepared));
        let mut scored: Vec<(u32, Compared)> = Vec::new();
        let mut rest: Vec<u32> = Vec::new();
        for one in found {
            // What cannot reach the threshold need not be compared.
            if f64::from(one.worth) + slack < needed {
                rest.push(one.record);
                continue;
            }
            let record = self.prepared.get(one.record as usize);
            match record.and_then(|record| score::compare(prepared, record)) {
                Some(compared) => scored.push((one.record, compared)),
                None => rest.push(one.record),
            }
        }
        scored.sort_by(|a, b| b.1.bits.total_cmp(&a.1.bits).then(a.0.cmp(&b.0)));
        let candidates = scored
            .iter()
            .map(|(record, _)| record)
            .chain(&rest)
            .filter_map(|i| self.dossiers.get(*i as usize).map(|d| d.id.clone()))
            .collect();
        let hits: Vec<(u32, Compared)> = scored
            .into_iter()
            .take_while(|(_, c)| {
                score::posterior(settings.prior, f64::from(c.bits)) >= settings.threshold.0
            })
            .collect();
        Screening { candidates, alerts: self.alerts(query, prepared, hits, settings) }
    }

    fn alerts(
        &self,
        query: &Dossier,
        prepared: &Prepared,
        hits: Vec<(u32, Compared)>,
        settings: &Settings,
    ) -> Vec<Alert> {
        let mut groups: Vec<(Vec<u32>, Vec<Pair>)> = Vec::new();
        for (index, compared) in hits {
            let (Some(dossier), Some(record)) =
                (self.dossiers.get(index as usize), self.prepared.get(index as usize))
            else {
                continue;
            };
            let pair = compared.into_pair((query, prepared), (dossier, record), settings.prior);
            let same = groups.iter_mut().find(|(members, _)| {
                members.iter().any(|m| {
                    self.prepared
                        .get(*m as usize)
                        .and_then(|other| score::compare(other, record))
                        .is_some_and(|c| {
                            score::posterior(settings.prior, f64::from(c.bits))
                                >= settings.threshold.0
                        })
                })
            });
            match same {
                Some((members, pairs)) => {
                    members.push(index);
                    pairs.push(pair);
                }
                None => groups.push((vec![index], vec![pair])),
            }
        }
        groups.into_iter().map(|(_, pairs)| Alert { pairs }).collect()
    }

    /// The compiled form, with the versions of its rules and a checksum.
    ///
    /// # Errors
    ///
    /// [`IndexError::Damaged`] when a dossier cannot be written, which no dossier read by `ingest`
    /// causes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, IndexError> {
        let stored = Stored::of(self);
        let body = postcard::to_stdvec(&stored).map_err(|_| IndexError::Damaged)?;
        let mut bytes = header();
        bytes.extend_from_slice(&Sha256::digest(&body));
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }

    /// Reads the compiled form.
    ///
    /// # Errors
    ///
    /// [`IndexError::OtherVersion`] when other rules made it, [`IndexError::Damaged`] when the
    /// checksum or the form is wrong. Either way it is to be compiled anew.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IndexError> {
        let header = header();
        let rest = match bytes.strip_prefix(header.as_slice()) {
            Some(rest) => rest,
            None if bytes.starts_with(MAGIC) => return Err(IndexError::OtherVersion),
            None => return Err(IndexError::Damaged),
        };
        let (digest, body) = rest.split_at_checked(32).ok_or(IndexError::Damaged)?;
        if Sha256::digest(body).as_slice() != digest {
            return Err(IndexError::Damaged);
        }
        let stored: Stored = postcard::from_bytes(body).map_err(|_| IndexError::Damaged)?;
        stored.into_dossiers().map(Self::build)
    }
}

const MAGIC: &[u8] = b"portcullis index ";

fn header() -> Vec<u8> {
    let mut header = MAGIC.to_vec();
    header.extend_from_slice(format!("1 {NORMALISER} {MODEL}\n").as_bytes());
    header
}

/// What is written: each origin once, and the dossiers by the number of theirs.
#[derive(Serialize, Deserialize)]
struct Stored {
    origins: Vec<Origin>,
    dossiers: Vec<(u32, StoredDossier)>,
}

#[derive(Serialize, Deserialize)]
struct StoredDossier {
    id: DossierId,
    record: portcullis_types::RecordId,
    schema: portcullis_types::Schema,
    statements: Vec<portcullis_types::Statement>,
}

impl Stored {
    fn of(index: &Index) -> Self {
        let number = |origin: &Arc<Origin>| {
            (0_u32..)
                .zip(&index.origins)
                .find(|(_, o)| Arc::ptr_eq(o, origin) || *o == origin)
                .map_or(0, |(n, _)| n)
        };
        Self {
            origins: index.origins.iter().map(|o| Origin::clone(o)).collect(),
            dossiers: index
                .dossiers
                .iter()
                .map(|d| {
                    let stored = StoredDossier {
                        id: d.id.clone(),
                        record: d.record.clone(),
                        schema: d.schema,
                        statements: d.statements.clone(),
                    };
                    (number(&d.origin), stored)
                })
                .collect(),
        }
    }

    fn into_dossiers(self) -> Result<Vec<Dossier>, IndexError> {
        let origins: Vec<Arc<Origin>> = self.origins.into_iter().map(Arc::new).collect();
        self.dossiers
            .into_iter()
            .map(|(number, stored)| {
                let origin = origins.get(number as usize).ok_or(IndexError::Damaged)?;
                Ok(Dossier {
                    id: stored.id,
                    record: stored.record,
                    schema: stored.schema,
                    origin: Arc::clone(origin),
                    statements: stored.statements,
                })
            })
            .collect()
    }
}
