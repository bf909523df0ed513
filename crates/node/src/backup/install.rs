//! Puts a restored store where the node looks for it, and the one that was there aside.

use crate::private_file;
use anyhow::Context;
use jiff::Timestamp;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The files that `SQLite` and the store keep beside the store's own.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

/// What says how far a store had got. The last to be moved: until then, a store that is not whole
/// is noticed when it is opened.
const MARK: &str = "-mark";

/// The file beside a store that has this ending.
pub(super) fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_os_string();
    name.push(ending);
    store.with_file_name(name)
}

/// Moves the new store into place. Says where the old one is, where there was one.
pub(super) fn install(
    new: &Path,
    place: &Path,
    replace: bool,
    now: Timestamp,
) -> anyhow::Result<Option<PathBuf>> {
    let failed = || format!("cannot put the store in place of `{}`", place.display());
    let aside = if replace && leftovers(place).any(|path| path.exists()) {
        Some(make_room(place, now).with_context(failed)?)
    } else {
        None
    };
    // A log of another store beside this one would be played into it.
    for path in BESIDE.map(|ending| beside(place, ending)) {
        anyhow::ensure!(
            !path.exists(),
            "`{}` belongs to a store that is not there; say --replace to have it moved aside",
            path.display()
        );
    }
    let install = || -> io::Result<()> {
        fs::rename(new, place)?;
        if let Some(aside) = &aside {
            move_into(&beside(place, MARK), aside)?;
        }
        match fs::rename(beside(new, MARK), beside(place, MARK)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    };
    install().with_context(failed)?;
    Ok(aside)
}

fn leftovers(place: &Path) -> impl Iterator<Item = PathBuf> {
    ["", "-wal", "-shm", MARK].into_iter().map(|ending| beside(place, ending))
}

/// Puts the old store into a folder of its own. It stays in its place under a second name until the
/// new one takes that, so that there is never no store.
fn make_room(place: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let name = format!("replaced-{}", now.strftime("%Y%m%dT%H%M%SZ"));
    let mut aside = place.with_file_name(&name);
    for number in 2.. {
        if !aside.exists() {
            break;
        }
        aside = place.with_file_name(format!("{name}-{number}"));
    }
    private_file::create_folder(&aside)?;
    for ending in BESIDE {
        move_into(&beside(place, ending), &aside)?;
    }
    if place.exists() {
        let to = aside.join(place.file_name().unwrap_or_default());
        // Not every file system knows second names.
        if fs::hard_link(place, &to).is_err() {
            fs::rename(place, &to)?;
        }
    }
    Ok(aside)
}

fn move_into(path: &Path, folder: &Path) -> io::Result<()> {
    match fs::rename(path, folder.join(path.file_name().unwrap_or_default())) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
