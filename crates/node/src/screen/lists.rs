//! The lists to search: stored ones by name, or files read on the fly.

use super::finding::ListInfo;
use crate::environment::Environment;
use crate::lines::Lines;
use anyhow::Context;
use portcullis_ingest::{ReadContext, read_entity};
use portcullis_matching::Index;
use portcullis_types::Dossier;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

/// Lists, ready to be searched.
#[derive(Debug)]
pub(crate) struct Searchable {
    /// All of them together.
    pub(crate) index: Index,
    /// Each of them, in the order asked for.
    pub(crate) infos: Vec<Arc<ListInfo>>,
}

impl Searchable {
    /// The list a record is from.
    pub(crate) fn info(&self, dossier: &Dossier) -> Option<&Arc<ListInfo>> {
        self.infos.iter().find(|info| {
            info.source == dossier.origin.source && info.version == dossier.origin.version
        })
    }
}

pub(crate) fn open(names: &[String], environment: &Environment) -> anyhow::Result<Searchable> {
    let mut dossiers = Vec::new();
    let mut infos = Vec::new();
    for name in names {
        infos.push(Arc::new(read_file(Path::new(name), environment, &mut dossiers)?));
    }
    Ok(Searchable { index: Index::build(dossiers), infos })
}

fn read_file(
    path: &Path,
    environment: &Environment,
    into: &mut Vec<Dossier>,
) -> anyhow::Result<ListInfo> {
    let context = ReadContext {
        source: path.file_stem().and_then(|s| s.to_str()).unwrap_or("list").parse()?,
        version: "unknown".parse()?,
        recorded_at: environment.clock.now(),
        controller: "own".parse()?,
    };
    let origin = context.origin();
    let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let before = into.len();
    let mut set_aside = 0;
    for line in Lines::new(BufReader::new(file)) {
        let line = line?;
        match serde_json::from_slice(&line.bytes)
            .ok()
            .and_then(|v| read_entity(&v, line.number, &origin).ok())
        {
            Some(dossier) => into.push(dossier),
            None => set_aside += 1,
        }
    }
    Ok(ListInfo {
        source: context.source.clone(),
        title: context.source.to_string(),
        version: context.version.clone(),
        issued: None,
        age_days: None,
        records: (into.len() - before) as u64,
        set_aside,
        warnings: Vec::new(),
    })
}
