//! What several people hold of one log, held against each other.

use super::{Finding, single};
use crate::audit::folder::{self, ExportFolder};
use crate::report::words::plain;
use anyhow::{Context, anyhow, bail};
use portcullis_audit::{Checkpoint, Held, Note, Policy, Prefix, Tree, VerifierKey, find_splits};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub(super) fn look(
    path: &Path,
    others: &[PathBuf],
    policy: Option<Policy>,
) -> anyhow::Result<Finding> {
    let mut held = Vec::new();
    let mut folders = Vec::new();
    for path in std::iter::once(path).chain(others.iter().map(PathBuf::as_path)) {
        if path.is_dir() {
            folders.push(ExportFolder::new(path));
        }
        match note(path)? {
            Ok(note) => held.push(Held { holder: path.display().to_string(), note }),
            Err(error) => {
                let error = error.context(format!("`{}` is damaged", path.display()));
                return Ok(Finding::Unsound(error));
            }
        }
    }
    let keys = keys(policy, &folders)?;
    let origin = held.first().and_then(|held| held.note.text().lines().next());
    let origin = origin.unwrap_or_default().to_owned();
    let splits = find_splits(&origin, &keys, &held, |older, newer| {
        folders.iter().find_map(|folder| prefix(folder, older, newer))
    });
    let mut out = io::stdout().lock();
    for split in &splits.found {
        writeln!(out, "{split}")?;
    }
    if !splits.found.is_empty() {
        let what = "the log showed different histories to different people; the evidence is above, and anybody can check it with `audit verify`";
        return Ok(Finding::Unsound(anyhow!(what)));
    }
    if let Some((holder, error)) = splits.refused.into_iter().next() {
        let error = anyhow::Error::from(error);
        return Ok(Finding::Unsound(error.context(format!("`{holder}` does not hold"))));
    }
    if let Some((older, newer)) = splits.not_shown.first() {
        bail!(
            "nobody shows that the log of `{}` grew into that of `{}`; give an export of the later one",
            plain(older),
            plain(newer)
        );
    }
    writeln!(out, "agrees     with {} other", others.len())?;
    Ok(Finding::Sound)
}

/// The checkpoint that somebody holds; the inner error where it is damaged.
fn note(path: &Path) -> anyhow::Result<anyhow::Result<Note>> {
    let file = if path.is_dir() { path.join("checkpoint") } else { path.to_owned() };
    let bytes = folder::read(&file).and_then(|bytes| bytes.ok_or(io::ErrorKind::NotFound.into()));
    let bytes = bytes.with_context(|| format!("cannot read `{}`", file.display()))?;
    Ok(single::checkpoint(&bytes))
}

fn keys(policy: Option<Policy>, folders: &[ExportFolder]) -> anyhow::Result<Vec<VerifierKey>> {
    if let Some(policy) = policy {
        return Ok(policy.logs().map(|(key, _)| key.clone()).collect());
    }
    let own = folders.first().and_then(|folder| folder.keys().transpose()).transpose()?;
    let own = own.and_then(|keys| keys.last().cloned());
    Ok(vec![own.context("say whose log it is: give its key with --key, or --policy")?])
}

/// What the tree of the newer checkpoint was at the size of the older one, as an export has it.
fn prefix(folder: &ExportFolder, older: &Checkpoint, newer: &Checkpoint) -> Option<Prefix> {
    if folder.size() < newer.size() {
        return None;
    }
    let mut tree = Tree::new(folder, newer.size());
    // Another export's tree of this size may be another one.
    let same = tree.root().ok()? == newer.root();
    if same { tree.prefix(older.size()).ok() } else { None }
}
