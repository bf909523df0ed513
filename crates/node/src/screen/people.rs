//! The people to screen, one after the other.

use super::finding::Subject;
use crate::environment::Environment;
use crate::lines::Lines;
use anyhow::Context;
use portcullis_ingest::{ReadContext, SetAside, read_entity};
use portcullis_types::Protected;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

/// What reading a file of people gives.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// Somebody to screen.
    Person(Box<Subject>),
    /// A row that could not be read.
    SetAside(SetAside),
    /// Something noticed.
    Warning(String),
}

pub(crate) fn open(
    path: &Path,
    environment: &Environment,
) -> anyhow::Result<Box<dyn Iterator<Item = anyhow::Result<Incoming>>>> {
    let context = ReadContext {
        source: "people".parse()?,
        version: "unknown".parse()?,
        recorded_at: environment.clock.now(),
        controller: "own".parse()?,
    };
    let origin = context.origin();
    let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(Box::new(Lines::new(BufReader::new(file)).map(move |line| {
        let line = line?;
        let value: Option<serde_json::Value> = serde_json::from_slice(&line.bytes).ok();
        let value = value.map(|v| v.get("query").cloned().unwrap_or(v));
        Ok(match value.and_then(|v| read_entity(&v, line.number, &origin).ok()) {
            Some(dossier) => Incoming::Person(Box::new(Subject {
                row: line.number,
                name: Protected::new(dossier.main_name().unwrap_or_default()),
                dossier,
                received: None,
                decide_by: None,
            })),
            None => Incoming::SetAside(SetAside {
                line: line.number,
                column: None,
                reason: "not an entity".into(),
                raw: Protected::new(String::from_utf8_lossy(&line.bytes).into_owned()),
            }),
        })
    })))
}

impl Incoming {
    /// How many bytes it holds, roughly.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Person(subject) => {
                subject.dossier.statements.iter().map(|s| 80 + s.value.reveal().len()).sum()
            }
            Self::SetAside(row) => row.raw.reveal().len(),
            Self::Warning(warning) => warning.len(),
        }
    }
}
