//! Where results go: standard output, or a file that appears only when it is whole.

use anstream::{AutoStream, StripStream};
use anyhow::Context;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A place to write results to. They hold protected text, so a file is readable by its owner alone.
#[derive(Debug)]
pub(crate) struct Output {
    /// Where a file goes; `None` for standard output.
    path: Option<PathBuf>,
    /// What is written so far, beside its final place.
    temporary: Option<NamedTempFile>,
}

impl Output {
    /// Opens it.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self { path: None, temporary: None }) };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if path.is_dir() {
            anyhow::bail!("`{}` is a folder; name a file in it", path.display());
        }
        let temporary = NamedTempFile::with_prefix_in(".portcullis-", folder)
            .with_context(|| format!("cannot write to the folder `{}`", folder.display()))?;
        Ok(Self { path: Some(path.to_owned()), temporary: Some(temporary) })
    }

    /// A writer of bytes as they are.
    pub(crate) fn bytes(&self) -> anyhow::Result<Box<dyn Write>> {
        Ok(match &self.temporary {
            Some(file) => Box::new(BufWriter::with_capacity(1 << 16, file.reopen()?)),
            None => Box::new(BufWriter::with_capacity(1 << 16, io::stdout())),
        })
    }

    /// A writer of text with colours, which reach a terminal only.
    pub(crate) fn coloured(&self) -> anyhow::Result<Box<dyn Write>> {
        Ok(match &self.temporary {
            Some(file) => Box::new(BufWriter::new(StripStream::new(file.reopen()?))),
            None => Box::new(AutoStream::auto(io::stdout())),
        })
    }

    /// Puts a file in its place, over one that was there. Its writer must have been flushed.
    pub(crate) fn keep(self) -> anyhow::Result<()> {
        let (Some(file), Some(path)) = (self.temporary, self.path) else { return Ok(()) };
        file.persist(&path)
            .map_err(|failure| failure.error)
            .with_context(|| format!("cannot write `{}`", path.display()))?;
        Ok(())
    }
}
