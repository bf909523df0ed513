//! `portcullis audit prove`.

use super::{log, now_us, time};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::private_file;
use crate::report::words::several;
use anyhow::{Context, bail, ensure};
use portcullis_audit::{Disclosure, Note, Opening, Policy, Receipt, Tree};
use portcullis_decide::Reference;
use portcullis_store::{Log, LogView, Whereabouts};
use portcullis_types::{Detail, EventId};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Show that an event is in the log, to somebody who has no access to the node
///
/// A receipt (C2SP tlog-proof) tells nothing of the event: it can be shown to anybody, and `audit
/// verify` checks it without a node. What the event says goes with --open into a file of its own.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    /// Ids of events, as `audit events` lists them
    #[arg(value_name = "EVENT_ID", required_unless_present_any = ["all_of", "decoy"])]
    events: Vec<EventId>,

    /// Every event about this alert: each decision on it and each undoing
    #[arg(long, value_name = "REFERENCE", conflicts_with_all = ["events", "decoy"])]
    all_of: Option<Reference>,

    /// Show an overseer that this entry of the log, counted from 0, is a decoy
    #[arg(long, value_name = "INDEX", conflicts_with = "events")]
    decoy: Option<u64>,

    /// The log, by its origin, that --decoy is of, in place of the one that is open
    #[arg(long, value_name = "ORIGIN", requires = "decoy")]
    log: Option<String>,

    /// Against the latest checkpoint that a witness cosigned, in place of the latest one
    #[arg(long)]
    witnessed: bool,

    /// Write beside each receipt what opens its entry: all that the event says, names included
    #[arg(long, conflicts_with = "decoy")]
    open: bool,

    /// The file for a receipt, or the folder for several [default: one is printed; several go to the
    /// current folder]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

const AFTER: &str = "\
Examples:
  portcullis audit prove 6b86ca4c-355d-42d8-ae24-54e235c83cbb --out receipt.tlog-proof
  portcullis audit prove --all-of 7K3QX-9WZ2M --witnessed --open --out for-the-overseer/";

/// What came of asking for one event.
enum Proven {
    Receipt { receipt: Box<Receipt>, opening: Option<Opening> },
    NotYet(String),
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    let now_us = now_us(environment);
    store.read_logs(&organisation(), |view| {
        if let Some(index) = args.decoy {
            return decoy(args, view, index);
        }
        let events = match args.all_of {
            Some(reference) => about(view, reference)?,
            None => args.events.clone(),
        };
        events_of(args, view, &events, now_us)
    })
}

/// The events of the decisions on an alert.
fn about(view: &LogView<'_, '_>, reference: Reference) -> anyhow::Result<Vec<EventId>> {
    let reference = reference.to_string();
    let mut found: Vec<EventId> = Vec::new();
    let mut next = Some(0);
    while let Some(position) = next {
        let (page, further) = view.events_after(position)?;
        for stored in page {
            let details = &stored.event.details;
            let named = details.text("reference").is_some_and(|text| text.reveal() == reference);
            let undoes = matches!(details.get("decision"), Some(Detail::Bytes(id))
                if found.iter().any(|event| event.as_bytes().as_slice() == id.as_slice()));
            if named || undoes {
                found.push(stored.event.id);
            }
        }
        next = further;
    }
    ensure!(
        !found.is_empty(),
        "there is no decision on `{reference}` here: none was recorded, or it was erased"
    );
    Ok(found)
}

fn events_of(
    args: &Args,
    view: &LogView<'_, '_>,
    events: &[EventId],
    now_us: u64,
) -> anyhow::Result<Outcome> {
    let mut waiting = 0;
    for event in events {
        match prove(args, view, *event, now_us)? {
            Proven::NotYet(why) => {
                waiting += 1;
                writeln!(io::stdout(), "{event}: {why}")?;
            }
            Proven::Receipt { receipt, opening } => {
                let path = path(args, &event.to_string(), events.len() > 1)?;
                give(path.as_deref(), &receipt)?;
                if let Some(opening) = opening {
                    let beside = path.unwrap_or_else(|| PathBuf::from(event.to_string()));
                    give_opening(&beside.with_extension("opening"), *receipt, opening)?;
                }
            }
        }
    }
    Ok(if waiting == 0 { Outcome::Clear } else { Outcome::Incomplete })
}

fn prove(
    args: &Args,
    view: &LogView<'_, '_>,
    event: EventId,
    now_us: u64,
) -> anyhow::Result<Proven> {
    let (number, index) = match view.whereabouts(event)? {
        Whereabouts::InLog { log, index } => (log, index),
        Whereabouts::Waiting { before } => return waiting(view, before, now_us),
        Whereabouts::Unknown => bail!("there is no event `{event}` here"),
    };
    let log = view.logs()?.into_iter().find(|log| log.number == number);
    let log = log.context("the log of this event is not there; run `portcullis doctor`")?;
    let Some(receipt) = receipt(args, view, &log, index)? else {
        let why = "it is in the log, and no witness has cosigned a checkpoint since; ask for one without --witnessed, or send the witness the latest checkpoint";
        return Ok(Proven::NotYet(why.to_owned()));
    };
    let opening = if args.open {
        let stored = view.event(event)?;
        let stored = stored.with_context(|| {
            format!("event `{event}` was erased: that it is in the log can be shown, and not what it says")
        })?;
        let payload = Zeroizing::new(stored.event.to_bytes());
        Some(Opening { salt: stored.salt, payload })
    } else {
        None
    };
    Ok(Proven::Receipt { receipt: Box::new(receipt), opening })
}

/// When a leaf that waits will be in the log.
fn waiting(view: &LogView<'_, '_>, before: u64, now_us: u64) -> anyhow::Result<Proven> {
    let log = log(view, None)?;
    let per_interval = u64::from(log.pace.per_interval());
    let first = view.size(&log)?.checked_div(per_interval).unwrap_or_default() + 1;
    let boundary = log.pace.boundary(first + before.checked_div(per_interval).unwrap_or_default());
    let why = if boundary <= now_us {
        format!("it waits since {}; run `portcullis audit sequence`", time(boundary))
    } else {
        format!("it waits, and will be in the log at {}", time(boundary))
    };
    Ok(Proven::NotYet(why))
}

/// The receipt for an entry; none where the checkpoint that is asked for doesn't cover it.
fn receipt(
    args: &Args,
    view: &LogView<'_, '_>,
    log: &Log,
    index: u64,
) -> anyhow::Result<Option<Receipt>> {
    let size = if args.witnessed { view.last_cosigned(log)? } else { view.size(log)? };
    if index >= size {
        return Ok(None);
    }
    let damaged = || "the log in the store is damaged; run `portcullis doctor`";
    let checkpoint = view.checkpoint(log, size)?.with_context(damaged)?;
    let leaf = view.leaf(log, index)?.with_context(damaged)?;
    let tiles = view.tiles(log);
    let path = Tree::new(&tiles, size).inclusion(index).with_context(damaged)?;
    let receipt = Receipt {
        extra: Some(leaf.entry.as_bytes().to_vec()),
        index,
        path,
        checkpoint: Note::parse(checkpoint.note.as_bytes()).with_context(damaged)?,
    };
    // Whoever gets it finds out as well; better here.
    let key = view.key(log).with_context(damaged)?;
    let policy = Policy::parse(format!("log {key}\nquorum none\n").as_bytes())?;
    receipt.verify_own(&policy).with_context(damaged)?;
    Ok(Some(receipt))
}

fn decoy(args: &Args, view: &LogView<'_, '_>, index: u64) -> anyhow::Result<Outcome> {
    let log = log(view, args.log.as_deref())?;
    let size = view.size(&log)?;
    ensure!(index < size, "the log has {}, and no entry {index}", several(size, "leaf", "leaves"));
    let opening = view.decoy(&log, index)?;
    let opening =
        opening.with_context(|| format!("entry {index} is no decoy: it stands for an event"))?;
    let Some(receipt) = receipt(args, view, &log, index)? else {
        bail!("no witness has cosigned a checkpoint with entry {index} yet");
    };
    let path = path(args, &format!("decoy-{index}"), true)?;
    let path = path.unwrap_or_else(|| PathBuf::from(format!("decoy-{index}")));
    give_opening(&path.with_extension("opening"), receipt, opening)?;
    Ok(Outcome::Clear)
}

/// Where a receipt goes; none for standard output.
fn path(args: &Args, name: &str, several: bool) -> anyhow::Result<Option<PathBuf>> {
    let file = format!("{name}.tlog-proof");
    match &args.out {
        None if several || args.open => Ok(Some(PathBuf::from(file))),
        None => Ok(None),
        Some(path) if path.is_dir() || several && args.decoy.is_none() => {
            fs::create_dir_all(path)
                .with_context(|| format!("cannot make the folder `{}`", path.display()))?;
            Ok(Some(path.join(file)))
        }
        Some(path) => Ok(Some(path.clone())),
    }
}

fn give(path: Option<&Path>, receipt: &Receipt) -> anyhow::Result<()> {
    let Some(path) = path else {
        write!(io::stdout(), "{receipt}")?;
        return Ok(());
    };
    super::folder::write(path, receipt.to_string().as_bytes())
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    writeln!(io::stdout(), "receipt in `{}`", path.display())?;
    Ok(())
}

fn give_opening(path: &Path, receipt: Receipt, opening: Opening) -> anyhow::Result<()> {
    let text = Disclosure { opening, receipt }.to_text();
    private_file::create(path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    writeln!(io::stdout(), "opening in `{}`: show it to nobody but the overseer", path.display())?;
    Ok(())
}
