//! A single file: a receipt, an opening, a checkpoint, evidence of a split view.

use super::{Finding, say_head};
use crate::audit::folder;
use crate::report::words::plain;
use anyhow::{Context, anyhow, bail};
use portcullis_audit::{Disclosure, Note, Opened, Policy, Receipt, Split, VerifierKey};
use portcullis_types::{Actor, Detail, Event};
use std::io::{self, Write};
use std::path::Path;

/// What a file is, by its first line.
enum Kind {
    Receipt,
    Opening,
    Split,
    Checkpoint,
}

fn kind(bytes: &[u8]) -> Kind {
    match bytes.split(|byte| *byte == b'\n').next() {
        Some(b"c2sp.org/tlog-proof@v1") => Kind::Receipt,
        Some(b"portcullis-opening/v1") => Kind::Opening,
        Some(b"portcullis-log-split/v1") => Kind::Split,
        _ => Kind::Checkpoint,
    }
}

/// The checkpoint that a file holds: itself, or that of a receipt or opening.
pub(super) fn checkpoint(bytes: &[u8]) -> anyhow::Result<Note> {
    match kind(bytes) {
        Kind::Receipt => Ok(Receipt::parse(bytes)?.checkpoint),
        Kind::Opening => Ok(Disclosure::parse(bytes)?.receipt.checkpoint),
        Kind::Split => bail!("evidence of a split view holds two checkpoints; give each alone"),
        Kind::Checkpoint => Ok(Note::parse(bytes)?),
    }
}

pub(super) fn look(path: &Path, policy: Option<&Policy>, show: bool) -> anyhow::Result<Finding> {
    let refused = || format!("cannot read `{}`", path.display());
    let bytes = folder::read(path).and_then(|bytes| bytes.ok_or(io::ErrorKind::NotFound.into()));
    let bytes = bytes.with_context(refused)?;
    let policy = policy.context("say whose log it is: give its key with --key, or --policy")?;
    let looked = match kind(&bytes) {
        Kind::Receipt => receipt(&bytes, policy),
        Kind::Opening => opening(&bytes, policy, show),
        Kind::Split => split(&bytes, policy),
        Kind::Checkpoint => head(&bytes, policy),
    };
    match looked {
        Ok(()) => Ok(Finding::Sound),
        Err(error) if error.is::<io::Error>() => Err(error),
        Err(error) => {
            Ok(Finding::Unsound(error.context(format!("`{}` does not hold", path.display()))))
        }
    }
}

fn receipt(bytes: &[u8], policy: &Policy) -> anyhow::Result<()> {
    let receipt = Receipt::parse(bytes)?;
    let (_, satisfied) = receipt.verify_own(policy)?;
    say_head(&satisfied)?;
    writeln!(io::stdout(), "entry      {} is in the log", receipt.index)?;
    Ok(())
}

fn opening(bytes: &[u8], policy: &Policy, show: bool) -> anyhow::Result<()> {
    let disclosure = Disclosure::parse(bytes)?;
    let (opened, satisfied) = disclosure.verify(policy)?;
    say_head(&satisfied)?;
    let mut out = io::stdout().lock();
    writeln!(out, "entry      {} is in the log", disclosure.receipt.index)?;
    if opened == Opened::Decoy {
        writeln!(out, "it is      a decoy: nothing happened")?;
        return Ok(());
    }
    let event = Event::from_bytes(&disclosure.opening.payload)
        .context("the entry commits to something that is no event")?;
    writeln!(out, "it is      {} at {:.0}", event.kind, event.at.timestamp())?;
    writeln!(out, "id         {}", event.id)?;
    let (who, name) = match &event.actor {
        Actor::Officer(officer) => ("officer", officer.as_str()),
        Actor::Job(job) => ("job", job.as_str()),
    };
    writeln!(out, "by         {who} {} of {}", plain(name), plain(event.organisation.as_str()))?;
    writeln!(out, "purpose    {}", event.purpose)?;
    if event.details.iter().len() > 0 && !show {
        writeln!(out, "details    not shown; they may hold names (--show)")?;
    }
    for (name, detail) in event.details.iter().filter(|_| show) {
        match detail {
            Detail::Text(text) => writeln!(out, "  {name}: {}", plain(text.reveal()))?,
            Detail::Number(number) => writeln!(out, "  {name}: {number}")?,
            Detail::Bytes(bytes) => {
                write!(out, "  {name}: ")?;
                bytes.iter().try_for_each(|byte| write!(out, "{byte:02x}"))?;
                writeln!(out)?;
            }
        }
    }
    Ok(())
}

fn split(bytes: &[u8], policy: &Policy) -> anyhow::Result<()> {
    let split = Split::parse(bytes)?;
    let keys: Vec<VerifierKey> = policy.logs().map(|(key, _)| key.clone()).collect();
    split.verify(&keys)?;
    Err(anyhow!("it shows that the log signed two histories: the evidence is valid"))
}

fn head(bytes: &[u8], policy: &Policy) -> anyhow::Result<()> {
    let note = Note::parse(bytes)?;
    let satisfied = policy.check(&note)?;
    say_head(&satisfied)?;
    Ok(())
}
