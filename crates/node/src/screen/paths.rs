//! Which files a screening may write to: none that it reads, and no two of them the same.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// A file to be written, and the option that names it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written<'a> {
    /// As the user knows it.
    pub(crate) option: &'static str,
    /// Where it goes.
    pub(crate) path: &'a Path,
}

/// Why a file may not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PathError {
    /// It is read too.
    #[error(
        "`{option} {}` would write over `{}`, which is to be read; name another file",
        written.display(),
        read.display()
    )]
    Read {
        /// The option.
        option: &'static str,
        /// The file to be written.
        written: PathBuf,
        /// The same file, as it is named for reading.
        read: PathBuf,
    },
    /// Something else is written there.
    #[error("`{one}` and `{other}` are both `{}`; give each a file of its own", path.display())]
    WrittenTwice {
        /// One option.
        one: &'static str,
        /// The other.
        other: &'static str,
        /// The file.
        path: PathBuf,
    },
    /// It lies where lists and decisions are kept.
    #[error(
        "`{option} {}` lies in the folder that keeps lists and decisions; name another folder",
        path.display()
    )]
    Kept {
        /// The option.
        option: &'static str,
        /// The file.
        path: PathBuf,
    },
}

/// Refuses to write over what is read, over what is kept in the data folder, or twice to one file.
pub(crate) fn check(
    read: &[PathBuf],
    written: &[Written<'_>],
    data: &Path,
) -> Result<(), PathError> {
    for (place, one) in written.iter().enumerate() {
        let (option, path) = (one.option, one.path);
        if let Some(read) = read.iter().find(|read| is_same(&as_file(read), path)) {
            let (written, read) = (path.to_owned(), read.clone());
            return Err(PathError::Read { option, written, read });
        }
        let other = written.iter().skip(place + 1).find(|other| is_same(other.path, path));
        if let Some(other) = other {
            let path = path.to_owned();
            return Err(PathError::WrittenTwice { one: option, other: other.option, path });
        }
        let within = |data: PathBuf| resolved(path).is_some_and(|path| path.starts_with(data));
        if data.canonicalize().is_ok_and(within) {
            return Err(PathError::Kept { option, path: path.to_owned() });
        }
    }
    Ok(())
}

/// Whether two paths lead to one file, by whichever way: links count, and so do names of one file
/// that does not exist yet. Devices and pipes hold nothing that could be lost.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    match (one.metadata(), other.metadata()) {
        (Ok(a), Ok(b)) if !a.is_file() || !b.is_file() => false,
        (Ok(a), Ok(b)) if is_one_inode(&a, &b) => true,
        _ => resolved(one).is_some_and(|one| resolved(other) == Some(one)),
    }
}

#[cfg(unix)]
fn is_one_inode(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_one_inode(_: &Metadata, _: &Metadata) -> bool {
    false
}

/// The path without links. The file itself need not exist, its folder must.
fn resolved(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(folder.join(path.file_name()?))
    })
}

/// Standard input may be a file too.
fn as_file(read: &Path) -> PathBuf {
    let is_standard_input = cfg!(unix) && read.as_os_str() == "-";
    if is_standard_input { PathBuf::from("/dev/stdin") } else { read.to_owned() }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn one_file_is_known_by_all_its_names() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "x").unwrap();
        fs::write(path("b"), "x").unwrap();
        fs::create_dir(path("inner")).unwrap();
        fs::hard_link(path("a"), path("hard")).unwrap();
        std::os::unix::fs::symlink(path("a"), path("soft")).unwrap();
        for name in ["a", "hard", "soft", "inner/../a"] {
            assert!(is_same(&path("a"), &path(name)), "{name}");
        }
        assert!(!is_same(&path("a"), &path("b")));
        assert!(is_same(&path("new"), &path("inner/../new")));
        assert!(!is_same(&path("new"), &path("newer")));
    }

    #[test]
    fn a_device_can_be_read_and_written_at_once() {
        assert!(!is_same(Path::new("/dev/null"), Path::new("/dev/null")));
    }
}
