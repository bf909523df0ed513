//! `portcullis audit witness`: overseers watch that a log only grows.
//!
//! The log and the witness need no connection: what `add-checkpoint` of C2SP tlog-witness sends goes
//! by file.

use super::folder::{ExportFolder, read, write};
use super::{log, now_us};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome as Exit;
use crate::lists::Place;
use crate::report::words::{plain, several};
use anyhow::{Context, bail, ensure};
use clap::Subcommand;
use portcullis_audit::{
    AddCheckpoint, Answer, Checkpoint, KeyKind, KeyName, KnownLog, Note, Outcome, Policy,
    SignatureLine, Tree, VerifierKey, read_cosignatures, read_size,
};
use portcullis_store::{Log, LogView};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// How many checkpoints, from the latest back, a cosignature is tried on.
const MOST_TRIED: u64 = 10_000;

/// Watch that a log only grows: request, cosign, add, accept, key
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

const AFTER: &str = "\
Examples:
  The party asks, with what the witness saw last:
    portcullis audit export log
    portcullis audit witness request --log log --old 512 --out request
  The overseer, where the log is watched by its key:
    portcullis audit witness cosign request --name overseer.example --log KEY --out cosignature
  The party keeps what came back:
    portcullis audit witness add cosignature --witness KEY";

#[derive(Debug, Subcommand)]
enum Verb {
    Request(RequestArgs),
    Cosign(CosignArgs),
    Add(AddArgs),
    Accept(AcceptArgs),
    Key(KeyArgs),
}

/// Ask a witness to cosign the checkpoint of an export
#[derive(Debug, clap::Args)]
struct RequestArgs {
    /// The folder with the export
    #[arg(long, value_name = "DIR")]
    log: PathBuf,

    /// Leaves that the witness has seen last; 0 for a new one
    #[arg(long, value_name = "SIZE")]
    old: u64,

    /// Where the request goes [default: printed]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// As a witness: cosign a checkpoint, if the log only grew since the last one seen
///
/// What was seen is kept before the cosignature is given. A log that went back or shows another history
/// is refused, and it is said what was seen.
#[derive(Debug, clap::Args)]
struct CosignArgs {
    /// The request
    #[arg(value_name = "REQUEST")]
    request: PathBuf,

    /// Keys of the logs that are watched
    #[arg(long, value_name = "VKEY", required_unless_present = "policy")]
    log: Vec<VerifierKey>,

    /// Policy file that names the logs that are watched
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,

    #[command(flatten)]
    name: NameArgs,

    /// Where the cosignature goes [default: printed]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Keep the cosignature of a witness with the log
#[derive(Debug, clap::Args)]
struct AddArgs {
    /// What the witness sent back
    #[arg(value_name = "COSIGNATURE")]
    cosignature: PathBuf,

    /// Key of the witness
    #[arg(long, value_name = "VKEY", required_unless_present = "policy")]
    witness: Vec<VerifierKey>,

    /// Policy file that names the witnesses
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

/// As a witness, after a restore: say what was cosigned last
///
/// A backup may be older than the last cosignature, so nothing more is cosigned of a log until its last
/// checkpoint with this node's own cosignature is handed in. It must be at least as large as what the
/// backup knows. All rests on its being the newest: that none was cosigned after it can't be told from
/// it. So ask not the log alone, but also those who check it, and take the largest.
#[derive(Debug, clap::Args)]
struct AcceptArgs {
    /// The checkpoint, with the cosignature that this node gave
    #[arg(value_name = "CHECKPOINT")]
    checkpoint: PathBuf,

    #[command(flatten)]
    name: NameArgs,
}

/// Print the key with which this node cosigns
#[derive(Debug, clap::Args)]
struct KeyArgs {
    #[command(flatten)]
    name: NameArgs,
}

#[derive(Debug, clap::Args)]
struct NameArgs {
    /// What this witness is called, always the same: a name under a domain of yours
    #[arg(long, value_name = "NAME", env = "PORTCULLIS_WITNESS_NAME")]
    name: KeyName,
}

pub(super) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Exit> {
    match args.verb {
        Verb::Request(args) => request(&args),
        Verb::Cosign(args) => cosign(&args, environment),
        Verb::Add(args) => add(&args, environment),
        Verb::Accept(args) => accept(&args, environment),
        Verb::Key(args) => {
            let key = Place::new(environment).store()?.witness_key(&args.name.name);
            writeln!(io::stdout(), "{key}")?;
            Ok(Exit::Clear)
        }
    }
}

fn given(path: &Path) -> anyhow::Result<Vec<u8>> {
    let bytes = read(path).and_then(|bytes| bytes.ok_or(io::ErrorKind::NotFound.into()));
    bytes.with_context(|| format!("cannot read `{}`", path.display()))
}

fn give(out: Option<&Path>, bytes: &[u8]) -> anyhow::Result<()> {
    match out {
        None => io::stdout().write_all(bytes)?,
        Some(path) => {
            write(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))?;
        }
    }
    Ok(())
}

fn request(args: &RequestArgs) -> anyhow::Result<Exit> {
    let folder = ExportFolder::new(&args.log);
    let bytes = given(&folder.path("checkpoint"))?;
    let checkpoint = Note::parse(&bytes).context("`checkpoint` is damaged")?;
    let size = folder.size();
    ensure!(
        args.old <= size,
        "the export has {}, and the witness has seen {}; export anew",
        several(size, "leaf", "leaves"),
        args.old
    );
    let proof = Tree::new(&folder, size).consistency(args.old).context("the export is damaged")?;
    let request = AddCheckpoint { old_size: args.old, proof, checkpoint };
    give(args.out.as_deref(), &request.to_bytes())?;
    Ok(Exit::Clear)
}

fn known(args: &CosignArgs) -> anyhow::Result<Vec<KnownLog>> {
    let mut keys = args.log.clone();
    if let Some(path) = &args.policy {
        keys.extend(policy(path)?.logs().map(|(key, _)| key.clone()));
    }
    ensure!(
        keys.iter().all(|key| key.kind() == KeyKind::Log),
        "the key of a log is needed, and one of these is of a witness"
    );
    // A log whose key is replaced has two for a while.
    let mut by_origin: BTreeMap<String, Vec<VerifierKey>> = BTreeMap::new();
    for key in keys {
        by_origin.entry(key.name().to_string()).or_default().push(key);
    }
    Ok(by_origin.into_iter().map(|(origin, keys)| KnownLog { origin, keys }).collect())
}

fn policy(path: &Path) -> anyhow::Result<Policy> {
    let refused = || format!("cannot use the policy `{}`", path.display());
    let bytes = fs::read(path).with_context(refused)?;
    Policy::parse(&bytes).with_context(refused)
}

fn cosign(args: &CosignArgs, environment: &mut Environment) -> anyhow::Result<Exit> {
    let request = given(&args.request)?;
    let logs = known(args)?;
    let time_s = now_us(environment) / 1_000_000;
    let mut store = Place::new(environment).store()?;
    let answer = store.cosign(&organisation(), time_s, &args.name.name, &logs, &request)?;
    if answer.outcome == Outcome::Cosigned {
        give(args.out.as_deref(), &answer.response.body)?;
        return Ok(Exit::Clear);
    }
    refused(&answer, &request)
}

fn accept(args: &AcceptArgs, environment: &mut Environment) -> anyhow::Result<Exit> {
    let note = given(&args.checkpoint)?;
    let mut store = Place::new(environment).needed_store()?;
    let (origin, seen) = store.accept_cosigned(&organisation(), &args.name.name, &note)?;
    writeln!(
        io::stdout(),
        "`{}` was last cosigned here with {}; what grows out of that is cosigned from now on",
        plain(&origin),
        several(seen.size, "leaf", "leaves")
    )?;
    Ok(Exit::Clear)
}

/// Says why nothing was cosigned; a log that is at fault is told apart from a request that is.
fn refused(answer: &Answer, request: &[u8]) -> anyhow::Result<Exit> {
    let head = AddCheckpoint::parse(request).ok();
    let head = head.and_then(|request| request.checkpoint.text().parse::<Checkpoint>().ok());
    let (origin, size) =
        head.map_or_else(Default::default, |head| (plain(head.origin()), head.size()));
    let seen = read_size(&answer.response.body).unwrap_or_default();
    let why = match answer.outcome {
        Outcome::OtherSize if size < seen => format!(
            "the checkpoint of `{origin}` has {size} leaves, and is older than what was cosigned here, of {seen} leaves; if it is the log's newest, it went back: an old copy was put in place, or it was rewritten. Keep the request, and ask for the log's newest checkpoint"
        ),
        Outcome::Forked => format!(
            "`{origin}` shows another history: it signed another root for the {seen} leaves that were cosigned here. Keep the request: it is evidence"
        ),
        Outcome::NotConsistent => format!(
            "`{origin}` doesn't show that its {size} leaves begin with those that were cosigned here. Keep the request, and ask for a new one"
        ),
        Outcome::OtherSize => {
            bail!(
                "this witness has seen {seen} leaves of `{origin}`; make the request anew with `--old {seen}`"
            )
        }
        Outcome::Unconfirmed => bail!(
            "this store was restored, and this witness may have cosigned more of `{origin}` since the backup: get the last checkpoint of it that has this witness's cosignature, from the log and from whoever checks it, and give it to `portcullis audit witness accept`"
        ),
        Outcome::UnknownLog => {
            bail!("this witness does not watch `{origin}`; give its key with --log")
        }
        Outcome::NotSigned => {
            bail!("the checkpoint is not signed by the key of `{origin}` that was given")
        }
        Outcome::Malformed | Outcome::Cosigned => {
            bail!("this is no request to cosign a checkpoint")
        }
    };
    writeln!(io::stdout(), "NOT COSIGNED: {why}")?;
    Ok(Exit::Unsound)
}

fn add(args: &AddArgs, environment: &mut Environment) -> anyhow::Result<Exit> {
    let body = given(&args.cosignature)?;
    let mut keys = args.witness.clone();
    if let Some(path) = &args.policy {
        keys.extend(policy(path)?.witnesses().map(|(key, _)| key.clone()));
    }
    let mut store = Place::new(environment).needed_store()?;
    let organisation = organisation();
    let (log, size, lines) = store.read_logs(&organisation, |view| find(view, &body, &keys))?;
    store.add_cosignatures(&organisation, &log, size, &lines)?;
    for line in &lines {
        writeln!(
            io::stdout(),
            "{} stands for {} of `{}`",
            plain(line.name().as_str()),
            several(size, "leaf", "leaves"),
            plain(&log.origin)
        )?;
    }
    Ok(Exit::Clear)
}

/// The checkpoint that cosignatures are of, with those that hold.
fn find(
    view: &LogView<'_, '_>,
    body: &[u8],
    keys: &[VerifierKey],
) -> anyhow::Result<(Log, u64, Vec<SignatureLine>)> {
    let log = log(view, None)?;
    let per_interval = u64::from(log.pace.per_interval());
    let last = view.size(&log)?.checked_div(per_interval).unwrap_or_default();
    for interval in (1..=last).rev().take(usize::try_from(MOST_TRIED).unwrap_or(usize::MAX)) {
        let size = log.pace.size_after(interval);
        let Some(stored) = view.checkpoint(&log, size)? else { continue };
        let note = Note::parse(stored.note.as_bytes())
            .context("the log in the store is damaged; run `portcullis doctor`")?;
        let checkpoint: Checkpoint = note.text().parse()?;
        let lines = read_cosignatures(body, &checkpoint, keys)
            .context("this is no cosignature of a witness")?;
        if !lines.is_empty() {
            return Ok((log, size, lines));
        }
    }
    bail!(
        "no checkpoint of `{}` has this cosignature by one of these witnesses: it was altered, or is of another log or witness",
        plain(&log.origin)
    )
}
