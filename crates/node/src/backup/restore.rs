//! `portcullis restore`.

use super::install::{beside, install};
use super::progress::Bar;
use super::{say, short, sync_folder};
use crate::environment::{Environment, SystemRng};
use crate::exit::Outcome;
use crate::lists::Place;
use crate::private_file;
use crate::report::words;
use anyhow::Context;
use portcullis_keys::ShreddedList;
use portcullis_store::{Progress, RestoreOrder, Restored, Restoring};
use portcullis_types::{Actor, OfficerId};
use std::fs::{self, File};
use std::io::{BufReader, Write as _};
use std::path::PathBuf;

/// Put what is kept back from a backup
///
/// Put the newest copy of the keyring in place first; the backup does not hold it. What was erased
/// since the backup stays erased. Others may have seen more of the log than the backup has, so it is
/// not gone on with: a new log is opened, with a signed note that ties it to the old one. Stop the
/// node before. With --store it is restored into an empty database of `PostgreSQL`, whatever the backup
/// was made from.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  portcullis restore /mnt/safe/portcullis-monday.backup --officer a.officer
  portcullis restore monday.backup --replace --witnessed checkpoint.txt --officer a.officer
  portcullis --store postgres://node@db.example/portcullis restore monday.backup --officer a.officer")]
pub(crate) struct Args {
    /// The backup
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Your account name, for the record; names of jobs and shared accounts are refused
    #[arg(long, value_name = "NAME", visible_alias = "by", value_parser = crate::decisions::officer)]
    officer: OfficerId,
    /// A list of what was shredded, if the keyring at hand may not be the newest
    #[arg(long, value_name = "FILE")]
    shredded_list: Option<PathBuf>,
    /// A checkpoint of the log that somebody else holds, such as its witness, newer than the backup
    #[arg(long, value_name = "FILE")]
    witnessed: Option<PathBuf>,
    /// Move a store that is there aside, into a folder beside it; nothing of it is deleted
    #[arg(long)]
    replace: bool,
}

/// Does it.
#[expect(clippy::needless_pass_by_value, reason = "as every command takes its arguments")]
pub(crate) fn run(args: Args, environment: &mut Environment) -> anyhow::Result<Outcome> {
    let place = Place::new(environment);
    let data = place.folder();
    let server = environment.server.clone();
    anyhow::ensure!(
        server.is_none() || !args.replace,
        "a store in PostgreSQL is not moved aside: name an empty database with --store, and keep the \
         old one until all is well"
    );
    anyhow::ensure!(
        args.replace || server.is_some() || !place.store_path().exists(),
        "there is a store in `{}` already; say --replace to have it moved aside, or name another \
         data folder",
        data.display()
    );
    anyhow::ensure!(
        place.keyring_path().exists(),
        "the keyring `{}` is missing; put the newest copy of it there first, for the backup cannot \
         be read without it",
        place.keyring_path().display()
    );
    let keyring = place.keyring()?;
    let name = args.file.display();
    let mut backup =
        BufReader::new(File::open(&args.file).with_context(|| format!("cannot read `{name}`"))?);
    let shredded = args.shredded_list.as_deref().map(shredded_list).transpose()?;
    let witnessed = args.witnessed.as_deref().map(read).transpose()?;
    let organisation = crate::decisions::organisation();
    let order = RestoreOrder {
        organisation: &organisation,
        actor: Actor::Officer(args.officer.clone()),
        shredded: shredded.as_ref(),
        witnessed: witnessed.as_deref(),
    };
    let bar = Bar::new("restoring");
    let mut show = |progress: Progress| bar.show(progress);
    let clock = environment.clock.as_ref();
    let restoring = Restoring::new(clock, Box::new(SystemRng), &order, &mut show);
    let nothing = || format!("nothing was restored from `{name}`");
    if let Some(address) = server {
        let restored = restoring.into_postgres(address.reveal(), keyring, &mut backup);
        bar.clear();
        let restored = restored.with_context(nothing)?;
        tell(&restored)?;
        return Ok(Outcome::Clear);
    }
    private_file::create_folder(data)
        .with_context(|| format!("cannot make the data folder `{}`", data.display()))?;
    // Made whole beside its place first; gone again if anything goes wrong.
    let folder = tempfile::Builder::new().prefix(".restoring-").tempdir_in(data);
    let folder = folder.with_context(|| format!("cannot make a folder in `{}`", data.display()))?;
    private_file::close_folder(folder.path())?;
    let new = folder.path().join("portcullis.db");
    private_file::create_new(&new).context("cannot make the store")?;
    let restored = restoring.into_sqlite(&new, keyring, &mut backup);
    bar.clear();
    let restored = restored.with_context(nothing)?;
    // All of it is in the one file once the store was closed.
    anyhow::ensure!(
        !beside(&new, "-wal").exists(),
        "the new store could not be closed, and nothing was put in place; see that there is room"
    );
    File::open(&new)?.sync_all()?;
    let now = clock.now();
    let aside = install(&new, &place.store_path(), args.replace, now)?;
    sync_folder(data)?;
    if let Some(aside) = aside {
        say(&format!("The store that was there is in `{}` now.", aside.display()))?;
    }
    tell(&restored)?;
    Ok(Outcome::Clear)
}

fn read(path: &std::path::Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))
}

fn shredded_list(path: &std::path::Path) -> anyhow::Result<ShreddedList> {
    let list = read(path)?.parse();
    list.with_context(|| format!("cannot use the list `{}`", path.display()))
}

fn tell(restored: &Restored) -> anyhow::Result<()> {
    let Restored { backup, erased, first_record, logs, watched, .. } = restored;
    say(&format!(
        "Restored {} rows as of {}, from the backup whose digest begins with {}.",
        words::count(backup.all_rows()),
        backup.header.made_at.strftime("%-d %B %Y, %H:%M:%S UTC"),
        short(backup.digest),
    ))?;
    say("Everything that was done after that moment is lost, and must be done again.")?;
    if *erased > 0 {
        let records = words::several(*erased, "record", "records");
        say(&format!("{records} of the backup had been erased since, and stayed erased."))?;
    }
    for log in logs {
        let size = words::count(log.size);
        say(&match log.witnessed {
            None => format!(
                "No checkpoint of the log `{}` is known to have been witnessed; the backup has {size} \
                 leaves of it.",
                log.old
            ),
            Some(witnessed) => format!(
                "The last witnessed checkpoint of the log `{}` has {} leaves, the backup {size}: {} \
                 are known to be lost.",
                log.old,
                words::count(witnessed),
                words::count(log.lost),
            ),
        })?;
        say(&format!(
            "That log is closed. The new one is `{}`, and {} for it. Give this note, which ties \
             it to the old one, to its witnesses and to whoever checks it; `portcullis audit export` \
             writes it into `links/`, too:",
            log.new,
            words::several(log.waiting, "leaf waits", "leaves wait"),
        ))?;
        // As it is: whoever checks it needs every byte. A name in it holds no control character.
        writeln!(anstream::stdout().lock(), "\n{}", log.link)?;
    }
    if *watched > 0 {
        say(&format!(
            "This node witnesses {} of others, and what it cosigned after the backup is forgotten. \
             It cosigns each of them again once its last cosigned checkpoint was given to `portcullis \
             audit witness accept`. Logs that it began to witness after the backup it doesn't know: \
             have theirs accepted, too.",
            words::several(*watched, "log", "logs"),
        ))?;
    }
    say(&format!("New records are numbered from {}.", words::count(*first_record)))?;
    Ok(())
}
