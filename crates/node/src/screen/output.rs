//! Where results go: standard output, a file that appears only when it is whole, or a device or
//! pipe, which takes them as they come.

use anstream::{AutoStream, StripStream};
use anyhow::Context;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A place to write results to. They hold protected text, so a file is readable by its owner alone.
#[derive(Debug)]
pub(crate) enum Output {
    /// Standard output.
    Standard,
    /// A file: what is written so far lies beside its final place.
    File {
        /// Where it goes in the end.
        path: PathBuf,
        /// Where it is until then.
        temporary: NamedTempFile,
    },
    /// Something that is no file and must not be replaced by one.
    Special(File),
}

impl Output {
    /// Opens it.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::Standard) };
        if path.as_os_str() == "-" {
            anyhow::bail!(
                "`--out -` names no file; leave out `--out` to write to standard output, and say the form with `--format`"
            );
        }
        if path.is_dir() {
            anyhow::bail!("`{}` is a folder; name a file in it", path.display());
        }
        let context = || format!("cannot write to `{}`", path.display());
        if is_special(path) {
            // Appending, because `/dev/stdout` may be a file that others write to as well.
            return Ok(Self::Special(
                File::options().append(true).open(path).with_context(context)?,
            ));
        }
        // The file that a link leads to is replaced, not the link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let temporary = NamedTempFile::with_prefix_in(".portcullis-", folder)
            .with_context(|| format!("cannot write to the folder `{}`", folder.display()))?;
        Ok(Self::File { path, temporary })
    }

    /// A writer of bytes as they are.
    pub(crate) fn bytes(&self) -> anyhow::Result<Box<dyn Write>> {
        const ROOM: usize = 1 << 16;
        Ok(match self {
            Self::File { temporary, .. } => {
                Box::new(BufWriter::with_capacity(ROOM, temporary.reopen()?))
            }
            Self::Special(file) => Box::new(BufWriter::with_capacity(ROOM, file.try_clone()?)),
            Self::Standard => Box::new(BufWriter::with_capacity(ROOM, io::stdout())),
        })
    }

    /// A writer of text with colours, which reach a terminal only.
    pub(crate) fn coloured(&self) -> anyhow::Result<Box<dyn Write>> {
        Ok(match self {
            Self::File { temporary, .. } => {
                Box::new(BufWriter::new(StripStream::new(temporary.reopen()?)))
            }
            Self::Special(file) => Box::new(BufWriter::new(StripStream::new(file.try_clone()?))),
            Self::Standard => Box::new(AutoStream::auto(io::stdout())),
        })
    }

    /// Puts a file in its place, over one that was there. Its writer must have been flushed.
    pub(crate) fn keep(self) -> anyhow::Result<()> {
        let Self::File { path, temporary } = self else { return Ok(()) };
        temporary
            .persist(&path)
            .map_err(|failure| failure.error)
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(())
    }
}

/// Whether a path leads to something that is there and is no file of its own: a device, a pipe, or a
/// name for what is open already.
pub(crate) fn is_special(path: &Path) -> bool {
    let is_open = ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc/self/fd"];
    path.metadata().is_ok_and(|data| {
        !data.is_file() || cfg!(unix) && is_open.iter().any(|open| path.starts_with(open))
    })
}
