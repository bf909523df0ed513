//! Rows that could not be read, kept whole beside the file they stood in.

use super::finding::{SHOWN, Summary};
use crate::private_file;
use crate::report::spreadsheet::guarded;
use anyhow::Context;
use portcullis_ingest::SetAside;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// The side file. It is made when the first row comes.
#[derive(Debug)]
pub(crate) struct SideFile {
    /// `None` only counts.
    path: Option<PathBuf>,
    writer: Option<csv::Writer<BufWriter<File>>>,
}

impl SideFile {
    /// The side file of `file`, or at `path` if one is given.
    pub(crate) fn of(file: &Path, path: Option<&Path>) -> Self {
        let path = path.map_or_else(
            || {
                let mut name = if file.as_os_str() == "-" {
                    "standard-input".into()
                } else {
                    file.as_os_str().to_owned()
                };
                name.push(".set-aside.csv");
                PathBuf::from(name)
            },
            Path::to_owned,
        );
        Self { path: Some(path), writer: None }
    }

    /// No file: rows are counted and told, but not kept. For invented people.
    pub(crate) fn none() -> Self {
        Self { path: None, writer: None }
    }

    /// Keeps a row.
    pub(crate) fn keep(&mut self, row: SetAside, summary: &mut Summary) -> anyhow::Result<()> {
        if let Some(path) = &self.path {
            let writer = match &mut self.writer {
                Some(writer) => writer,
                none => none.insert(open(path)?),
            };
            let column = row.column.map(|column| column.to_string()).unwrap_or_default();
            writer.write_record([
                row.line.to_string().as_str(),
                &column,
                &guarded(&row.reason),
                &guarded(row.raw.reveal()),
            ])?;
        }
        summary.set_aside += 1;
        if summary.set_aside_rows.len() < SHOWN {
            summary.set_aside_rows.push(row);
        }
        Ok(())
    }

    /// Closes it, and tells where it is if there is one.
    pub(crate) fn finish(self) -> anyhow::Result<Option<PathBuf>> {
        let Some(mut writer) = self.writer else { return Ok(None) };
        writer.flush()?;
        Ok(self.path)
    }
}

fn open(path: &Path) -> anyhow::Result<csv::Writer<BufWriter<File>>> {
    let context = || {
        format!("cannot write rows set aside to `{}`; choose with --set-aside PATH", path.display())
    };
    let mut file = BufWriter::new(private_file::create(path).with_context(context)?);
    std::io::Write::write_all(&mut file, "\u{FEFF}".as_bytes()).with_context(context)?;
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(file);
    writer.write_record(["line", "column", "reason", "raw"])?;
    Ok(writer)
}
