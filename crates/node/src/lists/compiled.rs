//! Compiled indexes, kept so that screening starts at once. They are never trusted: an index that
//! is damaged, of another version or of other issues is compiled anew.

use super::place::{Place, short};
use super::{progress, say};
use crate::private_file;
use anyhow::Context;
use portcullis_decide::{Digest, KeptList};
use portcullis_matching::{Index, MODEL, NORMALISER};
use portcullis_types::{Dossier, ListVersion, SourceId};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// First bytes of the file, with the version of this frame around an index.
const MAGIC: [u8; 8] = *b"PCULIX\x00\x01";

/// Why a kept index is not used.
#[derive(Debug, PartialEq, Eq)]
enum Unusable {
    Missing,
    Because(String),
}

/// The index over the current issues of these lists. `read` gives their records when it has to be
/// compiled.
pub(super) fn load_or_build(
    place: &Place,
    lists: &[&KeptList],
    read: impl FnOnce() -> anyhow::Result<Vec<Dossier>>,
) -> anyhow::Result<Index> {
    let key = key(lists);
    let path = path(place, key);
    match load(&path, key, lists) {
        Ok(index) => return Ok(index),
        Err(Unusable::Missing) => {}
        Err(Unusable::Because(why)) => {
            say(&format!("the compiled index is not used, because {why}; compiling it anew"));
        }
    }
    Ok(build(place, lists, read()?))
}

/// Compiles these records and keeps the index for the current issues of these lists.
pub(super) fn build(place: &Place, lists: &[&KeptList], dossiers: Vec<Dossier>) -> Index {
    let bar = progress::spinner("compiling the index".to_owned());
    let index = Index::build(dossiers);
    let key = key(lists);
    let kept = save(&path(place, key), key, &index);
    bar.finish_and_clear();
    if let Err(error) = kept {
        // Screening can go on without it.
        say(&format!("the compiled index cannot be kept for next time: {error:#}"));
    }
    index
}

/// Deletes what was compiled of other issues than these.
pub(super) fn clear(place: &Place, keep: Option<&KeptList>) {
    let keep = keep.map(|list| path(place, key(&[list])));
    let Ok(entries) = fs::read_dir(place.compiled_folder()) else { return };
    for entry in entries.flatten().filter(|entry| Some(entry.path()) != keep) {
        // An index that stays takes room and is otherwise harmless: its key no longer fits.
        let _ = fs::remove_file(entry.path());
    }
}

fn path(place: &Place, key: Digest) -> PathBuf {
    place.compiled_folder().join(format!("{}.index", short(key)))
}

/// Digest over everything the index depends on, in an order of its own.
fn key(lists: &[&KeptList]) -> Digest {
    let lists: BTreeSet<_> = lists
        .iter()
        .map(|list| (&list.source, &list.format, list.current.digest, &list.current.version))
        .collect();
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    add(NORMALISER.as_bytes());
    add(MODEL.as_bytes());
    for (source, format, digest, version) in lists {
        add(source.as_str().as_bytes());
        add(format.as_bytes());
        add(digest.as_bytes());
        add(version.as_str().as_bytes());
    }
    Digest::from_bytes(hash.finalize().into())
}

fn load(path: &Path, key: Digest, lists: &[&KeptList]) -> Result<Index, Unusable> {
    let because = |why: &str| Unusable::Because(why.to_owned());
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unusable::Missing),
        Err(error) => return Err(Unusable::Because(format!("it cannot be read: {error}"))),
    };
    let damaged = || because("it is damaged");
    let rest = bytes.strip_prefix(&MAGIC).ok_or_else(damaged)?;
    let (found, rest) = rest.split_at_checked(32).ok_or_else(damaged)?;
    if found != key.as_bytes() {
        return Err(because("it belongs to other issues"));
    }
    let index = Index::from_bytes(rest).map_err(|error| Unusable::Because(error.to_string()))?;
    let wanted: BTreeSet<(&SourceId, &ListVersion)> =
        lists.iter().map(|list| (&list.source, &list.current.version)).collect();
    let found: BTreeSet<_> =
        index.origins().iter().map(|origin| (&origin.source, &origin.version)).collect();
    if found == wanted { Ok(index) } else { Err(because("it belongs to other issues")) }
}

fn save(path: &Path, key: Digest, index: &Index) -> anyhow::Result<()> {
    let bytes = index.to_bytes().context("the index cannot be written")?;
    let folder = path.parent().context("an index lies in a folder")?;
    private_file::create_folder(folder)?;
    // Whole or not at all: a reader never sees half an index.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(&MAGIC)?;
    file.write_all(key.as_bytes())?;
    file.write_all(&bytes)?;
    file.as_file().sync_all()?;
    let file: File = file.persist(path)?;
    drop(file);
    Ok(())
}
