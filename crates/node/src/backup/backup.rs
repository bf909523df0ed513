//! `portcullis backup`.

use super::progress::Bar;
use super::{key_words, say, short, sync_folder};
use crate::environment::Environment;
use crate::exit::Outcome;
use crate::lists::Place;
use crate::report::words;
use anyhow::Context;
use portcullis_keys::{Keyring, Unlock};
use portcullis_store::{BackupSummary, Database, verify_backup};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Copy what is kept to one file, while the node works
///
/// The file holds everything at one moment: decisions, alerts, events, the log. What is protected
/// stays encrypted in it. The keyring is not in it, and without the keyring nobody can read or
/// restore it: keep a copy of the keyring, and of what unlocks it, in another place.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis backup /mnt/safe/portcullis-monday.backup
  portcullis backup --check /mnt/safe/portcullis-monday.backup
  portcullis backup --shredded-list /mnt/elsewhere/shredded.txt")]
pub(crate) struct Args {
    /// The file to write
    #[arg(value_name = "FILE", required_unless_present = "shredded_list")]
    file: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, conflicts_with = "check")]
    force: bool,
    /// Read a backup from end to end instead, and say whether it is whole
    #[arg(long, requires = "file")]
    check: bool,
    /// Also write the list of what was shredded so far, in place of an older one
    ///
    /// It holds numbers only. Keep it with the copy of the keyring: should the newest keyring be lost,
    /// an older one and this list still leave out what was erased.
    #[arg(long, value_name = "LIST", conflicts_with = "check")]
    shredded_list: Option<PathBuf>,
}

/// Does it.
#[expect(clippy::needless_pass_by_value, reason = "as every command takes its arguments")]
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    match &args.file {
        Some(file) if args.check => return check(file, environment),
        Some(file) => anyhow::ensure!(
            args.force || !file.exists(),
            "`{}` is there already; name another file, or say --force to write over it",
            file.display()
        ),
        None => {}
    }
    let place = Place::new(environment);
    let mut store = place
        .existing_store()?
        .with_context(|| format!("there is no store in `{}`", place.folder().display()))?;
    if let Some(file) = &args.file {
        write(file, args.force, &place, &mut store, environment)?;
    }
    if let Some(list) = &args.shredded_list {
        let text = store.shredded_list()?.to_text();
        put(list, true, |out| Ok(out.write_all(text.as_bytes())?))?;
        say(&format!("List of what was shredded written to `{}`.", list.display()))?;
    }
    Ok(Outcome::Clear)
}

/// Writes a file whole, for its owner alone, and puts it in its place in one step.
fn put<T>(
    file: &Path,
    over: bool,
    contents: impl FnOnce(&mut dyn Write) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let unwritten = || format!("cannot write `{}`", file.display());
    // Readable for its owner alone; gone again if anything goes wrong.
    let new = tempfile::Builder::new()
        .prefix(".portcullis-backup-")
        .tempfile_in(folder)
        .with_context(unwritten)?;
    let mut out = BufWriter::new(new.as_file());
    let value = contents(&mut out)?;
    out.flush().with_context(unwritten)?;
    drop(out);
    new.as_file().sync_all().with_context(unwritten)?;
    let placed = if over { new.persist(file) } else { new.persist_noclobber(file) };
    placed.map_err(|error| error.error).with_context(unwritten)?;
    sync_folder(folder).with_context(unwritten)?;
    Ok(value)
}

fn write(
    file: &Path,
    over: bool,
    place: &Place,
    store: &mut Database,
    environment: &Environment,
) -> anyhow::Result<()> {
    let now = environment.clock.now();
    let bar = Bar::new("copying");
    let summary =
        put(file, over, |out| Ok(store.back_up(out, now, &mut |progress| bar.show(progress))?));
    bar.clear();
    let summary = summary?;
    store.note_backup(now).context("the backup is made, and when could not be noted")?;
    say(&told(&format!("Backup written to `{}`.", file.display()), &summary))?;
    say(&format!(
        "Keep with it, but in another place: a copy of the keyring `{}`, and {}. Without both \
         nobody can restore it. After anything is erased, replace every copy of the keyring: an \
         older one still opens what was erased.",
        place.keyring_path().display(),
        key_words(&environment.key),
    ))?;
    if lies_in(file, place.folder()) {
        say("It lies in the data folder: move it to another disk, or it is lost with the store.")?;
    }
    Ok(())
}

fn check(file: &Path, environment: &Environment) -> anyhow::Result<Outcome> {
    let name = file.display();
    let from = File::open(file).with_context(|| format!("cannot read `{name}`"))?;
    let bar = Bar::new("reading");
    let summary = verify_backup(BufReader::new(from), &mut |progress| bar.show(progress));
    bar.clear();
    let summary = summary.with_context(|| format!("`{name}` is of no use"))?;
    say(&told(&format!("`{name}` is whole."), &summary))?;
    let place = Place::new(environment);
    let Some(keyring) = keyring(&place, environment)? else {
        say("Whether this node made it is not known: its keyring is not at hand.")?;
        return Ok(Outcome::Clear);
    };
    summary.check(&keyring).with_context(|| format!("`{name}` is of no use here"))?;
    say("A node with this keyring made it.")?;
    Ok(Outcome::Clear)
}

fn keyring(place: &Place, environment: &Environment) -> anyhow::Result<Option<Keyring>> {
    let path = place.keyring_path();
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
        }
    };
    let unlock: Unlock = crate::key_file::unlock(&environment.key, &path, &place.store_path())?;
    Keyring::unlock(&bytes, &unlock)
        .map(Some)
        .with_context(|| format!("cannot unlock the keyring `{}`", path.display()))
}

fn told(first: &str, summary: &BackupSummary) -> String {
    let of = |table: &str| {
        let rows = summary.rows.iter().find(|(name, _)| *name == table);
        words::count(rows.map_or(0, |(_, rows)| *rows))
    };
    let mut text = format!(
        "{first} It holds {} events, {} decisions and {} pairs shown, as of {}, in {} bytes. Its \
         digest begins with {}.",
        of("event"),
        of("decision"),
        of("raised"),
        summary.header.made_at.strftime("%-d %B %Y, %H:%M:%S UTC"),
        words::count(summary.bytes),
        short(summary.digest),
    );
    for log in &summary.header.logs {
        let leaves = words::count(log.size);
        let witnessed = match log.witnessed {
            0 => "none witnessed".to_owned(),
            some => format!("of which {} are witnessed", words::count(some)),
        };
        // Writing to a text doesn't fail.
        let _ = write!(text, " The log `{}` has {leaves} leaves, {witnessed}.", log.origin);
    }
    text
}

fn lies_in(file: &Path, folder: &Path) -> bool {
    let real = |path: &Path| fs::canonicalize(path).ok();
    real(file).zip(real(folder)).is_some_and(|(file, folder)| file.starts_with(folder))
}
