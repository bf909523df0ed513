//! A folder with an export.

use super::{Finding, say_head};
use crate::audit::folder::ExportFolder;
use crate::audit::trust::of_keys;
use crate::report::words::{plain, several};
use anyhow::{Context, anyhow, bail};
use portcullis_audit::{Attested, Damage, LogLink, Note, Policy, VerifierKey, verify_export};
use std::io::{self, Write};
use std::path::Path;

pub(super) fn look(path: &Path, policy: Option<Policy>) -> anyhow::Result<Finding> {
    let folder = ExportFolder::new(path);
    let Some(checkpoint) = folder.read("checkpoint").context("cannot read `checkpoint`")? else {
        if folder.path("tile").exists() {
            return Ok(Finding::Unsound(anyhow!("`checkpoint` is missing")));
        }
        bail!("`{}` is no export of a log", path.display());
    };
    let keys = match folder.keys() {
        Ok(Some(keys)) => keys,
        Ok(None) if policy.is_some() => Vec::new(),
        Ok(None) => {
            bail!("the export brings no keys along; give the key of the log with --key")
        }
        Err(error) => return Ok(Finding::Unsound(error)),
    };
    let own = policy.is_none();
    let policy = match (policy, keys.last()) {
        (Some(policy), _) => policy,
        (None, Some(key)) => of_keys(std::slice::from_ref(key))?,
        (None, None) => return Ok(Finding::Unsound(anyhow!("`vkeys` is damaged"))),
    };
    let report = match verify_export(&folder, &checkpoint, &policy) {
        Ok(report) => report,
        Err(error @ Damage::Source { .. }) => return Err(error.into()),
        Err(damage) => return Ok(Finding::Unsound(damage.into())),
    };
    let trusted = policy
        .logs()
        .map(|(key, _)| key)
        .find(|key| key.name().as_str() == report.satisfied.checkpoint.origin());
    if let (Some(trusted), Some(last)) = (trusted, keys.last())
        && trusted != last
    {
        let error = anyhow!("`vkeys` names another key of this log than you do: `{last}`");
        return Ok(Finding::Unsound(error));
    }
    say_head(&report.satisfied)?;
    let mut out = io::stdout().lock();
    writeln!(out, "files      {}, each compared", several(report.tiles, "tile", "tiles"))?;
    if report.unknown_signatures > 0 {
        let number = several(report.unknown_signatures as u64, "signature", "signatures");
        writeln!(out, "unchecked  {number} by keys that the policy doesn't name")?;
    }
    if own && let Some(key) = keys.last() {
        writeln!(out, "key        {key}")?;
        writeln!(
            out,
            "           It came with the export: hold it against the one that the log gave you, and name\n           that with --key."
        )?;
    }
    for (number, pair) in (2..).zip(keys.windows(2)) {
        let [before, after] = pair else { continue };
        if let Err(error) = link(&mut out, &folder, number, before, after)? {
            return Ok(Finding::Unsound(error.context(format!("`links/{number}` does not hold"))));
        }
        // Whoever makes an export chooses what keys come with it.
        match policy.logs().map(|(key, _)| key).find(|key| key.name() == before.name()) {
            Some(known) if known != before => {
                let error = anyhow!("`vkeys` names another key of the log before than you do");
                return Ok(Finding::Unsound(error.context(format!("`{before}`"))));
            }
            Some(_) => {}
            None => writeln!(
                out,
                "           The key of that log came with the export: hold it against the one you were given,\n           and name that with --key: {before}"
            )?,
        }
    }
    Ok(Finding::Sound)
}

/// Checks what ties a log to the one before it. Without a link nothing does, and that is said.
fn link(
    out: &mut impl Write,
    folder: &ExportFolder,
    number: u32,
    before: &VerifierKey,
    after: &VerifierKey,
) -> anyhow::Result<Result<(), anyhow::Error>> {
    let name = format!("links/{number}");
    let Some(bytes) = folder.read(&name).with_context(|| format!("cannot read `{name}`"))? else {
        return Ok(Err(anyhow!("it is missing, and nothing ties the log to the one before it")));
    };
    let opened = Note::parse(&bytes)
        .map_err(anyhow::Error::from)
        .and_then(|note| Ok(LogLink::open(&note, before, after)?));
    let (link, attested) = match opened {
        Ok(opened) => opened,
        Err(error) => return Ok(Err(error)),
    };
    writeln!(
        out,
        "before it  {}: {}, {} known to be lost{}",
        plain(link.old.as_str()),
        link.reason.as_str(),
        several(link.lost(), "leaf", "leaves"),
        match attested {
            Attested::ByBoth => "",
            Attested::ByNewAlone => "; signed by the new log alone: ask who opened it",
        }
    )?;
    Ok(Ok(()))
}
