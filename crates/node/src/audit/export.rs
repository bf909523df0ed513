//! `portcullis audit export`.

use super::folder::{ExportFolder, write};
use super::{bar, log, time};
use crate::decisions::organisation;
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words::several;
use anyhow::{Context, bail, ensure};
use portcullis_audit::{Checkpoint, Note, Tile, TileSource, Tree, VerifierKey};
use portcullis_store::{Log, LogView};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Write the log to a folder that anybody may have
///
/// The folder holds the log as C2SP tlog-tiles has it: to be put on a web server, sent to an
/// overseer, or checked with `audit verify` and with other programs. It tells nothing of what
/// happened, nor how much did. Written to again, it gets what is new.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder; made where there is none
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// An earlier log, by its origin, in place of the one that is open
    #[arg(long, value_name = "ORIGIN")]
    log: Option<String>,
}

pub(super) fn run(args: &Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let mut store = Place::new(environment).needed_store()?;
    fs::create_dir_all(&args.folder)
        .with_context(|| format!("cannot make the folder `{}`", args.folder.display()))?;
    let _lock = lock(&args.folder)
        .with_context(|| format!("cannot lock the folder `{}`", args.folder.display()))?;
    let (size, written) =
        store.read_logs(&organisation(), |view| export(args, environment, view))?;
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "{} in `{}`, {} new",
        several(size, "leaf", "leaves"),
        args.folder.display(),
        several(written, "file", "files")
    )?;
    Ok(Outcome::Clear)
}

/// Held while the folder is written; let go when dropped.
fn lock(folder: &Path) -> io::Result<File> {
    let file = File::create(folder.join(".lock"))?;
    file.lock()?;
    Ok(file)
}

fn export(
    args: &Args,
    environment: &Environment,
    view: &LogView<'_, '_>,
) -> anyhow::Result<(u64, u64)> {
    let log = log(view, args.log.as_deref())?;
    let size = view.size(&log)?;
    let Some(checkpoint) = view.checkpoint(&log, size)? else {
        let first = log.pace.boundary(1);
        if first <= super::now_us(environment) {
            bail!("the log has no checkpoint yet; make it with `portcullis audit sequence`");
        }
        bail!("the log has no checkpoint yet; the first is made at {}", time(first));
    };
    let key = view.key(&log).context("the origin of the log is damaged")?;
    let folder = ExportFolder::new(&args.folder);
    let tiles = view.tiles(&log);
    check_before(&folder, &tiles, size, &key)?;
    let mut written = write_tiles(&folder, &tiles, size)?;
    let mut put = |name: &str, bytes: &[u8]| -> anyhow::Result<()> {
        if folder.read(name).ok().flatten().as_deref() != Some(bytes) {
            let path = folder.path(name);
            let refused = || format!("cannot write `{}`", path.display());
            write(&path, bytes)
                .and_then(|()| File::open(&path)?.sync_all())
                .with_context(refused)?;
            written += 1;
        }
        Ok(())
    };
    let mut keys = String::new();
    for (number, one) in (1..).zip(up_to(view, &log)?) {
        let key = view.key(&one).context("the origin of a log is damaged")?;
        let _ = writeln!(keys, "{key}");
        if let Some(link) = &one.link {
            put(&format!("links/{number}"), link.as_bytes())?;
        }
    }
    put("vkeys", keys.as_bytes())?;
    // Last: until it is there, the folder holds the log as it was, and all that it needs.
    put("checkpoint", checkpoint.note.as_bytes())?;
    remove_outgrown(&folder, size);
    Ok((size, written))
}

/// The logs up to this one.
fn up_to(view: &LogView<'_, '_>, log: &Log) -> anyhow::Result<Vec<Log>> {
    let mut logs = view.logs()?;
    logs.retain(|one| one.number <= log.number);
    Ok(logs)
}

/// Refuses a folder that holds another log, or what this log never was.
fn check_before<S: TileSource>(
    folder: &ExportFolder,
    tiles: &S,
    size: u64,
    key: &VerifierKey,
) -> anyhow::Result<()> {
    let path = folder.path("checkpoint");
    let Some(bytes) = folder.read("checkpoint").context("cannot read `checkpoint`")? else {
        return Ok(());
    };
    let another =
        || format!("`{}` is not of this log, or was altered; name another folder", path.display());
    let note = Note::parse(&bytes).with_context(another)?;
    note.verify([key]).with_context(another)?;
    let before: Checkpoint = note.text().parse().with_context(another)?;
    ensure!(before.origin() == key.name().as_str(), another());
    let grew = before.size() <= size
        && Tree::new(tiles, size).root_at(before.size()).context("cannot read the log")?
            == before.root();
    ensure!(
        grew,
        "`{}` was signed by this log and is not of what the store now holds: an old copy of the store was put in its place, or the log was rewritten; keep the folder as evidence, and run `portcullis doctor`",
        path.display()
    );
    Ok(())
}

/// Writes the tiles that are not there yet; says how many.
fn write_tiles<S: TileSource>(folder: &ExportFolder, tiles: &S, size: u64) -> anyhow::Result<u64> {
    let before = folder.size();
    let there = |tile: Tile| {
        Tile::of(tile.kind(), tile.index(), before) == Some(tile) && folder.tile(tile).exists()
    };
    let new: Vec<Tile> = Tile::all(size).filter(|tile| !there(*tile)).collect();
    let bar = bar("writing tiles", new.len() as u64);
    for tile in &new {
        let bytes = tiles.read(*tile).context("cannot read the log")?;
        let bytes =
            bytes.with_context(|| format!("the log has no `{tile}`; run `portcullis doctor`"))?;
        write(&folder.tile(*tile), &bytes).with_context(|| format!("cannot write `{tile}`"))?;
        bar.inc(1);
    }
    bar.set_message("making sure of them");
    bar.set_position(0);
    // A tile that the checkpoint covers is never written again, so it must survive a power cut.
    for tile in &new {
        File::open(folder.tile(*tile))
            .and_then(|file| file.sync_all())
            .with_context(|| format!("cannot write `{tile}`"))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(new.len() as u64)
}

/// Removes tiles at the edge of the log as it was, in the place of which there are wider ones now.
fn remove_outgrown(folder: &ExportFolder, size: u64) {
    for tile in Tile::all(folder.size()) {
        let now = Tile::of(tile.kind(), tile.index(), size);
        if now.is_some_and(|now| now.width() > tile.width()) {
            let path = folder.tile(tile);
            // One that stays takes room and is otherwise harmless.
            let _ = fs::remove_file(&path);
            let _ = path.parent().map(fs::remove_dir);
        }
    }
}
